#include <unordered_set>

#include "rule.hpp"

namespace gatelint::rules::invalid_regex {

namespace {

/// Looks at each pattern once, however often its file is included.
class Patterns {
  public:
    Patterns(Report& report, World world) : report_(report), world_(world) {}

    void check(const Directive& block) {
        for (const Directive* child : block.children) {
            for (const RegexPlace& place : regex_places(*child, world_)) {
                if (seen_.insert(place.pattern.word).second) check(*child, place);
            }
            // The block of another module may be anything, such as Lua.
            if (child->id != DirectiveId::unknown) check(*child);
        }
    }

  private:
    void check(const Directive& directive, const RegexPlace& place) {
        const PlacedText& pattern = place.pattern;
        if (holds_template(pattern.text)) return;
        if (pattern.text.empty()) {
            refuse_empty(directive, pattern);
            return;
        }
        const Regex regex(pattern.text, place.caseless);
        if (regex.error()) {
            // At the end there is nothing to point at but the whole.
            const std::size_t at = regex.error()->offset;
            const bool within = at < pattern.text.size();
            const Span span =
                within ? pattern.span(at, at + 1) : pattern.span(0, pattern.text.size());
            report_(directive, span, "the regular expression does not compile: {}",
                    regex.error()->message)
                .refused(regex.nginx_error(pattern.text));
            return;
        }
        if (directive.id == DirectiveId::fastcgi_split_path_info && regex.captures() != 2) {
            report_(directive, pattern.span(0, pattern.text.size()),
                    "the regular expression has {} group{} in parentheses where "
                    "fastcgi_split_path_info needs 2",
                    regex.captures(), regex.captures() == 1 ? "" : "s")
                .note("the first gives $fastcgi_script_name, the second $fastcgi_path_info")
                .refused(fmt::format("pattern \"{}\" must have 2 captures", pattern.text));
        }
    }

    /// An empty pattern matches everything; two directives refuse it.
    void refuse_empty(const Directive& directive, const PlacedText& pattern) {
        std::string_view words;
        if (directive.id == DirectiveId::server_name) words = "empty regex in server name \"~\"";
        if (directive.id == DirectiveId::valid_referers) words = "empty regex in \"~\"";
        if (words.empty()) return;
        report_(directive, pattern.word->span, "no regular expression follows the \"~\"")
            .refused(std::string(words));
    }

    Report& report_;
    const World world_;
    std::unordered_set<const Word*> seen_;
};

void check(const Subject& subject, Report& report) {
    const Directive& main = subject.config.main();
    for (const Directive* block : main.all(DirectiveId::http)) {
        Patterns(report, World::http).check(*block);
    }
    for (const Directive* block : main.all(DirectiveId::stream)) {
        Patterns(report, World::stream).check(*block);
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
`location ~`, `server_name ~`, `rewrite`, `if`, `map` and others. One that PCRE2 does not take stops
it from starting; a reload keeps the old configuration, a restart leaves every site down.

    pcre2_compile() failed: missing closing parenthesis in "^/(a" in /etc/nginx/nginx.conf:7

gatelint asks PCRE2 too, with nginx's own options. `fastcgi_split_path_info` also needs exactly two
groups in parentheses.

A `{` or a `;` in a pattern ends it where nginx reads words: such patterns must stand in quotes.)",
    .reference = "https://nginx.org/en/docs/http/server_names.html#regex_names",
    .check = check,
};

}  // namespace gatelint::rules::invalid_regex
