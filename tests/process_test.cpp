#include "surroundings/programs/listening.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>

#include "surroundings/programs/command_line.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// A command in the world that it runs in.
struct World {
    Files files{};
    std::map<std::string, std::string> environment{};
    bool knows_environment = true;
    std::string user = "app";
    std::vector<PassedSocket> sockets{};
};

/// What the command listens on, and all that the listeners point into.
struct Heard {
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    Place place;
    Listening listening;
    std::string command;

    explicit Heard(const std::string& line, const World& world = {}) : command(line) {
        const MemoryReader files(world.files);
        const SourceId source = sources.add("/unit", line);
        Process process;
        process.files = &files;
        process.place = &place;
        process.working_directory = "/srv/app";
        process.user = world.user;
        process.knows_environment = world.knows_environment;
        process.sockets = world.sockets;
        for (const auto& [name, value] : world.environment) process.environment[name] = {value, {}};
        process.span = {source, 0, static_cast<std::uint32_t>(line.size())};
        // Words between blanks; quotes only to keep blanks.
        std::size_t at = 0;
        while (at < line.size()) {
            char quote = '\0';
            std::size_t end = at;
            std::string word;
            while (end < line.size() && (quote != '\0' || line[end] != ' ')) {
                if (line[end] == '\'') {
                    quote = quote == '\0' ? '\'' : '\0';
                } else {
                    word += line[end];
                }
                ++end;
            }
            process.arguments.push_back(
                {word, {source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)}});
            at = end + 1;
        }
        listening = listen(process, reading);
    }

    const Listener& only() const {
        REQUIRE(listening.listeners.size() == 1);
        return listening.listeners.front();
    }
};

/// `http 127.0.0.1:8000 default`, several of them after one another; `+ ?` where there may be more,
/// `unknown program` where gatelint does not know it.
std::string heard(const std::string& line, const World& world = {}) {
    const Heard it(line, world);
    if (!it.listening.is_known_program) return "unknown program";
    std::string text;
    for (const Listener& each : it.listening.listeners) {
        if (!text.empty()) text += ", ";
        text += std::string(each.speaks == Protocol::tcp ? "?" : name_of(each.speaks)) + ' ' +
                to_string(each.at);
        if (each.is_default) text += " default";
    }
    if (!it.listening.is_whole) text += text.empty() ? "?" : " + ?";
    return text;
}

/// `app: 0777`, the group after the owner.
std::string access(const std::string& line, const World& world = {}) {
    const Heard it(line, world);
    const std::optional<SocketAccess>& access = it.only().access;
    if (!access) return "unknown";
    std::string mode;
    for (std::uint32_t shift : {6U, 3U, 0U}) mode += std::to_string(access->mode >> shift & 7U);
    return std::string(access->owner) + ':' + std::string(access->group) + " 0" + mode;
}

/// The text that a listener's place points at.
std::string pointed_at(const std::string& line, const World& world = {}) {
    const Heard it(line, world);
    return std::string(it.sources.text(it.only().where));
}

}  // namespace

TEST_CASE("gunicorn listens where --bind says, in every way to write it") {
    CHECK(heard("gunicorn -b 0.0.0.0:9000 app:app") == "HTTP 0.0.0.0:9000");
    CHECK(heard("gunicorn -b0.0.0.0:9000 app:app") == "HTTP 0.0.0.0:9000");
    CHECK(heard("gunicorn --bind=:9000 app:app") == "HTTP 0.0.0.0:9000");
    CHECK(heard("gunicorn app:app --bind [::]:9000") == "HTTP [::]:9000");
    CHECK(heard("gunicorn -b tcp://10.0.0.1 app:app") == "HTTP 10.0.0.1:8000");
    CHECK(heard("gunicorn -b localhost:9000 app:app") == "HTTP 127.0.0.1:9000");
    CHECK(heard("gunicorn -b unix:/run/a.sock -b 127.0.0.1:1 app:app") ==
          "HTTP unix:/run/a.sock, HTTP 127.0.0.1:1");
    CHECK(heard("gunicorn -b unix:///run/a.sock app:app") == "HTTP unix:/run/a.sock");
    CHECK(heard("gunicorn -b unix:a.sock app:app") == "HTTP unix:/srv/app/a.sock");
    CHECK(heard("gunicorn -b fd://3 app:app") == "?");
    CHECK(heard("gunicorn -b unix:/home/<user>/a.sock app:app") == "?");
    CHECK(heard("gunicorn -b unix:/srv/{{app}}/a.sock app:app") == "?");
}

TEST_CASE("gunicorn without an address listens on 127.0.0.1:8000, or where PORT says") {
    CHECK(heard("gunicorn app:app") == "HTTP 127.0.0.1:8000 default");
    CHECK(heard("gunicorn app:app", {.environment = {{"PORT", "5000"}}}) == "HTTP 0.0.0.0:5000");
    CHECK(heard("gunicorn app:app", {.knows_environment = false}) == "?");
}

TEST_CASE("the command overrides GUNICORN_CMD_ARGS, which overrides gunicorn's file") {
    World world{.files = {{"/srv/app/gunicorn.conf.py", "bind = '127.0.0.1:1'\nworkers = 3\n"}}};
    CHECK(heard("gunicorn app:app", world) == "HTTP 127.0.0.1:1");
    world.environment["GUNICORN_CMD_ARGS"] = "--bind=127.0.0.1:2 --workers 4";
    CHECK(heard("gunicorn app:app", world) == "HTTP 127.0.0.1:2");
    CHECK(heard("gunicorn -b 127.0.0.1:3 app:app", world) == "HTTP 127.0.0.1:3");
    CHECK(Heard("gunicorn app:app", world).only().children->value == 4);
}

TEST_CASE("gunicorn's file is understood as far as it is literal") {
    const auto bound = [](const std::string& text, bool knows_environment = true) {
        return heard("gunicorn -c conf.py app:app", {.files = {{"/srv/app/conf.py", text}},
                                                     .environment = {{"PORT", "7"}},
                                                     .knows_environment = knows_environment});
    };
    CHECK(bound("import os\nbind = [\n  'unix:/run/a.sock',  # here\n  \"[::1]:5\",\n]\n") ==
          "HTTP unix:/run/a.sock, HTTP [::1]:5");
    CHECK(bound("bind = f\"0.0.0.0:{os.environ.get('PORT', '80')}\"\n") == "HTTP 0.0.0.0:7");
    CHECK(bound("bind = \"0.0.0.0:\" + os.getenv('PORT', '80')\n") == "HTTP 0.0.0.0:7");
    CHECK(bound("p = int(os.environ['PORT'])\nbind = f'0.0.0.0:{p}'\n") == "HTTP 0.0.0.0:7");
    CHECK(bound("bind = '0.0.0.0:' + os.getenv('OTHER', '80')\n") == "HTTP 0.0.0.0:80");
    CHECK(bound("bind = '0.0.0.0:' + os.getenv('OTHER', '80')\n", false) == "?");
    CHECK(bound("bind: str = '127.0.0.1' ':3'\n") == "HTTP 127.0.0.1:3");
    CHECK(bound("bind = '127.0.0.1:%d' % 3\n") == "?");
    CHECK(bound("bind = 'a:1'\nif DEBUG:\n    bind = 'b:2'\n") == "?");
    CHECK(bound("bind = 'a:1'\nif DEBUG: bind = 'b:2'\n") == "?");
    CHECK(bound("bind = 'a:1'\nbind += 'b'\n") == "?");
    CHECK(bound("bind = ['a:1']\nbind.append('b:2')\n") == "?");
    CHECK(bound("from settings import *\nbind = 'a:1'\n") == "? a:1");
    CHECK(bound("from settings import bind\n") == "?");
    CHECK(bound("bind = 'a:1'; workers = 3\n") == "?");
    CHECK(bound("bind, workers = 'a:1', 3\n") == "?");
    CHECK(bound("wsgi_app = 'x'\n# bind = 'a:1'\n\"\"\"\nbind = 'b:2'\n\"\"\"\n") ==
          "HTTP 0.0.0.0:7");
    CHECK(bound("def on_exit(server):\n    print(server)\nbind = 'a:1'\n") == "HTTP a:1");
    CHECK(bound("bind = None\n") == "HTTP 0.0.0.0:7");
}

TEST_CASE("a file of gunicorn that is out of sight hides where it listens") {
    CHECK(heard("gunicorn -c /etc/g.py app:app") == "?");
    CHECK(heard("gunicorn -c python:app.conf app:app") == "?");
    CHECK(heard("gunicorn -c /etc/g.py -b 127.0.0.1:1 app:app") == "? 127.0.0.1:1");
}

TEST_CASE("gunicorn kills sync workers only, and keeps connections with others only") {
    const Heard sync("gunicorn -t 60 --backlog 9 app:app");
    CHECK(sync.only().kill_timeout->value == 60'000);
    CHECK(sync.sources.text(sync.only().kill_timeout->span) == "60");
    CHECK(sync.only().backlog->value == 9);
    CHECK_FALSE(sync.only().idle_timeout);
    CHECK(Heard("gunicorn app:app").only().kill_timeout->value == 30'000);
    CHECK_FALSE(Heard("gunicorn -t 0 app:app").only().kill_timeout);
    for (const char* options :
         {"--threads 4", "-k gthread", "-k gevent", "-k uvicorn.workers.UvicornWorker"}) {
        const Heard other(std::string("gunicorn ") + options + " app:app");
        CHECK_FALSE(other.only().kill_timeout);
        CHECK(other.only().idle_timeout->value == 2'000);
    }
}

TEST_CASE("gunicorn speaks TLS with a certificate") {
    CHECK(heard("gunicorn --certfile c.pem --keyfile k.pem app:app") ==
          "HTTPS 127.0.0.1:8000 default");
    CHECK(heard("gunicorn app:app",
                {.files = {{"/srv/app/gunicorn.conf.py", "certfile = '/c.pem'\n"}}}) ==
          "HTTPS 127.0.0.1:8000 default");
}

TEST_CASE("gunicorn speaks uwsgi where its protocol says so") {
    CHECK(Heard("gunicorn --protocol uwsgi app:app").listening.listeners.at(0).speaks ==
          Protocol::uwsgi);
    CHECK(Heard("gunicorn --protocol=http app:app").listening.listeners.at(0).speaks ==
          Protocol::http);
    CHECK(Heard("gunicorn app:app",
                {.files = {{"/srv/app/gunicorn.conf.py", "protocol = 'uwsgi'\n"}}})
              .listening.listeners.at(0)
              .speaks == Protocol::uwsgi);
    CHECK(Heard("gunicorn app:app",
                {.files = {{"/srv/app/gunicorn.conf.py", "protocol = choose()\n"}}})
              .listening.listeners.at(0)
              .speaks == Protocol::tcp);
    CHECK(Heard("gunicorn --http2-cleartext on app:app").listening.listeners.at(0).speaks ==
          Protocol::tcp);
}

TEST_CASE("gunicorn makes its socket below its own umask, for its user") {
    CHECK(access("gunicorn -b unix:/a app:app") == "app: 0777");
    CHECK(access("gunicorn -b unix:/a -m 007 app:app") == "app: 0770");
    CHECK(access("gunicorn -b unix:/a -m 7 app:app") == "app: 0770");
    CHECK(access("gunicorn -b unix:/a -u www-data app:app", {.user = "root"}) ==
          "www-data:root 0777");
    CHECK(access("gunicorn -b unix:/a -g www-data -m 0117 app:app") == "app:www-data 0660");
    CHECK(access("gunicorn -b unix:/a -m 007 app:app", {.user = ""}) == "unknown");
    CHECK(access("gunicorn -b unix:/a app:app", {.user = ""}) == ": 0777");
}

TEST_CASE("gunicorn looks at no address when it is given sockets") {
    World world;
    PassedSocket socket;
    socket.at = parse_url("unix:/run/g.sock", false).address;
    world.sockets = {socket};
    CHECK(heard("gunicorn -b 127.0.0.1:1 app:app", world) == "HTTP unix:/run/g.sock");
}

TEST_CASE("the place of a listener is the word that says it") {
    CHECK(pointed_at("gunicorn --bind=0.0.0.0:9000 app:app") == "0.0.0.0:9000");
    CHECK(pointed_at("gunicorn --bind 0.0.0.0:9000 app:app") == "0.0.0.0:9000");
    CHECK(pointed_at("gunicorn app:app") == "gunicorn app:app");
    CHECK(pointed_at("sh -c 'exec gunicorn -b 0.0.0.0:9 app:app'") == "0.0.0.0:9");
    CHECK(pointed_at("gunicorn app:app",
                     {.files = {{"/srv/app/gunicorn.conf.py", "bind = '127.0.0.1:1'\n"}}}) ==
          "'127.0.0.1:1'");
}

TEST_CASE("wrappers are looked through") {
    for (const char* wrapper : {"exec",
                                "env A=b C=d",
                                "env -u X",
                                "A=b",
                                "sudo -u www-data",
                                "sudo -E -u www-data --",
                                "tini --",
                                "/sbin/tini -g --",
                                "dumb-init",
                                "dumb-init --",
                                "gosu www-data",
                                "su-exec www-data:www-data",
                                "poetry run",
                                "pipenv run",
                                "uv run",
                                "uv run --no-dev",
                                "python -m",
                                "/srv/venv/bin/python3 -u -m",
                                "python3.11 /srv/venv/bin/",
                                "nohup",
                                "newrelic-admin run-program",
                                "ddtrace-run",
                                "opentelemetry-instrument",
                                "docker-php-entrypoint",
                                "nice -n 5",
                                "conda run -n web",
                                "runuser -u app --",
                                "sh wait-for-it.sh db:5432 --",
                                "wait-for-it.sh db:5432 -t 3 --"}) {
        CAPTURE(wrapper);
        const std::string line = std::string(wrapper) + " gunicorn -b 127.0.0.1:1 app:app";
        const bool joins = std::string_view(wrapper).ends_with('/');
        const bool is_script = std::string_view(wrapper).starts_with("sh ");
        CHECK(heard(joins ? std::string(wrapper) + "gunicorn -b 127.0.0.1:1 app:app" : line) ==
              (is_script ? "unknown program" : "HTTP 127.0.0.1:1"));
    }
    CHECK(heard("bundle exec puma -b tcp://127.0.0.1:1") == "HTTP 127.0.0.1:1");
    CHECK(heard("npx -y next start -p 4000") == "HTTP [::]:4000");
    CHECK(heard("pnpm exec next start -p 4000") == "HTTP [::]:4000");
    CHECK(heard("yarn next start -p 4000") == "HTTP [::]:4000");
    CHECK(heard("npm start") == "unknown program");
}

TEST_CASE("of a line for the shell the last command counts, where it can be told") {
    CHECK(heard("sh -c 'gunicorn -b 127.0.0.1:$PORT app:app'", {.environment = {{"PORT", "5"}}}) ==
          "HTTP 127.0.0.1:5");
    CHECK(heard("sh -c 'gunicorn -b 127.0.0.1:${PORT:-6} app:app'") == "HTTP 127.0.0.1:6");
    CHECK(heard("sh -c 'gunicorn -b 127.0.0.1:${PORT:-6} app:app'", {.knows_environment = false}) ==
          "?");
    CHECK(heard("bash -lc 'cd /opt/x && exec gunicorn -b unix:x.sock app:app'") ==
          "HTTP unix:/opt/x/x.sock");
    CHECK(heard("/bin/sh -c 'python manage.py migrate && gunicorn -b 127.0.0.1:1 app:app'") ==
          "HTTP 127.0.0.1:1");
    CHECK(heard("sh -c 'PORT=9 gunicorn app:app'") == "HTTP 0.0.0.0:9");
    CHECK(heard("sh -c 'gunicorn app:app | tee log'") == "unknown program");
    CHECK(heard("su - app -c 'gunicorn -b 127.0.0.1:1 app:app'") == "HTTP 127.0.0.1:1");
    CHECK(heard("gunicorn $OPTIONS app:app", {.environment = {{"OPTIONS", "-b 127.0.0.1:1"}}}) ==
          "HTTP 127.0.0.1:1");
    CHECK(heard("gunicorn $OPTIONS app:app", {.knows_environment = false}) == "?");
    CHECK(heard("start.sh") == "unknown program");
    CHECK(heard("sh start.sh") == "unknown program");
    CHECK(heard("sh") == "unknown program");
    CHECK(heard("") == "unknown program");
}

TEST_CASE("who works is what the wrapper says") {
    CHECK(Heard("sudo -u www-data gunicorn app:app").only().user == "www-data");
    CHECK(Heard("gosu a:b gunicorn app:app").only().user == "a");
    CHECK(Heard("su -s /bin/sh a -c 'gunicorn app:app'").only().user == "a");
    CHECK(Heard("gunicorn -u x app:app").only().user == "x");
    CHECK(Heard("gunicorn app:app").only().user == "app");
}

TEST_CASE("servers of Python listen where their options and variables say") {
    CHECK(heard("uvicorn app:app") == "HTTP 127.0.0.1:8000 default");
    CHECK(heard("uvicorn app:app --host 0.0.0.0") == "HTTP 0.0.0.0:8000");
    CHECK(heard("uvicorn app:app --port 81", {.environment = {{"UVICORN_HOST", "::"}}}) ==
          "HTTP [::]:81");
    CHECK(heard("uvicorn app:app --uds /run/u.sock") == "HTTP unix:/run/u.sock");
    CHECK(access("uvicorn app:app --uds /run/u.sock") == "app: 0666");
    CHECK(heard("uvicorn app:app --fd 3") == "?");
    CHECK(heard("uvicorn app:app --ssl-keyfile k --ssl-certfile c") ==
          "HTTPS 127.0.0.1:8000 default");
    CHECK(heard("uvicorn app:app --port 81", {.knows_environment = false}) == "?");
    CHECK(Heard("uvicorn app:app").only().idle_timeout->value == 5'000);
    CHECK(heard("hypercorn app:app") == "HTTP 127.0.0.1:8000 default");
    CHECK(heard("hypercorn -b 0.0.0.0:443 --certfile c --keyfile k --insecure-bind :80 app:app") ==
          "HTTPS 0.0.0.0:443, HTTP 127.0.0.1:80");
    CHECK(heard("hypercorn -c h.toml app:app") == "?");
    CHECK(heard("daphne app:app") == "HTTP 127.0.0.1:8000 default");
    CHECK(heard("daphne -b 0.0.0.0 app:app") == "HTTP 0.0.0.0:8000");
    CHECK(heard("daphne -p 81 -u /run/d.sock app:app") ==
          "HTTP 127.0.0.1:81, HTTP unix:/run/d.sock");
    CHECK(heard("daphne -e tcp:port=81:interface=10.0.0.1 -e unix:/d app:app") ==
          "HTTP 10.0.0.1:81, HTTP unix:/d");
    CHECK(heard("waitress-serve app:app") == "HTTP 0.0.0.0:8080 default");
    CHECK(heard("waitress-serve --listen=*:81 --listen=127.0.0.1:82 app:app") ==
          "HTTP [::]:81, HTTP 127.0.0.1:82");
    CHECK(access("waitress-serve --unix-socket=/w app:app") == "app: 0600");
    CHECK(heard("flask run") == "HTTP 127.0.0.1:5000 default");
    CHECK(heard("flask --app x run -h 0.0.0.0 -p 81") == "HTTP 0.0.0.0:81");
    CHECK(heard("flask run --host=0.0.0.0", {.environment = {{"FLASK_RUN_PORT", "82"}}}) ==
          "HTTP 0.0.0.0:82");
    CHECK(heard("flask run", {.files = {{"/srv/app/.flaskenv", "FLASK_RUN_PORT=1\n"}}}) == "?");
    CHECK(heard("flask db upgrade") == "unknown program");
    CHECK(heard("python manage.py runserver") == "HTTP 127.0.0.1:8000 default");
    CHECK(heard("python manage.py runserver 0:81") == "HTTP 0.0.0.0:81");
    CHECK(heard("./manage.py runserver 81") == "HTTP 127.0.0.1:81");
    CHECK(heard("python manage.py runserver [::]:81") == "HTTP [::]:81");
    CHECK(heard("python manage.py migrate") == "unknown program");
    CHECK(heard("fastapi run main.py") == "HTTP 0.0.0.0:8000 default");
    CHECK(heard("fastapi dev main.py --port 81") == "HTTP 127.0.0.1:81");
    CHECK(heard("python app.py") == "unknown program");
}

TEST_CASE("uWSGI's command gives its options in order") {
    CHECK(heard("uwsgi -s /run/u.sock -M --chmod-socket=660 -w app") == "uwsgi unix:/run/u.sock");
    CHECK(heard("uwsgi --http-socket :81 --master") == "HTTP 0.0.0.0:81");
    CHECK(heard("uwsgi --master /srv/app/u.ini",
                {.files = {{"/srv/app/u.ini", "[uwsgi]\nsocket = 127.0.0.1:3031\n"}}}) ==
          "uwsgi 127.0.0.1:3031");
}

TEST_CASE("servers of Ruby listen where their options say, unless a file may say so") {
    CHECK(heard("puma -b tcp://0.0.0.0:3000") == "HTTP 0.0.0.0:3000");
    CHECK(heard("puma -p 3000") == "HTTP [::]:3000");
    CHECK(heard("puma") == "HTTP [::]:9292 default");
    CHECK(heard("puma", {.files = {{"/srv/app/config/puma.rb",
                                    "bind 'tcp://127.0.0.1:3000'\n"}}}) == "HTTP 127.0.0.1:3000");
    CHECK(heard("puma -p 81", {.files = {{"/srv/app/config/puma.rb", "port 3000\n"}}}) ==
          "HTTP [::]:81");
    CHECK(heard("unicorn -c u.rb", {.files = {{"/srv/app/u.rb", "listen '127.0.0.1:81'\n"}}}) ==
          "HTTP 127.0.0.1:81");
    CHECK(heard("puma -C config/puma.rb") == "?");
    CHECK(heard("puma -b ssl://0.0.0.0:9?key=k&cert=c") == "HTTPS 0.0.0.0:9");
    CHECK(heard("puma -b unix:///run/p.sock") == "HTTP unix:/run/p.sock");
    CHECK(access("puma -b unix:///run/p.sock") == "app: 0777");
    CHECK(access("puma -b unix:///run/p.sock?umask=0117") == "app: 0660");
    CHECK(heard("unicorn") == "HTTP 0.0.0.0:8080 default");
    CHECK(heard("unicorn -l 127.0.0.1:3000 -E production") == "HTTP 127.0.0.1:3000");
    CHECK(heard("unicorn -c config/unicorn.rb") == "?");
    CHECK(heard("bin/rails server -b 0.0.0.0 -p 81") == "HTTP 0.0.0.0:81");
    CHECK(heard("bundle exec rails s -b 0.0.0.0") == "HTTP 0.0.0.0:3000");
    CHECK(heard("rails s") == "?");
    CHECK(heard("rails db:migrate") == "unknown program");
}

TEST_CASE("frameworks of Node listen where their commands say") {
    CHECK(heard("node server.js", {.environment = {{"PORT", "3000"}}}) == "?");
    CHECK(heard("next start") == "HTTP [::]:3000 default");
    CHECK(heard("next start", {.environment = {{"PORT", "81"}}}) == "HTTP [::]:81");
    CHECK(heard("next start -H 127.0.0.1 -p 82") == "HTTP 127.0.0.1:82");
    CHECK(heard("next start", {.knows_environment = false}) == "?");
    CHECK(heard("next build") == "unknown program");
    CHECK(heard("vite") == "HTTP localhost:5173 default");
    CHECK(heard("vite preview --host --port 81") == "HTTP [::]:81");
    CHECK(heard("vite", {.files = {{"/srv/app/vite.config.ts", ""}}}) == "?");
    CHECK(heard("vite build") == "unknown program");
    CHECK(heard("ng serve --host 0.0.0.0 --port 81") == "HTTP 0.0.0.0:81");
    CHECK(heard("ng serve") == "?");
    CHECK(heard("serve -s build -l 81") == "HTTP [::]:81");
    CHECK(heard("http-server -p 81 -a 127.0.0.1") == "HTTP 127.0.0.1:81");
}

TEST_CASE("PHP, .NET and Java listen where their commands say") {
    CHECK(heard("php -S 0.0.0.0:81 -t public") == "HTTP 0.0.0.0:81");
    CHECK(heard("php artisan serve") == "HTTP 127.0.0.1:8000 default");
    CHECK(heard("php artisan serve --host=0.0.0.0 --port=81") == "HTTP 0.0.0.0:81");
    CHECK(heard("php artisan serve", {.files = {{"/srv/app/.env", "SERVER_PORT=1\n"}}}) == "?");
    CHECK(heard("php artisan octane:start --host=0.0.0.0") == "HTTP 0.0.0.0:8000");
    CHECK(heard("php artisan queue:work") == "unknown program");
    CHECK(heard("php index.php") == "unknown program");
    CHECK(heard("/usr/sbin/php-fpm8.2 -F -y /etc/php/8.2/fpm/php-fpm.conf",
                {.files = {{"/etc/php/8.2/fpm/php-fpm.conf",
                            "[www]\nlisten = 127.0.0.1:9000\n"}}}) == "FastCGI 127.0.0.1:9000");
    CHECK(heard("php-fpm8.2",
                {.files = {{"/etc/php/8.2/fpm/php-fpm.conf", "[www]\nlisten = /run/p.sock\n"}}}) ==
          "FastCGI unix:/run/p.sock");
    CHECK(heard("php-fpm") == "?");
    CHECK(heard("dotnet App.dll --urls http://+:81;https://localhost:82") ==
          "HTTP [::]:81, HTTPS localhost:82 + ?");
    CHECK(heard("/srv/app/App", {.environment = {{"ASPNETCORE_URLS", "http://127.0.0.1:81"}}}) ==
          "HTTP 127.0.0.1:81 + ?");
    CHECK(heard("dotnet App.dll", {.environment = {{"ASPNETCORE_HTTP_PORTS", "8080"}}}) ==
          "HTTP [::]:8080 + ?");
    CHECK(heard("java -Dserver.port=81 -jar app.jar") == "? [::]:81 + ?");
    CHECK(heard("java -jar app.jar --server.port=82") == "? [::]:82 + ?");
    CHECK(heard("java -jar app.jar") == "?");
}

TEST_CASE("hostile commands end") {
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "exec env sh -c ";
    CHECK(heard(deep) == "unknown program");
    std::string long_line = "env";
    for (int i = 0; i < 300'000; ++i) long_line += " -x";
    CHECK(heard(long_line) == "unknown program");
    const std::string brackets(60'000, '[');
    CHECK(heard("gunicorn app:app",
                {.files = {{"/srv/app/gunicorn.conf.py", "bind = " + brackets}}}) == "?");
    CHECK(heard("gunicorn app:app", {.files = {{"/srv/app/gunicorn.conf.py",
                                                "bind = f'" + std::string(60'000, '{')}}}) == "?");
}

TEST_CASE("npm start listens where the script of package.json does") {
    const World world{{{"/srv/app/package.json",
                        R"({"scripts": {"start": "npm run web", "web": "gunicorn -b :8001 a",
                            "dev": "next dev -p 3001", "loop": "yarn loop",
                            "chain": "npm run build && node a.js"}})"},
                       {"/srv/web/package.json", R"({"scripts": {"start": "next start"}})"}},
                      {{"PORT", "4000"}}};
    CHECK(heard("npm start", world) == "HTTP 0.0.0.0:8001");
    CHECK(heard("npm --prefix /srv/web start", world) == "HTTP [::]:4000");
    CHECK(heard("yarn dev -p 3002", world) == "HTTP [::]:3002");
    CHECK(heard("pnpm run dev", world) == "HTTP [::]:3001");
    CHECK(heard("sh -c 'cd ../web && npm start'", world) == "HTTP [::]:4000");
    CHECK(heard("npm run loop", world) == "unknown program");
    CHECK(heard("npm run build", world) == "unknown program");
    CHECK(pointed_at("pnpm run dev", world) == "3001");
}

}  // namespace gatelint
