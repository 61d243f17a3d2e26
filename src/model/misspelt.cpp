#include <algorithm>
#include <string>
#include <string_view>

#include "model/model.hpp"
#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// Letters only count, so that `api_backend`, `api-backend` and `apiBackend` are one name.
std::string folded(std::string_view name) {
    std::string letters = lower_case(name);
    std::erase_if(letters, [](char byte) { return byte == '-' || byte == '_'; });
    return letters;
}

/// Whether one name is surely meant for the other. Short names differ by little without being
/// misspelt (api, app), and numbered names are names of hosts.
bool is_misspelt(std::string_view name, std::string_view group) {
    if (folded(name) == folded(group)) return true;
    constexpr std::size_t shortest = 5;
    if (name.size() < shortest || group.size() < shortest) return false;
    const std::size_t limit = std::min(name.size(), group.size()) < 8 ? 1 : 2;
    if (edit_distance(lower_case(name), lower_case(group), limit) > limit) return false;
    const auto digits = [](std::string_view text) {
        std::string found;
        for (const char byte : text) {
            if (byte >= '0' && byte <= '9') found += byte;
        }
        return found;
    };
    return digits(name) == digits(group);
}

/// So many groups have names that resemble each other anyway.
constexpr std::size_t most_groups = 256;

}  // namespace

const Upstream* Model::find_misspelt(std::string_view name, bool stream) const {
    // Whatever has a dot is the name of a host.
    const bool host =
        name.find('.') != std::string_view::npos || equals_ignoring_case(name, "localhost");
    if (host || upstreams_.size() > most_groups) return nullptr;
    for (const Upstream& group : upstreams_) {
        if (group.stream != stream || !is_misspelt(name, group.name)) continue;
        if (folded(name) == folded(group.name) || !is_used(group)) return &group;
    }
    return nullptr;
}

}  // namespace gatelint
