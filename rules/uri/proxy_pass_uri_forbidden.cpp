#include "rule.hpp"

namespace gatelint::rules::proxy_pass_uri_forbidden {

namespace {

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.directive->id != DirectiveId::proxy_pass || pass.stream) continue;
        if (pass.has_variables || pass.location->directive->args().empty()) continue;
        const PassTarget& target = pass.targets.front();
        const std::string_view place = uri_forbidding_place(pass);
        if (!target.has_uri || place.empty()) continue;
        if (is_unknown(target.uri)) continue;  // with a variable in it nginx takes it

        // With unix sockets the colon before the URI goes too.
        std::string kept(target.text.substr(0, target.text.size() - target.uri.size()));
        if (target.address.is_unix()) kept.pop_back();
        const bool matches_one_path = target.uri == "/" && !pass.location->is_regex();
        Draft draft = report(*pass.directive, pass.target_span(),
                             "proxy_pass cannot have a URI (\"{}\") {}: nginx refuses to start",
                             target.uri, place);
        draft.note(pass.level().span(), "in this block");
        draft.note("there is no location prefix that \"{}\" could replace in the request's path",
                   target.uri);
        draft.nginx(
            "\"proxy_pass\" cannot have URI part in location given by regular expression, or "
            "inside named location, or inside \"if\" statement, or inside \"limit_except\" block");
        if (pass.directive->args()[0].quote == '\0') {
            draft.fix(matches_one_path ? Applicability::safe : Applicability::unsafe,
                      "pass the request's path unchanged",
                      {Report::replace(pass.target_span(), std::move(kept))});
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "proxy-pass-uri-forbidden",
    .family = Family::uri,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "proxy_pass has a URI where nginx forbids one",
    .why =
        R"(If proxy_pass has a URI, even a lone `/`, nginx replaces the part of the path that
the location's prefix matched. In a location given by a regular expression, in a named location,
inside `if` and inside `limit_except` there is no such prefix, and nginx refuses to start:

    "proxy_pass" cannot have URI part in location given by regular expression, or inside named
    location, or inside "if" statement, or inside "limit_except" block

A restart then takes every site down. Remove the URI, use a prefix location, or change the path
with `rewrite ... break`. If the argument contains a variable, nginx does not check it, and sends
the URI as it is.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    .check = check,
};

}  // namespace gatelint::rules::proxy_pass_uri_forbidden
