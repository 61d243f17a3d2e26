#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "report/json_fix.hpp"
#include "report/json_writer.hpp"
#include "report/line_hash.hpp"
#include "report/paths.hpp"
#include "report/results.hpp"
#include "rule.hpp"
#include "source/file_reader.hpp"
#include "source/utf8.hpp"

namespace gatelint {

namespace {

/// GitHub's limit for descriptions.
constexpr std::size_t max_description = 1024;

/// Of more results than this, GitHub keeps the first.
constexpr std::size_t max_stored_results = 5000;

/// GitHub shows a message's first sentence where space is short, so every part of it is one.
std::string sentence(std::string text) {
    if (!text.ends_with('.')) text += '.';
    return text;
}

/// Brackets make links in a SARIF message (3.11.6); those of the user's configuration must not.
std::string escape_links(std::string_view text) {
    std::string escaped;
    while (true) {
        const std::size_t at = std::min({text.find('['), text.find(']'), text.find('\\')});
        escaped += text.substr(0, at);
        if (at == std::string_view::npos) return escaped;
        escaped += '\\';
        escaped += text[at];
        text.remove_prefix(at + 1);
    }
}

/// `resolver-missing` as `ResolverMissing`.
std::string pascal_case(std::string_view id) {
    std::string name;
    bool upper = true;
    for (const char byte : id) {
        const bool lower_case = byte >= 'a' && byte <= 'z';
        if (byte != '-') name += upper && lower_case ? static_cast<char>(byte - 'a' + 'A') : byte;
        upper = byte == '-';
    }
    return name;
}

/// Markdown without its marks for code and emphasis; what is code is kept as it is.
std::string plain(std::string_view markdown) {
    std::string text;
    bool code = false;
    while (!markdown.empty()) {
        if (markdown.starts_with("```")) {  // a fence: its line goes
            code = !code;
            const std::size_t end = markdown.find('\n');
            markdown.remove_prefix(std::min(end, markdown.size() - 1) + 1);
        } else if (markdown.front() == '`') {
            code = !code;
            markdown.remove_prefix(1);
        } else if (!code && markdown.starts_with("**")) {
            markdown.remove_prefix(2);
        } else {
            text += markdown.front();
            markdown.remove_prefix(1);
        }
    }
    return text;
}

/// The first paragraph of a rule's page, with what it announces if it ends in a colon; on one line
/// and not longer than GitHub takes.
std::string description(const Rule& rule) {
    std::size_t end = rule.why.find("\n\n");
    while (end != std::string_view::npos && rule.why.substr(0, end).ends_with(':')) {
        end = rule.why.find("\n\n", end + 2);
    }
    std::string text = plain(rule.why.substr(0, end));
    std::replace(text.begin(), text.end(), '\n', ' ');
    const auto both_blank = [](char left, char right) { return left == ' ' && right == ' '; };
    text.erase(std::unique(text.begin(), text.end(), both_blank), text.end());
    if (text.ends_with(' ')) text.pop_back();
    if (text.empty()) text = sentence(std::string(rule.summary));
    if (text.size() <= max_description) return text;
    constexpr std::string_view ellipsis = " ...";
    constexpr std::size_t keep = max_description - ellipsis.size();
    text.resize(std::min(text.rfind(' ', keep), keep));
    return text.append(ellipsis);
}

/// The rule's page below its heading, in Markdown.
std::string page(const Rule& rule) {
    return fmt::format(
        "{}\n\n{}\n\nReference: {}\n\nTo allow it on one line: `# gatelint: allow {} -- reason`\n",
        sentence(std::string(rule.summary)), rule.why, rule.reference, rule.id);
}

std::string_view name_of(Precision precision) {
    switch (precision) {
        case Precision::medium:
            return "medium";
        case Precision::high:
            return "high";
        case Precision::very_high:
            return "very-high";
    }
    return "";
}

/// CodeQL's word for it, which GitHub reads.
std::string_view problem_severity(Severity severity) {
    return severity == Severity::note ? "recommendation" : name_of(severity);
}

/// A clean path as a relative reference (RFC 3986). Bytes that are not UTF-8 are given as U+FFFD:
/// %E9 by itself would be exact, but JavaScript's decodeURIComponent() throws at it, which would
/// cost the whole upload.
std::string percent_encoded(std::string_view path) {
    std::string utf8;
    while (!path.empty()) append_utf8(utf8, take_code_point(path));
    std::string uri;
    bool first_segment = true;  // where a colon would end a scheme
    for (const char byte : utf8) {
        constexpr std::string_view harmless = "/@!$&'()*+,;=-._~";
        const bool alphanumeric = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                                  (byte >= '0' && byte <= '9');
        if (byte == '/') first_segment = false;
        if (alphanumeric || harmless.find(byte) != std::string_view::npos ||
            (byte == ':' && !first_segment)) {
            uri += byte;
        } else {
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
        }
    }
    return uri;
}

/// The one run of a report. It knows how each file is named and which lines have been hashed.
class SarifRun {
  public:
    SarifRun(const Results& results, const Sink& sink)
        : results_(results), sink_(sink), paths_(results), files_(results.sources.size()) {}

    void write() {
        json_.open('{');
        json_.string("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json_.string("version", "2.1.0");
        json_.open("runs", '[');
        json_.open('{');
        write_tool();
        json_.open("automationDetails", '{');
        json_.string("id", "gatelint/");
        json_.close('}');
        write_roots();
        json_.string("columnKind", "utf16CodeUnits");
        write_results();
        json_.close('}');
        json_.close(']');
        json_.close('}');
        sink_(json_.take());
    }

  private:
    /// What is known of a file.
    struct File {
        std::string uri;
        bool is_outside = false;           ///< of the working directory
        std::vector<std::uint32_t> lines;  ///< on which findings begin
        std::vector<LineHash> hashes;      ///< of these lines
    };

    void write_text(std::string_view key, std::string_view text) {
        json_.open(key, '{');
        json_.string("text", text);
        json_.close('}');
    }

    void write_tool() {
        json_.open("tool", '{');
        json_.open("driver", '{');
        json_.string("name", "gatelint");
        json_.string("semanticVersion", GATELINT_VERSION);
        json_.open("rules", '[');
        for (const Rule* rule : all_rules()) write_rule(*rule);
        json_.close(']');
        json_.close('}');
        json_.close('}');
    }

    void write_rule(const Rule& rule) {
        const std::string body = page(rule);
        json_.open('{');
        json_.string("id", rule.id);
        json_.string("name", pascal_case(rule.id));
        write_text("shortDescription", sentence(std::string(rule.summary)));
        write_text("fullDescription", description(rule));
        json_.open("help", '{');
        json_.string("text", plain(body));
        json_.string("markdown", fmt::format("# {}\n\n{}", rule.id, body));
        json_.close('}');
        if (rule.reference.starts_with("https://")) json_.string("helpUri", rule.reference);
        json_.open("defaultConfiguration", '{');
        json_.string("level", name_of(rule.severity));
        json_.close('}');
        json_.open("properties", '{');
        json_.open("tags", '[');
        json_.string("nginx");
        json_.string(name_of(rule.family));
        json_.close(']');
        json_.string("precision", name_of(rule.precision));
        json_.string("problem.severity", problem_severity(rule.severity));
        json_.close('}');
        json_.close('}');
    }

    /// SRCROOT has no place of its own: the report stays true wherever the files are moved.
    void write_roots() {
        json_.open("originalUriBaseIds", '{');
        json_.open("SRCROOT", '{');
        write_text("description", "The directory in which gatelint ran.");
        json_.close('}');
        if (names_outside()) {
            json_.open("ROOT", '{');
            json_.string("uri", "file:///");
            write_text("description", "The root of the file system.");
            json_.close('}');
        }
        json_.close('}');
    }

    /// Whether a file outside the working directory will be named.
    bool names_outside() {
        const auto is_outside = [this](Span span) {
            return span.known() && file(span.source).is_outside;
        };
        const auto any = [](const auto& items, const auto& test) {
            return std::any_of(items.begin(), items.end(), test);
        };
        return any(results_.findings, [&](const Finding& finding) {
            return is_outside(finding.span) ||
                   any(finding.notes, [&](const Note& note) { return is_outside(note.span); }) ||
                   any(finding.fixes, [&](const Fix& fix) {
                       return any(fix.edits, [&](const Edit& e) { return is_outside(e.span); }) &&
                              is_shown(fix);
                   });
        });
    }

    static bool is_shown(const Fix& fix) { return !fix.edits.empty() && survives_json(fix); }

    void write_results() {
        const std::span<const Finding> findings = results_.findings;
        const std::vector<Fingerprint> ids = fingerprints(results_);
        std::vector<std::size_t> order(findings.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (order.size() > max_stored_results) {  // keep the worst
            std::stable_sort(order.begin(), order.end(), [findings](std::size_t a, std::size_t b) {
                return findings[a].severity > findings[b].severity;
            });
        }
        for (const Finding& finding : findings) {
            file(finding.span.source).lines.push_back(line_of(finding.span));
        }
        json_.open("results", '[');
        for (const std::size_t i : order) {
            write_result(findings[i], ids[i]);
            json_.hand_on(sink_);
        }
        json_.close(']');
    }

    void write_result(const Finding& finding, Fingerprint id) {
        json_.open('{');
        write_rule_of(finding);
        write_text("message", message_of(finding));
        write_related(finding.notes);
        json_.open("locations", '[');
        json_.open('{');
        write_physical_location(finding.span);
        json_.close('}');
        json_.close(']');
        json_.open("partialFingerprints", '{');
        json_.string("primaryLocationLineHash", to_string(line_hash(finding.span)));
        json_.string("gatelint/v1", to_string(id));
        json_.close('}');
        if (std::any_of(finding.fixes.begin(), finding.fixes.end(), is_shown)) {
            json_.open("fixes", '[');
            for (const Fix& fix : finding.fixes) {
                if (is_shown(fix)) write_fix(fix);
            }
            json_.close(']');
        }
        json_.close('}');
    }

    void write_rule_of(const Finding& finding) {
        const std::span<const Rule* const> rules = all_rules();
        const auto found =
            std::lower_bound(rules.begin(), rules.end(), finding.rule,
                             [](const Rule* rule, std::string_view id) { return rule->id < id; });
        const bool listed = found != rules.end() && (*found)->id == finding.rule;
        json_.string("ruleId", finding.rule);
        if (listed) json_.number("ruleIndex", static_cast<std::size_t>(found - rules.begin()));
        if (!listed || (*found)->severity != finding.severity) {
            json_.string("level", name_of(finding.severity));
        }
    }

    /// Related locations are shown only where the message links to them, so each note is a
    /// sentence of the message, and a link if it has a place.
    static std::string message_of(const Finding& finding) {
        std::string text = sentence(escape_links(finding.message));
        std::size_t id = 0;
        for (const Note& note : finding.notes) {
            const std::string message = escape_links(note.message);
            if (note.span.known()) {
                text += fmt::format(" [{}]({}).", message, ++id);
            } else {
                text += ' ' + sentence(message);
            }
        }
        return text;
    }

    void write_related(const std::vector<Note>& notes) {
        std::size_t id = 0;
        for (const Note& note : notes) {
            if (!note.span.known()) continue;
            if (++id == 1) json_.open("relatedLocations", '[');
            json_.open('{');
            json_.number("id", id);
            write_physical_location(note.span);
            write_text("message", sentence(escape_links(note.message)));
            json_.close('}');
        }
        if (id != 0) json_.close(']');
    }

    void write_fix(const Fix& fix) {
        std::map<std::string_view, std::vector<const Edit*>> edits;  // by path
        for (const Edit& edit : fix.edits) {
            edits[results_.sources.path(edit.span.source)].push_back(&edit);
        }
        json_.open('{');
        write_text("description", sentence(escape_links(fix.title)));
        json_.open("artifactChanges", '[');
        for (const auto& [path, of_file] : edits) {
            json_.open('{');
            write_artifact_location(of_file.front()->span.source);
            json_.open("replacements", '[');
            for (const Edit* edit : of_file) write_replacement(*edit);
            json_.close(']');
            json_.close('}');
        }
        json_.close(']');
        json_.open("properties", '{');
        json_.string("applicability", name_of(fix.applicability));
        json_.close('}');
        json_.close('}');
    }

    void write_replacement(const Edit& edit) {
        json_.open('{');
        write_region("deletedRegion", edit.span);
        write_text("insertedContent", edit.text);
        json_.close('}');
    }

    void write_physical_location(Span span) {
        json_.open("physicalLocation", '{');
        write_artifact_location(span.source);
        write_region("region", span);
        json_.close('}');
    }

    /// GitHub rejects absolute paths and paths with `..`, and there is nothing in the repository
    /// for a file outside the working directory anyway. Such a file is given relative to the root
    /// of the file system: GitHub takes it and shows the finding without an excerpt, and an editor
    /// finds the file through its base.
    void write_artifact_location(SourceId source) {
        const File& named = file(source);
        json_.open("artifactLocation", '{');
        json_.string("uri", named.uri);
        json_.string("uriBaseId", named.is_outside ? "ROOT" : "SRCROOT");
        json_.close('}');
    }

    /// All four numbers, as GitHub wants them. No byteOffset: VS Code would take it for a place in
    /// its hexadecimal editor.
    void write_region(std::string_view key, Span span) {
        const Stretch region = results_.sources.stretch(span, ColumnUnit::utf16_unit);
        json_.open(key, '{');
        json_.number("startLine", region.begin.line);
        json_.number("startColumn", region.begin.column);
        json_.number("endLine", region.end.line);
        json_.number("endColumn", region.end.column);
        json_.close('}');
    }

    File& file(SourceId source) {
        File& file = files_[static_cast<std::size_t>(source)];
        if (file.uri.empty()) {
            const std::string& shown = paths_.of(source);
            file.is_outside = shown.starts_with('/');
            file.uri = percent_encoded(absolute_path("", shown).substr(1));
        }
        return file;
    }

    std::uint32_t line_of(Span span) const {
        return results_.sources.line_of(span.source, span.begin);
    }

    LineHash line_hash(Span span) {
        File& of = file(span.source);
        if (of.hashes.empty()) {
            std::sort(of.lines.begin(), of.lines.end());
            of.hashes = line_hashes(results_.sources.text(span.source), of.lines);
        }
        const auto found = std::lower_bound(of.lines.begin(), of.lines.end(), line_of(span));
        return of.hashes[static_cast<std::size_t>(found - of.lines.begin())];
    }

    const Results& results_;
    const Sink& sink_;
    ShownPaths paths_;
    std::vector<File> files_;  ///< by source
    JsonWriter json_{2, JsonWriter::Charset::utf8};
};

}  // namespace

void report_sarif(const Results& results, const Sink& sink) {
    SarifRun(results, sink).write();
}

}  // namespace gatelint
