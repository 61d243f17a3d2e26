#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "syntax/syntax_tree.hpp"

namespace gatelint {

namespace {

using namespace std::string_literals;

/// A text and what was read of it.
struct Parsed {
    Sources sources;
    Arena arena;
    SyntaxTree tree;

    explicit Parsed(std::string text, std::string path = "f")
        : tree(parse(sources, sources.add(std::move(path), std::move(text)), arena)) {}

    std::string_view text(Span span) const { return sources.text(span); }
    std::uint32_t line_of(std::uint32_t offset) const {
        return sources.line_of(tree.source(), offset);
    }
};

std::string visible(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    for (const char byte : text) {
        const auto code = static_cast<unsigned char>(byte);
        if (byte == '\n') {
            shown += "\\n";
        } else if (code < ' ') {
            shown += {'\\', 'x', digits[code >> 4U], digits[code & 15U]};
        } else {
            shown += byte;
        }
    }
    return shown;
}

void print(std::span<const Statement> statements, std::string indent, std::string& out) {
    for (const Statement& statement : statements) {
        out += indent + '<' + visible(statement.name.text) + '>';
        for (const Word& word : statement.args) out += " <" + visible(word.text) + '>';
        out += statement.has_block ? " {\n" : ";\n";
        print(statement.block, indent + "  ", out);
        if (statement.has_block) out += indent + "}\n";
    }
}

/// What was read, one statement per line and each word in < >; then the errors.
std::string tree(std::string text) {
    const Parsed parsed(std::move(text));
    std::string out;
    print(parsed.tree.statements(), "", out);
    for (const SyntaxError& error : parsed.tree.errors()) out += "! " + error.message + '\n';
    return out;
}

std::string repeat(std::string_view text, std::size_t count) {
    std::string all;
    all.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

/// nginx's words for the first error, "" if there is none.
std::string refusal(std::string text) {
    const Parsed parsed(std::move(text));
    return parsed.tree.errors().empty() ? "" : parsed.tree.errors().front().nginx;
}

/// The line at which nginx would stop.
std::uint32_t refused_line(const Parsed& parsed, const SyntaxError& error) {
    if (error.nginx.find("end of file") != std::string::npos) {
        return parsed.sources.line_count(parsed.tree.source());
    }
    const bool elsewhere = error.related_message == "nginx reports the error here";
    return parsed.line_of(elsewhere ? error.related.begin : error.span.begin);
}

}  // namespace

TEST_SUITE("words") {
    TEST_CASE("white space separates words, and CRLF is white space") {
        CHECK(tree("a b\tc\r\nd\ne ;") == "<a> <b> <c> <d> <e>;\n");
        CHECK(tree("a b;\r\nc {\r\n}\r\n") == "<a> <b>;\n<c> {\n}\n");
        CHECK(tree("a\vb\fc;") == "<a\\x0bb\\x0cc>;\n");
        CHECK(tree("").empty());
        CHECK(tree(" \r\n\t").empty());
    }

    TEST_CASE("semicolon and brace need no space around them") {
        CHECK(tree("a b;c{d;}e f;") == "<a> <b>;\n<c> {\n  <d>;\n}\n<e> <f>;\n");
    }

    TEST_CASE("closing braces, # and quotes inside a bare word are its own") {
        CHECK(tree("server_name foo}; }") == "<server_name> <foo}>;\n! unmatched \"}\"\n");
        CHECK(tree("a b#c d\"e f'g {}") == "<a> <b#c> <d\"e> <f'g> {\n}\n");
        CHECK(tree("a ();") == "<a> <()>;\n");
    }

    TEST_CASE("a quoted word holds anything up to its own quote") {
        CHECK(tree("a \"b c;{}#'\" 'd \"e';") == "<a> <b c;{}#'> <d \"e>;\n");
        CHECK(tree("a 'b\nc';") == "<a> <b\\nc>;\n");
        CHECK(tree("a \"\" '';") == "<a> <> <>;\n");
        CHECK(tree("\"proxy_pass\" 'b';") == "<proxy_pass> <b>;\n");
    }

    TEST_CASE("a parenthesis after a quote begins a word") {
        CHECK(tree("if ($a = \"b\") {}") == "<if> <($a> <=> <b> <)> {\n}\n");
        CHECK(tree("if ($a = 'b'){}") == "<if> <($a> <=> <b> <)> {\n}\n");
        CHECK(tree("if ($a = \"b\")&& c {}") == "<if> <($a> <=> <b> <)&&> <c> {\n}\n");
    }

    TEST_CASE("escapes of quotes, backslash and t, r, n are decoded in every word") {
        CHECK(tree(R"(a \"b\'c\\d "\"\'\\" '\"\'\\';)") == R"(<a> <"b'c\d> <"'\> <"'\>;)"
                                                           "\n");
        CHECK(tree(R"(a b\tc\rd\ne "\t\r\n";)") == "<a> <b\\x09c\\x0dd\\ne> <\\x09\\x0d\\n>;\n");
    }

    TEST_CASE("any other backslash stays, with what follows it") {
        CHECK(tree(R"(a \.php$ b\;c\{d\ e\#f "\d";)") == R"(<a> <\.php$> <b\;c\{d\ e\#f> <\d>;)"
                                                         "\n");
        CHECK(tree(R"(a \}b \#c;)") == R"(<a> <\}b> <\#c>;)"
                                       "\n");
        CHECK(tree("a b\\\nc;") == "<a> <b\\\\nc>;\n");
        CHECK(tree(R"(a \\\";)") == "<a> <\\\">;\n");
    }

    TEST_CASE("a brace directly after a dollar does not open a block") {
        CHECK(tree("a ${b}c x${d}y \"${e}\";") == "<a> <${b}c> <x${d}y> <${e}>;\n");
        CHECK(tree("a $${{b;") == "<a> <$${{b>;\n");
        CHECK(tree("a x$ {b;}") == "<a> <x$> {\n  <b>;\n}\n");
        CHECK(tree("a $\\{b;") == "<a> <$\\{b>;\n");
        CHECK(tree("a $b{c;}") == "<a> <$b> {\n  <c>;\n}\n");
    }

    TEST_CASE(
        "the brace of an unquoted repetition is said to open a block, and read as it was meant") {
        CHECK(tree("location ~ ^/\\d{3}/ { a; }") ==
              "<location> <~> <^/\\d{3}/> {\n  <a>;\n}\n"
              "! this \"{\" opens a block: a pattern with braces must be quoted\n");
        const Parsed parsed("location ~ ^/\\d{3}/ { a; }");
        CHECK(parsed.tree.errors()[0].nginx == "unknown directive \"3}/\"");
        CHECK(tree("a b{3;}") == "<a> <b> {\n  <3>;\n}\n");
    }

    TEST_CASE("a byte order mark is an error, and the first word is read without it") {
        const Parsed parsed("\xEF\xBB\xBFuser root;");
        CHECK(parsed.tree.statements()[0].name.text == "user");
        CHECK(parsed.text(parsed.tree.statements()[0].name.span) == "user");
        REQUIRE(parsed.tree.errors().size() == 1);
        CHECK(parsed.text(parsed.tree.errors()[0].span) == "\xEF\xBB\xBF");
        CHECK(tree("a \xEF\xBB\xBF;") == "<a> <\xEF\xBB\xBF>;\n");
    }

    TEST_CASE("bytes that are not UTF-8 are letters") {
        CHECK(tree("\xFF\xFE \x80;") == "<\xFF\xFE> <\x80>;\n");
    }

    TEST_CASE("a NUL byte is the one error of a file that is no text, and a letter of its word") {
        CHECK(tree("a b\0c;"s) ==
              "<a> <b\\x00c>;\n! NUL byte: the file is not text, or it is damaged\n");
        const Parsed parsed(
            "\x7F"
            "ELF\0\0} } {"s);
        REQUIRE(parsed.tree.errors().size() == 1);
        CHECK(parsed.tree.errors()[0].span == Span{parsed.tree.source(), 4, 5});
    }
}

TEST_SUITE("comments") {
    TEST_CASE("a comment begins where a word could, and ends at LF only") {
        const Parsed parsed("# one\r\na b#c; # two\n#three");
        REQUIRE(parsed.tree.comments().size() == 3);
        CHECK(parsed.text(parsed.tree.comments()[0]) == "# one\r");
        CHECK(parsed.text(parsed.tree.comments()[1]) == "# two");
        CHECK(parsed.text(parsed.tree.comments()[2]) == "#three");
        CHECK(tree("# one\ra b;").empty());
    }

    TEST_CASE("a comment may stand inside a directive") {
        CHECK(tree("a b # c ; {\nd;") == "<a> <b> <d>;\n");
        CHECK(tree("a { # }\n}") == "<a> {\n}\n");
    }
}

TEST_SUITE("places") {
    TEST_CASE("a word's span has its quotes, its text has not") {
        const Parsed parsed("  ab \"c d\" 'e' f\\\"g;\n");
        const Statement& statement = parsed.tree.statements()[0];
        CHECK(parsed.text(statement.name.span) == "ab");
        CHECK(statement.name.quote == '\0');
        REQUIRE(statement.args.size() == 3);
        CHECK(parsed.text(statement.args[0].span) == "\"c d\"");
        CHECK(statement.args[0].text == "c d");
        CHECK(statement.args[0].quote == '"');
        CHECK(parsed.text(statement.args[1].span) == "'e'");
        CHECK(statement.args[1].quote == '\'');
        CHECK(parsed.text(statement.args[2].span) == "f\\\"g");
        CHECK(statement.args[2].text == "f\"g");
    }

    TEST_CASE("a statement reaches to its semicolon or closing brace, its head does not") {
        const Parsed parsed("a b ;\nc d {\n  e ;\n} f\n;");
        const auto statements = parsed.tree.statements();
        CHECK(parsed.text(statements[0].span) == "a b ;");
        CHECK(parsed.text(statements[0].head()) == "a b");
        CHECK(parsed.text(statements[1].span) == "c d {\n  e ;\n}");
        CHECK(parsed.text(statements[1].head()) == "c d");
        CHECK(parsed.text(statements[1].block[0].span) == "e ;");
        CHECK(parsed.text(statements[1].block[0].head()) == "e");
        CHECK(parsed.text(statements[2].span) == "f\n;");
    }

    TEST_CASE("words without escapes are views into the text") {
        const Parsed parsed("a \"b\";");
        const std::string_view text = parsed.sources.text(parsed.tree.source());
        const std::string_view word = parsed.tree.statements()[0].args[0].text;
        CHECK(word.data() == text.data() + 3);
    }

    TEST_CASE("a tree that is moved keeps its statements") {
        Parsed parsed("a \\\"b { c; }");
        const SyntaxTree moved = std::move(parsed.tree);
        CHECK(moved.statements()[0].args[0].text == "\"b");
        CHECK(moved.statements()[0].block[0].name.text == "c");
    }
}

TEST_SUITE("Lua blocks") {
    TEST_CASE("Lua is skipped as Lua, not read as nginx") {
        CHECK(tree("content_by_lua_block { ngx.say('}') } a;") ==
              "<content_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block { t = { a = { 1 } }; f(\"{\") }\na;") ==
              "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block {\n  -- it's a } comment\n}\na;") ==
              "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block { --[[ } ]] x = 1 } a;") ==
              "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block { --[==[ ]] } ]==] } a;") ==
              "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block { s = [[ } ' ]] } a;") == "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block { s = [=[ ]] } \" ]=] } a;") ==
              "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block { s = \"\\\"}\" .. '\\'}' } a;") ==
              "<init_by_lua_block> {\n}\n<a>;\n");
        CHECK(tree("set_by_lua_block $res { return a[b[1]] - 1 } a;") ==
              "<set_by_lua_block> <$res> {\n}\n<a>;\n");
        CHECK(tree("init_by_lua_block{}a;") == "<init_by_lua_block> {\n}\n<a>;\n");
    }

    TEST_CASE("a Lua block may stand in a block and reaches to its brace") {
        const Parsed parsed("http { access_by_lua_block { if x then f({}) end } a; }");
        const Statement& http = parsed.tree.statements()[0];
        REQUIRE(http.block.size() == 2);
        CHECK(parsed.text(http.block[0].span) == "access_by_lua_block { if x then f({}) end }");
        CHECK(parsed.tree.errors().empty());
    }

    TEST_CASE("only the block itself is Lua, not those after it") {
        CHECK(tree("init_by_lua_block { } a { b '}'; }") ==
              "<init_by_lua_block> {\n}\n<a> {\n  <b> <}>;\n}\n");
        CHECK(tree("content_by_lua 'a = {}';") == "<content_by_lua> <a = {}>;\n");
    }

    TEST_CASE("a Lua block that is never closed is an error") {
        CHECK(tree("init_by_lua_block { f({)") ==
              "<init_by_lua_block> {\n}\n! the block \"init_by_lua_block\" is never closed\n");
    }
}

// What nginx 1.22.1 makes of each text, after a line with an empty `events` block.
TEST_SUITE("beside nginx itself") {
    TEST_CASE("what nginx reads, we read") {
        const std::array<std::string, 44> texts = {
            "env a;",
            "env a ;",
            "env\ta\r\n;\r\n",
            "env \"a b\";",
            "env 'a b';",
            "\"env\" a;",
            "'env' a;",
            "env \"a\nb\";",
            "env \"\";",
            "env a#b;",
            "env a;#c\nenv b;",
            "env a}b;",
            "env a\"b;",
            "env a'b;",
            "env #a\na;",
            "env a; #",
            "# c",
            "env a # ;\n;",
            "env \"a\\\"\";",
            "env a\\;;",
            "env a\\{b;",
            "env a\\ b;",
            "env \\\"a;",
            "env \\#a;",
            "env \\}a;",
            "env $a;",
            "env ${a};",
            "env x${a}y;",
            "env $${a};",
            "env $;",
            "env ${;",
            "env \"${\";",
            "env $\\{a;",
            "env $${{a;",
            "env a$}b;",
            "env \"\\d{3}\";",
            "env a;\renv b;\r",
            "#c\renv a;;",
            "env a\240;",
            "env \303\244;",
            "env a;\r\n\r\n#c\r\n",
            "env \"a'b\";",
            "env 'a\"b';",
            "env\n\n\na\n\n;",
        };
        for (const std::string& text : texts) {
            CAPTURE(text);
            CHECK(refusal(text).empty());
        }
    }

    TEST_CASE("what nginx refuses to read, we refuse with its words and in its line") {
        struct Case {
            std::string text;
            std::string nginx;
            std::uint32_t line;
        };
        const std::array<Case, 34> cases = {{
            {"env }a;", "unexpected \"}\"", 1},
            {"env #;", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env \"a\"b;", "unexpected \"b\"", 1},
            {"env \"a\"\"b\";", "unexpected \"\"\"", 1},
            {"env 'a'\"b\";", "unexpected \"\"\"", 1},
            {"env \"a\"#c\n;", "unexpected \"#\"", 1},
            {"env \"a\"}", "unexpected \"}\"", 1},
            {"env \"a\"$b;", "unexpected \"$\"", 1},
            {";", "unexpected \";\"", 1},
            {"env a;;", "unexpected \";\"", 1},
            {"{", "unexpected \"{\"", 1},
            {"env a; {", "unexpected \"{\"", 1},
            {"}", "unexpected \"}\"", 1},
            {"env a }", "unexpected \"}\"", 1},
            {"env a; }", "unexpected \"}\"", 1},
            {"env a", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env \"a", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env \"a;\nenv b;\n", "unexpected end of file, expecting \";\" or \"}\"", 3},
            {"env 'a;\n", "unexpected end of file, expecting \";\" or \"}\"", 2},
            {"env a #c", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env \\", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env a\\", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env \"a\\\";", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env a\\;", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"http {", "unexpected end of file, expecting \"}\"", 1},
            {"http { server {", "unexpected end of file, expecting \"}\"", 1},
            {"http { }}", "unexpected \"}\"", 1},
            {"http { server { } ", "unexpected end of file, expecting \"}\"", 1},
            {"env a; } env b;", "unexpected \"}\"", 1},
            {"env a\n}\n", "unexpected \"}\"", 2},
            {"env a;\013", "unexpected end of file, expecting \";\" or \"}\"", 1},
            {"env a;\n}\n{", "unexpected \"}\"", 2},
            {"env a;\"", "unexpected end of file, expecting \";\" or \"}\"", 1},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.text);
            const Parsed parsed(each.text);
            REQUIRE_FALSE(parsed.tree.errors().empty());
            CHECK(parsed.tree.errors().front().nginx == each.nginx);
            CHECK(refused_line(parsed, parsed.tree.errors().front()) == each.line);
        }
    }

    TEST_CASE("what nginx reads but does not know has the words that nginx names") {
        struct Case {
            std::string text;
            std::string tree;
        };
        const std::array<Case, 11> cases = {{
            {"foo};", "<foo}>;\n"},                       // unknown directive "foo}"
            {"foo} a;", "<foo}> <a>;\n"},                 // unknown directive "foo}"
            {"\\d;", "<\\d>;\n"},                         // unknown directive "\d"
            {"env\fa;", "<env\\x0ca>;\n"},                // unknown directive, with the form feed
            {"env a;'b' c;", "<env> <a>;\n<b> <c>;\n"},   // unknown directive "b"
            {"env(a);", "<env(a)>;\n"},                   // unknown directive "env(a)"
            {"if(a){}", "<if(a)> {\n}\n"},                // unknown directive "if(a)"
            {"env \"a\");", "<env> <a> <)>;\n"},          // invalid number of arguments
            {"env \"a\" \"b\";", "<env> <a> <b>;\n"},     // invalid number of arguments
            {"env a\nenv b;", "<env> <a> <env> <b>;\n"},  // invalid number of arguments
            {"env x$ {}", "<env> <x$> {\n}\n"},           // "env" is not terminated by ";"
        }};
        for (const Case& each : cases) {
            CAPTURE(each.text);
            CHECK(tree(each.text) == each.tree);
        }
    }

    // A word ends in time if nginx's buffer of 4096 bytes holds it, without its opening quote, with
    // what ends it; with one byte to spare where that is white space.
    TEST_CASE("words and comments may be as long as nginx's buffer allows") {
        const auto letters = [](std::size_t count) { return std::string(count, 'A'); };
        const std::string too_long = "too long parameter \"AAAAAAAAAA...\" started";
        const std::string unclosed =
            "too long parameter, probably missing terminating \"\"\" character";
        const std::string end = "unexpected end of file, expecting \";\" or \"}\"";
        struct Case {
            std::string_view what;
            std::string text;
            std::string nginx;
        };
        const std::array<Case, 26> cases = {{
            {"word and semicolon", "env " + letters(4095) + ";\n", ""},
            {"word and semicolon", "env " + letters(4096) + ";\n", too_long},
            {"word and blank", "env " + letters(4094) + " ;\n", ""},
            {"word and blank", "env " + letters(4095) + " ;\n", too_long},
            {"word and brace", letters(4095) + "{}\n", ""},
            {"word and brace", letters(4096) + "{}\n", too_long},
            {"escapes count as written", "env " + letters(4093) + "\\\";\n", ""},
            {"escapes count as written", "env " + letters(4094) + "\\\";\n", too_long},
            {"quotes and semicolon", "env \"" + letters(4094) + "\";\n", ""},
            {"quotes and semicolon", "env \"" + letters(4095) + "\";\n", too_long},
            {"quotes and semicolon", "env \"" + letters(4096) + "\";\n", unclosed},
            {"quotes and blank", "env \"" + letters(4093) + "\" ;\n", ""},
            {"quotes and blank", "env \"" + letters(4094) + "\" ;\n", too_long},
            {"quotes and blank", "env \"" + letters(4096) + "\" ;\n", unclosed},
            {"word and end", "env " + letters(4096), end},
            {"word and end", "env " + letters(4097), too_long},
            {"open quote", "env \"" + letters(4096), end},
            {"open quote", "env \"" + letters(4097), unclosed},
            {"open quote", "env \"a;\n" + repeat("env b;\n", 1000), unclosed},
            {"comment and LF", '#' + letters(4094) + '\n', ""},
            {"comment and LF", '#' + letters(4095) + '\n',
             "too long parameter \"#AAAAAAAAA...\" started"},
            {"comment and end", '#' + letters(4095), ""},
            {"comment and end", '#' + letters(4096),
             "too long parameter \"#AAAAAAAAA...\" started"},
            {"a comment in a directive", "env a #" + letters(4095) + "\n;",
             "too long parameter \"#AAAAAAAAA...\" started"},
            {"a directive as a whole", "env" + repeat(" aaaaaaaa", 10'000) + ';', ""},
            {"white space", "env" + std::string(10'000, ' ') + "a;", ""},
        }};
        for (const Case& each : cases) {
            CAPTURE(each.what);
            CAPTURE(each.text.size());
            CHECK(refusal(each.text) == each.nginx);
        }
    }
}

TEST_SUITE("recovery") {
    TEST_CASE("a missing semicolon before a brace ends the statement") {
        CHECK(tree("server { listen 80 } a;") ==
              "<server> {\n  <listen> <80>;\n}\n<a>;\n! \";\" is missing after \"listen\"\n");
    }

    TEST_CASE(
        "a missing semicolon is reported after the last word, with the place where nginx stops") {
        const Parsed parsed("server {\n  listen 80\n}\n");
        REQUIRE(parsed.tree.errors().size() == 1);
        const SyntaxError& error = parsed.tree.errors()[0];
        CHECK(error.span == Span{parsed.tree.source(), 20, 20});
        CHECK(parsed.text(error.related) == "}");
        CHECK(error.nginx == "unexpected \"}\"");
    }

    TEST_CASE("what stands after a brace too many is read") {
        CHECK(tree("a { } } b; } c;") ==
              "<a> {\n}\n<b>;\n<c>;\n! unmatched \"}\"\n! unmatched \"}\"\n");
    }

    TEST_CASE("a block that is never closed is reported at its brace and keeps its statements") {
        CHECK(tree("http { server { listen 80; } a;") ==
              "<http> {\n  <server> {\n    <listen> <80>;\n  }\n  <a>;\n}\n"
              "! the block \"http\" is never closed\n");
        const Parsed parsed("http { server {\n a;\n}\n");
        REQUIRE(parsed.tree.errors().size() == 1);
        CHECK(parsed.tree.errors()[0].span.begin == 5);
        CHECK(parsed.tree.errors()[0].related.begin == 22);
        CHECK(parsed.tree.statements()[0].span.end == 22);
    }

    TEST_CASE("where a brace is missing, the indentation tells which block it is") {
        CHECK(tree("http {\n  server {\n    a;\n}\nb;\n") ==
              "<http> {\n  <server> {\n    <a>;\n  }\n}\n<b>;\n"
              "! the block \"server\" is never closed\n");
        const std::string before = "s {\n  l / {\n    a;\n\n  l /b {\n    c;\n  }\n}\n";
        CHECK(tree(before) ==
              "<s> {\n  <l> </> {\n    <a>;\n  }\n  <l> </b> {\n    <c>;\n  }\n}\n"
              "! the block \"l\" is never closed\n");
        CHECK(Parsed(before).tree.errors()[0].span.begin == 10);
    }

    TEST_CASE("where a brace is one too many, the indentation tells which") {
        CHECK(tree("s {\n  l {\n    a;\n  }\n  }\n  b;\n}\nc;\n") ==
              "<s> {\n  <l> {\n    <a>;\n  }\n  <b>;\n}\n<c>;\n"
              "! unmatched \"}\"\n");
    }

    TEST_CASE("a quote that only the next line's quote closes is mended at its own line") {
        CHECK(tree("a \"b;\nc \"d\";\n") == "<a> <b>;\n<c> <d>;\n! this quote is never closed\n");
        CHECK(Parsed("a \"b;\nc \"d\";\n").tree.errors()[0].nginx == "unexpected \"d\"");
        CHECK(tree("a \"b\nc\";\n") == "<a> <b\\nc>;\n");
    }

    TEST_CASE("stray semicolons and braces cost nothing else") {
        CHECK(tree("; a;; b;") ==
              "<a>;\n<b>;\n! no directive before this \";\"\n"
              "! no directive before this \";\"\n");
        CHECK(tree("a; { b; } c;") ==
              "<a>;\n<> {\n  <b>;\n}\n<c>;\n! no directive before this \"{\"\n");
    }

    TEST_CASE("a word that sticks to a quote is a word of its own") {
        CHECK(tree("a \"b\"c; d;") ==
              "<a> <b> <c>;\n<d>;\n! a space or \";\" is missing after this quote\n");
        const Parsed parsed("a \"b\"c;");
        CHECK(parsed.text(parsed.tree.errors()[0].span) == "c");
        CHECK(parsed.text(parsed.tree.errors()[0].related) == "\"");
    }

    TEST_CASE("a quote that is never closed takes the rest of its line") {
        CHECK(tree("a 'b c;\nd e;\n") == "<a> <b c>;\n<d> <e>;\n! this quote is never closed\n");
        CHECK(tree("a;\n\"") == "<a>;\n<>;\n! this quote is never closed\n");
    }

    TEST_CASE("several errors in one file are all reported, in order") {
        CHECK(tree("a 'b'c;\n;\nhttp { d } }\ne {") ==
              "<a> <b> <c>;\n<http> {\n  <d>;\n}\n<e> {\n}\n"
              "! a space or \";\" is missing after this quote\n"
              "! no directive before this \";\"\n"
              "! \";\" is missing after \"d\"\n"
              "! unmatched \"}\"\n"
              "! the block \"e\" is never closed\n");
    }

    TEST_CASE("a file that ends within a directive keeps it") {
        CHECK(tree("a b") == "<a> <b>;\n! \";\" is missing after \"a\"\n");
        CHECK(tree("http { a b") == "<http> {\n  <a> <b>;\n}\n! \";\" is missing after \"a\"\n");
        CHECK(tree("a\\") == "<a\\>;\n! \";\" is missing after \"a\\\"\n");
    }
}

TEST_SUITE("hostile input") {
    TEST_CASE("256 blocks may be nested, one more may not") {
        CHECK(Parsed(repeat("a{", 256) + repeat("}", 256)).tree.errors().empty());
        const Parsed deeper(repeat("a{", 257) + repeat("}", 257) + "b;");
        REQUIRE(deeper.tree.errors().size() == 1);
        CHECK(deeper.tree.errors()[0].message ==
              "blocks are nested more than 256 levels deep; the rest of the file is not read");
        CHECK(deeper.tree.errors()[0].span.begin == 513);
        CHECK(deeper.tree.statements().size() == 1);
    }

    TEST_CASE("after 50 errors the rest is not read, and that is said") {
        CHECK(Parsed(repeat("}", 50) + "a;").tree.errors().size() == 50);
        CHECK(Parsed(repeat("}", 50) + "a;").tree.statements().size() == 1);
        const Parsed parsed(repeat("}", 60) + "a;");
        REQUIRE(parsed.tree.errors().size() == 51);
        CHECK(parsed.tree.errors()[50].message ==
              "too many errors; the rest of the file is not read");
        CHECK(parsed.tree.statements().empty());
    }

    TEST_CASE("every byte may stand anywhere") {
        std::string bytes;
        for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
        CHECK_FALSE(Parsed(bytes).tree.errors().empty());
        for (int byte = 0; byte < 256; ++byte) {
            const std::string one(1, static_cast<char>(byte));
            for (const std::string before :
                 {"", "a", "a ", "a \"b\"", "a { ", "'", "$", "\\", "#"}) {
                const Parsed parsed(before + one);
                CHECK(parsed.tree.errors().size() < 4);
                Parsed(before + one + "; }");
            }
        }
    }

    TEST_CASE("reading takes linear time whatever is repeated") {
        constexpr std::size_t size = 400'000;  // were it quadratic, this would not end
        constexpr std::array<std::string_view, 36> texts = {"{",
                                                            "}",
                                                            ";",
                                                            "\"",
                                                            "'",
                                                            "'\"",
                                                            "\"'\n",
                                                            "#",
                                                            "#\n",
                                                            "\\",
                                                            "\\\"",
                                                            "$",
                                                            "${",
                                                            "$ {",
                                                            "a",
                                                            "a ",
                                                            "a;",
                                                            "a\n",
                                                            "a{",
                                                            "a{}",
                                                            "a{b;}",
                                                            "a{\"",
                                                            "\"a\" ",
                                                            "\"a\"",
                                                            "a \"",
                                                            "a \"\n",
                                                            "\"\\\"",
                                                            "\\\\\"",
                                                            "\n",
                                                            " ",
                                                            "\r",
                                                            "\0",
                                                            "\xFF",
                                                            "a #b\n",
                                                            "a_by_lua_block{",
                                                            "a_by_lua_block{}"};
        for (const std::string_view text : texts) {
            CAPTURE(text);
            const std::string_view unit = text.empty() ? std::string_view("\0", 1) : text;
            const Parsed parsed(repeat(unit, size / unit.size()));
            CHECK(parsed.tree.errors().size() <= 51);
        }
    }

    TEST_CASE("reading Lua takes linear time whatever is repeated") {
        constexpr std::size_t size = 400'000;  // were it quadratic, this would not end
        for (const std::string_view unit :
             {"{", "]", "=", "-", "--", "--\n", "\"\"", "a\n", "[[]]", "--[[]]", "{}", "'\\''", "[",
              "[=", "[[", "\\\"", "--[["}) {
            CAPTURE(unit);
            const Parsed parsed("a_by_lua_block {" + repeat(unit, size / unit.size()));
            CHECK(parsed.tree.errors().size() == 1);
        }
    }
}

}  // namespace gatelint
