#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/listen.hpp"
#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// ngx_mail_core_listen()
Refusal check_mail_listen(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({
        {"bind"},
        {"backlog=", is_positive_number, "invalid backlog", {1, 9, 2}},
        {"rcvbuf=", is_size, "invalid rcvbuf", {1, 13, 0}},
        {"sndbuf=", is_size, "invalid sndbuf", {1, 13, 0}},
        {"multipath", nullptr, {}, {1, 29, 7}},
        {"ssl"},
        {"proxy_protocol", nullptr, {}, {1, 19, 8}},
    });
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_listen_parameter(arguments, i, parameters)) return refusal;
    }
    return {};
}

/// ngx_mail_core_protocol()
Refusal check_protocol(const Arguments& arguments) {
    const std::string_view text = arguments.texts[0];
    if (text == "imap" || text == "pop3" || text == "smtp") return {};
    return refuse(arguments, 0, "unknown protocol", "expected imap, pop3 or smtp");
}

/// ngx_mail_ssl_starttls()
Refusal check_starttls(const Arguments& arguments) {
    constexpr auto known = std::to_array<std::string_view>({"on", "off", "only"});
    const std::string_view text = arguments.texts[0];
    const bool fits = std::any_of(known.begin(), known.end(), [&](std::string_view word) {
        return equals_ignoring_case(word, text);
    });
    if (fits) return {};
    return refuse(arguments, 0, "invalid value", "expected on, off or only");
}

}  // namespace

std::span<const ArgumentCheck> mail_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {listen, in_mail_server, check_mail_listen},
        {protocol, in_mail_server, check_protocol},
        {starttls, in_mail | in_mail_server, check_starttls},
    });
    return checks;
}

}  // namespace gatelint
