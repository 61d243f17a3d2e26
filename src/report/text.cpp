#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "finding/edits.hpp"
#include "report/results.hpp"
#include "source/utf8.hpp"

namespace gatelint {

namespace {

/// Lines longer than this are shown as a window around what matters.
constexpr std::size_t max_excerpt = 160;
constexpr std::size_t tab_width = 4;

/// ANSI escapes, or nothing.
class Style {
  public:
    explicit Style(bool color) : color_(color) {}

    std::string bold(std::string_view text) const { return wrap("1", text); }
    std::string dim(std::string_view text) const { return wrap("2", text); }
    std::string red(std::string_view text) const { return wrap("31", text); }
    std::string green(std::string_view text) const { return wrap("32", text); }
    std::string blue(std::string_view text) const { return wrap("1;34", text); }

    std::string of(Severity severity, std::string_view text) const {
        constexpr std::array<std::string_view, 3> codes = {"1;36", "1;33", "1;31"};
        return wrap(codes[static_cast<std::size_t>(severity)], text);
    }

  private:
    std::string wrap(std::string_view code, std::string_view text) const {
        return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    }

    bool color_;
};

/// Text of strangers for a terminal: control characters made visible, bad UTF-8 replaced, tabs
/// expanded, so that one character takes one column.
std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
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

Window window_of(std::string_view line, std::size_t begin, std::size_t end) {
    line = without_cr(line);
    begin = std::min(begin, line.size());
    end = std::clamp(end, begin, line.size());
    std::string before = printable(line.substr(0, begin));
    std::string marked = printable(line.substr(begin, end - begin));
    std::string after = printable(line.substr(end));
    const auto cut_front = [](std::string& text, std::size_t keep) {
        std::string_view rest = text;
        for (std::size_t more = code_points(text); more > keep; --more) take_code_point(rest);
        text.erase(0, text.size() - rest.size());
    };
    const auto cut_back = [](std::string& text, std::size_t keep) {
        std::string_view rest = text;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < keep && !rest.empty(); ++i) {
            take_code_point(rest);
            bytes = text.size() - rest.size();
        }
        text.resize(bytes);
    };
    if (line.size() > max_excerpt) {
        if (before.size() > max_excerpt / 2) {
            cut_front(before, max_excerpt / 2 - 1);
            before.insert(0, "…");
        }
        cut_back(marked, max_excerpt / 2);
        if (code_points(after) > max_excerpt / 2) {
            cut_back(after, max_excerpt / 2);
            after += "…";
        }
    }
    const std::size_t mark_begin = code_points(before);
    const std::size_t mark_length = std::max<std::size_t>(code_points(marked), 1);
    return {before + marked + after, mark_begin, mark_length};
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

/// Writes one finding with all that belongs to it.
class FullWriter {
  public:
    FullWriter(const Results& results, bool color) : results_(results), style_(color) {}

    std::string write(const Finding& finding) {
        gutter_ = gutter_width(finding);
        out_ = style_.of(finding.severity,
                         fmt::format("{}[{}]", name_of(finding.severity), finding.rule));
        out_ += style_.bold(fmt::format(": {}", printable(finding.message))) + '\n';
        excerpt(finding.span, finding.severity);
        for (const Note& note : finding.notes) write_note(note);
        for (const Fix& fix : finding.fixes) write_fix(fix);
        return std::move(out_);
    }

  private:
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
        return std::to_string(last).size();
    }

    void gutter(std::string_view number, std::string_view rest) {
        out_ += style_.blue(fmt::format("{:>{}} |", number, gutter_));
        if (!rest.empty()) out_ += ' ';
        out_ += rest;
        out_ += '\n';
    }

    void place(Span span) {
        const Position at = results_.sources.position(span.source, span.begin);
        const std::string path = shown_path(results_, results_.sources.path(span.source));
        out_ += fmt::format("{:{}}{} {}:{}:{}\n", "", gutter_, style_.blue("-->"), printable(path),
                            at.line, at.column);
    }

    void excerpt(Span span, Severity severity) {
        place(span);
        const std::uint32_t line = line_of(span);
        const std::uint32_t begin = results_.sources.line_begin(span.source, line);
        const Window window = window_of(results_.sources.line(span.source, line),
                                        span.begin - begin, span.end - begin);
        gutter("", "");
        gutter(std::to_string(line), window.text);
        gutter("", std::string(window.mark_begin, ' ') +
                       style_.of(severity, std::string(window.mark_length, '^')));
    }

    void write_note(const Note& note) {
        out_ += style_.bold("note") + ": " + printable(note.message) + '\n';
        if (!note.span.known()) return;
        if (note.excerpt) {
            excerpt(note.span, Severity::note);
        } else {
            place(note.span);
        }
    }

    /// The lines that a fix changes, file by file, as a diff.
    void write_fix(const Fix& fix) {
        out_ += style_.bold("fix") +
                fmt::format(" ({}): {}\n", name_of(fix.applicability), printable(fix.title));
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

    void write_hunk(const std::vector<Edit>& edits) {
        const Sources& sources = results_.sources;
        const SourceId source = edits.front().span.source;
        const std::uint32_t first = line_of(edits.front().span);
        const std::uint32_t begin = sources.line_begin(source, first);
        const std::uint32_t last = last_line(edits.back().span);
        const auto end = static_cast<std::uint32_t>(sources.line_begin(source, last) +
                                                    sources.line(source, last).size());
        std::vector<Edit> moved = edits;
        for (Edit& edit : moved) {
            edit.span.begin -= begin;
            edit.span.end -= begin;
        }
        const std::string_view old_text = sources.text(Span{source, begin, end});
        const std::string new_text = apply_edits(old_text, source, std::move(moved));
        std::vector<std::string_view> removed = lines_of(old_text);
        std::vector<std::string_view> added = lines_of(new_text);

        std::uint32_t number = first;
        place({source, edits.front().span.begin, edits.front().span.begin});
        gutter("", "");
        while (!removed.empty() && !added.empty() && removed.front() == added.front()) {
            gutter(std::to_string(number++), "  " + shown(removed.front()));
            removed.erase(removed.begin());
            added.erase(added.begin());
        }
        while (!removed.empty() && !added.empty() && removed.back() == added.back()) {
            removed.pop_back();
            added.pop_back();
        }
        for (std::uint32_t i = 0; i < removed.size(); ++i) {
            gutter(std::to_string(number + i), style_.red("- " + shown(removed[i])));
        }
        for (std::uint32_t i = 0; i < added.size(); ++i) {
            gutter(std::to_string(number + i), style_.green("+ " + shown(added[i])));
        }
    }

    static std::string shown(std::string_view line) { return window_of(line, 0, 0).text; }

    const Results& results_;
    Style style_;
    std::string out_;
    std::size_t gutter_ = 0;
};

std::size_t count_of(const Results& results, Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(results.findings.begin(), results.findings.end(),
                      [&](const Finding& finding) { return finding.severity == severity; }));
}

}  // namespace

std::string report_full(const Results& results, bool color) {
    std::string out;
    FullWriter writer(results, color);
    for (const Finding& finding : results.findings) out += writer.write(finding) + '\n';
    return out;
}

std::string report_concise(const Results& results, bool color) {
    const Style style(color);
    std::string out;
    for (const Finding& finding : results.findings) {
        const Position at = results.sources.position(finding.span.source, finding.span.begin);
        const std::string path = shown_path(results, results.sources.path(finding.span.source));
        out += fmt::format("{}:{}:{}: {}: {} [{}]\n", printable(path), at.line, at.column,
                           style.of(finding.severity, name_of(finding.severity)),
                           printable(finding.message), finding.rule);
    }
    return out;
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
        parts.empty() ? "nothing found" : fmt::format("{}", fmt::join(parts, ", "));
    return fmt::format("{} in {}\n", found, counted(results.files, "file"));
}

}  // namespace gatelint
