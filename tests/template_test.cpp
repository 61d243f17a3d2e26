#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "source/file_reader.hpp"
#include "syntax/syntax_tree.hpp"
#include "syntax/template.hpp"

namespace gatelint {

namespace {

/// The masked text, with `_` for what is unknown.
std::string masked(std::string_view text, TemplateName kind = {true, true}) {
    const MaskedText result = mask(text, kind);
    CHECK(result.text.size() == text.size());
    std::string shown = result.text;
    std::replace(shown.begin(), shown.end(), unknown_byte, '_');
    return shown;
}

/// A tree as nginx's own syntax, with `_` for each unknown byte.
std::string shown(std::span<const Statement> statements) {
    std::string text;
    for (const Statement& statement : statements) {
        text += statement.name.text;
        for (const Word& word : statement.args) text += " " + std::string(word.text);
        text += statement.has_block ? "{" + shown(statement.block) + "}" : ";";
    }
    std::replace(text.begin(), text.end(), unknown_byte, '_');
    return text;
}

struct Parsed {
    Parsed(std::string path, std::string text, const Environment& environment = {})
        : tree(parse(sources, sources.add(std::move(path), std::move(text)), arena, environment)) {}

    std::string text() const { return shown(tree.statements()); }

    Sources sources;
    Arena arena;
    SyntaxTree tree;
};

Environment environment_of(std::string_view text) {
    Environment environment;
    environment.define_all(text, ".env");
    return environment;
}

}  // namespace

TEST_CASE("a name tells who fills a file in") {
    for (const char* path : {"/x/site.conf.j2", "/x/nginx.conf.erb", "/x/nginx.tmpl", "site.tpl"}) {
        CHECK_MESSAGE(template_name(path).tags, path);
    }
    for (const char* path : {"/etc/nginx/templates/default.conf", "/x/default.conf.template",
                             "templates/a.conf", "/x/nginx-template.conf"}) {
        CHECK_MESSAGE(template_name(path).placeholders, path);
        CHECK_MESSAGE(!template_name(path).tags, path);
    }
    for (const char* path : {"/home/templates/app/nginx.conf", "/x/templates.d/a.conf",
                             "nginx.conf", "/x/site.conf.example"}) {
        CHECK_MESSAGE(!template_name(path).is_template(), path);
    }
}

TEST_CASE("a value is part of a word, control tags and comments are blanks") {
    CHECK(masked("listen {{ port }};") == "listen __________;");
    CHECK(masked("root /srv/{{ app }}/public;") == "root /srv/_________/public;");
    CHECK(masked("root <%= @root %>;") == "root ____________;");
    CHECK(masked("{% if tls %}\nlisten 443;\n{% endif %}\n") ==
          "            \nlisten 443;\n           \n");
    CHECK(masked("<% if tls -%>\nlisten 443;\n<% end %>") ==
          "             \nlisten 443;\n         ");
    CHECK(masked("{{- if .tls }}\nlisten 443;\n{{- end }}") ==
          "              \nlisten 443;\n          ");
    CHECK(masked("{# a;\nb {#}listen 80;") == "     \n     listen 80;");
    CHECK(masked("{{/* a; */}}listen 80;") == "            listen 80;");
}

TEST_CASE("a value that stands alone is a statement") {
    CHECK(masked("server {\n  {{ extra }}\n  listen 80;\n}") ==
          "server {\n  __________;\n  listen 80;\n}" + std::string());
    CHECK(masked("{{ a }} {{ b }} # both\n") == "______; ______; # both\n");
    CHECK(masked("location / { {{ a }} }") == "location / { ______; }");
    CHECK(masked("server_name\n  {{ a }}\n  b;") == "server_name\n  _______\n  b;");
    CHECK(masked("{{ block }}\n{\n}") == "___________\n{\n}");
    CHECK(masked("{{ name }} on;") == "__________ on;");
    CHECK(masked("listen 80;\n${EXTRA}\nroot /;") == "listen 80;\n_______;\nroot /;");
    CHECK(masked("${NAME} on;") == "${NAME} on;");
}

TEST_CASE("tags in the middle of a directive may bring something") {
    CHECK(masked("listen 443{% if x %} ssl{% endif %};") == "listen 443__________ ssl___________;");
    CHECK(masked("add_header A \"{{ a }};{% if b %}c{% endif %}\";") ==
          "add_header A \"_______;__________c___________\";");
    CHECK(masked("listen 80 {# ipv4 #};") == "listen 80           ;");
}

TEST_CASE("inside a comment tags are comment, quotes and braces in tags are the tag's") {
    CHECK(masked("# {{ managed }}\nlisten 80;") == "#              \nlisten 80;");
    CHECK(masked("a {{ x | join('; ') }};") == "a ____________________;");
    CHECK(masked("a \"{{ x[\"y\"] }}\";") == "a \"____________\";");
    CHECK(masked("{% raw %}log_format x '{{';{% endraw %}") ==
          "         log_format x '{{';            ");
}

TEST_CASE("a tag that nothing closes is no tag") {
    CHECK(masked("a {{ b;") == "a {{ b;");
    CHECK(masked("a {% b;") == "a {% b;");
    CHECK(masked("return 200 '<% a';") == "return 200 '<% a';");
}

TEST_CASE("many tags that nothing closes are read in linear time") {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += "{{{%<%{#${A:";
    CHECK(masked(text).size() == text.size());
    std::string line;
    for (int i = 0; i < 100'000; ++i) line += "{{a}}";
    CHECK(masked(line).size() == line.size());
    CHECK(placeholders_in(text, {}).empty());
}

TEST_CASE("templates parse to trees with unknown words") {
    const Parsed jinja("site.j2", "server {\n listen {{ port }};\n {{ more }}\n root /a;\n}\n");
    CHECK(jinja.text() == "server{listen __________;_________;root /a;}");
    CHECK(jinja.tree.errors().empty());
    CHECK(!jinja.tree.has_alternatives());
    CHECK(jinja.tree.statements()[0].block[0].has_unknown());
    CHECK(jinja.tree.statements()[0].block[1].name.is_unknown());
    CHECK(!jinja.tree.statements()[0].block[2].has_unknown());
    CHECK(jinja.sources.text(jinja.tree.statements()[0].block[0].args[0].span) == "{{ port }}");
}

TEST_CASE("conditions and loops are alternatives, assignments and comments are not") {
    CHECK(Parsed("a.j2", "{% if a %}listen 80;{% endif %}").tree.has_alternatives());
    CHECK(Parsed("a.erb", "<% @a.each do |x| %>listen <%= x %>;<% end %>").tree.has_alternatives());
    CHECK(Parsed("a.tmpl", "{{ range .a }}listen {{ . }};{{ end }}").tree.has_alternatives());
    CHECK(!Parsed("a.j2", "{% set a = 1 %}{# b #}listen {{ a }};").tree.has_alternatives());
    CHECK(!Parsed("a.tmpl", "{{ $a := 1 }}\nlisten {{ $a }};").tree.has_alternatives());
    CHECK(!Parsed("a.erb", "<% a = 1 %>listen <%= a %>;").tree.has_alternatives());
}

TEST_CASE("a template whose branches share a brace is not read, and no error") {
    for (const char* text : {"{% if a %}server {{% else %}upstream a {{% endif %} listen 80; }",
                             "{% if a %}location / {\n{% endif %}root /a;{% if a %}}\n{% endif %}",
                             "server {\n{{ if .a }}}\n{{ end }}"}) {
        const Parsed parsed("a.tmpl", text);
        CHECK_MESSAGE(parsed.tree.unreadable().known(), text);
        CHECK(parsed.tree.errors().empty());
        CHECK(parsed.tree.statements().empty());
    }
    const Parsed whole("a.j2", "{% if a %}server { listen 80; }{% endif %}");
    CHECK(!whole.tree.unreadable().known());
}

TEST_CASE("a template with a plain name is known by tags that nginx refuses") {
    const auto how = [](const char* text) { return Parsed("nginx.conf", text).tree.is_template(); };
    using enum SyntaxTree::Template;
    CHECK(how("server { listen {{ port }}; }") == by_content);
    CHECK(how("{% if a %}\nlisten 80;\n{% endif %}") == by_content);
    CHECK(how("server { listen <%= port %>; }") == by_content);
    CHECK(how("proxy_pass http://<%=host%>;") == by_content);
    CHECK(how("# {{ managed }} {% x %} <%= y %>\nlisten 80;") == no);
    CHECK(how("log_format a '{{ x }} {% y %} <%= z %>';") == no);
    CHECK(how("location ~ \"^/a{{1}}\" { }") == no);
    CHECK(how("content_by_lua_block { local a = {{ 1 }, { 2 }} }") == no);
    CHECK(how("location / {{ return 200; }}") == no);
    CHECK(how("map $a $b {%x y; }") == no);
    CHECK(how("if ($a <% 1) { }") == no);
    CHECK(how("proxy_pass http://${BACKEND};") == no);
}

TEST_CASE("envsubst fills in what is defined, and leaves nginx's variables") {
    const Environment env = environment_of("PORT=8080\nhost=shop\nLIST=a b\nEMPTY=\n");
    const auto text = [&](const char* line) { return Parsed("a.template", line, env).text(); };
    CHECK(text("listen ${PORT};") == "listen 8080;");
    CHECK(text("listen $PORT;") == "listen 8080;");
    CHECK(text("proxy_pass http://${BACKEND}:$PORT$uri;") == "proxy_pass http://_:8080$uri;");
    CHECK(text("server_name $host $remote_addr;") == "server_name shop $remote_addr;");
    CHECK(text("server_name ${LIST};") == "server_name _;");
    CHECK(text("listen ${PORT:-80};") == "listen _;");
    CHECK(text("proxy_pass http://${EMPTY}:3000;") == "proxy_pass http://:3000;");
    CHECK(text("listen ${EMPTY};") == "listen _;");
    CHECK(text("add_header A \"\";") == "add_header A ;");
    CHECK(text("rewrite ^/(.*)$ /$1;") == "rewrite ^/(.*)$ /$1;");
    CHECK(Parsed("a.conf", "listen ${PORT};", env).text() == "listen ${PORT};");
}

TEST_CASE(
    "a missing semicolon in a template of envsubst is an error, unless a value may bring it") {
    CHECK(Parsed("a.template", "server { listen 80 }").tree.errors().size() == 1);
    CHECK(Parsed("a.template", "server { listen ${PORT} }").tree.errors().empty());
    CHECK(Parsed("a.template", "server { listen ${PORT}; ").tree.errors().size() == 1);
}

TEST_CASE("a .env file is read as docker compose reads it") {
    const Environment env = environment_of(
        "# comment\nA=1\n export B = two words # comment\r\nC='single $A'\nD=\"double\"\nE=$A\n"
        "F=\"$A\"\nG=#none\nH=a#b\nno line\n=x\nI=\"open\nA=2\n");
    const auto value = [&](const char* name) {
        const Environment::Variable* found = env.find(name);
        return found == nullptr ? "-" : found->value;
    };
    CHECK(value("A") == "2");
    CHECK(value("B") == "two words");
    CHECK(value("C") == "single $A");
    CHECK(value("D") == "double");
    CHECK(value("E") == "-");
    CHECK(value("F") == "-");
    CHECK(value("G") == "");
    CHECK(value("H") == "a#b");
    CHECK(value("I") == "-");
}

TEST_CASE("blocks of a template with alternatives are opaque") {
    Sources sources;
    const MemoryReader files({{"/nginx.conf", "http { include a.j2; server { listen 81; } }"},
                              {"/a.j2", "{% if a %}server { listen 80; }{% endif %}"}});
    const Config config = load("/nginx.conf", files, sources);
    const Directive& http = *config.main().last(DirectiveId::http);
    CHECK(!config.main().opaque);
    CHECK(http.opaque);
    CHECK(http.has_alternatives);
    const auto servers = http.all(DirectiveId::server);
    REQUIRE(servers.size() == 2);
    CHECK(servers[0]->has_alternatives);
    CHECK(!servers[1]->opaque);
}

TEST_CASE("an include whose path a template fills in makes its block opaque, and no problem") {
    Sources sources;
    const std::string text = "http { include ${DIR}/a.conf; }\nevents { include b.conf; }\n";
    const MemoryReader files(std::map<std::string, std::string>{{"/nginx.conf.template", text}});
    const Config config = load("/nginx.conf.template", files, sources);
    CHECK(config.main().last(DirectiveId::http)->opaque);
    CHECK(config.main().last(DirectiveId::events)->opaque);
    CHECK(config.include_problems().empty());
}

}  // namespace gatelint
