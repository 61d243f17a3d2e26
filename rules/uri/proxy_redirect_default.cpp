#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::proxy_redirect_default {

namespace {

/// The proxy_pass of the block that stands before the directive, which is the one that counts.
const Directive* pass_before(const Directive& redirect) {
    const auto& children = redirect.parent->children;
    const Directive* pass = nullptr;
    for (const Directive* child : children) {
        if (child == &redirect) break;
        if (child->id == DirectiveId::proxy_pass) pass = child;
    }
    return pass;
}

void check_redirect(const Directive& redirect, Report& report) {
    const Directive* pass = pass_before(redirect);
    if (pass == nullptr) {
        if (redirect.parent->opaque) return;
        Draft draft =
            report(redirect, redirect.span(),
                   "\"proxy_redirect default\" must come after the proxy_pass of its location");
        if (const Directive* later = redirect.parent->last(DirectiveId::proxy_pass)) {
            draft.note(later->span(), "proxy_pass comes later, here");
        }
        draft.refused(
            "\"proxy_redirect default\" should be placed after the \"proxy_pass\" directive");
    } else if (pass->arg(0).find('$') != std::string_view::npos) {
        report(redirect, redirect.span(),
               "\"proxy_redirect default\" cannot be used with variables in proxy_pass")
            .note(pass->span(), "proxy_pass is here")
            .refused(
                "\"proxy_redirect default\" cannot be used with \"proxy_pass\" directive with "
                "variables");
    }
}

void check(const Subject& subject, Report& report) {
    for (const Directive* redirect : subject.config.all(DirectiveId::proxy_redirect)) {
        const bool is_default = redirect->args().size() == 1 && redirect->arg(0) == "default";
        if (is_default && is_http(redirect->context)) check_redirect(*redirect, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "proxy-redirect-default",
    .family = Family::uri,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "\"proxy_redirect default\" before its proxy_pass, or without a usable one",
    .why =
        R"(`proxy_redirect default` rewrites the backend's redirects from the URL of
`proxy_pass` to the path of the location. nginx computes this when it reads the directive, so
`proxy_pass` must come before it in the same location, and must not contain variables. Otherwise
nginx refuses to start:

    "proxy_redirect default" should be placed after the "proxy_pass" directive

It is the default anyway, so the line can usually be removed.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_redirect",
    .check = check,
};

}  // namespace gatelint::rules::proxy_redirect_default
