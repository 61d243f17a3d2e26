#include "input/settings.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "source/sources.hpp"

namespace gatelint {

namespace {

/// Settings that are read from a text, with what is wrong in it.
struct Read {
    explicit Read(const std::string& text)
        : source(sources.add("gatelint.toml", text)),
          settings(read_settings(sources.text(source), source, findings)) {}

    /// One finding a line: `3:5 [text]: message`.
    std::string wrong() const {
        std::string lines;
        for (const Finding& finding : findings) {
            CHECK(finding.rule == settings_rule);
            const Position at = sources.position(source, finding.span.begin);
            lines += fmt::format("{}:{} [{}]: {}\n", at.line, at.column, sources.text(finding.span),
                                 finding.message);
        }
        return lines;
    }

    /// One backend a line: `name: HTTP 127.0.0.1:3000`.
    std::string backends() const {
        CHECK(wrong() == "");
        std::string lines;
        for (const Told::Backend& one : settings.around.backends) {
            lines += fmt::format("{}: {} {}\n", one.listener.name, name_of(one.listener.speaks),
                                 to_string(one.listener.at));
        }
        return lines;
    }

    Sources sources;
    SourceId source;
    std::vector<Finding> findings;
    Settings settings;
};

}  // namespace

TEST_CASE("settings tell of backends") {
    CHECK(Read("[[backend]]\nlisten = \"127.0.0.1:3000\"\nname = \"api\"\n"
               "[[backend]]\nlisten = \"unix:/run/app.sock\"\nspeaks = \"uwsgi\"\n"
               "[[backend]]\nlisten = 8080\nname='é'\nspeaks = 'grpcs'\n")
              .backends() ==
          "api: HTTP 127.0.0.1:3000\n"
          "backend in gatelint.toml: uwsgi unix:/run/app.sock\n"
          "é: gRPC over TLS [::]:8080\n");
}

TEST_CASE("settings tell of a backend's limits and service") {
    const Read read(
        "[[backend]]\nlisten = 3000\nservice = \"app\"\nkill-timeout = \"1m30s\"\n"
        "idle-timeout = 5\nbuffer-size = \"8k\"\n");
    REQUIRE(read.settings.around.backends.size() == 1);
    const Told::Backend& backend = read.settings.around.backends[0];
    CHECK(backend.service.text == "app");
    CHECK(backend.listener.kill_timeout->value == 90'000);
    CHECK(backend.listener.idle_timeout->value == 5'000);
    CHECK(backend.listener.header_limit->value == 8192);
    CHECK(read.sources.text(backend.listener.where) == "3000");
    CHECK(read.sources.text(backend.service.span) == "\"app\"");
}

TEST_CASE("settings tell of nginx, SELinux and names") {
    const Read read(
        "complete = true\ndiscover = false\n[nginx]\nversion = \"1.29.7\"\nedition = \"plus\"\n"
        "user = \"web\"\n[selinux]\nmode = \"enforcing\"\nports = [3000, 8081]\n"
        "booleans = { httpd_can_network_connect = true }\n[hosts]\n\"App.lan\" = \"10.0.0.5\"\n");
    CHECK(read.wrong() == "");
    CHECK(read.settings.around.is_complete);
    CHECK_FALSE(read.settings.around.discovers);
    CHECK(read.settings.nginx.version == Version{1, 29, 7});
    CHECK(read.settings.nginx.edition == Edition::plus);
    CHECK(read.settings.user.text == "web");
    CHECK(read.settings.around.selinux.mode == Selinux::Mode::enforcing);
    CHECK(read.settings.around.selinux.http_ports == std::set<std::uint16_t>{3000, 8081});
    CHECK(read.settings.around.selinux.booleans.at("httpd_can_network_connect"));
    CHECK(read.settings.around.hosts.at("app.lan").text == "10.0.0.5");
}

TEST_CASE("without settings gatelint looks for itself and takes nothing for complete") {
    const Read read("");
    CHECK(read.wrong() == "");
    CHECK_FALSE(read.settings.around.is_complete);
    CHECK(read.settings.around.discovers);
    CHECK(read.settings.around.backends.empty());
}

TEST_CASE("a misspelt key of the settings is found where it stands") {
    CHECK(Read("# é\ncomplet = true\n").wrong() ==
          "2:1 [complet]: unknown key \"complet\": did you mean \"complete\"?\n");
    CHECK(Read("[[backend]]\nlisten = 80\n  lisen = 81\n").wrong() ==
          "3:3 [lisen]: unknown key \"lisen\" in [[backend]]: did you mean \"listen\"?\n");
    CHECK(Read("[nginx]\nworkers = 1\n").wrong() ==
          "2:1 [workers]: unknown key \"workers\" in [nginx]: expected one of edition, user, "
          "version\n");
}

TEST_CASE("a value of the wrong type or meaning is found where it stands") {
    CHECK(Read("complete = \"yes\"\n").wrong() ==
          "1:12 [\"yes\"]: \"complete\" must be true or false, not a string\n");
    CHECK(Read("[[backend]]\nlisten = 80\nspeaks = \"htp\"\n").wrong() ==
          "3:10 [\"htp\"]: unknown protocol \"htp\": did you mean \"http\"?\n");
    CHECK(Read("[[backend]]\nlisten = 70000\n").wrong() ==
          "2:10 [70000]: 70000 is not a valid port\n");
    CHECK(Read("[[backend]]\nlisten = \"127.0.0.1\"\n").wrong() ==
          "2:10 [\"127.0.0.1\"]: \"127.0.0.1\" has no port\n");
    CHECK(Read("[[backend]]\nlisten = 80\nkill-timeout = \"soon\"\n").wrong() ==
          "3:16 [\"soon\"]: \"kill-timeout\" must be a time such as \"30s\"\n");
    CHECK(Read("[nginx]\nversion = \"new\"\n").wrong() ==
          "2:11 [\"new\"]: invalid version \"new\", expected one such as \"1.29.7\"\n");
    CHECK(Read("[hosts]\nname = \"other\"\n").wrong() ==
          "2:8 [\"other\"]: \"other\" is not an IP address\n");
    CHECK(Read("[selinux]\nmode = \"enforcin\"\n").wrong() ==
          "2:8 [\"enforcin\"]: unknown SELinux mode \"enforcin\": did you mean \"enforcing\"?\n");
    CHECK(Read("backend = 3\n").wrong() ==
          "1:11 [3]: \"backend\" must be an array of tables, [[backend]], not a number\n");
}

TEST_CASE("a backend without an address is found") {
    CHECK(Read("[[backend]]\nname = \"a\"\n").wrong().find("needs \"listen\"") !=
          std::string::npos);
}

TEST_CASE("settings that are no TOML are one finding") {
    const Read read("complete = true\ndiscover = \n[nginx\n");
    REQUIRE(read.findings.size() == 1);
    CHECK(read.findings[0].message.starts_with("invalid TOML: "));
    CHECK(read.sources.position(read.source, read.findings[0].span.begin).line == 2);
    CHECK_FALSE(read.settings.around.is_complete);
}

TEST_CASE("hostile settings end") {
    CHECK(Read("a = " + std::string(10'000, '[')).findings.size() == 1);
    CHECK(Read(std::string("\0\xff\n= =", 6)).findings.size() == 1);
}

TEST_CASE("broken settings are a finding, also where the library asserts that there are none") {
    for (const char* text : {"[,x]\n", "[[\n", "x = [}]\n", "[.a]\n"}) {
        CAPTURE(text);
        CHECK(Read(text).wrong().find("invalid TOML") != std::string::npos);
    }
}

}  // namespace gatelint
