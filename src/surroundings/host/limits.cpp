#include "surroundings/host/limits.hpp"

#include <algorithm>

#include "nginx/units.hpp"
#include "surroundings/formats/lines.hpp"

namespace gatelint {

namespace {

bool is_unlimited(std::string_view value) {
    return value == "unlimited" || value == "infinity" || value == "-1";
}

}  // namespace

std::vector<DescriptorLimit> parse_limits(std::string_view text, SourceId source) {
    std::vector<DescriptorLimit> limits;
    for (const std::string_view line : lines_of(text)) {
        const std::vector<std::string_view> words = words_of(line.substr(0, line.find('#')));
        if (words.size() != 4 || words[2] != "nofile") continue;
        DescriptorLimit limit;
        limit.domain = words[0];
        limit.is_soft = words[1] != "hard";
        limit.is_hard = words[1] != "soft";
        limit.value = parse_number(words[3]);
        limit.span = span_in(text, words[3], source);
        const bool is_kind = words[1] == "soft" || words[1] == "hard" || words[1] == "-";
        if (is_kind && (limit.value || is_unlimited(words[3]))) limits.push_back(limit);
    }
    return limits;
}

const DescriptorLimit* soft_limit_of(std::string_view user,
                                     const std::vector<DescriptorLimit>& limits) {
    const auto last = [&limits](std::string_view domain) -> const DescriptorLimit* {
        const auto found = std::find_if(limits.rbegin(), limits.rend(), [domain](const auto& one) {
            return one.is_soft && one.domain == domain;
        });
        return found == limits.rend() ? nullptr : &*found;
    };
    const DescriptorLimit* own = last(user);
    return own == nullptr && user != "root" ? last("*") : own;
}

}  // namespace gatelint
