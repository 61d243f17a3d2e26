#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// The same of a file in surroundings/.
std::string room_of(const std::string& path) {
    const std::set<std::string> rooms = {"formats", "host", "containers", "programs"};
    const std::set<std::string> facts = {"place", "listener", "outcome", "process"};
    const std::set<std::string> above = {"around", "search", "surroundings", "reach", "discover"};
    const std::string first = path.substr(0, path.find_first_of("./"));
    if (path.find('/') != std::string::npos) {
        return rooms.contains(first) ? "surroundings/" + first : "";
    }
    if (facts.contains(first)) return "surroundings/listener";
    return above.contains(first) ? "surroundings" : "";
}

/// The part of the program that a file belongs to: a folder of src/ (of `surroundings` the room in
/// it, or "surroundings/listener" for the facts that all its rooms share), "rules", "grammar",
/// "libraries", or what the files beside the folders of src/ are for: "rule" (what rules see),
/// "own_listeners", "lint", "main"; "" for one that has no business there.
std::string part_of(std::string path) {
    if (path.starts_with("src/")) path = path.substr(4);
    if (const std::size_t slash = path.find('/'); slash != std::string::npos) {
        const std::string folder = path.substr(0, slash);
        return folder == "surroundings" ? room_of(path.substr(slash + 1)) : folder;
    }
    const std::string name = path.substr(0, path.find('.'));
    if (name == "subject" || name == "report" || name == "rule") return "rule";
    return name == "own_listeners" || name == "lint" || name == "main" ? name : "";
}

/// The part of the surroundings that stands above all its rooms, or one of these; those who are
/// outside may include any.
bool is_of_surroundings(const std::string& part) {
    return part.starts_with("surroundings");
}

/// Who may include whom, beside itself.
const std::map<std::string, std::set<std::string>>& allowed() {
    static const std::map<std::string, std::set<std::string>> table = {
        {"grammar", {}},
        {"source", {}},
        {"finding", {"source"}},
        {"syntax", {"source", "finding", "grammar"}},
        {"nginx", {"source"}},
        {"config", {"source", "finding", "syntax", "nginx"}},
        {"model", {"source", "finding", "syntax", "nginx", "config"}},
        {"surroundings/formats", {"source", "finding", "grammar", "nginx"}},
        {"surroundings/listener", {"source", "finding", "nginx", "surroundings/formats"}},
        {"surroundings/host",
         {"source", "finding", "nginx", "surroundings/formats", "surroundings/listener"}},
        {"surroundings/containers",
         {"source", "finding", "nginx", "surroundings/formats", "surroundings/listener"}},
        {"surroundings/programs",
         {"source", "finding", "nginx", "surroundings/formats", "surroundings/listener",
          "surroundings/host", "surroundings/containers"}},
        {"surroundings",
         {"source", "finding", "nginx", "surroundings/formats", "surroundings/listener",
          "surroundings/host", "surroundings/containers", "surroundings/programs"}},
        {"own_listeners",
         {"source", "finding", "syntax", "nginx", "config", "model", "surroundings"}},
        {"rule",
         {"source", "finding", "syntax", "nginx", "config", "model", "surroundings",
          "own_listeners"}},
        {"rules", {"rule"}},
        {"input", {"source", "finding", "nginx", "config", "syntax", "surroundings"}},
        {"dump", {"source", "finding", "syntax", "nginx", "config", "input"}},
        {"report", {"source", "finding", "rule", "dump"}},
        {"lint",
         {"source", "finding", "config", "model", "surroundings", "own_listeners", "rule",
          "input"}},
        {"main", {"source", "config", "surroundings", "input", "dump", "rule", "report", "lint"}},
        {"libraries", {}},
    };
    return table;
}

bool has_place(const std::string& part) {
    return allowed().contains(part);
}

struct Include {
    std::string name;
    bool is_ours;  ///< in quotes
};

std::vector<Include> includes_of(std::string_view text) {
    std::vector<Include> includes;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view directive = "#include ";
        if (!line.starts_with(directive) || line.size() < directive.size() + 2) continue;
        const bool is_ours = line[directive.size()] == '"';
        const std::string rest = line.substr(directive.size() + 1);
        includes.push_back({rest.substr(0, rest.find(is_ours ? '"' : '>')), is_ours});
    }
    return includes;
}

/// What is wrong with one of our own includes, "" if nothing is.
std::string check_own(const std::string& file, const std::string& included) {
    const std::string part = part_of(file);
    // The headers of grammar/ are included without their folder.
    const bool is_grammar = included == "nginx.hpp" || included == "ini.hpp";
    std::string other = is_grammar ? "grammar" : part_of(included);
    if (is_of_surroundings(other) && !is_of_surroundings(part)) other = "surroundings";
    if (!has_place(part)) return file + " has no place: move it into a folder";
    if (part == other || allowed().at(part).contains(other)) return "";
    return file + " includes " + included + ": " + part + " must not know " + other;
}

/// The same for a library's.
std::string check_library(const std::string& file, const std::string& included) {
    const std::string part = part_of(file);
    const auto only = [&](bool allowed_here, const char* who) {
        return allowed_here ? "" : file + " includes " + included + ": only " + who + " may";
    };
    if (included.starts_with("tao/pegtl")) {
        const bool parses = file.ends_with(".cpp") && allowed().contains(part) &&
                            allowed().at(part).contains("grammar");
        return only(part == "grammar" || parses, "grammar/ and what parses");
    }
    if (included.starts_with("pcre2")) return only(file == "src/nginx/regex.cpp", "regex.cpp");
    if (included == "pugixml.hpp") {
        return only(file == "src/surroundings/formats/xml_file.cpp", "xml_file.cpp");
    }
    if (included.starts_with("CLI/")) return only(file == "src/main.cpp", "main.cpp");
    if (included.starts_with("nlohmann/")) return only(false, "tests/");
    if (part == "grammar" || part == "rules") {
        return only(included.find_first_of("./") == std::string::npos, "other parts");
    }
    return "";
}

std::vector<std::string> check(const std::string& file, std::string_view text) {
    std::vector<std::string> wrong;
    for (const Include& include : includes_of(text)) {
        std::string what =
            include.is_ours ? check_own(file, include.name) : check_library(file, include.name);
        if (!what.empty()) wrong.push_back(std::move(what));
    }
    return wrong;
}

/// What a README's line "May include: `source`, `nginx`." names.
std::set<std::string> said_to_include(std::string_view readme) {
    constexpr std::string_view head = "\nMay include: ";
    const std::size_t begin = readme.find(head);
    if (begin == std::string_view::npos) return {"(no such line)"};
    std::set<std::string> parts;
    readme = readme.substr(begin + head.size());
    std::istringstream line{std::string(readme.substr(0, readme.find('\n')))};
    std::string between;
    std::string part;
    while (std::getline(line, between, '`') && std::getline(line, part, '`')) parts.insert(part);
    return parts;
}

}  // namespace

TEST_CASE("every file includes only what its place allows") {
    const fs::path top = GATELINT_SOURCE_DIR;
    std::size_t files = 0;
    for (const char* folder : {"src", "rules", "grammar", "libraries"}) {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top / folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".cpp" && extension != ".hpp") continue;
            ++files;
            std::ifstream stream(entry.path(), std::ios::binary);
            const std::string text{std::istreambuf_iterator<char>(stream), {}};
            const std::string file = fs::relative(entry.path(), top).generic_string();
            for (const std::string& wrong : check(file, text)) FAIL_CHECK(wrong);
        }
    }
    CHECK(files > 50);
}

TEST_CASE("every folder of src has its place in the table") {
    for (const fs::directory_entry& entry :
         fs::directory_iterator(fs::path(GATELINT_SOURCE_DIR) / "src")) {
        if (!entry.is_directory()) continue;
        const std::string folder = entry.path().filename().string();
        CAPTURE(folder);
        CHECK(has_place(folder));
    }
}

TEST_CASE("every folder has a README, which names what it may include as the table does") {
    const fs::path top = GATELINT_SOURCE_DIR;
    std::vector<fs::path> folders = {top / "grammar", top / "libraries", top / "src"};
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top / "src")) {
        if (entry.is_directory()) folders.push_back(entry.path());
    }
    for (const fs::path& folder : folders) {
        const std::string name = fs::relative(folder, top).generic_string();
        CAPTURE(name);
        std::ifstream stream(folder / "README.md", std::ios::binary);
        CHECK(stream.good());
        const std::string readme{std::istreambuf_iterator<char>(stream), {}};
        const auto row = allowed().find(name.starts_with("src/") ? name.substr(4) : name);
        if (row != allowed().end()) CHECK(said_to_include(readme) == row->second);
    }
}

TEST_CASE("the table depends on nothing that stands above") {
    // No cycles: parts can be removed one after another that depend only on removed ones.
    std::map<std::string, std::set<std::string>> left = allowed();
    for (bool removed = true; removed;) {
        removed = false;
        for (auto it = left.begin(); it != left.end();) {
            const bool depends =
                std::any_of(it->second.begin(), it->second.end(),
                            [&](const auto& other) { return left.contains(other); });
            it = depends ? std::next(it) : (removed = true, left.erase(it));
        }
    }
    CHECK(left.empty());
}

TEST_CASE("an include that its place does not allow is found") {
    struct Case {
        std::string file;
        std::string line;
        bool allowed;
    };
    const Case cases[] = {
        {"src/model/a.cpp", "#include \"surroundings/listener.hpp\"", false},
        {"src/surroundings/reach.hpp", "#include \"model/model.hpp\"", false},
        {"src/surroundings/formats/a.cpp", "#include \"ini.hpp\"", true},
        {"src/surroundings/formats/a.cpp", "#include \"surroundings/process.hpp\"", false},
        {"src/surroundings/process.hpp", "#include \"surroundings/formats/value.hpp\"", true},
        {"src/surroundings/host/a.cpp", "#include \"surroundings/programs/listening.hpp\"", false},
        {"src/surroundings/host/a.cpp", "#include \"surroundings/containers/compose.hpp\"", false},
        {"src/surroundings/programs/a.cpp", "#include \"surroundings/host/systemd.hpp\"", true},
        {"src/surroundings/programs/a.cpp", "#include \"surroundings/surroundings.hpp\"", false},
        {"src/surroundings/discover.cpp", "#include \"surroundings/host/systemd.hpp\"", true},
        {"src/surroundings/helpers.cpp", "#include \"source/span.hpp\"", false},
        {"src/surroundings/news/a.cpp", "#include \"source/span.hpp\"", false},
        {"src/source/a.cpp", "#include \"finding/finding.hpp\"", false},
        {"src/source/a.cpp", "#include \"source/span.hpp\"", true},
        {"src/nginx/a.cpp", "#include \"config/config.hpp\"", false},
        {"src/config/a.cpp", "#include \"nginx.hpp\"", false},
        {"src/syntax/a.cpp", "#include \"nginx.hpp\"", true},
        {"src/config/a.cpp", "#include \"model/model.hpp\"", false},
        {"src/model/a.cpp", "#include \"rule.hpp\"", false},
        {"src/report/a.cpp", "#include \"rule.hpp\"", true},
        {"src/report/a.cpp", "#include \"model/model.hpp\"", false},
        {"src/own_listeners.hpp", "#include \"surroundings/listener.hpp\"", true},
        {"src/own_listeners.hpp", "#include \"rule.hpp\"", false},
        {"src/rule.hpp", "#include \"own_listeners.hpp\"", true},
        {"src/rule.hpp", "#include \"report/results.hpp\"", false},
        {"src/subject.hpp", "#include \"own_listeners.hpp\"", true},
        {"src/helpers.hpp", "#include \"source/span.hpp\"", false},
        {"src/lint.cpp", "#include \"report/results.hpp\"", false},
        {"src/nginx/regex.cpp", "#include <pcre2.h>", true},
        {"src/nginx/a.cpp", "#include <pcre2.h>", false},
        {"rules/dns/a.cpp", "#include \"rule.hpp\"", true},
        {"rules/dns/a.cpp", "#include \"model/model.hpp\"", false},
        {"rules/dns/a.cpp", "#include <array>", true},
        {"rules/dns/a.cpp", "#include <fmt/format.h>", false},
        {"rules/dns/a.cpp", "#include <unistd.h>", false},
        {"grammar/a.hpp", "#include <tao/pegtl.hpp>", true},
        {"grammar/a.hpp", "#include \"source/span.hpp\"", false},
        {"src/syntax/a.cpp", "#include <tao/pegtl.hpp>", true},
        {"src/syntax/a.hpp", "#include <tao/pegtl.hpp>", false},
        {"src/config/a.cpp", "#include <tao/pegtl.hpp>", false},
        {"src/lint.cpp", "#include <tao/pegtl.hpp>", false},
        {"src/main.cpp", "#include <CLI/CLI.hpp>", true},
        {"src/lint.cpp", "#include <CLI/CLI.hpp>", false},
        {"src/report/json.cpp", "#include <nlohmann/json.hpp>", false},
        {"src/dump/dump.cpp", "#include <nlohmann/json.hpp>", false},
        {"src/source/a.cpp", "// #include \"rule.hpp\"", true},
    };
    for (const Case& each : cases) {
        CAPTURE(each.file);
        CAPTURE(each.line);
        const std::string text = "#pragma once\n\n" + each.line + "\n#include <map>\n";
        CHECK(check(each.file, text).empty() == each.allowed);
    }
}
