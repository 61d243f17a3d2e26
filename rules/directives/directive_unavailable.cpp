#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::directive_unavailable {

namespace {

std::string version_text(const TargetNginx& nginx) {
    return nginx.version ? fmt::format("nginx {}", to_string(*nginx.version)) : "nginx";
}

/// The form that the directive probably means: one of its context, else any.
const DirectiveForm& form_for(const Directive& directive) {
    const auto forms = forms_of(directive.id);
    const auto found = std::find_if(forms.begin(), forms.end(), [&](const DirectiveForm& form) {
        return (form.contexts & directive.context) != 0;
    });
    return found == forms.end() ? forms.front() : *found;
}

void report_unavailable(const Directive& directive, const Subject& subject, Report& report) {
    const DirectiveForm& form = form_for(directive);
    const std::string which = version_text(subject.nginx);
    const Span span = directive.statement->name.span;
    const std::string_view name = directive.name();
    Draft draft = [&] {
        if (form.edition == Edition::plus) {
            return report(directive, span, "{} is only available in nginx Plus", name);
        }
        if (form.before != Version{} && subject.nginx.version >= form.before) {
            return report(directive, span, "{} does not have {}: it was removed in {}", which, name,
                          to_string(form.before));
        }
        return report(directive, span, "{} does not have {}: it was added in {}", which, name,
                      to_string(form.since));
    }();
    draft.refused(words(Handling::Refusal::unavailable, name));
}

/// The directives that no nginx of today has.
std::vector<DirectiveId> gone_ids() {
    constexpr Version oldest{1, 18, 0};
    std::vector<DirectiveId> ids;
    for (const DirectiveName& name : all_directive_names()) {
        const DirectiveId id = directive_id(name.name);
        const auto forms = forms_of(id);
        const bool is_gone =
            std::all_of(forms.begin(), forms.end(), [&](const DirectiveForm& form) {
                return form.before != Version{} && form.before <= oldest;
            });
        if (is_gone && !forms.empty()) ids.push_back(id);
    }
    return ids;
}

/// For an unknown version.
void report_gone(const Directive& directive, Report& report) {
    report(directive, directive.statement->name.span,
           "unknown directive {}: it was removed in nginx {}", directive.name(),
           to_string(forms_of(directive.id).back().before))
        .refused(words(Handling::Refusal::unavailable, directive.name()));
}

void check(const Subject& subject, Report& report) {
    for (const Directive* directive : subject.config.index().refused()) {
        if (directive->refusal == Handling::Refusal::unavailable) {
            report_unavailable(*directive, subject, report);
        }
    }
    if (subject.nginx.version) return;
    static const std::vector<DirectiveId> ids = gone_ids();
    for (const Directive* directive : subject.config.index().all(ids)) {
        const bool is_judged = directive->context != in_unknown &&
                               directive->refusal != Handling::Refusal::unavailable;
        if (is_judged) report_gone(*directive, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "directive-unavailable",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a directive that the nginx version or edition does not have",
    .why = R"(Directives come and go: `http2 on` was added in 1.25.1, which also removed
`ssl on`, and `health_check` is only in nginx Plus. An nginx without the directive rejects the
configuration:

    unknown directive "http2"

gatelint reports this for the nginx that `--nginx-version` and `--edition` name. If the version is
not known, it only reports directives that no nginx since 1.18 has.)",
    .reference = "https://nginx.org/en/CHANGES",
    .check = check,
};

}  // namespace gatelint::rules::directive_unavailable
