#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>

#include "surroundings/surroundings.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// What is found around nginx in a repository at /srv.
struct Found {
    Sources sources;
    Surroundings surroundings;

    explicit Found(Files files, const std::string& service = "", Search search = {}) {
        if (!service.empty()) search.place.compose_file = "/srv/compose.yaml";
        search.place.service = service;
        if (search.area.trees.empty()) search.area.trees = {"/srv"};
        const MemoryReader reader(std::move(files), false);
        surroundings = discover(search, reader, sources);
    }

    /// One listener a line: `gunicorn (service app) at 0.0.0.0:8000 (service app)`.
    std::string listeners() const {
        std::string lines;
        for (const Listener& one : surroundings.listeners()) {
            lines += one.name + " at " + to_string(one.at);
            if (one.place != nullptr && !one.place->name.empty()) {
                lines += " (" + one.place->name + ')';
            }
            lines += '\n';
        }
        return lines;
    }

    /// Whether nginx's connection to an address reaches the first listener.
    std::string reach(const std::string& target) const {
        REQUIRE(!surroundings.listeners().empty());
        const Url url = parse_url(target, false);
        REQUIRE(url.error.empty());
        switch (surroundings.reach(url.address, surroundings.listeners().front())) {
            case Reach::yes:
                return "yes";
            case Reach::no:
                return "no";
            case Reach::unknown:
                break;
        }
        return "unknown";
    }
};

std::string project(const std::string& app, const std::string& web = "") {
    return "services:\n  web:\n    image: nginx:1.25\n" + web + "  app:\n" + app;
}

constexpr const char* compose = "/srv/compose.yaml";

}  // namespace

TEST_CASE("a service's command tells where it listens, in a place of its own") {
    const Found found(
        {{compose, project("    image: python:3\n    command: gunicorn -b :8000 app\n")}}, "web");
    CHECK(found.listeners() == "gunicorn (service app) at 0.0.0.0:8000 (service app)\n");
    REQUIRE(found.surroundings.nginx_service() != nullptr);
    CHECK(found.surroundings.nginx_service()->name == "web");
    CHECK(found.surroundings.knows_all_of(*found.surroundings.compose_projects()[0]->find("app")));
    CHECK(!found.surroundings.knows_all_of(*found.surroundings.nginx_service()));
}

TEST_CASE("a container is reached by its name, and not by 127.0.0.1") {
    const Found found(
        {{compose, project("    image: python:3\n    command: gunicorn -b :8000 app\n")}}, "web");
    CHECK(found.reach("app:8000") == "yes");
    CHECK(found.reach("app:8001") == "no");
    CHECK(found.reach("127.0.0.1:8000") == "no");
    CHECK(found.reach("other:8000") == "no");
    CHECK(found.reach("app.example.com:8000") == "unknown");
    CHECK(found.reach("10.0.0.5:8000") == "unknown");
}

TEST_CASE("what listens on a container's own 127.0.0.1 is for that container alone") {
    const std::string app = "    image: python:3\n    command: gunicorn -b 127.0.0.1:8000 app\n";
    CHECK(Found({{compose, project(app)}}, "web").reach("app:8000") == "no");
    const Found shared({{compose, project(app, "    network_mode: service:app\n")}}, "web");
    CHECK(shared.reach("127.0.0.1:8000") == "yes");
}

TEST_CASE("nginx on the host reaches what a service publishes") {
    const std::string app =
        "    image: python:3\n    command: gunicorn -b :8000 app\n    ports: [\"3000:8000\"]\n";
    const Found found({{compose, project(app)}});
    CHECK(found.surroundings.nginx_place() == nullptr);
    CHECK(found.reach("127.0.0.1:3000") == "yes");
    CHECK(found.reach("127.0.0.1:8000") == "no");
    CHECK(found.reach("app:8000") == "unknown");
}

TEST_CASE("a socket is shared by a volume, wherever the two mount it") {
    const std::string app =
        "    image: python:3\n    command: gunicorn -b unix:/srv/run/app.sock app\n"
        "    volumes: [\"run:/srv/run\"]\n";
    const Found found(
        {{compose, project(app, "    volumes: [\"run:/var/run/app\"]\n") + "volumes: {run: {}}\n"}},
        "web");
    CHECK(found.reach("unix:/srv/run/app.sock") == "no");
    CHECK(found.reach("unix:/var/run/app/app.sock") == "yes");
    CHECK(found.reach("unix:/run/app/app.sock") == "yes");  // /var/run is a link to it
    CHECK(Found({{compose, project(app) + "volumes: {run: {}}\n"}}, "web")
              .reach("unix:/srv/run/app.sock") == "no");
}

TEST_CASE("the official image of php-fpm overrides the port of a pool that is mounted") {
    const Found found(
        {{compose, project("    image: php:8.3-fpm\n"
                           "    volumes: [\"./www.conf:/usr/local/etc/php-fpm.d/www.conf\"]\n")},
         {"/srv/www.conf", "[www]\nlisten = 127.0.0.1:9001\n"}},
        "web");
    CHECK(found.listeners() == "php-fpm pool www at [::]:9000 (service app)\n");
    CHECK(found.reach("app:9000") == "yes");
    // The place is the image's name: what is in it lies in no file here.
    const Span where = found.surroundings.listeners()[0].where;
    CHECK(found.sources.text(where) == "php:8.3-fpm");
}

TEST_CASE("where a Dockerfile changes php-fpm's files by commands, nothing is known of them") {
    const Found found({{compose, project("    build: php\n")},
                       {"/srv/php/Dockerfile",
                        "FROM php:8.3-fpm\nRUN sed -i s/9000/9001/ "
                        "/usr/local/etc/php-fpm.d/zz-docker.conf\n"}},
                      "web");
    CHECK(found.listeners().empty());
}

TEST_CASE("the narrowest tree in which something is found is the last") {
    Search search;
    search.area.trees = {"/srv/nginx", "/srv"};
    const Files files = {
        {"/srv/app.service", "[Service]\nExecStart=/usr/bin/gunicorn -b 127.0.0.1:8000 app\n"},
        {"/srv/nginx/uwsgi.ini", "[uwsgi]\nsocket = 127.0.0.1:3031\n"}};
    CHECK(Found(files, "", search).listeners() == "uWSGI (uwsgi.ini) at 127.0.0.1:3031\n");
    CHECK(Found({*files.begin()}, "", search).listeners() ==
          "gunicorn (unit app.service) at 127.0.0.1:8000\n");
}

TEST_CASE("where nobody may look, only what the user tells is known") {
    Search search;
    search.looks = false;
    Listener tunnel;
    tunnel.name = "tunnel";
    tunnel.at = parse_url("127.0.0.1:3000", false).address;
    Told told;
    told.backends = {{tunnel, {}}};
    search.told = &told;
    const Found found({{"/srv/uwsgi.ini", "[uwsgi]\nsocket = 127.0.0.1:3031\n"}}, "", search);
    CHECK(found.listeners() == "tunnel at 127.0.0.1:3000\n");
    CHECK(found.reach("127.0.0.1:3000") == "yes");
}

}  // namespace gatelint
