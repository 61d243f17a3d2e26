#pragma once

#include <string_view>

#include "surroundings/containers/container.hpp"

namespace gatelint {

/// The accounts in a container of nginx's official image: those that its distribution has, and
/// nginx's own. Debian's and Alpine's differ, most of all in www-data.
class ImageAccounts {
  public:
    /// Nothing where a Dockerfile, a mount or a script may have added accounts, or where the master
    /// does not run as root, so that nobody asks.
    static const ImageAccounts* of(const Container& container);

    bool has_user(std::string_view name) const;
    bool has_group(std::string_view name) const;

    /// "Debian", "Alpine".
    std::string_view distribution() const { return distribution_; }

  private:
    constexpr ImageAccounts(std::string_view distribution, std::string_view users,
                            std::string_view groups)
        : distribution_(distribution), users_(users), groups_(groups) {}

    static const ImageAccounts debian;
    static const ImageAccounts alpine;

    std::string_view distribution_;
    std::string_view users_;   ///< each between blanks
    std::string_view groups_;  ///< as well
};

}  // namespace gatelint
