#pragma once

#include <string>
#include <string_view>

#include "report/results.hpp"

namespace gatelint {

/// What a report writes, as a whole.
inline std::string text_of(void (*report)(const Results&, const Sink&), const Results& results) {
    std::string text;
    report(results, [&text](std::string_view more) { text += more; });
    return text;
}

/// The same without colours.
inline std::string text_of(void (*report)(const Results&, bool, const Sink&),
                           const Results& results) {
    std::string text;
    report(results, false, [&text](std::string_view more) { text += more; });
    return text;
}

}  // namespace gatelint
