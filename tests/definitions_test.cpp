#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "lint.hpp"
#include "model/shared_zones.hpp"
#include "nginx/name_hash.hpp"
#include "rule.hpp"
#include "source/utf8.hpp"

// What collides, what is missing, and where gatelint cannot know. The fixtures show each rule at
// its work; here is what they cannot: parts of a host, versions, and many of a kind.

namespace gatelint {

namespace {

/// The findings of one rule in a file, a line each: "severity message" and nginx's words.
std::string said(std::string_view rule, const std::string& text, std::string_view path,
                 bool complete, std::optional<Version> version = {}) {
    Sources sources;
    const MemoryReader files({{std::string(path), text}}, complete);
    Around around({}, files);
    Target target;
    target.main = path;
    target.files = &files;
    target.load.nginx.version = version;
    target.around = &around;
    std::string out;
    for (const Finding& finding : lint(target, sources).findings) {
        if (finding.rule != rule) continue;
        out += std::string(name_of(finding.severity)) + ' ' + finding.message;
        if (!finding.nginx.empty()) out += " | " + finding.nginx;
        out += '\n';
    }
    return out;
}

std::string said(std::string_view rule, const std::string& text) {
    return said(rule, "events {}\n" + text, "/etc/nginx/nginx.conf", true);
}

/// The zones of a configuration: "name use size", a line each.
std::string zones(const std::string& text) {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", text}});
    const Config config = load("/nginx.conf", files, sources);
    std::string out;
    for (const ZoneMention& mention : zone_mentions(config)) {
        out += std::string(mention.name) + ' ' + mention.use;
        if (mention.size) out += ' ' + std::to_string(*mention.size);
        out += '\n';
    }
    return out;
}

/// The sockets of http: "address: number of listens", a line each.
std::string sockets(const std::string& text) {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", "http {" + text + '}'}});
    const Config config = load("/nginx.conf", files, sources);
    const Model model = make_model(config);
    std::string out;
    for (const Socket& socket : model.sockets(false)) {
        out += socket.text() + ": " + std::to_string(socket.uses.size()) + '\n';
    }
    return out;
}

}  // namespace

TEST_CASE("an address is one socket, however it is written") {
    CHECK(sockets("server { listen 80; } server { listen *:80; } server { listen 0.0.0.0; } "
                  "server { }") == "0.0.0.0:80: 4\n");
    CHECK(sockets("server { listen [::]:80; listen [0:0::0]:80; }") == "[::]:80: 2\n");
    CHECK(sockets("server { listen unix:/a; listen unix:/aa; }") == "unix:/a: 1\nunix:/aa: 1\n");
    CHECK(sockets("server { listen 443 ssl; listen 443 quic; }") ==
          "0.0.0.0:443: 1\n0.0.0.0:443: 1\n");
    CHECK(sockets("server { listen localhost:80; listen $port; }").empty());
}

TEST_CASE("names collide as in nginx's hashes") {
    NameHash names(true);
    CHECK_FALSE(names.add("example.com", 0));
    CHECK(names.add("Example.COM", 1) == 0);
    CHECK_FALSE(names.add("*.example.com", 2));
    CHECK(names.add(".example.com", 3) == 0);
    CHECK_FALSE(names.add(".example.org", 4));
    CHECK(names.add("example.org", 5) == 4);
    CHECK(names.add("*.example.org", 6) == 4);
    CHECK_FALSE(names.add("www.example.*", 7));
    CHECK(names.add("www.example.*", 8) == 7);
    CHECK_FALSE(names.add("", 9));
    CHECK(names.add("", 10) == 9);
    CHECK_FALSE(names.add("a*b", 11));
    CHECK_FALSE(names.add("a*b", 12));

    NameHash plain(false);
    CHECK_FALSE(plain.add(".a", 0));
    CHECK_FALSE(plain.add("a", 1));
    CHECK(plain.add("A", 2) == 1);
}

TEST_CASE("zones are what nginx's modules ask for") {
    CHECK(zones("http { limit_req_zone $a zone=x:1m rate=1r/s; server { limit_req burst=5 zone=x; "
                "proxy_cache off; proxy_cache $host; fastcgi_cache y; } }") ==
          "x limit_req 1048576\nx limit_req\ny fastcgi_cache\n");
    CHECK(zones("stream { upstream u { zone z 64k; } limit_conn a 5; }") ==
          "z stream's upstreams 65536\na stream's limit_conn\n");
    CHECK(zones("http { ssl_session_cache builtin:1000 shared:SSL:10m; proxy_cache_path /a "
                "levels=1:2 keys_zone=k:1m; }") ==
          "SSL ssl_session_cache 10485760\nk proxy_cache "
          "1048576\n");
    CHECK(zones("http { limit_req zone=__ZONE__; }").empty());
}

TEST_CASE("in a part of a configuration nothing is missing") {
    const std::string site =
        "server { listen 80; access_log /a main; limit_req zone=api; error_page 404 @gone; }";
    const auto alone = [&](std::string_view rule, const std::string& text) {
        return said(rule, text, "/etc/nginx/conf.d/site.conf", false);
    };
    CHECK(alone("undefined-shared-zone", site).empty());
    CHECK(alone("undefined-log-format", site).empty());
    // A server is whole, unless something of it is elsewhere.
    CHECK_FALSE(alone("error-page-named-undefined", site).empty());
    CHECK(alone("error-page-named-undefined", "location / { error_page 404 @gone; }").empty());
    CHECK(alone("error-page-named-undefined",
                "server { include parts/*.conf; error_page 404 @gone; }")
              .empty());
}

TEST_CASE("what an unseen include may define is not missing") {
    const std::string text =
        "events {}\nhttp { include zones/*.conf; server { listen 80; access_log /a main; "
        "limit_req zone=api; } }";
    for (const std::string_view rule : {"undefined-shared-zone", "undefined-log-format"}) {
        CHECK(said(rule, text, "/etc/nginx/nginx.conf", false).empty());
        CHECK_FALSE(said(rule, text, "/etc/nginx/nginx.conf", true).empty());
    }
}

TEST_CASE("a definition may follow its use, but for log formats") {
    CHECK(said("undefined-shared-zone",
               "http { server { limit_req zone=a; } limit_req_zone $uri zone=a:1m rate=1r/s; }")
              .empty());
    CHECK(said("undefined-log-format", "http { access_log /a a; log_format A x; }") ==
          "error log format \"a\" is used before it is defined | unknown log format \"a\"\n");
    CHECK(said("undefined-log-format", "http { log_format A x; access_log /a a; }").empty());
    CHECK(said("undefined-log-format", "stream { access_log /a combined; }") ==
          "error log format \"combined\" is not defined | unknown log format \"combined\"\n");
}

TEST_CASE("servers of stream share an address since 1.25.5") {
    const std::string text =
        "events {}\nstream { server { listen 80; server_name a; } server { listen 80; server_name "
        "b; } }";
    const auto with = [&](std::optional<Version> version) {
        return said("duplicate-definition", text, "/etc/nginx/nginx.conf", true, version);
    };
    CHECK(with(Version{1, 22, 1}) ==
          "error there are two listen directives for 0.0.0.0:80 | duplicate \"0.0.0.0:80\" address "
          "and port pair\n");
    CHECK(with(Version{1, 25, 5}).empty());
    CHECK(with(std::nullopt).empty());
}

TEST_CASE("a directive may stand again in a block of its own, or where its form allows it") {
    const auto duplicates = [](const std::string& text) {
        return said("duplicate-definition", "http { server { " + text + " } }");
    };
    CHECK(duplicates("root /a; location / { root /b; if ($uri) { root /c; } if ($uri) { root /d; "
                     "} }")
              .empty());
    CHECK(duplicates("resolver 127.0.0.1; resolver 127.0.0.1;") ==
          "error \"resolver\" is set twice in this block | \"resolver\" directive is duplicate\n");
    CHECK(duplicates("location / { proxy_cookie_path /a /b; proxy_cookie_path off; }") ==
          "error \"proxy_cookie_path\" is set twice in this block | \"proxy_cookie_path\" "
          "directive is duplicate\n");
    CHECK(duplicates("location / { proxy_cookie_path /a /b; proxy_cookie_path /b /c; }").empty());
    CHECK(duplicates("some_module on; some_module on;").empty());
    // Where it may not stand at all, nginx has other words.
    CHECK(duplicates("upstream a { server 127.0.0.1; } upstream a { server 127.0.0.1; }").empty());
}

TEST_CASE("a file that is included twice is said to be") {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", "events {} http { include a.conf; include b.conf; }"},
                              {"/a.conf", "include b.conf;"},
                              {"/b.conf", "upstream u { server 127.0.0.1; } log_format f x;"}});
    Around around({}, files);
    Target target;
    target.main = "/nginx.conf";
    target.files = &files;
    target.around = &around;
    const LintResult result = lint(target, sources);
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings[0].message ==
          "upstream \"u\" is defined twice: the file is included twice");
    CHECK(sources.text(result.findings[0].span) == "include b.conf");
    CHECK(result.findings[0].nginx == "duplicate upstream \"u\"");
}

TEST_CASE("twenty thousand servers of one address are compared in no time") {
    std::string text = "http {";
    for (int i = 0; i < 20'000; ++i) {
        text += "server { listen 80; listen [::]:80; server_name n" + std::to_string(i) +
                ".example.com; location / { root /a; } }\n";
    }
    text += "server { listen 80; server_name N7.example.com; } }";
    CHECK(said("duplicate-definition", text) ==
          "warning the server name \"N7.example.com\" has no effect on 0.0.0.0:80: another server "
          "already has it\n");
}

TEST_CASE("invisible characters are those that look like nothing or like a space") {
    CHECK(has_misleading_character("proxy_pass\u00A0http://a"));
    CHECK(has_misleading_character("\u200Blisten"));
    CHECK(has_misleading_character("“on”"));
    CHECK_FALSE(has_misleading_character("größe"));
    CHECK_FALSE(has_misleading_character("listen"));
    CHECK(is_all_invisible("\u00A0\uFEFF"));
    CHECK_FALSE(is_all_invisible("\u00A0a"));
}

TEST_CASE("a line of invisible characters misses no semicolon") {
    CHECK(said("syntax-error", "http {\n\u00A0\n}").empty());
    CHECK(said("invisible-characters", "http {\n\u00A0\n}") ==
          "error a no-break space (U+00A0) is part of this directive's name: nginx does not "
          "recognize it | unexpected \"}\"\n");
    CHECK(said("invisible-characters", "http {\n}\n\u00A0") ==
          "error a no-break space (U+00A0) is part of this directive's name: nginx does not "
          "recognize it | unexpected end of file, expecting \";\" or \"}\"\n");
}

TEST_CASE("letters of other languages are left alone") {
    const auto invisible = [](const std::string& text) {
        return said("invisible-characters", "http { server { " + text + " } }");
    };
    CHECK(invisible("server_name müller.example क्\u200Dष.example;").empty());
    CHECK(invisible("root /srv/Bob’s;").empty());
    CHECK(invisible("add_header X-A ’tis;").empty());
    CHECK(invisible("server_name a\u200D;") ==
          "error a zero-width joiner (U+200D) is part of this argument: nginx treats it as an "
          "ordinary character\n");
    CHECK(invisible("add_header X-A ‘a’;") ==
          "error nginx treats typographic quotes as ordinary characters: they are part of the "
          "value\n");
    // Many quotes that nothing closes.
    std::string many;
    for (int i = 0; i < 20'000; ++i) many += " “a";
    CHECK_FALSE(invisible("add_header X-A" + many + ';').empty());
}

}  // namespace gatelint
