#include "surroundings/host/accounts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// Takes the part of `text` before the next `separator`, and the separator.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

/// Lines of the network information service, such as `+` and `-@staff`, are no accounts.
bool is_name(std::string_view text) {
    return !text.empty() && text.front() != '+' && text.front() != '-' && text.front() != '#';
}

/// Whether nsswitch.conf(5) sends questions of this kind to somebody who knows names that are in no
/// file. `systemd` knows root, nobody and passing users of services.
bool asks_others(std::string_view settings, std::string_view kind) {
    constexpr std::array<std::string_view, 3> own = {"files", "compat", "systemd"};
    while (!settings.empty()) {
        std::string_view line = take_until(settings, '\n');
        line = line.substr(0, line.find('#'));
        if (take_until(line, ':') != kind) continue;
        while (!line.empty()) {
            const std::size_t blank = std::min(line.find_first_of(" \t\r"), line.size());
            const std::string_view word = line.substr(0, blank);
            line.remove_prefix(std::min(blank + 1, line.size()));
            const bool is_action = word.empty() || word.front() == '[' || word.back() == ']';
            if (!is_action && std::find(own.begin(), own.end(), word) == own.end()) return true;
        }
    }
    return false;
}

/// Lines that let the network information service in.
bool has_compat_lines(std::string_view text) {
    return text.starts_with('+') || text.find("\n+") != std::string_view::npos;
}

}  // namespace

Accounts Accounts::read(const FileReader& files) {
    Accounts accounts;
    const std::string passwd = files.read("/etc/passwd").text;
    for (std::string_view rest = passwd; !rest.empty();) {
        std::string_view line = take_until(rest, '\n');
        const std::string_view name = take_until(line, ':');
        take_until(line, ':');
        const std::string_view id = take_until(line, ':');
        const std::string_view group = take_until(line, ':');
        if (!is_name(name) || !parse_number(id) || !parse_number(group)) continue;
        accounts.group_id_of_user_.try_emplace(std::string(name), group);
    }
    const std::string group = files.read("/etc/group").text;
    for (std::string_view rest = group; !rest.empty();) {
        std::string_view line = take_until(rest, '\n');
        const std::string_view name = take_until(line, ':');
        take_until(line, ':');
        const std::string_view id = take_until(line, ':');
        if (!is_name(name) || !parse_number(id)) continue;
        Group entry{std::string(id), {}};
        while (!line.empty()) entry.members.emplace_back(take_until(line, ','));
        accounts.groups_.try_emplace(std::string(name), std::move(entry));
    }
    const std::string names = files.read("/etc/nsswitch.conf").text;
    accounts.others_know_users_ = has_compat_lines(passwd) || asks_others(names, "passwd");
    accounts.others_know_groups_ = has_compat_lines(group) || asks_others(names, "group");
    return accounts;
}

std::optional<bool> Accounts::has_user(std::string_view name) const {
    if (group_id_of_user_.find(name) != group_id_of_user_.end()) return true;
    return group_id_of_user_.empty() || others_know_users_ ? std::nullopt : std::optional(false);
}

std::optional<bool> Accounts::has_group(std::string_view name) const {
    if (groups_.find(name) != groups_.end()) return true;
    return groups_.empty() || others_know_groups_ ? std::nullopt : std::optional(false);
}

std::optional<bool> Accounts::is_member(std::string_view user, std::string_view group) const {
    std::string_view id = group;
    if (!parse_number(group)) {
        const auto named = groups_.find(group);
        if (named == groups_.end()) return std::nullopt;
        id = named->second.id;
    }
    // Membership is of the number: several names may share one.
    bool is_known = false;
    for (const auto& [name, entry] : groups_) {
        if (entry.id != id) continue;
        is_known = true;
        const auto& members = entry.members;
        if (std::find(members.begin(), members.end(), user) != members.end()) return true;
    }
    const auto own = group_id_of_user_.find(user);
    if (own == group_id_of_user_.end()) return std::nullopt;
    if (own->second == id) return true;
    return is_known ? std::optional(false) : std::nullopt;
}

std::optional<std::string_view> Accounts::own_group(std::string_view user) const {
    const auto own = group_id_of_user_.find(user);
    if (own == group_id_of_user_.end()) return std::nullopt;
    for (const auto& [name, entry] : groups_) {
        if (entry.id == own->second) return name;
    }
    return std::nullopt;
}

}  // namespace gatelint
