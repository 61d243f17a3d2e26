#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nginx/address.hpp"
#include "nginx/directive_id.hpp"
#include "nginx/protocol.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"
#include "nginx/version.hpp"

namespace gatelint {

namespace {

std::string number(std::optional<std::uint64_t> value) {
    return value ? std::to_string(*value) : "-";
}

std::string version(std::string_view text) {
    const std::optional<Version> parsed = parse_version(text);
    return parsed ? to_string(*parsed) : "-";
}

std::string_view kind_of(const Address& address) {
    constexpr std::array<std::string_view, 4> kinds = {"unix", "ipv4", "ipv6", "name"};
    return kinds[static_cast<std::size_t>(address.kind)];
}

/// "kind address uri", or nginx's refusal.
std::string url(std::string_view text, bool uri_part) {
    const Url parsed = parse_url(text, uri_part);
    if (!parsed.error.empty()) return parsed.error;
    const std::string uri = parsed.uri.empty() ? "" : ' ' + std::string(parsed.uri);
    return std::string(kind_of(parsed.address)) + ' ' + to_string(parsed.address) + uri;
}

}  // namespace

TEST_CASE("versions have two or three numbers and are ordered by them") {
    CHECK(version("1.29.7") == "1.29.7");
    CHECK(version("1.29") == "1.29.0");
    for (const std::string_view text : {"", "1", "1.", "1.2.", ".1.2", "1.2.3.4", "1.2.3-alpine",
                                        "v1.2.3", "1..2", " 1.2", "99999999999.1", "-1.2"}) {
        CAPTURE(text);
        CHECK(version(text) == "-");
    }
    CHECK(Version{1, 9, 15} < Version{1, 10, 0});
    CHECK(Version{1, 22, 1} == *parse_version("1.22.1"));
}

// Verdicts of nginx 1.22.1 on client_body_buffer_size.
TEST_CASE("sizes are read as nginx reads them") {
    struct Case {
        std::string_view text;
        std::string_view bytes;
    };
    constexpr std::array<Case, 18> cases = {{
        {"0", "0"},
        {"1", "1"},
        {"1k", "1024"},
        {"1K", "1024"},
        {"8m", "8388608"},
        {"8M", "8388608"},
        {"016k", "16384"},
        {"9223372036854775807", "9223372036854775807"},
        {"9223372036854775808", "-"},
        {"9007199254740991k", "9223372036854774784"},
        {"9007199254740992k", "-"},
        {"1g", "-"},
        {"4kb", "-"},
        {"", "-"},
        {"k", "-"},
        {"-1", "-"},
        {"1.5k", "-"},
        {"1 k", "-"},
    }};
    for (const Case& each : cases) {
        CAPTURE(each.text);
        CHECK(number(parse_size(each.text)) == each.bytes);
    }
}

// Verdicts of nginx 1.22.1 on proxy_read_timeout.
TEST_CASE("times are read as nginx reads them, in milliseconds") {
    struct Case {
        std::string_view text;
        std::string_view milliseconds;
    };
    constexpr std::array<Case, 45> cases = {{
        {"0", "0"},
        {"1", "1000"},
        {"1ms", "1"},
        {"1s", "1000"},
        {"1m", "60000"},
        {"1h", "3600000"},
        {"1d", "86400000"},
        {"1w", "604800000"},
        {"1m30s", "90000"},
        {"1m 30s", "90000"},
        {"1h 1m 1s 1ms", "3661001"},
        // The last number may lack its unit, and a blank may stand for one.
        {"1m30", "90000"},
        {"1m 30", "90000"},
        {"1s5", "6000"},
        {"1ms5", "5001"},
        {"1ms 5", "5001"},
        {"1m1ms1", "61001"},
        {"1 5", "6000"},
        {"1 ", "1000"},
        {"1  ", "1000"},
        {" 1", "1000"},
        {"1m s", "60000"},
        {"9223372036854775", "9223372036854775000"},
        {"9223372036854776", "-"},
        {"9223372036854775807", "-"},
        {"15250284452w", "9223372036569600000"},
        {"15250284453w", "-"},
        {"99999999999999999999", "-"},
        {"1M", "-"},
        {"1y", "-"},
        {"1S", "-"},
        {"1us", "-"},
        {"1.5s", "-"},
        {"-1", "-"},
        {"1\t", "-"},
        {" 1s", "-"},
        {"1 s", "-"},
        {"5ms1s", "-"},
        {"1s1s", "-"},
        {"1s1m", "-"},
        {"", "-"},
        {" ", "-"},
        {"m", "-"},
        {"s", "-"},
        {"60sec", "-"},
    }};
    for (const Case& each : cases) {
        CAPTURE(each.text);
        CHECK(number(parse_time(each.text)) == each.milliseconds);
    }
}

TEST_CASE("numbers are digits only") {
    CHECK(number(parse_number("0080")) == "80");
    CHECK(number(parse_number("9223372036854775807")) == "9223372036854775807");
    CHECK(number(parse_number("9223372036854775808")) == "-");
    CHECK(number(parse_number("")) == "-");
    CHECK(number(parse_number("+1")) == "-");
    CHECK(number(parse_number("1 ")) == "-");
}

TEST_CASE("sizes are written in the largest unit that is exact") {
    CHECK(size_text(0) == "0");
    CHECK(size_text(1000) == "1000");
    CHECK(size_text(4096) == "4k");
    CHECK(size_text(1024 * 1024) == "1m");
    CHECK(size_text(1536 * 1024) == "1536k");
}

// Verdicts of nginx 1.22.1 on proxy_pass http://...
TEST_CASE("the URL of a proxy_pass is taken apart as nginx does") {
    struct Case {
        std::string_view text;
        std::string_view url;
    };
    constexpr std::array<Case, 45> cases = {{
        {"127.0.0.1", "ipv4 127.0.0.1"},
        {"127.0.0.1:80", "ipv4 127.0.0.1:80"},
        {"127.0.0.1:080", "ipv4 127.0.0.1:80"},
        {"127.0.0.1:65535/", "ipv4 127.0.0.1:65535 /"},
        {"127.0.0.1:0", "invalid port"},
        {"127.0.0.1:65536", "invalid port"},
        {"127.0.0.1:", "invalid port"},
        {"127.0.0.1:8x", "invalid port"},
        {"127.0.0.1:80:81", "invalid port"},
        {"127.0.0.1:18446744073709551696", "invalid port"},
        {"localhost:+80", "invalid port"},
        {"::1:8080", "invalid port"},
        {"u:p@127.0.0.1", "invalid port"},
        {"127.0.0.1/a:1", "ipv4 127.0.0.1 /a:1"},
        {"127.0.0.1?a:1", "ipv4 127.0.0.1 ?a:1"},
        {"127.0.0.1:80/a?b", "ipv4 127.0.0.1:80 /a?b"},
        {"app.example:3000/v2/", "name app.example:3000 /v2/"},
        {"App", "name App"},
        {"1.2.3", "name 1.2.3"},
        {"256.0.0.1", "name 256.0.0.1"},
        {"", "no host"},
        {"/", "no host"},
        {"?a", "no host"},
        {":80", "no host"},
        {"/run/x.sock", "no host"},
        {"[::1]", "ipv6 [::1]"},
        {"[::1]:80", "ipv6 [::1]:80"},
        {"[::1]/a", "ipv6 [::1] /a"},
        {"[::1]:", "invalid port"},
        {"[::1]:0", "invalid port"},
        {"[::1]:80:1", "invalid port"},
        {"[::1]x", "invalid host"},
        {"[::1]80/", "invalid host"},
        {"[::1]?a", "invalid host"},
        {"[::1", "invalid host"},
        {"[]:80", "no host"},
        {"[x]:80", "invalid IPv6 address"},
        {"[127.0.0.1]:80", "invalid IPv6 address"},
        {"unix:/x", "unix unix:/x"},
        {"UNIX:/x", "unix unix:/x"},
        {"unix:/x/", "unix unix:/x/"},
        {"unix:/x:", "unix unix:/x"},
        {"unix:/x:/v2/", "unix unix:/x /v2/"},
        {"unix:", "no path in the unix domain socket"},
        {"unix::", "no path in the unix domain socket"},
    }};
    for (const Case& each : cases) {
        CAPTURE(each.text);
        CHECK(url(each.text, true) == each.url);
    }
}

// Verdicts of nginx 1.22.1 on fastcgi_pass.
TEST_CASE("elsewhere than in proxy_pass no URI may follow, and a socket's path is all the rest") {
    struct Case {
        std::string_view text;
        std::string_view url;
    };
    constexpr std::array<Case, 11> cases = {{
        {"127.0.0.1:80", "ipv4 127.0.0.1:80"},
        {"[::1]:9", "ipv6 [::1]:9"},
        {"127.0.0.1:80/a", "invalid host"},
        {"127.0.0.1:0/", "invalid host"},
        {"127.0.0.1?a", "invalid host"},
        {"[::1]:9/", "invalid host"},
        {"[::1]x", "invalid host"},
        {"http://127.0.0.1:80", "invalid host"},
        {"/run/x.sock", "invalid host"},
        {"unix:/x:/y", "unix unix:/x:/y"},
        {"unix:", "no path in the unix domain socket"},
    }};
    for (const Case& each : cases) {
        CAPTURE(each.text);
        CHECK(url(each.text, false) == each.url);
    }
}

TEST_CASE("a socket's path may have 107 bytes") {
    const std::string path = '/' + std::string(106, 'a');
    CHECK(url("unix:" + path, false) == "unix unix:" + path);
    CHECK(url("unix:" + path + "a", false) == "too long path in the unix domain socket");
    CHECK(url("unix:" + path + ":/uri", true) == "unix unix:" + path + " /uri");
}

TEST_CASE("loopback and wildcard addresses are known") {
    for (const std::string_view host :
         {"127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "LocalHost"}) {
        CAPTURE(host);
        CHECK(parse_host(host).is_loopback());
        CHECK_FALSE(parse_host(host).is_wildcard());
    }
    for (const std::string_view host : {"0.0.0.0", "::", "[::]", "0:0::0"}) {
        CAPTURE(host);
        CHECK(parse_host(host).is_wildcard());
        CHECK_FALSE(parse_host(host).is_loopback());
    }
    for (const std::string_view host :
         {"10.0.0.1", "::2", "fe80::1", "app", "localhost.example", "128.0.0.1"}) {
        CAPTURE(host);
        CHECK_FALSE(parse_host(host).is_loopback());
        CHECK_FALSE(parse_host(host).is_wildcard());
    }
    const Address socket = parse_url("unix:/run/a", false).address;
    CHECK_FALSE(socket.is_loopback());
    CHECK_FALSE(socket.is_wildcard());
    CHECK(socket.is_unix());
    CHECK(parse_host("app").is_name());
    CHECK(parse_host("::1").is_literal_ip());
}

TEST_CASE("socket paths are compared in one form") {
    CHECK(normal_socket_path("/run/a.sock") == "/run/a.sock");
    CHECK(normal_socket_path("//run///a.sock") == "/run/a.sock");
    CHECK(normal_socket_path("/run/./x/../a.sock") == "/run/a.sock");
    CHECK(normal_socket_path("/var/run/php/a.sock") == "/run/php/a.sock");
    CHECK(normal_socket_path("/var/running/a.sock") == "/var/running/a.sock");
    CHECK(normal_socket_path("/srv/var/run/a.sock") == "/srv/var/run/a.sock");
}

TEST_CASE("edit distance counts swaps of neighbours as one, and stops at its limit") {
    CHECK(edit_distance("", "", 2) == 0);
    CHECK(edit_distance("backend", "backend", 2) == 0);
    CHECK(edit_distance("backend", "bakcend", 2) == 1);
    CHECK(edit_distance("backend", "backends", 2) == 1);
    CHECK(edit_distance("backend", "packend", 2) == 1);
    CHECK(edit_distance("backend", "bckend", 2) == 1);
    CHECK(edit_distance("php8.1", "php7.4", 2) == 2);
    CHECK(edit_distance("abc", "xyz", 2) == 3);
    CHECK(edit_distance("", "abcdef", 2) == 3);
    CHECK(edit_distance("abcd", "", 9) == 4);
}

TEST_CASE("case is ignored for ASCII letters only") {
    CHECK(equals_ignoring_case("Backend", "bACKEND"));
    CHECK_FALSE(equals_ignoring_case("a", "ab"));
    CHECK_FALSE(equals_ignoring_case("@", "`"));
    CHECK(lower_case(std::string_view("A-\xC3\x84z")) == "a-\xC3\x84z");
}

TEST_CASE("every directive of the table is found by its name, in its own case only") {
    std::size_t id = 0;
    for (const DirectiveName& known : all_directive_names()) {
        CAPTURE(known.name);
        CHECK(directive_id(known.name) == static_cast<DirectiveId>(++id));
    }
    CHECK(directive_id("proxy_pass") == DirectiveId::proxy_pass);
    CHECK(directive_id("if") == DirectiveId::if_);
    CHECK(directive_id("Proxy_Pass") == DirectiveId::unknown);
    CHECK(directive_id("proxy_pas") == DirectiveId::unknown);
    CHECK(directive_id("") == DirectiveId::unknown);
    CHECK(name_of(DirectiveId::return_) == "return");
    CHECK(name_of(DirectiveId::unknown).empty());
}

TEST_CASE("a directive knows where it may stand") {
    CHECK(contexts_of(DirectiveId::http) == in_main);
    CHECK(contexts_of(DirectiveId::fastcgi_pass) == (in_location | in_if_in_location));
    CHECK((contexts_of(DirectiveId::proxy_pass) & in_limit_except) != 0);
    CHECK((contexts_of(DirectiveId::proxy_pass) & in_stream_server) != 0);
    CHECK((contexts_of(DirectiveId::proxy_set_header) & in_if_in_location) == 0);
    CHECK(contexts_of(DirectiveId::unknown) == 0);
    CHECK(holds_rows(DirectiveId::map));
    CHECK(holds_rows(DirectiveId::types));
    CHECK_FALSE(holds_rows(DirectiveId::server));
}

TEST_CASE("protocols have names and may begin with TLS") {
    for (int protocol = 0; protocol <= static_cast<int>(Protocol::udp); ++protocol) {
        CHECK_FALSE(name_of(static_cast<Protocol>(protocol)).empty());
    }
    CHECK(is_tls(Protocol::https));
    CHECK(is_tls(Protocol::grpcs));
    CHECK(is_tls(Protocol::suwsgi));
    CHECK_FALSE(is_tls(Protocol::http));
    CHECK_FALSE(is_tls(Protocol::tcp));
}

}  // namespace gatelint
