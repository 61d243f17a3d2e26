#include "report.hpp"

#include <algorithm>

#include "nginx/placeholder.hpp"
#include "rule.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

/// The white space at the beginning of the line that holds `offset`.
std::string_view indentation(std::string_view text, std::uint32_t offset) {
    const std::size_t line = text.rfind('\n', offset == 0 ? 0 : offset - 1) + 1;
    if (line > offset) return {};
    const std::size_t end = text.find_first_not_of(" \t", line);
    return text.substr(line, std::min<std::size_t>(end, offset) - line);
}

/// Where the line that holds `offset` ends, before its LF or CRLF.
std::uint32_t line_end(std::string_view text, std::uint32_t offset) {
    std::size_t end = std::min(text.find('\n', offset), text.size());
    if (end > offset && text[end - 1] == '\r') --end;
    return static_cast<std::uint32_t>(end);
}

/// Lines to insert at a line's end, indented like the line that holds `offset`.
std::string indented(std::string_view text, std::uint32_t offset,
                     const std::vector<std::string>& lines) {
    std::string insert;
    for (const std::string& line : lines) {
        insert += '\n';
        insert += indentation(text, offset);
        insert += line;
    }
    return insert;
}

}  // namespace

Draft Report::add(const Directive* where, Span span, std::string message) {
    Finding finding{rule_.id, rule_.severity, std::move(message), span, {}, {}, {}};
    if (!seen_.insert(span).second) {
        repeated_ = std::move(finding);
        return Draft(*repeated_);
    }
    findings_.push_back(std::move(finding));
    includes_.push_back(where == nullptr ? nullptr : where->include);
    return Draft(findings_.back());
}

std::deque<Finding> Report::take() {
    for (std::size_t i = 0; i < findings_.size(); ++i) {
        for (const Directive* at = includes_[i]; at != nullptr; at = at->include) {
            findings_[i].notes.push_back({"included here", at->span(), false});
        }
    }
    std::erase_if(findings_, [](const Finding& finding) { return is_unknown(finding.message); });
    for (Finding& finding : findings_) leave_out_unknown(finding);
    return std::move(findings_);
}

void Report::leave_out_unknown(Finding& finding) const {
    if (is_unknown(finding.nginx)) finding.nginx.clear();
    // The text of a fix is made of values that the template does not hold.
    const auto is_filled_in = [this](Span span) {
        return span.known() && !placeholders_in(sources_.text(span), {}).empty();
    };
    const bool rests_on_values =
        is_filled_in(finding.span) ||
        std::any_of(finding.notes.begin(), finding.notes.end(),
                    [&](const Note& note) { return is_filled_in(note.span); });
    std::erase_if(finding.notes, [](const Note& note) { return is_unknown(note.message); });
    std::erase_if(finding.fixes, [&](const Fix& fix) {
        return rests_on_values || is_unknown(fix.title) ||
               std::any_of(fix.edits.begin(), fix.edits.end(), [&](const Edit& edit) {
                   return is_unknown(edit.text) || is_filled_in(edit.span);
               });
    });
}

std::optional<Edit> Report::replace_in(Span span, std::string_view old, std::string text) const {
    const std::size_t at = sources_.text(span).find(old);
    if (at == std::string_view::npos) return std::nullopt;
    const auto begin = span.begin + static_cast<std::uint32_t>(at);
    const auto end = begin + static_cast<std::uint32_t>(old.size());
    return replace({span.source, begin, end}, std::move(text));
}

std::optional<Edit> Report::replace_address(const Endpoint& endpoint, std::string text) const {
    return replace_in(endpoint.span, to_string(endpoint.address), std::move(text));
}

Edit Report::lines_after(const Directive& directive, const std::vector<std::string>& lines) const {
    const Span whole = directive.statement->span;
    const std::string_view text = sources_.text(whole.source);
    // After a comment that ends the directive's line, but before another directive on it.
    const std::uint32_t end = line_end(text, whole.end);
    const std::string_view rest = text.substr(whole.end, end - whole.end);
    const std::size_t next = rest.find_first_not_of(" \t\r");
    const bool alone = next == std::string_view::npos || rest[next] == '#';
    const std::uint32_t at = alone ? end : whole.end;
    return {{whole.source, at, at}, indented(text, whole.begin, lines)};
}

Edit Report::lines_after(Span span, const std::vector<std::string>& lines) const {
    const std::string_view text = sources_.text(span.source);
    const std::uint32_t at = line_end(text, span.end);
    return {{span.source, at, at}, indented(text, span.begin, lines)};
}

std::optional<Edit> Report::item_after(Span span, std::string_view item) const {
    const std::string_view text = sources_.text(span.source);
    const std::string_view before = text.substr(0, span.begin);
    const std::size_t last = before.find_last_not_of(" \t");
    const bool is_key = text.substr(span.end).starts_with(':');
    if (last == std::string_view::npos || is_key) return std::nullopt;
    if (before[last] == '-') return lines_after(span, {fmt::format("- {}", item)});
    if (before[last] != '[' && before[last] != ',') return std::nullopt;
    return insert_after(span, fmt::format(", {}", item));
}

}  // namespace gatelint
