#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/context.hpp"
#include "source/dump_reader.hpp"
#include "source/glob.hpp"

namespace gatelint {

namespace {

using Files = std::map<std::string, std::string>;

/// A configuration that was loaded from texts, with what its views point into.
struct Loaded {
    Sources sources;
    MemoryReader files;
    Config config;

    explicit Loaded(Files texts, bool complete = true, const std::string& main = main_file,
                    const LoadOptions& options = {})
        : files(std::move(texts), complete), config(load(main, files, sources, options)) {}

    static constexpr const char* main_file = "/etc/nginx/nginx.conf";
};

Loaded load_main(std::string text) {
    return Loaded({{Loaded::main_file, std::move(text)}});
}

void print(const Directive& block, const std::string& indent, std::string& out) {
    for (const Directive* child : block.children) {
        out += indent;
        if (child->is_row) out += "row ";
        out += child->name();
        for (const Word& word : child->args()) out += ' ' + std::string(word.text);
        if (child->include != nullptr) {
            out += "  # " + std::string(child->include->arg(0));
        }
        if (child->opaque) out += "  (opaque)";
        out += '\n';
        print(*child, indent + "  ", out);
    }
}

/// What was loaded: a directive per line, with the include that brought it; then the problems.
std::string text_of(const Config& config) {
    constexpr std::string_view kinds[] = {"unreadable", "cycle", "too deep", "too large"};
    std::string out;
    if (config.main().opaque) out += "(opaque)\n";
    print(config.main(), "", out);
    for (const IncludeProblem& problem : config.include_problems()) {
        out += "! " + std::string(kinds[static_cast<int>(problem.kind)]) + ' ' + problem.path +
               (problem.certain ? "" : " perhaps") + '\n';
    }
    return out;
}

std::string loaded(Files files, bool complete = true, const std::string& main = Loaded::main_file) {
    return text_of(Loaded(std::move(files), complete, main).config);
}

/// The blocks that are assumed around a fragment.
std::string context(std::string text, const LoadOptions& options = {}) {
    const Loaded loaded({{"/repo/x.conf", std::move(text)}}, false, "/repo/x.conf", options);
    std::string names;
    const Directive* block = &loaded.config.main();
    for (bool deeper = loaded.config.is_fragment(); deeper;) {
        const bool assumed = block->children.size() == 1 && block->opaque &&
                             block->children[0]->span().begin == block->children[0]->span().end;
        if (!assumed) break;
        block = block->children[0];
        names += (names.empty() ? "" : " ") + std::string(block->name());
    }
    return names;
}

}  // namespace

TEST_SUITE("includes") {
    TEST_CASE("what an include brings stands after it, in the same block") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "http { include a.conf; c; }"},
                      {"/etc/nginx/a.conf", "a; server { d; }"}}) ==
              "http\n"
              "  include a.conf\n"
              "  a  # a.conf\n"
              "  server  # a.conf\n"
              "    d  # a.conf\n"
              "  c\n");
    }

    TEST_CASE("relative paths begin at the main file's directory, not at the including file's") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "include sub/a.conf;"},
                      {"/etc/nginx/sub/a.conf", "include b.conf;"},
                      {"/etc/nginx/b.conf", "right;"},
                      {"/etc/nginx/sub/b.conf", "wrong;"}}) ==
              "include sub/a.conf\ninclude b.conf  # sub/a.conf\nright  # b.conf\n");
    }

    TEST_CASE("a pattern brings its files sorted bytewise, without dotfiles, with backups") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "include conf.d/*;"},
                      {"/etc/nginx/conf.d/b.conf", "b;"},
                      {"/etc/nginx/conf.d/a.conf", "a;"},
                      {"/etc/nginx/conf.d/a.conf~", "backup;"},
                      {"/etc/nginx/conf.d/B.conf", "upper;"},
                      {"/etc/nginx/conf.d/.a.conf.swp", "swap;"}}) ==
              "include conf.d/*\nupper  # conf.d/*\na  # conf.d/*\nbackup  # conf.d/*\n"
              "b  # conf.d/*\n");
    }

    TEST_CASE("patterns may stand in directories, and are more than stars") {
        const MemoryReader files({{"/a/x1/f.conf", ""},
                                  {"/a/x2/f.conf", ""},
                                  {"/a/x10/f.conf", ""},
                                  {"/a/y1/other", ""},
                                  {"/a/.x/f.conf", ""},
                                  {"/a/x3", ""}});
        const auto found = [&](const std::string& pattern) {
            std::string names;
            for (const std::string& name : glob(pattern, files).paths) names += name + ' ';
            return names;
        };
        CHECK(found("/a/*/f.conf") == "/a/x1/f.conf /a/x10/f.conf /a/x2/f.conf ");
        CHECK(found("/a/y*/f.conf").empty());
        CHECK(found("/a/x?/*.conf") == "/a/x1/f.conf /a/x2/f.conf ");
        CHECK(found("/a/x[12]/f.conf") == "/a/x1/f.conf /a/x2/f.conf ");
        CHECK(found("/a/.*/f.conf") == "/a/.x/f.conf ");
        CHECK(found("/none/*").empty());
        CHECK(found("/a/x[12]/g.conf").empty());
        CHECK(is_glob("a[1].conf"));
        CHECK_FALSE(is_glob("a.conf"));
    }

    TEST_CASE("a file that is included twice is parsed once and placed twice") {
        const Loaded loaded({{"/etc/nginx/nginx.conf",
                              "http { server { include s.conf; } server { include s.conf; } }"},
                             {"/etc/nginx/s.conf", "a;"}});
        CHECK(loaded.config.trees().size() == 2);
        const Directive& http = *loaded.config.main().children[0];
        const Directive* first = http.children[0]->children[1];
        const Directive* second = http.children[1]->children[1];
        CHECK(first->statement == second->statement);
        CHECK(first->parent == http.children[0]);
        CHECK(second->parent == http.children[1]);
        CHECK(first->include == http.children[0]->children[0]);
    }

    TEST_CASE("a file that includes itself is a cycle, and the rest of it is read") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "a; include nginx.conf; b;"}}) ==
              "(opaque)\na\ninclude nginx.conf\nb\n! cycle /etc/nginx/nginx.conf\n");
    }

    TEST_CASE("a longer cycle is found where it closes") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "include a;"},
                      {"/etc/nginx/a", "include b;"},
                      {"/etc/nginx/b", "include a; c;"}}) ==
              "(opaque)\ninclude a\ninclude b  # a\ninclude a  # b\nc  # b\n"
              "! cycle /etc/nginx/a\n");
    }

    TEST_CASE("a pattern that matches its own file is a cycle") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "include d/*.conf;"},
                      {"/etc/nginx/d/a.conf", "include d/*.conf;"}}) ==
              "(opaque)\ninclude d/*.conf\ninclude d/*.conf  # d/*.conf\n"
              "! cycle /etc/nginx/d/a.conf\n");
    }

    TEST_CASE("a missing file is a problem, and its block is not wholly known") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "http { include none.conf; a; } b;"}}) ==
              "http  (opaque)\n  include none.conf\n  a\nb\n! unreadable /etc/nginx/none.conf\n");
        CHECK(loaded({{"/etc/nginx/nginx.conf", "http { include none.conf; }"}}, false) ==
              "http  (opaque)\n  include none.conf\n! unreadable /etc/nginx/none.conf perhaps\n");
    }

    TEST_CASE("a directory cannot be included, wherever one looks") {
        const Files files = {{"/etc/nginx/nginx.conf", "http { include d/; }"},
                             {"/etc/nginx/d/a.conf", "a;"}};
        CHECK(loaded(files, false) == "http  (opaque)\n  include d/\n! unreadable /etc/nginx/d\n");
    }

    TEST_CASE("a file of nginx's packages may be missing from a repository or an overlay") {
        const Files files = {{"/etc/nginx/nginx.conf", "http { include mime.types; }"}};
        CHECK(loaded(files, false) == "http\n  include mime.types\n");
        CHECK(loaded(files, true) ==
              "http\n  include mime.types\n! unreadable /etc/nginx/mime.types perhaps\n");
    }

    TEST_CASE("a file of nginx's packages is missing for certain where the others are") {
        const Files files = {{"/etc/nginx/nginx.conf", "http { include mime.types; }"},
                             {"/etc/nginx/fastcgi_params", ""}};
        CHECK(loaded(files, true) ==
              "http\n  include mime.types\n! unreadable /etc/nginx/mime.types\n");
    }

    TEST_CASE("a pattern without a match hides nothing only where the whole host is in sight") {
        const Files files = {{"/etc/nginx/nginx.conf", "http { include none/*.conf; }"}};
        CHECK(loaded(files, true) == "http\n  include none/*.conf\n");
        CHECK(loaded(files, false) == "http  (opaque)\n  include none/*.conf\n");
    }

    TEST_CASE("a pattern that matches a directory brings a problem") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "include d/*;"},
                      {"/etc/nginx/d/a", "a;"},
                      {"/etc/nginx/d/sub/b", "b;"}}) ==
              "(opaque)\ninclude d/*\na  # d/*\n! unreadable /etc/nginx/d/sub\n");
    }

    TEST_CASE("a dump holds all that its patterns match, and may lack a file that was cut out") {
        Sources sources;
        const DumpReader files(
            "# configuration file /etc/nginx/nginx.conf:\n"
            "http { include none/*; server { include cut; } include conf.d/*.conf; }\n"
            "# configuration file /etc/nginx/conf.d/a.conf:\na;\n");
        const Config config = load(files.main(), files, sources);
        CHECK(text_of(config) ==
              "http\n  include none/*\n  server  (opaque)\n    include cut\n"
              "  include conf.d/*.conf\n  a  # conf.d/*.conf\n");
    }

    TEST_CASE("includes may be 24 files deep") {
        const auto chain = [](int length) {
            Files files = {{"/etc/nginx/nginx.conf", "include 1;"}};
            for (int i = 1; i < length; ++i) {
                files["/etc/nginx/" + std::to_string(i)] = "include " + std::to_string(i + 1) + ';';
            }
            files["/etc/nginx/" + std::to_string(length)] = "last;";
            return files;
        };
        CHECK(Loaded(chain(23)).config.include_problems().empty());
        const Loaded deeper(chain(24));
        REQUIRE(deeper.config.include_problems().size() == 1);
        CHECK(deeper.config.include_problems()[0].kind == IncludeProblem::Kind::too_deep);
    }

    TEST_CASE("a main file that cannot be read leaves nothing but its status") {
        const Loaded loaded{Files{}};
        CHECK(loaded.config.status() == ReadStatus::missing);
        CHECK(loaded.config.trees().empty());
    }

    TEST_CASE("a file that does not parse is loaded as far as it was read") {
        CHECK(loaded({{"/etc/nginx/nginx.conf", "http { include a.conf; b; }"},
                      {"/etc/nginx/a.conf", "a 'x'y; } c"}}) ==
              "http\n  include a.conf\n  a x y  # a.conf\n  c  # a.conf\n  b\n");
    }
}

TEST_SUITE("surprises") {
    /// What is surprising in includes of one configuration.
    std::string surprises(Files files) {
        constexpr std::string_view kinds[] = {"backup", "bracket", "suffix"};
        const Loaded loaded(std::move(files));
        std::string out;
        for (const IncludeSurprise& each : loaded.config.include_surprises()) {
            out += std::string(each.include->arg(0)) + ' ' +
                   std::string(kinds[static_cast<int>(each.kind)]);
            for (const std::string& file : each.files) out += ' ' + std::string(base_name(file));
            out += '\n';
        }
        return out;
    }

    constexpr const char* site = "server { listen 80; }";

    TEST_CASE("a star brings backups, unless the pattern asks for them") {
        Files files = {{Loaded::main_file, "http { include d/*; include b/*.bak; include c/*~; }"},
                       {"/etc/nginx/b/x.bak", ""},
                       {"/etc/nginx/c/x~", ""},
                       {"/etc/nginx/d/.x.swp", ""},
                       {"/etc/nginx/d/shop", ""},
                       {"/etc/nginx/d/bak", ""},
                       {"/etc/nginx/d/~", ""},
                       {"/etc/nginx/d/shop.backup.conf", ""}};
        CHECK(surprises(files) == "");
        for (const char* name : {"a~", "b.bak", "c.rpmsave", "d.dpkg-old", "e.orig", "f.save"}) {
            files["/etc/nginx/d/" + std::string(name)] = "";
        }
        CHECK(surprises(files) == "d/* backup a~ b.bak c.rpmsave d.dpkg-old e.orig f.save\n");
    }

    TEST_CASE("a pattern that is included often surprises once") {
        CHECK(surprises({{Loaded::main_file, "http { include s; include s; }"},
                         {"/etc/nginx/s", "include d/*;"},
                         {"/etc/nginx/d/a~", ""}}) == "d/* backup a~\n");
    }

    TEST_CASE("a bracket may hide the file that is meant") {
        CHECK(surprises({{Loaded::main_file, "include a[1].conf; include b[1].conf;"},
                         {"/etc/nginx/a[1].conf", ""},
                         {"/etc/nginx/a1.conf", ""},
                         {"/etc/nginx/b1.conf", ""}}) == "a[1].conf bracket a[1].conf\n");
        CHECK(surprises({{Loaded::main_file, "include a[1].conf; include a*;"},
                         {"/etc/nginx/a[1].conf", ""}}) == "");
    }

    TEST_CASE("sites that are enabled and not included are left out by a suffix") {
        const std::string main = "http { include sites-enabled/*.conf; }";
        CHECK(surprises({{Loaded::main_file, main},
                         {"/etc/nginx/sites-enabled/shop.example.com", site},
                         {"/etc/nginx/sites-enabled/api", site}}) ==
              "sites-enabled/*.conf suffix api shop.example.com\n");
        CHECK(surprises({{Loaded::main_file, main},
                         {"/etc/nginx/sites-enabled/api", site},
                         {"/etc/nginx/sites-enabled/shop.conf", site}}) == "");
        CHECK(surprises({{Loaded::main_file, "include sites-enabled/*.conf; include */api;"},
                         {"/etc/nginx/sites-enabled/api", site}}) == "");
        for (const char* name : {"a.disabled", ".a", "a.bak", "sub/a", "a.off", "a.sample"}) {
            CHECK(surprises({{Loaded::main_file, main},
                             {"/etc/nginx/sites-enabled/" + std::string(name), site}}) == "");
        }
        CHECK(surprises({{Loaded::main_file, main},
                         {"/etc/nginx/sites-enabled/README", "Links to sites."}}) == "");
        CHECK(surprises({{Loaded::main_file, "http { include conf.d/*.conf; }"},
                         {"/etc/nginx/conf.d/default", site}}) == "");
    }
}

TEST_SUITE("rows") {
    TEST_CASE("lines of map, geo, types and their like are data, includes among them are opened") {
        CHECK(loaded({{"/etc/nginx/nginx.conf",
                       "http { map $a $b { default server; include m; server x; }\n"
                       "geo $c { proxy 10.0.0.1; } types { text/html html; }\n"
                       "split_clients $d $e { 50% listen; } charset_map a b { 80 E2; } }"},
                      {"/etc/nginx/m", "listen 80;"}}) ==
              "http\n"
              "  map $a $b\n"
              "    row default server\n"
              "    include m\n"
              "    row listen 80  # m\n"
              "    row server x\n"
              "  geo $c\n"
              "    row proxy 10.0.0.1\n"
              "  types\n"
              "    row text/html html\n"
              "  split_clients $d $e\n"
              "    row 50% listen\n"
              "  charset_map a b\n"
              "    row 80 E2\n");
    }

    TEST_CASE("what stands in a block that nginx does not know is data, however deep") {
        CHECK(loaded({{"/etc/nginx/nginx.conf",
                       "http { geoip2 a.mmdb { $a default=US country; } otel_exporter { server x; }"
                       "vendor { location / { listen 80; } include none; include m; } }"},
                      {"/etc/nginx/m", "listen 80;"}}) ==
              "http\n"
              "  geoip2 a.mmdb\n"
              "    row $a default=US country\n"
              "  otel_exporter\n"
              "    row server x\n"
              "  vendor\n"
              "    row location /\n"
              "      row listen 80\n"
              "    include none\n"
              "    include m\n"
              "    row listen 80  # m\n");
    }

    TEST_CASE("the user may say which blocks hold data") {
        const Loaded loaded({{Loaded::main_file, "http { upstream a { server b; } }"}}, true,
                            Loaded::main_file, {std::nullopt, {"upstream"}});
        CHECK(text_of(loaded.config) == "http\n  upstream a\n    row server b\n");
        CHECK(loaded.config.is_data_block("upstream"));
        CHECK_FALSE(loaded.config.is_data_block("http"));
    }

    TEST_CASE("rows are not found as directives") {
        const Loaded loaded = load_main("map $a $b { listen 80; }");
        CHECK(loaded.config.main().children[0]->all(DirectiveId::listen).empty());
    }
}

TEST_CASE("directives are found by their id, in order") {
    const Loaded loaded(
        {{"/etc/nginx/nginx.conf", "user a; include x; unknown1; events {} user c; unknown2;"},
         {"/etc/nginx/x", "user b;"}});
    const Directive& main = loaded.config.main();
    std::string users;
    for (const Directive* user : main.all(DirectiveId::user)) users += user->arg(0);
    CHECK(users == "abc");
    CHECK(main.last(DirectiveId::user)->arg(0) == "c");
    CHECK(main.last(DirectiveId::user)->arg(1).empty());
    CHECK(main.all(DirectiveId::unknown).size() == 2);
    CHECK(main.all(DirectiveId::events).size() == 1);
    CHECK(main.all(DirectiveId::http).empty());
    CHECK(main.last(DirectiveId::zone_sync_timeout) == nullptr);
    CHECK(main.parent == nullptr);
}

TEST_SUITE("fragments") {
    TEST_CASE("the blocks around a fragment follow from its directives") {
        const std::pair<std::string, std::string> cases[] = {
            {"events {} http {}", ""},
            {"worker_processes 1;", ""},
            {"error_log stderr;", ""},
            {"include a.conf;", ""},
            {"", ""},
            {"unknown;", ""},
            {"server { listen 80; }", "http"},
            {"upstream a { server b; } server { location / {} }", "http"},
            {"map $a $b { c d; }", "http"},
            {"types { text/html html; }", "http"},
            {"location / {}", "http server"},
            {"listen 80; server_name a;", "http server"},
            {"proxy_set_header Host $host;", "http"},
            {"proxy_pass http://a;", "http server location"},
            {"fastcgi_pass a; include fastcgi_params;", "http server location"},
            {"server 10.0.0.1:80; server 10.0.0.2:80 backup;", "http upstream"},
            {"server a:1; keepalive 8;", "http upstream"},
            {"server { listen 1; proxy_pass a; }", "stream"},
            {"upstream a { server b:1; } server { listen 1; proxy_pass a; }", "stream"},
            {"server { listen 1; preread_timeout 1; } preread_timeout 1s;", "stream"},
            {"imap_capabilities A;", "mail"},
        };
        for (const auto& [text, blocks] : cases) {
            CAPTURE(text);
            CHECK(context(text) == blocks);
        }
    }

    TEST_CASE("the blocks around a fragment may be said") {
        const std::pair<std::string, std::string> cases[] = {
            {"main", ""},
            {"events", "events"},
            {"http", "http"},
            {"server", "http server"},
            {"http,server", "http server"},
            {"main,http,server", "http server"},
            {"location", "http server location"},
            {"http, server, location, location", "http server location location"},
            {"if", "http server location if"},
            {"http,server,if", "http server if"},
            {"limit_except", "http server location limit_except"},
            {"upstream", "http upstream"},
            {"map", "http map"},
            {"stream,map", "stream map"},
            {"stream", "stream"},
            {"stream,server", "stream server"},
            {"stream,upstream", "stream upstream"},
            {"mail,server", "mail server"},
        };
        for (const auto& [text, blocks] : cases) {
            CAPTURE(text);
            const auto parsed = parse_context(text);
            REQUIRE(parsed);
            std::string names;
            for (const DirectiveId id : *parsed) {
                names += (names.empty() ? "" : " ") + std::string(name_of(id));
            }
            CHECK(names == blocks);
            CHECK(context("unknown;", {parsed, {}}) == blocks);
        }
    }

    TEST_CASE("a place that nginx does not have is no context") {
        for (const char* text : {"", ",", "http,", "servr", "server,http", "http,http", "listen",
                                 "stream,location", "events,server", "http,main", "map,server"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_context(text));
        }
    }

    TEST_CASE("a comment at the beginning says the context, an option wins over it") {
        CHECK(context("# gatelint: context=server\nproxy_set_header a b;") == "http server");
        CHECK(context("# Locations\n#\n##gatelint:  context = http\n") == "");
        CHECK(context("# x\n# gatelint: context=http,server -- see nginx.conf\nunknown;") ==
              "http server");
        CHECK(context("# gatelint: context=stream\n", {{{DirectiveId::http}}, {}}) == "http");
        CHECK(context("unknown;\n# gatelint: context=server\n") == "");
        CHECK(context("location / {} # gatelint: context=stream\n") == "http server");
        CHECK(context("# gatelint: context=nowhere\nserver {}") == "http");
    }

    TEST_CASE("a whole configuration is known by its name or by its events block") {
        const auto is_main = [](const std::string& path, std::string text) {
            const Loaded loaded({{path, std::move(text)}}, false, path);
            return is_main_file(path, loaded.config.trees().front().statements());
        };
        CHECK(is_main("/a/nginx.conf", "http {}"));
        CHECK(is_main("/a/nginx.conf", ""));
        CHECK(is_main("/a/other.conf", "events {} http {}"));
        CHECK_FALSE(is_main("/a/other.conf", "worker_processes 1; http {}"));
        CHECK_FALSE(is_main("/a/nginx.conf", "server {}"));
    }

    TEST_CASE("what is assumed around a fragment is not wholly known") {
        CHECK(loaded({{"/etc/nginx/a.conf", "location / { a; }"}}, true, "/etc/nginx/a.conf") ==
              "(opaque)\n"
              "http  (opaque)\n"
              "  server  (opaque)\n"
              "    location /\n"
              "      a\n");
    }

    TEST_CASE("relative paths of a fragment in a usual folder begin above it") {
        CHECK(configuration_directory("/etc/nginx/conf.d/a.conf") == "/etc/nginx");
        CHECK(configuration_directory("/etc/nginx/sites-enabled/a") == "/etc/nginx");
        CHECK(configuration_directory("/etc/nginx/snippets/a") == "/etc/nginx");
        CHECK(configuration_directory("/srv/conf.d/nginx.conf") == "/srv/conf.d");
        CHECK(configuration_directory("/etc/nginx/nginx.conf") == "/etc/nginx");
        CHECK(configuration_directory("/nginx.conf").empty());
        CHECK(loaded(
                  {{"/n/conf.d/a.conf", "server { include snippets/b; }"}, {"/n/snippets/b", "b;"}},
                  false, "/n/conf.d/a.conf") ==
              "(opaque)\nhttp  (opaque)\n  server\n    include snippets/b\n"
              "    b  # snippets/b\n");
    }
}

}  // namespace gatelint
