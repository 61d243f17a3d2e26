#include <array>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::invalid_variable_name {

namespace {

/// The directives of nginx itself that define a variable; others have their own words.
constexpr std::array definers = [] {
    using enum DirectiveId;
    return std::array{set, map, geo, split_clients, auth_request_set, perl_set};
}();

class Names {
  public:
    Names(const Subject& subject, const Variables& variables, Report& report)
        : subject_(subject), variables_(variables), report_(report) {}

    void check() {
        for (const Directive* directive : subject_.config.index().all(definers)) {
            if (directive->is_inside(variables_.block())) check_names(*directive);
        }
        for (const BrokenScript& broken : variables_.broken_scripts()) check_script(broken);
        std::set<std::string_view> free;  // a group of the same name may be in each server
        for (const DefinedVariable& variable : variables_.definitions()) {
            if (free.contains(variable.name)) continue;
            if (!check_taken(variable)) free.insert(variable.name);
        }
    }

  private:
    /// Names that nginx keeps for itself (ngx_http_add_variable). Whether it is one.
    bool check_taken(const DefinedVariable& variable) {
        const VariableFacts* own = find_fixed_variable(variable.name, variables_.world());
        constexpr std::uint8_t free = variable_changeable | variable_optional;
        if (own == nullptr || (own->flags & free) != 0) return false;
        const bool always = own->since == Version{};
        const auto& version = subject_.nginx.version;
        if (version && *version < own->since) return false;
        Draft draft =
            report_(*variable.directive, variable.span, "${} is a built-in variable of nginx: {}",
                    variable.name,
                    variable.capture ? "a capture group cannot have its name" : "it cannot be set");
        if (always || version) {
            draft.refused(fmt::format("the duplicate \"{}\" variable", variable.name));
        } else {
            draft.severity(Severity::note)
                .note("nginx {} and later refuse to start: the duplicate \"{}\" variable",
                      to_string(own->since), variable.name);
        }
        return true;
    }

    void check_names(const Directive& directive) {
        using Role = VariablePlace::Role;
        for (const VariablePlace& found : variable_places(directive, variables_.world())) {
            const bool is_name = found.role == Role::definition ||
                                 (found.role == Role::index && directive.id == DirectiveId::geo);
            if (is_name && !holds_template(found.place.text)) check_name(directive, found.place);
        }
    }

    /// What must be `$name` and nothing else.
    void check_name(const Directive& directive, const PlacedText& place) {
        const Span span = place.span(0, place.text.size());
        // ${DOLLAR}name is how templates for envsubst write variables.
        if (is_unknown(place.text)) return;
        if (place.text == "$") {
            report_(directive, span, "no variable name follows \"$\"")
                .refused("invalid variable name \"$\"");
        } else if (!place.text.starts_with('$')) {
            const Edit edit =
                Report::replace({span.source, place.span(0, 0).begin, place.span(0, 0).begin}, "$");
            Draft draft =
                report_(directive, span, "{} needs a variable name that starts with \"$\"",
                        directive.name());
            draft.refused(fmt::format("invalid variable name \"{}\"", place.text));
            if (!place.text.empty()) {
                draft.fix(Applicability::unsafe, "add \"$\"", {edit});
            }
        }
    }

    void check_script(const BrokenScript& broken) {
        const auto& [directive, place, script] = broken;
        const Span span = place.span(script.error_begin, script.error_end);
        // ${NAME:-default} is the shell's: template-placeholder-unresolved
        if (place.text.substr(script.error_end).starts_with(":-")) return;
        if (script.error.starts_with("the closing")) {
            report_(*directive, span, "the \"}}\" after this variable name is missing")
                .refused(script.error);
            return;
        }
        report_(*directive, span, "no variable name follows \"$\"")
            .refused(script.error)
            .note(
                "\"$\" cannot be escaped, but a variable can hold it: geo $dollar {{ default "
                "\"$\"; }}");
    }

    const Subject& subject_;
    const Variables& variables_;
    Report& report_;
};

void check(const Subject& subject, Report& report) {
    for (const Variables& variables : subject.variables) {
        Names(subject, variables, report).check();
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "invalid-variable-name",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a \"$\" without a name, a variable without \"$\", or a reserved variable name",
    .why = R"(nginx reads every `$` in a value as the start of a variable, and refuses to start
if no name follows; there is no way to escape it. The first argument of `set`, and the variables
that `map`, `geo` and the like define, must start with `$`. Most of nginx's built-in variables
cannot be set, neither by `set $host` nor by a capture group `(?<host>...)` of a regular
expression.

    invalid variable name in /etc/nginx/nginx.conf:7
    the duplicate "host" variable in /etc/nginx/nginx.conf:7

To get a dollar sign, use a variable: `geo $dollar { default "$"; }` in `http`, then `${dollar}`.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#set",
    .check = check,
};

}  // namespace gatelint::rules::invalid_variable_name
