#include "rule.hpp"

namespace gatelint::rules::invalid_regex {

namespace {

/// An empty pattern matches everything; two directives refuse it.
void refuse_empty(const PlacedRegex& found, Report& report) {
    const Directive& directive = *found.directive;
    std::string_view words;
    if (directive.id == DirectiveId::server_name) words = "empty regex in server name \"~\"";
    if (directive.id == DirectiveId::valid_referers) words = "empty regex in \"~\"";
    if (words.empty()) return;
    report(directive, found.place.pattern.word->span, "no regular expression follows \"~\"")
        .refused(std::string(words));
}

void report_error(const PlacedRegex& found, Report& report) {
    const PlacedText& pattern = found.place.pattern;
    // At the end there is nothing to point at but the whole.
    const std::size_t at = found.regex->error()->offset;
    const bool within = at < pattern.text.size();
    const Span span = within ? pattern.span(at, at + 1) : pattern.span(0, pattern.text.size());
    report(*found.directive, span, "the regular expression does not compile: {}",
           found.regex->error()->message)
        .refused(found.regex->nginx_error(pattern.text));
}

void check_regex(const PlacedRegex& found, Report& report) {
    const PlacedText& pattern = found.place.pattern;
    if (found.regex == nullptr) return refuse_empty(found, report);
    const bool splits = found.directive->id == DirectiveId::fastcgi_split_path_info;
    const bool is_fine = !found.regex->error() && (!splits || found.regex->captures() == 2);
    if (is_fine || holds_template(pattern.text)) return;
    if (found.regex->error()) return report_error(found, report);
    const std::uint32_t captures = found.regex->captures();
    report(*found.directive, pattern.span(0, pattern.text.size()),
           "the regular expression has {} capture group{}, but fastcgi_split_path_info needs 2",
           captures, captures == 1 ? "" : "s")
        .note("the first group sets $fastcgi_script_name, the second $fastcgi_path_info")
        .refused(fmt::format("pattern \"{}\" must have 2 captures", pattern.text));
}

void check(const Subject& subject, Report& report) {
    for (const Variables& variables : subject.variables) {
        for (const PlacedRegex& found : variables.regexes()) check_regex(found, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "invalid-regex",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a regular expression does not compile",
    .why = R"(nginx compiles all regular expressions when it reads its configuration: those of
`location ~`, `server_name ~`, `rewrite`, `if`, `map` and others. If PCRE2 rejects one, nginx does
not start: a reload keeps the old configuration, a restart takes every site down.

    pcre2_compile() failed: missing closing parenthesis in "^/(a" in /etc/nginx/nginx.conf:7

gatelint uses PCRE2 as well, with nginx's own options. `fastcgi_split_path_info` also needs
exactly two capture groups.

An unquoted `{` or `;` ends a pattern: such patterns must be quoted.)",
    .reference = "https://nginx.org/en/docs/http/server_names.html#regex_names",
    .check = check,
};

}  // namespace gatelint::rules::invalid_regex
