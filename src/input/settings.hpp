#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/handling.hpp"
#include "finding/finding.hpp"
#include "source/arena.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/host/selinux.hpp"
#include "surroundings/listener.hpp"

namespace gatelint {

/// What somebody tells gatelint in a `gatelint.toml`: facts that no other file has.
struct Settings {
    /// A program that nginx connects to.
    struct Backend {
        Listener listener;  ///< `place` is not set: it follows from the service
        Value service;      ///< the compose service in which it runs, "" for none
    };

    std::unique_ptr<Arena> arena = std::make_unique<Arena>();  ///< backs the listeners' views
    bool is_complete = false;  ///< `complete = true`: nothing else listens anywhere
    bool discovers = true;     ///< `discover = false`: other programs' files are not looked for
    std::vector<Backend> backends;
    Selinux selinux;
    std::map<std::string, Value, std::less<>> hosts;  ///< names and their addresses
    TargetNginx nginx;
    Value user;  ///< as whom nginx's workers run, "" if not told
};

/// The rule of the findings below.
inline constexpr std::string_view settings_rule = "invalid-settings";

/// What nobody can understand, from the syntax to a misspelt key, becomes a finding and is left
/// out; the rest counts.
Settings read_settings(std::string_view text, SourceId source, std::vector<Finding>& findings);

}  // namespace gatelint
