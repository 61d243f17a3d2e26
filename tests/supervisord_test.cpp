#include "surroundings/host/supervisord.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "surroundings/programs/service_managers.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// A supervisord, and what it points into.
struct Read {
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    MemoryReader files;
    Supervisord supervisord;
    std::vector<Listening> listening;  ///< of each program

    explicit Read(const Files& texts) : files(texts) {
        Process parent;
        parent.knows_environment = true;
        parent.environment["PORT"] = {"7", {}};
        parent.user = parent.group = "root";
        parent.working_directory = "/srv";
        supervisord = read_supervisord("/etc/supervisord.conf", parent, files, reading);
        for (const SupervisedProgram& program : supervisord.programs) {
            listening.push_back(listen_to(program, reading));
        }
    }

    std::string listeners() const {
        std::string text;
        for (std::size_t i = 0; i < listening.size(); ++i) {
            for (const Listener& each : listening[i].listeners) {
                if (!text.empty()) text += ", ";
                text += supervisord.programs[i].name + " at " + to_string(each.at);
            }
        }
        return text;
    }
};

std::string listeners(const std::string& text) {
    return Read(Files{{"/etc/supervisord.conf", text}}).listeners();
}

std::string access(const std::string& text) {
    const Read read(Files{{"/etc/supervisord.conf", text}});
    REQUIRE(read.listening.size() == 1);
    REQUIRE(read.listening[0].listeners.size() == 1);
    const std::optional<SocketAccess>& access = read.listening[0].listeners[0].access;
    if (!access) return "unknown";
    std::string mode;
    for (std::uint32_t shift : {6U, 3U, 0U}) mode += std::to_string(access->mode >> shift & 7U);
    return std::string(access->owner) + ':' + std::string(access->group) + " 0" + mode;
}

}  // namespace

TEST_CASE("programs of supervisord listen where their commands say") {
    CHECK(listeners("[program:web]\ncommand = gunicorn -b 127.0.0.1:1 a ; here\n") ==
          "program web at 127.0.0.1:1");
    CHECK(listeners("[program:web]\nCommand: gunicorn\n  -b 127.0.0.1:1\n  a\n") ==
          "program web at 127.0.0.1:1");
    CHECK(listeners(";[program:web]\n[program:x]\n#command=gunicorn -b 127.0.0.1:1 a\n") == "");
    CHECK(listeners("[program:web]\ncommand=gunicorn -b unix:a.sock a\ndirectory=/opt/x\n") ==
          "program web at unix:/opt/x/a.sock");
    CHECK(listeners("[program:web]\ncommand=bash -c 'exec gunicorn -b 127.0.0.1:$P a'\n"
                    "environment=A=\"b,c\",P=\"5\"\n") == "program web at 127.0.0.1:5");
    CHECK(listeners("[supervisord]\nenvironment=P=6\n[program:web]\n"
                    "command=gunicorn -b 127.0.0.1:%(ENV_P)s a\n") == "program web at 127.0.0.1:6");
    CHECK(listeners("[program:web]\ncommand=gunicorn -b 127.0.0.1:%(ENV_PORT)s a\n") ==
          "program web at 127.0.0.1:7");
    CHECK(listeners("[program:web]\ncommand=gunicorn -b 127.0.0.1:%(ENV_NONE)s a\n") == "");
    CHECK(listeners("[program:web]\ncommand=gunicorn -b 127.0.0.1:80%(process_num)02d a\n"
                    "numprocs=2\n") ==
          "program web at 127.0.0.1:8000, program web at 127.0.0.1:8001");
}

TEST_CASE("the place of a supervised listener is the word that says it") {
    const Read read(Files{
        {"/etc/supervisord.conf", "[program:web]\ncommand=gunicorn\n  -b 127.0.0.1:1\n  a\n"}});
    REQUIRE(read.supervisord.programs.size() == 1);
    const Listener& listener = read.listening[0].listeners.at(0);
    CHECK(read.sources.text(listener.where) == "127.0.0.1:1");
    CHECK(read.sources.text(listener.section) == "[program:web]");
}

TEST_CASE("supervisord takes in other files") {
    const Files files = {
        {"/etc/supervisord.conf", "[include]\nfiles = conf.d/*.conf other.ini\n"},
        {"/etc/conf.d/a.conf", "[program:a]\ncommand=gunicorn -b unix:%(here)s/a.sock a\n"},
        {"/etc/other.ini", "[program:b]\ncommand=gunicorn -b 127.0.0.1:2 a\nuser=app\n"},
        {"/etc/conf.d/c.ini", "[program:c]\ncommand=gunicorn -b 127.0.0.1:3 a\n"}};
    const Read read(files);
    CHECK(read.listeners() == "program a at unix:/etc/conf.d/a.sock, program b at 127.0.0.1:2");
    CHECK(read.listening[1].listeners[0].user == "app");
}

TEST_CASE("supervisord opens sockets itself") {
    const std::string fastcgi = "[fcgi-program:php]\ncommand=php-cgi\nsocket=";
    CHECK(listeners(fastcgi + "unix:///run/p.sock\n") == "fcgi-program php at unix:/run/p.sock");
    CHECK(listeners(fastcgi + "tcp://localhost:9002\n") == "fcgi-program php at localhost:9002");
    CHECK(access(fastcgi + "unix:///run/p.sock\n") == "root:root 0700");
    CHECK(access(fastcgi + "unix:///run/p.sock\nuser=www\nsocket_mode=0660\n") == "www: 0660");
    CHECK(access(fastcgi + "unix:///run/p.sock\nsocket_owner=a:b\n") == "a:b 0700");
    CHECK(listeners("[inet_http_server]\nport=*:9001\n") == "inet_http_server at 0.0.0.0:9001");
    CHECK(access("[unix_http_server]\nfile=/run/s.sock\nchmod=0770\nchown=a:b\n") == "a:b 0770");
}

TEST_CASE("a supervisord that runs itself ends") {
    Sources sources;
    Arena arena;
    Reading reading(sources, arena);
    const MemoryReader files(Files{{"/s.conf",
                                    "[program:a]\ncommand=supervisord -c /s.conf\n"
                                    "[program:b]\ncommand=gunicorn -b 127.0.0.1:1 a\n"}});
    Process process;
    process.files = &files;
    process.arguments = {{"supervisord", {}}, {"-c", {}}, {"/s.conf", {}}};
    const Listening listening = listen(process, reading);
    CHECK(listening.listeners.size() == 1);
    CHECK_FALSE(listening.is_whole);
}

}  // namespace gatelint
