#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "source/span.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// Where systemd-tmpfiles looks for its files.
inline constexpr std::array<const char*, 4> tmpfiles_folders = {
    "/etc/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d", "/run/tmpfiles.d"};

/// Whether a file is meant for systemd-tmpfiles, also where it waits to be installed:
/// `tmpfiles.d/app.conf`, `debian/app.tmpfiles`.
bool is_tmpfiles_name(std::string_view path);

/// The folders that a file of tmpfiles.d(5) makes when the host starts. Lines that make something
/// else are skipped. A specifier other than %t leaves unknown_byte in the text.
std::vector<Value> parse_tmpfiles(std::string_view text, SourceId source);

}  // namespace gatelint
