#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "config/handling.hpp"
#include "finding/finding.hpp"
#include "source/arena.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/search.hpp"

namespace gatelint {

/// What somebody tells gatelint in a `gatelint.toml`.
struct Settings {
    std::unique_ptr<Arena> arena = std::make_unique<Arena>();  ///< backs the listeners' views
    Told around;
    TargetNginx nginx;
    Value user;  ///< as whom nginx's workers run, "" if not told
};

/// The rule of the findings below.
inline constexpr std::string_view settings_rule = "invalid-settings";

/// What nobody can understand, from the syntax to a misspelt key, becomes a finding and is left
/// out; the rest counts.
Settings read_settings(std::string_view text, SourceId source, std::vector<Finding>& findings);

}  // namespace gatelint
