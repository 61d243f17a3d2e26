#include "directive_errors.hpp"

#include <algorithm>

namespace gatelint {

namespace {

void find_unknown(const Directive& block, std::vector<DirectiveError>& errors) {
    for (const Directive* each : block.children) {
        const bool has_name = !each->name().empty();
        if (each->id == DirectiveId::unknown && !each->is_row && has_name) {
            errors.push_back(
                {each->span(), "unknown directive \"" + std::string(each->name()) + "\""});
        }
        find_unknown(*each, errors);
    }
}

}  // namespace

std::vector<DirectiveError> directive_errors(const Config& config, bool strict) {
    std::vector<DirectiveError> errors;
    if (strict) find_unknown(config.main(), errors);
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
