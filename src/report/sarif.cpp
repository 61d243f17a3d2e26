#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "report/json_text.hpp"
#include "report/line_hash.hpp"
#include "report/results.hpp"
#include "rule.hpp"
#include "source/file_reader.hpp"
#include "source/utf8.hpp"

namespace gatelint {

namespace {

using nlohmann::ordered_json;

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
    for (const char byte : text) {
        if (byte == '[' || byte == ']' || byte == '\\') escaped += '\\';
        escaped += byte;
    }
    return escaped;
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

ordered_json text_object(std::string text) {
    return {{"text", std::move(text)}};
}

ordered_json rule_object(const Rule& rule) {
    const std::string body = page(rule);
    ordered_json object;
    object["id"] = rule.id;
    object["name"] = pascal_case(rule.id);
    object["shortDescription"] = text_object(sentence(std::string(rule.summary)));
    object["fullDescription"] = text_object(description(rule));
    object["help"] = text_object(plain(body));
    object["help"]["markdown"] = fmt::format("# {}\n\n{}", rule.id, body);
    if (rule.reference.starts_with("https://")) object["helpUri"] = rule.reference;
    object["defaultConfiguration"]["level"] = name_of(rule.severity);
    object["properties"]["tags"] = {"nginx", name_of(rule.family)};
    object["properties"]["precision"] = name_of(rule.precision);
    object["properties"]["problem.severity"] = problem_severity(rule.severity);
    return object;
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

/// The one run of a report. It knows which files have been hashed and which roots are in use.
class SarifRun {
  public:
    explicit SarifRun(const Results& results) : results_(results) {}

    ordered_json object() {
        ordered_json driver;
        driver["name"] = "gatelint";
        driver["semanticVersion"] = GATELINT_VERSION;
        driver["rules"] = ordered_json::array();
        for (const Rule* rule : all_rules()) driver["rules"].push_back(rule_object(*rule));
        ordered_json results = result_objects();

        ordered_json run;
        run["tool"]["driver"] = std::move(driver);
        run["automationDetails"]["id"] = "gatelint/";
        run["originalUriBaseIds"] = roots();
        run["columnKind"] = "utf16CodeUnits";
        run["results"] = std::move(results);
        return run;
    }

  private:
    ordered_json result_objects() {
        const std::span<const Finding> findings = results_.findings;
        const std::vector<std::string> ids = fingerprints(results_);
        std::vector<std::size_t> order(findings.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        if (order.size() > max_stored_results) {  // keep the worst
            std::stable_sort(order.begin(), order.end(), [findings](std::size_t a, std::size_t b) {
                return findings[a].severity > findings[b].severity;
            });
        }
        ordered_json objects = ordered_json::array();
        for (const std::size_t i : order) objects.push_back(result_object(findings[i], ids[i]));
        return objects;
    }

    ordered_json result_object(const Finding& finding, const std::string& id) {
        ordered_json result;
        put_rule(result, finding);
        put_message(result, finding);
        result["locations"] =
            ordered_json::array({{{"physicalLocation", physical_location(finding.span)}}});
        result["partialFingerprints"] = {{"primaryLocationLineHash", line_hash(finding.span)},
                                         {"gatelint/v1", id}};
        ordered_json fixes = ordered_json::array();
        for (const Fix& fix : finding.fixes) {
            if (!fix.edits.empty() && survives_json(fix)) fixes.push_back(fix_object(fix));
        }
        if (!fixes.empty()) result["fixes"] = std::move(fixes);
        return result;
    }

    static void put_rule(ordered_json& result, const Finding& finding) {
        const std::span<const Rule* const> rules = all_rules();
        const auto found =
            std::lower_bound(rules.begin(), rules.end(), finding.rule,
                             [](const Rule* rule, std::string_view id) { return rule->id < id; });
        const bool listed = found != rules.end() && (*found)->id == finding.rule;
        result["ruleId"] = finding.rule;
        if (listed) result["ruleIndex"] = found - rules.begin();
        if (!listed || (*found)->severity != finding.severity) {
            result["level"] = name_of(finding.severity);
        }
    }

    /// Related locations are shown only where the message links to them, so each note is a
    /// sentence of the message, and a link if it has a place.
    void put_message(ordered_json& result, const Finding& finding) {
        std::string text = sentence(escape_links(finding.message));
        ordered_json related = ordered_json::array();
        for (const Note& note : finding.notes) {
            const std::string message = escape_links(note.message);
            if (!note.span.known()) {
                text += ' ' + sentence(message);
                continue;
            }
            const std::size_t id = related.size() + 1;
            text += fmt::format(" [{}]({}).", message, id);
            related.push_back({{"id", id},
                               {"physicalLocation", physical_location(note.span)},
                               {"message", text_object(sentence(message))}});
        }
        result["message"] = text_object(std::move(text));
        if (!related.empty()) result["relatedLocations"] = std::move(related);
    }

    ordered_json fix_object(const Fix& fix) {
        std::map<std::string_view, ordered_json> replacements;  // by path
        for (const Edit& edit : fix.edits) {
            replacements[results_.sources.path(edit.span.source)].push_back(
                {{"deletedRegion", region(edit.span)},
                 {"insertedContent", text_object(edit.text)}});
        }
        ordered_json changes = ordered_json::array();
        for (auto& [path, of_file] : replacements) {
            changes.push_back({{"artifactLocation", artifact_location(path)},
                               {"replacements", std::move(of_file)}});
        }
        return {{"description", text_object(sentence(escape_links(fix.title)))},
                {"artifactChanges", std::move(changes)},
                {"properties", {{"applicability", name_of(fix.applicability)}}}};
    }

    ordered_json physical_location(Span span) {
        return {{"artifactLocation", artifact_location(results_.sources.path(span.source))},
                {"region", region(span)}};
    }

    /// GitHub rejects absolute paths and paths with `..`, and there is nothing in the repository
    /// for a file outside the working directory anyway. Such a file is given relative to the root
    /// of the file system: GitHub takes it and shows the finding without an excerpt, and an editor
    /// finds the file through its base.
    ordered_json artifact_location(std::string_view path) {
        const std::string shown = shown_path(results_, path);
        const bool outside = shown.starts_with('/');
        root_used_ = root_used_ || outside;
        return {{"uri", percent_encoded(absolute_path("", shown).substr(1))},
                {"uriBaseId", outside ? "ROOT" : "SRCROOT"}};
    }

    /// SRCROOT has no place of its own: the report stays true wherever the files are moved.
    ordered_json roots() const {
        ordered_json bases;
        bases["SRCROOT"]["description"] = text_object("The directory in which gatelint ran.");
        if (root_used_) {
            bases["ROOT"]["uri"] = "file:///";
            bases["ROOT"]["description"] = text_object("The root of the file system.");
        }
        return bases;
    }

    /// All four numbers, as GitHub wants them. No byteOffset: VS Code would take it for a place in
    /// its hexadecimal editor.
    ordered_json region(Span span) const {
        return {{"startLine", results_.sources.line_of(span.source, span.begin)},
                {"startColumn", column(span.source, span.begin)},
                {"endLine", results_.sources.line_of(span.source, span.end)},
                {"endColumn", column(span.source, span.end)}};
    }

    std::size_t column(SourceId source, std::uint32_t offset) const {
        const std::uint32_t begin =
            results_.sources.line_begin(source, results_.sources.line_of(source, offset));
        return utf16_units(results_.sources.text({source, begin, offset})) + 1;
    }

    std::string line_hash(Span span) {
        std::vector<LineHash>& hashes = line_hashes_[span.source];
        if (hashes.empty()) hashes = line_hashes(results_.sources.text(span.source));
        return to_string(hashes[results_.sources.line_of(span.source, span.begin) - 1]);
    }

    const Results& results_;
    std::map<SourceId, std::vector<LineHash>> line_hashes_;  // of files with findings
    bool root_used_ = false;
};

}  // namespace

std::string report_sarif(const Results& results) {
    return json_text({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", ordered_json::array({SarifRun(results).object()})}});
}

}  // namespace gatelint
