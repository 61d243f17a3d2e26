#include "report/explain.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "report/example.hpp"
#include "rule.hpp"

// What the pages of rules show: each an example that fits its text.

namespace gatelint {

namespace {

const Example& example_of(const Rule& rule) {
    for (const Example& example : all_examples()) {
        if (example.rule == rule.id) return example;
    }
    FAIL("no example");
    return all_examples().front();
}

/// The files of the excerpts and places in a report for people.
std::set<std::string> quoted_files(std::string_view report) {
    std::set<std::string> files;
    std::istringstream lines{std::string(report)};
    for (std::string line; std::getline(lines, line);) {
        const std::size_t arrow = line.find("--> ");
        if (arrow == std::string::npos || line.find_first_not_of(' ') != arrow) continue;
        const std::size_t column = line.rfind(':');
        const std::size_t end = line.rfind(':', column - 1);
        files.insert(line.substr(arrow + 4, end - arrow - 4));
    }
    return files;
}

}  // namespace

TEST_CASE("a rule's example has the severity that its page names") {
    for (const Rule* rule : all_rules()) {
        INFO(rule->id);
        const std::string_view said = example_of(*rule).expected;
        CHECK(said.substr(0, said.find('[')) == name_of(rule->severity));
    }
}

TEST_CASE("a rule's page shows every file that it quotes, what is wrong, and what is right") {
    for (const Rule* rule : all_rules()) {
        INFO(rule->id);
        const Example& example = example_of(*rule);
        const std::string page = explain(rule->id, false);
        for (const std::string& file : quoted_files(example.expected)) {
            const bool is_shown = page.find("Wrong, " + file + ":\n") != std::string::npos ||
                                  page.find("Unchanged, " + file + ":\n") != std::string::npos;
            CHECK_MESSAGE(is_shown, file);
        }
        CHECK(page.find("Wrong, ") != std::string::npos);
        CHECK(page.find("Right, ") != std::string::npos);
        CHECK_FALSE(example.proof.empty());
    }
}

TEST_CASE("docs/rules.md is what the program prints") {
    std::ifstream stream(GATELINT_SOURCE_DIR "/docs/rules.md", std::ios::binary);
    const std::string committed{std::istreambuf_iterator<char>(stream), {}};
    const std::string printed = list_rules("markdown");
    const auto [old_end, new_end] =
        std::mismatch(committed.begin(), committed.end(), printed.begin(), printed.end());
    const auto line = 1 + std::count(committed.begin(), old_end, '\n');
    CHECK_MESSAGE(committed == printed, "docs/rules.md differs in line ", line,
                  "; write it anew: build/gatelint rules -f markdown > docs/rules.md");
}

TEST_CASE("the page of all rules has one heading for each, named like its id") {
    const std::string page = list_rules("markdown");
    std::istringstream lines(page);
    std::set<std::string> titles;
    bool is_code = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) is_code = !is_code;
        if (!is_code && line.starts_with("### ")) CHECK(titles.insert(line.substr(4)).second);
    }
    CHECK(titles.size() == all_rules().size());
    for (const Rule* rule : all_rules()) CHECK(titles.contains(std::string(rule->id)));
}

}  // namespace gatelint
