#include "surroundings/containers/image_accounts.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "source/unknown.hpp"
#include "surroundings/containers/image_name.hpp"
#include "surroundings/containers/nginx_container.hpp"

namespace gatelint {

namespace {

bool has_word(std::string_view words, std::string_view word) {
    return words.find(' ' + std::string(word) + ' ') != std::string_view::npos;
}

/// Commands of a Dockerfile that leave the accounts as they are. Others may call useradd.
bool is_harmless(std::string_view command) {
    constexpr std::array<std::string_view, 16> harmless = {
        "rm",   "mkdir", "chmod", "chown", "ln",    "cp",   "mv",   "touch",
        "echo", "cat",   "set",   "true",  "rmdir", "find", "test", "nginx"};
    const std::size_t begin = std::min(command.find_first_not_of(" \t\r\n\\"), command.size());
    command.remove_prefix(begin);
    const std::string_view name = command.substr(0, command.find_first_of(" \t\r\n"));
    return name.empty() || std::find(harmless.begin(), harmless.end(), name) != harmless.end();
}

bool names_accounts(std::string_view text) {
    return text.find("passwd") != std::string_view::npos ||
           text.find("/etc/group") != std::string_view::npos;
}

bool leaves_accounts(std::string_view run) {
    if (names_accounts(run)) return false;
    while (!run.empty()) {
        const std::size_t end = std::min(run.find_first_of("&;|\n"), run.size());
        if (!is_harmless(run.substr(0, end))) return false;
        run.remove_prefix(std::min(end + 1, run.size()));
    }
    return true;
}

/// Whether what is laid there may hide /etc/passwd.
bool may_hold_accounts(std::string_view target) {
    while (target.size() > 1 && target.ends_with('/')) target.remove_suffix(1);
    return target == "/" || target == "/etc" || names_accounts(target) || is_unknown(target);
}

bool leaves_accounts(const Dockerfile& dockerfile) {
    return std::all_of(dockerfile.runs.begin(), dockerfile.runs.end(),
                       [](const Value& run) { return leaves_accounts(run.text); }) &&
           std::none_of(
               dockerfile.copies.begin(), dockerfile.copies.end(),
               [](const Dockerfile::Copy& copy) { return may_hold_accounts(copy.target); });
}

bool runs_as_root(const Container& container) {
    const auto is_root = [](const std::optional<Value>& user) {
        return !user || user->text == "root" || user->text == "0" || user->text.starts_with("0:") ||
               user->text.starts_with("root:");
    };
    if (container.user) return is_root(container.user);
    return !container.dockerfile || is_root(container.dockerfile->user);
}

}  // namespace

// base-passwd of Debian, and what the image's Dockerfile adds.
constinit const ImageAccounts ImageAccounts::debian{
    "Debian",
    " root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats "
    "nobody _apt nginx ",
    " root daemon bin sys adm tty disk lp mail news uucp man proxy kmem dialout fax voice cdrom "
    "floppy tape sudo audio dip www-data backup operator list irc src gnats shadow utmp video sasl "
    "plugdev staff games users nogroup nginx "};

// alpine-baselayout, of all its versions. It has a group www-data, and no such user.
constinit const ImageAccounts ImageAccounts::alpine{
    "Alpine",
    " root bin daemon adm lp sync shutdown halt mail news uucp operator man postmaster cron ftp "
    "sshd at squid xfs games postgres cyrus vpopmail ntp smmsp guest nobody nginx ",
    " root bin daemon sys adm tty disk lp mem kmem wheel floppy mail news uucp man cron console "
    "audio cdrom dialout ftp sshd input at tape video netdev readproc squid xfs kvm games postgres "
    "cyrus vpopmail ntp smmsp guest shadow nofiles locate abuild utmp ping nogroup nobody users "
    "klogd usb www-data nginx "};

const ImageAccounts* ImageAccounts::of(const Container& container) {
    const std::string_view image = container.base_image();
    const ImageName name = parse_image_name(image);
    const bool is_official = name.repository == "nginx" || name.repository == "nginx/nginx";
    if (!is_official || is_unknown(image) || image.find('@') != std::string_view::npos) {
        return nullptr;
    }
    if (!starts_nginx_at_once(container) || !runs_as_root(container)) return nullptr;
    if (!container.volumes_from.empty()) return nullptr;
    const bool is_mounted =
        std::any_of(container.mounts.begin(), container.mounts.end(),
                    [](const Mount& mount) { return may_hold_accounts(mount.target); });
    if (is_mounted || (container.dockerfile && !leaves_accounts(*container.dockerfile)))
        return nullptr;
    return name.tag.find("alpine") == std::string_view::npos ? &debian : &alpine;
}

bool ImageAccounts::has_user(std::string_view name) const {
    return has_word(users_, name);
}

bool ImageAccounts::has_group(std::string_view name) const {
    return has_word(groups_, name);
}

}  // namespace gatelint
