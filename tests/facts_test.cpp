#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "surroundings/host/hosts.hpp"
#include "surroundings/host/limits.hpp"
#include "surroundings/host/selinux.hpp"
#include "surroundings/programs/node_package.hpp"

namespace gatelint {

namespace {

/// The addresses of a name, and whether they are of both families.
std::string addresses_of(std::string_view hosts, std::string_view name) {
    const Hosts parsed = Hosts::parse(hosts, SourceId{0});
    std::string text;
    for (const Hosts::Entry& entry : parsed.find(name)) text += to_string(entry.address) + ' ';
    return text + (parsed.is_dual_stack(name) ? "both" : "");
}

std::string limits_of(std::string_view text) {
    std::string lines;
    for (const DescriptorLimit& limit : parse_limits(text, SourceId{0})) {
        lines += fmt::format("{} {}{} {}\n", limit.domain, limit.is_soft ? "s" : "",
                             limit.is_hard ? "h" : "",
                             limit.value ? std::to_string(*limit.value) : "unlimited");
    }
    return lines;
}

/// What a command runs, "" for no script.
std::string script_run_by(const std::vector<std::string>& words) {
    const std::optional<NodeScripts> scripts = parse_node_scripts(
        "{\n\t\"name\": \"a\",\n\t\"scripts\": {\n\t\t\"start\": \"node a.js\",\n"
        "\t\t\"dev\": \"next dev -p 3001\"\n\t},\n\t\"main\": \"index.js\"\n}\n",
        SourceId{0});
    REQUIRE(scripts);
    std::vector<Value> arguments;
    for (const std::string& word : words) arguments.push_back({word, {}});
    const std::optional<ScriptCall> call = parse_script_call(arguments);
    if (!call) return {};
    std::string text = line_of(*call, *scripts).value_or(Value{}).text;
    for (const Value& word : call->more) text += ' ' + word.text;
    return text;
}

}  // namespace

TEST_CASE("a hosts file gives names addresses of one or two families") {
    constexpr std::string_view debian =
        "127.0.0.1\tlocalhost\n# ::1 other\n::1 localhost ip6-localhost # x\n10.0.0.5 App "
        "app.lan\n";
    CHECK(addresses_of(debian, "localhost") == "127.0.0.1 [::1] both");
    CHECK(addresses_of(debian, "LOCALHOST") == "127.0.0.1 [::1] both");
    CHECK(addresses_of(debian, "app") == "10.0.0.5 ");
    CHECK(addresses_of(debian, "other") == "");
    CHECK(addresses_of("fe80::1%lo0 localhost\nnonsense localhost\n127.0.0.1\n", "localhost") ==
          "[fe80::1] ");
}

TEST_CASE("a hosts file's names and addresses have their places") {
    constexpr std::string_view text = "127.0.0.1 a localhost\n";
    const Hosts hosts = Hosts::parse(text, SourceId{0});
    REQUIRE(hosts.find("localhost").size() == 1);
    CHECK(hosts.find("localhost")[0].span == Span{SourceId{0}, 0, 9});
    CHECK(hosts.find("localhost")[0].name_span == Span{SourceId{0}, 12, 21});
}

TEST_CASE("limits.conf limits open files, softly, hard or both") {
    CHECK(
        limits_of("* soft nofile 1024\nwww-data - nofile 65535 # many\n@web hard nofile "
                  "unlimited\n* soft core 0\n#* soft nofile 1\n* soft nofile x\n* odd nofile 1") ==
        "* s 1024\nwww-data sh 65535\n@web h unlimited\n");
}

TEST_CASE("a user's own line of limits.conf counts before that of all") {
    const auto limits = parse_limits(
        "www-data soft nofile 10\n* soft nofile 20\n* soft nofile 30\n* hard nofile 40", {});
    REQUIRE(soft_limit_of("www-data", limits) != nullptr);
    CHECK(*soft_limit_of("www-data", limits)->value == 10);
    CHECK(*soft_limit_of("nginx", limits)->value == 30);
    CHECK(soft_limit_of("root", limits) == nullptr);
}

TEST_CASE("SELinux is in the mode that its file tells") {
    const auto mode = [](std::string_view text) {
        return parse_selinux_config(text, SourceId{0}).mode;
    };
    CHECK(mode("# SELINUX=disabled\nSELINUXTYPE=targeted\nSELINUX=enforcing\n") ==
          Selinux::Mode::enforcing);
    CHECK(mode("SELINUX = Permissive\nSELINUX=enforcing\n") == Selinux::Mode::permissive);
    CHECK_FALSE(mode("SELINUX={{ mode }}\n"));
    CHECK_FALSE(mode(""));
    CHECK(parse_selinux_config("SELINUX=disabled", SourceId{0}).span == Span{SourceId{0}, 8, 16});
}

TEST_CASE("npm and its like run the scripts of package.json") {
    CHECK(script_run_by({"npm", "start"}) == "node a.js");
    CHECK(script_run_by({"/usr/bin/npm", "--prefix", "web", "run", "dev", "--", "-p", "1"}) ==
          "next dev -p 3001 -p 1");
    CHECK(script_run_by({"yarn", "--cwd=web", "dev", "-p", "1"}) == "next dev -p 3001 -p 1");
    CHECK(script_run_by({"yarn", "dev"}) == "next dev -p 3001");
    CHECK(script_run_by({"pnpm", "run", "start"}) == "node a.js");
    CHECK(script_run_by({"npm", "ci"}) == "");
    CHECK(script_run_by({"npm", "dev"}) == "");
    CHECK(script_run_by({"yarn", "install"}) == "");
    CHECK(script_run_by({"node", "start"}) == "");
    CHECK(script_run_by({"npm", "run"}) == "");
}

TEST_CASE("npm start without a script is node server.js") {
    const NodeScripts none;
    const std::vector<Value> npm = {{"npm", {}}, {"start", {}}};
    const std::vector<Value> yarn = {{"yarn", {}}, {"start", {}}};
    CHECK(line_of(*parse_script_call(npm), none)->text == "node server.js");
    CHECK_FALSE(line_of(*parse_script_call(yarn), none));
    CHECK_FALSE(parse_node_scripts("{\"scripts\": ", SourceId{0}));
    CHECK_FALSE(parse_node_scripts("[]", SourceId{0}));
}

}  // namespace gatelint
