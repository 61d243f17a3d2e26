#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace gatelint {

/// Texts among which those are found that differ from another by up to two letters (edit_distance),
/// without a comparison with each: two such texts have something in common when up to two letters
/// are taken out of both.
class NearTexts {
  public:
    using Id = std::uint32_t;

    /// The text at each position is known by its position.
    explicit NearTexts(const std::vector<std::string_view>& texts);

    /// Those that may be near, in order; a few others are among them.
    std::vector<Id> candidates(std::string_view text) const;

  private:
    std::size_t beginning_;                            ///< so much of each is looked at
    std::vector<std::pair<std::uint64_t, Id>> rests_;  ///< what is left, sorted
};

}  // namespace gatelint
