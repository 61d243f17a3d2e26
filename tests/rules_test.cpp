#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "finding/edits.hpp"
#include "input/compose_inputs.hpp"
#include "input/kubernetes_inputs.hpp"
#include "input/settings.hpp"
#include "lint.hpp"
#include "report/results.hpp"
#include "report_text.hpp"
#include "rule.hpp"
#include "temporary_directory.hpp"

// Every case under fixtures/rules: the bad side gives the rule's findings and no others, exactly as
// expected.txt has them; the good side is silent; a fix makes the good side of the bad one.
// With GATELINT_UPDATE set, expected.txt is written anew.

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

    /// What options.txt says: `--nginx-version VERSION`, `--define NAME=VALUE`, `--search DIR`
    /// (where to look for the other side), `--repository` (the host is not all that there is), and
    /// the path of the main file.
    void read_options(LintOptions& options, bool& complete) const {
        std::istringstream words(read_file(folder / "options.txt"));
        for (std::string word; words >> word;) {
            std::string value;
            if (word == "--repository") {
                complete = false;
            } else if (word.starts_with("--")) {
                words >> value;
            } else {
                options.main = word;
            }
            if (word == "--nginx-version") options.nginx.version = parse_version(value);
            if (word == "--search") options.search_trees.push_back(value);
            if (word != "--define") continue;
            const std::size_t equals = value.find('=');
            options.load.environment.define(value.substr(0, equals), value.substr(equals + 1),
                                            word);
        }
    }
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
    Judged(const Case& fixture, const char* side);

    void enter_container(LintOptions& options, const FileReader& files);
    void read_settings_of(LintOptions& options);
    void enter_pod(LintOptions& options);

    TemporaryDirectory host;
    ComposeInputs projects;                 ///< the project at the top of the host, if there is one
    KubernetesInputs manifests;             ///< the manifests at the top of the host
    const FileReader* container = nullptr;  ///< what nginx sees, where a container runs it
    Sources sources;
    Settings settings;  ///< gatelint.toml at the top of the host
    std::vector<Finding> findings;
    std::string text;
};

void Judged::read_settings_of(LintOptions& options) {
    const fs::path file = host.path() / "gatelint.toml";
    if (!fs::exists(file)) return;
    const SourceId source = sources.add(file.string(), read_file(file));
    settings = read_settings(sources.text(source), source, findings);
    REQUIRE(findings.empty());
    options.settings = &settings;
}

/// Where a service of the host's compose project loads the configuration, nginx runs there.
void Judged::enter_container(LintOptions& options, const FileReader& files) {
    const ReadResult main = files.read(options.main);
    for (const std::string& path : compose_files_in(host.path().string())) {
        const std::vector<NginxService>& services = projects.services_in(path);
        const NginxService* service = services.empty() ? nullptr : &services.front();
        if (main.status == ReadStatus::ok) service = projects.user_of(path, main.file);
        if (service == nullptr) continue;
        options.main = service->main;
        options.compose_file = service->project->located.main;
        options.service = service->service->name;
        container = service->files;
    }
}

/// Where the host has no configuration, and a pod of its manifests has one, nginx runs there.
void Judged::enter_pod(LintOptions& options) {
    const std::string path = (host.path() / "manifests.yaml").string();
    if (container != nullptr || !fs::exists(path)) return;
    const std::vector<const NginxPod*> pods = manifests.pods_in(path);
    if (pods.empty()) return;
    options.main = pods.front()->main;
    options.pod = pods.front()->key;
    options.search_trees = {"/"};
    container = pods.front()->files;
}

Judged::Judged(const Case& fixture, const char* side)
    : projects(host.path().string(), {}), manifests(host.path().string(), {}) {
    fixture.lay_out(side, host);
    LintOptions options;
    options.main = fs::exists(host.path() / "nginx.conf") ? "/nginx.conf" : "/etc/nginx/nginx.conf";
    bool complete = true;
    fixture.read_options(options, complete);
    PathMap map;
    map.add("", host.path().string());
    const DiskReader files(map, complete);
    enter_container(options, files);
    if (files.read(options.main).status != ReadStatus::ok) enter_pod(options);
    options.surroundings = &files;
    read_settings_of(options);
    LintResult result = lint(options, container == nullptr ? files : *container, sources);
    REQUIRE(result.status == ReadStatus::ok);
    findings = std::move(result.findings);
    text = text_of(report_full, {sources, findings, 0, sources.size(), host.path().string()});
}

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

void check_expected(const Case& fixture, const std::string& text) {
    const fs::path file = fixture.folder / "expected.txt";
    if (::getenv("GATELINT_UPDATE") != nullptr) {
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
