#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "finding/edits.hpp"
#include "report/paths.hpp"
#include "report/results.hpp"
#include "source/utf8.hpp"

namespace gatelint {

namespace {

/// Lines longer than this are shown as a window around what matters.
constexpr std::size_t max_excerpt = 160;
constexpr std::size_t tab_width = 4;

/// How text is coloured, as ANSI codes.
namespace ink {
constexpr std::string_view bold = "1";
constexpr std::string_view red = "31";
constexpr std::string_view green = "32";
constexpr std::string_view blue = "1;34";

std::string_view of(Severity severity) {
    constexpr std::array<std::string_view, 3> codes = {"1;36", "1;33", "1;31"};
    return codes[static_cast<std::size_t>(severity)];
}
}  // namespace ink

/// Gathers text, in colour if it is wanted.
class Painter {
  public:
    Painter(bool color, const Sink& sink) : color_(color), sink_(sink) {}

    Painter& add(std::string_view text) {
        out_ += text;
        return *this;
    }
    Painter& add(std::size_t count, char byte) {
        out_.append(count, byte);
        return *this;
    }
    Painter& number(std::uint64_t number) {
        const fmt::format_int digits(number);
        return add({digits.data(), digits.size()});
    }
    /// Text of strangers.
    Painter& printable(std::string_view text);

    Painter& begin(std::string_view ink) { return color_ ? add("\x1b[").add(ink).add("m") : *this; }
    Painter& end() { return color_ ? add("\x1b[0m") : *this; }

    void hand_on() { gatelint::hand_on(out_, sink_); }
    void finish() { sink_(out_); }

  private:
    bool color_;
    const Sink& sink_;
    std::string out_;
};

/// Appends text of strangers for a terminal: control characters made visible, bad UTF-8 replaced,
/// tabs expanded, so that one character takes one column.
void append_printable(std::string& out, std::string_view text) {
    while (true) {
        const std::size_t plain = printable_ascii_length(text);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) return;
        const char32_t c = take_code_point(text);
        const bool reorders = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        if (c == '\t') {
            out.append(tab_width, ' ');
        } else if (c < 0x20) {
            append_utf8(out, 0x2400 + c);
        } else if (c == 0x7F) {
            append_utf8(out, 0x2421);
        } else if ((c >= 0x80 && c < 0xA0) || reorders) {
            append_utf8(out, 0xFFFD);
        } else {
            append_utf8(out, c);
        }
    }
}

Painter& Painter::printable(std::string_view text) {
    append_printable(out_, text);
    return *this;
}

std::string printable(std::string_view text) {
    std::string out;
    append_printable(out, text);
    return out;
}

std::string_view without_cr(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// The part of a line that is shown, and where the marked bytes are in it.
struct Window {
    std::string text;
    std::size_t mark_begin;  ///< in columns
    std::size_t mark_length;
};

/// As many bytes as can matter of a line that is shown in part.
constexpr std::size_t max_bytes = 4 * max_excerpt;

/// The end of `text`, from a code point on.
std::string_view last_bytes(std::string_view text) {
    if (text.size() <= max_bytes) return text;
    text.remove_prefix(text.size() - max_bytes);
    const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) >> 6U) == 2; };
    for (int i = 0; i < 3 && continues(text.front()); ++i) text.remove_prefix(1);
    return text;
}

void keep_last(std::string& text, std::size_t keep) {
    std::string_view rest = text;
    for (std::size_t more = code_points(text); more > keep; --more) take_code_point(rest);
    text.erase(0, text.size() - rest.size());
}

void keep_first(std::string& text, std::size_t keep) {
    std::string_view rest = text;
    for (std::size_t i = 0; i < keep && !rest.empty(); ++i) take_code_point(rest);
    text.resize(text.size() - rest.size());
}

Window window_of_long(std::string_view line, std::size_t begin, std::size_t end) {
    std::string before = printable(last_bytes(line.substr(0, begin)));
    std::string marked = printable(line.substr(begin, std::min(end - begin, max_bytes)));
    std::string after = printable(line.substr(end, max_bytes));
    if (before.size() > max_excerpt / 2) {
        keep_last(before, max_excerpt / 2 - 1);
        before.insert(0, "…");
    }
    keep_first(marked, max_excerpt / 2);
    if (code_points(after) > max_excerpt / 2) {
        keep_first(after, max_excerpt / 2);
        after += "…";
    }
    const std::size_t mark_begin = code_points(before);
    const std::size_t mark_length = std::max<std::size_t>(code_points(marked), 1);
    return {before + marked + after, mark_begin, mark_length};
}

Window window_of(std::string_view line, std::size_t begin, std::size_t end) {
    line = without_cr(line);
    begin = std::min(begin, line.size());
    end = std::clamp(end, begin, line.size());
    if (line.size() > max_excerpt) return window_of_long(line, begin, end);
    Window window{printable(line.substr(0, begin)), 0, 0};
    window.mark_begin = code_points(window.text);
    append_printable(window.text, line.substr(begin, end - begin));
    const std::size_t mark_end = code_points(window.text);
    window.mark_length = std::max<std::size_t>(mark_end - window.mark_begin, 1);
    append_printable(window.text, line.substr(end));
    return window;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

/// Writes findings, each with all that belongs to it.
class FullWriter {
  public:
    FullWriter(const Results& results, bool color, const Sink& sink)
        : results_(results), paths_(results), out_(color, sink) {}

    void write() {
        for (const Finding& finding : results_.findings) {
            write(finding);
            out_.add("\n").hand_on();
        }
        out_.finish();
    }

  private:
    void write(const Finding& finding) {
        gutter_ = gutter_width(finding);
        out_.begin(ink::of(finding.severity)).add(name_of(finding.severity));
        out_.add("[").add(finding.rule).add("]").end();
        out_.begin(ink::bold).add(": ").printable(finding.message).end().add("\n");
        excerpt(finding.span, finding.severity);
        for (const Note& note : finding.notes) write_note(note);
        for (const Fix& fix : finding.fixes) write_fix(fix);
    }

    std::uint32_t line_of(Span span) const {
        return results_.sources.line_of(span.source, span.begin);
    }

    std::size_t gutter_width(const Finding& finding) const {
        std::uint32_t last = line_of(finding.span);
        for (const Note& note : finding.notes) {
            if (note.span.known() && note.excerpt) last = std::max(last, line_of(note.span));
        }
        for (const Fix& fix : finding.fixes) {
            for (const Edit& edit : fix.edits) last = std::max(last, line_of(edit.span) + 2);
        }
        return fmt::format_int(last).size();
    }

    /// The beginning of a line that shows one of a file, or nothing (0) of it.
    Painter& gutter(std::uint32_t line) {
        const fmt::format_int digits(line);
        const std::string_view number =
            line == 0 ? "" : std::string_view(digits.data(), digits.size());
        const std::size_t blank = gutter_ - std::min(gutter_, number.size());
        return out_.begin(ink::blue).add(blank, ' ').add(number).add(" |").end();
    }

    void place(Span span) {
        const Position at = results_.sources.position(span.source, span.begin);
        out_.add(gutter_, ' ').begin(ink::blue).add("-->").end().add(" ");
        out_.printable(paths_.of(span.source)).add(":").number(at.line);
        out_.add(":").number(at.column).add("\n");
    }

    void excerpt(Span span, Severity severity) {
        place(span);
        const std::uint32_t line = line_of(span);
        const std::uint32_t begin = results_.sources.line_begin(span.source, line);
        const Window window = window_of(results_.sources.line(span.source, line),
                                        span.begin - begin, span.end - begin);
        gutter(0).add("\n");
        gutter(line);
        if (!window.text.empty()) out_.add(" ").add(window.text);
        out_.add("\n");
        gutter(0).add(window.mark_begin + 1, ' ');
        out_.begin(ink::of(severity)).add(window.mark_length, '^').end().add("\n");
    }

    void write_note(const Note& note) {
        out_.begin(ink::bold).add("note").end().add(": ").printable(note.message).add("\n");
        if (!note.span.known()) return;
        if (note.excerpt) {
            excerpt(note.span, Severity::note);
        } else {
            place(note.span);
        }
    }

    /// The lines that a fix changes, file by file, as a diff.
    void write_fix(const Fix& fix) {
        out_.begin(ink::bold).add("fix").end().add(" (").add(name_of(fix.applicability));
        out_.add("): ").printable(fix.title).add("\n");
        std::vector<Edit> edits = fix.edits;
        std::stable_sort(edits.begin(), edits.end(),
                         [](const Edit& a, const Edit& b) { return a.span < b.span; });
        for (std::size_t i = 0; i < edits.size();) {
            // Edits of one line, or of neighbouring ones, are one hunk.
            std::size_t end = i + 1;
            while (end < edits.size() && edits[end].span.source == edits[i].span.source &&
                   line_of(edits[end].span) <= last_line(edits[end - 1].span) + 1) {
                ++end;
            }
            write_hunk({edits.begin() + static_cast<std::ptrdiff_t>(i),
                        edits.begin() + static_cast<std::ptrdiff_t>(end)});
            i = end;
        }
    }

    std::uint32_t last_line(Span span) const {
        return results_.sources.line_of(span.source, span.end);
    }

    /// `edits` are sorted.
    void write_hunk(std::vector<Edit> edits) {
        const SourceId source = edits.front().span.source;
        const std::uint32_t first = line_of(edits.front().span);
        place({source, edits.front().span.begin, edits.front().span.begin});
        gutter(0).add("\n");

        const std::string old_text = take_lines(edits);
        const std::string new_text = apply_edits(old_text, source, std::move(edits));
        std::vector<std::string_view> removed = lines_of(old_text);
        std::vector<std::string_view> added = lines_of(new_text);
        std::uint32_t number = first;
        while (!removed.empty() && !added.empty() && removed.front() == added.front()) {
            gutter(number++).add("   ").add(shown(removed.front())).add("\n");
            removed.erase(removed.begin());
            added.erase(added.begin());
        }
        while (!removed.empty() && !added.empty() && removed.back() == added.back()) {
            removed.pop_back();
            added.pop_back();
        }
        write_lines(removed, number, "- ", ink::red);
        write_lines(added, number, "+ ", ink::green);
    }

    /// The text of the lines that hold the edits, which are moved into it. Of a line too long to be
    /// shown, what lies far from them is left out.
    std::string take_lines(std::vector<Edit>& edits) const {
        const Sources& sources = results_.sources;
        const SourceId source = edits.front().span.source;
        const std::uint32_t begin = sources.line_begin(source, line_of(edits.front().span));
        const std::uint32_t last = last_line(edits.back().span);
        const std::size_t line_end =
            sources.line_begin(source, last) + sources.line(source, last).size();
        std::uint32_t last_byte = 0;
        for (const Edit& edit : edits) last_byte = std::max(last_byte, edit.span.end);
        const std::size_t end = std::min(line_end, last_byte + max_bytes);
        const std::size_t head = std::min<std::size_t>(edits.front().span.begin - begin, max_bytes);
        const std::uint32_t tail = edits.front().span.begin;
        const std::string_view text = sources.text(source);
        const auto before = tail - static_cast<std::uint32_t>(head);
        for (Edit& edit : edits) {
            edit.span.begin -= before;
            edit.span.end -= before;
        }
        std::string taken(text.substr(begin, head));
        return taken += text.substr(tail, end - tail);
    }

    void write_lines(const std::vector<std::string_view>& lines, std::uint32_t number,
                     std::string_view mark, std::string_view ink) {
        for (const std::string_view line : lines) {
            gutter(number++).add(" ").begin(ink).add(mark).add(shown(line)).end().add("\n");
        }
    }

    static std::string shown(std::string_view line) { return window_of(line, 0, 0).text; }

    const Results& results_;
    ShownPaths paths_;
    Painter out_;
    std::size_t gutter_ = 0;
};

}  // namespace

std::size_t count_of(const Results& results, Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(results.findings.begin(), results.findings.end(),
                      [&](const Finding& finding) { return finding.severity == severity; }));
}

void report_full(const Results& results, bool color, const Sink& sink) {
    FullWriter(results, color, sink).write();
}

void report_concise(const Results& results, bool color, const Sink& sink) {
    ShownPaths paths(results);
    Painter out(color, sink);
    for (const Finding& finding : results.findings) {
        const Position at = results.sources.position(finding.span.source, finding.span.begin);
        out.printable(paths.of(finding.span.source)).add(":").number(at.line);
        out.add(":").number(at.column).add(": ").begin(ink::of(finding.severity));
        out.add(name_of(finding.severity)).end().add(": ").printable(finding.message);
        out.add(" [").add(finding.rule).add("]\n").hand_on();
    }
    out.finish();
}

std::string summary_line(const Results& results) {
    const auto counted = [](std::size_t count, std::string_view noun) {
        return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
    };
    std::vector<std::string> parts;
    for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
        const std::size_t count = count_of(results, severity);
        if (count != 0) parts.push_back(counted(count, name_of(severity)));
    }
    const std::string found =
        parts.empty() ? "no problems found" : fmt::format("{}", fmt::join(parts, ", "));
    return fmt::format("{} in {}\n", found, counted(results.files, "file"));
}

}  // namespace gatelint
