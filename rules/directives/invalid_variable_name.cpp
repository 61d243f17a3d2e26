#include <array>
#include <unordered_set>

#include "rule.hpp"

namespace gatelint::rules::invalid_variable_name {

namespace {

/// Whether it is a directive of nginx itself that defines a variable; others have their own words.
bool is_definer(DirectiveId id) {
    using enum DirectiveId;
    constexpr std::array<DirectiveId, 6> ids = {set,     map, geo, split_clients, auth_request_set,
                                                perl_set};
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Names {
  public:
    Names(const Subject& subject, Report& report, World world)
        : subject_(subject), report_(report), world_(world) {}

    void check(const Directive& block) {
        for (const Directive* child : block.children) {
            for (const VariablePlace& found : variable_places(*child, world_)) {
                if (!holds_template(found.place.text)) check(*child, found);
            }
            if (child->id != DirectiveId::unknown) check(*child);
        }
    }

    /// Names that nginx keeps for itself (ngx_http_add_variable).
    void check_taken(const DefinedVariable& variable) {
        const VariableFacts* own = find_fixed_variable(variable.name, world_);
        constexpr std::uint8_t free = variable_changeable | variable_optional;
        if (own == nullptr || (own->flags & free) != 0) return;
        const bool always = own->since == Version{};
        const auto& version = subject_.nginx.version;
        if (version && *version < own->since) return;
        Draft draft = report_(
            *variable.directive, variable.span, "${} is nginx's own variable: {}", variable.name,
            variable.capture ? "no group of a regular expression can have its name"
                             : "nothing else can set it");
        if (always || version) {
            draft.refused(fmt::format("the duplicate \"{}\" variable", variable.name));
        } else {
            draft.severity(Severity::note)
                .note("nginx {} and later refuse to start: the duplicate \"{}\" variable",
                      to_string(own->since), variable.name);
        }
    }

  private:
    void check(const Directive& directive, const VariablePlace& found) {
        const PlacedText& place = found.place;
        switch (found.role) {
            case VariablePlace::Role::definition:
                if (is_definer(directive.id)) check_name(directive, place);
                break;
            case VariablePlace::Role::index:
                if (directive.id == DirectiveId::geo) check_name(directive, place);
                break;
            case VariablePlace::Role::value:
                check_script(directive, place, ScriptKind::value);
                break;
            case VariablePlace::Role::log_format:
                check_script(directive, place, ScriptKind::log_format);
                break;
        }
    }

    /// What must be `$name` and nothing else.
    void check_name(const Directive& directive, const PlacedText& place) {
        const Span span = place.span(0, place.text.size());
        // ${DOLLAR}name is how templates for envsubst write variables.
        if (is_unknown(place.text)) return;
        if (place.text == "$") {
            report_(directive, span, "no name follows the \"$\"")
                .refused("invalid variable name \"$\"");
        } else if (!place.text.starts_with('$')) {
            const Edit edit =
                Report::replace({span.source, place.span(0, 0).begin, place.span(0, 0).begin}, "$");
            Draft draft =
                report_(directive, span, "{} needs a variable, with its \"$\"", directive.name());
            draft.refused(fmt::format("invalid variable name \"{}\"", place.text));
            if (!place.text.empty()) {
                draft.fix(Applicability::unsafe, "make it a variable", {edit});
            }
        }
    }

    void check_script(const Directive& directive, const PlacedText& place, ScriptKind kind) {
        const Script script = compile_script(place.text, kind);
        if (script.error.empty()) return;
        const Span span = place.span(script.error_begin, script.error_end);
        // ${NAME:-default} is the shell's: template-placeholder-unresolved
        if (place.text.substr(script.error_end).starts_with(":-")) return;
        if (script.error.starts_with("the closing")) {
            report_(directive, span, "a variable's name ends here, and no \"}}\" follows")
                .refused(script.error);
            return;
        }
        report_(directive, span, "no variable's name follows the \"$\"")
            .refused(script.error)
            .note(
                "\"$\" cannot be escaped; a variable can hold it: geo $dollar {{ default \"$\"; "
                "}}");
    }

    const Subject& subject_;
    Report& report_;
    const World world_;
};

void check_world(const Subject& subject, const Directive& block, World world, Report& report) {
    Names names(subject, report, world);
    names.check(block);
    const Variables variables(subject.config, block, world);
    for (const DefinedVariable& variable : variables.definitions()) names.check_taken(variable);
}

void check(const Subject& subject, Report& report) {
    const Directive& main = subject.config.main();
    for (const Directive* block : main.all(DirectiveId::http)) {
        check_world(subject, *block, World::http, report);
    }
    for (const Directive* block : main.all(DirectiveId::stream)) {
        check_world(subject, *block, World::stream, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "invalid-variable-name",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary =
        "a \"$\" without a name, a name without a \"$\", or a name that nginx keeps for itself",
    .why = R"(nginx takes every `$` in a value for the beginning of a variable, and refuses to start
where no name follows: there is no escape for it. The first argument of `set`, and what `map`, `geo`
and the like define, must begin with `$`. Most of nginx's own variables cannot be set by anything
else, neither by `set $host` nor by a group `(?<host>...)` of a regular expression.

    invalid variable name in /etc/nginx/nginx.conf:7
    the duplicate "host" variable in /etc/nginx/nginx.conf:7

A dollar sign is had from a variable: `geo $dollar { default "$"; }` in `http`, then `${dollar}`.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#set",
    .check = check,
};

}  // namespace gatelint::rules::invalid_variable_name
