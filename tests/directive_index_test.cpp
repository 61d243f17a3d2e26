#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "lint.hpp"

namespace gatelint {

namespace {

/// A configuration that was loaded from texts, with what its views point into.
struct Loaded {
    Sources sources;
    MemoryReader files;
    Config config;

    explicit Loaded(std::map<std::string, std::string> texts,
                    const LoadOptions& options = LoadOptions())
        : files(std::move(texts)), config(load("/nginx.conf", files, sources, options)) {}

    explicit Loaded(const std::string& text)
        : Loaded(std::map<std::string, std::string>{{"/nginx.conf", text}}, LoadOptions()) {}

    const DirectiveIndex& index() const { return config.index(); }
};

/// "name argument; " of each.
template <typename Directives>
std::string list(const Directives& directives) {
    std::string out;
    for (const Directive* each : directives) {
        out += std::string(each->name());
        if (!each->args().empty()) out += ' ' + std::string(each->arg(0));
        out += "; ";
    }
    return out;
}

/// How often rules walk over a configuration of so many servers.
std::size_t walks_of(std::size_t servers) {
    std::string text = "events {} http { map $uri $a { default ~x; } ";
    for (std::size_t i = 0; i < servers; ++i) {
        text +=
            "server { listen 80; server_name ${N}.example.com; proxy_passs http://a; "
            "location ~ (?<b>x) { if ($b) { return 301 $a$c; } proxy_pass http://127.0.0.1; } } ";
    }
    Sources sources;
    const MemoryReader files({{"/nginx.conf", text + "} stream { }"}});
    Around around({}, files);
    Target target;
    target.main = "/nginx.conf";
    target.files = &files;
    target.around = &around;
    const std::size_t before = DirectiveIndex::walks();
    CHECK_FALSE(lint(target, sources).findings.empty());
    return DirectiveIndex::walks() - before;
}

}  // namespace

TEST_SUITE("directive index") {
    TEST_CASE("directives are found by name in nginx's order, through includes, without rows") {
        const Loaded loaded({{"/nginx.conf",
                              "events {} http { root a; map $x $y { root no; } server { root b; "
                              "location / { root c; "
                              "} include x; root e; } }"},
                             {"/x", "root d; alias f;"}});
        CHECK(list(loaded.config.all(DirectiveId::root)) ==
              "root a; root b; root c; root d; root e; ");
        CHECK(list(loaded.config.all(DirectiveId::alias)) == "alias f; ");
        CHECK(loaded.config.all(DirectiveId::proxy_pass).empty());
        constexpr std::array ids = {DirectiveId::alias, DirectiveId::root};
        CHECK(list(loaded.index().all(ids)) == "root a; root b; root c; root d; alias f; root e; ");
    }

    TEST_CASE("what is inside a block is a part of the whole") {
        const Loaded loaded("events {} http { a; b { c { d; } e; } f; } g;");
        const Directive& http = *loaded.config.main().last(DirectiveId::http);
        CHECK(list(loaded.index().inside(http)) == "a; b; c; d; e; f; ");
        CHECK(list(loaded.index().inside(*http.children[1])) == "c; d; e; ");
        CHECK(loaded.index().inside(*http.children[0]).empty());
        CHECK(list(loaded.index().inside(loaded.config.main())) ==
              "events; http; a; b; c; d; e; f; g; ");
        CHECK(http.children[1]->is_inside(http));
        CHECK_FALSE(http.is_inside(http));
        CHECK_FALSE(loaded.config.main().children.back()->is_inside(http));
    }

    TEST_CASE("the assumed surroundings of a fragment are a part of the whole too") {
        const Loaded loaded("location / { root a; }");
        CHECK(list(loaded.index().inside(loaded.config.main())) ==
              "http; server; location /; root a; ");
        CHECK(list(loaded.config.all(DirectiveId::server)) == "server; ");
    }

    TEST_CASE("a block with many children finds them in order") {
        std::string text = "http { ";
        for (int i = 0; i < 50; ++i) {
            const std::string number = std::to_string(i);
            text += "server_name " + number + "; add_header " + number + "; ";
        }
        const Loaded loaded(text + "root a; root b; }");
        const Directive& http = *loaded.config.main().last(DirectiveId::http);
        REQUIRE(http.all(DirectiveId::server_name).size() == 50);
        for (std::size_t i = 0; i < 50; ++i) {
            CHECK(http.all(DirectiveId::server_name)[i]->arg(0) == std::to_string(i));
        }
        CHECK(http.last(DirectiveId::root)->arg(0) == "b");
        CHECK(http.last(DirectiveId::alias) == nullptr);
        CHECK(http.last(DirectiveId::root)->last(DirectiveId::root) == nullptr);
    }

    TEST_CASE("what nginx refuses is known for the nginx that is asked for") {
        const std::string text =
            "events {} http { http2 on; proxy_pass a; root; nonsense; map $a $b { root; } }";
        LoadOptions options;
        options.nginx.version = Version{1, 24, 0};
        CHECK(list(Loaded({{"/nginx.conf", text}}, options).index().refused()) ==
              "http2 on; proxy_pass a; root; nonsense; ");
        CHECK(list(Loaded(text).index().refused()) == "proxy_pass a; root; nonsense; ");
    }

    TEST_CASE("words that are not ASCII are told apart, those of rows too") {
        const Loaded loaded("http { root /\xC3\xA4; alias a; map $a $b { \xC3\xA4 1; } }");
        CHECK(list(loaded.index().non_ascii()) == "root /\xC3\xA4; \xC3\xA4 1; ");
    }

    TEST_CASE("a file that is included twice may recur") {
        const Loaded loaded({{"/nginx.conf", "http { include x; include x; include y; root a; }"},
                             {"/x", "root b;"},
                             {"/y", "root c;"}});
        std::string out;
        for (const Directive* each : loaded.config.all(DirectiveId::root)) {
            out += loaded.config.may_recur(*each) ? '2' : '1';
        }
        CHECK(out == "2211");
    }

    TEST_CASE("the whole is walked over a few times, however large it is and whatever is wrong") {
        const std::size_t walks = walks_of(1);
        CHECK(walks <= 6);
        CHECK(walks_of(50) == walks);
    }
}

}  // namespace gatelint
