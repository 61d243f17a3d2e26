#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A folder is compiled as one file, in which what one file includes serves its neighbours as well.
// That each can stand alone is therefore read here: what it names is declared in something that it
// includes.

namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

bool is_of_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t end_of_text(std::string_view code, std::size_t quote) {
    if (quote > 0 && code[quote - 1] == 'R') {  // R"x(...)x"
        const std::size_t open = code.find('(', quote);
        const std::string close = ')' + std::string(code.substr(quote + 1, open - quote - 1)) + '"';
        return code.find(close, open) + close.size();
    }
    std::size_t end = quote + 1;
    while (end < code.size() && code[end] != code[quote]) end += code[end] == '\\' ? 2 : 1;
    return end + 1;
}

/// The names, numbers and marks (`::` and `->` are two marks each) of C++; nothing of comments,
/// texts and the preprocessor.
Words words_of(std::string_view code) {
    Words words;
    for (std::size_t at = 0; at < code.size();) {
        const std::size_t begin = at;
        if (code.substr(at, 2) == "//" || code[at] == '#') {
            at = std::min(code.find('\n', at), code.size());
        } else if (code[at] == '"' || code[at] == '\'') {
            at = end_of_text(code, at);
        } else if (is_of_name(code[at])) {
            const bool number = std::isdigit(static_cast<unsigned char>(code[at])) != 0;
            while (at < code.size() && (is_of_name(code[at]) || (number && code[at] == '\''))) ++at;
            words.emplace_back(code.substr(begin, at - begin));
        } else {
            if (std::isspace(static_cast<unsigned char>(code[at])) == 0) {
                words.emplace_back(code.substr(at, 1));
            }
            ++at;
        }
    }
    return words;
}

/// What a file includes, names and declares.
struct Unit {
    std::set<std::string> headers;   ///< of the standard and of libraries
    std::set<std::string> included;  ///< ours, below the project's folder
    std::set<std::string> standard;  ///< names of std
    std::set<std::string> named;     ///< our types, told by their first letter
    std::set<std::string> declared;
    std::set<std::string> defined;
};

bool is_type(const std::string& word) {
    return word.size() > 1 && std::isupper(static_cast<unsigned char>(word[0])) != 0;
}

void add_word(Unit& unit, const Words& words, std::size_t at) {
    const auto before = [&](std::size_t back) {
        return at >= back ? std::string_view(words[at - back]) : "";
    };
    const std::string& word = words[at];
    const bool qualified = before(1) == ":" && before(2) == ":";
    if (qualified && before(3) == "std") unit.standard.insert(word);
    if (!is_type(word) || qualified || before(1) == "." || before(1) == ">") return;
    const std::set<std::string_view> heads = {"struct", "class",    "enum",
                                              "using",  "typename", "bool"};
    if (heads.contains(before(1))) {
        unit.declared.insert(word);
        const std::string_view next = at + 1 < words.size() ? words[at + 1] : "";
        if (next == "{" || next == ":" || next == "=" || next == "final") unit.defined.insert(word);
    } else {
        unit.named.insert(word);
    }
}

Unit read(std::string_view code) {
    Unit unit;
    std::istringstream lines{std::string(code)};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("#include ")) continue;
        const bool ours = line[9] == '"';
        std::string name = line.substr(10, line.find(ours ? '"' : '>', 10) - 10);
        (ours ? unit.included : unit.headers).insert(std::move(name));
    }
    const Words words = words_of(code);
    for (std::size_t at = 0; at < words.size(); ++at) add_word(unit, words, at);
    return unit;
}

/// Which header brings a name of std; names that most headers bring are not here.
const std::map<std::string, std::string>& standard_headers() {
    static const std::map<std::string, std::string> table = [] {
        const std::pair<const char*, const char*> rows[] = {
            {"algorithm",
             "all_of any_of none_of sort stable_sort find_if find_if_not count_if lower_bound "
             "upper_bound binary_search equal_range transform unique remove_if max_element "
             "min_element nth_element partial_sort replace reverse partition stable_partition "
             "includes set_difference set_intersection is_sorted mismatch rotate clamp for_each "
             "copy_if adjacent_find make_heap"},
            {"array", "array"},
            {"atomic", "atomic"},
            {"bitset", "bitset"},
            {"charconv", "from_chars to_chars"},
            {"chrono", "chrono"},
            {"compare", "strong_ordering weak_ordering"},
            {"cstdint", "uint8_t uint16_t uint32_t uint64_t int32_t int64_t uintptr_t"},
            {"cstdlib", "getenv"},
            {"deque", "deque"},
            {"exception", "exception"},
            {"filesystem", "filesystem"},
            {"fstream", "ifstream ofstream"},
            {"functional", "function reference_wrapper hash invoke"},
            {"initializer_list", "initializer_list"},
            {"iostream", "cin cout cerr"},
            {"iterator", "istreambuf_iterator"},
            {"limits", "numeric_limits"},
            {"list", "list"},
            {"map", "map multimap"},
            {"memory", "unique_ptr shared_ptr weak_ptr make_unique make_shared"},
            {"mutex", "mutex lock_guard scoped_lock once_flag call_once"},
            {"numeric", "accumulate iota gcd"},
            {"optional", "optional nullopt"},
            {"set", "set multiset"},
            {"span", "span"},
            {"sstream", "istringstream ostringstream"},
            {"stdexcept", "runtime_error logic_error"},
            {"string", "string to_string getline"},
            {"string_view", "string_view"},
            {"system_error", "error_code"},
            {"thread", "thread"},
            {"tuple", "tuple tie"},
            {"type_traits", "is_same_v decay_t"},
            {"unordered_map", "unordered_map"},
            {"unordered_set", "unordered_set"},
            {"utility", "pair exchange"},
            {"variant", "variant visit holds_alternative get_if monostate"},
            {"vector", "vector"},
        };
        std::map<std::string, std::string> headers;
        for (const auto& [header, names] : rows) {
            std::istringstream all(names);
            for (std::string name; all >> name;) headers.emplace(name, header);
        }
        return headers;
    }();
    return table;
}

/// The files of the project by their paths, as `#include` lines name them.
using Units = std::map<std::string, Unit>;

/// Together: what a file includes, by whatever way.
Unit reached(const Units& units, const std::string& file) {
    Unit all;
    std::set<std::string> seen = {file};
    std::vector<std::string> left = {file};
    while (!left.empty()) {
        const auto unit = units.find(left.back());
        left.pop_back();
        if (unit == units.end()) continue;
        all.headers.insert(unit->second.headers.begin(), unit->second.headers.end());
        all.declared.insert(unit->second.declared.begin(), unit->second.declared.end());
        for (const std::string& next : unit->second.included) {
            if (seen.insert(next).second) left.push_back(next);
        }
    }
    return all;
}

std::vector<std::string> check(const Units& units, const std::set<std::string>& types,
                               const std::string& file) {
    std::vector<std::string> wrong;
    const Unit all = reached(units, file);
    const Unit& own = units.at(file);
    for (const std::string& name : own.standard) {
        const auto header = standard_headers().find(name);
        if (header == standard_headers().end() || all.headers.contains(header->second)) continue;
        wrong.push_back(file + " names std::" + name + ": include <" + header->second + ">");
    }
    for (const std::string& name : own.named) {
        if (!types.contains(name) || all.declared.contains(name)) continue;
        wrong.push_back(file + " names " + name + ", and includes nothing that declares it");
    }
    return wrong;
}

/// The types that some header defines.
std::set<std::string> types_of(const Units& units) {
    std::set<std::string> types;
    for (const auto& [file, unit] : units) {
        if (file.ends_with(".hpp")) types.insert(unit.defined.begin(), unit.defined.end());
    }
    return types;
}

Units read_project() {
    Units units;
    const fs::path top = GATELINT_SOURCE_DIR;
    for (const char* folder : {"src", "grammar", "rules"}) {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top / folder)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".cpp" && extension != ".hpp") continue;
            std::ifstream stream(entry.path(), std::ios::binary);
            const std::string code{std::istreambuf_iterator<char>(stream), {}};
            // As it is included: what lies in src/ and grammar/ without that folder's name.
            const fs::path base = std::string_view(folder) == "rules" ? top : top / folder;
            units[fs::relative(entry.path(), base).generic_string()] = read(code);
        }
    }
    return units;
}

}  // namespace

TEST_CASE("every file includes what declares the names in it") {
    const Units units = read_project();
    const std::set<std::string> types = types_of(units);
    CHECK(units.size() > 200);
    CHECK(types.size() > 200);
    for (const auto& [file, unit] : units) {
        for (const std::string& wrong : check(units, types, file)) FAIL_CHECK(wrong);
    }
}

TEST_CASE("a name that only a neighbour's include declares is found") {
    Units units;
    units["model/pass.hpp"] = read("#include <string>\nstruct Pass final : Base {\n};\n");
    units["model/list.hpp"] = read("#include \"model/pass.hpp\"\nclass Pass;\nenum class Mode {};");
    const auto wrong = [&](const char* code) {
        units["a.cpp"] = read(code);
        return check(units, types_of(units), "a.cpp").size();
    };
    CHECK(wrong("Pass pass;") == 1);
    CHECK(wrong("std::string pass(Mode mode, 'a', 1'000, \"x\");") == 2);
    CHECK(wrong("#include \"model/list.hpp\"\nPass pass(std::string, Mode);") == 0);
    CHECK(wrong("#include <map>\nstd::map<Pass, std::set<Mode>> all;") == 3);
    CHECK(wrong("class Pass;\nPass* pass;") == 0);
    CHECK(wrong("// Pass\nconst char* a = \"\\\" Pass\" R\"(\" Pass)\" '\"';") == 0);
    CHECK(wrong("kind::Pass a = b.Pass + c->Pass;") == 0);
}
