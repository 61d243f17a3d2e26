#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/json_text.hpp"
#include "report/results.hpp"

namespace gatelint {

namespace {

using nlohmann::ordered_json;

std::string file_of(const Results& results, Span span) {
    return shown_path(results, results.sources.path(span.source));
}

/// Lines and columns from 1, columns in code points, the end exclusive.
void put_place(ordered_json& to, const Results& results, Span span) {
    const Position begin = results.sources.position(span.source, span.begin);
    const Position end = results.sources.position(span.source, span.end);
    to["file"] = file_of(results, span);
    to["line"] = begin.line;
    to["column"] = begin.column;
    to["endLine"] = end.line;
    to["endColumn"] = end.column;
}

void put_bytes(ordered_json& to, Span span) {
    to["byteOffset"] = span.begin;
    to["byteLength"] = span.end - span.begin;
}

ordered_json fix_object(const Results& results, const Fix& fix) {
    ordered_json edits = ordered_json::array();
    for (const Edit& edit : fix.edits) {
        ordered_json& object = edits.emplace_back();
        object["file"] = file_of(results, edit.span);
        put_bytes(object, edit.span);
        object["text"] = edit.text;
    }
    return {{"title", fix.title},
            {"applicability", name_of(fix.applicability)},
            {"edits", std::move(edits)}};
}

/// Notes with a place are "related"; remarks without one are "notes", an array of strings.
ordered_json finding_object(const Results& results, const Finding& finding,
                            const std::string& fingerprint) {
    ordered_json object;
    object["rule"] = finding.rule;
    object["severity"] = name_of(finding.severity);
    object["message"] = finding.message;
    put_place(object, results, finding.span);
    put_bytes(object, finding.span);

    ordered_json related = ordered_json::array();
    ordered_json notes = ordered_json::array();
    for (const Note& note : finding.notes) {
        if (note.span.known()) {
            ordered_json& place = related.emplace_back();
            put_place(place, results, note.span);
            place["message"] = note.message;
        } else {
            notes.push_back(note.message);
        }
    }
    object["related"] = std::move(related);
    object["notes"] = std::move(notes);
    if (!finding.nginx.empty()) object["nginx"] = finding.nginx;

    ordered_json fixes = ordered_json::array();
    for (const Fix& fix : finding.fixes) {
        if (survives_json(fix)) fixes.push_back(fix_object(results, fix));
    }
    object["fixes"] = std::move(fixes);
    object["fingerprint"] = fingerprint;
    return object;
}

ordered_json summary_object(const Results& results) {
    const auto count = [&results](Severity severity) {
        return std::count_if(
            results.findings.begin(), results.findings.end(),
            [severity](const Finding& finding) { return finding.severity == severity; });
    };
    return {{"errors", count(Severity::error)},
            {"warnings", count(Severity::warning)},
            {"notes", count(Severity::note)},
            {"suppressed", results.suppressed},
            {"files", results.files}};
}

}  // namespace

std::string report_json(const Results& results) {
    ordered_json findings = ordered_json::array();
    const std::vector<std::string> ids = fingerprints(results);
    for (std::size_t i = 0; i < results.findings.size(); ++i) {
        findings.push_back(finding_object(results, results.findings[i], ids[i]));
    }
    const ordered_json tool = {{"name", "gatelint"}, {"version", GATELINT_VERSION}};
    return json_text({{"schema", "gatelint/1"},
                      {"tool", tool},
                      {"findings", std::move(findings)},
                      {"summary", summary_object(results)}});
}

}  // namespace gatelint
