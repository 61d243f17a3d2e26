#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "finding/edits.hpp"
#include "input/inputs.hpp"
#include "lint.hpp"
#include "report/results.hpp"
#include "report_text.hpp"
#include "rule.hpp"
#include "temporary_directory.hpp"

// Every case under fixtures/rules: the bad side gives the rule's findings and no others, exactly as
// expected.txt has them; the good side is silent; a fix makes the good side of the bad one.
// With GATELINT_UPDATE=RULE in the environment, the rule's expected.txt are written anew; with
// GATELINT_UPDATE=all, those of all rules.

namespace gatelint {

namespace {

namespace fs = std::filesystem;

const fs::path fixtures = fs::path(GATELINT_SOURCE_DIR) / "fixtures";

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Lays a folder of a fixture over a host.
void lay(const fs::path& folder, const TemporaryDirectory& host) {
    if (!fs::exists(folder)) return;
    fs::copy(folder, host.path(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                 fs::copy_options::overwrite_existing);
}

/// The text of every file of a host, by its path on it.
std::map<std::string, std::string> texts_of(const TemporaryDirectory& host) {
    std::map<std::string, std::string> texts;
    for (const auto& entry : fs::recursive_directory_iterator(host.path())) {
        if (!entry.is_regular_file()) continue;
        texts[fs::relative(entry.path(), host.path()).string()] = read_file(entry.path());
    }
    return texts;
}

struct Case {
    std::string rule;
    fs::path folder;

    std::string name() const { return rule + "/" + folder.filename().string(); }
    bool has(const char* side) const { return fs::exists(folder / side); }

    void lay_out(const char* side, const TemporaryDirectory& host) const {
        lay(folder / "shared", host);
        lay(folder / side, host);
    }

    /// What somebody types after `gatelint`, in the host's top directory: options.txt, or else the
    /// main file of a host of which all is in sight.
    std::vector<std::string> command(const TemporaryDirectory& host) const {
        std::istringstream written(read_file(folder / "options.txt"));
        std::vector<std::string> words{std::istream_iterator<std::string>(written), {}};
        if (!words.empty()) return words;
        const bool on_top = fs::exists(host.path() / "nginx.conf");
        return {"--root", ".", on_top ? "nginx.conf" : "etc/nginx/nginx.conf"};
    }
};

/// A command line as main reads it; paths begin at the host's top.
struct Command {
    Command(const std::vector<std::string>& words, const fs::path& top) {
        for (auto word = words.begin(); word != words.end(); ++word) {
            if (!word->starts_with("--")) {
                paths.push_back((top / *word).string());
                continue;
            }
            const std::string& option = *word++;
            REQUIRE(word != words.end());
            const std::size_t equals = word->find('=');
            if (option == "--root") {
                options.root = (top / *word).string();
            } else if (option == "--nginx-version") {
                options.nginx.version = parse_version(*word);
            } else if (option == "--define") {
                options.environment.define(word->substr(0, equals), word->substr(equals + 1),
                                           option);
            } else {
                FAIL("options.txt has an option that this test does not know: ", option);
            }
        }
    }

    InputOptions options;
    std::vector<std::string> paths;
};

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const auto& rule : fs::directory_iterator(fixtures / "rules")) {
        for (const auto& folder : fs::directory_iterator(rule.path())) {
            if (!folder.is_directory()) continue;  // example.txt
            cases.push_back({rule.path().filename().string(), folder.path()});
        }
    }
    std::sort(cases.begin(), cases.end(),
              [](const Case& a, const Case& b) { return a.name() < b.name(); });
    return cases;
}

/// A side of a case, laid out and judged.
struct Judged {
    Judged(const Case& fixture, const char* side) {
        fixture.lay_out(side, host);
        const Command command(fixture.command(host), host.path());
        Inputs inputs(command.options, sources);
        for (const std::string& path : command.paths) inputs.add(path);
        for (const Inputs::Problem& problem : inputs.problems()) FAIL_CHECK(problem.message);
        CHECK(inputs.findings().empty());
        REQUIRE(!inputs.targets().empty());
        for (const Target& target : inputs.targets()) {
            LintResult result = lint(target, sources);
            REQUIRE(result.status == ReadStatus::ok);
            std::move(result.findings.begin(), result.findings.end(), std::back_inserter(findings));
        }
        sort_findings(findings, sources);
        text = text_of(report_full, {sources, findings, 0, sources.size(), host.path().string()});
    }

    TemporaryDirectory host;
    Sources sources;
    std::vector<Finding> findings;
    std::string text;
};

/// The files that were read, after the first fix of every finding.
std::map<std::string, std::string> fixed(const Judged& judged) {
    std::vector<Edit> edits;
    for (const Finding& finding : judged.findings) {
        if (finding.fixes.empty()) continue;
        const std::vector<Edit>& more = finding.fixes.front().edits;
        edits.insert(edits.end(), more.begin(), more.end());
    }
    std::map<std::string, std::string> texts = texts_of(judged.host);
    // What lies in a part of a file has its places in the file itself.
    for (std::size_t i = 0; i < judged.sources.size(); ++i) {
        const auto source = static_cast<SourceId>(i);
        const std::string path =
            fs::relative(judged.sources.path(source), judged.host.path()).string();
        const auto text = texts.find(path);
        if (text != texts.end()) text->second = apply_edits(text->second, source, edits);
    }
    return texts;
}

/// Whether the user wants expected.txt of a rule written anew: GATELINT_UPDATE=RULE, or =all.
bool is_updated(std::string_view rule) {
    const char* asked = ::getenv("GATELINT_UPDATE");
    if (asked == nullptr) return false;
    const std::string_view which = asked;
    return which == rule || which == "all" || which == "1";
}

void check_expected(const Case& fixture, const std::string& text) {
    const fs::path file = fixture.folder / "expected.txt";
    if (is_updated(fixture.rule)) {
        std::ofstream(file, std::ios::binary) << text;
    }
    CHECK_MESSAGE(read_file(file) == text, "expected.txt of ", fixture.name(),
                  " differs from what gatelint says:\n", text);
}

}  // namespace

TEST_CASE("the bad side of a fixture gives its rule's findings and no others") {
    for (const Case& fixture : all_cases()) {
        if (!fixture.has("bad")) continue;
        INFO(fixture.name());
        const Judged judged(fixture, "bad");
        CHECK_MESSAGE(!judged.findings.empty(), "nothing found");
        for (const Finding& finding : judged.findings) {
            CHECK_MESSAGE(finding.rule == fixture.rule, judged.text);
        }
        check_expected(fixture, judged.text);
    }
}

TEST_CASE("the good side of a fixture is silent") {
    for (const Case& fixture : all_cases()) {
        if (!fixture.has("good")) continue;
        INFO(fixture.name());
        const Judged judged(fixture, "good");
        CHECK_MESSAGE(judged.findings.empty(), judged.text);
    }
}

TEST_CASE("fixing the bad side gives the good side, byte for byte, where every finding has a fix") {
    for (const Case& fixture : all_cases()) {
        if (!fixture.has("bad")) continue;
        INFO(fixture.name());
        const Judged judged(fixture, "bad");
        const bool mended =
            std::all_of(judged.findings.begin(), judged.findings.end(),
                        [](const Finding& finding) { return !finding.fixes.empty(); });
        if (!mended) continue;
        const TemporaryDirectory good;
        fixture.lay_out("good", good);
        const auto after = fixed(judged);
        for (const auto& [path, text] : texts_of(good)) {
            const auto found = after.find(path);
            const std::string fixed_text = found == after.end() ? "" : found->second;
            CHECK_MESSAGE(fixed_text == text, path, " after the fix:\n", fixed_text);
        }
    }
}

TEST_CASE("every rule has a case that it must find and one that it must leave alone") {
    for (const Rule* rule : all_rules()) {
        INFO(rule->id);
        bool finds = false;
        bool leaves = false;
        for (const Case& fixture : all_cases()) {
            if (fixture.rule != rule->id) continue;
            finds = finds || fixture.has("bad");
            leaves = leaves || (fixture.has("good") && !fixture.has("bad"));
        }
        CHECK(finds);
        CHECK(leaves);
    }
}

TEST_CASE("every folder of fixtures belongs to a rule") {
    for (const Case& fixture : all_cases()) {
        CHECK_MESSAGE(find_rule(fixture.rule) != nullptr, fixture.name());
    }
}

TEST_CASE("a rule's constant is complete and named like its file") {
    for (const Rule* rule : all_rules()) {
        INFO(rule->id);
        CHECK(!rule->summary.empty());
        CHECK(!rule->why.empty());
        CHECK(rule->reference.starts_with("https://"));
        std::string file(rule->id);
        std::replace(file.begin(), file.end(), '-', '_');
        const fs::path path = fs::path(GATELINT_SOURCE_DIR) / "rules" /
                              std::string(name_of(rule->family)) / (file + ".cpp");
        CHECK_MESSAGE(fs::exists(path), path.string());
    }
}

}  // namespace gatelint
