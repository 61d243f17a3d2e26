#pragma once

#include <compare>
#include <cstdint>

namespace gatelint {

/// One text that Sources owns.
enum class SourceId : std::uint32_t { none = 0xffff'ffff };

/// A stretch of one text: half-open bytes. Lines and columns are computed only for what is printed
/// (Sources::position), so a span costs nothing while rules run.
struct Span {
    SourceId source = SourceId::none;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    friend auto operator<=>(const Span&, const Span&) = default;

    bool known() const { return source != SourceId::none; }
};

/// From the beginning of `first` to the end of `last`, which are of one text.
inline Span cover(Span first, Span last) {
    return {first.source, first.begin, last.end};
}

}  // namespace gatelint
