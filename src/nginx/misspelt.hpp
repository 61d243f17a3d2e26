#pragma once

#include <string_view>

namespace gatelint {

/// Whether two names differ in letter case, `-` and `_` only: `api_backend`, `api-backend` and
/// `apiBackend` are one name to whoever writes it.
bool is_same_but_for_signs(std::string_view name, std::string_view other);

/// Whether one name is surely meant for the other. Short names differ by little without being
/// misspelt (api, app), and numbered names are names of hosts.
bool is_misspelt(std::string_view name, std::string_view other);

}  // namespace gatelint
