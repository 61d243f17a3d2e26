#include "surroundings/containers/image_accounts.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "surroundings/containers/compose.hpp"

namespace gatelint {

namespace {

/// The distribution whose accounts the service `web` has, or "" where nobody knows.
std::string accounts_of(const std::string& settings,
                        const std::string& dockerfile = "FROM nginx:alpine\n") {
    const MemoryReader reader(
        std::map<std::string, std::string>{{"/shop/compose.yaml", "services:\n  web:\n" + settings},
                                           {"/shop/Dockerfile", dockerfile}});
    Sources sources;
    Arena arena;
    Reading reading(sources, arena);
    const auto project = read_compose("/shop/compose.yaml", reader, {}, reading);
    REQUIRE(project);
    const ImageAccounts* accounts = ImageAccounts::of(*project->find("web"));
    return accounts == nullptr ? "" : std::string(accounts->distribution());
}

std::string built(const std::string& lines) {
    return accounts_of("    build: .\n", "FROM nginx:alpine\n" + lines);
}

}  // namespace

TEST_CASE("the tag of nginx's image tells which distribution's accounts it has") {
    CHECK(accounts_of("    image: nginx:1.25-alpine\n") == "Alpine");
    CHECK(accounts_of("    image: docker.io/library/nginx:alpine-slim\n") == "Alpine");
    CHECK(accounts_of("    image: nginx\n") == "Debian");
    CHECK(accounts_of("    image: nginx:1.25-perl\n") == "Debian");
    CHECK(accounts_of("    image: nginxinc/nginx-unprivileged:alpine\n").empty());
    CHECK(accounts_of("    image: shop/nginx:alpine\n").empty());
    CHECK(accounts_of("    image: nginx@sha256:0123\n").empty());
    CHECK(accounts_of("    image: nginx:$TAG\n").empty());
}

TEST_CASE("a master that is not root never looks the accounts up") {
    CHECK(accounts_of("    image: nginx:alpine\n    user: \"101\"\n").empty());
    CHECK(accounts_of("    image: nginx:alpine\n    user: \"0:0\"\n") == "Alpine");
    CHECK(built("USER nginx\n").empty());
}

TEST_CASE("whatever may add accounts makes them unknown") {
    CHECK(built("RUN rm /etc/nginx/conf.d/default.conf && mkdir -p /srv/www\n") == "Alpine");
    CHECK(built("COPY nginx.conf /etc/nginx/nginx.conf\n") == "Alpine");
    CHECK(built("RUN adduser -D -S www-data\n").empty());
    CHECK(built("RUN rm -f /x && apk add php83-fpm\n").empty());
    CHECK(built("RUN ./setup.sh\n").empty());
    CHECK(built("RUN echo www-data:x:82:82::/:/bin/false >> /etc/passwd\n").empty());
    CHECK(built("COPY rootfs/ /\n").empty());
    CHECK(accounts_of("    image: nginx:alpine\n    volumes: [./passwd:/etc/passwd:ro]\n").empty());
    CHECK(accounts_of("    image: nginx:alpine\n    volumes: [./init:/docker-entrypoint.d]\n")
              .empty());
    CHECK(
        accounts_of("    image: nginx:alpine\n    command: sh -c 'adduser x && nginx'\n").empty());
}

}  // namespace gatelint
