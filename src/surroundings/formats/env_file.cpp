#include "surroundings/formats/env_file.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "source/unknown.hpp"

namespace gatelint {

namespace {

constexpr std::string_view env_blanks = " \t\r";

class EnvFileReader {
  public:
    EnvFileReader(std::string_view text, SourceId source, const Interpolation::Lookup& outer)
        : text_(text), source_(source), outer_(outer) {}

    std::map<std::string, Value> read() {
        while (at_ < text_.size()) take_line();
        return std::move(found_);
    }

  private:
    std::size_t line_end() const { return std::min(text_.find('\n', at_), text_.size()); }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(env_blanks, at_), text_.size()); }

    void take_line() {
        skip_blanks();
        constexpr std::string_view keyword = "export ";
        if (text_.substr(at_).starts_with(keyword)) {
            at_ += keyword.size();
            skip_blanks();
        }
        const std::size_t begin = at_;
        const std::size_t end = line_end();
        const std::string_view line = text_.substr(begin, end - begin);
        const std::size_t size = name_size(line);
        const std::size_t sign = line.find_first_not_of(env_blanks, size);
        const bool is_alone = sign == std::string_view::npos;
        at_ = std::min(end + 1, text_.size());
        if (size == 0) return;
        const std::string name(line.substr(0, size));
        if (is_alone) {
            found_[name] = {std::string(1, unknown_byte), span(begin, begin + size)};
        } else if (line[sign] == '=' || line[sign] == ':') {
            at_ = begin + sign + 1;
            take_value(name);
        }
    }

    static std::size_t name_size(std::string_view line) {
        const std::size_t end = std::min(line.find_first_of("=: \t\r#"), line.size());
        return variable_name_size(line) == 0 ? 0 : end;
    }

    void take_value(const std::string& name) {
        at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size());
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote == '\'' || quote == '"') {
            if (const std::optional<std::size_t> close = closing_quote(quote)) {
                const std::string_view inside = text_.substr(at_ + 1, *close - at_ - 1);
                found_[name] = {
                    quote == '"' ? interpolation_.fill(unescaped(inside)) : std::string(inside),
                    span(at_, *close + 1)};
                at_ = *close;
                at_ = std::min(line_end() + 1, text_.size());
                return;
            }
        }
        const std::size_t end = line_end();
        std::string_view value = text_.substr(at_, end - at_);
        for (const std::string_view comment : {" #", "\t#"}) {
            value = value.substr(0, value.find(comment));
        }
        value = value.substr(0, value.find_last_not_of(env_blanks) + 1);
        found_[name] = {interpolation_.fill(value), span(at_, at_ + value.size())};
        at_ = std::min(end + 1, text_.size());
    }

    std::optional<std::size_t> closing_quote(char quote) {
        if (has_open_quote_) return std::nullopt;
        for (std::size_t at = at_ + 1; at < text_.size(); ++at) {
            if (text_[at] == '\\') {
                ++at;
            } else if (text_[at] == quote) {
                return at;
            }
        }
        has_open_quote_ = true;  // the rest need not be searched again
        return std::nullopt;
    }

    static std::string unescaped(std::string_view text) {
        std::string made;
        for (std::size_t at = 0; at < text.size(); ++at) {
            const bool escapes = text[at] == '\\' && at + 1 < text.size();
            if (!escapes) {
                made += text[at];
                continue;
            }
            const char byte = text[++at];
            if (byte == 'n') {
                made += '\n';
            } else if (byte == '$') {
                made += "$$";
            } else {
                made += byte;
            }
        }
        return made;
    }

    Span span(std::size_t begin, std::size_t end) const {
        if (source_ == SourceId::none) return {};
        return {source_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    }

    std::optional<std::string> look_up(std::string_view name) const {
        if (auto value = outer_(name)) return value;
        const auto found = found_.find(std::string(name));
        return found == found_.end() ? std::nullopt : std::optional(found->second.text);
    }

    std::string_view text_;
    SourceId source_;
    const Interpolation::Lookup& outer_;
    std::size_t at_ = 0;
    bool has_open_quote_ = false;
    std::map<std::string, Value> found_;
    Interpolation interpolation_{Interpolation::Escape::dollar,
                                 [this](std::string_view name) { return look_up(name); }};
};

}  // namespace

std::map<std::string, Value> parse_env_file(std::string_view text, SourceId source,
                                            const Interpolation::Lookup& outer) {
    return EnvFileReader(text, source, outer).read();
}

}  // namespace gatelint
