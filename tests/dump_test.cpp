#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "dump/dump.hpp"
#include "report/crossplane.hpp"
#include "report/json_writer.hpp"

namespace gatelint {

namespace {

using nlohmann::json;
using Files = std::map<std::string, std::string>;

constexpr const char* main_file = "/etc/nginx/nginx.conf";

/// A main file, by its host path and by the name that somebody gives it.
struct Main {
    std::string path = main_file;
    std::string name = "conf/nginx.conf";
};

DumpResult dump_of(const Files& files, const DumpOptions& options, bool complete, const Main& main,
                   Sources& sources) {
    const MemoryReader reader(files, complete);
    Target target;
    target.main = main.path;
    target.name = main.name;
    target.files = &reader;
    return dump(target, options, sources);
}

std::string dump_json(const Files& files, const DumpOptions& options, bool complete = true,
                      const Main& main = {}) {
    Sources sources;
    const DumpResult result = dump_of(files, options, complete, main, sources);
    REQUIRE(result.status == ReadStatus::ok);
    return crossplane_json(result.payload, std::nullopt);
}

std::string shown(const json& value) {
    return value.dump(-1, ' ', false);
}

void show(const json& statements, const std::string& indent, std::string& out) {
    for (const json& each : statements) {
        out += indent + shown(each["line"]) + ' ';
        if (each.contains("file")) out += each["file"].get<std::string>() + ' ';
        out += each["directive"].get<std::string>();
        for (const json& arg : each["args"]) out += ' ' + shown(arg);
        if (each.contains("comment")) out += shown(each["comment"]);
        if (each.contains("includes")) out += " -> " + shown(each["includes"]);
        out += each.contains("block") ? " {\n" : "\n";
        if (each.contains("block")) show(each["block"], indent + "  ", out);
    }
}

/// The payload for people: files with their errors, then their statements, `line name "args"`.
std::string show(const Files& files, const DumpOptions& options, bool complete = true,
                 const Main& main = {}) {
    const json payload = json::parse(dump_json(files, options, complete, main));
    std::string out = payload["status"].get<std::string>() + '\n';
    for (const json& file : payload["config"]) {
        out += file["file"].get<std::string>() + ": " + file["status"].get<std::string>() + '\n';
        for (const json& error : file["errors"]) {
            out += "  ! " + shown(error["line"]) + ' ' + error["error"].get<std::string>() + '\n';
        }
        show(file["parsed"], "  ", out);
    }
    return out;
}

std::string show_main(std::string text, const DumpOptions& how = {}) {
    return show({{main_file, std::move(text)}}, how);
}

DumpOptions with_comments() {
    DumpOptions with;
    with.include_comments = true;
    return with;
}

}  // namespace

TEST_CASE("a configuration is written as crossplane writes it, byte for byte") {
    const Files files = {
        {main_file, "events { }\nhttp {\n  include a.conf;\n  include b.conf;\n}\n"},
        {"/etc/nginx/a.conf", "index \"a b\" \xC3\xA9;\n"}};
    CHECK(dump_json(files, {}) ==
          R"({"status":"failed","errors":[{"file":"conf/nginx.conf",)"
          R"("error":"open() \"conf/b.conf\" failed (2: No such file or directory) )"
          R"(in conf/nginx.conf:4","line":4}],"config":[)"
          R"({"file":"conf/nginx.conf","status":"failed","errors":[)"
          R"({"error":"open() \"conf/b.conf\" failed (2: No such file or directory) )"
          R"(in conf/nginx.conf:4","line":4}],"parsed":[)"
          R"({"directive":"events","line":1,"args":[],"block":[]},)"
          R"({"directive":"http","line":2,"args":[],"block":[)"
          R"({"directive":"include","line":3,"args":["a.conf"],"includes":[1]},)"
          R"({"directive":"include","line":4,"args":["b.conf"],"includes":[]}]}]},)"
          R"({"file":"conf/a.conf","status":"ok","errors":[],"parsed":[)"
          R"({"directive":"index","line":1,"args":["a b","\u00e9"]}]}]})"
          "\n");
}

TEST_CASE("JSON is indented as Python indents it") {
    JsonWriter writer(2, JsonWriter::Charset::ascii);
    writer.open('{');
    writer.key("a");
    writer.open('[');
    writer.number(1);
    writer.string("b");
    writer.close(']');
    writer.key("c");
    writer.open('[');
    writer.close(']');
    writer.close('}');
    CHECK(writer.take() == "{\n  \"a\": [\n    1,\n    \"b\"\n  ],\n  \"c\": []\n}\n");

    JsonWriter flat(0, JsonWriter::Charset::ascii);
    flat.open('[');
    flat.number(1);
    flat.number(2);
    flat.close(']');
    CHECK(flat.take() == "[\n1,\n2\n]\n");
}

TEST_CASE("JSON of reports is UTF-8, whatever the text is") {
    const auto written = [](std::string_view text) {
        JsonWriter writer(std::nullopt, JsonWriter::Charset::utf8);
        writer.string(text);
        return writer.take();
    };
    CHECK(written("a\"\\/\n\x01\x7f") == "\"a\\\"\\\\/\\n\\u0001\x7f\"\n");
    CHECK(written("\xF0\x9F\x98\x80\xE9") == "\"\xF0\x9F\x98\x80\xEF\xBF\xBD\"\n");
}

TEST_CASE("JSON is ASCII, whatever the text is") {
    const auto written = [](std::string_view text) {
        JsonWriter writer(std::nullopt, JsonWriter::Charset::ascii);
        writer.string(text);
        return writer.take();
    };
    CHECK(written("a\"\\/") == "\"a\\\"\\\\/\"\n");
    CHECK(written("\n\r\t\f\b\x01\x7f") == "\"\\n\\r\\t\\f\\b\\u0001\\u007f\"\n");
    CHECK(written("\xC3\xA9 \xE2\x82\xAC") == "\"\\u00e9 \\u20ac\"\n");
    CHECK(written("\xF0\x9F\x98\x80") == "\"\\ud83d\\ude00\"\n");
    CHECK(written("\xF6 \xE2\x82 \xFF") == "\"\\ufffd \\ufffd \\ufffd\"\n");
    CHECK(written(std::string_view("\0", 1)) == "\"\\u0000\"\n");
}

TEST_CASE("a word loses its quotes and the escape of its own quote, nothing else") {
    CHECK(show_main(R"(events { a "b\"c\'\\d\n" 'e\'f\"' g\"h\;i \ j "\\" ""; "k l" m; })") ==
          "ok\nconf/nginx.conf: ok\n"
          "  1 events {\n"
          R"(    1 a "b\"c\\'\\\\d\\n" "e'f\\\"" "g\\\"h\\;i" "\\ j" "\\\\" "")"
          "\n    1 k l \"m\"\n");
}

TEST_CASE("words end where nginx ends them") {
    CHECK(show_main("events { a ${b} c; d b}c; e ${{f}}; g ${h ; i\xC2\xA0j; }") ==
          "ok\nconf/nginx.conf: ok\n"
          "  1 events {\n"
          "    1 a \"${b}\" \"c\"\n"
          "    1 d \"b}c\"\n"
          "    1 e \"${{f}}\"\n"
          "    1 g \"${h\"\n"
          "    1 i\xC2\xA0j\n");
}

TEST_CASE("if loses its parentheses") {
    CHECK(show_main("if ($a) { }\nif ( $a = \"b\" ) { }\nif (-f $b) { }\nif ( ) { }\nif () { }\n"
                    "if \"( $a )\" { }\nif $a { }\nif ($a { }\nreturn (a);\n") ==
          "ok\nconf/nginx.conf: ok\n"
          "  1 if \"$a\" {\n"
          "  2 if \"$a\" \"=\" \"b\" {\n"
          "  3 if \"-f\" \"$b\" {\n"
          "  4 if {\n"
          "  5 if {\n"
          "  6 if \"$a\" {\n"
          "  7 if \"$a\" {\n"
          "  8 if \"($a\" {\n"
          "  9 return \"(a)\"\n");
}

TEST_CASE("a block of Lua is an argument") {
    CHECK(show_main("http {\n"
                    "content_by_lua_block { local a = { \"}\" } -- } {\n }\n"
                    "set_by_lua_block $b # {\n { return [[ } ]] }\n"
                    "content_by_lua_block{}\n"
                    "}") ==
          "ok\nconf/nginx.conf: ok\n"
          "  1 http {\n"
          "    2 content_by_lua_block \" local a = { \\\"}\\\" } -- } {\\n \"\n"
          "    4 set_by_lua_block \"$b\" \" return [[ } ]] \"\n"
          "    6 content_by_lua_block \"\"\n");
}

TEST_CASE("comments stand where they are written, those within a statement after it") {
    const char* text =
        "#a\n"
        "events { # b {\n"
        "  c # d ;\r\n"
        "    e #f\n"
        "  ; #g\n"
        "  # h\n"
        "}\n"
        "http #i {\n"
        "  #j\n"
        "{\n"
        "  #k\n"
        "} # l";
    CHECK(show_main(text, with_comments()) ==
          "ok\nconf/nginx.conf: ok\n"
          "  1 #\"a\"\n"
          "  2 events {\n"
          "    2 #\" b {\"\n"
          "    3 c \"e\"\n"
          "    3 #\" d ;\"\n"
          "    3 #\"f\"\n"
          "    5 #\"g\"\n"
          "    6 #\" h\"\n"
          "  8 http {\n"
          "    11 #\"k\"\n"
          "  8 #\"i {\"\n"
          "  8 #\"j\"\n"
          "  12 #\" l\"\n");
    CHECK(show_main(text) == "ok\nconf/nginx.conf: ok\n  2 events {\n    3 c \"e\"\n  8 http {\n");
}

TEST_CASE("files come in the order in which includes name them, each once") {
    // Not as nginx reads them: b.conf before what a.conf includes.
    CHECK(show({{main_file, "include a.conf;\ninclude b.conf;\ninclude a.conf;\n"},
                {"/etc/nginx/a.conf", "include c.conf;\n"},
                {"/etc/nginx/b.conf", "events { }\n"},
                {"/etc/nginx/c.conf", "include b.conf;\n"}},
               {}) ==
          "ok\n"
          "conf/nginx.conf: ok\n"
          "  1 include \"a.conf\" -> [1]\n"
          "  2 include \"b.conf\" -> [2]\n"
          "  3 include \"a.conf\" -> [1]\n"
          "conf/a.conf: ok\n"
          "  1 include \"c.conf\" -> [3]\n"
          "conf/b.conf: ok\n"
          "  1 events {\n"
          "conf/c.conf: ok\n"
          "  1 include \"b.conf\" -> [2]\n");
}

TEST_CASE("included files are called after the main file and the include") {
    const Files files = {{main_file,
                          "include conf.d/*.conf;\n"
                          "include /etc/nginx/conf.d/b.conf;\n"
                          "include /srv/*/[c].conf;\n"
                          "include conf.d/../d.conf;\n"
                          "include x/*.conf;\n"},
                         {"/etc/nginx/conf.d/a.conf", ""},
                         {"/etc/nginx/conf.d/b.conf", ""},
                         {"/srv/s/c.conf", ""},
                         {"/etc/nginx/d.conf", ""}};
    const std::string includes =
        "  1 include \"conf.d/*.conf\" -> [1,2]\n"
        "  2 include \"/etc/nginx/conf.d/b.conf\" -> [3]\n"
        "  3 include \"/srv/*/[c].conf\" -> [4]\n"
        "  4 include \"conf.d/../d.conf\" -> [5]\n"
        "  5 include \"x/*.conf\" -> []\n";
    CHECK(show(files, {}) == "ok\nconf/nginx.conf: ok\n" + includes +
                                 "conf/conf.d/a.conf: ok\n"
                                 "conf/conf.d/b.conf: ok\n"
                                 "/etc/nginx/conf.d/b.conf: ok\n"
                                 "/srv/s/c.conf: ok\n"
                                 "conf/conf.d/../d.conf: ok\n");
    CHECK(show(files, {}, true, {main_file, "nginx.conf"}) == "ok\nnginx.conf: ok\n" + includes +
                                                                  "conf.d/a.conf: ok\n"
                                                                  "conf.d/b.conf: ok\n"
                                                                  "/etc/nginx/conf.d/b.conf: ok\n"
                                                                  "/srv/s/c.conf: ok\n"
                                                                  "conf.d/../d.conf: ok\n");
}

TEST_CASE("includes of a file in conf.d begin one directory above") {
    CHECK(show({{"/etc/nginx/conf.d/a.conf", "server { include b.conf; }\n"},
                {"/etc/nginx/b.conf", "listen 80;\n"}},
               {}, true, {"/etc/nginx/conf.d/a.conf", "a.conf"}) ==
          "ok\n"
          "a.conf: ok\n"
          "  1 server {\n"
          "    1 include \"b.conf\" -> [1]\n"
          "../b.conf: ok\n"
          "  1 listen \"80\"\n");
}

TEST_CASE("combining opens includes in their places") {
    DumpOptions combine = with_comments();
    combine.combine = true;
    CHECK(show({{main_file, "http {\n  include s/*.conf; #a\n}\n"},
                {"/etc/nginx/s/1.conf", "server {\n  include l.conf;\n}\n"},
                {"/etc/nginx/s/2.conf", "server {\n  include l.conf;\n  include gone.conf;\n}\n"},
                {"/etc/nginx/l.conf", "listen #b\n80;\n"}},
               combine) ==
          "failed\n"
          "conf/nginx.conf: failed\n"
          "  ! 3 open() \"conf/gone.conf\" failed (2: No such file or directory) "
          "in conf/s/2.conf:3\n"
          "  1 conf/nginx.conf http {\n"
          "    1 conf/s/1.conf server {\n"
          "      1 conf/l.conf listen \"80\"\n"
          "      1 conf/l.conf #\"b\"\n"
          "    1 conf/s/2.conf server {\n"
          "      1 conf/l.conf listen \"80\"\n"
          "      1 conf/l.conf #\"b\"\n"
          "    2 conf/nginx.conf #\"a\"\n");
}

TEST_CASE("a file that includes itself is an error, and is opened once") {
    const Files files = {{main_file, "events { }\ninclude a.conf;\n"},
                         {"/etc/nginx/a.conf", "http { }\ninclude a.conf;\n"}};
    CHECK(show(files, {}) ==
          "failed\n"
          "conf/nginx.conf: ok\n"
          "  1 events {\n"
          "  2 include \"a.conf\" -> [1]\n"
          "conf/a.conf: failed\n"
          "  ! 2 \"conf/a.conf\" includes itself in conf/a.conf:2\n"
          "  1 http {\n"
          "  2 include \"a.conf\" -> [1]\n");
    DumpOptions combine;
    combine.combine = true;
    CHECK(show(files, combine) ==
          "failed\n"
          "conf/nginx.conf: failed\n"
          "  ! 2 \"conf/a.conf\" includes itself in conf/a.conf:2\n"
          "  1 conf/nginx.conf events {\n"
          "  1 conf/a.conf http {\n");
}

TEST_CASE("includes that multiply are not combined beyond a limit") {
    Files files = {{main_file, "events { }\ninclude 0.conf;\n"}};
    for (int i = 0; i < 10; ++i) {
        const std::string next = "include " + std::to_string(i + 1) + ".conf;\n";
        files["/etc/nginx/" + std::to_string(i) + ".conf"] = next + next;
    }
    files["/etc/nginx/10.conf"] = "user a;\n";
    DumpOptions combine;
    combine.combine = true;
    combine.max_repeated = 3100;  // of 1 + 3 + ... + 2047 + 1024
    const std::string all = dump_json(files, combine);
    CHECK(json::parse(all)["config"].size() == 1);
    CHECK(json::parse(all)["config"][0]["parsed"].size() == 1025);

    combine.max_repeated = 3000;
    const json none = json::parse(dump_json(files, combine));
    CHECK(none["config"].size() == 12);
    CHECK(none["errors"][0]["error"] ==
          "not combined: includes repeat more than 3000 statements in conf/nginx.conf:1");
}

TEST_CASE("a single file's includes stay closed") {
    DumpOptions single;
    single.single_file = true;
    CHECK(show({{main_file, "events { }\ninclude a.conf;\ninclude gone.conf;\n"},
                {"/etc/nginx/a.conf", "}"}},
               single) ==
          "ok\nconf/nginx.conf: ok\n"
          "  1 events {\n"
          "  2 include \"a.conf\"\n"
          "  3 include \"gone.conf\"\n");
}

TEST_CASE("a file that cannot be included is an error, even where it may be there on the host") {
    const Files files = {{main_file, "events { }\ninclude mime.types;\ninclude d;\n"},
                         {"/etc/nginx/d/a.conf", ""}};
    const char* expected =
        "failed\nconf/nginx.conf: failed\n"
        "  ! 2 open() \"conf/mime.types\" failed (2: No such file or directory) "
        "in conf/nginx.conf:2\n"
        "  ! 3 pread() \"conf/d\" failed (21: Is a directory) in conf/nginx.conf:3\n"
        "  1 events {\n"
        "  2 include \"mime.types\" -> []\n"
        "  3 include \"d\" -> []\n";
    CHECK(show(files, {}) == expected);
    CHECK(show(files, {}, false) == expected);
}

TEST_CASE("broken syntax is told in nginx's words and at its line, and the rest is kept") {
    CHECK(show_main("http {\n  a b\n}\n}\nc;\n") ==
          "failed\nconf/nginx.conf: failed\n"
          "  ! 3 unexpected \"}\" in conf/nginx.conf:3\n"
          "  ! 4 unexpected \"}\" in conf/nginx.conf:4\n"
          "  1 http {\n"
          "    2 a \"b\"\n"
          "  5 c\n");
    CHECK(show_main("http {\n  a \"b;\n\n") ==
          "failed\nconf/nginx.conf: failed\n"
          "  ! 4 unexpected end of file, expecting \";\" or \"}\" in conf/nginx.conf:4\n"
          "  1 http {\n"
          "    2 a \"b\"\n");
    CHECK(show_main("http {\n  a;\n") ==
          "failed\nconf/nginx.conf: failed\n"
          "  ! 3 unexpected end of file, expecting \"}\" in conf/nginx.conf:3\n"
          "  1 http {\n"
          "    2 a\n");
    CHECK(show_main("a \"b\n\"c;\n{ d; }\n") ==
          "failed\nconf/nginx.conf: failed\n"
          "  ! 2 unexpected \"c\" in conf/nginx.conf:2\n"
          "  ! 3 unexpected \"{\" in conf/nginx.conf:3\n"
          "  1 a \"b\\n\" \"c\"\n"
          "  3  {\n"
          "    3 d\n");
}

TEST_CASE("gatelint's own words go with the error where they are wanted") {
    DumpOptions own;
    own.tb_onerror = true;
    const json payload =
        json::parse(dump_json({{main_file, "events {\n  a b\n}\ninclude gone.conf;\n"}}, own));
    CHECK(payload["errors"][0]["callback"] == "conf/nginx.conf:2: \";\" is missing after \"a\"");
    CHECK(payload["errors"][1]["callback"] ==
          "conf/nginx.conf:4: open() \"conf/gone.conf\" failed (2: No such file or "
          "directory)");
    CHECK_FALSE(payload["config"][0]["errors"][0].contains("callback"));
}

TEST_CASE("without catching, a file is left at its first error") {
    DumpOptions stop;
    stop.catch_errors = false;
    CHECK(show({{main_file, "include a.conf;\ninclude gone.conf;\ninclude b.conf;\n}\n"},
                {"/etc/nginx/a.conf", "events { }\n"},
                {"/etc/nginx/b.conf", ""}},
               stop) ==
          "failed\n"
          "conf/nginx.conf: failed\n"
          "  ! 2 open() \"conf/gone.conf\" failed (2: No such file or directory) "
          "in conf/nginx.conf:2\n"
          "conf/a.conf: ok\n"
          "  1 events {\n");
}

TEST_CASE("ignored directives go with their blocks, their files and their comments") {
    DumpOptions ignore = with_comments();
    ignore.ignore = {"server", "include"};
    ignore.strict = true;
    CHECK(show({{main_file,
                 "http {\n"
                 "  server { #a\n    include gone.conf; bogus b;\n  } #c\n"
                 "  include a.conf;\n  include #d\n b.conf;\n"
                 "  upstream u { server e; }\n"
                 "}\n"},
                {"/etc/nginx/a.conf", "bogus c;\n"}},
               ignore) ==
          "ok\n"
          "conf/nginx.conf: ok\n"
          "  1 http {\n"
          "    4 #\"c\"\n"
          "    8 upstream \"u\" {\n");
}

TEST_CASE("broken syntax in an ignored directive is an error still") {
    DumpOptions ignore;
    ignore.ignore = {"server"};
    CHECK(show_main("http {\n  server { a b }\n}\n", ignore) ==
          "failed\nconf/nginx.conf: failed\n"
          "  ! 2 unexpected \"}\" in conf/nginx.conf:2\n"
          "  1 http {\n");
}

TEST_CASE("strictly, a directive that nginx does not know is an error once, and is kept") {
    const Files files = {{main_file,
                          "http {\n"
                          "  map $a $b { bogus 1; include m.conf; }\n"
                          "  types { text/html html; }\n"
                          "  server { include s.conf; }\n"
                          "  server { include s.conf; }\n"
                          "}\n"},
                         {"/etc/nginx/m.conf", "row 1;\n"},
                         {"/etc/nginx/s.conf", "proxy_passs a;\ncontent_by_lua_block { }\n"}};
    DumpOptions strict;
    strict.strict = true;
    CHECK(show(files, strict) ==
          "failed\n"
          "conf/nginx.conf: ok\n"
          "  1 http {\n"
          "    2 map \"$a\" \"$b\" {\n"
          "      2 bogus \"1\"\n"
          "      2 include \"m.conf\" -> [1]\n"
          "    3 types {\n"
          "      3 text/html \"html\"\n"
          "    4 server {\n"
          "      4 include \"s.conf\" -> [2]\n"
          "    5 server {\n"
          "      5 include \"s.conf\" -> [2]\n"
          "conf/m.conf: ok\n"
          "  1 row \"1\"\n"
          "conf/s.conf: failed\n"
          "  ! 1 unknown directive \"proxy_passs\" in conf/s.conf:1\n"
          "  1 proxy_passs \"a\"\n"
          "  2 content_by_lua_block \" \"\n");
    CHECK(show(files, {}).starts_with("ok\n"));
}

TEST_CASE("a main file that cannot be read has no payload") {
    Sources sources;
    CHECK(dump_of({}, {}, true, {}, sources).status == ReadStatus::missing);
}

}  // namespace gatelint
