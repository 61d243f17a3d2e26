#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "model/run_time_names.hpp"
#include "nginx/misspelt.hpp"

namespace gatelint {

namespace {

/// Each name that is looked up at run time, with the servers that are asked for it.
std::string names(const std::string& http) {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", "http { " + http + " }"}});
    const Config config = load("/nginx.conf", files, sources);
    const Model model = make_model(config);
    std::string out;
    for (const RunTimeName& name : run_time_names(model)) {
        out += std::string(name.name) + (name.is_of_group() ? " of a group:" : ":");
        for (const NameServer& server : name_servers(name.resolver)) {
            out += ' ' + to_string(server.address);
        }
        out += '\n';
    }
    return out;
}

std::string names_in_location(const std::string& text) {
    return names("server { location / { " + text + " } }");
}

NameServer server(std::string_view address) {
    return {parse_host(address), {}};
}

}  // namespace

TEST_CASE("a variable makes nginx look a name up at run time") {
    CHECK(names_in_location("resolver 10.0.0.2; set $b app; proxy_pass http://$b:3000;") ==
          "app: 10.0.0.2\n");
    CHECK(names_in_location("resolver 10.0.0.2; proxy_pass http://app:3000$uri;") ==
          "app: 10.0.0.2\n");
    CHECK(names_in_location("resolver 10.0.0.2; proxy_pass http://app:3000;").empty());
}

TEST_CASE("addresses, groups and names that another pass resolves at start are not looked up") {
    CHECK(names_in_location("resolver 10.0.0.2; proxy_pass http://10.0.0.5:3000$uri;").empty());
    CHECK(names("upstream app { server 10.0.0.5; } server { location / { resolver 10.0.0.2; "
                "proxy_pass http://app$uri; } }")
              .empty());
    CHECK(names("server { location / { resolver 10.0.0.2; proxy_pass http://app:80$uri; } "
                "location /a { proxy_pass http://app; } }")
              .empty());
}

TEST_CASE("a group's server with resolve is looked up by the resolver of the group or around it") {
    const std::string server = "server { location / { resolver 9.9.9.9; proxy_pass http://g; } }";
    CHECK(names("resolver 10.0.0.2; upstream g { zone g 64k; server app resolve; } " + server) ==
          "app of a group: 10.0.0.2\n");
    CHECK(names("upstream g { zone g 64k; resolver 10.0.0.3; server app resolve; } " + server) ==
          "app of a group: 10.0.0.3\n");
    CHECK(names("resolver 10.0.0.2; upstream g { server app; } " + server).empty());
}

TEST_CASE("a name is told once for a place and a resolver") {
    CHECK(names("map $arg_a $b { default app:80; } server { resolver 10.0.0.2; "
                "location / { proxy_pass http://$b; } location /a { proxy_pass http://$b; } "
                "location /b { resolver 10.0.0.3; proxy_pass http://$b; } }") ==
          "app: 10.0.0.2\napp: 10.0.0.3\n");
}

TEST_CASE("parameters of a resolver are no servers, and one unknown server hides all") {
    CHECK(names_in_location("resolver 10.0.0.2 [fd00::2]:5353 ns.lan valid=10s ipv6=off; "
                            "proxy_pass http://app$uri;") ==
          "app: 10.0.0.2 [fd00::2]:5353 ns.lan\n");
    CHECK(names_in_location("resolver 10.0.0.2 ${DNS}; proxy_pass http://app$uri;") == "app:\n");
    CHECK(names_in_location("proxy_pass http://app$uri;") == "app:\n");
}

TEST_CASE("well-known name servers are known by their address") {
    CHECK(server("127.0.0.11").is_of_engine());
    CHECK_FALSE(server("127.0.0.1").is_of_engine());
    CHECK(server("127.0.0.53").is_of_systemd());
    CHECK(server("8.8.8.8").is_public());
    CHECK(server("2001:4860:4860:0:0:0:0:8888").is_public());
    CHECK_FALSE(server("10.8.8.8").is_public());
    CHECK_FALSE(server("dns.google").is_public());
    CHECK(server("kube-dns.kube-system.svc.cluster.local").is_of_kubernetes());
    CHECK_FALSE(server("dns.example.com").is_of_kubernetes());
}

TEST_CASE("names are misspelt by a letter or by their signs, short and numbered ones never") {
    CHECK(is_misspelt("keycloack", "keycloak"));
    CHECK(is_misspelt("shop_app", "shop-app"));
    CHECK(is_misspelt("shopApp", "shop-app"));
    CHECK_FALSE(is_misspelt("api", "app"));
    CHECK_FALSE(is_misspelt("backend1", "backend2"));
    CHECK(is_same_but_for_signs("Shop_App", "shop-app"));
    CHECK_FALSE(is_same_but_for_signs("shop-app", "shop-ap"));
}

}  // namespace gatelint
