#include "surroundings/programs/node_package.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "source/file_reader.hpp"
#include "source/text.hpp"
#include "surroundings/formats/yaml_file.hpp"

namespace gatelint {

namespace {

/// Options that take the next word as their value.
bool takes_value(std::string_view option) {
    constexpr std::array<std::string_view, 8> options = {
        "--prefix", "-C", "--cwd", "--dir", "--workspace", "-w", "--filter", "--loglevel"};
    return is_among(option, options);
}

/// Options that say where the package lies.
bool names_directory(std::string_view option) {
    constexpr std::array<std::string_view, 4> options = {"--prefix", "-C", "--cwd", "--dir"};
    return is_among(option, options);
}

bool is_run(std::string_view word) {
    constexpr std::array<std::string_view, 3> runs = {"run", "run-script", "rum"};
    return is_among(word, runs);
}

/// Whether the word alone may be a script: npm wants `run` before most names.
bool may_be_script(std::string_view program, std::string_view word) {
    return program != "npm" || word == "start" || word == "test";
}

/// What reads the words of a call, one after the other.
class CallReader {
  public:
    explicit CallReader(ScriptCall call) : call_(std::move(call)) {}

    void take(const std::vector<Value>& words) {
        for (std::size_t i = 1; i < words.size(); ++i) {
            const std::string_view word = words[i].text;
            const bool is_npm = call_.program == "npm";
            if (word == "--" || (!call_.script.empty() && !is_npm)) {
                // npm alone keeps options that stand before the dashes to itself.
                const std::size_t first = word == "--" ? i + 1 : i;
                call_.more.insert(call_.more.end(),
                                  words.begin() + static_cast<std::ptrdiff_t>(first), words.end());
                return;
            }
            if (takes_value(word)) {
                if (names_directory(word) && i + 1 < words.size()) {
                    call_.directory = words[i + 1].text;
                }
                ++i;
            } else if (const std::size_t equals = word.find('=');
                       word.starts_with('-') && equals != std::string_view::npos) {
                if (names_directory(word.substr(0, equals))) {
                    call_.directory = word.substr(equals + 1);
                }
            } else if (!word.starts_with('-') && !take_plain(words[i])) {
                return;
            }
        }
    }

    ScriptCall made() { return std::move(call_); }

  private:
    /// Whether a script may be called.
    bool take_plain(const Value& word) {
        if (!call_.script.empty()) {
            call_.more.push_back(word);
        } else if (!has_run_ && is_run(word.text)) {
            has_run_ = true;
        } else if (has_run_ || may_be_script(call_.program, word.text)) {
            call_.script = word.text;
        } else {
            return false;
        }
        return true;
    }

    ScriptCall call_;
    bool has_run_ = false;
};

}  // namespace

std::optional<NodeScripts> parse_node_scripts(std::string_view text, SourceId source) {
    const YamlFile file = parse_yaml(text, source);
    if (!file.error.empty() || file.documents.size() != 1) return std::nullopt;
    const YamlNode& root = file.documents.front();
    if (!root.is_mapping()) return std::nullopt;
    NodeScripts scripts;
    const YamlNode* written = root.find("scripts");
    if (written == nullptr) return scripts;
    for (const YamlNode::Entry& entry : written->entries) {
        if (entry.value.is_scalar()) scripts[entry.key.text] = entry.value.value();
    }
    return scripts;
}

std::optional<ScriptCall> parse_script_call(const std::vector<Value>& words) {
    constexpr std::array<std::string_view, 4> programs = {"npm", "yarn", "pnpm", "bun"};
    if (words.empty()) return std::nullopt;
    ScriptCall call;
    call.program = base_name(words[0].text);
    if (!is_among(call.program, programs)) return std::nullopt;
    CallReader reader(std::move(call));
    reader.take(words);
    return reader.made();
}

std::optional<Value> line_of(const ScriptCall& call, const NodeScripts& scripts) {
    const auto found = scripts.find(std::string(call.script));
    if (found != scripts.end()) return found->second;
    if (call.program == "npm" && call.script == "start") return Value{"node server.js", {}};
    return std::nullopt;
}

}  // namespace gatelint
