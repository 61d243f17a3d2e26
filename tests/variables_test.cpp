#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "model/variables.hpp"
#include "nginx/placeholder.hpp"
#include "nginx/script.hpp"
#include "nginx/variable.hpp"

namespace gatelint {

namespace {

std::string script(std::string_view text, ScriptKind kind = ScriptKind::value) {
    const Script compiled = compile_script(text, kind);
    std::string out;
    for (const VariableUse& use : compiled.variables) out += std::string(use.name) + ' ';
    if (!compiled.error.empty()) {
        out += "! " + compiled.error + " at " + std::to_string(compiled.error_begin) + '-' +
               std::to_string(compiled.error_end);
    }
    return out;
}

/// The variables of a configuration, with what its views point into.
struct Read {
    Sources sources;
    MemoryReader files;
    Config config;
    World world;
    RegexTable regexes;
    Variables variables;

    explicit Read(const std::string& text, World which = World::http,
                  const std::string& main = "/nginx.conf", bool complete = true)
        : files({{main, text}}, complete),
          config(load(main, files, sources)),
          world(which),
          variables(config, block(), which, regexes) {}

    const Directive& block() const {
        return *config.main().last(world == World::http ? DirectiveId::http : DirectiveId::stream);
    }

    std::string uses() const {
        std::string out;
        for (const UsedVariable& use : variables.uses()) {
            out += std::string(use.name->text) + '@' + std::string(sources.text(use.span())) + ' ';
        }
        return out;
    }

    std::string definitions() const {
        std::string out;
        for (const DefinedVariable& each : variables.definitions()) {
            out += each.name + '@' + std::string(sources.text(each.span)) + ' ';
        }
        return out;
    }
};

std::string uses_in_location(const std::string& text) {
    return Read("events {} http { server { location / { " + text + " } } }").uses();
}

bool is_complete(const std::string& text, const std::string& main = "/nginx.conf",
                 bool host = true) {
    return Read(text, World::http, main, host).variables.complete();
}

}  // namespace

TEST_SUITE("variables") {
    TEST_CASE("a text is compiled as nginx compiles it") {
        CHECK(script("plain").empty());
        CHECK(script("a$b${c}d$e_1-$F") == "b c e_1 F ");
        CHECK(script("$1x$2") == "1 2 ");
        CHECK(script("$1x$2", ScriptKind::log_format) == "1x 2 ");
        CHECK(script("a$") == "! invalid variable name at 1-2");
        CHECK(script("a$ b$c") == "c ! invalid variable name at 1-2");
        CHECK(script("${") == "! invalid variable name at 0-2");
        CHECK(script("${}") == "! invalid variable name at 0-3");
        CHECK(script("${a-b}") == "! the closing bracket in \"a\" variable is missing at 0-3");
        CHECK(script("${a") == "! the closing bracket in \"a\" variable is missing at 0-3");
        CHECK(script("x$ y", ScriptKind::log_format) == "! invalid parameter \"$ y\" at 1-2");
    }

    TEST_CASE("nginx's own variables are found by name or family, in their world") {
        const auto module_of = [](std::string_view name, World world) {
            const VariableFacts* facts = find_variable(name, world);
            return facts == nullptr ? std::string_view() : facts->module;
        };
        CHECK(module_of("host", World::http) == "ngx_http_core_module");
        CHECK(module_of("HOST", World::http) == "ngx_http_core_module");
        CHECK(module_of("host", World::stream).empty());
        CHECK(module_of("protocol", World::stream) == "ngx_stream_core_module");
        CHECK(module_of("http_x_anything", World::http) == "ngx_http_core_module");
        CHECK(module_of("upstream_http_x", World::http) == "ngx_http_core_module");
        CHECK(module_of("http_x", World::stream).empty());
        CHECK(module_of("uid_got", World::http) == "ngx_http_userid_filter_module");
        CHECK(module_of("connection_upgrade", World::http).empty());
        CHECK(module_of("", World::http).empty());
        CHECK(find_fixed_variable("http_x", World::http) == nullptr);
        CHECK((find_fixed_variable("args", World::http)->flags & variable_changeable) != 0);
        CHECK((find_fixed_variable("host", World::http)->flags & variable_changeable) == 0);
        CHECK(find_variable("ssl_curve", World::http)->since == Version{1, 21, 5});
        CHECK(find_variable("host", World::http)->since == Version{});
    }

    TEST_CASE("the table is sorted, and no family is longer than the search looks") {
        CHECK(std::is_sorted(
            variable_table.begin(), variable_table.end(),
            [](const VariableFacts& a, const VariableFacts& b) { return a.name < b.name; }));
        for (const VariableFacts& facts : variable_table) {
            const World world = (facts.flags & variable_stream) != 0 ? World::stream : World::http;
            std::string name(facts.name);
            if ((facts.flags & variable_prefix) != 0) name += "anything";
            INFO(name);
            CHECK(find_variable(name, world) == &facts);
        }
    }

    TEST_CASE("variables are found where nginx looks for them, with the bytes they take") {
        CHECK(uses_in_location("add_header $a \"x ${b}\" always;") == "b@${b} ");
        CHECK(uses_in_location("return 301 https://$host$uri;") == "host@$host uri@$uri ");
        CHECK(uses_in_location("return $scheme://a; return $a;") == "scheme@$scheme ");
        CHECK(uses_in_location("error_page 404 =200 $a;") == "a@$a ");
        CHECK(uses_in_location("try_files $uri /$a/ =404;") == "uri@$uri a@$a ");
        CHECK(uses_in_location("rewrite ^/$ /$a$1;") == "a@$a ");
        CHECK(uses_in_location("access_log syslog:server=$a f if=$b;") == "b@$b ");
        CHECK(uses_in_location("access_log /var/log/$a;") == "a@$a ");
        CHECK(uses_in_location("proxy_redirect ~^/$a /$b; proxy_redirect $c $d;") ==
              "b@$b c@$c d@$d ");
        CHECK(uses_in_location("charset $a; charset x$b;") == "a@$a ");
        CHECK(uses_in_location("aio threads=$a; disable_symlinks on from=$b;") == "a@$a b@$b ");
        CHECK(uses_in_location("valid_referers $a; default_type $b; mirror /$c;").empty());
        CHECK(uses_in_location("memcached_pass 127.0.0.1:1;") == "memcached_key@memcached_pass ");
        // Written with an escape, a word is pointed at as a whole.
        CHECK(uses_in_location("return 200 \"\\\"$a\";") == "a@\"\\\"$a\" ");
    }

    TEST_CASE("a condition is taken apart with its parentheses glued or not") {
        CHECK(uses_in_location("if ($a) { }") == "a@$a ");
        CHECK(uses_in_location("if ( $a = $b ) { }") == "a@$a b@$b ");
        CHECK(uses_in_location("if ($a != \"x$b\") { }") == "a@$a b@$b ");
        CHECK(uses_in_location("if ($a ~ x$b) { }") == "a@$a ");
        CHECK(uses_in_location("if (!-f $a/$b) { }") == "a@$a b@$b ");
        CHECK(uses_in_location("if ($1 = x) { }") == "1@$1 ");
        CHECK(uses_in_location("if (${a} = x) { }") == "{a}@${a} ");
        CHECK(uses_in_location("if ($a && $b) { }") == "a@$a ");
        CHECK(uses_in_location("if $a { } if ($a $b) { } if () { } if ( ) { }").empty());
    }

    TEST_CASE("what defines a variable") {
        const Read http(
            "events {} http { map $x $a { ~(?<b>.) $b; \\~(?<no>.) 1; } geo $c { default 1; } "
            "geo $x $d { } split_clients $x $e { } server { server_name ~^(?<f>.)$; "
            "location ~* (?<g>.) { set $H 1; auth_request_set $i $x; "
            "if ($x ~ (?<j>.)) { rewrite (?<k>.) /; } valid_referers ~(?<no>.); "
            "fastcgi_split_path_info (?<no>.)(?<no2>.); } } }");
        CHECK(http.definitions() == "a@$a b@b c@$c d@$d e@$e f@f g@g H@$H i@$i j@j k@k ");
        CHECK(http.variables.defines("h"));
        CHECK_FALSE(http.variables.defines("no"));
        const Read stream("events {} stream { map $x $a { ~(?<b>.) $c; } server { set $d $e; } }",
                          World::stream);
        CHECK(stream.definitions() == "a@$a b@b d@$d ");
        CHECK(stream.uses() == "x@$x c@$c e@$e ");
    }

    TEST_CASE("a regular expression is compiled once, however often it is written") {
        const Read read(
            "events {} http { server { location ~ ^/a { } location ~ ^/a { } location ~* ^/a { } "
            "} }");
        const std::vector<PlacedRegex>& found = read.variables.regexes();
        REQUIRE(found.size() == 3);
        CHECK(found[0].regex == found[1].regex);
        CHECK(found[0].regex != found[2].regex);
    }

    TEST_CASE("a header of http counts only where a server inherits it") {
        const auto uses = [](const std::string& servers) {
            return Read("events {} http { proxy_set_header A $a; " + servers + " }").uses();
        };
        CHECK(uses("").empty());
        CHECK(uses("server { proxy_set_header B $b; }") == "b@$b ");
        CHECK(uses("server { }") == "a@$a ");
        CHECK(uses("server { proxy_set_header B $b; } server { }") == "a@$a b@$b ");
    }

    TEST_CASE("a certificate counts only with its key, and in stream for TLS") {
        CHECK(Read("events {} http { server { ssl_certificate $a; } }").uses().empty());
        CHECK(Read("events {} http { ssl_certificate_key $b; server { ssl_certificate $a; } }")
                  .uses() == "b@$b a@$a ");
        const std::string pair = "ssl_certificate $a; ssl_certificate_key $b;";
        CHECK(Read("events {} stream { server { listen 1; " + pair + " } }", World::stream)
                  .uses()
                  .empty());
        CHECK(Read("events {} stream { server { listen 1 ssl; " + pair + " } }", World::stream)
                  .uses() == "a@$a b@$b ");
    }

    TEST_CASE("whether all is known that could define a variable") {
        CHECK(is_complete("events {} http { server { } }"));
        CHECK_FALSE(is_complete("events {} http { vendor_thing on; }"));
        CHECK_FALSE(is_complete("events {} http { server { location / { vendor_thing on; } } }"));
        CHECK_FALSE(is_complete("events {} http { include missing.conf; }"));
        CHECK_FALSE(is_complete("events {} http { include conf.d/*.conf; }", "/nginx.conf", false));
        CHECK_FALSE(is_complete("events {} http { server { return 200 \"; } }"));
        CHECK_FALSE(is_complete("events {} http { server { } }", "/nginx.conf.template"));
        CHECK_FALSE(is_complete("load_module modules/ngx_http_vendor.so; events {} http { }"));
        CHECK(is_complete("load_module modules/ngx_http_geoip2_module.so; events {} http { }"));
        CHECK_FALSE(
            Read("server { return 200; }", World::http, "/conf.d/a.conf").variables.complete());
        CHECK_FALSE(Read("include m/*.conf; events {} http { }", World::http, "/nginx.conf", false)
                        .variables.knows_modules());
    }

    TEST_CASE("what a directive of another module names, it may define") {
        const Read read(
            "events {} http { geoip2 /x.mmdb { $country country iso_code; } "
            "server { set_by_lua $by_lua 'return 1'; } }");
        CHECK(read.variables.complete());
        CHECK(read.variables.defines("country"));
        CHECK(read.variables.defines("by_lua"));
        CHECK(read.uses().empty());
    }

    TEST_CASE("marks of templates") {
        for (const std::string_view text : {"{{ x }}", "a{% if %}", "<%= x %>", "@NAME@", "__a__"})
            CHECK(holds_template(text));
        for (const std::string_view text :
             {"$a@$b", "a__b", "{\"a\": {\"b\":\"$c\"}}", "100%", "<a>", "____", "@@", "%%"})
            CHECK_FALSE(holds_template(text));
    }
}

}  // namespace gatelint
