#include "dump/directive_errors.hpp"

#include <algorithm>

#include "config/handling.hpp"

namespace gatelint {

std::vector<DirectiveError> directive_errors(const Config& config, bool strict) {
    using enum Handling::Refusal;
    std::vector<DirectiveError> errors;
    for (const Directive* directive : config.index().refused()) {
        const Handling::Refusal refusal = directive->refusal;
        if (directive->name().empty()) continue;
        if (refusal == not_allowed_here && directive->parent->assumed) continue;
        if (refusal == unknown_directive && !strict) continue;
        errors.push_back({directive->span(), words(refusal, directive->name())});
    }
    const auto before = [](const DirectiveError& a, const DirectiveError& b) {
        return a.span != b.span ? a.span < b.span : a.message < b.message;
    };
    const auto same = [](const DirectiveError& a, const DirectiveError& b) {
        return a.span == b.span && a.message == b.message;
    };
    std::sort(errors.begin(), errors.end(), before);
    errors.erase(std::unique(errors.begin(), errors.end(), same), errors.end());
    return errors;
}

}  // namespace gatelint
