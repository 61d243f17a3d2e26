#include "config/handling.hpp"

#include <fmt/format.h>

namespace gatelint {

namespace {

bool is_available(const DirectiveForm& form, const TargetNginx& nginx) {
    const bool in_edition =
        form.edition != Edition::plus || !nginx.edition || *nginx.edition == Edition::plus;
    return in_edition && is_in(form, nginx.version);
}

/// In the order of ngx_conf_handler().
Handling::Refusal refusal_of(const DirectiveForm& form, const Statement& statement) {
    if (!form.block && statement.has_block) return Handling::Refusal::not_terminated;
    if (form.block && !statement.has_block) return Handling::Refusal::no_opening;
    const bool fits = takes(form, statement.args.size()) || statement.has_unknown();
    return fits ? Handling::Refusal::none : Handling::Refusal::argument_count;
}

/// A name that nginx and its documentation do not have.
Handling handle_unknown(const Word& name) {
    if (name.is_unknown() || is_of_other_module(name.text)) return {};
    return {Handling::Refusal::unknown_directive, nullptr};
}

}  // namespace

Handling handle(const Statement& statement, DirectiveId id, Contexts context,
                const TargetNginx& nginx) {
    if (statement.is_damaged) return {};
    const auto forms = forms_of(id);
    if (forms.empty()) return handle_unknown(statement.name);
    if (forms.front().edition == Edition::module) return {};

    Handling handling{Handling::Refusal::unavailable, nullptr};
    for (const DirectiveForm& form : forms) {
        if (!is_available(form, nginx)) continue;
        if ((form.contexts & context) == 0) {
            if (handling.refusal == Handling::Refusal::unavailable) {
                handling.refusal = Handling::Refusal::not_allowed_here;
            }
            continue;
        }
        handling = {refusal_of(form, statement), &form};
        // Of an unknown version, any form will do.
        if (handling.refusal == Handling::Refusal::none) break;
    }
    return handling;
}

Handling handle(const Statement& statement, Contexts context, const TargetNginx& nginx) {
    return handle(statement, directive_id(statement.name.text), context, nginx);
}

std::string words(Handling::Refusal refusal, std::string_view name) {
    switch (refusal) {
        case Handling::Refusal::none:
            break;
        case Handling::Refusal::unknown_directive:
        case Handling::Refusal::unavailable:
            return fmt::format("unknown directive \"{}\"", name);
        case Handling::Refusal::not_allowed_here:
            return fmt::format("\"{}\" directive is not allowed here", name);
        case Handling::Refusal::not_terminated:
            return fmt::format("directive \"{}\" is not terminated by \";\"", name);
        case Handling::Refusal::no_opening:
            return fmt::format("directive \"{}\" has no opening \"{{\"", name);
        case Handling::Refusal::argument_count:
            return fmt::format("invalid number of arguments in \"{}\" directive", name);
    }
    return {};
}

}  // namespace gatelint
