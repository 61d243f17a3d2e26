#include "surroundings/programs/pm2.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/formats/js_literal.hpp"
#include "surroundings/formats/lines.hpp"

namespace gatelint {

namespace {

bool is_computed(const YamlNode& node) {
    return node.tag == computed_tag;
}

/// Whether an object has parts that only running the file tells.
bool has_spread(const YamlNode& node) {
    return node.find("...") != nullptr;
}

/// Its first one of several names; null where there is none.
const YamlNode* find_any(const YamlNode& app, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (const YamlNode* node = app.find(name)) return node;
    }
    return nullptr;
}

/// What runs a script by its name, as pm2's interpreter.json has it; "" for a program of its own.
std::string_view interpreter_of(std::string_view script) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> interpreters = {{
        {".js", "node"},
        {".mjs", "node"},
        {".cjs", "node"},
        {".json", "node"},
        {".ts", "bun"},
        {".py", "python3"},
        {".rb", "ruby"},
        {".sh", "bash"},
    }};
    const auto found =
        std::find_if(interpreters.begin(), interpreters.end(),
                     [script](const auto& one) { return script.ends_with(one.first); });
    if (found != interpreters.end()) return found->second;
    // A program of PATH, or a file without an ending, which node runs.
    const bool is_path = script.find('/') != std::string_view::npos;
    return is_path && base_name(script).find('.') == std::string_view::npos && script.front() != '/'
               ? "node"
               : "";
}

/// Makes a Process of one app.
class AppReader {
  public:
    AppReader(const YamlNode& app, std::string folder) : app_(app), folder_(std::move(folder)) {}

    /// Nothing where what runs cannot be told.
    std::optional<Process> read() {
        const YamlNode* script = app_.find("script");
        if (script == nullptr || !script->is_scalar() || has_spread(app_)) return std::nullopt;
        if (!read_folder()) return std::nullopt;
        const YamlNode* name = app_.find_scalar("name");
        process_.name = name == nullptr ? "pm2 app" : "pm2 app " + name->text;
        process_.span = script->span;
        if (!read_interpreter(*script)) return std::nullopt;
        add_words(script->value());
        for (const std::string_view key : {"args", "script_args"}) {
            if (!read_arguments(app_.find(key))) return std::nullopt;
        }
        read_environment();
        if (const YamlNode* user = find_any(app_, {"uid", "user"}); user && user->is_scalar()) {
            process_.user = user->text;
        }
        return std::move(process_);
    }

  private:
    bool read_folder() {
        const YamlNode* cwd = find_any(app_, {"cwd", "exec_cwd"});
        if (cwd == nullptr) {
            process_.working_directory = folder_;
            return true;
        }
        // A computed one is somewhere else: relative files are out of sight then.
        if (cwd->is_scalar()) process_.working_directory = absolute_path(folder_, cwd->text);
        return true;
    }

    bool read_interpreter(const YamlNode& script) {
        const YamlNode* interpreter = find_any(app_, {"interpreter", "exec_interpreter"});
        if (interpreter == nullptr) {
            const std::string_view implied = interpreter_of(script.text);
            if (!implied.empty()) process_.arguments.push_back({std::string(implied), {}});
        } else if (!interpreter->is_scalar()) {
            return false;
        } else if (interpreter->text != "none") {
            process_.arguments.push_back(interpreter->value());
        }
        if (!process_.arguments.empty()) {
            return read_arguments(find_any(app_, {"interpreter_args", "node_args"}));
        }
        return true;
    }

    /// A list of words, or a line of them.
    bool read_arguments(const YamlNode* arguments) {
        if (arguments == nullptr) return true;
        if (arguments->is_scalar()) {
            add_words(arguments->value());
            return true;
        }
        for (const YamlNode& item : arguments->items) {
            if (!item.is_scalar()) return false;
            process_.arguments.push_back(item.value());
        }
        return arguments->is_sequence();
    }

    void add_words(const Value& line) {
        const std::string_view text = line.text;
        if (text.find_first_of("'\"\\") == std::string_view::npos) {
            for (const std::string_view word : words_of(text)) {
                process_.arguments.push_back({std::string(word), line.span});
            }
            return;
        }
        process_.arguments.push_back(line);
    }

    void set(const std::string& name, const YamlNode& value) {
        const bool is_known = value.is_scalar();
        process_.environment[name] = {is_known ? value.text : std::string(1, unknown_byte),
                                      value.span};
    }

    void read_environment() {
        if (const YamlNode* own = app_.find("env")) {
            for (const YamlNode::Entry& entry : own->entries) set(entry.key.text, entry.value);
        }
        for (const YamlNode::Entry& other : app_.entries) {
            if (other.key.text.starts_with("env_")) read_other_environment(other.value);
        }
        // Each instance gets a number of its own.
        const YamlNode* counted = app_.find_scalar("increment_var");
        if (counted != nullptr) make_unknown(counted->text, counted->span);
    }

    /// `--env NAME` adds it to the plain one.
    void read_other_environment(const YamlNode& environment) {
        for (const YamlNode::Entry& entry : environment.entries) {
            const auto known = process_.environment.find(entry.key.text);
            const bool is_same = known != process_.environment.end() && entry.value.is_scalar() &&
                                 known->second.text == entry.value.text;
            if (!is_same) make_unknown(entry.key.text, entry.value.span);
        }
    }

    void make_unknown(const std::string& name, Span span) {
        process_.environment[name] = {std::string(1, unknown_byte), span};
    }

    const YamlNode& app_;
    std::string folder_;
    Process process_;
};

YamlNode parse(std::string_view file, SourceId source, Reading& reading) {
    const bool is_yaml =
        file.ends_with(".yaml") || file.ends_with(".yml") || file.ends_with(".json");
    if (!is_yaml) return parse_js_export(reading.text(source), source);
    YamlFile parsed = parse_yaml(reading.text(source), source);
    if (!parsed.error.empty() || parsed.documents.empty()) {
        YamlNode nothing;
        nothing.tag = computed_tag;
        return nothing;
    }
    return std::move(parsed.documents.front());
}

}  // namespace

bool is_pm2_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> endings = {".js", ".cjs", ".json", ".yaml", ".yml"};
    const bool fits = std::any_of(endings.begin(), endings.end(),
                                  [name](std::string_view end) { return name.ends_with(end); });
    return fits && (name.starts_with("ecosystem.") || name.starts_with("pm2.") ||
                    name == "process.json" || name == "processes.json" || name == "process.yml");
}

Pm2 read_pm2(const std::string& file, SourceId source, const FileReader* files, const Place* place,
             Reading& reading) {
    Pm2 pm2;
    const YamlNode root = parse(file, source, reading);
    // One app may stand alone, and several without `apps`.
    const YamlNode* apps = root.find("apps");
    if (apps == nullptr) apps = &root;
    std::vector<const YamlNode*> list;
    if (apps->is_sequence()) {
        for (const YamlNode& app : apps->items) list.push_back(&app);
    } else if (apps->is_mapping() && apps->find("script") != nullptr) {
        list.push_back(apps);
    } else if (is_computed(*apps) || has_spread(*apps)) {
        pm2.is_whole = false;
        reading.remark({source, 0, 0}, "cannot tell what pm2 runs without running this file");
    }
    for (const YamlNode* app : list) {
        std::optional<Process> process = AppReader(*app, std::string(directory_of(file))).read();
        if (!process) {
            pm2.is_whole = false;
            reading.remark(app->span, "cannot tell what pm2 runs here");
            continue;
        }
        process->files = files;
        process->place = place;
        pm2.processes.push_back(std::move(*process));
    }
    return pm2;
}

}  // namespace gatelint
