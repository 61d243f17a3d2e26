#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/directive.hpp"

namespace gatelint {

/// All directives of a configuration at hand, so that nobody has to walk through its blocks: those
/// of one name, those that nginx refuses, those with unusual bytes. Every list is in the order in
/// which nginx reads the directives.
class DirectiveIndex {
  public:
    /// The directives with this id, rows left out.
    std::span<const Directive* const> all(DirectiveId id) const;

    /// Those of several ids.
    std::vector<const Directive*> all(std::span<const DirectiveId> ids) const;

    /// Those that nginx refuses before it looks at their arguments (Directive::refusal).
    std::span<const Directive* const> refused() const { return refused_; }

    /// Those with a word that is not all ASCII.
    std::span<const Directive* const> non_ascii() const { return non_ascii_; }

    /// Everything inside a block, at any depth. This is a walk: what can be asked by name is.
    std::span<const Directive* const> inside(const Directive& block) const;

    /// How often inside() was asked for, in all configurations; builds for users do not count.
    static std::size_t walks();

    /// To fill it: a directive after those that nginx reads before it, once its facts are known.
    void add(const Directive& directive);

    /// How many there are so far, the main context included.
    std::uint32_t size() const { return static_cast<std::uint32_t>(directives_.size()); }

    /// To be called once all are added.
    void finish();

  private:
    std::vector<const Directive*> directives_;  ///< by position; the first is the main context
    std::vector<const Directive*> by_id_;
    std::vector<std::uint32_t> first_;  ///< by id: in by_id_; one more at the end
    std::vector<const Directive*> refused_;
    std::vector<const Directive*> non_ascii_;
};

}  // namespace gatelint
