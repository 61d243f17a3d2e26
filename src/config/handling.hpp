#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nginx/directive_id.hpp"
#include "nginx/version.hpp"
#include "syntax/syntax_tree.hpp"

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

/// How nginx handles a statement in a context. `id` is that of its name.
Handling handle(const Statement& statement, DirectiveId id, Contexts context,
                const TargetNginx& nginx);
Handling handle(const Statement& statement, Contexts context, const TargetNginx& nginx);

/// nginx's words for a refusal.
std::string words(Handling::Refusal refusal, std::string_view name);

}  // namespace gatelint
