#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "model/constants.hpp"
#include "model/model.hpp"

namespace gatelint {

namespace {

/// A model of texts, with what its views point into.
struct Modelled {
    Sources sources;
    MemoryReader files;
    Config config;
    Model model;

    explicit Modelled(std::string text, bool complete = true,
                      const std::string& main = "/nginx.conf")
        : files({{main, std::move(text)}}, complete),
          config(load(main, files, sources)),
          model(make_model(config)) {}
};

std::string text_of(const PassTarget& target) {
    if (!target.host_known) return "? " + std::string(target.host_text);
    if (!target.error.empty()) return "refused: " + std::string(target.error);
    std::string out(name_of(target.protocol));
    out += target.group != nullptr ? " group " + std::string(target.group->name)
                                   : ' ' + to_string(target.address);
    if (target.has_uri) out += " uri " + std::string(target.uri);
    if (target.implicit) out += " implicit";
    return out;
}

/// Each pass, with its targets and its endpoints.
std::string passes(const std::string& text) {
    const Modelled modelled(text);
    std::string out;
    for (const Pass& pass : modelled.model.passes()) {
        out += std::string(pass.directive->arg(0)) + '\n';
        for (const PassTarget& target : pass.targets) out += "  " + text_of(target) + '\n';
        for (const Endpoint& endpoint : pass.endpoints) {
            out += "  -> " + to_string(endpoint.address);
            if (endpoint.group != nullptr) out += " of " + std::string(endpoint.group->name);
            out += '\n';
        }
    }
    return out;
}

std::string passes_in_location(const std::string& text) {
    return passes("http { server { location / { " + text + " } } }");
}

/// The target of one pass that stands in a location.
std::string target(std::string_view pass) {
    const Modelled modelled("http { server { location / { " + std::string(pass) + " } } }");
    REQUIRE(modelled.model.passes().size() == 1);
    REQUIRE(modelled.model.passes()[0].targets.size() == 1);
    return text_of(modelled.model.passes()[0].targets[0]);
}

/// The values of `$v` at the first pass, each with the directive that gave it.
std::string values(const std::string& text) {
    const Modelled modelled(text);
    REQUIRE_FALSE(modelled.model.passes().empty());
    const Pass& pass = modelled.model.passes()[0];
    Constants constants(*modelled.config.main().children[0]);
    std::string out;
    for (const Constant& value : constants.expand("$v", pass.level())) {
        out += (out.empty() ? "" : ", ") + value.text;
        if (value.written != nullptr) out += " by " + std::string(value.written->name());
    }
    return out;
}

std::string listens(const std::string& text) {
    const Modelled modelled(text);
    std::string out;
    for (const Server& server : modelled.model.servers()) {
        for (const Listen& listen : server.listens) {
            out += to_string(listen.address);
            const std::array<std::pair<bool, const char*>, 7> flags = {
                {{listen.ssl, " ssl"},
                 {listen.http2, " http2"},
                 {listen.quic, " quic"},
                 {listen.udp, " udp"},
                 {listen.proxy_protocol, " proxy_protocol"},
                 {!listen.ipv6_only, " dual"},
                 {listen.default_server, " default"}}};
            for (const auto& [set, name] : flags) out += set ? name : "";
            out += '\n';
        }
    }
    return out;
}

std::string listen(const std::string& args) {
    return listens("http { server { listen " + args + "; } }");
}

}  // namespace

TEST_SUITE("locations") {
    TEST_CASE("a modifier is a word of its own or sticks to the pattern") {
        struct Case {
            std::string text;
            Location::Modifier modifier;
            std::string pattern;
        };
        using Modifier = Location::Modifier;
        const std::array<Case, 15> cases = {{
            {"/a", Modifier::prefix, "/a"},
            {"= /a", Modifier::exact, "/a"},
            {"=/a", Modifier::exact, "/a"},
            {"^~ /a", Modifier::no_regex, "/a"},
            {"^~/a", Modifier::no_regex, "/a"},
            {"~ /a", Modifier::regex, "/a"},
            {"~/a", Modifier::regex, "/a"},
            {"~* /a", Modifier::regex_icase, "/a"},
            {"~*/a", Modifier::regex_icase, "/a"},
            {"~ *a", Modifier::regex, "*a"},
            {"@a", Modifier::named, "@a"},
            {"= @a", Modifier::exact, "@a"},
            {"\"/a b\"", Modifier::prefix, "/a b"},
            {"~ \"\\d{3}\"", Modifier::regex, "\\d{3}"},
            {"^/a", Modifier::prefix, "^/a"},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.text);
            const Modelled modelled("http { server { location " + each.text + " {} } }");
            REQUIRE(modelled.model.locations().size() == 1);
            CHECK(modelled.model.locations()[0].modifier == each.modifier);
            CHECK(modelled.model.locations()[0].pattern == each.pattern);
        }
    }

    TEST_CASE("locations know their server and what they lie in") {
        const Modelled modelled(
            "http { server { location /a { location /a/b {} } location ~ c {} } server {} }");
        const auto& locations = modelled.model.locations();
        REQUIRE(locations.size() == 3);
        CHECK(modelled.model.servers().size() == 2);
        CHECK(locations[1].outer == &locations[0]);
        CHECK(locations[2].outer == nullptr);
        CHECK(locations[2].server == &modelled.model.servers()[0]);
        CHECK(locations[0].is_prefix());
        CHECK(locations[2].is_regex());
    }
}

TEST_SUITE("listens") {
    TEST_CASE("a listen is an address, a port, or both") {
        CHECK(listen("80") == "0.0.0.0:80\n");
        CHECK(listen("*") == "0.0.0.0:80\n");
        CHECK(listen("*:8080") == "0.0.0.0:8080\n");
        CHECK(listen("127.0.0.1") == "127.0.0.1:80\n");
        CHECK(listen("127.0.0.1:8080") == "127.0.0.1:8080\n");
        CHECK(listen("localhost:8080") == "localhost:8080\n");
        CHECK(listen("[::]") == "[::]:80\n");
        CHECK(listen("[::1]:8080") == "[::1]:8080\n");
        CHECK(listen("unix:/run/a.sock") == "unix:/run/a.sock\n");
    }

    TEST_CASE("what is no address is left out") {
        CHECK(listen("0").empty());
        CHECK(listen("65536").empty());
        CHECK(listen("$port").empty());
        CHECK(listen("80/").empty());
        CHECK(listen("::1:80").empty());
    }

    TEST_CASE("parameters are taken from the listen, http2 also from its server") {
        CHECK(listen("443 ssl http2 proxy_protocol default_server") ==
              "0.0.0.0:443 ssl http2 proxy_protocol default\n");
        CHECK(listen("443 quic reuseport") == "0.0.0.0:443 quic\n");
        CHECK(listen("[::]:80 ipv6only=off default") == "[::]:80 dual default\n");
        CHECK(listens("http { http2 on; server { listen 443 ssl; } }") ==
              "0.0.0.0:443 ssl http2\n");
        CHECK(listens("stream { server { listen 53 udp; } }") == "0.0.0.0:53 udp\n");
    }

    TEST_CASE("a server of http without a listen listens at port 80, one of stream nowhere") {
        CHECK(listens("http { server {} }") == "0.0.0.0:80\n");
        CHECK(listens("stream { server { proxy_pass a:1; } }").empty());
        CHECK(listens("http { server { include none; } }").empty());
    }
}

TEST_SUITE("upstreams") {
    TEST_CASE("a group is found by its name in any case, wherever it stands") {
        CHECK(passes("http { server { location / { proxy_pass http://BackEnd; } }"
                     " upstream backend { server a:1; server unix:/b; server c; } }") ==
              "http://BackEnd\n"
              "  HTTP group backend\n"
              "  -> a:1 of backend\n  -> unix:/b of backend\n  -> c:80 of backend\n");
    }

    TEST_CASE("a port beside the name of a group is refused") {
        CHECK(passes("http { upstream u { server a:1; } server { location / {"
                     " proxy_pass https://u:443; } } }") ==
              "https://u:443\n  refused: upstream \"u\" may not have port 443\n");
    }

    TEST_CASE("a member without a port is at port 80, whatever the pass speaks") {
        for (const char* pass : {"fastcgi_pass u", "grpc_pass grpcs://u", "proxy_pass https://u"}) {
            const std::string text =
                passes("http { upstream u { server a; } server { location / { " +
                       std::string(pass) + "; } } }");
            CHECK(text.find("-> a:80 of u") != std::string::npos);
        }
    }

    TEST_CASE("groups of http and of stream are apart") {
        const Modelled modelled(
            "http { upstream u { server a:1; } }"
            "stream { upstream U { server b:2; } server { listen 1; proxy_pass u; } }");
        REQUIRE(modelled.model.upstreams().size() == 2);
        CHECK(modelled.model.find_upstream("U", false) == &modelled.model.upstreams()[0]);
        CHECK(modelled.model.find_upstream("u", true) == &modelled.model.upstreams()[1]);
        CHECK(modelled.model.find_upstream("v", true) == nullptr);
        REQUIRE(modelled.model.passes().size() == 1);
        CHECK(modelled.model.passes()[0].targets[0].group == &modelled.model.upstreams()[1]);
    }

    // Verdicts of nginx 1.22.1.
    TEST_CASE("a pass with a port is no group's, and what it is depends on the order") {
        const auto pass = [](const std::string& url) {
            return "server { location / { proxy_pass " + url + "; } } ";
        };
        const std::string group = "upstream g { server a:1; } ";
        const auto targets = [](const std::string& text) {
            const Modelled modelled("http { " + text + "}");
            std::string out;
            for (const Pass& each : modelled.model.passes()) {
                out += (out.empty() ? "" : ", ") + text_of(each.targets[0]);
            }
            return out;
        };
        const std::string refused = "refused: upstream \"g\" may not have port ";
        CHECK(targets(group + pass("http://g:1")) == refused + "1");
        CHECK(targets(pass("http://g:80") + group) == refused + "80");
        CHECK(targets(pass("http://g:1") + pass("http://g:1") + group) ==
              refused + "1, " + refused + "1");
        CHECK(targets(group + pass("http://g") + pass("https://g")) ==
              "HTTP group g, HTTPS group g");
        CHECK(targets(pass("http://g") + pass("https://g") + group + pass("https://g")) ==
              "HTTP group g, HTTPS g:443, HTTPS group g");
        CHECK(targets(pass("http://g") + pass("http://g:80") + group) ==
              "HTTP group g, HTTP group g");
        CHECK(targets(pass("http://g") + pass("http://g:1") + group) == "HTTP group g, HTTP g:1");
    }

    TEST_CASE("members that nginx refuses are kept apart, with its words") {
        const Modelled modelled(
            "http { upstream g { server /a; server unix:; server http://a; server a:1/;"
            " server a:0; server 1.2.3.4.5; server \"{{a}}/\"; server a; } }"
            " stream { upstream h { server a; server unix:/a; } }");
        std::string out;
        for (const Upstream& group : modelled.model.upstreams()) {
            out += std::to_string(group.members.size()) + '\n';
            for (const Member& member : group.refused_members) {
                out += std::string(member.error) + ' ' +
                       std::to_string(static_cast<int>(member.mistake)) + '\n';
            }
        }
        CHECK(out ==
              "1\ninvalid host in upstream \"/a\" 3\n"
              "no path in the unix domain socket in upstream \"unix:\" 8\n"
              "invalid host in upstream \"http://a\" 4\n"
              "invalid host in upstream \"a:1/\" 4\n"
              "invalid port in upstream \"a:0\" 8\n"
              "host not found in upstream \"1.2.3.4.5\" 8\n"
              "1\nno port in upstream \"a\" 5\n");
    }

    TEST_CASE("members whose address nginx refuses are left out") {
        const Modelled modelled(
            "http { upstream u { server http://a:1; server b:0; server c:1 backup; } }");
        REQUIRE(modelled.model.upstreams()[0].members.size() == 1);
        CHECK(to_string(modelled.model.upstreams()[0].members[0].address) == "c:1");
    }
}

TEST_SUITE("passes") {
    TEST_CASE("each kind of pass has its schemes and default ports") {
        struct Case {
            std::string pass;
            std::string target;
        };
        const std::array<Case, 31> cases = {{
            {"proxy_pass http://a;", "HTTP a:80"},
            {"proxy_pass https://a;", "HTTPS a:443"},
            {"proxy_pass HTTP://a:8080/v2/;", "HTTP a:8080 uri /v2/"},
            {"proxy_pass http://a?b;", "HTTP a:80 uri ?b"},
            {"proxy_pass http://[::1]:1/;", "HTTP [::1]:1 uri /"},
            {"proxy_pass http://unix:/run/a.sock;", "HTTP unix:/run/a.sock"},
            {"proxy_pass http://unix:/run/a.sock:/v2;", "HTTP unix:/run/a.sock uri /v2"},
            {"proxy_pass http://unix:/run/a.sock/;", "HTTP unix:/run/a.sock/"},
            {"proxy_pass a;", "refused: invalid URL prefix"},
            {"proxy_pass grpc://a:1;", "refused: invalid URL prefix"},
            {"proxy_pass http://a:0;", "refused: invalid port in upstream \"a:0\""},
            {"proxy_pass http:///a;", "refused: no host in upstream \"/a\""},
            {"fastcgi_pass a:9000;", "FastCGI a:9000"},
            {"fastcgi_pass unix:/run/a.sock;", "FastCGI unix:/run/a.sock"},
            {"fastcgi_pass unix:/run/a.sock:/x;", "FastCGI unix:/run/a.sock:/x"},
            {"fastcgi_pass a;", "refused: no port in upstream \"a\""},
            {"fastcgi_pass http://a:1;", "refused: invalid host in upstream \"http://a:1\""},
            {"fastcgi_pass a:1/b;", "refused: invalid host in upstream \"a:1/b\""},
            {"uwsgi_pass a:1;", "uwsgi a:1"},
            {"uwsgi_pass uwsgi://a:1;", "uwsgi a:1"},
            {"uwsgi_pass suwsgi://a:1;", "uwsgi over TLS a:1"},
            {"uwsgi_pass a;", "refused: no port in upstream \"a\""},
            {"scgi_pass a:1;", "SCGI a:1"},
            {"scgi_pass a;", "refused: no port in upstream \"a\""},
            {"grpc_pass a:1;", "gRPC a:1"},
            {"grpc_pass grpc://a:1;", "gRPC a:1"},
            {"grpc_pass grpcs://a:1;", "gRPC over TLS a:1"},
            {"grpc_pass grpc://a:1/x;", "refused: invalid host in upstream \"a:1/x\""},
            {"grpc_pass a;", "refused: no port in upstream \"a\""},
            {"memcached_pass a:11211;", "memcached a:11211"},
            {"memcached_pass $a;", "refused: no port in upstream \"$a\""},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.pass);
            CHECK(target(each.pass) == each.target);
        }
    }

    TEST_CASE("a pass of stream has neither scheme nor default port") {
        CHECK(passes("stream { server { listen 1; proxy_pass a:1; }"
                     " server { listen 2 udp; proxy_pass b:53; }"
                     " server { listen 3; proxy_pass c; }"
                     " server { listen 4; proxy_pass unix:/d; }"
                     " server { listen 5; fastcgi_pass e:1; } }") ==
              "a:1\n  TCP a:1\n  -> a:1\n"
              "b:53\n  UDP b:53\n  -> b:53\n"
              "c\n  refused: no port in upstream \"c\"\n"
              "unix:/d\n  TCP unix:/d\n  -> unix:/d\n");
    }

    TEST_CASE("passes are found in locations, nested ones, if and limit_except") {
        const Modelled modelled(
            "http { server { location /a { proxy_pass http://a; location /a/b {"
            " fastcgi_pass b:1; } if ($x) { proxy_pass http://c; }"
            " limit_except GET { proxy_pass http://d; } } } }");
        std::string found;
        for (const Pass& pass : modelled.model.passes()) {
            found += std::string(pass.directive->arg(0)) + " in " +
                     std::string(pass.level().name()) + " of " +
                     std::string(pass.location->pattern) + '\n';
        }
        CHECK(found ==
              "http://a in location of /a\nb:1 in location of /a/b\n"
              "http://c in if of /a\nhttp://d in limit_except of /a\n");
    }

    TEST_CASE("a host that only run time knows stays unknown") {
        CHECK(passes_in_location("proxy_pass http://$host;") == "http://$host\n  ? $host\n");
        CHECK(passes_in_location("proxy_pass $scheme://a;") == "$scheme://a\n  ? $scheme://a\n");
        CHECK(passes_in_location("proxy_pass http://a:$p/b;") == "http://a:$p/b\n  ? a:$p\n");
    }

    TEST_CASE("variables in the URI leave the host known") {
        CHECK(passes_in_location("proxy_pass http://a/x$uri;") ==
              "http://a/x$uri\n  HTTP a:80 uri /x$uri\n  -> a:80\n");
        CHECK(passes_in_location("proxy_pass http://a$request_uri;") ==
              "http://a$request_uri\n  HTTP a:80 uri $request_uri\n  -> a:80\n");
        CHECK(passes_in_location("proxy_pass http://a${uri}x;") ==
              "http://a${uri}x\n  HTTP a:80 uri ${uri}x\n  -> a:80\n");
    }

    TEST_CASE("a host in a variable is implicit where another pass names it") {
        CHECK(passes_in_location(
                  "set $b A:1; proxy_pass http://$b/; if ($x) { proxy_pass http://a:1; }") ==
              "http://$b/\n  HTTP A:1 uri / implicit\n  -> A:1\n"
              "http://a:1\n  HTTP a:1\n  -> a:1\n");
        CHECK(passes_in_location(
                  "set $b a:2; proxy_pass http://$b; if ($x) { proxy_pass http://a:1; }") ==
              "http://$b\n  HTTP a:2\n  -> a:2\n"
              "http://a:1\n  HTTP a:1\n  -> a:1\n");
    }

    TEST_CASE("a group's name in a variable is the group, but not with a port") {
        const std::string group = "http { upstream g { server a:1; } server { location / {";
        CHECK(passes(group + "set $b G; proxy_pass http://$b; } } }") ==
              "http://$b\n  HTTP group g\n  -> a:1 of g\n");
        CHECK(passes(group + "set $b g; proxy_pass http://$b:80; } } }") ==
              "http://$b:80\n  HTTP g:80\n  -> g:80\n");
        CHECK(passes(group + "set $b g; fastcgi_pass $b; } } }") ==
              "$b\n  FastCGI group g\n  -> a:1 of g\n");
    }

    // nginx 1.22.1 starts with the first, and refuses the second.
    TEST_CASE("in http a pass without a port may have that of a pass before it") {
        CHECK(passes_in_location("fastcgi_pass a:9; if ($x) { fastcgi_pass A; }") ==
              "a:9\n  FastCGI a:9\n  -> a:9\nA\n  FastCGI A:9\n  -> A:9\n");
        CHECK(passes_in_location("fastcgi_pass A; if ($x) { fastcgi_pass a:9; }") ==
              "A\n  refused: no port in upstream \"A\"\na:9\n  FastCGI a:9\n  -> a:9\n");
    }

    TEST_CASE("what is wrong with an address is one mistake, the most specific") {
        struct Case {
            std::string pass;
            Mistake mistake;
        };
        const std::array<Case, 28> cases = {{
            {"proxy_pass http://a;", Mistake::none},
            {"proxy_pass a:1;", Mistake::scheme_missing},
            {"proxy_pass http:/a;", Mistake::scheme_missing},
            {"proxy_pass ws://a:1;", Mistake::scheme_missing},
            {"proxy_pass unix:/run/a.sock;", Mistake::scheme_missing},
            {"proxy_pass /api/;", Mistake::scheme_missing},
            {"proxy_pass \"{{url}}\";", Mistake::none},
            {"proxy_pass /run/a.sock;", Mistake::unix_prefix_missing},
            {"proxy_pass http:/run/a.sock;", Mistake::unix_prefix_missing},
            {"proxy_pass http:///run/a;", Mistake::unix_prefix_missing},
            {"proxy_pass http:///api/;", Mistake::invalid},
            {"proxy_pass http://a:0;", Mistake::invalid},
            {"proxy_pass http://300.0.0.1;", Mistake::invalid},
            {"proxy_pass http://1.2.3;", Mistake::none},
            {"fastcgi_pass /a;", Mistake::unix_prefix_missing},
            {"fastcgi_pass unix:;", Mistake::invalid},
            {"fastcgi_pass fastcgi://a:1;", Mistake::scheme_forbidden},
            {"fastcgi_pass a:1/;", Mistake::invalid},
            {"fastcgi_pass a;", Mistake::port_missing},
            {"fastcgi_pass [::1];", Mistake::port_missing},
            {"fastcgi_pass $a;", Mistake::none},
            {"uwsgi_pass uwsgi:///run/a.sock;", Mistake::unix_prefix_missing},
            {"uwsgi_pass http://a:1;", Mistake::scheme_forbidden},
            {"grpc_pass grpc://a:1;", Mistake::none},
            {"grpc_pass https://a:1;", Mistake::scheme_forbidden},
            {"memcached_pass $a;", Mistake::port_missing},
            {"scgi_pass a:1?x;", Mistake::invalid},
            {"proxy_pass http://$;", Mistake::none},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.pass);
            const Modelled modelled("http { server { location / { " + each.pass + " } } }");
            REQUIRE(modelled.model.passes().size() == 1);
            CHECK(modelled.model.passes()[0].targets[0].mistake == each.mistake);
        }
    }

    TEST_CASE("a target says where its value is written") {
        const Modelled modelled(
            "http { server { location / { set $b a:1; proxy_pass http://$b; } } }");
        const Pass& pass = modelled.model.passes()[0];
        CHECK(pass.has_variables);
        CHECK(pass.targets[0].written->name() == "set");
        CHECK(modelled.sources.text(pass.targets[0].span) == "a:1");
        CHECK(modelled.sources.text(pass.endpoints.front().span) == "a:1");
        CHECK(modelled.sources.text(pass.target_span()) == "http://$b");
    }
}

TEST_SUITE("constants") {
    TEST_CASE("set is followed in the location and in its server") {
        CHECK(values("http { server { set $v a; location / { proxy_pass http://x; } } }") ==
              "a by set");
        CHECK(
            values("http { server { set $v a; location / { set $v b; proxy_pass http://x; } } }") ==
            "b by set");
        CHECK(
            values("http { server { location / { set $v a; set $v b; proxy_pass http://x; } } }") ==
            "b by set");
        CHECK(values("http { server { location / { proxy_pass http://x; set $v a; } } }") ==
              "a by set");
    }

    TEST_CASE("set in an if may or may not run") {
        CHECK(values("http { server { location / { set $v a; if ($x) { set $v b; }"
                     " proxy_pass http://x; } } }") == "a by set, b by set");
        CHECK(values("http { server { if ($x) { set $v b; } set $v a;"
                     " location / { proxy_pass http://x; } } }") == "a by set");
        CHECK(values("http { server { set $v a; if ($x) { set $v b; }"
                     " location / { proxy_pass http://x; } } }") == "a by set, b by set");
    }

    TEST_CASE("set in the if of the pass did run") {
        CHECK(values("http { server { location / { set $v a; if ($x) { set $v b;"
                     " proxy_pass http://x; } } } }") == "b by set");
    }

    TEST_CASE("sets of an outer location do not count") {
        CHECK(values("http { server { location / { set $v a; location /b {"
                     " proxy_pass http://x; } } } }") == "$v");
        CHECK(values("http { server { set $v a; location / { set $v b; location /b {"
                     " proxy_pass http://x; } } } }") == "a by set");
    }

    TEST_CASE("map, geo and split_clients give all values of their rows") {
        const std::string tail = " server { location / { proxy_pass http://x; } } }";
        CHECK(values("http { map $a $v { hostnames; default a; b c; }" + tail) ==
              "a by default, c by b");
        CHECK(values("http { geo $v { default a; proxy 10.0.0.1; delete 10.0.0.2; 10.0.0.0/8 b; }" +
                     tail) == "a by default, b by 10.0.0.0/8");
        CHECK(values("http { geo $x $v { default a; }" + tail) == "a by default");
        CHECK(values("http { split_clients $x $v { 50% a; * b; }" + tail) == "a by 50%, b by *");
        CHECK(values("http { map $a $v { a \"\"; }" + tail) == " by a");
    }

    TEST_CASE("a map may hold variables, geo and split_clients hold letters") {
        const std::string tail = " server { set $w a; location / { proxy_pass http://x; } } }";
        CHECK(values("http { map $a $v { default $w; b $host; }" + tail) ==
              "a by default, $host by b");
        CHECK(values("http { split_clients $x $v { * $w; }" + tail) == "$w by *");
    }

    TEST_CASE("a set hides a map of the same variable") {
        CHECK(values("http { map $a $v { default a; } server { set $v b;"
                     " location / { proxy_pass http://x; } } }") == "b by set");
    }

    TEST_CASE("unknown variables stay as they are written") {
        CHECK(passes_in_location("set $a ${host}x; proxy_pass http://$a;") ==
              "http://$a\n  ? ${host}x\n");
        CHECK(values("http { server { location / { proxy_pass http://x; } } }") == "$v");
    }

    TEST_CASE("variables that are made of each other end") {
        CHECK(
            values("http { server { location / { set $v $w; set $w $v; proxy_pass http://x; } } }")
                .starts_with("$"));
    }

    TEST_CASE("too many values leave the variable a variable") {
        std::string rows;
        for (int i = 0; i < 65; ++i)
            rows += "k" + std::to_string(i) + " v" + std::to_string(i) + ';';
        CHECK(values("http { map $a $v { " + rows +
                     " } server { location / { proxy_pass http://x; } } }") == "$v");
    }

    TEST_CASE("variables are found with and without braces") {
        const auto uses = variables_in("a$b${c}d$e_1-$ ${}x$F");
        std::string names;
        for (const VariableUse& use : uses) names += std::string(use.name) + ' ';
        CHECK(names == "b c e_1 F ");
        CHECK(uses[1].begin == 3);
        CHECK(uses[1].end == 7);
        CHECK(variables_in("plain").empty());
    }
}

TEST_SUITE("effective settings") {
    TEST_CASE("a level's own directives replace all inherited ones") {
        const Modelled modelled(
            "http { proxy_set_header A 1; proxy_set_header B 2; proxy_read_timeout 5s;"
            " server { location /a { proxy_pass http://a; }"
            " location /b { proxy_set_header C 3; proxy_pass http://b; } } }");
        const auto& passes = modelled.model.passes();
        const Setting inherited = passes[0].effective(DirectiveId::proxy_set_header);
        CHECK(inherited.values.size() == 2);
        CHECK(inherited.level->name() == "http");
        CHECK(inherited.last()->arg(0) == "B");
        const Setting own = passes[1].effective(DirectiveId::proxy_set_header);
        CHECK(own.values.size() == 1);
        CHECK(own.level->name() == "location");
        CHECK(passes[1].effective(DirectiveId::proxy_read_timeout).value_or("60s") == "5s");
    }

    TEST_CASE("what nobody sets is nginx's default") {
        const Modelled modelled("http { server { location / { proxy_pass http://a; } } }");
        const Setting setting =
            modelled.model.passes()[0].effective(DirectiveId::proxy_read_timeout);
        CHECK(setting.is_default());
        CHECK_FALSE(setting.is_set());
        CHECK(setting.value_or("60s") == "60s");
        CHECK(setting.last() == nullptr);
        CHECK_FALSE(setting.is_on());
    }

    TEST_CASE("flags ignore case") {
        const Modelled modelled(
            "http { proxy_buffering ON; server { location / { proxy_pass http://a; } } }");
        CHECK(modelled.model.passes()[0].effective(DirectiveId::proxy_buffering).is_on());
    }

    TEST_CASE("an if and a limit_except inherit from their location") {
        const Modelled modelled(
            "http { server { location / { proxy_read_timeout 7s;"
            " if ($x) { proxy_pass http://a; } limit_except GET { proxy_pass http://b; } } } }");
        for (const Pass& pass : modelled.model.passes()) {
            CHECK(pass.effective(DirectiveId::proxy_read_timeout).value_or("") == "7s");
        }
    }

    TEST_CASE("what may stand where nobody can see is not known") {
        const Modelled modelled(
            "http { resolver 1.1.1.1; server { include none.conf; proxy_read_timeout 5s;"
            " location / { proxy_pass http://a; } } }");
        const Pass& pass = modelled.model.passes()[0];
        CHECK_FALSE(pass.effective(DirectiveId::resolver).known);
        CHECK_FALSE(pass.effective(DirectiveId::resolver).is_default());
        CHECK(pass.effective(DirectiveId::proxy_read_timeout).known);
    }

    TEST_CASE("around a fragment nothing is known") {
        const Modelled modelled("location / { proxy_pass http://a; proxy_buffering off; }", true,
                                "/a.conf");
        const Pass& pass = modelled.model.passes()[0];
        CHECK_FALSE(pass.effective(DirectiveId::resolver).known);
        CHECK(pass.effective(DirectiveId::proxy_buffering).known);
        CHECK(modelled.model.servers()[0].listens.empty());
    }
}

TEST_CASE("workers run as the user and group that are written, the group being the user's else") {
    const Modelled both("user www staff;");
    REQUIRE(both.model.worker_user());
    CHECK(both.model.worker_user()->user == "www");
    CHECK(both.model.worker_user()->group == "staff");
    const Modelled one("user www;");
    CHECK(one.model.worker_user()->group == "www");
    CHECK_FALSE(Modelled("events {}").model.worker_user());
}

TEST_CASE("passes to a group share its endpoints, and each is a connection once") {
    const Modelled modelled(
        "http { upstream g { server a:1; server b:2; } server { location /a { proxy_pass http://g; "
        "} location /b { proxy_pass http://g; } location /c { proxy_pass https://g; } location /d "
        "{ proxy_pass http://c:3; } } }");
    const auto& passes = modelled.model.passes();
    CHECK(passes[0].targets[0].endpoints.data() == passes[1].targets[0].endpoints.data());
    CHECK(passes[0].targets[0].endpoints.data() != passes[2].targets[0].endpoints.data());
    std::string out;
    for (const Connection& each : modelled.model.connections()) {
        out += std::string(each.pass.location->pattern) + ' ' + to_string(each.endpoint.address) +
               '\n';
    }
    CHECK(out == "/a a:1\n/a b:2\n/c a:1\n/c b:2\n/d c:3\n");
    CHECK(modelled.model.upstreams()[0].passes.size() == 3);
}

TEST_CASE("passes with one argument share the values of a map, unless a set has a say") {
    const auto share = [](const std::string& set) {
        const Modelled modelled(
            "http { map $host $m { a b:1; c $v:2; } server { " + set +
            " location /a { proxy_pass http://$m; } location /b { proxy_pass http://$m; } } }");
        const auto& passes = modelled.model.passes();
        return passes[0].targets.data() == passes[1].targets.data();
    };
    CHECK(share(""));
    CHECK_FALSE(share("set $v d;"));
}

TEST_CASE("a model that is moved keeps what points into it") {
    Modelled modelled("http { server { location / { set $b a:1; proxy_pass http://$b; } } }");
    const Model moved = std::move(modelled.model);
    CHECK(moved.passes()[0].server == &moved.servers()[0]);
    CHECK(moved.passes()[0].location == &moved.locations()[0]);
    CHECK(moved.passes()[0].endpoints.front().target == &moved.passes()[0].targets[0]);
    CHECK(moved.passes()[0].targets[0].text == "http://a:1");
}

TEST_CASE("where a server of a group never answers, the others do, if there are any") {
    const Modelled modelled(
        "http { upstream one { server 10.0.0.1:80; } upstream two { server 10.0.0.1:80; server "
        "10.0.0.2:80 backup; } server { location /a { proxy_pass http://one; } location /b { "
        "proxy_pass http://two; } location /c { proxy_pass http://10.0.0.3; } } }");
    std::string out;
    for (const Pass& pass : modelled.model.passes()) {
        out += requests_by(pass, pass.endpoints.front());
        out += pass.endpoints.front().has_substitute() ? " (others answer)\n" : "\n";
    }
    CHECK(out ==
          "requests\nrequests that no other server of the upstream answers (others "
          "answer)\nrequests to /c\n");
}

}  // namespace gatelint
