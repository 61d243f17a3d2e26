#pragma once

#include <span>
#include <string_view>

#include "config/directive.hpp"

namespace gatelint {

/// What applies at one level of the configuration, by nginx's inheritance: the directives of the
/// nearest level that has any. A level's own directives replace all inherited ones, which is why a
/// single proxy_set_header in a location drops those of the server (ngx_http_merge_locations and
/// the modules' merge functions).
struct Setting {
    std::span<const Directive* const> values;  ///< in order; none: nginx's default applies
    const Directive* level = nullptr;          ///< the block that holds them
    bool known = true;  ///< false: it may be set where gatelint cannot see (Directive::opaque), or
                        ///< a template decides which of `values` there are, or what they are

    bool is_set() const { return !values.empty(); }
    bool is_default() const { return known && values.empty(); }

    /// The directive that counts where only one can: nginx lets the last win or refuses a second.
    const Directive* last() const { return values.empty() ? nullptr : values.back(); }

    /// The first argument of the last directive, or `otherwise` where there is none.
    std::string_view value_or(std::string_view otherwise) const {
        return values.empty() ? otherwise : values.back()->arg(0);
    }

    /// Whether a flag is known to be on (values of flags ignore case).
    bool is_on() const;
};

/// What `block` sets by `values`, its own directives of one id. `may_be_unknown`: whether a
/// template may have to fill one of them in.
Setting setting_at(const Directive& block, std::span<const Directive* const> values,
                   bool may_be_unknown);

/// What applies in the block `level`, which may be any from the main context to an `if`. For the
/// blocks of the model, Level knows it faster.
Setting effective(const Directive& level, DirectiveId id);

}  // namespace gatelint
