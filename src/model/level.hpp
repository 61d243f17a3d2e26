#pragma once

#include <cstdint>
#include <initializer_list>

#include "config/directive.hpp"
#include "model/setting.hpp"

namespace gatelint {

/// Some ids of directives, told at a glance. A few others may seem to be among them.
class DirectiveIds {
  public:
    constexpr DirectiveIds() = default;
    constexpr DirectiveIds(std::initializer_list<DirectiveId> ids) {
        for (const DirectiveId id : ids) add(id);
    }

    constexpr void add(DirectiveId id) {
        bits_ |= std::uint64_t{1} << (static_cast<std::uint64_t>(id) % 64);
    }
    constexpr void add(DirectiveIds ids) { bits_ |= ids.bits_; }

    constexpr bool may_hold(DirectiveId id) const { return may_share(DirectiveIds{id}); }
    constexpr bool may_share(DirectiveIds ids) const { return (bits_ & ids.bits_) != 0; }

  private:
    std::uint64_t bits_ = 0;
};

/// A block together with all that it inherits: what applies there is told without a look into the
/// blocks around it that set nothing of the kind. A block that sets nothing at all has no level of
/// its own, and is on that of the block around it.
class Level {
  public:
    Level(const Directive& block, const Level* outer);

    /// Whether the block needs a level of its own.
    static bool has_settings(const Directive& block);

    const Directive& block() const { return *block_; }

    Setting effective(DirectiveId id) const;

    /// Whether the block itself may set one of these.
    bool may_set(DirectiveIds ids) const { return own_.may_share(ids); }

  private:
    const Directive* block_;
    const Level* outer_;
    DirectiveIds own_;      ///< what the block sets
    DirectiveIds all_;      ///< what it or a block around it sets
    DirectiveIds unknown_;  ///< what it sets, where a template fills in the value
    bool is_known_;         ///< neither it nor a block around it is opaque
};

}  // namespace gatelint
