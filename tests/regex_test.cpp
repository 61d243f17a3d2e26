#include "nginx/regex.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace gatelint {

TEST_SUITE("regular expressions") {
    TEST_CASE("one that compiles tells its captures") {
        const Regex regex("^/(?<lang>en|de)/(.*)/(?P<name>x)(?:y)$");
        CHECK_FALSE(regex.error());
        CHECK(regex.captures() == 3);
        CHECK(regex.names() == std::vector<std::string>{"lang", "name"});
        CHECK(regex.nginx_error("^/").empty());
        CHECK(Regex("").captures() == 0);
    }

    TEST_CASE("one that does not compile tells where, and what nginx says") {
        const std::string pattern = "^/a)b";
        const Regex regex(pattern);
        REQUIRE(regex.error());
        CHECK(regex.error()->message == "unmatched closing parenthesis");
        CHECK(regex.error()->offset == 3);
        CHECK(regex.captures() == 0);
        CHECK(regex.nginx_error(pattern) ==
              "pcre2_compile() failed: unmatched closing parenthesis in \"^/a)b\" at \")b\"");
        CHECK(regex.match("x") == Regex::Match::unknown);
    }

    TEST_CASE("an error at the end has no place, and nginx cuts long words") {
        CHECK(Regex("(a").nginx_error("(a") ==
              "pcre2_compile() failed: missing closing parenthesis in \"(a\"");
        const std::string pattern = '(' + std::string(5000, 'a');
        CHECK(Regex(pattern).nginx_error(pattern).size() == 1024);
    }

    TEST_CASE("letter case counts unless told otherwise") {
        CHECK(Regex("^/A$").match("/a") == Regex::Match::no);
        CHECK(Regex("^/A$", true).match("/a") == Regex::Match::yes);
        CHECK(Regex("\\.php$").match("/index.php") == Regex::Match::yes);
        CHECK(Regex("^$").match("") == Regex::Match::yes);
    }

    TEST_CASE("what would take too long is unknown") {
        const Regex regex("^(a|aa|a*)*$");
        CHECK(regex.match(std::string(200, 'a') + 'b') == Regex::Match::unknown);
        CHECK(Regex("(?:a?){40}a{40}$").match(std::string(39, 'a')) != Regex::Match::yes);
    }

    TEST_CASE("it can be moved") {
        Regex first("(a)");
        Regex second = std::move(first);
        CHECK(second.match("a") == Regex::Match::yes);
        second = Regex("b");
        CHECK(second.match("a") == Regex::Match::no);
    }
}

}  // namespace gatelint
