#include "nginx/name_hash.hpp"

#include <algorithm>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

constexpr char exact = '=';
constexpr char head = '<';  // *.example.com
constexpr char tail = '>';  // www.example.*

/// "invalid hostname or wildcard"
bool is_refused(std::string_view name) {
    return std::count(name.begin(), name.end(), '*') > 1 ||
           name.find("..") != std::string_view::npos;
}

}  // namespace

std::optional<std::size_t> NameHash::put(char kind, std::string_view name, std::size_t value) {
    const auto [at, added] = values_.emplace(kind + lower_case(name), value);
    if (added) return std::nullopt;
    return at->second;
}

std::optional<std::size_t> NameHash::add(std::string_view name, std::size_t value) {
    if (!wildcards_) return put(exact, name, value);
    if (is_refused(name)) return std::nullopt;
    if (name.size() > 1 && name.front() == '.') {
        const std::string_view rest = name.substr(1);
        if (const auto other = put(exact, rest, value)) return other;
        return put(head, rest, value);
    }
    if (name.size() > 2 && name.starts_with("*.")) return put(head, name.substr(2), value);
    if (name.size() > 2 && name.ends_with(".*")) {
        return put(tail, name.substr(0, name.size() - 2), value);
    }
    if (name.find('*') != std::string_view::npos) return std::nullopt;
    return put(exact, name, value);
}

}  // namespace gatelint
