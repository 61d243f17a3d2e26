#include "model/server_names.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatelint {

namespace {

/// The place of the server that answers to `name` among those of `http`, from 1 on; 0 where it
/// cannot be told. The first is the default server.
std::size_t chosen(const std::string& http, std::string_view name) {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", "http {" + http + '}'}});
    const Config config = load("/nginx.conf", files, sources);
    const Model model = make_model(config);
    std::vector<const Server*> servers;
    for (const Server& server : model.servers()) servers.push_back(&server);
    const Server* server = ServerNames(servers, servers.front()).server_for(name);
    for (std::size_t i = 0; i < servers.size(); ++i) {
        if (servers[i] == server) return i + 1;
    }
    return 0;
}

}  // namespace

TEST_CASE("an exact name comes first, then the longest wildcard, then the default server") {
    const std::string http =
        "server { server_name first; } server { server_name *.example.com; }"
        "server { server_name *.b.example.com; } server { server_name www.example.*; }"
        "server { server_name A.example.com; } server { server_name .example.org; }";
    CHECK(chosen(http, "a.example.com") == 5);
    CHECK(chosen(http, "x.example.com") == 2);
    CHECK(chosen(http, "x.b.example.com") == 3);
    CHECK(chosen(http, "www.example.com") == 2);
    CHECK(chosen(http, "www.example.net") == 4);
    CHECK(chosen(http, "example.org") == 6);
    CHECK(chosen(http, "x.example.org") == 6);
    CHECK(chosen(http, "example.com") == 1);
    CHECK(chosen(http, "") == 1);
}

TEST_CASE("a name belongs to the first server that has it") {
    CHECK(chosen("server { server_name a; } server { server_name b; } server { server_name b; }",
                 "b") == 2);
}

TEST_CASE("which server answers cannot be told where regular expressions or variables may") {
    const std::string regex =
        "server { server_name a; } server { server_name ~^x; } server { server_name b; }";
    CHECK(chosen(regex, "b") == 3);
    CHECK(chosen(regex, "c") == 0);
    const std::string variable =
        "server { server_name a; } server { server_name $hostname; } server { server_name b; }";
    CHECK(chosen(variable, "a") == 1);
    CHECK(chosen(variable, "b") == 0);
}

}  // namespace gatelint
