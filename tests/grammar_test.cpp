#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze.hpp>

#include "nginx.hpp"

namespace gatelint {

namespace {

namespace nginx = grammar::nginx;
namespace pegtl = tao::pegtl;

/// How much of the beginning of `text` the rule takes; nothing if it does not match.
template <typename Rule>
std::string_view taken(std::string_view text) {
    pegtl::memory_input<pegtl::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
    pegtl::parse<Rule>(in);
    return text.substr(0, text.size() - in.size());
}

}  // namespace

TEST_CASE("no rule of nginx's grammar can loop without consuming") {
    CHECK(pegtl::analyze<nginx::file>() == 0);
}

TEST_CASE("a bare word ends at white space, semicolon or brace") {
    CHECK(taken<nginx::bare_word>("a}#\"'b c") == "a}#\"'b");
    CHECK(taken<nginx::bare_word>("a;") == "a");
    CHECK(taken<nginx::bare_word>("a{") == "a");
    CHECK(taken<nginx::bare_word>("${a}b{") == "${a}b");
    CHECK(taken<nginx::bare_word>("a\\;\\{\\ b;") == "a\\;\\{\\ b");
    CHECK(taken<nginx::bare_word>("}a").empty());
    CHECK(taken<nginx::bare_word>("#a").empty());
    CHECK(taken<nginx::bare_word>("'a").empty());
}

TEST_CASE("a quoted word ends at its own quote") {
    CHECK(taken<nginx::stuck_word>("\"a'\\\"b\"c") == "\"a'\\\"b\"");
    CHECK(taken<nginx::stuck_word>("'a\nb'c") == "'a\nb'");
    CHECK(taken<nginx::quoted_word>("\"a").empty());
    CHECK(taken<nginx::unclosed_quote>("\"a b\nc") == "\"a b");
}

TEST_CASE("a comment ends before LF") {
    CHECK(taken<nginx::comment>("#a\r\nb") == "#a\r");
    CHECK(taken<nginx::comment>("#") == "#");
}

TEST_CASE("Lua goes on to the brace that closes its block") {
    CHECK(taken<nginx::lua_body>("a = {} }b") == "a = {} ");
    CHECK(taken<nginx::lua_body>("a = '}' .. \"}\" }") == "a = '}' .. \"}\" ");
    CHECK(taken<nginx::lua_body>("-- }\n}") == "-- }\n");
    CHECK(taken<nginx::lua_body>("--[[ }\n} ]] }") == "--[[ }\n} ]] ");
    CHECK(taken<nginx::lua_body>("a = [=[ } ]] } ]=] }") == "a = [=[ } ]] } ]=] ");
    CHECK(taken<nginx::lua_body>("a = b[c[1]] }") == "a = b[c[1]] ");
    CHECK(taken<nginx::lua_body>("no end") == "no end");
}

}  // namespace gatelint
