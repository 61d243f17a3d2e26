#include "surroundings/programs/wrappers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "source/text.hpp"
#include "source/unknown.hpp"
#include "surroundings/formats/shell.hpp"
#include "surroundings/programs/command_line.hpp"
#include "surroundings/programs/node_package.hpp"

namespace gatelint {

namespace {

/// Deeper commands are no real ones.
constexpr int max_layers = 16;

/// What of a wrapper's words comes before the command that it runs.
struct Wrapper {
    enum class Operand : std::uint8_t { none, user, variables };

    std::string_view name;
    std::string_view word;            ///< the subcommand that runs another command, or ""
    std::string_view valued;          ///< letters of options that have a value
    std::string_view valued_longs;    ///< the same of long ones, between blanks
    Operand operand = Operand::none;  ///< what stands before the command
};

using Operand = Wrapper::Operand;

constexpr std::array wrappers = {
    Wrapper{"exec", "", "a", "", Operand::none},
    Wrapper{"env", "", "uCS", " unset chdir ", Operand::variables},
    Wrapper{"cross-env", "", "", "", Operand::variables},
    Wrapper{"sudo", "", "ugpCh", " user group prompt ", Operand::variables},
    Wrapper{"doas", "", "u", "", Operand::none},
    Wrapper{"runuser", "", "ugG", " user group ", Operand::none},
    Wrapper{"gosu", "", "", "", Operand::user},
    Wrapper{"su-exec", "", "", "", Operand::user},
    Wrapper{"setuidgid", "", "", "", Operand::user},
    Wrapper{"chpst", "", "ue/", "", Operand::none},
    Wrapper{"tini", "", "pe", "", Operand::none},
    Wrapper{"docker-init", "", "pe", "", Operand::none},
    Wrapper{"dumb-init", "", "r", " rewrite ", Operand::none},
    Wrapper{"catatonit", "", "P", "", Operand::none},
    Wrapper{"nohup", "", "", "", Operand::none},
    Wrapper{"setsid", "", "", "", Operand::none},
    Wrapper{"nice", "", "n", " adjustment ", Operand::none},
    Wrapper{"ionice", "", "cn", " class classdata ", Operand::none},
    Wrapper{"stdbuf", "", "ioe", " input output error ", Operand::none},
    Wrapper{"authbind", "", "", " depth ", Operand::none},
    Wrapper{"newrelic-admin", "run-program", "", "", Operand::none},
    Wrapper{"ddtrace-run", "", "", "", Operand::none},
    Wrapper{"opentelemetry-instrument", "", "", " traces_exporter metrics_exporter service_name ",
            Operand::none},
    Wrapper{"poetry", "run", "CP", " directory project ", Operand::none},
    Wrapper{"pipenv", "run", "", "", Operand::none},
    Wrapper{"pdm", "run", "p", " project ", Operand::none},
    Wrapper{"rye", "run", "", "", Operand::none},
    Wrapper{"uv", "run", "p", " python with extra group env-file directory project package index ",
            Operand::none},
    Wrapper{"conda", "run", "np", " name prefix cwd ", Operand::none},
    Wrapper{"micromamba", "run", "np", " name prefix ", Operand::none},
    Wrapper{"bundle", "exec", "", " gemfile ", Operand::none},
    Wrapper{"rbenv", "exec", "", "", Operand::none},
    Wrapper{"npx", "", "pc", " package call ", Operand::none},
    Wrapper{"bunx", "", "", "", Operand::none},
    Wrapper{"npm", "exec", "", " package ", Operand::none},
    Wrapper{"pnpm", "exec", "", "", Operand::none},
    Wrapper{"pnpm", "dlx", "", "", Operand::none},
    Wrapper{"yarn", "exec", "", "", Operand::none},
    Wrapper{"yarn", "dlx", "", "", Operand::none},
};

constexpr std::array<std::string_view, 7> shells = {"sh",  "bash", "dash",   "ash",
                                                    "zsh", "ksh",  "busybox"};

/// Whether a name is `python`, `python3`, `python3.11`.
bool is_python(std::string_view name) {
    for (const std::string_view prefix : {"python", "pypy"}) {
        if (name.starts_with(prefix)) {
            return name.substr(prefix.size()).find_first_not_of("0123456789.") ==
                   std::string_view::npos;
        }
    }
    return false;
}

bool is_variable(std::string_view word) {
    const std::size_t equals = word.find('=');
    return equals != std::string_view::npos && equals > 0 &&
           word.substr(0, equals).find_first_of("/-. ") == std::string_view::npos;
}

void set_variable(Process& process, const Value& word) {
    const std::size_t equals = word.text.find('=');
    process.environment.insert_or_assign(word.text.substr(0, equals), part_of(word, equals + 1));
}

/// `user` or `user:group`.
void set_user(Process& process, std::string_view who) {
    const std::size_t colon = who.find(':');
    process.user = who.substr(0, colon);
    process.group = colon == std::string_view::npos ? "" : who.substr(colon + 1);
}

bool has_word(std::string_view words, std::string_view word) {
    return !words.empty() && words.find(' ' + std::string(word) + ' ') != std::string_view::npos;
}

/// Takes the words of one process off its front.
class Unwrapper {
  public:
    Unwrapper(Process process, Reading& reading)
        : process_(std::move(process)), reading_(reading) {}

    Process take() {
        // Lines for a shell are taken apart before anything is filled in, as the shell does.
        for (int layer = 0; layer < max_layers && !words().empty(); ++layer) {
            if (words().size() > max_words) give_up("the command is too long");
            if (words().empty()) break;
            if (words().front().text.starts_with('$')) words() = filled_in_words(process_);
            if (words().empty() || !take_layer()) break;
        }
        words() = filled_in_words(process_);
        return std::move(process_);
    }

  private:
    std::vector<Value>& words() { return process_.arguments; }
    std::string name() const { return std::string(base_name(process_.arguments.front().text)); }

    void drop(std::size_t count) {
        words().erase(words().begin(), words().begin() + static_cast<std::ptrdiff_t>(
                                                             std::min(count, words().size())));
    }

    /// Nobody can tell what runs.
    bool give_up(std::string why) {
        reading_.remark(process_.span, std::move(why));
        words().clear();
        return false;
    }

    /// Whether there was something to look through.
    bool take_layer() {
        if (is_variable(words().front().text)) {
            set_variable(process_, filled_in(words().front()));
            drop(1);
            return true;
        }
        const std::string program = name();
        if (is_among(program, shells)) return take_shell(program == "busybox" ? 2 : 1);
        if (program == "su") return take_su();
        if (is_python(program)) return take_python();
        if (program == "ruby") return take_interpreter("IrCEeS");
        if (program == "docker-php-entrypoint") return take_php_entrypoint();
        if (program == "wait-for-it.sh" || program == "wait-for" || program == "dockerize") {
            return take_after_dashes();
        }
        if (program == "npm" || program == "yarn" || program == "pnpm" || program == "bun") {
            return take_wrapper(program) || take_script() || take_package_program();
        }
        return take_wrapper(program);
    }

    bool take_wrapper(std::string_view program) {
        for (const Wrapper& wrapper : wrappers) {
            if (wrapper.name != program) continue;
            if (wrapper.word.empty()) {
                drop(1);
                take_options(wrapper);
                return true;
            }
            const std::size_t at = find_subcommand(wrapper);
            if (at == 0) continue;
            drop(at + 1);
            take_options(wrapper);
            return true;
        }
        return false;
    }

    /// Where the wrapper's subcommand stands behind its options; 0 where it is another one.
    std::size_t find_subcommand(const Wrapper& wrapper) {
        for (std::size_t i = 1; i < words().size(); ++i) {
            const std::string& word = words()[i].text;
            if (word == wrapper.word) return i;
            if (!word.starts_with('-')) return 0;
            i += option_size(wrapper, word) - 1;
        }
        return 0;
    }

    /// How many words an option takes.
    static std::size_t option_size(const Wrapper& wrapper, std::string_view word) {
        if (word.starts_with("--")) {
            return has_word(wrapper.valued_longs, word.substr(2)) ? 2 : 1;
        }
        const bool is_valued =
            word.size() == 2 && wrapper.valued.find(word[1]) != std::string_view::npos;
        return is_valued ? 2 : 1;
    }

    void take_options(const Wrapper& wrapper) {
        while (!words().empty() && words().front().text.starts_with('-')) {
            const std::string word = words().front().text;
            if (word == "--") {
                drop(1);
                break;
            }
            const std::size_t size = option_size(wrapper, word);
            const std::string value = words().size() > 1 && size == 2 ? words()[1].text : "";
            take_effect(wrapper, word, value);
            drop(size);
        }
        if (wrapper.operand == Operand::user && !words().empty()) {
            set_user(process_, filled_in(words().front()).text);
            drop(1);
        }
    }

    void take_effect(const Wrapper& wrapper, std::string_view option, const std::string& value) {
        const bool changes_user = wrapper.name == "sudo" || wrapper.name == "runuser" ||
                                  wrapper.name == "doas" || wrapper.name == "chpst";
        if (changes_user && (option == "-u" || option == "--user")) set_user(process_, value);
        if (changes_user && option.starts_with("--user=")) set_user(process_, option.substr(7));
        if (changes_user && (option == "-g" || option == "--group")) process_.group = value;
        if (wrapper.name == "env" && (option == "-i" || option == "-")) {
            process_.environment.clear();
            process_.knows_environment = true;
        }
        if (wrapper.name == "env" && option == "-u") process_.environment.erase(value);
        if (wrapper.name == "uv" && option == "--env-file") process_.knows_environment = false;
    }

    /// `sh -c "…"`, with other letters beside the c; scripts are not looked into.
    bool take_shell(std::size_t skipped) {
        bool has_command = false;
        std::size_t at = skipped;
        for (; at < words().size(); ++at) {
            const std::string& word = words()[at].text;
            if (!word.starts_with('-') && !word.starts_with('+')) break;
            if (!word.starts_with("--") && word.ends_with('o')) ++at;
            has_command =
                has_command || (!word.starts_with("--") && word.find('c') != std::string::npos);
        }
        if (!has_command || at >= words().size()) {
            return give_up("cannot tell what the shell runs");
        }
        return take_line(Value(words()[at]));
    }

    /// `su - user -c "…"` in any order.
    bool take_su() {
        const CommandLine command({words().begin() + 1, words().end()},
                                  {{"command", 'c', OptionName::Takes::value},
                                   {"shell", 's', OptionName::Takes::value},
                                   {"group", 'g', OptionName::Takes::value}});
        const Value* line = command.last("command");
        if (line == nullptr) return give_up("cannot tell what su runs");
        process_.user = "root";
        process_.group.clear();
        for (const Value& operand : command.operands()) {
            if (operand.text != "-") {
                set_user(process_, operand.text);
                break;
            }
        }
        return take_line(Value(*line));
    }

    /// A line for the shell: of several commands, the last one is what stays.
    bool take_line(const Value& line) {
        Command command = parse_shell_command(line.text, inner_span(line));
        if (!command.is_known) return give_up("cannot tell what the shell runs");
        for (const auto& [name, value] : command.assignments) {
            process_.environment.insert_or_assign(name, filled_in(value));
        }
        if (!command.directory.empty()) change_directory(fill_in(command.directory, process_));
        words() = std::move(command.words);
        return true;
    }

    /// The place of a line without the quotes around it, if it is written as it reads.
    Span inner_span(const Value& line) {
        Span span = line.span;
        if (!span.known() || span.end - span.begin != line.text.size() + 2) return span;
        const std::string_view written = reading_.sources().text(span);
        if (written.substr(1, line.text.size()) != line.text) return span;
        return {span.source, span.begin + 1, span.end - 1};
    }

    void change_directory(const std::string& to) {
        const bool is_told =
            !is_unknown(to) && (to.starts_with('/') || !process_.working_directory.empty());
        process_.working_directory =
            is_told ? absolute_path(process_.working_directory, to) : std::string();
    }

    Value filled_in(const Value& word) const { return {fill_in(word.text, process_), word.span}; }

    /// `python -u -m gunicorn`, `python /srv/venv/bin/gunicorn`, `python manage.py`.
    bool take_python() {
        for (std::size_t i = 1; i < words().size(); ++i) {
            const std::string& word = words()[i].text;
            if (word == "-m" && i + 1 < words().size()) {
                drop(i + 1);
                // `python -m uvicorn` and `python -m uvicorn.main`.
                std::string& module = words().front().text;
                module = module.substr(0, module.find('.'));
                return true;
            }
            if (word == "-c" || word == "-") return false;
            if (word == "-W" || word == "-X") ++i;
            if (!word.starts_with('-')) {
                drop(i);
                return true;
            }
        }
        return false;
    }

    /// `ruby bin/rails server`.
    bool take_interpreter(std::string_view valued) {
        for (std::size_t i = 1; i < words().size(); ++i) {
            const std::string& word = words()[i].text;
            if (!word.starts_with('-')) {
                drop(i);
                return true;
            }
            if (word == "-e") return false;
            if (word.size() == 2 && word != "-S" &&
                valued.find(word[1]) != std::string_view::npos) {
                ++i;
            }
        }
        return false;
    }

    /// Puts `php` before options, and else runs its words.
    bool take_php_entrypoint() {
        if (words().size() > 1 && words()[1].text.starts_with('-')) {
            words().front().text = "php";
            return true;
        }
        drop(1);
        return true;
    }

    bool take_after_dashes() {
        const auto dashes = std::find_if(words().begin(), words().end(),
                                         [](const Value& word) { return word.text == "--"; });
        if (dashes != words().end()) {
            words().erase(words().begin(), dashes + 1);
            return true;
        }
        if (name() != "dockerize")
            return give_up("cannot tell what the command runs after waiting");
        // `dockerize -wait tcp://db:5432 -timeout 10s command`.
        std::size_t at = 1;
        while (at < words().size() && words()[at].text.starts_with('-')) {
            at += words()[at].text.find('=') == std::string::npos ? 2 : 1;
        }
        drop(at);
        return true;
    }

    /// `npm start`, `yarn run web`: what package.json has for it, in a shell of its own.
    bool take_script() {
        const std::vector<Value> called = words();
        const std::optional<ScriptCall> call = parse_script_call(called);
        if (!call || call->script.empty() || process_.files == nullptr) return false;
        const std::string before = process_.working_directory;
        if (!call->directory.empty()) change_directory(std::string(call->directory));
        const std::optional<Value> line = script_line(*call);
        if (!line) {
            process_.working_directory = before;
            return false;
        }
        if (!take_line(*line)) return true;
        words().insert(words().end(), call->more.begin(), call->more.end());
        return true;
    }

    std::optional<Value> script_line(const ScriptCall& call) {
        if (process_.working_directory.empty()) return std::nullopt;
        const std::string path = absolute_path(process_.working_directory, "package.json");
        const std::optional<SourceId> source = reading_.read(*process_.files, path);
        if (!source) return std::nullopt;
        const auto scripts = parse_node_scripts(reading_.text(*source), *source);
        return scripts ? line_of(call, *scripts) : std::nullopt;
    }

    /// `yarn next start` and `yarn run next start` run a package's program, unless package.json has
    /// a script of that name.
    bool take_package_program() {
        if (name() == "npm" || words().size() < 2) return false;
        const bool has_run = words()[1].text == "run";
        const std::size_t at = has_run ? 2 : 1;
        constexpr std::array<std::string_view, 4> programs = {"next", "nuxt", "vite", "serve"};
        // A word alone is a script as a rule: `yarn serve`.
        if (words().size() < at + 2 || !is_among(words()[at].text, programs)) return false;
        drop(at);
        return true;
    }

    Process process_;
    Reading& reading_;
};

}  // namespace

Process unwrap(const Process& process, Reading& reading) {
    return Unwrapper(process, reading).take();
}

}  // namespace gatelint
