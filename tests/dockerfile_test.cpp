#include "surroundings/containers/dockerfile.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace gatelint;

Dockerfile read(std::string_view text, std::string_view stage = "",
                const std::map<std::string, std::string>& arguments = {}) {
    const auto file = parse_dockerfile(text, SourceId{0}, stage, arguments);
    REQUIRE(file);
    return *file;
}

/// Words with bars between them.
std::string joined(const std::vector<Value>& values) {
    std::string text;
    for (const Value& value : values) text += (text.empty() ? "" : "|") + value.text;
    return text;
}

std::string joined(const std::optional<Command>& command) {
    return command ? joined(command->words) : "none";
}

std::string_view at(std::string_view text, Span span) {
    return text.substr(span.begin, span.end - span.begin);
}

std::string known_command(std::string_view text) {
    const Command command =
        parse_shell_command(text, {SourceId{0}, 0, static_cast<std::uint32_t>(text.size())});
    return command.is_known ? joined(command.words) : "unknown";
}

}  // namespace

TEST_CASE("a Dockerfile's instructions are known in any case, with comments between their lines") {
    const Dockerfile file = read(
        "# syntax=docker/dockerfile:1\nfrom node:20\nexpose 3000 \\\n  # and more\n\n  8080/udp "
        "9000/tcp 7000-7002\nUSER app\n");
    CHECK(file.image.text == "node:20");
    CHECK(joined(file.exposed) == "3000|8080/udp|9000|7000|7001|7002");
    CHECK(file.user->text == "app");
}

TEST_CASE("words of a Dockerfile have their places, across continued lines too") {
    constexpr std::string_view text =
        "FROM node\nCMD [\"node\", \\\n  \"app.js\"]\nENTRYPOINT exec app \\\n  --port=80\n";
    const Dockerfile file = read(text);
    CHECK(at(text, file.image.span) == "node");
    CHECK(at(text, file.command->words.at(1).span) == "\"app.js\"");
    CHECK(joined(file.entrypoint) == "app|--port=80");
    CHECK(at(text, file.entrypoint->words.at(1).span) == "--port=80");
    CHECK(file.entrypoint->is_shell);
    CHECK_FALSE(file.command->is_shell);
}

TEST_CASE("another escape character of a Dockerfile continues its lines") {
    const Dockerfile file = read("# escape=`\nFROM a\nEXPOSE 80 `\n 81\nWORKDIR /srv\n");
    CHECK(joined(file.exposed) == "80|81");
    CHECK(file.working_directory == "/srv");
}

TEST_CASE("bodies of heredocs are no instructions") {
    const Dockerfile file = read(
        "FROM a\nRUN <<EOF\nEXPOSE 1\nEOF\nCOPY <<-\"END\" /etc/app.conf\nUSER x\n\tEND\nEXPOSE "
        "2\n");
    CHECK(joined(file.exposed) == "2");
    CHECK_FALSE(file.user);
    CHECK(file.runs.at(0).text == "<<EOF\nEXPOSE 1\n");
    CHECK(file.copies.at(0).target == "/etc/app.conf");
    CHECK(file.copies.at(0).sources.empty());
}

TEST_CASE("a heredoc without an end hides nothing") {
    CHECK(joined(read("FROM a\nRUN cat <<EOF\nEXPOSE 1\n").exposed) == "1");
}

TEST_CASE("arguments before FROM are known to FROM, and to a stage that asks for them") {
    constexpr std::string_view text =
        "ARG TAG=1.25\nFROM nginx:${TAG}-alpine\nENV A=$TAG\nARG TAG\nENV B=${TAG} C=${X:-y}\n";
    const Dockerfile file = read(text);
    CHECK(file.image.text == "nginx:1.25-alpine");
    CHECK(file.environment.at("A").text == "\x1F");
    CHECK(file.environment.at("B").text == "1.25");
    CHECK(file.environment.at("C").text == "y");
    const Dockerfile given = read(text, "", {{"TAG", "2"}});
    CHECK(given.image.text == "nginx:2-alpine");
    CHECK(given.environment.at("B").text == "2");
}

TEST_CASE(
    "variables of a Dockerfile are filled in, but between single quotes and after a backslash") {
    const Dockerfile file = read(
        "FROM a\nENV PORT 30 00\nENV P=80 Q=\"$P x\" R='$P' S=\\$P T=a\\ b\nENV Q=$P\nEXPOSE $P "
        "${NOBODY}\nUSER $P\nWORKDIR /srv/$P\n");
    CHECK(file.environment.at("PORT").text == "30 00");
    CHECK(file.environment.at("R").text == "$P");
    CHECK(file.environment.at("S").text == "$P");
    CHECK(file.environment.at("T").text == "a b");
    CHECK(file.environment.at("Q").text == "80");
    CHECK(joined(file.exposed) == "80|\x1F");
    CHECK(file.user->text == "80");
    CHECK(file.working_directory == "/srv/80");
}

TEST_CASE("a stage has what its base in the same file has") {
    constexpr std::string_view text =
        "FROM --platform=$BUILDPLATFORM node:20 AS base\nWORKDIR /app\nEXPOSE 3000\nCMD node a.js\n"
        "FROM base AS dev\nUSER node\n"
        "FROM nginx AS web\nCOPY --from=base --chown=1:1 /app/dist ./html/\n";
    const Dockerfile dev = read(text, "DEV");
    CHECK(dev.image.text == "node:20");
    CHECK(joined(dev.exposed) == "3000");
    CHECK(joined(dev.command) == "node|a.js");
    CHECK(dev.working_directory == "/app");
    CHECK(read(text, "0").user.has_value() == false);
    const Dockerfile last = read(text);
    CHECK(last.image.text == "nginx");
    CHECK(last.exposed.empty());
    CHECK(last.copies.at(0).from == "base");
    CHECK(last.copies.at(0).sources == std::vector<std::string>{"/app/dist"});
    CHECK(last.copies.at(0).target == "\x1F/html/");
    CHECK_FALSE(parse_dockerfile(text, SourceId{0}, "none", {}));
}

TEST_CASE("an ENTRYPOINT takes away the CMD of the base, not that of its own stage") {
    CHECK(joined(read("FROM a AS b\nCMD [\"x\"]\nFROM b\nENTRYPOINT [\"y\"]\n").command) == "none");
    CHECK(joined(read("FROM a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\n").command) == "x");
}

TEST_CASE("targets of COPY are absolute, and a folder ends in a slash") {
    const Dockerfile file = read(
        "FROM a\nWORKDIR /app\nWORKDIR src\nCOPY a b ./\nADD [\"c d\", \"/etc/c\"]\nCOPY . .\n"
        "COPY --link x ../y\n");
    CHECK(file.copies.at(0).target == "/app/src/");
    CHECK(file.copies.at(1).sources == std::vector<std::string>{"c d"});
    CHECK(file.copies.at(1).target == "/etc/c");
    CHECK(file.copies.at(2).target == "/app/src/");
    CHECK(file.copies.at(3).target == "/app/y");
}

TEST_CASE("HEALTHCHECK counts unless it is NONE") {
    CHECK(read("FROM a\nHEALTHCHECK CMD curl localhost\n").has_healthcheck);
    CHECK_FALSE(read("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK none\n").has_healthcheck);
}

TEST_CASE("what is no Dockerfile has no stage") {
    CHECK_FALSE(parse_dockerfile("", SourceId{0}, "", {}));
    CHECK_FALSE(parse_dockerfile("EXPOSE 80\n", SourceId{0}, "", {}));
}

TEST_CASE("values that double again and again end as unknown") {
    std::string text = "FROM a\nENV A=xxxxxxxx\n";
    for (int i = 0; i < 60; ++i) text += "ENV A=$A$A\n";
    const std::string value = read(text).environment.at("A").text;
    CHECK(value.find('\x1F') != std::string::npos);
    CHECK(value.size() < 100'000);
}

TEST_CASE("a Dockerfile of open heredocs and braces is read in no time") {
    std::string text = "FROM a\n";
    for (int i = 0; i < 40'000; ++i) text += "RUN a <<E" + std::to_string(i) + "\n";
    text += "ENV A=";
    for (int i = 0; i < 20'000; ++i) text += "${a:-";
    CHECK(read(text).runs.size() == 40'000);
}

TEST_CASE("a shell's words are split, quotes and exec left out") {
    CHECK(known_command("exec gunicorn -b '0.0.0.0:80' \"a b\" c\\ d") ==
          "gunicorn|-b|0.0.0.0:80|a b|c d");
    CHECK(known_command("app --port=$PORT --x=${Y:-a b} $(nproc --all) # comment") ==
          "app|--port=$PORT|--x=${Y:-a b}|$(nproc --all)");
    CHECK(known_command("app > /dev/null 2>&1") == "app");
    CHECK(known_command("") == "unknown");
    CHECK(known_command("app 'x") == "unknown");
}

TEST_CASE("of several commands the last one runs, if the others end") {
    CHECK(known_command("cd /app && python manage.py migrate && gunicorn app") == "gunicorn|app");
    CHECK(known_command("sleep 5; ./wait-for-it.sh db:5432 -- true; exec app") == "app");
    CHECK(known_command("set -e\nnpm ci\nnode app.js\n") == "node|app.js");
    CHECK(known_command("nginx && app") == "unknown");
    CHECK(known_command("app & other") == "unknown");
    CHECK(known_command("app | tee log") == "unknown");
    CHECK(known_command("app || other") == "unknown");
    CHECK(known_command("(app)") == "unknown");
    CHECK(known_command("while true; do app; done") == "unknown");
    CHECK(known_command("if [ -n \"$A\" ]; then app; fi") == "unknown");
}

TEST_CASE("what is set before a command stays known") {
    const Command command =
        parse_shell_command("A=0 echo x && export B=1 && cd app && cd src && C=2 app", {});
    CHECK(joined(command.words) == "app");
    CHECK(command.assignments.size() == 2);
    CHECK(command.assignments.at("B").text == "1");
    CHECK(command.assignments.at("C").text == "2");
    CHECK(command.directory == "app/src");
}

TEST_CASE("a command that no shell sees is split, and unknown if it has operators") {
    const Command command = split_command("bash -c \"a && b\" 'c d' $E #f", {});
    CHECK(joined(command.words) == "bash|-c|a && b|c d|$E|#f");
    CHECK(command.is_known);
    CHECK_FALSE(split_command("a && b", {}).is_known);
}

TEST_CASE("a long range of EXPOSE stays a range") {
    CHECK(joined(read("FROM a\nEXPOSE 80 10000-20000/udp 9000-9001\n").exposed) ==
          "80|10000-20000/udp|9000|9001");
}
