#include "surroundings/containers/compose.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace gatelint;

/// A project and all that it points into.
struct Read {
    explicit Read(std::map<std::string, std::string> files,
                  const std::string& path = "/shop/compose.yaml",
                  const std::map<std::string, std::string>& environment = {})
        : reader(std::move(files)), project(read_compose(path, reader, environment, reading)) {}

    const ComposeService& service(std::string_view name) const {
        REQUIRE(project);
        const ComposeService* found = project->find(name);
        REQUIRE(found != nullptr);
        return *found;
    }
    std::string_view text(Span span) const { return sources.text(span); }

    MemoryReader reader;
    Sources sources;
    Arena arena;
    Reading reading{sources, arena};
    std::unique_ptr<ComposeProject> project;
};

std::map<std::string, std::string> one(std::string text) {
    return {{"/shop/compose.yaml", std::move(text)}};
}

std::string joined(const std::vector<Value>& values) {
    std::string text;
    for (const Value& value : values) text += (text.empty() ? "" : "|") + value.text;
    return text;
}

std::string joined(const std::optional<Command>& command) {
    if (!command) return "none";
    return command->is_known ? joined(command->words) : "unknown";
}

std::string ports_of(const ComposeService& service) {
    std::string text;
    for (const PublishedPort& port : service.ports) {
        if (!text.empty()) text += ' ';
        if (!port.host_ip.empty()) text += port.host_ip + '/';
        text += port.is_known ? std::to_string(port.host) : "?";
        text += ':' + std::to_string(port.container) + (port.is_udp ? "/udp" : "");
    }
    return text;
}

std::string mounts_of(const ComposeService& service) {
    std::string text;
    for (const Mount& mount : service.mounts) {
        if (!text.empty()) text += ' ';
        if (mount.kind == Mount::Kind::volume) text += "volume ";
        if (mount.kind == Mount::Kind::tmpfs) text += "tmpfs ";
        text += mount.source + "=>" + mount.target;
    }
    return text;
}

/// What a name means, in words.
std::string means(const Read& read, std::string_view from, std::string_view name) {
    const Resolution found = resolve(read.service(from), name);
    std::string text;
    switch (found.kind) {
        case Resolution::Kind::unknown:
            return "unknown";
        case Resolution::Kind::absent:
            return "absent";
        case Resolution::Kind::services:
            text = "services";
            break;
        case Resolution::Kind::other_network:
            text = "other network";
            break;
        case Resolution::Kind::address:
            return found.address;
        case Resolution::Kind::host:
            return "host";
    }
    for (const ComposeService* service : found.services) text += ' ' + service->name;
    return text;
}

TEST_CASE("ranges of ten thousand ports are read") {
    const Read read(one(
        "services:\n  sfu:\n    image: sfu\n    ports: [\"10000-19999:10000-19999/udp\", 80]\n"));
    CHECK(read.service("sfu").ports.size() == 10'001);
    CHECK(read.service("sfu").is_whole);
    CHECK(read.reading.limits_reached().empty());
}

TEST_CASE("more ports and mounts than are read are said") {
    std::string text = "services:\n";
    for (int i = 0; i < 4; ++i)
        text += fmt::format("  s{}:\n    image: a\n    ports: [\"1-65535\"]\n", i);
    const Read ports(one(text));
    CHECK(ports.service("s0").is_whole);
    CHECK_FALSE(ports.service("s3").is_whole);
    REQUIRE(ports.reading.limits_reached().size() == 1);
    CHECK(ports.text(ports.reading.limits_reached()[0].span) == "\"1-65535\"");

    text = "services:\n  app:\n    volumes:\n";
    for (int i = 0; i <= 50'000; ++i) text += fmt::format("    - ./{}:/{}\n", i, i);
    const Read mounts(one(text));
    CHECK(mounts.service("app").mounts.size() == 50'000);
    CHECK_FALSE(mounts.service("app").is_whole);
    CHECK(mounts.reading.limits_reached().size() == 1);
}

}  // namespace

TEST_CASE("names that docker compose takes, and their variants, are compose files") {
    for (const std::string_view name :
         {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.prod.yaml",
          "compose.override.yml", "docker-compose-dev.yml", "Docker-Compose.yml"}) {
        CHECK(is_compose_name(name));
    }
    for (const std::string_view name :
         {"composer.yml", "compose.json", "values.yaml", "compose", "composeyml.yml"}) {
        CHECK_FALSE(is_compose_name(name));
    }
}

TEST_CASE("other files with services are no compose files") {
    const std::string framework = "services:\n  _defaults: {autowire: true}\n  App\\: {}\n";
    CHECK_FALSE(Read({{"/a/services.yaml", framework}}, "/a/services.yaml").project);
    CHECK_FALSE(Read({{"/a/ci.yml", "services: [docker]\n"}}, "/a/ci.yml").project);
    CHECK_FALSE(Read(one("a: b\n")).project);
    CHECK_FALSE(Read(one("")).project);
    CHECK_FALSE(Read({}).project);
    CHECK(Read({{"/a/stack.yml", "services: {a: {image: b}}\n"}}, "/a/stack.yml").project);
}

TEST_CASE("a broken compose file hides services, and that is told") {
    const Read read(one("services: {web: [\n"));
    REQUIRE(read.project);
    CHECK_FALSE(read.project->is_whole);
    CHECK(read.reading.remarks().size() == 1);
}

TEST_CASE("services have names, places and images with spans") {
    const Read read(one("services:\n  web:\n    image: \"nginx:1.25\"\n  app: {image: node}\n"));
    const ComposeService& web = read.service("web");
    CHECK(read.project->services.front().name == "app");
    CHECK(read.project->name == "shop");
    CHECK(read.text(web.span) == "web");
    CHECK(web.image->text == "nginx:1.25");
    CHECK(read.text(web.image->span) == "\"nginx:1.25\"");
    CHECK(web.place.service == &web);
    CHECK(web.place.name == "service web");
    CHECK(web.project == read.project.get());
    CHECK(web.base_image() == "nginx:1.25");
    CHECK(joined(web.process()) == "none");
}

TEST_CASE("variables of compose come from outside, from .env and from defaults, else are unknown") {
    auto files =
        one("services:\n  a:\n    image: ${IMAGE:-nginx}:$TAG\n    hostname: ${NOBODY}\n"
            "    container_name: $$x-${A-${B:-b}}\n    user: ${EMPTY:-u}${EMPTY-v}${TAG:+w}\n");
    files["/shop/.env"] = "# x\nexport TAG=\"1\"\nEMPTY=\nIMAGE='httpd' # y\n";
    const Read read(files);
    CHECK(read.service("a").image->text == "httpd:1");
    CHECK(read.service("a").hostname->text == "\x1F");
    CHECK(read.service("a").container_name->text == "$x-b");
    CHECK(read.service("a").user->text == "uw");
    CHECK(Read(files, "/shop/compose.yaml", {{"TAG", "2"}}).service("a").image->text == "httpd:2");
}

TEST_CASE("short and long ports are understood") {
    const Read read(
        one("services:\n  a:\n    image: x\n    ports:\n      - 80\n      - \"8080:80\"\n"
            "      - 127.0.0.1:8081:81/udp\n      - \"[::1]:82:82\"\n      - 127.0.0.1::83\n"
            "      - 9000-9001:90-91\n      - ${P}:84\n      - 8000-8009:85\n"
            "      - {target: 86, published: '8086', host_ip: 1.2.3.4, protocol: udp}\n"));
    CHECK(ports_of(read.service("a")) ==
          "0:80 8080:80 127.0.0.1/8081:81/udp ::1/82:82 127.0.0.1/0:83 9000:90 9001:91 ?:84 ?:85 "
          "1.2.3.4/8086:86/udp");
    CHECK(read.service("a").is_whole);
    CHECK(read.text(read.service("a").ports.at(1).span) == "\"8080:80\"");
}

TEST_CASE("a port that a variable decides leaves the service open, and a huge range does not") {
    CHECK_FALSE(Read(one("services: {a: {image: x, ports: ['80:$P']}}")).service("a").is_whole);
    const Read read(one("services: {a: {image: x, ports: ['1-65535:1-65535']}}"));
    CHECK(read.service("a").ports.size() == 65'535);
    CHECK(read.service("a").is_whole);
}

TEST_CASE("short and long volumes are understood") {
    const Read read(one(
        "services:\n  a:\n    image: x\n    tmpfs: /run:size=1m\n    volumes:\n"
        "      - ./a.conf:/etc/a.conf:ro,z\n      - ../up:/up/\n      - /abs:/abs\n"
        "      - data:/data\n      - named:/named:ro\n      - /anonymous\n      - ~/home:/home\n"
        "      - C:\\x:/windows\n      - ${D}/y:/y\n      - ${E}:/e\n      - folder:/folder\n"
        "      - {type: bind, source: ./b, target: /b}\n"
        "      - {type: volume, source: data, target: /c, volume: {subpath: s}}\n"
        "volumes:\n  data:\n  named: {name: own}\n"
        "  folder: {driver_opts: {type: none, o: bind, device: ./here}}\n"));
    CHECK(mounts_of(read.service("a")) ==
          "/shop/a.conf=>/etc/a.conf /up=>/up /abs=>/abs volume shop_data=>/data "
          "volume own=>/named volume =>/anonymous \x1F/home=>/home C:\\x=>/windows \x1F/y=>/y "
          "\x1F=>/e "
          "/shop/here=>/folder /shop/b=>/b volume shop_data/s=>/c tmpfs =>/run");
}

TEST_CASE("configs and secrets are files that a container sees") {
    const Read read(
        one("services:\n  a:\n    image: x\n    secrets: [key]\n"
            "    configs: [{source: c, target: /etc/nginx/nginx.conf}]\n"
            "configs: {c: {file: ./nginx.conf}}\nsecrets: {key: {file: key.pem}}\n"));
    CHECK(mounts_of(read.service("a")) ==
          "/shop/nginx.conf=>/etc/nginx/nginx.conf /shop/key.pem=>/run/secrets/key");
}

TEST_CASE("a build takes its facts from the Dockerfile") {
    auto files = one(
        "services:\n  a:\n    build: {context: ./app, dockerfile: docker/Dockerfile, target: web, "
        "args: {TAG: '20'}}\n    expose: [4000, 3000]\n    environment: [B=2, C]\n  b:\n"
        "    build: ./none\n  c: {build: {dockerfile_inline: \"FROM busybox\\nEXPOSE 1\\n\"}}\n");
    files["/shop/app/docker/Dockerfile"] =
        "ARG TAG\nFROM node:$TAG AS web\nENV A=1 B=1\nEXPOSE 3000\nENTRYPOINT [\"tini\"]\n"
        "CMD [\"node\", \"a.js\"]\nFROM other\n";
    const Read read(files);
    const ComposeService& a = read.service("a");
    CHECK(a.build_context == "/shop/app");
    CHECK(a.base_image() == "node:20");
    CHECK(joined(a.exposed) == "3000|4000");
    CHECK(a.environment.at("A").text == "1");
    CHECK(a.environment.at("B").text == "2");
    CHECK(a.environment.at("C").text == "\x1F");
    CHECK(joined(a.process()) == "tini|node|a.js");
    CHECK(read.service("b").has_build);
    CHECK(read.service("b").base_image() == "");
    CHECK(read.service("c").base_image() == "busybox");
    CHECK(joined(read.service("c").exposed) == "1");
}

TEST_CASE("command and entrypoint of compose count more than those of the Dockerfile") {
    auto files = one(
        "services:\n  a: {build: ., command: 'x \"y z\"'}\n  b: {build: ., entrypoint: [p, q]}\n"
        "  c: {build: ., entrypoint: [], command: [r]}\n  d: {image: i, command: a && b}\n");
    files["/shop/Dockerfile"] = "FROM i\nENTRYPOINT [\"e\"]\nCMD [\"f\"]\n";
    const Read read(files);
    CHECK(joined(read.service("a").process()) == "e|x|y z");
    CHECK(joined(read.service("b").process()) == "p|q");
    CHECK(joined(read.service("c").process()) == "r");
    CHECK(joined(read.service("d").process()) == "unknown");
    CHECK(read.text(read.service("a").command->words.at(1).span) == "\"y z\"");
}

TEST_CASE("env_file gives names, and one that is out of sight leaves others open") {
    auto files =
        one("services:\n  a: {image: x, env_file: a.env, environment: {P: 1}}\n"
            "  b: {image: x, env_file: [{path: none.env, required: false}]}\n");
    files["/shop/a.env"] = "P=2\nQ=${P}3\nR='a\nb'\n";
    const Read read(files);
    CHECK(read.service("a").environment.at("P").text == "1");
    CHECK(read.service("a").environment.at("Q").text == "23");
    CHECK(read.service("a").environment.at("R").text == "a\nb");
    CHECK(read.service("a").knows_environment);
    CHECK_FALSE(read.service("b").knows_environment);
}

TEST_CASE("the override file beside is laid over, lists added and ports and volumes by their key") {
    auto files =
        one("services:\n  a:\n    image: x:1\n    command: [old]\n    ports: ['80:80', '81:81']\n"
            "    volumes: ['./old:/v', './w:/w']\n    environment: [A=1, B=1]\n    expose: [1]\n"
            "    depends_on: [b]\n    networks: [n]\n    restart: always\n"
            "  b: {image: y, ports: ['1:1'], hostname: h}\nnetworks: {n: {}, m: {}}\n");
    files["/shop/compose.override.yaml"] =
        "services:\n  a:\n    image: x:2\n    command: new one\n    ports: ['80:80', '82:82']\n"
        "    volumes: ['./new:/v']\n    environment: {B: 2}\n    expose: [1, 2]\n"
        "    depends_on: {c: {condition: service_healthy, restart: true}}\n"
        "    networks: {m: {aliases: [z], ipv4_address: 10.0.0.2}}\n"
        "  b: {ports: !override ['2:2'], hostname: !reset null}\n  c: {image: z}\n";
    const Read read(files);
    const ComposeService& a = read.service("a");
    CHECK(a.image->text == "x:2");
    CHECK(joined(a.command) == "new|one");
    CHECK(ports_of(a) == "80:80 81:81 82:82");
    CHECK(mounts_of(a) == "/shop/new=>/v /shop/w=>/w");
    CHECK(a.environment.at("A").text == "1");
    CHECK(a.environment.at("B").text == "2");
    CHECK(joined(a.exposed) == "1|2");
    REQUIRE(a.depends_on.size() == 2);
    CHECK(a.depends_on.at(0).condition == "service_started");
    CHECK(a.depends_on.at(1).service == "c");
    CHECK(a.depends_on.at(1).condition == "service_healthy");
    CHECK(a.depends_on.at(1).restarts);
    REQUIRE(a.networks.size() == 2);
    CHECK(joined(a.networks.at(1).aliases) == "z");
    CHECK(a.networks.at(1).has_fixed_address);
    CHECK(a.restart->text == "always");
    CHECK(ports_of(read.service("b")) == "2:2");
    CHECK_FALSE(read.service("b").hostname);
    CHECK(read.project->sources.size() == 2);
    CHECK(read.project->is_whole);
}

TEST_CASE("COMPOSE_FILE of .env says which files are taken") {
    auto files = one("services: {a: {image: x}}");
    files["/shop/.env"] = "COMPOSE_FILE=compose.yaml:more.yml\n";
    files["/shop/more.yml"] = "services: {b: {image: y}}";
    CHECK(Read(files).project->services.size() == 2);
}

TEST_CASE("a service has what it extends, with paths of the file that it comes from") {
    auto files =
        one("services:\n  base: {image: x, environment: {A: 1}}\n"
            "  a: {extends: base, environment: {B: 2}}\n"
            "  b: {extends: {file: common/base.yml, service: far}, ports: ['80:80']}\n");
    files["/shop/common/base.yml"] =
        "services:\n  far: {extends: {service: farther}, volumes: ['./c:/c']}\n"
        "  farther: {build: ., command: run}\n";
    const Read read(files);
    CHECK(read.service("a").image->text == "x");
    CHECK(read.service("a").environment.size() == 2);
    CHECK(read.text(read.service("a").span) == "a");
    const ComposeService& b = read.service("b");
    CHECK(b.build_context == "/shop/common");
    CHECK(mounts_of(b) == "/shop/common/c=>/c");
    CHECK(joined(b.command) == "run");
    CHECK(ports_of(b) == "80:80");
    CHECK(read.project->find("far") == nullptr);
}

TEST_CASE("what a service extends may be out of sight or extend itself") {
    const Read read(
        one("services:\n  a: {image: x, extends: {file: none.yml, service: b}}\n"
            "  b: {image: x, extends: c}\n  c: {image: x, extends: b}\n"));
    CHECK_FALSE(read.service("a").is_whole);
    CHECK_FALSE(read.service("b").is_whole);
    CHECK(read.reading.remarks().size() >= 2);
    CHECK(means(read, "a", "nobody") == "unknown");
}

TEST_CASE("included files bring services, with their own directory and variables") {
    auto files = one(
        "include:\n  - db/compose.yaml\n  - path: [q/a.yml, q/b.yml]\n    project_directory: .\n"
        "    env_file: q.env\nservices: {a: {image: x}}\n");
    files["/shop/.env"] = "TAG=1\n";
    files["/shop/q.env"] = "Q=7\n";
    files["/shop/db/.env"] = "TAG=2\nOWN=3\n";
    files["/shop/db/compose.yaml"] =
        "services: {db: {image: 'pg:$TAG-$OWN', volumes: ['./d:/d']}}\nnetworks: {n: {}}\n";
    files["/shop/q/a.yml"] = "services: {q: {image: 'r:$Q', volumes: ['./e:/e']}}\n";
    files["/shop/q/b.yml"] = "services: {q: {hostname: h}}\n";
    const Read read(files);
    CHECK(read.service("db").image->text == "pg:1-3");
    CHECK(mounts_of(read.service("db")) == "/shop/db/d=>/d");
    CHECK(read.service("q").image->text == "r:7");
    CHECK(read.service("q").hostname->text == "h");
    CHECK(mounts_of(read.service("q")) == "/shop/e=>/e");
    CHECK(read.project->networks.count("n") == 1);
    CHECK(read.project->is_whole);
    CHECK(means(read, "a", "db") == "services db");
}

TEST_CASE("an include that is out of sight or includes itself hides services") {
    const Read missing(one("include: [none.yml]\nservices: {a: {image: x}}\n"));
    CHECK_FALSE(missing.project->is_whole);
    CHECK(means(missing, "a", "b") == "unknown");
    const Read cycle(one("include: compose.yaml\nservices: {a: {image: x}}\n"));
    CHECK_FALSE(cycle.project->is_whole);
}

TEST_CASE("version 1 has services at the top, and no names but links") {
    const Read read(
        one("web:\n  image: nginx\n  links: ['app:backend', db]\napp: {build: .}\ndb: {image: x}\n"
            "side: {image: y, net: 'container:web'}\n"));
    CHECK(read.project->is_first_version);
    CHECK(means(read, "web", "backend") == "services app");
    CHECK(means(read, "web", "db") == "services db");
    CHECK(means(read, "web", "side") == "unknown");
    CHECK(means(read, "app", "db") == "unknown");
    CHECK(namespace_of(read.service("side")) == &read.service("web"));
}

TEST_CASE("small facts of services are read") {
    const Read read(one(
        "x-base: &base {restart: unless-stopped}\nservices:\n  a:\n    <<: *base\n    image: x\n"
        "    working_dir: /w\n    profiles: [dev]\n    ulimits: {nofile: {soft: 10, hard: 20}}\n"
        "    healthcheck: {test: [CMD, x]}\n    volumes_from: ['b:ro']\n"
        "    external_links: [old:new]\n  b:\n    image: x\n    ulimits: {nofile: 99}\n"
        "    deploy: {restart_policy: {condition: none}}\n    healthcheck: {disable: true}\n"));
    const ComposeService& a = read.service("a");
    CHECK(a.restart->text == "unless-stopped");
    CHECK(a.working_directory->text == "/w");
    CHECK(a.profiles == std::vector<std::string>{"dev"});
    CHECK(a.descriptors->value == 10);
    CHECK(a.has_healthcheck);
    CHECK(joined(a.volumes_from) == "b:ro");
    CHECK(a.external_links.at(0).name == "new");
    CHECK(read.service("b").descriptors->value == 99);
    CHECK(read.service("b").restart->text == "no");
    CHECK_FALSE(read.service("b").has_healthcheck);
}

TEST_CASE("services on one network know each other by all their names") {
    const Read read(
        one("services:\n  web: {image: x}\n  App: {image: x, container_name: box, hostname: own, "
            "networks: {default: {aliases: [api]}}}\n  b: {image: x, networks: {default: {aliases: "
            "[api]}}}\n"));
    CHECK(means(read, "web", "app") == "services App");
    CHECK(means(read, "web", "BOX") == "services App");
    CHECK(means(read, "web", "api") == "services App b");
    CHECK(means(read, "web", "web") == "services web");
    CHECK(means(read, "web", "localhost") == "services web");
    CHECK(means(read, "App", "own") == "services App");
    CHECK(means(read, "web", "nobody") == "absent");
    CHECK(read.text(resolve(read.service("web"), "api").span) == "api");
}

TEST_CASE("of names that something out of sight may have nothing is known") {
    const Read read(
        one("services:\n  web: {image: x}\n  app: {image: x, hostname: own}\n"
            "  out: {image: x, networks: [proxy]}\n  named: {image: x, networks: [n]}\n"
            "networks: {proxy: {external: true}, n: {name: shared}}\n"));
    for (const std::string_view name : {"own", "app.shop_default", "example.com",
                                        "host.docker.internal", "shop-app-1", "shop_app", ""}) {
        CHECK(means(read, "web", name) == "unknown");
    }
    CHECK(means(read, "out", "nobody") == "unknown");
    CHECK(means(read, "out", "app") == "unknown");
    CHECK(means(read, "named", "nobody") == "unknown");
}

TEST_CASE("a name that a variable decides in part may be only what fits it") {
    const Read read(
        one("services:\n  web: {image: x}\n  app: {image: x, container_name: '${P}-app', "
            "hostname: 'h${N}'}\n"));
    CHECK(means(read, "web", "shop-app") == "unknown");
    CHECK(means(read, "web", "h1") == "unknown");
    CHECK(means(read, "web", "api") == "absent");
}

TEST_CASE("a service that shares no network is named, but not reached") {
    const Read read(
        one("services:\n  web: {image: x, networks: [front]}\n  app: {image: x, networks: [back]}\n"
            "  both: {image: x, networks: [front, back]}\n  plain: {image: x}\n"
            "  host: {image: x, network_mode: host}\nnetworks: {front: {}, back: {}}\n"));
    CHECK(means(read, "web", "app") == "other network app");
    CHECK(means(read, "web", "plain") == "other network plain");
    CHECK(means(read, "web", "both") == "services both");
    CHECK(means(read, "web", "host") == "other network host");
    CHECK(means(read, "host", "app") == "unknown");
    CHECK(namespace_of(read.service("host")) == nullptr);
}

TEST_CASE("extra hosts are asked first, and host-gateway is the host") {
    const Read read(one(
        "services:\n  web: {image: x, extra_hosts: ['host.docker.internal:host-gateway', "
        "'app=10.0.0.1', 'six:::1', 'open:${IP}']}\n  app: {image: x, extra_hosts: {a: 1.2.3.4, "
        "b: ['::1']}}\n"));
    CHECK(means(read, "web", "host.docker.internal") == "host");
    CHECK(means(read, "web", "app") == "10.0.0.1");
    CHECK(means(read, "web", "six") == "::1");
    CHECK(means(read, "web", "open") == "unknown");
    CHECK(means(read, "app", "a") == "1.2.3.4");
    CHECK(means(read, "app", "b") == "::1");
}

TEST_CASE("who shares a network namespace has the names of its owner") {
    const Read read(one(
        "services:\n  web: {image: x, network_mode: 'service:vpn'}\n  vpn: {image: x, networks: "
        "[n], container_name: tunnel}\n  app: {image: x, networks: [n]}\n"
        "  c: {image: x, network_mode: 'container:tunnel'}\n"
        "  l: {image: x, network_mode: 'service:l'}\n  o: {image: x, network_mode: "
        "'service:none'}\nnetworks: {n: {}}\n"));
    CHECK(namespace_of(read.service("web")) == &read.service("vpn"));
    CHECK(namespace_of(read.service("c")) == &read.service("vpn"));
    CHECK(namespace_of(read.service("l")) == nullptr);
    CHECK(namespace_of(read.service("o")) == nullptr);
    CHECK(means(read, "web", "app") == "services app");
    CHECK(means(read, "app", "web") == "other network web");
}

TEST_CASE("a variant beside the usual file stands for itself only if it has all its services") {
    std::map<std::string, std::string> files = {
        {"/a/docker-compose.yml", "services: {web: {image: x}, db: {image: y}}"},
        {"/a/docker-compose.prod.yml", "services: {web: {image: x}, db: {image: y}}"},
        {"/a/docker-compose.dev.yml", "services: {web: {image: x}}"},
        {"/a/docker-compose.part.yml", "services: {web: {}, db: {image: y}}"}};
    CHECK(Read(files, "/a/docker-compose.prod.yml").project->is_whole);
    CHECK_FALSE(Read(files, "/a/docker-compose.dev.yml").project->is_whole);
    const Read part(files, "/a/docker-compose.part.yml");
    CHECK_FALSE(part.project->is_whole);
    CHECK_FALSE(part.service("web").is_whole);
}

TEST_CASE("hostile compose files end") {
    std::string chain = "services:\n  s0: {image: x, environment: {";
    for (int i = 0; i < 2000; ++i) chain += "V" + std::to_string(i) + ": 1, ";
    chain += "}}\n";
    for (int i = 1; i < 3000; ++i) {
        chain +=
            "  s" + std::to_string(i) + ": {extends: s" + std::to_string(i % 2 ? 0 : i - 1) + "}\n";
    }
    CHECK(Read(one(chain)).project->services.size() == 3000);
    auto files = one("services: {a: {image: $A}}");
    files["/shop/.env"] = "A=xxxxxxxxxx\n";
    for (int i = 0; i < 60; ++i) files["/shop/.env"] += "A=$A$A\n";
    CHECK(Read(files).service("a").image->text.size() < 100'000);
    const Read odd(one(
        "services:\n  a: {image: [x], ports: {a: b}, volumes: x, networks: x, build: [], command: "
        "{a: b}, environment: x, depends_on: x, links: {a: b}, extra_hosts: x, env_file: {a: b}, "
        "ulimits: x, healthcheck: x, deploy: [x], expose: 1, extends: [x], tmpfs: {a: b}}\n"
        "  b: [x]\nnetworks: [x]\nvolumes: x\nconfigs: {a: b}\ninclude: {a: b}\nname: [x]\n"));
    CHECK(odd.project);
}
