#include "surroundings/host/systemd.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "surroundings/formats/unit_file.hpp"
#include "surroundings/programs/service_managers.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// The units among some files, and what they point into.
struct Read {
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    Place host;
    MemoryReader files;
    Systemd systemd;

    explicit Read(const Files& texts, bool complete = true) : files(texts, complete) {
        std::vector<std::string> paths;
        for (const auto& [path, text] : texts) paths.push_back(path);
        systemd = read_systemd(paths, files, &host, reading);
        listen_to(systemd, reading);
    }

    std::string listeners() const {
        std::string text;
        for (const Listener& each : systemd.listeners) {
            if (!text.empty()) text += ", ";
            text += each.name + " at " + to_string(each.at);
        }
        return text;
    }

    const SystemdUnit& only() const {
        REQUIRE(systemd.units.size() == 1);
        return systemd.units.front();
    }

    std::string access() const {
        REQUIRE(systemd.listeners.size() == 1);
        const std::optional<SocketAccess>& access = systemd.listeners.front().access;
        if (!access) return "unknown";
        std::string mode;
        for (std::uint32_t shift : {6U, 3U, 0U}) {
            mode += std::to_string(access->mode >> shift & 7U);
        }
        return std::string(access->owner) + ':' + std::string(access->group) + " 0" + mode;
    }
};

constexpr const char* app = "/etc/systemd/system/app.service";

Read read_service(const std::string& settings) {
    return Read(Files{{app, "[Unit]\nDescription=x\n[Service]\n" + settings}});
}

/// Where a service listens with this ExecStart and more settings.
std::string heard(const std::string& settings) {
    const Read read = read_service(settings);
    std::string text;
    for (const Listener& each : read.systemd.listeners) {
        if (!text.empty()) text += ", ";
        text += to_string(each.at);
    }
    return text.empty() && !read.systemd.half_known.empty() ? "?" : text;
}

}  // namespace

TEST_CASE("a unit file is settings below headings, continued by a backslash") {
    const std::string text =
        "# x\n[Service]\n; y\n A = b c \nB=one \\\n  # hidden\n  two\\\nthree\nnonsense\nC=\n";
    const std::vector<UnitSetting> settings = parse_unit_file(text, SourceId{0});
    REQUIRE(settings.size() == 3);
    CHECK(settings[0].section == "Service");
    CHECK(settings[0].key == "A");
    CHECK(settings[0].value == "b c");
    CHECK(settings[1].value == "one  two three");
    CHECK(settings[2].value.empty());
    const auto at = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
    CHECK(at(settings[0].heading) == "[Service]");
    CHECK(at(settings[0].whole().span) == "b c");
    const std::vector<Value> words = split_unit_words(settings[1]);
    REQUIRE(words.size() == 3);
    CHECK(at(words[1].span) == "two");
    CHECK(at(words[2].span) == "three");
}

TEST_CASE("words of a unit lose their quotes and escapes") {
    const std::vector<UnitSetting> settings =
        parse_unit_file("[Service]\nA='a b' \"c'd\" e\\x20f g\\sh i\"j k\"l\n", SourceId{0});
    REQUIRE(settings.size() == 1);
    std::string joined;
    for (const Value& word : split_unit_words(settings[0])) joined += '<' + word.text + '>';
    CHECK(joined == "<a b><c'd><e f><g h><ij kl>");
}

TEST_CASE("a service listens where its command says") {
    CHECK(Read(Files{{app,
                      "[Service]\nExecStart=/srv/venv/bin/gunicorn \\\n    --bind "
                      "unix:/run/app.sock \\\n    app:app\n"}})
              .listeners() == "gunicorn (unit app.service) at unix:/run/app.sock");
    CHECK(heard("ExecStart=-/usr/bin/gunicorn -b 127.0.0.1:1 a\n") == "127.0.0.1:1");
    CHECK(heard("ExecStart=@/usr/bin/gunicorn gunicorn -b 127.0.0.1:1 a\n") == "127.0.0.1:1");
    CHECK(heard("ExecStart=\"/usr/bin/gunicorn\" '-b' 127.0.0.1:1 a\n") == "127.0.0.1:1");
    CHECK(heard("ExecStart=/usr/bin/gunicorn -b 127.0.0.1:1 a\nExecStart=\n") == "");
    CHECK(heard("ExecStart=/bin/sh -c 'cd /x && exec gunicorn -b unix:a.sock a'\n") ==
          "unix:/x/a.sock");
    CHECK(heard("ExecStart=gunicorn -b unix:%t/%N/a.sock a\n") == "unix:/run/app/a.sock");
    CHECK(heard("ExecStart=gunicorn -b unix:a.sock a\nWorkingDirectory=/srv\n") ==
          "unix:/srv/a.sock");
    CHECK(heard("ExecStart=gunicorn a\n") == "127.0.0.1:8000");
    CHECK(heard("ExecStart=/srv/app\n") == "");
    CHECK(heard("ExecStart=/usr/bin/node app.js\n") == "?");
}

TEST_CASE("the environment of a service fills in its command") {
    const std::string start = "ExecStart=gunicorn -b 127.0.0.1:${PORT} a\n";
    CHECK(heard(start + "Environment=PORT=5\n") == "127.0.0.1:5");
    CHECK(heard(start + "Environment=\"A=b c\" \"PORT=5\"\nEnvironment=PORT=6\n") == "127.0.0.1:6");
    CHECK(heard(start + "Environment=PORT=5\nEnvironmentFile=/etc/app.env\n") == "?");
    CHECK(heard(start + "Environment=PORT=5\nEnvironmentFile=-/etc/app.env\n") == "127.0.0.1:5");
    const Files files = {
        {app, "[Service]\n" + start + "Environment=PORT=5\nEnvironmentFile=/etc/app.env\n"},
        {"/etc/app.env", "# x\nPORT=\"7\"\n"}};
    CHECK(Read(files).listeners() == "gunicorn (unit app.service) at 127.0.0.1:7");
    CHECK(heard("ExecStart=gunicorn $ARGS a\nEnvironment=\"ARGS=-b 127.0.0.1:8\"\n") ==
          "127.0.0.1:8");
    CHECK(heard("ExecStart=/bin/sh -c 'gunicorn -b 127.0.0.1:$$PORT a'\nEnvironment=PORT=9\n") ==
          "127.0.0.1:9");
}

TEST_CASE("drop-ins come after the unit, in the order of their names") {
    const std::string dir = "/etc/systemd/system/app.service.d/";
    Files files = {
        {"/usr/lib/systemd/system/app.service",
         "[Service]\nExecStart=gunicorn -b 127.0.0.1:1 a\nUser=x\n"},
        {dir + "10-a.conf", "[Service]\nExecStart=\nExecStart=gunicorn -b 127.0.0.1:2 a\n"},
        {dir + "20-b.conf", "[Service]\nUser=y\nPrivateTmp=yes\n"},
        {dir + "20-b.conf~", "[Service]\nUser=z\n"}};
    const Read read(files);
    CHECK(read.listeners() == "gunicorn (unit app.service) at 127.0.0.1:2");
    CHECK(read.only().user->text == "y");
    CHECK(read.only().private_tmp);
    files[app] = "[Service]\nExecStart=gunicorn -b 127.0.0.1:3 a\n";
    files.erase(dir + "10-a.conf");
    CHECK(Read(files).listeners() == "gunicorn (unit app.service) at 127.0.0.1:3");
}

TEST_CASE("drop-ins alone are a unit of which nothing else is known") {
    Sources sources;
    Arena arena;
    Reading reading(sources, arena);
    const MemoryReader files(
        Files{{"/srv/nginx.service.d/limits.conf", "[Service]\nLimitNOFILE=4096\n"}});
    const Systemd systemd =
        read_systemd({"/srv/nginx.service", "/srv/other.service"}, files, nullptr, reading);
    REQUIRE(systemd.units.size() == 1);
    CHECK(systemd.units.front().name == "nginx.service");
    CHECK(systemd.units.front().descriptors->value == 4096);
    CHECK(systemd.listeners.empty());
}

TEST_CASE("of an instance that has no name only some specifiers are known") {
    const auto heard_as = [](const std::string& name) {
        return Read(Files{{"/etc/systemd/system/" + name,
                           "[Service]\nExecStart=gunicorn -b unix:/run/%i.sock a\n"}})
            .listeners();
    };
    CHECK(heard_as("app@.service") == "");
    CHECK(heard_as("app@one.service") == "gunicorn (unit app@one.service) at unix:/run/one.sock");
}

TEST_CASE("facts of a service are what is in force last") {
    const Read read = read_service(
        "User=app\nGroup=www-data\nUMask=0007\nRuntimeDirectory=app app/x\n"
        "RuntimeDirectoryMode=0750\nRuntimeDirectoryPreserve=yes\nPrivateTmp=true\n"
        "ProtectHome=tmpfs\nPrivateNetwork=no\nLimitNOFILE=65536:99999\n"
        "ExecStartPre=/bin/mkdir -p /run/x\n");
    const SystemdUnit& unit = read.only();
    CHECK(unit.user->text == "app");
    CHECK(unit.group->text == "www-data");
    CHECK(unit.mode->text == "0007");
    REQUIRE(unit.runtime_directories.size() == 2);
    CHECK(unit.runtime_directories[1].text == "app/x");
    CHECK(unit.runtime_directory_mode->text == "0750");
    CHECK(unit.runtime_directory_preserve->text == "yes");
    CHECK(unit.private_tmp);
    CHECK(unit.protect_home->text == "tmpfs");
    CHECK_FALSE(unit.private_network);
    CHECK(unit.descriptors->value == 65536);
    CHECK(unit.starts_before.size() == 1);
    CHECK(read.sources.text(unit.section) == "[Service]");
    CHECK_FALSE(read_service("PrivateTmp=yes\nPrivateTmp=no\n").only().private_tmp);
    CHECK_FALSE(read_service("PrivateTmp=yes\nPrivateTmp=\n").only().private_tmp);
    CHECK(read_service("PrivateTmp=disconnected\n").only().private_tmp);
    CHECK(read_service("DynamicUser=yes\n").only().private_tmp);
    CHECK(read_service("DynamicUser=yes\n").only().user->text == "app");
}

TEST_CASE("a unit that lies where systemd looks is installed") {
    const Files here = {{"/etc/systemd/system/app.service", "[Service]\n"}};
    const Files elsewhere = {{"/srv/deploy/app.service", "[Service]\n"}};
    CHECK(Read(here).only().is_installed());
    CHECK_FALSE(Read(elsewhere).only().is_installed());
}

TEST_CASE("paths that are bound into a service are those of both settings") {
    const Read read = read_service("BindPaths=/tmp/app /srv/a:/b\nBindReadOnlyPaths=/home/app");
    std::string paths;
    for (const Value& path : read.only().bind_paths) paths += path.text + ' ';
    CHECK(paths == "/tmp/app /srv/a:/b /home/app ");
}

TEST_CASE("a service works as root unless it says otherwise, or is a user's own") {
    const std::string start = "ExecStart=gunicorn -b unix:/run/a.sock -m 007 a\n";
    CHECK(read_service(start).access() == "root:root 0770");
    CHECK(read_service(start + "User=app\n").access() == "app: 0770");
    CHECK(read_service(start + "User=app\nGroup=www\n").access() == "app:www 0770");
    CHECK(read_service(start + "[Install]\nWantedBy=default.target\n").access() == "unknown");
    CHECK(read_service("ExecStart=uvicorn a:a --uds /run/u.sock\nUser=app\n").access() ==
          "app: 0666");
}

TEST_CASE("a service with a network of its own is in another place") {
    const std::string start = "ExecStart=gunicorn -b 127.0.0.1:1 a\n";
    const Read shared = read_service(start);
    CHECK(shared.systemd.listeners.front().place == &shared.host);
    const Read own = read_service(start + "PrivateNetwork=yes\n");
    CHECK(own.systemd.listeners.front().place != &own.host);
    CHECK(own.systemd.listeners.front().place != nullptr);
}

TEST_CASE("a socket listens for its service") {
    const auto read = [](const std::string& socket, const std::string& service) {
        return Read(
                   Files{{"/etc/systemd/system/app.socket", "[Socket]\n" + socket}, {app, service}})
            .listeners();
    };
    const std::string gunicorn = "[Unit]\nRequires=app.socket\n[Service]\nExecStart=gunicorn a\n";
    CHECK(read("ListenStream=/run/app.sock\n", gunicorn) ==
          "gunicorn (unit app.service) at unix:/run/app.sock");
    CHECK(read("ListenStream=8000\n", gunicorn) == "gunicorn (unit app.service) at [::]:8000");
    CHECK(read("ListenStream=127.0.0.1:81\nListenStream=[::1]:81\n", gunicorn) ==
          "gunicorn (unit app.service) at 127.0.0.1:81, "
          "gunicorn (unit app.service) at [::1]:81");
    CHECK(read("ListenStream=81\nListenStream=\nListenStream=82\n", gunicorn) ==
          "gunicorn (unit app.service) at [::]:82");
    // The address of the command does not count then, if the socket comes first for certain.
    CHECK(read("ListenStream=81\n",
               "[Unit]\nRequires=app.socket\n[Service]\nExecStart=gunicorn -b 127.0.0.1:1 a\n") ==
          "gunicorn (unit app.service) at [::]:81");
    CHECK(read("ListenStream=81\n", "[Service]\nExecStart=gunicorn -b 127.0.0.1:1 a\n") ==
          "gunicorn (unit app.service) at [::]:81, gunicorn (unit app.service) at 127.0.0.1:1");
    CHECK(read("ListenStream=/run/x\n", "[Service]\nExecStart=/srv/app\n") ==
          "unit app.service at unix:/run/x");
    CHECK(read("ListenStream=/run/x\nService=other.service\n", "[Service]\nExecStart=/srv/app\n") ==
          "unit app.socket at unix:/run/x");
    CHECK(read("ListenStream=@name\n", gunicorn) ==
          "gunicorn (unit app.service) at "
          "127.0.0.1:8000");
}

TEST_CASE("who may use a socket is what its unit says") {
    const auto access = [](const std::string& settings) {
        return Read(Files{{"/etc/systemd/system/a.socket",
                           "[Socket]\nListenStream=/run/a\n" + settings}})
            .access();
    };
    CHECK(access("") == "root:root 0666");
    CHECK(access("SocketMode=0660\n") == "root:root 0660");
    CHECK(access("SocketUser=www-data\nSocketMode=600\n") == "www-data: 0600");
    CHECK(access("SocketGroup=www-data\n") == "root:www-data 0666");
}

TEST_CASE("a socket of a program that is not known speaks nobody knows what") {
    const Read read(Files{{"/etc/systemd/system/a.socket", "[Socket]\nListenStream=80\n"}});
    CHECK(read.systemd.listeners.front().speaks == Protocol::tcp);
    CHECK(read.systemd.listeners.front().program == Listener::Program::other);
}

}  // namespace gatelint
