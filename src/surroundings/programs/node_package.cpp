#include "surroundings/programs/node_package.hpp"

#include <algorithm>
#include <array>

#include "source/text.hpp"
#include "surroundings/formats/yaml_file.hpp"

namespace gatelint {

namespace {

std::map<std::string, Value> values_of(const YamlNode& package, std::string_view key) {
    std::map<std::string, Value> values;
    const YamlNode* node = package.find(key);
    if (node == nullptr) return values;
    for (const YamlNode::Entry& entry : node->entries) {
        if (entry.value.is_scalar()) values[entry.key.text] = entry.value.value();
    }
    return values;
}

/// Options that take the next word as their value.
bool takes_value(std::string_view option) {
    constexpr std::array<std::string_view, 8> options = {
        "--prefix", "-C", "--cwd", "--dir", "--workspace", "-w", "--filter", "--loglevel"};
    return is_among(option, options);
}

/// The words behind the program that are no options, up to `--`.
std::vector<std::string_view> plain_words(const std::vector<Value>& arguments) {
    std::vector<std::string_view> words;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i].text;
        if (word == "--") break;
        if (takes_value(word)) {
            ++i;
        } else if (!word.starts_with('-')) {
            words.push_back(word);
        }
    }
    return words;
}

/// The name of the script, "" for none.
std::string_view script_name(std::string_view program, const std::vector<std::string_view>& words) {
    constexpr std::array<std::string_view, 3> runs = {"run", "run-script", "rum"};
    constexpr std::array<std::string_view, 2> short_names = {"start", "test"};
    if (words.empty()) return {};
    if (is_among(words[0], runs)) return words.size() > 1 ? words[1] : std::string_view();
    if (is_among(words[0], short_names)) return words[0];
    // npm wants `run` before any other name.
    return program == "npm" ? std::string_view() : words[0];
}

}  // namespace

std::optional<NodePackage> parse_node_package(std::string_view text, SourceId source) {
    const YamlFile file = parse_yaml(text, source);
    if (!file.error.empty() || file.documents.size() != 1) return std::nullopt;
    const YamlNode& root = file.documents.front();
    if (!root.is_mapping()) return std::nullopt;
    NodePackage package{values_of(root, "scripts"), values_of(root, "dependencies"), {}};
    if (const YamlNode* main = root.find_scalar("main")) package.main = main->value();
    return package;
}

std::optional<Value> script_of(const NodePackage& package, const std::vector<Value>& arguments) {
    constexpr std::array<std::string_view, 4> programs = {"npm", "yarn", "pnpm", "bun"};
    if (arguments.empty()) return std::nullopt;
    std::string_view program = arguments[0].text;
    program.remove_prefix(std::min(program.rfind('/') + 1, program.size()));
    if (!is_among(program, programs)) return std::nullopt;
    const std::string_view name = script_name(program, plain_words(arguments));
    const auto found = package.scripts.find(std::string(name));
    if (found != package.scripts.end()) return found->second;
    if (program == "npm" && name == "start") return Value{"node server.js", {}};
    return std::nullopt;
}

}  // namespace gatelint
