#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "own_listeners.hpp"

namespace gatelint {

namespace {

/// What a connection to `target` reaches among the servers of `http` (or of the whole `text`):
/// "address protocol flags, number of servers, name of the default server".
std::string reached(const std::string& text, std::string_view target, bool whole = false) {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", whole ? text : "http {" + text + '}'}});
    const Config config = load("/nginx.conf", files, sources);
    const Model model = make_model(config);
    const OwnListeners own(model);
    std::string out;
    for (const OwnListener* each : own.reached_by(parse_url(target, false).address)) {
        out += to_string(each->listener.at) + ' ' + std::string(name_of(each->listener.speaks));
        if (each->http2) out += " http2";
        if (each->proxy_protocol) out += " proxy_protocol";
        const Directive* name = each->default_server->directive->last(DirectiveId::server_name);
        out += ", " + std::to_string(each->servers.size());
        out += ", " + std::string(name == nullptr ? "-" : name->arg(0)) + '\n';
    }
    return out;
}

}  // namespace

TEST_CASE("a server is reached at its port, over loopback") {
    const std::string text = "server { listen 8080; server_name a; }";
    CHECK(reached(text, "127.0.0.1:8080") == "0.0.0.0:8080 HTTP, 1, a\n");
    CHECK(reached(text, "localhost:8080") == "0.0.0.0:8080 HTTP, 1, a\n");
    CHECK(reached(text, "127.0.0.1:8081").empty());
    CHECK(reached(text, "[::1]:8080").empty());
    CHECK(reached(text, "10.0.0.1:8080").empty());
    CHECK(reached(text, "app:8080").empty());
}

TEST_CASE("a server without a listen is at port 80") {
    CHECK(reached("server { server_name a; }", "127.0.0.1:80") == "0.0.0.0:80 HTTP, 1, a\n");
}

TEST_CASE("what one listen says holds for all servers at the address") {
    const std::string text =
        "server { listen 443; server_name a; }"
        "server { listen 0.0.0.0:443 ssl http2; server_name b; }"
        "server { listen *:443 proxy_protocol; server_name c; }";
    CHECK(reached(text, "127.0.0.1:443") == "0.0.0.0:443 HTTPS http2 proxy_protocol, 3, a\n");
}

TEST_CASE("the default server is the first, or the one that says so") {
    CHECK(reached("server { listen 80; server_name a; }"
                  "server { listen 80 default_server; server_name b; }"
                  "server { listen 80; server_name c; }",
                  "127.0.0.1:80") == "0.0.0.0:80 HTTP, 3, b\n");
}

TEST_CASE("an IPv6 wildcard takes IPv4 only where it says so") {
    CHECK(reached("server { listen [::]:80; }", "127.0.0.1:80").empty());
    CHECK(reached("server { listen [::]:80; }", "[::1]:80") == "[::]:80 HTTP, 1, -\n");
    CHECK(reached("server { listen [::]:80 ipv6only=off; }", "127.0.0.1:80") ==
          "[::]:80 HTTP, 1, -\n");
}

TEST_CASE("a unix socket is reached by its path in any form") {
    const std::string text = "server { listen unix:/run/a.sock; server_name a; }";
    CHECK(reached(text, "unix:/var/run//a.sock") == "unix:/run/a.sock HTTP, 1, a\n");
    CHECK(reached(text, "unix:/run/b.sock").empty());
}

TEST_CASE("one address may be reached at several listeners") {
    CHECK(reached("server { listen 80; server_name a; }"
                  "server { listen 127.0.0.1:80; server_name b; }",
                  "127.0.0.1:80") == "0.0.0.0:80 HTTP, 1, a\n127.0.0.1:80 HTTP, 1, b\n");
}

TEST_CASE("UDP and QUIC are not reached") {
    CHECK(reached("server { listen 443 quic; }", "127.0.0.1:443").empty());
    CHECK(reached("stream { server { listen 53 udp; } }", "127.0.0.1:53", true).empty());
}

TEST_CASE("a server of stream speaks TCP") {
    CHECK(reached("stream { server { listen 5432; proxy_pass 10.0.0.1:5432; } }", "127.0.0.1:5432",
                  true) == "0.0.0.0:5432 TCP, 1, -\n");
}

}  // namespace gatelint
