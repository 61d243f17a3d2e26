#include "surroundings/formats/ruby_statements.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "source/text.hpp"
#include "surroundings/formats/lines.hpp"

namespace gatelint {

namespace {

constexpr std::string_view opening = "([{";
constexpr std::string_view closing = ")]}";

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view trimmed_lines(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string_view::npos ? text.substr(0, 0) : trimmed(text.substr(begin));
}

/// Without lines of comment before it.
std::string_view without_comments(std::string_view part) {
    part = trimmed_lines(part);
    while (part.starts_with('#')) {
        part = trimmed_lines(part.substr(std::min(part.find('\n'), part.size())));
    }
    return part;
}

/// Behind the closing quote of a string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size() && text[at] != quote; ++at) {
        if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
}

bool is_quote(char c) {
    return c == '"' || c == '\'' || c == '`';
}

/// Where a statement that begins at `at` ends: at a line's end where nothing is open, or at a
/// comment.
std::size_t statement_end(std::string_view text, std::size_t at) {
    int depth = 0;
    char last = '\0';
    while (at < text.size()) {
        const char c = text[at];
        if (is_quote(c)) {
            at = skip_string(text, at);
            last = c;
            continue;
        }
        if (c == '#') {
            if (depth == 0 && last != ',') return at;
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (c == ';' && depth == 0) return at;
        if (c == '\n' && depth <= 0 && last != ',' && last != '\\') return at;
        if (opening.find(c) != std::string_view::npos) ++depth;
        if (closing.find(c) != std::string_view::npos) --depth;
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') last = c;
        ++at;
    }
    return at;
}

/// Calls `found` with the place of every word that stands in no quotes or brackets, until it
/// returns true.
template <typename Found>
bool any_word(std::string_view text, const Found& found) {
    int depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (is_quote(c)) {
            at = skip_string(text, at);
        } else if (is_word(c)) {
            const std::size_t begin = at;
            while (at < text.size() && is_word(text[at])) ++at;
            if (depth == 0 && found(begin, text.substr(begin, at - begin))) return true;
        } else {
            if (opening.find(c) != std::string_view::npos) ++depth;
            if (closing.find(c) != std::string_view::npos) --depth;
            ++at;
        }
    }
    return false;
}

/// Takes a text apart, and knows how deep in blocks it is.
class StatementReader {
  public:
    void read(std::string_view statement) {
        const std::string_view first = statement.substr(0, word_length(statement));
        if (first == "end") {
            depth_ = std::max(depth_ - 1, 0);
            return;
        }
        constexpr std::array<std::string_view, 10> blocks = {
            "if", "unless", "case", "while", "until", "begin", "def", "class", "module", "for"};
        if (is_among(first, blocks)) {
            const bool closes = any_word(
                statement, [](std::size_t, std::string_view word) { return word == "end"; });
            if (!closes) ++depth_;
            return;
        }
        if (first.empty()) return;
        add(statement, first);
        const bool opens = any_word(statement, [](std::size_t at, std::string_view word) {
            return at > 0 && word == "do";
        });
        if (opens) ++depth_;
    }

    std::vector<RubyStatement> take() { return std::move(statements_); }

  private:
    static std::size_t word_length(std::string_view text) {
        const auto end = std::find_if_not(text.begin(), text.end(), is_word);
        return static_cast<std::size_t>(end - text.begin());
    }

    void add(std::string_view statement, std::string_view name) {
        RubyStatement made;
        made.name = name;
        made.is_certain = depth_ == 0;
        std::string_view rest = trimmed(statement.substr(name.size()));
        any_word(rest, [&](std::size_t at, std::string_view word) {
            if (word != "if" && word != "unless") return false;
            made.is_certain = false;
            rest = trimmed(rest.substr(0, at));
            return true;
        });
        if (rest.starts_with("||=")) {
            made.is_assignment = true;
            made.arguments = {trimmed(rest.substr(3))};
        } else if (rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")) {
            made.is_assignment = true;
            made.arguments = {trimmed(rest.substr(1))};
        } else if (rest.starts_with('(') && rest.ends_with(')')) {
            made.arguments = ruby_list(rest.substr(1, rest.size() - 2));
        } else if (!rest.starts_with('.')) {
            made.arguments = ruby_list(rest);
        }
        statements_.push_back(std::move(made));
    }

    std::vector<RubyStatement> statements_;
    int depth_ = 0;
};

}  // namespace

std::vector<std::string_view> ruby_list(std::string_view text) {
    std::vector<std::string_view> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (is_quote(c)) {
            at = skip_string(text, at);
            continue;
        }
        if (opening.find(c) != std::string_view::npos) ++depth;
        if (closing.find(c) != std::string_view::npos) --depth;
        if (c == ',' && depth == 0) {
            parts.push_back(without_comments(text.substr(begin, at - begin)));
            begin = at + 1;
        }
        ++at;
    }
    const std::string_view last = without_comments(text.substr(std::min(begin, text.size())));
    if (!last.empty() || !parts.empty()) parts.push_back(last);
    return parts;
}

std::vector<RubyStatement> ruby_statements(std::string_view text) {
    constexpr std::string_view between = " \t\r\n;";
    StatementReader reader;
    std::size_t at = text.find_first_not_of(between);
    while (at < text.size()) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("__END__")) break;
        if (rest.starts_with("=begin")) {
            at = std::min(text.find("\n=end", at), text.size() - 1) + 1;
            at = std::min(text.find('\n', at), text.size());
        } else {
            const std::size_t end = statement_end(text, at);
            reader.read(trimmed(text.substr(at, end - at)));
            at = end;
            if (at < text.size() && text[at] == '#')
                at = std::min(text.find('\n', at), text.size());
        }
        at = text.find_first_not_of(between, std::min(at, text.size()));
    }
    return reader.take();
}

}  // namespace gatelint
