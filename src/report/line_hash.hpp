#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatelint {

/// What GitHub knows a line by, and whatever is found in it (`primaryLocationLineHash`): a hash
/// of the hundred characters that begin there, white space aside, so it also depends on the next
/// few lines. GitHub's uploader computes it too and complains where another value is given.
struct LineHash {
    std::uint64_t hash;
    std::uint32_t ordinal;  ///< from 1, among the lines of the file with this hash
};

/// As GitHub writes it.
std::string to_string(LineHash line);

/// The hashes of some of a text's lines (from 1, ascending). A CR ends a line too, so there are at
/// least as many as Sources counts.
std::vector<LineHash> line_hashes(std::string_view text, std::span<const std::uint32_t> lines);

}  // namespace gatelint
