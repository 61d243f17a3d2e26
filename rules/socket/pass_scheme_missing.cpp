#include <algorithm>
#include <array>
#include <utility>

#include "rule.hpp"

namespace gatelint::rules::pass_scheme_missing {

namespace {

struct Mend {
    std::string text;
    Applicability applicability;
};

/// Another way to write http:// or https://, nearly right: `http:/`, `http//`, `ws://`.
std::optional<Mend> mend_scheme(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> schemes = {
        {{"https", "https://"}, {"http", "http://"}, {"wss", "https://"}, {"ws", "http://"}}};
    for (const auto& [name, scheme] : schemes) {
        if (!equals_ignoring_case(text.substr(0, name.size()), name)) continue;
        const std::string_view rest = text.substr(name.size());
        const std::size_t host = std::min(rest.find_first_not_of(":/;"), rest.size());
        if (host < 2 || host == rest.size()) continue;
        return Mend{std::string(scheme) + std::string(rest.substr(host)), Applicability::safe};
    }
    return std::nullopt;
}

std::optional<Mend> mend(std::string_view text) {
    if (std::optional<Mend> mended = mend_scheme(text)) return mended;
    const Url url = parse_url(text, true);
    if (!url.error.empty() || scheme_length(text) != 0) return std::nullopt;
    const bool tls = url.address.port == 443 || url.address.port == 8443;
    return Mend{(tls ? "https://" : "http://") + std::string(text),
                tls ? Applicability::unsafe : Applicability::safe};
}

void report_target(const Pass& pass, const PassTarget& target, Report& report) {
    Draft draft =
        report(*target.written, target.span,
               "proxy_pass needs http:// or https:// before the address, and \"{}\" has neither",
               target.text);
    if (pass.has_variables) {
        // Other requests may have another value.
        if (pass.targets.size() > 1) draft.severity(Severity::warning);
        draft.note(pass.target_span(), "{} get 500: {}", requests_to(pass), target.error);
        return;
    }
    draft.refused(target.error);
    const std::optional<Mend> mended = mend(target.text);
    if (!mended || pass.directive->args()[0].quote != '\0') return;
    draft.fix(mended->applicability, "add the scheme",
              {Report::replace(target.span, mended->text)});
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const PassTarget& target : pass.targets) {
            if (target.mistake == Mistake::scheme_missing) report_target(pass, target, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "pass-scheme-missing",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "proxy_pass without http:// or https://",
    .why =
        R"(In `http`, proxy_pass takes a URL that starts with `http://` or `https://`; all
other passes, and proxy_pass in `stream`, take an address. Without the scheme, or with another one
such as `ws://` (a WebSocket connection starts as HTTP), nginx refuses to start, and a restart
takes every site down:

    invalid URL prefix

If the whole URL comes from a variable, nginx starts, and requests get 500.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    .check = check,
};

}  // namespace gatelint::rules::pass_scheme_missing
