#pragma once

#include <algorithm>

#include "finding/finding.hpp"
#include "source/utf8.hpp"

namespace gatelint {

/// Whether JSON can carry the fix. Where its text is not UTF-8, other bytes would arrive and be
/// written into the configuration; then no fix is better.
inline bool survives_json(const Fix& fix) {
    return std::all_of(fix.edits.begin(), fix.edits.end(),
                       [](const Edit& edit) { return is_utf8(edit.text); });
}

}  // namespace gatelint
