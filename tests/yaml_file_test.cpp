#include "surroundings/formats/yaml_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {

using namespace gatelint;

std::string_view at(std::string_view text, Span span) {
    return text.substr(span.begin, span.end - span.begin);
}

}  // namespace

TEST_CASE("a YAML scalar's span holds its quotes, wherever it stands") {
    constexpr std::string_view text = "# ä\na: one\nb: \"t\\\"wo\"\nc: ['three', 4]\n";
    const YamlFile file = parse_yaml(text, SourceId{0});
    REQUIRE(file.documents.size() == 1);
    const YamlNode& top = file.documents.front();
    CHECK(at(text, top.find("a")->span) == "one");
    CHECK(top.find("b")->text == "t\"wo");
    CHECK(at(text, top.find("b")->span) == "\"t\\\"wo\"");
    CHECK(at(text, top.find("c")->items.front().span) == "'three'");
    CHECK(at(text, top.entries[1].key.span) == "b");
    CHECK_FALSE(top.find("b")->is_plain);
    CHECK(top.find("c")->items.back().is_plain);
}

TEST_CASE("what a YAML mapping merges gives way to what it says itself") {
    const YamlFile file =
        parse_yaml("base: &base {image: a, user: b}\napp:\n  <<: *base\n  image: c\n", SourceId{0});
    REQUIRE(file.documents.size() == 1);
    const YamlNode* app = file.documents.front().find("app");
    REQUIRE(app != nullptr);
    CHECK(app->find("image")->text == "c");
    CHECK(app->find("user")->text == "b");
}

TEST_CASE("null, tags and several documents of YAML are told apart") {
    const YamlFile file = parse_yaml("a: ~\nb: !reset []\n---\nc: 'null'\nd:\n", SourceId{0});
    REQUIRE(file.documents.size() == 2);
    CHECK(file.documents[0].find("a")->kind == YamlNode::Kind::null);
    CHECK(file.documents[0].find("b")->tag == "!reset");
    CHECK(file.documents[1].find("c")->kind == YamlNode::Kind::scalar);
    CHECK(file.documents[1].find("d")->kind == YamlNode::Kind::null);
}

TEST_CASE("broken YAML is an error with a place, and a bomb of aliases ends") {
    const YamlFile broken = parse_yaml("a: [1, 2\nb: {{ x }}\n", SourceId{0});
    CHECK(broken.error != "");
    std::string bomb = "a0: &a0 [x, x]\n";
    for (int i = 1; i < 40; ++i) {
        const std::string name = "a" + std::to_string(i);
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += name + ": &" + name + " [" + last + ", " + last + "]\n";
    }
    CHECK(parse_yaml(bomb, SourceId{0}).error == "too many nodes");
}

TEST_CASE("YAML that the library reads without end is an error") {
    CHECK(parse_yaml(", a", SourceId{0}).error != "");
    CHECK(parse_yaml("a: 1\n...\n, b", SourceId{0}).error != "");
}

TEST_CASE("a long text that many aliases repeat is too much") {
    std::string text = "a: &a " + std::string(500'000, 'x') + "\nb:\n";
    for (int i = 0; i < 1000; ++i) text += "  - *a\n";
    CHECK(parse_yaml(text, SourceId{0}).error == "too many nodes");
}
