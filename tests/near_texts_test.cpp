#include "nginx/near_texts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// Names of two letters put together in every way, some of them long.
std::vector<std::string> many_names() {
    std::vector<std::string> names;
    for (unsigned i = 0; i < 256; ++i) {
        std::string name = i % 3 == 0 ? "a-name-that-is-longer-than-most-others-" : "";
        for (unsigned bit = 0; bit < 8; ++bit) name += (i >> bit & 1U) != 0 ? 'a' : 'b';
        names.push_back(name);
    }
    return names;
}

}  // namespace

TEST_CASE("no text that differs by two letters or fewer is overlooked") {
    const std::vector<std::string> names = many_names();
    const std::vector<std::string_view> texts(names.begin(), names.end());
    const NearTexts near(texts);
    std::size_t compared = 0;
    for (const std::string& name : names) {
        for (const std::string& wanted : {name, name.substr(1), "x" + name, name + "yz"}) {
            const std::vector<NearTexts::Id> found = near.candidates(wanted);
            CHECK(std::is_sorted(found.begin(), found.end()));
            for (NearTexts::Id id = 0; id < texts.size(); ++id) {
                if (edit_distance(wanted, texts[id], 2) > 2) continue;
                ++compared;
                CHECK(std::binary_search(found.begin(), found.end(), id));
            }
        }
    }
    CHECK(compared > 1000);
}

TEST_CASE("a text that is far from all has none that is near") {
    const NearTexts near({"billing", "shop", "search"});
    CHECK(near.candidates("catalogue").empty());
    CHECK(near.candidates("shpo") == std::vector<NearTexts::Id>{1});
    CHECK(NearTexts({}).candidates("shop").empty());
}

}  // namespace gatelint
