#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

/// The users and groups of the host, from /etc/passwd and /etc/group under the root: facts that
/// decide who may use a socket. Where the files are not in sight, nothing is known.
class Accounts {
  public:
    /// Reads both files. Lines that are not accounts are skipped, as getpwent(3) does.
    static Accounts read(const FileReader& files);

    /// Whether a process of `user`, with initgroups(3), is in `group`, which may be a number.
    /// Nothing where the files are not in sight or do not know the group; nor, if the group does
    /// not name the user, where they do not know the user.
    std::optional<bool> is_member(std::string_view user, std::string_view group) const;

    /// Whether there is an account of this name. Nothing where the file is not in sight, or where
    /// others than the file may know the name (/etc/nsswitch.conf).
    std::optional<bool> has_user(std::string_view name) const;
    std::optional<bool> has_group(std::string_view name) const;

    /// The name of a user's own group (from passwd and group), if both files know it. Backed by
    /// this.
    std::optional<std::string_view> own_group(std::string_view user) const;

  private:
    struct Group {
        std::string id;
        std::vector<std::string> members;
    };
    std::map<std::string, std::string, std::less<>> group_id_of_user_;
    std::map<std::string, Group, std::less<>> groups_;
    bool others_know_users_ = false;  ///< a directory service, say
    bool others_know_groups_ = false;
};

}  // namespace gatelint
