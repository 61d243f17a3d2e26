#include "surroundings/programs/uwsgi.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "source/unknown.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// uWSGI that reads /srv/app/uwsgi.ini, or what else a test says.
struct Uwsgi {
    explicit Uwsgi(Files given) : files(std::move(given)) {
        process.files = &files;
        process.working_directory = "/srv/app";
        process.user = "root";
    }

    Listening listen(const std::string& option = "ini",
                     const std::string& value = "/srv/app/uwsgi.ini") {
        return listen_as_uwsgi({{option, {value, {}}}}, process, reading);
    }

    /// One line for each: `uwsgi 127.0.0.1:3031`, and `...` where there may be others.
    std::string addresses(const std::string& option = "ini",
                          const std::string& value = "/srv/app/uwsgi.ini") {
        return text_of(listen(option, value));
    }

    static std::string text_of(const Listening& listening) {
        CHECK(listening.is_known_program);
        std::string lines;
        for (const Listener& one : listening.listeners) {
            CHECK(one.program == Listener::Program::uwsgi);
            lines += fmt::format("{} {}\n", name_of(one.speaks), to_string(one.at));
        }
        return lines + (listening.is_whole ? "" : "...\n");
    }

    MemoryReader files;
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    Process process;
};

/// With these lines in the section `[uwsgi]`.
Uwsgi with(const std::string& settings) {
    return Uwsgi({{"/srv/app/uwsgi.ini", "[uwsgi]\n" + settings}});
}

/// `0660 www-data:www-data` of its only socket.
std::string access_of(const std::string& settings, std::optional<std::uint32_t> umask = {}) {
    Uwsgi uwsgi = with("socket = /run/app.sock\n" + settings);
    uwsgi.process.umask = umask;
    const Listening listening = uwsgi.listen();
    REQUIRE(listening.listeners.size() == 1);
    const std::optional<SocketAccess>& access = listening.listeners[0].access;
    if (!access) return "unknown";
    return fmt::format("{:04o} {}:{}", access->mode, access->owner, access->group);
}

}  // namespace

TEST_CASE("uWSGI listens where its options say, in their protocol") {
    CHECK(with("socket = 127.0.0.1:3031\n").addresses() == "uwsgi 127.0.0.1:3031\n");
    CHECK(with("http-socket = :8080\nsocket=/run/a.sock\n").addresses() ==
          "HTTP 0.0.0.0:8080\nuwsgi unix:/run/a.sock\n");
    CHECK(with("uwsgi-socket = [::1]:3031").addresses() == "uwsgi [::1]:3031\n");
    CHECK(with("fastcgi-socket = localhost:9000").addresses() == "FastCGI localhost:9000\n");
    CHECK(with("scgi-socket = :9000\nhttp = 0.0.0.0:80").addresses() ==
          "SCGI 0.0.0.0:9000\nHTTP 0.0.0.0:80\n");
    CHECK(with("https = :8443,a.crt,a.key\nsuwsgi-socket = :3032,a.crt,a.key").addresses() ==
          "HTTPS 0.0.0.0:8443\nuwsgi over TLS 0.0.0.0:3032\n");
}

TEST_CASE("uWSGI's protocol option is that of its plain sockets") {
    CHECK(with("socket = :8080\nuwsgi-socket = :3031\nprotocol = http").addresses() ==
          "HTTP 0.0.0.0:8080\nuwsgi 0.0.0.0:3031\n");
    CHECK(with("protocol = $(PROTOCOL)\nsocket = :8080").addresses() == "...\n");
}

TEST_CASE("a file's other sections and comments are no settings of uWSGI") {
    const Files files = {{"/srv/app/uwsgi.ini",
                          "[other]\nsocket = :1\n[uwsgi]\n; socket = :2\n  # socket = :3\n"
                          "socket = :4\n[prod]\nsocket = :5\n"}};
    CHECK(Uwsgi(files).addresses() == "uwsgi 0.0.0.0:4\n");
    CHECK(Uwsgi(files).addresses("ini", "uwsgi.ini:prod") == "uwsgi 0.0.0.0:5\n");
}

TEST_CASE("uWSGI's files name other files, and sections of their own") {
    Uwsgi uwsgi({{"/srv/app/uwsgi.ini", "[uwsgi]\nini = base.ini\nini = :more\n[more]\nhttp = :8"},
                 {"/srv/app/base.ini", "[uwsgi]\nsocket = :3031\n"}});
    CHECK(uwsgi.addresses() == "uwsgi 0.0.0.0:3031\nHTTP 0.0.0.0:8\n");
}

TEST_CASE("a settings file of uWSGI that is out of sight may open other sockets") {
    CHECK(with("ini = /etc/uwsgi/base.ini\nsocket = :3031").addresses() ==
          "uwsgi 0.0.0.0:3031\n...\n");
    CHECK(with("ini = uwsgi.ini\nsocket = :3031").addresses().ends_with("...\n"));
    CHECK(with("emperor = /etc/uwsgi/vassals").addresses() == "...\n");
    CHECK(with("module = app\n").addresses() == "...\n");
}

TEST_CASE("uWSGI reads YAML, JSON and XML") {
    Uwsgi uwsgi({{"/srv/app/a.yaml", "uwsgi:\n  socket:\n    - :3031\n    - /run/a.sock\n"},
                 {"/srv/app/a.json", R"({"uwsgi": {"http-socket": "127.0.0.1:8080"}})"},
                 {"/srv/app/a.xml",
                  "<uwsgi id=\"a\">\n  <socket> :3033 </socket>\n"
                  "  <master/>\n</uwsgi>"},
                 {"/srv/app/bad.xml", "<uwsgi><socket>"}});
    CHECK(uwsgi.addresses("yaml", "a.yaml") == "uwsgi 0.0.0.0:3031\nuwsgi unix:/run/a.sock\n");
    CHECK(uwsgi.addresses("json", "a.json") == "HTTP 127.0.0.1:8080\n");
    CHECK(uwsgi.addresses("include", "a.xml") == "uwsgi 0.0.0.0:3033\n");
    CHECK(uwsgi.reading.remarks().empty());
    CHECK(uwsgi.addresses("xml", "bad.xml") == "...\n");
    CHECK(uwsgi.reading.remarks().size() == 1);
}

TEST_CASE("uWSGI fills in what stands for a path, a variable or a setting") {
    CHECK(with("socket = %d%n.sock").addresses() == "uwsgi unix:/srv/app/uwsgi.sock\n");
    CHECK(with("project = shop\nsocket = /run/%(project)/%(project).sock").addresses() ==
          "uwsgi unix:/run/shop/shop.sock\n");
    CHECK(with("socket = /run/%(name).sock\nset = name=later").addresses() ==
          "uwsgi unix:/run/later.sock\n");
    CHECK(with("socket = /run/%(nobody).sock").addresses() == "...\n");
    CHECK(with("socket = :$(PORT)").addresses() == "...\n");
    Uwsgi known = with("socket = :$(PORT)");
    known.process.environment["PORT"] = {"5000", {}};
    CHECK(known.addresses() == "uwsgi 0.0.0.0:5000\n");
}

TEST_CASE("settings of uWSGI below a condition are unknown") {
    CHECK(with("if-env = PORT\nsocket = :%(_)\nendif =\nhttp = :80").addresses() ==
          "HTTP 0.0.0.0:80\n...\n");
    CHECK(with("ifdir = /srv\nchmod-socket = 660\nendif =\nsocket = /a")
              .listen()
              .listeners.at(0)
              .access.has_value() == false);
}

TEST_CASE("a relative socket of uWSGI lies where chdir leads") {
    CHECK(with("socket = app.sock").addresses() == "uwsgi unix:/srv/app/app.sock\n");
    CHECK(with("socket = app.sock\nchdir = /run/app").addresses() ==
          "uwsgi unix:/run/app/app.sock\n");
    CHECK(with("socket = 3031").addresses() == "uwsgi unix:/srv/app/3031\n");
    Uwsgi nowhere = with("socket = app.sock");
    nowhere.process.working_directory.clear();
    CHECK(nowhere.addresses() == "...\n");
}

TEST_CASE("a shared socket of uWSGI lends its address") {
    CHECK(with("shared-socket = :80\nshared-socket = :81\nhttp-socket = =1").addresses() ==
          "HTTP 0.0.0.0:81\n");
    CHECK(with("http-socket = =0").addresses() == "...\n");
}

TEST_CASE("addresses of uWSGI that only run time knows are unknown") {
    CHECK(with("socket = *:3031").addresses() == "...\n");
    CHECK(with("socket = fd://3").addresses() == "...\n");
    CHECK(with("socket = 127.0.0.1:0").addresses() == "...\n");
}

TEST_CASE("uWSGI's socket belongs to who makes it, with what the umask leaves") {
    CHECK(access_of("") == "0755 root:");
    CHECK(access_of("", 077) == "0700 root:");
    CHECK(access_of("umask = 007") == "0770 root:");
    CHECK(access_of("daemonize = /var/log/app.log") == "0777 root:");
    CHECK(access_of("uid = app\ngid = web") == "0755 app:web");
    CHECK(access_of("uid = app") == "0755 app:root");
    CHECK(access_of("uid = app\nmaster-as-root = true") == "0755 root:");
}

TEST_CASE("uWSGI gives its socket the mode and the owner that it is told") {
    CHECK(access_of("chmod-socket = 660") == "0660 root:");
    CHECK(access_of("chmod-socket") == "0666 root:");
    CHECK(access_of("chmod-socket = rw") == "unknown");
    CHECK(access_of("chown-socket = www-data:web\nuid = app\ngid = app") == "0755 www-data:web");
    CHECK(access_of("chown-socket = www-data\nuid = app") == "0755 www-data:root");
}

TEST_CASE("uWSGI's limits have its defaults") {
    const Listening listening = with("socket = :1").listen();
    const Listener& plain = listening.listeners.at(0);
    CHECK(plain.header_limit->value == 4096);
    CHECK_FALSE(plain.header_limit->span.known());
    CHECK(plain.backlog->value == 100);
    CHECK(plain.children->value == 1);
    CHECK_FALSE(plain.kill_timeout);
    Uwsgi uwsgi = with(
        "socket = :1\nharakiri = 30\nbuffer-size = 32768\nprocesses = 4\n"
        "threads = 2\nlisten = 1024\n");
    const Listener written = uwsgi.listen().listeners.at(0);
    CHECK(written.header_limit->value == 32768);
    CHECK(uwsgi.sources.text(written.header_limit->span) == "32768");
    CHECK(uwsgi.sources.text(written.where) == ":1");
    CHECK(uwsgi.sources.text(written.section) == "[uwsgi]");
    CHECK(written.backlog->value == 1024);
    CHECK(written.children->value == 8);
    CHECK(written.kill_timeout->value == 30'000);
}

TEST_CASE("files of uWSGI that hold themselves end, and placeholders do not grow") {
    Uwsgi loop = with("ini = uwsgi.ini\nini = uwsgi.ini\nhttp = :80");
    CHECK(loop.addresses().ends_with("...\n"));
    std::string bomb = "a0 = xxxxxxxxxxxxxxxx\n";
    for (int i = 1; i < 100; ++i) bomb += fmt::format("a{0} = %(a{1})%(a{1})%(a{1})\n", i, i - 1);
    CHECK(with(bomb + "socket = %(a99)").addresses() == "...\n");
}

}  // namespace gatelint
