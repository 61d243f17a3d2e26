#include "surroundings/formats/js_literal.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>

#include "surroundings/formats/lines.hpp"

namespace gatelint {

namespace {

constexpr int max_js_depth = 50;

bool is_name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Reads literals; what is none is stepped over, with its brackets and strings.
class LiteralReader {
  public:
    LiteralReader(std::string_view text, SourceId source, std::size_t at)
        : text_(text), source_(source), at_(at) {}

    YamlNode read(int depth = 0) {
        skip_blanks();
        const std::size_t begin = at_;
        YamlNode node = read_literal(depth);
        skip_blanks();
        // `a + b`, `x ? y : z`, `f(…)`: more than a literal.
        if (at_ < text_.size() && !is_end(text_[at_])) {
            skip_expression();
            node = computed(begin);
        }
        return node;
    }

  private:
    static bool is_end(char c) { return c == ',' || c == ';' || c == '}' || c == ']' || c == ')'; }

    YamlNode read_literal(int depth) {
        if (at_ == text_.size() || depth == max_js_depth) return skipped();
        const char c = text_[at_];
        if (c == '{') return read_object(depth);
        if (c == '[') return read_array(depth);
        if (c == '"' || c == '\'' || c == '`') return read_string();
        return read_word();
    }

    YamlNode skipped() {
        const std::size_t begin = at_;
        skip_expression();
        return computed(begin);
    }

    YamlNode computed(std::size_t begin) const {
        YamlNode node;
        node.tag = computed_tag;
        node.span = span(begin);
        return node;
    }

    Span span(std::size_t begin) const {
        return span_in(text_, text_.substr(begin, at_ - begin), source_);
    }

    /// Names stay as they are: `true`, `3000`, `null`; others are computed.
    YamlNode read_word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (is_name_char(text_[at_]) || text_[at_] == '.' ||
                                      (text_[at_] == '-' && at_ == begin))) {
            ++at_;
        }
        const std::string_view word = text_.substr(begin, at_ - begin);
        const bool is_number =
            !word.empty() && std::isdigit(static_cast<unsigned char>(word.back())) != 0 &&
            (std::isdigit(static_cast<unsigned char>(word.front())) != 0 || word.front() == '-');
        YamlNode node = computed(begin);
        if (word == "null" || word == "undefined") {
            node.tag.clear();
        } else if (is_number || word == "true" || word == "false") {
            node.tag.clear();
            node.kind = YamlNode::Kind::scalar;
            node.is_plain = true;
            node.text = word;
        }
        return node;
    }

    YamlNode read_string() {
        const std::size_t begin = at_;
        const char quote = text_[at_++];
        YamlNode node;
        node.kind = YamlNode::Kind::scalar;
        bool is_computed = false;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (quote == '`' && text_.substr(at_).starts_with("${")) is_computed = true;
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
                constexpr std::string_view plain = "\\'\"`/";
                if (plain.find(text_[at_]) == std::string_view::npos) is_computed = true;
            }
            node.text += text_[at_];
        }
        if (at_ < text_.size()) ++at_;
        node.span = span(begin);
        return is_computed ? computed(begin) : node;
    }

    YamlNode read_array(int depth) {
        const std::size_t begin = at_++;
        YamlNode node;
        node.kind = YamlNode::Kind::sequence;
        while (next_part(']')) node.items.push_back(read(depth + 1));
        node.span = span(begin);
        return node;
    }

    YamlNode read_object(int depth) {
        const std::size_t begin = at_++;
        YamlNode node;
        node.kind = YamlNode::Kind::mapping;
        while (next_part('}')) node.entries.push_back(read_entry(depth));
        node.span = span(begin);
        return node;
    }

    /// To the next part of a list; false behind its closing bracket. Always goes ahead.
    bool next_part(char closing) {
        skip_blanks();
        while (at_ < text_.size() && (text_[at_] == ',' || text_[at_] == ';')) {
            ++at_;
            skip_blanks();
        }
        if (at_ == text_.size()) return false;
        // Another closing bracket does not fit: it is taken for this one.
        if (!is_end(text_[at_])) return true;
        if (text_[at_] == closing)
            ++at_;
        else
            at_ = text_.size();
        return false;
    }

    YamlNode::Entry read_entry(int depth) {
        const std::size_t begin = at_;
        YamlNode::Entry entry;
        if (text_.substr(at_).starts_with("...")) {
            entry.key = {"...", span(begin)};
            entry.value = skipped();
            return entry;
        }
        const YamlNode key = text_[at_] == '"' || text_[at_] == '\'' ? read_string() : read_key();
        entry.key = {key.text, key.span};
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == ':' && !key.text.empty()) {
            ++at_;
            entry.value = read(depth + 1);
        } else {
            // A shorthand (`{ apps }`), a method or a computed key.
            entry.value = skipped();
        }
        return entry;
    }

    YamlNode read_key() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
        YamlNode key;
        key.text = text_.substr(begin, at_ - begin);
        key.span = span(begin);
        return key;
    }

    void skip_blanks() {
        while (at_ < text_.size()) {
            const std::string_view rest = text_.substr(at_);
            if (std::isspace(static_cast<unsigned char>(rest[0])) != 0) {
                ++at_;
            } else if (rest.starts_with("//")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (rest.starts_with("/*")) {
                at_ = std::min(text_.find("*/", at_ + 2), text_.size() - 2) + 2;
            } else {
                return;
            }
        }
    }

    /// To the end of an expression, brackets and strings in it included.
    void skip_expression() {
        int depth = 0;
        while (at_ < text_.size()) {
            skip_blanks();
            if (at_ == text_.size()) return;
            const char c = text_[at_];
            if (depth == 0 && is_end(c)) return;
            if (c == '"' || c == '\'' || c == '`') {
                read_string();
                continue;
            }
            if (c == '{' || c == '[' || c == '(') ++depth;
            if (c == '}' || c == ']' || c == ')') --depth;
            ++at_;
        }
    }

    std::string_view text_;
    SourceId source_;
    std::size_t at_;
};

/// Behind `before` and the `=` that follows it, where that stands as a word of its own.
std::optional<std::size_t> value_of(std::string_view text, std::string_view before) {
    std::size_t at = text.find(before);
    while (at != std::string_view::npos) {
        const std::size_t behind = at + before.size();
        const bool is_word = at == 0 || !is_name_char(text[at - 1]);
        const std::size_t equals = text.find_first_not_of(" \t", behind);
        if (is_word && equals < text.size() && text[equals] == '=' &&
            text.substr(equals, 2) != "==") {
            const std::size_t line = text.rfind('\n', at) + 1;
            if (text.substr(line, at - line).find("//") == std::string_view::npos) {
                return equals + 1;
            }
            at = text.find('\n', at);
        }
        at = text.find(before, std::max(at, behind));
    }
    return std::nullopt;
}

std::optional<std::size_t> export_begin(std::string_view text) {
    constexpr std::string_view standard = "export default";
    if (const std::optional<std::size_t> at = value_of(text, "module.exports")) return at;
    const std::size_t at = text.find(standard);
    if (at == std::string_view::npos) return std::nullopt;
    return at + standard.size();
}

}  // namespace

YamlNode parse_js_export(std::string_view text, SourceId source) {
    YamlNode nothing;
    nothing.tag = computed_tag;
    std::optional<std::size_t> at = export_begin(text);
    if (!at) return nothing;
    // A name stands for a constant above.
    const std::string_view rest = text.substr(*at);
    const std::size_t begin = std::min(rest.find_first_not_of(" \t\r\n"), rest.size());
    const std::size_t end =
        static_cast<std::size_t>(std::find_if_not(rest.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  rest.end(), is_name_char) -
                                 rest.begin());
    const std::string_view after = trimmed(rest.substr(end, rest.find('\n', end) - end));
    if (end > begin && (after.empty() || after == ";")) {
        const std::string name(rest.substr(begin, end - begin));
        at = value_of(text, "const " + name);
        if (!at) return nothing;
    }
    return LiteralReader(text, source, *at).read();
}

}  // namespace gatelint
