#include "model/mistake.hpp"

#include <algorithm>
#include <array>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// Whether a path can hardly be anything but a socket's. A path alone may also be what is left of a
/// URL without a host.
bool looks_like_socket(std::string_view path) {
    constexpr std::array<std::string_view, 4> folders = {"/run/", "/var/run/", "/tmp/",
                                                         "/dev/shm/"};
    if (!path.starts_with('/')) return false;
    return path.find(".sock") != std::string_view::npos ||
           std::any_of(folders.begin(), folders.end(),
                       [&](std::string_view folder) { return path.starts_with(folder); });
}

bool is_scheme_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '+' || byte == '-' || byte == '.';
}

bool has_scheme(std::string_view text) {
    const std::size_t length = scheme_length(text);
    return length >= 3 && text.substr(length - 3, 3) == "://";
}

}  // namespace

std::size_t scheme_length(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos) return 0;
    const std::string_view name = text.substr(0, colon);
    if (!std::all_of(name.begin(), name.end(), is_scheme_byte)) return 0;
    const std::size_t slashes =
        std::min(text.find_first_not_of('/', colon + 1), text.size()) - (colon + 1);
    if (slashes == 0 || equals_ignoring_case(name, "unix")) return 0;
    // Of three slashes the last begins a path.
    return colon + 1 + std::min<std::size_t>(slashes, 2);
}

Mistake mistake_in_pass(std::string_view text, std::string_view rest, bool scheme_required) {
    if (scheme_required && rest.size() == text.size()) {
        const std::size_t scheme = scheme_length(text);
        const std::string_view path = text.substr(scheme);
        // http:/run/app.sock
        const bool one_slash = scheme > 1 && text[scheme - 2] == ':';
        const bool socket = looks_like_socket(one_slash ? text.substr(scheme - 1) : path);
        return socket ? Mistake::unix_prefix_missing : Mistake::scheme_missing;
    }
    if (looks_like_socket(rest) || (!scheme_required && rest.starts_with('/'))) {
        return Mistake::unix_prefix_missing;
    }
    if (!scheme_required && has_scheme(rest)) return Mistake::scheme_forbidden;
    return Mistake::invalid;
}

Mistake mistake_in_member(std::string_view text) {
    if (text.starts_with('/')) return Mistake::unix_prefix_missing;
    const bool unix_socket = text.size() >= 5 && equals_ignoring_case(text.substr(0, 5), "unix:");
    const bool url = !unix_socket && text.find('/') != std::string_view::npos;
    return url ? Mistake::url_in_member : Mistake::invalid;
}

}  // namespace gatelint
