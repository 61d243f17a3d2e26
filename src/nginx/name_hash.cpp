#include "nginx/name_hash.hpp"

#include <algorithm>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

constexpr char exact = '=';
constexpr char head = '<';  // *.example.com
constexpr char tail = '>';  // www.example.*

}  // namespace

bool is_invalid_wildcard(std::string_view key) {
    if (std::count(key.begin(), key.end(), '*') > 1) return true;
    if (key.find("..") != std::string_view::npos) return true;
    if (key.size() > 1 && key.starts_with('.')) return false;
    if (key.size() > 2 && (key.starts_with("*.") || key.ends_with(".*"))) return false;
    return key.find('*') != std::string_view::npos;
}

std::optional<std::size_t> NameHash::put(char kind, std::string_view name, std::size_t value) {
    const auto [at, added] = values_.emplace(kind + lower_case(name), value);
    if (added) return std::nullopt;
    return at->second;
}

std::optional<std::size_t> NameHash::add(std::string_view name, std::size_t value) {
    if (!wildcards_) return put(exact, name, value);
    if (is_invalid_wildcard(name)) return std::nullopt;
    if (name.size() > 1 && name.front() == '.') {
        const std::string_view rest = name.substr(1);
        if (const auto other = put(exact, rest, value)) return other;
        return put(head, rest, value);
    }
    if (name.size() > 2 && name.starts_with("*.")) return put(head, name.substr(2), value);
    if (name.size() > 2 && name.ends_with(".*")) {
        return put(tail, name.substr(0, name.size() - 2), value);
    }
    return put(exact, name, value);
}

}  // namespace gatelint
