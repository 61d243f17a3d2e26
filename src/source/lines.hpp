#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatelint {

/// What columns count: characters as people see them, or the units of SARIF and LSP.
enum class ColumnUnit : std::uint8_t { code_point, utf16_unit };

/// The lines of one text, which end at LF only, as for nginx. Made once for a text, in which every
/// place is then found in the same short time, also in a line that holds a whole configuration.
class Lines {
  public:
    explicit Lines(std::string_view text);

    std::uint32_t count() const { return static_cast<std::uint32_t>(begins_.size()); }

    /// Where a line (from 1) begins.
    std::uint32_t begin_of(std::uint32_t line) const { return begins_[line - 1]; }

    /// The line (from 1) that holds `offset`, which does not lie before the line `from`.
    std::uint32_t line_of(std::uint32_t offset, std::uint32_t from = 1) const;

    /// The column (from 1) of `offset`, which lies in `line`. `text` is that of the constructor.
    std::uint32_t column_of(std::uint32_t offset, std::uint32_t line, std::string_view text,
                            ColumnUnit unit) const;

  private:
    /// A place in a long line, and what stands before it there.
    struct Mark {
        std::uint32_t offset;
        std::uint32_t code_points;
        std::uint32_t utf16_units;
    };

    void add_marks(std::string_view text, std::uint32_t begin, std::uint32_t end);

    std::vector<std::uint32_t> begins_;
    std::vector<Mark> marks_;  ///< ascending
};

}  // namespace gatelint
