#include "report/json_fix.hpp"
#include "report/json_writer.hpp"
#include "report/paths.hpp"
#include "report/results.hpp"

namespace gatelint {

namespace {

class JsonReport {
  public:
    JsonReport(const Results& results, const Sink& sink)
        : results_(results), sink_(sink), paths_(results) {}

    void write() {
        json_.open('{');
        json_.string("schema", "gatelint/1");
        json_.open("tool", '{');
        json_.string("name", "gatelint");
        json_.string("version", GATELINT_VERSION);
        json_.close('}');
        json_.open("findings", '[');
        const std::vector<Fingerprint> ids = fingerprints(results_);
        for (std::size_t i = 0; i < results_.findings.size(); ++i) {
            write_finding(results_.findings[i], ids[i]);
            json_.hand_on(sink_);
        }
        json_.close(']');
        write_limits();
        write_summary();
        json_.close('}');
        sink_(json_.take());
    }

  private:
    /// Lines and columns from 1, columns in code points, the end exclusive.
    void write_place(Span span) {
        const Stretch place = results_.sources.stretch(span);
        json_.string("file", paths_.of(span.source));
        json_.number("line", place.begin.line);
        json_.number("column", place.begin.column);
        json_.number("endLine", place.end.line);
        json_.number("endColumn", place.end.column);
    }

    void write_bytes(Span span) {
        json_.number("byteOffset", span.begin);
        json_.number("byteLength", span.end - span.begin);
    }

    void write_finding(const Finding& finding, Fingerprint fingerprint) {
        json_.open('{');
        json_.string("rule", finding.rule);
        json_.string("severity", name_of(finding.severity));
        json_.string("message", finding.message);
        write_place(finding.span);
        write_bytes(finding.span);
        write_notes(finding.notes);
        if (!finding.nginx.empty()) json_.string("nginx", finding.nginx);
        json_.open("fixes", '[');
        for (const Fix& fix : finding.fixes) {
            if (survives_json(fix)) write_fix(fix);
        }
        json_.close(']');
        json_.string("fingerprint", to_string(fingerprint));
        json_.close('}');
    }

    /// Notes with a place are "related"; remarks without one are "notes", an array of strings.
    void write_notes(const std::vector<Note>& notes) {
        json_.open("related", '[');
        for (const Note& note : notes) {
            if (!note.span.known()) continue;
            json_.open('{');
            write_place(note.span);
            json_.string("message", note.message);
            json_.close('}');
        }
        json_.close(']');
        json_.open("notes", '[');
        for (const Note& note : notes) {
            if (!note.span.known()) json_.string(note.message);
        }
        json_.close(']');
    }

    void write_fix(const Fix& fix) {
        json_.open('{');
        json_.string("title", fix.title);
        json_.string("applicability", name_of(fix.applicability));
        json_.open("edits", '[');
        for (const Edit& edit : fix.edits) {
            json_.open('{');
            json_.string("file", paths_.of(edit.span.source));
            write_bytes(edit.span);
            json_.string("text", edit.text);
            json_.close('}');
        }
        json_.close(']');
        json_.close('}');
    }

    /// Only where there are any: who sees them knows that findings may be missing.
    void write_limits() {
        if (results_.limits.empty()) return;
        json_.open("limits", '[');
        for (const std::string& limit : results_.limits) json_.string(limit);
        json_.close(']');
    }

    void write_summary() {
        json_.open("summary", '{');
        json_.number("errors", count_of(results_, Severity::error));
        json_.number("warnings", count_of(results_, Severity::warning));
        json_.number("notes", count_of(results_, Severity::note));
        json_.number("suppressed", results_.suppressed);
        json_.number("files", results_.files);
        json_.close('}');
    }

    const Results& results_;
    const Sink& sink_;
    ShownPaths paths_;
    JsonWriter json_{2, JsonWriter::Charset::utf8};
};

}  // namespace

void report_json(const Results& results, const Sink& sink) {
    JsonReport(results, sink).write();
}

}  // namespace gatelint
