#include "dump/written.hpp"

#include <algorithm>
#include <string>

namespace gatelint {

namespace {

/// A `{` before which nothing stands: the parser gives its block an empty name.
bool is_nameless(const Word& word) {
    return word.text.empty() && word.quote == '\0';
}

std::string unescape(std::string_view raw, char quote) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool escapes = raw[i] == '\\' && i + 1 < raw.size();
        if (!escapes || raw[i + 1] != quote) text += raw[i];
        if (escapes) text += raw[++i];
    }
    return text;
}

constexpr std::string_view blanks = " \t\r\n";

std::string_view trim_begin(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view trim_end(std::string_view text) {
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// "($a", "=", "b)" becomes "$a", "=", "b"; what is empty without its parenthesis goes.
void remove_parentheses(std::vector<std::string_view>& args) {
    if (args.empty() || !args.front().starts_with('(') || !args.back().ends_with(')')) return;
    args.front() = trim_begin(args.front().substr(1));
    if (!args.back().empty()) args.back().remove_suffix(1);
    args.back() = trim_end(args.back());
    if (args.back().empty()) args.pop_back();
    if (!args.empty() && args.front().empty()) args.erase(args.begin());
}

}  // namespace

bool is_lua(const Statement& statement) {
    return statement.has_block && statement.name.text.ends_with("_by_lua_block");
}

std::string_view Written::word(const Word& word) const {
    if (is_nameless(word)) return {};
    const std::size_t size = word.span.end - word.span.begin;
    if (word.quote == '\0') return text_.substr(word.span.begin, size);
    const bool is_closed = word.text.size() + 1 < size;
    const std::string_view raw = text_.substr(word.span.begin + 1, size - (is_closed ? 2 : 1));
    const std::string escape = {'\\', word.quote};
    return raw.find(escape) == std::string_view::npos ? raw
                                                      : arena_.copy(unescape(raw, word.quote));
}

std::vector<std::string_view> Written::args(const Statement& statement) const {
    std::vector<std::string_view> args;
    args.reserve(statement.args.size() + 1);
    for (const Word& each : statement.args) args.push_back(word(each));
    if (statement.name.text == "if") remove_parentheses(args);
    if (is_lua(statement)) args.push_back(lua(statement));
    return args;
}

std::uint32_t Written::head_end(const Statement& statement) const {
    if (!statement.has_block) return statement.span.end;
    if (is_nameless(statement.name)) return statement.name.span.begin;
    // Only blanks and comments are left before the brace.
    std::size_t at = text_.find('{', statement.head().end);
    auto comment = std::lower_bound(
        comments_.begin(), comments_.end(), statement.head().end,
        [](const Span& span, std::uint32_t offset) { return span.begin < offset; });
    for (; comment != comments_.end() && comment->begin < at; ++comment) {
        at = text_.find('{', comment->end);
    }
    return static_cast<std::uint32_t>(std::min<std::size_t>(at, statement.span.end));
}

std::string_view Written::comment(Span span) const {
    std::string_view text = text_.substr(span.begin + 1, span.end - span.begin - 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

std::string_view Written::lua(const Statement& statement) const {
    const std::uint32_t begin = head_end(statement) + 1;
    const std::uint32_t end = statement.span.end;
    if (begin >= end) return {};
    const bool is_closed = text_[end - 1] == '}';
    return text_.substr(begin, end - begin - (is_closed ? 1 : 0));
}

}  // namespace gatelint
