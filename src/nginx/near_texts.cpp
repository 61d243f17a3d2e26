#include "nginx/near_texts.hpp"

#include <algorithm>
#include <array>

namespace gatelint {

namespace {

/// So many rests are kept: of long texts, where there are many, only the beginning is looked at, as
/// the number of its rests grows with the square of its length.
constexpr std::size_t max_rests = 4'000'000;
constexpr std::size_t shortest_beginning = 10;
constexpr std::size_t longest_beginning = 64;

std::size_t beginning_for(std::size_t texts) {
    std::size_t size = shortest_beginning;
    while (size < longest_beginning && texts * size * size / 2 < max_rests) ++size;
    return size;
}

/// Hashes of what is left of a text, each made of those of its parts (a polynomial in `base`).
class Rests {
  public:
    explicit Rests(std::string_view text) : size_(std::min(text.size(), longest_beginning)) {
        powers_[0] = 1;
        for (std::size_t i = 0; i < size_; ++i) {
            powers_[i + 1] = powers_[i] * base;
            hashes_[i + 1] = hashes_[i] * base + static_cast<unsigned char>(text[i]) + 1;
        }
    }

    /// Calls `take` with the whole, and with what is left without one letter and without two.
    template <typename Take>
    void for_each(const Take& take) const {
        take(hashes_[size_]);
        for (std::size_t i = 0; i < size_; ++i) {
            take(joined(hashes_[i], i + 1, size_));
            for (std::size_t k = i + 1; k < size_; ++k) {
                take(joined(joined(hashes_[i], i + 1, k), k + 1, size_));
            }
        }
    }

  private:
    static constexpr std::uint64_t base = 0x9E3779B97F4A7C15U;

    /// What has this hash, and behind it the text from `begin` to `end`.
    std::uint64_t joined(std::uint64_t hash, std::size_t begin, std::size_t end) const {
        const std::uint64_t part = hashes_[end] - hashes_[begin] * powers_[end - begin];
        return hash * powers_[end - begin] + part;
    }

    std::size_t size_;
    std::array<std::uint64_t, longest_beginning + 1> powers_{};
    std::array<std::uint64_t, longest_beginning + 1> hashes_{};  ///< of what begins the text
};

}  // namespace

NearTexts::NearTexts(const std::vector<std::string_view>& texts)
    : beginning_(beginning_for(texts.size())) {
    for (Id id = 0; id < texts.size(); ++id) {
        Rests(texts[id].substr(0, beginning_)).for_each([&](std::uint64_t rest) {
            rests_.emplace_back(rest, id);
        });
    }
    std::sort(rests_.begin(), rests_.end());
    rests_.erase(std::unique(rests_.begin(), rests_.end()), rests_.end());
}

std::vector<NearTexts::Id> NearTexts::candidates(std::string_view text) const {
    std::vector<Id> found;
    Rests(text.substr(0, beginning_)).for_each([&](std::uint64_t rest) {
        auto it = std::lower_bound(rests_.begin(), rests_.end(), std::pair(rest, Id{0}));
        for (; it != rests_.end() && it->first == rest; ++it) found.push_back(it->second);
    });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace gatelint
