#include "surroundings/host/selinux.hpp"

#include <algorithm>

#include "nginx/text.hpp"
#include "surroundings/formats/lines.hpp"

namespace gatelint {

std::optional<Selinux::Mode> parse_selinux_mode(std::string_view word) {
    if (equals_ignoring_case(word, "enforcing")) return Selinux::Mode::enforcing;
    if (equals_ignoring_case(word, "permissive")) return Selinux::Mode::permissive;
    if (equals_ignoring_case(word, "disabled")) return Selinux::Mode::disabled;
    return std::nullopt;
}

// As selinux_getenforcemode() reads it: the first line of the key counts, blanks may stand in it.
Selinux parse_selinux_config(std::string_view text, SourceId source) {
    Selinux selinux;
    for (const std::string_view line : lines_of(text)) {
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos) continue;
        if (trimmed(line.substr(0, equals)) != "SELINUX") continue;
        const std::string_view word = trimmed(line.substr(equals + 1));
        selinux.mode = parse_selinux_mode(word);
        selinux.span = span_in(text, word, source);
        break;
    }
    return selinux;
}

}  // namespace gatelint
