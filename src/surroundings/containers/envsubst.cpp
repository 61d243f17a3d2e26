#include "surroundings/containers/envsubst.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "source/text.hpp"
#include "source/tree.hpp"

namespace gatelint {

namespace {

constexpr std::size_t max_scripts = 50'000;
constexpr std::size_t max_size = std::size_t{1024} * 1024;
constexpr std::size_t max_calls = 50;  // of one file

/// Folders between a tree's top and a file: what lies deeper belongs to something else.
constexpr int max_depth = 6;

constexpr std::string_view script_blanks = " \t\r\n";

bool is_word_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

/// Whether a file of this name may say how templates are filled in.
bool is_filler(std::string_view name) {
    const auto holds = [name](std::string_view part) {
        return name.find(part) != std::string_view::npos;
    };
    const bool is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    return name.starts_with("Dockerfile") || name.ends_with("ockerfile") ||
           name.starts_with("Containerfile") || name == "Makefile" || name.ends_with(".sh") ||
           holds("entrypoint") || holds(".env") || (is_yaml && holds("compose"));
}

/// The words of one command, as a shell takes them apart: enough to see what is read and written.
class CallReader {
  public:
    CallReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

    /// Reads the words after `envsubst`.
    void read(EnvsubstCall& call) {
        std::string* target = nullptr;
        while (skip_blanks()) {
            const char byte = text_[at_];
            if (byte == '<' || byte == '>') {
                target = byte == '<' ? &call.input : &call.output;
                while (at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>')) ++at_;
                continue;
            }
            const std::size_t begin = at_;
            const std::string word = read_word();
            // Nothing that could be a word: the end of a string around the command, a bracket.
            if (at_ == begin) break;
            if (target != nullptr) {
                *target = word;
                target = nullptr;
            } else {
                call.has_list = true;
            }
            call.span.end = static_cast<std::uint32_t>(at_);
        }
    }

  private:
    /// Whether more of the command follows. A line ends it unless a backslash stands before.
    bool skip_blanks() {
        while (at_ < text_.size()) {
            const std::string_view rest = text_.substr(at_);
            if (rest.starts_with(' ') || rest.starts_with('\t')) {
                ++at_;
            } else if (rest.starts_with("\\\n") || rest.starts_with("\\\r\n")) {
                at_ = text_.find('\n', at_) + 1;
            } else {
                constexpr std::string_view ends = "\r\n;&|)#";
                return ends.find(rest.front()) == std::string_view::npos;
            }
        }
        return false;
    }

    std::string read_word() {
        std::string word;
        while (at_ < text_.size()) {
            const char byte = text_[at_];
            if (byte == '\'' || byte == '"') {
                // One that nothing closes is the end of a string around the whole command.
                const std::size_t end = text_.find(byte, at_ + 1);
                if (!word.empty() || end == std::string_view::npos) break;
                word = text_.substr(at_ + 1, end - at_ - 1);
                at_ = end + 1;
                return word;
            }
            constexpr std::string_view ends = " \t\r\n;&|)<>,]";
            if (ends.find(byte) != std::string_view::npos) break;
            if (byte != '\\') word += byte;
            ++at_;
        }
        return word;
    }

    std::string_view text_;
    std::size_t at_;
};

/// Whether a comment begins before `at` on its line, as shells, Dockerfiles and YAML have them.
bool is_in_comment(std::string_view text, std::size_t at) {
    std::size_t begin = text.rfind('\n', at);
    begin = begin == std::string_view::npos ? 0 : begin + 1;
    const std::string_view before = text.substr(begin, at - begin);
    return before.starts_with('#') || before.find(" #") != std::string_view::npos ||
           before.find("\t#") != std::string_view::npos;
}

/// `cat FILE | envsubst`: the file.
std::string piped_file(std::string_view before) {
    before = before.substr(0, before.find_last_not_of(script_blanks) + 1);
    if (!before.ends_with('|')) return {};
    before.remove_suffix(1);
    before = before.substr(before.find_last_of("\n;&|\"'(") + 1);
    const std::size_t cat = before.find("cat ");
    if (cat == std::string_view::npos) return {};
    before.remove_prefix(cat + 4);
    const std::size_t begin = before.find_first_not_of(script_blanks);
    if (begin == std::string_view::npos) return {};
    before = before.substr(begin, before.find_last_not_of(script_blanks) - begin + 1);
    const bool is_one =
        before.find_first_of(" \t-") != 0 && before.find_first_of(" \t") == std::string_view::npos;
    return is_one ? std::string(before) : std::string();
}

void add_capital_names(std::string_view text, std::set<std::string, std::less<>>& names) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        bool capital = text[at] >= 'A' && text[at] <= 'Z';
        for (; at < text.size() && is_word_byte(text[at]); ++at) {
            capital = capital && !(text[at] >= 'a' && text[at] <= 'z');
        }
        if (at == begin) {
            ++at;
        } else if (capital && at - begin > 1) {
            names.emplace(text.substr(begin, at - begin));
        }
    }
}

/// Where a compose file mounts `path` from: the `./nginx.conf` of `./nginx.conf:/tmp/nginx.conf`.
std::string mounted_from(std::string_view text, const std::string& path) {
    const std::size_t colon = text.find(':' + path);
    if (colon == std::string_view::npos) return {};
    const std::size_t end = colon + 1 + path.size();
    if (end < text.size() && (is_word_byte(text[end]) || text[end] == '.' || text[end] == '/')) {
        return {};
    }
    const std::size_t begin = text.find_last_of(" \t\n\"'", colon) + 1;
    return std::string(text.substr(begin, colon - begin));
}

bool is_near(std::string_view path, std::string_view top) {
    path.remove_prefix(top == "/" ? 0 : std::min(top.size(), path.size()));
    return std::count(path.begin(), path.end(), '/') <= max_depth + 1;
}

class FillerSearch {
  public:
    FillerSearch(const SearchArea& area, const FileReader& files, Sources& sources)
        : area_(area), files_(files), sources_(sources) {}

    TemplateFillers read() {
        for (const std::string& tree : area_.trees) walk(tree == "/" ? "" : tree);
        for (const std::string& folder : area_.shared) {
            for (const std::string& name : files_.list(folder)) {
                if (is_filler(name)) add(absolute_path(folder, name));
            }
        }
        for (const std::string& path : fillers_) read_file(path);
        return std::move(found_);
    }

  private:
    void walk(const std::string& tree) {
        trees_.emplace_back(tree, files_.tree(tree));
        for (const std::string& path : trees_.back().second->named(is_filler)) {
            if (is_near(path, tree) && area_.has(path)) add(path);
        }
    }

    void add(const std::string& path) {
        if (!seen_.insert(path).second) return;
        if (fillers_.size() < max_scripts) {
            fillers_.push_back(path);
        } else {
            found_.is_whole = false;
        }
    }

    void read_file(const std::string& path) {
        ReadResult file = files_.read(path);
        if (file.status != ReadStatus::ok) return;
        if (file.text.size() > max_size) {
            found_.is_whole = false;
            return;
        }
        if (!read_.insert(file.file).second) return;
        add_capital_names(file.text, found_.names);
        if (envsubst_calls(file.text, SourceId::none).empty()) return;
        const SourceId source = sources_.add(file.file, std::move(file.text));
        for (EnvsubstCall& call : envsubst_calls(sources_.text(source), source)) {
            call.template_text = find_template(call.input, path, sources_.text(source));
            found_.calls.push_back(std::move(call));
        }
    }

    /// The file that a command reads, by the path that it has where the command runs.
    Span find_template(const std::string& input, const std::string& script, std::string_view text) {
        if (input.empty() || input.find_first_of("$`*{") != std::string::npos) {
            return {};
        }
        const std::string folder(directory_of(script));
        const std::string mounted = mounted_from(text, input);
        if (!mounted.empty()) return open(absolute_path(folder, mounted));
        const Span here = open(absolute_path(folder, input));
        if (here.known()) return here;
        // Copied to there from somewhere in the project: its name must be the only one.
        const std::string* only = only_named(base_name(input));
        return only == nullptr ? Span() : open(*only);
    }

    /// The file of a name where there is one such file, else null.
    const std::string* only_named(std::string_view name) const {
        const std::string* only = nullptr;
        for (const auto& [top, tree] : trees_) {
            for (const std::string* path : tree->called(name)) {
                if (!is_near(*path, top) || !area_.has(*path)) continue;
                if (only != nullptr && *only != *path) return nullptr;
                only = path;
            }
        }
        return only;
    }

    Span open(const std::string& path) {
        if (const auto known = templates_.find(path); known != templates_.end()) {
            return known->second;
        }
        ReadResult file = files_.read(path);
        const bool good = file.status == ReadStatus::ok && file.text.size() <= max_size;
        Span whole;
        if (good) {
            const auto size = static_cast<std::uint32_t>(file.text.size());
            whole = {sources_.add(file.file, std::move(file.text)), 0, size};
        }
        templates_.emplace(path, whole);
        return whole;
    }

    const SearchArea& area_;
    const FileReader& files_;
    Sources& sources_;
    TemplateFillers found_;
    std::set<std::string> seen_;
    std::set<std::string> read_;
    std::vector<std::string> fillers_;
    std::vector<std::pair<std::string, std::shared_ptr<const Tree>>> trees_;  ///< by their tops
    std::map<std::string, Span> templates_;
};

}  // namespace

std::vector<EnvsubstCall> envsubst_calls(std::string_view text, SourceId source) {
    constexpr std::string_view command = "envsubst";
    std::vector<EnvsubstCall> calls;
    std::size_t seen = 0;
    for (std::size_t at = text.find(command); at != std::string_view::npos && ++seen <= max_calls;
         at = text.find(command, at + command.size())) {
        const std::size_t end = at + command.size();
        const bool begins = at == 0 || (!is_word_byte(text[at - 1]) && text[at - 1] != '-' &&
                                        text[at - 1] != '.' && text[at - 1] != '$');
        const bool ends =
            end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '<');
        if (!begins || !ends || is_in_comment(text, at)) continue;
        EnvsubstCall call;
        call.span = {source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
        CallReader(text, end).read(call);
        if (call.input.empty()) call.input = piped_file(text.substr(0, at));
        if (!call.input.empty()) calls.push_back(std::move(call));
    }
    return calls;
}

TemplateFillers find_template_fillers(const SearchArea& area, const FileReader& files,
                                      Sources& sources) {
    return FillerSearch(area, files, sources).read();
}

}  // namespace gatelint
