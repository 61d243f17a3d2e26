#include "surroundings/programs/pm2.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "source/unknown.hpp"
#include "surroundings/formats/js_literal.hpp"

namespace gatelint {

namespace {

/// A node in one line: `{a: "b", c: ?}`; `?` is what only running tells.
std::string text_of(const YamlNode& node) {
    if (node.tag == computed_tag) return "?";
    std::string text;
    switch (node.kind) {
        case YamlNode::Kind::null:
            return "null";
        case YamlNode::Kind::scalar:
            return node.is_plain ? node.text : '"' + node.text + '"';
        case YamlNode::Kind::sequence:
            for (const YamlNode& item : node.items) text += text_of(item) + ' ';
            return '[' + text + ']';
        case YamlNode::Kind::mapping:
            for (const YamlNode::Entry& entry : node.entries) {
                text += entry.key.text + ": " + text_of(entry.value) + ' ';
            }
            return '{' + text + '}';
    }
    return text;
}

std::string exported(std::string_view text) {
    return text_of(parse_js_export(text, SourceId{0}));
}

/// One process a line: `name: words (PORT=3000) in /folder`, and `...` where there may be others.
std::string processes(const std::string& text, const std::string& name = "ecosystem.config.js") {
    Sources sources;
    Arena arena;
    Reading reading(sources, arena);
    const SourceId source = sources.add(name, text);
    const Pm2 pm2 = read_pm2("/srv/app/" + name, source, nullptr, nullptr, reading);
    CHECK(pm2.is_whole == reading.remarks().empty());
    std::string lines;
    for (const Process& process : pm2.processes) {
        CHECK_FALSE(process.knows_environment);
        lines += process.name + ':';
        for (const Value& word : process.arguments) lines += ' ' + word.text;
        for (const auto& [variable, value] : process.environment) {
            lines += fmt::format(" ({}={})", variable, is_unknown(value.text) ? "?" : value.text);
        }
        lines += " in " + process.working_directory + '\n';
    }
    return lines + (pm2.is_whole ? "" : "...\n");
}

}  // namespace

TEST_CASE("a JavaScript file's export is read as far as it is written out") {
    CHECK(exported("module.exports = {a: 'b', \"c-d\": [1, -2, true, null,], /* x */ e: `f`};") ==
          "{a: \"b\" c-d: [1 -2 true null ] e: \"f\" }");
    CHECK(exported("export default { a: { b: \"it\\'s\" } }") == "{a: {b: \"it's\" } }");
    CHECK(exported("// module.exports = 1\nconst config = { a: 1 };\nmodule.exports = config;\n") ==
          "{a: 1 }");
}

TEST_CASE("what is computed in a JavaScript file is unknown, and the rest goes on") {
    CHECK(exported("module.exports = { a: process.env.X || 3, b: f({c: '}'}), d: 1 + 2, e: 3 }") ==
          "{a: ? b: ? d: ? e: 3 }");
    CHECK(exported("module.exports = { a: `x${y}`, ...rest, b() { return 1; }, apps, c: 4 }") ==
          "{a: ? ...: ? b: ? apps: ? c: 4 }");
    CHECK(exported("module.exports = make({ a: 1 })") == "?");
    CHECK(exported("const a = 1;") == "?");
    CHECK(exported("") == "?");
}

TEST_CASE("values of a JavaScript file have their places") {
    const std::string text = "module.exports = {\n  port: '3000',\n}";
    const YamlNode root = parse_js_export(text, SourceId{0});
    REQUIRE(root.find("port") != nullptr);
    const Span span = root.find("port")->span;
    CHECK(text.substr(span.begin, span.end - span.begin) == "'3000'");
}

TEST_CASE("hostile JavaScript ends") {
    CHECK(exported("module.exports = " + std::string(100'000, '[')).size() < 200);
    CHECK(exported("module.exports = " + std::string(100'000, '{')).size() < 1000);
    CHECK(exported("module.exports = {a: '") == "{a: \"\" }");
    CHECK(exported("module.exports = {a: /*") == "{a: ? }");
    CHECK(exported("module.exports = {]a: 1}") == "{}");
    CHECK(exported("module.exports") == "?");
    std::string again = "// ";
    for (int i = 0; i < 50'000; ++i) again += "module.exports = ";
    CHECK(exported(again) == "?");
}

TEST_CASE("pm2 runs the apps of its ecosystem file") {
    CHECK(processes("module.exports = {\n  apps: [\n    {\n      name: 'api',\n"
                    "      script: './server.js',\n      env: { PORT: 3000, HOST: '127.0.0.1' },\n"
                    "    },\n    { name: 'web', script: 'npm', args: 'run start', cwd: 'web' },\n"
                    "  ],\n};\n") ==
          "pm2 app api: node ./server.js (HOST=127.0.0.1) (PORT=3000) in /srv/app\n"
          "pm2 app web: npm run start in /srv/app/web\n");
}

TEST_CASE("pm2's interpreter is named or follows from the script") {
    CHECK(processes("module.exports = {apps: [{script: 'app.py', interpreter: '/venv/bin/python'},"
                    "{script: 'gunicorn', args: ['app:app', '-b', ':8000'], interpreter: 'none'},"
                    "{script: 'a.js', node_args: '--max-old-space-size=512 -r x'}]}") ==
          "pm2 app: /venv/bin/python app.py in /srv/app\n"
          "pm2 app: gunicorn app:app -b :8000 in /srv/app\n"
          "pm2 app: node --max-old-space-size=512 -r x a.js in /srv/app\n");
}

TEST_CASE("a variable that another environment of pm2 sets otherwise is unknown") {
    CHECK(processes("module.exports = {apps: [{script: 'a.js', env: {PORT: 3000, A: 1},"
                    "env_production: {PORT: 80, A: '1', B: 2}}]}") ==
          "pm2 app: node a.js (A=1) (B=?) (PORT=?) in /srv/app\n");
    CHECK(processes("module.exports = {apps: [{script: 'a.js', env: {PORT: 3000},"
                    "increment_var: 'PORT', instances: 2}]}") ==
          "pm2 app: node a.js (PORT=?) in /srv/app\n");
    CHECK(processes("module.exports = {apps: [{script: 'a.js', env: {PORT: process.env.P}}]}") ==
          "pm2 app: node a.js (PORT=?) in /srv/app\n");
}

TEST_CASE("pm2 reads JSON and YAML") {
    CHECK(processes(R"({"apps": [{"name": "a", "script": "a.js"}]})", "process.json") ==
          "pm2 app a: node a.js in /srv/app\n");
    CHECK(processes("apps:\n  - script: ./a.js\n    name: a\n    env:\n      PORT: 3000\n",
                    "ecosystem.config.yml") == "pm2 app a: node ./a.js (PORT=3000) in /srv/app\n");
    CHECK(processes("{", "process.json") == "...\n");
}

TEST_CASE("apps of pm2 that are computed are told, not guessed") {
    CHECK(processes("module.exports = { apps: list.map(f) }") == "...\n");
    CHECK(processes(
              "module.exports = {apps: [{...common, script: 'a.js'}, {script: 'b.js'}, f()]}") ==
          "pm2 app: node b.js in /srv/app\n...\n");
    CHECK(processes("module.exports = {apps: [{script: path.join('a', 'b')}]}") == "...\n");
}

TEST_CASE("pm2 takes files by their names") {
    CHECK(is_pm2_name("ecosystem.config.js"));
    CHECK(is_pm2_name("ecosystem.config.cjs"));
    CHECK(is_pm2_name("pm2.json"));
    CHECK(is_pm2_name("process.yml"));
    CHECK_FALSE(is_pm2_name("ecosystem.md"));
    CHECK_FALSE(is_pm2_name("package.json"));
}

}  // namespace gatelint
