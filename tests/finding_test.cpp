#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "finding/edits.hpp"

namespace gatelint {

namespace {

constexpr SourceId file{0};

Edit edit(std::uint32_t begin, std::uint32_t end, std::string text, SourceId source = file) {
    return {{source, begin, end}, std::move(text)};
}

std::string edited(std::vector<Edit> edits) {
    return apply_edits("0123456789", file, edits);
}

}  // namespace

TEST_CASE("edits replace, insert and remove") {
    CHECK(edited({}) == "0123456789");
    CHECK(edited({edit(2, 4, "xyz")}) == "01xyz456789");
    CHECK(edited({edit(0, 0, ">")}) == ">0123456789");
    CHECK(edited({edit(10, 10, "<")}) == "0123456789<");
    CHECK(edited({edit(3, 9, "")}) == "0129");
    CHECK(edited({edit(0, 10, "all")}) == "all");
    CHECK(apply_edits("", file, {edit(0, 0, "new")}) == "new");
}

TEST_CASE("edits may come in any order") {
    CHECK(edited({edit(8, 9, "c"), edit(1, 2, "a"), edit(4, 6, "b")}) == "0a23b67c9");
}

TEST_CASE("edits that touch do not overlap") {
    CHECK(edited({edit(2, 4, "a"), edit(4, 6, "b")}) == "01ab6789");
    CHECK(edited({edit(2, 4, "a"), edit(2, 2, "before")}) == "01beforea456789");
    CHECK(edited({edit(2, 4, "a"), edit(4, 4, "after")}) == "01aafter456789");
}

TEST_CASE("of two edits that overlap the one that begins first wins") {
    CHECK(edited({edit(3, 6, "b"), edit(2, 5, "a")}) == "01a56789");
    CHECK(edited({edit(2, 8, "outer"), edit(4, 5, "inner")}) == "01outer89");
    CHECK(edited({edit(2, 8, "outer"), edit(4, 4, "inserted")}) == "01outer89");
    CHECK(edited({edit(2, 4, "first"), edit(2, 4, "second")}) == "01first456789");
}

TEST_CASE("several insertions at one place stand in the order in which they came") {
    CHECK(edited({edit(2, 2, "a"), edit(2, 2, "b")}) == "01ab23456789");
}

TEST_CASE("equal edits are applied once, whatever stands between them") {
    CHECK(edited({edit(2, 2, "a"), edit(2, 2, "a")}) == "01a23456789");
    CHECK(edited({edit(2, 2, "a"), edit(2, 2, "b"), edit(2, 2, "a")}) == "01ab23456789");
    CHECK(edited({edit(2, 4, "x"), edit(2, 4, "x")}) == "01x456789");
}

TEST_CASE("edits of other files are left out") {
    CHECK(edited({edit(0, 5, "x", SourceId{1}), edit(9, 10, "!")}) == "012345678!");
}

TEST_CASE("severities are ordered, and have names") {
    CHECK(Severity::note < Severity::warning);
    CHECK(Severity::warning < Severity::error);
    CHECK(name_of(Severity::error) == "error");
    CHECK(name_of(Severity::warning) == "warning");
    CHECK(name_of(Severity::note) == "note");
    CHECK(name_of(Applicability::safe) == "safe");
    CHECK(name_of(Applicability::unsafe) == "unsafe");
}

}  // namespace gatelint
