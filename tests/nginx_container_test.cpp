#include "surroundings/containers/nginx_container.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace gatelint;

/// A project of one file, beside a Dockerfile.
struct Project {
    explicit Project(std::string text, std::string dockerfile = "FROM nginx:1.25\n")
        : reader(std::map<std::string, std::string>{{"/shop/compose.yaml", std::move(text)},
                                                    {"/shop/Dockerfile", std::move(dockerfile)}}),
          project(read_compose("/shop/compose.yaml", reader, {}, reading)) {}

    const ComposeService& service(std::string_view name) const {
        REQUIRE(project);
        const ComposeService* found = project->find(name);
        REQUIRE(found != nullptr);
        return *found;
    }

    MemoryReader reader;
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    std::unique_ptr<ComposeProject> project;
};

/// A service web with these settings, and a service app.
Project web(const std::string& settings, const std::string& dockerfile = "FROM nginx:1.25\n") {
    return Project("services:\n  web:\n" + settings + "  app:\n    image: shop\n", dockerfile);
}

bool only_nginx(const std::string& settings) {
    return runs_only_nginx(web(settings).service("web"));
}

bool only_nginx_built(const std::string& dockerfile) {
    return runs_only_nginx(web("    build: .\n", dockerfile).service("web"));
}

}  // namespace

TEST_CASE("a service has the TCP ports that it exposes and publishes") {
    const Project project =
        web("    image: a\n    expose: [\"3000\", \"4000/tcp\", \"5000/udp\", \"6000-6002\"]\n"
            "    ports: [\"8080:80\", \"53:53/udp\"]\n");
    const ComposeService& service = project.service("web");
    std::string ports;
    for (const ContainerPort& port : container_ports(service)) {
        ports += std::to_string(port.port) + (port.published == nullptr ? " " : "p ");
    }
    CHECK(ports == "80p 3000 4000 ");
    CHECK(may_expose(service, 3000));
    CHECK(may_expose(service, 6001));
    CHECK_FALSE(may_expose(service, 5000));
    CHECK_FALSE(may_expose(service, 6003));
    CHECK_FALSE(may_expose(service, 80));
}

TEST_CASE("what is exposed by a variable may be any port") {
    CHECK(may_expose(web("    image: a\n    expose: [\"${PORT}\"]\n").service("web"), 3000));
}

TEST_CASE("nginx's images run only nginx") {
    CHECK(only_nginx("    image: nginx\n"));
    CHECK(only_nginx("    image: docker.io/library/nginx:1.25-alpine@sha256:0\n"));
    CHECK(only_nginx("    image: nginxinc/nginx-unprivileged:1.25\n"));
    CHECK(only_nginx("    image: nginx\n    command: [nginx, -g, daemon off;]\n"));
    CHECK(only_nginx("    image: nginx\n    command: /usr/sbin/nginx -g 'daemon off;'\n"));
    CHECK(only_nginx("    image: public.ecr.aws/docker/library/nginx:1.25\n"));
    CHECK_FALSE(only_nginx("    image: registry.example.com/shop-nginx\n"));
    CHECK_FALSE(only_nginx("    image: registry.example.com:5000/shop/nginx\n"));
    CHECK_FALSE(only_nginx("    image: richarvey/nginx-php-fpm\n"));
    CHECK_FALSE(only_nginx("    image: ${IMAGE}\n"));
}

TEST_CASE("a command of its own may run anything beside nginx") {
    CHECK_FALSE(only_nginx("    image: nginx\n    command: /start.sh\n"));
    CHECK_FALSE(only_nginx("    image: nginx\n    command: sh -c '/app & nginx'\n"));
    CHECK_FALSE(only_nginx("    image: nginx\n    entrypoint: supervisord\n"));
    CHECK_FALSE(only_nginx(
        "    image: nginx\n    volumes: [\"./app.sh:/docker-entrypoint.d/90-app.sh\"]\n"));
}

TEST_CASE("a Dockerfile may bring programs along") {
    CHECK(only_nginx_built("FROM nginx:1.25\nCOPY nginx.conf /etc/nginx/nginx.conf\n"));
    CHECK_FALSE(only_nginx_built("FROM nginx:1.25\nRUN apt-get install -y php-fpm\n"));
    CHECK_FALSE(only_nginx_built("FROM nginx:1.25\nCOPY app.sh /docker-entrypoint.d/\n"));
    CHECK_FALSE(only_nginx_built("FROM nginx:1.25\nCMD [\"/start.sh\"]\n"));
}

TEST_CASE("a network namespace that several share is nobody's own") {
    CHECK_FALSE(only_nginx("    image: nginx\n    network_mode: host\n"));
    CHECK_FALSE(only_nginx("    image: nginx\n    network_mode: service:app\n"));
    const Project joined(
        "services:\n  web:\n    image: nginx\n"
        "  app:\n    image: shop\n    network_mode: service:web\n");
    CHECK_FALSE(runs_only_nginx(joined.service("web")));
}

TEST_CASE("a name leads to a service that is apart") {
    const Project project(
        "services:\n  web:\n    image: nginx\n  app:\n    image: shop\n"
        "  sidecar:\n    image: shop\n    network_mode: service:web\n");
    const ComposeService& from = project.service("web");
    CHECK(service_named(from, "app") == &project.service("app"));
    CHECK(service_named(from, "APP") == &project.service("app"));
    CHECK(service_named(from, "web") == nullptr);
    CHECK(service_named(from, "sidecar") == nullptr);
    CHECK(service_named(from, "api") == nullptr);
}

TEST_CASE("the deepest mount holds a path, and /var/run is /run") {
    const Project project =
        web("    image: a\n    volumes: [\"run:/run\", \"sockets:/var/run/shop\"]\n");
    const ComposeService& service = project.service("web");
    const auto target = [&](std::string_view path) {
        const Mount* mount = mount_of(service, path);
        return mount == nullptr ? std::string() : mount->target;
    };
    CHECK(target("/run/shop/shop.sock") == "/var/run/shop");
    CHECK(target("/run/shopping.sock") == "/run");
    CHECK(target("/tmp/shop.sock").empty());
}
