#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/context.hpp"
#include "dump/dump.hpp"
#include "input/inputs.hpp"
#include "input/locate.hpp"
#include "lint.hpp"
#include "report/crossplane.hpp"
#include "report/explain.hpp"
#include "report/results.hpp"
#include "report/surroundings_table.hpp"
#include "rule.hpp"
#include "source/threads.hpp"

namespace {

using namespace gatelint;

/// The exit codes, a promise to scripts.
enum Exit : int { clean = 0, found = 1, misused = 2, unread = 3, broken = 4 };

struct Format {
    std::string name;
    std::string file;  ///< "" is standard output
};

struct Arguments {
    std::vector<std::string> paths;
    std::vector<std::string> formats;
    std::vector<std::string> maps;
    std::vector<std::string> data_blocks;
    std::vector<std::string> defines;
    std::string root;
    std::string context;
    std::string stdin_filename;
    std::string nginx_version;
    std::string edition;
    std::string fail_on = "warning";
    std::string color = "auto";
    std::size_t threads = 0;  ///< 0: as many as the machine has
    bool no_discover = false;
    bool show_surroundings = false;
    bool verbose = false;
    std::string rule;
    std::string rule_format = "text";
    DumpOptions dump;
    std::string dump_path;
    std::string dump_file;
    std::optional<unsigned> indent;
    bool no_catch = false;
};

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

/// As no-color.org and force-color.org ask; the option wins over both.
bool wants_color(const Arguments& arguments) {
    if (arguments.color != "auto") return arguments.color == "always";
    if (is_set("FORCE_COLOR")) return true;
    if (is_set("NO_COLOR")) return false;
    const char* term = std::getenv("TERM");
    return isatty(STDOUT_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

void complain(std::string_view what) {
    fmt::print(stderr, "gatelint: {}\n", what);
}

/// A limit of gatelint's own, and where it was reached.
std::string limit_line(const Note& limit, const Sources& sources) {
    const std::string where =
        limit.span.known() ? fmt::format(" ({}:{})", sources.path(limit.span.source),
                                         sources.position(limit.span.source, limit.span.begin).line)
                           : "";
    return fmt::format("{}{}; findings that depend on the rest are missing", limit.message, where);
}

/// Each limit once, however many configurations it concerns.
std::vector<std::string> limit_lines(const std::vector<Note>& limits, const Sources& sources) {
    std::vector<std::string> lines;
    std::set<std::string> said;
    for (const Note& limit : limits) {
        if (said.insert(limit.message).second) lines.push_back(limit_line(limit, sources));
    }
    return lines;
}

void render(const Results& results, const Format& format, bool color, const Sink& sink) {
    if (format.name == "concise") return report_concise(results, color, sink);
    if (format.name == "json") return report_json(results, sink);
    if (format.name == "sarif") return report_sarif(results, sink);
    report_full(results, color, sink);
}

/// Writes into a file, or to standard output where `path` is "", what `writer` hands to its sink.
template <typename Writer>
bool write(const std::string& path, const Writer& writer) {
    std::FILE* file = path.empty() ? stdout : std::fopen(path.c_str(), "wb");
    if (file == nullptr) return false;
    bool written = true;
    writer([&](std::string_view text) {
        written = written && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    });
    const bool flushed = std::fflush(file) == 0;
    if (file != stdout && std::fclose(file) != 0) return false;
    return written && flushed;
}

/// `sarif=out.sarif` and the like.
std::vector<Format> read_formats(const Arguments& arguments) {
    std::vector<Format> formats;
    for (const std::string& text : arguments.formats) {
        const std::size_t equals = text.find('=');
        formats.push_back(
            {text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)});
    }
    if (formats.empty()) formats.push_back({"full", ""});
    return formats;
}

/// All of standard input, or nothing where it is longer than a file may be.
std::optional<std::string> read_standard_input() {
    std::string text;
    std::vector<char> buffer(std::size_t{1} << 16U);
    for (std::size_t got = 1; got > 0; text.append(buffer.data(), got)) {
        got = std::fread(buffer.data(), 1, buffer.size(), stdin);
        if (text.size() + got > FileReader::max_size) return std::nullopt;
    }
    return std::ferror(stdin) == 0 ? std::optional(std::move(text)) : std::nullopt;
}

/// What is asked of every PATH but `-`.
InputOptions input_options(const Arguments& arguments) {
    InputOptions options;
    options.root = arguments.root;
    options.maps = arguments.maps;
    if (!arguments.context.empty()) options.context = parse_context(arguments.context);
    options.stdin_filename = arguments.stdin_filename;
    if (!arguments.nginx_version.empty()) {
        options.nginx.version = parse_version(arguments.nginx_version);
    }
    if (!arguments.edition.empty()) {
        options.nginx.edition = arguments.edition == "plus" ? Edition::plus : Edition::open_source;
    }
    options.data_blocks = arguments.data_blocks;
    for (const std::string& text : arguments.defines) {
        const std::size_t equals = text.find('=');
        options.environment.define(text.substr(0, equals), text.substr(equals + 1), "--define");
    }
    options.discovers = !arguments.no_discover;
    return options;
}

/// The PATHs, or the configuration in the usual place, or none after a complaint.
std::vector<std::string> paths_or_usual(const std::vector<std::string>& paths, bool says_which) {
    if (!paths.empty()) return paths;
    const std::optional<std::string> usual = usual_configuration();
    if (!usual) {
        complain("no PATH given, and no nginx.conf in the usual places");
        return {};
    }
    if (says_which) complain(fmt::format("checking {}", *usual));
    return {*usual};
}

/// Says why PATHs cannot be judged. The exit code for that.
Exit complain_of(const std::vector<Inputs::Problem>& problems) {
    Exit code = clean;
    for (const Inputs::Problem& problem : problems) {
        complain(problem.message);
        code = std::max(code, problem.is_misuse ? misused : unread);
    }
    return code;
}

void complain_of_reading(std::string_view name, ReadStatus status) {
    complain(fmt::format("cannot read {}: {}", name, describe(status)));
}

std::string working_directory() {
    std::error_code error;
    return std::filesystem::current_path(error).string();
}

/// Every format into its place. Whether all could be written.
bool write_reports(const Arguments& arguments, const Results& results) {
    bool written = true;
    for (const Format& format : read_formats(arguments)) {
        const bool color = format.file.empty() && wants_color(arguments);
        const auto report = [&](const Sink& sink) { render(results, format, color, sink); };
        if (write(format.file, report)) continue;
        complain(fmt::format("cannot write {}", format.file.empty() ? "the report" : format.file));
        written = false;
    }
    return written;
}

bool is_for_people(const Arguments& arguments) {
    const std::vector<Format> formats = read_formats(arguments);
    return std::any_of(formats.begin(), formats.end(),
                       [](const Format& format) { return format.name == "full"; });
}

/// Whether a finding is at or above the threshold.
bool counts(const Finding& finding, std::string_view fail_on) {
    if (fail_on == "never") return false;
    return finding.severity == Severity::error || fail_on == "note" ||
           (fail_on == "warning" && finding.severity != Severity::note);
}

/// Prints what is around each of the configurations instead of judging them.
Exit show_surroundings(const Arguments& arguments, const Inputs& inputs, Sources& sources) {
    Exit code = clean;
    for (const Target& target : inputs.targets()) {
        const ReadStatus status = look(target, sources, [&](const Subject& subject) {
            fmt::print(
                "{}:\n{}", target.name,
                surroundings_table(subject, sources, working_directory(), arguments.verbose));
        });
        if (status == ReadStatus::ok) continue;
        complain_of_reading(target.name, status);
        code = unread;
    }
    return code;
}

/// Judges the configurations and reports. `code` says what happened before.
Exit judge(const Arguments& arguments, const Inputs& inputs, Sources& sources, Exit code) {
    if (!inputs.findings().empty()) code = std::max(code, misused);
    std::vector<Finding> findings = inputs.findings();
    std::vector<Note> limits = inputs.limits();
    std::set<std::string_view> files;
    for (const Target& target : inputs.targets()) {
        LintResult result = lint(target, sources);
        limits.insert(limits.end(), result.limits_reached.begin(), result.limits_reached.end());
        if (result.status != ReadStatus::ok) {
            complain_of_reading(target.name, result.status);
            code = unread;
        }
        std::move(result.findings.begin(), result.findings.end(), std::back_inserter(findings));
        for (const SourceId file : result.files) files.insert(sources.path(file));
    }
    const std::vector<std::string> lines = limit_lines(limits, sources);
    for (const std::string& line : lines) complain(line);
    sort_findings(findings, sources);
    const Results results{sources, findings, 0, files.size(), working_directory(), lines};
    if (!write_reports(arguments, results)) code = unread;
    if (is_for_people(arguments) && !(code == unread && findings.empty())) {
        fmt::print(stderr, "{}", summary_line(results));
    }
    const bool fails = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return counts(finding, arguments.fail_on);
    });
    return std::max(code, fails ? found : clean);
}

int check(const Arguments& arguments) {
    limit_threads(arguments.threads);
    const std::vector<std::string> paths = paths_or_usual(arguments.paths, true);
    if (paths.empty()) return misused;
    const bool reads_stdin = std::find(paths.begin(), paths.end(), "-") != paths.end();
    if (!reads_stdin && !arguments.stdin_filename.empty()) {
        complain("--stdin-filename needs - as a PATH");
        return misused;
    }
    InputOptions asked = input_options(arguments);
    if (reads_stdin) {
        std::optional<std::string> text = read_standard_input();
        if (!text) {
            complain("cannot read standard input");
            return unread;
        }
        asked.stdin_text = std::move(*text);
    }
    Sources sources;
    Inputs inputs(std::move(asked), sources);
    for (const std::string& path : paths) inputs.add(path);
    const Exit code = complain_of(inputs.problems());
    if (!arguments.show_surroundings) return judge(arguments, inputs, sources, code);
    return std::max(code, show_surroundings(arguments, inputs, sources));
}

int print_dump(Arguments& arguments) {
    std::vector<std::string> paths;
    if (!arguments.dump_path.empty()) paths.push_back(arguments.dump_path);
    paths = paths_or_usual(paths, false);
    if (paths.empty()) return misused;
    Sources sources;
    Inputs inputs(input_options(arguments), sources);
    inputs.add_main(paths.front());
    if (complain_of(inputs.problems()) != clean) return unread;
    const Target& target = inputs.targets().front();
    arguments.dump.catch_errors = !arguments.no_catch;
    const DumpResult result = dump(target, arguments.dump, sources);
    if (result.status != ReadStatus::ok) {
        complain_of_reading(paths.front(), result.status);
        return unread;
    }
    const auto payload = [&](const Sink& sink) {
        sink(crossplane_json(result.payload, arguments.indent));
    };
    if (!write(arguments.dump_file, payload)) {
        const bool to_file = !arguments.dump_file.empty();
        complain(fmt::format("cannot write {}", to_file ? arguments.dump_file : "the payload"));
        return unread;
    }
    return result.payload.failed() ? found : clean;
}

/// `gatelint PATH` is `gatelint check PATH`.
std::vector<std::string> with_verb(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    const std::string first = words.empty() ? "" : words.front();
    const bool verb = first == "check" || first == "explain" || first == "rules" || first == "dump";
    const bool asks_version = words.size() == 1 && first == "--version";
    if (!verb && !asks_version) words.insert(words.begin(), "check");
    return {words.rbegin(), words.rend()};  // CLI11 takes them from the back
}

std::string check_version(const std::string& text) {
    return parse_version(text) ? "" : "'" + text + "' is not a version such as 1.26.2";
}

std::string check_map(const std::string& text) {
    const bool fits = text.starts_with('/') && text.find('=') != std::string::npos;
    return fits ? "" : "'" + text + "' is not HOST=DIR with an absolute HOST";
}

std::string check_context(const std::string& text) {
    return parse_context(text) ? "" : "'" + text + "' is not one of " + context_names();
}

std::string check_define(const std::string& text) {
    const std::size_t equals = text.find('=');
    const bool fits = equals != std::string::npos && equals > 0;
    return fits ? "" : "'" + text + "' is not NAME=VALUE";
}

std::string check_format(const std::string& text) {
    const std::string name = text.substr(0, text.find('='));
    for (const char* known : {"full", "concise", "json", "sarif"}) {
        if (name == known) return {};
    }
    return "'" + name + "' is not one of full, concise, json, sarif";
}

/// Where the host's files lie; the same for all verbs that read a configuration.
void add_map_options(CLI::App& command, Arguments& arguments) {
    command.add_option("--root", arguments.root,
                       "Directory that contains the root of nginx's host");
    command
        .add_option("--map", arguments.maps,
                    "HOST=DIR: use DIR as the host's directory HOST; repeatable")
        ->check(check_map)
        ->allow_extra_args(false);
}

/// By crossplane's names; see docs/crossplane.md.
CLI::App* add_dump_command(CLI::App& app, Arguments& arguments) {
    CLI::App* command =
        app.add_subcommand("dump", "Print the parsed configuration as crossplane's JSON payload");
    command->add_option("PATH", arguments.dump_path, "Configuration to print");
    command->add_option("-o,--out", arguments.dump_file, "Write to this file");
    command->add_option("-f,--format", "Output format: only json")->check(CLI::IsMember({"json"}));
    command->add_option("-i,--indent", arguments.indent, "Indent by this many spaces")
        ->check(CLI::Range(0, 100));
    command
        ->add_option("--ignore", arguments.dump.ignore,
                     "Leave out these directives and their blocks (comma-separated)")
        ->delimiter(',')
        ->allow_extra_args(false);
    command->add_flag("--no-catch", arguments.no_catch, "Stop reading a file at its first error");
    command->add_flag("--tb-onerror", arguments.dump.tb_onerror,
                      "Add gatelint's own message to each error, as \"callback\"");
    command->add_flag("--combine", arguments.dump.combine, "Expand includes in place");
    command->add_flag("--single-file", arguments.dump.single_file, "Do not follow includes");
    command->add_flag("--include-comments", arguments.dump.include_comments, "Keep comments");
    command->add_flag("--strict", arguments.dump.strict, "Treat unknown directives as errors");
    add_map_options(*command, arguments);
    command->footer("Exit codes: 0 status \"ok\", 1 status \"failed\", 2 and 3 as for check.");
    return command;
}

/// `gatelint --help` is that of check: what most people look for.
constexpr std::string_view after_options =
    R"(Examples:
  gatelint /etc/nginx                     check the configuration of this machine
  gatelint compose.yaml                   check nginx as its container sees it
  nginx -T | gatelint -                   check a dump of a running host
  gatelint -f sarif=out.sarif nginx.conf  write a report for code scanning
  gatelint explain resolver-missing       explain a rule

Other commands: explain RULE, rules, dump (see gatelint COMMAND --help)
Exit codes: 0 no findings at or above --fail-on, 1 findings, 2 usage error,
            3 an input cannot be read, 4 internal error)";

int run(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Find the 502s in an nginx configuration before you deploy it", "gatelint");
    app.set_version_flag("--version", "gatelint " GATELINT_VERSION);
    app.require_subcommand(1);
    CLI::App* check_command =
        app.add_subcommand("check", "Find the 502s in an nginx configuration before you deploy it");
    check_command->footer(std::string(after_options));
    check_command->add_option("PATH", arguments.paths,
                              "Main configuration, fragment, directory, compose file, dump of "
                              "nginx -T, or - for standard input");
    check_command
        ->add_option(
            "-f,--format", arguments.formats,
            "Report format: full, concise, json or sarif; FORMAT=FILE writes to FILE; repeatable")
        ->allow_extra_args(false)
        ->check(check_format);
    add_map_options(*check_command, arguments);
    check_command
        ->add_option("--context", arguments.context,
                     "Blocks around a fragment, such as http,server (default: found or inferred)")
        ->check(check_context);
    check_command->add_option("--stdin-filename", arguments.stdin_filename,
                              "File whose unsaved text is read from -");
    check_command
        ->add_option("--data-block", arguments.data_blocks,
                     "Name of a block that contains rows of data, as map does; repeatable")
        ->allow_extra_args(false);
    check_command
        ->add_option("--define", arguments.defines,
                     "NAME=VALUE: value of ${NAME} in templates; repeatable")
        ->check(check_define)
        ->allow_extra_args(false);
    check_command
        ->add_option("--nginx-version", arguments.nginx_version, "Version of nginx, such as 1.26.2")
        ->check(check_version);
    check_command
        ->add_option("--edition", arguments.edition,
                     "Edition of nginx: open-source or plus (default: accept both)")
        ->check(CLI::IsMember({"open-source", "plus"}));
    check_command
        ->add_option("--fail-on", arguments.fail_on, "Lowest severity that gives exit code 1")
        ->check(CLI::IsMember({"error", "warning", "note", "never"}))
        ->capture_default_str();
    check_command->add_option("--color", arguments.color, "Color the output")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    check_command->add_option("--threads", arguments.threads,
                              "Use at most this many threads; the report is always the same");
    check_command->add_flag("--no-discover", arguments.no_discover,
                            "Do not search for the backends' configuration");
    check_command->add_flag("--show-surroundings", arguments.show_surroundings,
                            "Print the backends that were found instead of checking");
    check_command->add_flag("--verbose", arguments.verbose, "Also print what could not be read");

    CLI::App* explain_command = app.add_subcommand("explain", "Explain a rule");
    explain_command->add_option("RULE", arguments.rule, "Id of the rule")->required();
    explain_command
        ->add_option("-f,--format", arguments.rule_format, "Output format: text or markdown")
        ->check(CLI::IsMember({"text", "markdown"}));

    CLI::App* rules_command = app.add_subcommand("rules", "List all rules");
    rules_command
        ->add_option("-f,--format", arguments.rule_format, "Output format: text, json or markdown")
        ->check(CLI::IsMember({"text", "json", "markdown"}));

    const CLI::App* dump_command = add_dump_command(app, arguments);

    try {
        app.parse(with_verb(argc, argv));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
        complain(fmt::format("{} (see gatelint --help)", error.what()));
        return misused;
    }
    if (rules_command->parsed()) {
        fmt::print("{}", list_rules(arguments.rule_format));
        return clean;
    }
    if (explain_command->parsed()) {
        const std::string page = explain(arguments.rule, arguments.rule_format == "markdown");
        if (page.empty()) {
            complain(unknown_rule(arguments.rule));
            return misused;
        }
        fmt::print("{}", page);
        return clean;
    }
    if (dump_command->parsed()) return print_dump(arguments);
    return check(arguments);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "gatelint: internal error: %s\n", error.what());
        return broken;
    }
}
