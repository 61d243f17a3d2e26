#include "nginx/name_hash.hpp"

#include <algorithm>

#include "nginx/text.hpp"

namespace gatelint {

bool is_invalid_wildcard(std::string_view key) {
    if (std::count(key.begin(), key.end(), '*') > 1) return true;
    if (key.find("..") != std::string_view::npos) return true;
    if (key.size() > 1 && key.starts_with('.')) return false;
    if (key.size() > 2 && (key.starts_with("*.") || key.ends_with(".*"))) return false;
    return key.find('*') != std::string_view::npos;
}

std::optional<std::size_t> NameHash::put(Values& values, std::string_view name, std::size_t value) {
    const bool is_lower = std::none_of(name.begin(), name.end(),
                                       [](char byte) { return byte >= 'A' && byte <= 'Z'; });
    if (!is_lower) name = lowered_.emplace_back(lower_case(name));
    const auto [at, added] = values.try_emplace(name, value);
    if (added) return std::nullopt;
    return at->second;
}

std::optional<std::size_t> NameHash::add(std::string_view name, std::size_t value) {
    if (!wildcards_) return put(exact_, name, value);
    if (is_invalid_wildcard(name)) return std::nullopt;
    if (name.size() > 1 && name.front() == '.') {
        const std::string_view rest = name.substr(1);
        if (const auto other = put(exact_, rest, value)) return other;
        return put(head_, rest, value);
    }
    if (name.size() > 2 && name.starts_with("*.")) return put(head_, name.substr(2), value);
    if (name.size() > 2 && name.ends_with(".*")) {
        return put(tail_, name.substr(0, name.size() - 2), value);
    }
    return put(exact_, name, value);
}

}  // namespace gatelint
