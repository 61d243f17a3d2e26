#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "source/lines.hpp"
#include "source/span.hpp"

namespace gatelint {

/// Where a byte is, as people count: lines end at LF only, as for nginx.
struct Position {
    std::uint32_t line;    ///< from 1
    std::uint32_t column;  ///< from 1
};

/// A span as people count; the end is exclusive.
struct Stretch {
    Position begin;
    Position end;
};

/// The texts of all files that were read, each once. It owns them: every view and span of the
/// program points in here and dies first.
class Sources {
  public:
    /// Takes over a text. `path` is how the file is called in reports. The text must be shorter
    /// than 4 GiB (FileReader::max_size is far below).
    SourceId add(std::string path, std::string text);

    std::size_t size() const { return sources_.size(); }
    const std::string& path(SourceId source) const { return at(source).path; }

    /// The whole text; a NUL byte follows it in memory.
    std::string_view text(SourceId source) const { return at(source).text; }
    std::string_view text(Span span) const;

    Position position(SourceId source, std::uint32_t offset,
                      ColumnUnit unit = ColumnUnit::code_point) const;
    Stretch stretch(Span span, ColumnUnit unit = ColumnUnit::code_point) const;

    /// The text of a line (from 1) without its LF, and the offset at which it begins.
    std::string_view line(SourceId source, std::uint32_t line) const;
    std::uint32_t line_begin(SourceId source, std::uint32_t line) const;
    std::uint32_t line_count(SourceId source) const;

    /// The line (from 1) that holds `offset`.
    std::uint32_t line_of(SourceId source, std::uint32_t offset) const;

  private:
    struct Source {
        std::string path;
        std::string text;
        mutable std::optional<Lines> lines;  ///< made at first question
    };

    const Source& at(SourceId source) const { return sources_[static_cast<std::size_t>(source)]; }
    const Lines& lines(SourceId source) const;

    std::deque<Source> sources_;  // texts never move
};

}  // namespace gatelint
