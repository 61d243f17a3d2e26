#include "finding/edits.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace gatelint {

std::string apply_edits(std::string_view text, SourceId source, std::vector<Edit> edits) {
    std::erase_if(edits, [source](const Edit& edit) { return edit.span.source != source; });
    std::stable_sort(edits.begin(), edits.end(),
                     [](const Edit& a, const Edit& b) { return a.span < b.span; });

    std::string result;
    std::size_t done = 0;
    std::set<std::pair<Span, std::string_view>> applied;
    for (const Edit& edit : edits) {
        if (edit.span.begin < done || !applied.emplace(edit.span, edit.text).second) continue;
        result += text.substr(done, edit.span.begin - done);
        result += edit.text;
        done = edit.span.end;
    }
    return result += text.substr(done);
}

}  // namespace gatelint
