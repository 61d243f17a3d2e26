#include "surroundings/containers/dockerfile.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "nginx/text.hpp"
#include "source/file_reader.hpp"
#include "source/unknown.hpp"
#include "surroundings/containers/port_range.hpp"
#include "surroundings/formats/interpolation.hpp"
#include "surroundings/formats/yaml_file.hpp"

namespace gatelint {

namespace {

constexpr std::string_view instruction_blanks = " \t\r";
constexpr std::size_t max_stages = 100;
constexpr std::size_t max_exposed = 1000;

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(instruction_blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(instruction_blanks) - begin + 1);
}

/// One instruction, its lines put together; of every byte where it stands in the file.
struct Instruction {
    std::string keyword;  ///< in capitals
    std::string text;     ///< what follows it
    std::vector<std::uint32_t> at;
    std::string heredoc;  ///< what stands below it
    SourceId source = SourceId::none;

    Span span(std::size_t begin, std::size_t end) const {
        if (begin >= end || end > at.size()) return {};
        return {source, at[begin], at[end - 1] + 1};
    }
    Span span() const { return span(0, text.size()); }
};

/// Takes a Dockerfile apart (moby/buildkit: frontend/dockerfile/parser).
class InstructionReader {
  public:
    InstructionReader(std::string_view text, SourceId source) : text_(text), source_(source) {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        read_parser_directives();
    }

    std::optional<Instruction> next() {
        while (at_ < text_.size()) {
            Instruction made = read();
            if (!made.keyword.empty()) return made;
        }
        return std::nullopt;
    }

  private:
    /// The next line without its LF.
    std::string_view take_line() {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        const std::string_view line = text_.substr(at_, end - at_);
        at_ = std::min(end + 1, text_.size());
        return line;
    }

    /// `# escape=` is one only at the top, before anything else.
    void read_parser_directives() {
        while (at_ < text_.size()) {
            const std::size_t before = at_;
            std::string_view line = trim(take_line());
            const std::size_t equals = line.find('=');
            if (!line.starts_with('#') || equals == std::string_view::npos) {
                at_ = before;
                return;
            }
            const std::string name = lower_case(trim(line.substr(1, equals - 1)));
            const std::string_view value = trim(line.substr(equals + 1));
            if (name == "escape" && value == "`") escape_ = '`';
        }
    }

    Instruction read() {
        Instruction made;
        made.source = source_;
        bool continues = true;
        while (continues && at_ < text_.size()) {
            const auto begin = static_cast<std::uint32_t>(at_);
            std::string_view line = take_line();
            const std::string_view bare = trim(line);
            const bool is_blank = bare.empty() || bare.front() == '#';
            if (is_blank && made.text.empty()) return made;
            if (is_blank) continue;
            line = line.substr(0, line.find_last_not_of(instruction_blanks) + 1);
            continues = line.ends_with(escape_);
            if (continues) line.remove_suffix(1);
            made.text += line;
            for (std::size_t i = 0; i < line.size(); ++i) {
                made.at.push_back(begin + static_cast<std::uint32_t>(i));
            }
        }
        split_keyword(made);
        if (made.keyword == "RUN" || made.keyword == "COPY" || made.keyword == "ADD") {
            take_heredocs(made);
        }
        return made;
    }

    static void split_keyword(Instruction& made) {
        const std::string_view text = made.text;
        const std::size_t begin = std::min(text.find_first_not_of(instruction_blanks), text.size());
        const std::size_t end =
            std::min(text.find_first_of(instruction_blanks, begin), text.size());
        made.keyword = text.substr(begin, end - begin);
        std::transform(
            made.keyword.begin(), made.keyword.end(), made.keyword.begin(),
            [](char byte) { return byte >= 'a' && byte <= 'z' ? char(byte - 'a' + 'A') : byte; });
        const std::size_t rest =
            std::min(text.find_first_not_of(instruction_blanks, end), text.size());
        const std::size_t last = std::max(text.find_last_not_of(instruction_blanks) + 1, rest);
        made.text = std::string(text.substr(rest, last - rest));
        made.at.erase(made.at.begin() + static_cast<std::ptrdiff_t>(last), made.at.end());
        made.at.erase(made.at.begin(), made.at.begin() + static_cast<std::ptrdiff_t>(rest));
    }

    void take_heredocs(Instruction& made) {
        std::size_t from = 0;
        while ((from = made.text.find("<<", from)) != std::string::npos) {
            const bool begins_word = from == 0 || made.text[from - 1] == ' ';
            from += 2;
            std::string_view rest = std::string_view(made.text).substr(from);
            const bool strips = rest.starts_with('-');
            if (strips) rest.remove_prefix(1);
            if (rest.starts_with('"') || rest.starts_with('\'')) rest.remove_prefix(1);
            const std::size_t size = variable_name_size(rest);
            if (begins_word && size > 0) take_heredoc(rest.substr(0, size), strips, made.heredoc);
        }
    }

    /// Without an end there is none: older builders knew none.
    void take_heredoc(std::string_view name, bool strips, std::string& body) {
        if (has_open_heredoc_) return;
        const std::size_t begin = at_;
        while (at_ < text_.size()) {
            const std::size_t line_begin = at_;
            std::string_view line = take_line();
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (strips) line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
            if (line != name) continue;
            body += text_.substr(begin, line_begin - begin);
            return;
        }
        has_open_heredoc_ = true;
        at_ = begin;
    }

    std::string_view text_;
    SourceId source_;
    std::size_t at_ = 0;
    char escape_ = '\\';
    bool has_open_heredoc_ = false;
};

/// A piece of an instruction between instruction_blanks, with its quotes.
struct Word {
    std::string_view text;
    Span span;
};

std::vector<Word> words_of(const Instruction& instruction) {
    std::vector<Word> words;
    const std::string_view text = instruction.text;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(instruction_blanks, at)) != std::string_view::npos) {
        const std::size_t begin = at;
        char quote = '\0';
        for (; at < text.size(); ++at) {
            const char byte = text[at];
            if (quote == '\0' && instruction_blanks.find(byte) != std::string_view::npos) break;
            if (byte == '\\' && quote != '\'' && at + 1 < text.size()) {
                ++at;
            } else if (byte == quote) {
                quote = '\0';
            } else if (quote == '\0' && (byte == '"' || byte == '\'')) {
                quote = byte;
            }
        }
        words.push_back({text.substr(begin, at - begin), instruction.span(begin, at)});
    }
    return words;
}

/// A path in the image: what is relative begins where WORKDIR says.
std::string path_in_image(const std::string& directory, const std::string& path) {
    if (path.starts_with('/')) return absolute_path("", path);
    if (path.starts_with(unknown_byte)) return path;
    if (directory.starts_with('/')) return absolute_path(directory, path);
    return (directory.empty() ? std::string(1, unknown_byte) : directory) + absolute_path("", path);
}

/// One stage, and what its arguments mean.
struct Stage {
    std::string name;
    Dockerfile facts;
    std::map<std::string, std::string, std::less<>> arguments;
    bool has_own_command = false;
    bool has_known_shell = true;
};

/// Follows the instructions (moby/buildkit: frontend/dockerfile/dockerfile2llb/convert.go).
class DockerfileMaker {
  public:
    DockerfileMaker(SourceId source, const std::map<std::string, std::string>& arguments)
        : source_(source), given_(arguments) {}

    void take(const Instruction& instruction) {
        const std::string& keyword = instruction.keyword;
        if (keyword == "FROM") return from(instruction);
        if (keyword == "ARG") return argument(instruction);
        if (stages_.empty() || is_full_) return;
        Dockerfile& facts = stages_.back().facts;
        if (keyword == "ENV") environment(instruction);
        if (keyword == "EXPOSE") expose(instruction);
        if (keyword == "COPY" || keyword == "ADD") copy(instruction);
        if (keyword == "RUN") run(instruction);
        if (keyword == "CMD") command(instruction);
        if (keyword == "ENTRYPOINT") entrypoint(instruction);
        if (keyword == "HEALTHCHECK") {
            facts.has_healthcheck = !equals_ignoring_case(instruction.text, "none");
        }
        if (keyword == "USER") facts.user = {fill(instruction.text), instruction.span()};
        if (keyword == "WORKDIR") {
            facts.working_directory =
                path_in_image(facts.working_directory, fill(instruction.text));
        }
        if (keyword == "SHELL") {
            stages_.back().has_known_shell =
                instruction.text.find("sh\"") != std::string::npos &&
                instruction.text.find("powershell") == std::string::npos;
        }
    }

    std::optional<Dockerfile> made(std::string_view stage) {
        if (stages_.empty() || is_full_) return std::nullopt;
        if (stage.empty()) return std::move(stages_.back().facts);
        const auto found = std::find_if(stages_.begin(), stages_.end(), [&](const Stage& other) {
            return equals_ignoring_case(other.name, stage);
        });
        if (found != stages_.end()) return std::move(found->facts);
        for (std::size_t i = 0; i < stages_.size(); ++i) {
            if (stage == std::to_string(i)) return std::move(stages_[i].facts);
        }
        return std::nullopt;
    }

  private:
    std::optional<std::string> look_up(std::string_view name) const {
        if (stages_.empty()) {
            const auto found = global_.find(name);
            return found == global_.end() ? std::nullopt : std::optional(found->second);
        }
        const Stage& stage = stages_.back();
        const auto set = stage.facts.environment.find(std::string(name));
        if (set != stage.facts.environment.end()) return set->second.text;
        const auto found = stage.arguments.find(name);
        return found == stage.arguments.end() ? std::nullopt : std::optional(found->second);
    }

    /// A word without its quotes, variables filled in but between single quotes.
    std::string fill(std::string_view raw) {
        std::string filled;
        char quote = '\0';
        std::size_t at = 0;
        while (at < raw.size()) {
            const char byte = raw[at];
            if (byte == quote || (quote == '\0' && (byte == '"' || byte == '\''))) {
                quote = quote == '\0' ? byte : '\0';
                ++at;
            } else if (byte == '$' && quote != '\'') {
                interpolation_.fill_one(raw, at, filled);
            } else if (byte == '\\' && quote != '\'' && at + 1 < raw.size()) {
                filled += raw[at + 1];
                at += 2;
            } else {
                filled += byte;
                ++at;
            }
        }
        return filled;
    }

    void from(const Instruction& instruction) {
        if (stages_.size() >= max_stages) {
            is_full_ = true;
            return;
        }
        std::vector<Word> words = words_of(instruction);
        words.erase(std::remove_if(words.begin(), words.end(),
                                   [](const Word& word) { return word.text.starts_with("--"); }),
                    words.end());
        // Only arguments before the first stage count here.
        std::vector<Stage> hidden;
        hidden.swap(stages_);
        const std::string image = words.empty() ? "" : fill(words.front().text);
        hidden.swap(stages_);

        Stage stage;
        const auto base = std::find_if(stages_.begin(), stages_.end(), [&](const Stage& other) {
            return !other.name.empty() && equals_ignoring_case(other.name, image);
        });
        if (base != stages_.end()) {
            stage.facts = base->facts;
        } else {
            stage.facts.source = source_;
            stage.facts.image = {image, words.empty() ? Span{} : words.front().span};
        }
        if (words.size() >= 3 && equals_ignoring_case(words[1].text, "as")) {
            stage.name = words[2].text;
        }
        stages_.push_back(std::move(stage));
    }

    void argument(const Instruction& instruction) {
        for (const Word& word : words_of(instruction)) {
            const std::size_t equals = word.text.find('=');
            const std::string name = fill(word.text.substr(0, equals));
            std::optional<std::string> value;
            if (const auto given = given_.find(name); given != given_.end()) {
                value = given->second;
            } else if (equals != std::string_view::npos) {
                value = fill(word.text.substr(equals + 1));
            } else if (const auto global = global_.find(name); global != global_.end()) {
                value = global->second;
            }
            auto& scope = stages_.empty() ? global_ : stages_.back().arguments;
            if (value) scope.insert_or_assign(name, *value);
        }
    }

    void environment(const Instruction& instruction) {
        auto& set = stages_.back().facts.environment;
        const std::vector<Word> words = words_of(instruction);
        if (words.empty()) return;
        if (words.front().text.find('=') == std::string_view::npos) {
            // `ENV NAME all the rest`
            const std::string_view text = instruction.text;
            const std::size_t begin =
                text.find_first_not_of(instruction_blanks, words.front().text.size());
            if (begin == std::string_view::npos) return;
            set[std::string(words.front().text)] = {fill(text.substr(begin)),
                                                    instruction.span(begin, text.size())};
            return;
        }
        // All values are those before the instruction.
        std::vector<std::pair<std::string, Value>> found;
        for (const Word& word : words) {
            const std::size_t equals = word.text.find('=');
            if (equals == std::string_view::npos) continue;
            found.emplace_back(fill(word.text.substr(0, equals)),
                               Value{fill(word.text.substr(equals + 1)), word.span});
        }
        for (auto& [name, value] : found) set[name] = std::move(value);
    }

    void expose(const Instruction& instruction) {
        for (const Word& word : words_of(instruction)) {
            std::string text = fill(word.text);
            std::string_view rest = text;
            while (!(rest = trim(rest)).empty()) {
                const std::size_t end =
                    std::min(rest.find_first_of(instruction_blanks), rest.size());
                expose_range(rest.substr(0, end), word.span);
                rest.remove_prefix(end);
            }
        }
    }

    void expose_range(std::string_view text, Span span) {
        const std::size_t slash = std::min(text.find('/'), text.size());
        std::string kind(text.substr(slash));
        if (lower_case(kind) == "/tcp") kind.clear();
        const std::string_view ports = text.substr(0, slash);
        auto& exposed = stages_.back().facts.exposed;
        if (ports.find('-') == std::string_view::npos) {
            exposed.push_back({std::string(ports) + kind, span});
            return;
        }
        const std::optional<PortRange> range = parse_port_range(ports);
        if (!range) return;
        if (exposed.size() + range->size() > max_exposed) {
            exposed.push_back({std::string(ports) + kind, span});
            return;
        }
        for (unsigned port = range->first; port <= range->last; ++port) {
            exposed.push_back({std::to_string(port) + kind, span});
        }
    }

    void copy(const Instruction& instruction) {
        Dockerfile::Copy made;
        std::vector<std::string> paths;
        std::size_t begin = 0;
        for (const Word& word : words_of(instruction)) {
            if (!word.text.starts_with("--")) break;
            constexpr std::string_view from = "--from=";
            if (word.text.starts_with(from)) made.from = fill(word.text.substr(from.size()));
            begin = static_cast<std::size_t>(word.text.data() - instruction.text.data()) +
                    word.text.size();
        }
        begin = std::min(instruction.text.find_first_not_of(instruction_blanks, begin),
                         instruction.text.size());
        if (const auto list = json_list(instruction, begin)) {
            for (const Value& item : *list) paths.push_back(fill(item.text));
        } else {
            for (const Word& word : words_of(instruction)) {
                const bool is_flag = word.text.starts_with("--");
                if (!is_flag) paths.push_back(fill(word.text));
            }
        }
        if (paths.size() < 2) return;
        const std::string target = std::move(paths.back());
        paths.pop_back();
        const bool is_folder = target.ends_with('/') || target == "." || target == ".." ||
                               target.ends_with("/.") || paths.size() > 1;
        const auto is_text = [](const std::string& path) { return path.starts_with("<<"); };
        paths.erase(std::remove_if(paths.begin(), paths.end(), is_text), paths.end());
        made.sources = std::move(paths);
        made.target = path_in_image(stages_.back().facts.working_directory, target);
        if (is_folder && !made.target.ends_with('/')) made.target += '/';
        made.span = instruction.span();
        stages_.back().facts.copies.push_back(std::move(made));
    }

    void run(const Instruction& instruction) {
        std::string text = instruction.text;
        if (!instruction.heredoc.empty()) text += '\n' + instruction.heredoc;
        stages_.back().facts.runs.push_back({std::move(text), instruction.span()});
    }

    void command(const Instruction& instruction) {
        stages_.back().facts.command = command_of(instruction);
        stages_.back().has_own_command = true;
    }

    /// A CMD of the stage's base is for the base's ENTRYPOINT.
    void entrypoint(const Instruction& instruction) {
        Stage& stage = stages_.back();
        stage.facts.entrypoint = command_of(instruction);
        if (!stage.has_own_command) stage.facts.command.reset();
    }

    Command command_of(const Instruction& instruction) const {
        if (auto list = json_list(instruction, 0)) {
            Command made;
            made.words = std::move(*list);
            made.span = instruction.span();
            return made;
        }
        const auto size = static_cast<std::uint32_t>(instruction.text.size());
        Command made = parse_shell_command(instruction.text, {source_, 0, size});
        for (Value& word : made.words) {
            word.span = instruction.span(word.span.begin, word.span.end);
        }
        for (auto& [name, value] : made.assignments) {
            value.span = instruction.span(value.span.begin, value.span.end);
        }
        made.span = instruction.span();
        made.is_known = made.is_known && stages_.back().has_known_shell;
        return made;
    }

    /// The strings of a list in JSON, which YAML takes too; nothing if it is none.
    std::optional<std::vector<Value>> json_list(const Instruction& instruction,
                                                std::size_t begin) const {
        const std::string_view text = std::string_view(instruction.text).substr(begin);
        if (!text.starts_with('[')) return std::nullopt;
        const YamlFile file = parse_yaml(text, source_);
        const bool is_list = file.error.empty() && file.documents.size() == 1 &&
                             file.documents.front().is_sequence();
        if (!is_list) return std::nullopt;
        std::vector<Value> words;
        for (const YamlNode& item : file.documents.front().items) {
            const bool is_string = item.is_scalar() && text[item.span.begin] == '"';
            if (!is_string) return std::nullopt;
            words.push_back(
                {item.text, instruction.span(begin + item.span.begin, begin + item.span.end)});
        }
        return words;
    }

    SourceId source_;
    const std::map<std::string, std::string>& given_;
    std::map<std::string, std::string, std::less<>> global_;
    std::vector<Stage> stages_;
    bool is_full_ = false;
    Interpolation interpolation_{Interpolation::Escape::backslash,
                                 [this](std::string_view name) { return look_up(name); }};
};

}  // namespace

std::optional<Dockerfile> parse_dockerfile(std::string_view text, SourceId source,
                                           std::string_view stage,
                                           const std::map<std::string, std::string>& arguments) {
    InstructionReader reader(text, source);
    DockerfileMaker maker(source, arguments);
    while (const std::optional<Instruction> instruction = reader.next()) maker.take(*instruction);
    return maker.made(stage);
}

}  // namespace gatelint
