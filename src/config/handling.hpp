#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/directive.hpp"
#include "nginx/version.hpp"

namespace gatelint {

/// For which nginx a configuration is judged; what is not known forbids nothing.
struct TargetNginx {
    std::optional<Version> version;
    std::optional<Edition> edition;  ///< open_source or plus
};

/// What ngx_conf_handler() makes of a directive before the directive's own code sees its
/// arguments: which entry of the command tables it is, or why nginx refuses it.
struct Handling {
    enum class Refusal : std::uint8_t {
        none,
        unknown_directive,
        unavailable,  ///< unknown too, but only to the target
        not_allowed_here,
        not_terminated,  ///< a block after a directive that takes none
        no_opening,      ///< no block after a directive that wants one
        argument_count,
    };

    Refusal refusal = Refusal::none;
    const DirectiveForm* form = nullptr;  ///< the entry; null where there is none that fits the
                                          ///< context, or where other modules may have it
};

/// How nginx handles `directive`. Rows, and whatever stands in an unknown block, are handled by
/// code that gatelint does not know: nothing is refused there.
Handling handle(const Directive& directive, const TargetNginx& nginx);

/// The same for a statement in a context.
Handling handle(const Statement& statement, Contexts context, const TargetNginx& nginx);

/// nginx's words for a refusal.
std::string words(Handling::Refusal refusal, std::string_view name);

}  // namespace gatelint
