#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::runtime_directory_missing {

namespace {

constexpr std::string_view run = "/run/";

/// A socket in a folder below /run that a service makes when it starts.
struct Place {
    const SystemdUnit& unit;
    const Listener& listener;
    std::string folder;  ///< of the socket, from /run on: "shop"
    std::string top;     ///< its first part, which is what somebody has to make

    std::string path() const { return std::string(run) + top; }
};

/// Servers that bind where they are told, and make no folder for it.
bool makes_no_folder(const Listener& listener) {
    using Program = Listener::Program;
    constexpr std::array<Program, 8> programs = {
        Program::gunicorn, Program::uvicorn, Program::hypercorn, Program::daphne,
        Program::uwsgi,    Program::php_fpm, Program::puma,      Program::unicorn};
    return std::find(programs.begin(), programs.end(), listener.program) != programs.end();
}

/// Folders that a distribution's packages make when the host starts.
bool comes_with_package(std::string_view folder) {
    constexpr std::array<std::string_view, 10> folders = {
        "php", "php-fpm", "nginx", "uwsgi", "lock", "user", "shm", "supervisor", "mysqld", "httpd"};
    return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

/// The folder below /run in which the path lies, or nothing.
std::optional<std::string> folder_of(std::string_view path) {
    const std::string normal = normal_socket_path(path);
    const std::size_t slash = normal.rfind('/');
    if (!normal.starts_with(run) || slash < run.size()) return std::nullopt;
    return normal.substr(run.size(), slash - run.size());
}

std::string top_of(std::string_view folder) {
    return std::string(folder.substr(0, folder.find('/')));
}

/// The first part of a folder's path below /run, wherever it is written.
std::optional<std::string> top_of_path(std::string_view path) {
    const std::string normal = normal_socket_path(path);
    if (!normal.starts_with(run)) return std::nullopt;
    return top_of(std::string_view(normal).substr(run.size()));
}

/// What is known of folders below /run, and of the sockets in them.
class Folders {
  public:
    explicit Folders(const Surroundings& surroundings) {
        for (const Value& folder : surroundings.boot_folders()) add(folder.text);
        for (const SystemdUnit& unit : surroundings.units()) {
            for (const Value& stream : unit.streams) {
                if (is_unknown(stream.text)) makes_all_ = true;
                opened_.insert(normal_socket_path(stream.text));
            }
            for (const Value& folder : unit.runtime_directories) {
                const std::string_view name =
                    std::string_view(folder.text).substr(0, folder.text.find(':'));
                add(std::string(run) + std::string(name));
                if (!unit.is_of_user) users_.emplace(name, &unit);
            }
            for (const Value& command : unit.starts) add_command(command.text);
            for (const Value& command : unit.starts_before) add_command(command.text);
        }
    }

    /// Whether something in sight makes the folder, or something may do so that cannot be
    /// understood.
    bool may_be_made(const Place& place) const {
        return makes_all_ || comes_with_package(place.top) || made_.contains(place.top) ||
               is_unknown(place.top) || !place.unit.starts_before.empty();
    }

    /// systemd itself makes the folders of the sockets that it opens.
    bool is_opened_by_systemd(const Listener& listener) const {
        return opened_.contains(normal_socket_path(listener.at.host));
    }

    /// Services that have the folder as theirs.
    auto users_of(const std::string& folder) const { return users_.equal_range(folder); }

  private:
    void add(std::string_view path) {
        if (is_unknown(path)) makes_all_ = true;
        if (const auto top = top_of_path(path)) made_.insert(*top);
    }

    /// A command that makes folders below /run by hand.
    void add_command(std::string_view command) {
        if (command.find("mkdir") == std::string_view::npos &&
            command.find("install") == std::string_view::npos) {
            return;
        }
        for (std::size_t at = command.find(run); at != std::string_view::npos;
             at = command.find(run, at + 1)) {
            const std::string_view rest = command.substr(at);
            add(rest.substr(0, rest.find_first_of(" \t'\";&")));
        }
    }

    std::set<std::string> opened_;  ///< paths of sockets
    std::set<std::string> made_;    ///< first parts
    std::multimap<std::string, const SystemdUnit*, std::less<>> users_;
    bool makes_all_ = false;  ///< something cannot be understood
};

/// The first pass to each socket.
std::map<std::string, const Pass*> passes_to_sockets(const Subject& subject) {
    std::map<std::string, const Pass*> passes;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_unix()) continue;
        passes.try_emplace(normal_socket_path(endpoint.address.host), &pass);
    }
    return passes;
}

/// The setting of the unit that makes the folder, or null.
const Value* runtime_directory(const SystemdUnit& unit, std::string_view top) {
    const auto found = std::find_if(
        unit.runtime_directories.begin(), unit.runtime_directories.end(), [&](const Value& value) {
            return !is_unknown(value.text) &&
                   top_of(value.text.substr(0, value.text.find(':'))) == top;
        });
    return found == unit.runtime_directories.end() ? nullptr : &*found;
}

void report_missing(const Place& place, const Pass& pass, Report& report) {
    Draft draft = report(place.listener.where,
                         "nothing creates {} at boot, so {} cannot create its socket there: after "
                         "a reboot {} get 502",
                         place.path(), place.unit.name, requests_to(pass));
    draft.note(pass.target_span(), "the request is proxied here");
    draft.note(
        "/run is empty after a reboot; \"RuntimeDirectory={}\" in the unit creates the directory",
        place.folder);
    draft.note("connect() to {} failed (2: No such file or directory) while connecting to upstream",
               to_string(place.listener.at));
    const Value* user = place.unit.user ? &*place.unit.user : nullptr;
    const Span before = user != nullptr ? user->span : place.unit.section;
    if (!before.known() || before.source != place.listener.where.source) return;
    draft.fix(Applicability::unsafe, "let systemd create the directory",
              {report.lines_after(before, {"RuntimeDirectory=" + place.folder})});
}

std::optional<std::uint32_t> mode_of(const Value& value) {
    std::uint32_t bits = 0;
    for (const char digit : value.text) {
        if (digit < '0' || digit > '7' || bits > 07777) return std::nullopt;
        bits = bits * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    return value.text.empty() ? std::nullopt : std::optional(bits);
}

/// Whether nginx's workers are kept out of a folder for certain.
bool is_closed_to(const WorkerUser& worker, const SystemdUnit& unit, std::uint32_t mode,
                  const Accounts& accounts) {
    const std::string_view owner = unit.user ? std::string_view(unit.user->text) : "root";
    const std::string_view own_group = accounts.own_group(owner).value_or(owner);
    const std::string_view group = unit.group ? std::string_view(unit.group->text) : own_group;
    constexpr std::uint32_t others_enter = 0001;
    constexpr std::uint32_t group_enters = 0010;
    if (worker.user == owner || (mode & others_enter) != 0) return false;
    if ((mode & group_enters) == 0) return true;
    return worker.group != group && accounts.is_member(worker.user, group) == false;
}

void check_mode(const Place& place, const Pass& pass, const Subject& subject, Report& report) {
    const auto& worker = subject.model.worker_user();
    const std::optional<Value>& written = place.unit.runtime_directory_mode;
    if (!worker || !written || worker->user == "root") return;
    if (worker->user.find_first_of("$0123456789") == 0) return;
    if (runtime_directory(place.unit, place.top) == nullptr) return;
    const std::optional<std::uint32_t> mode = mode_of(*written);
    if (!mode || !is_closed_to(*worker, place.unit, *mode, subject.surroundings.accounts())) return;
    report(written->span,
           "nginx (user {}) may not enter {}, which contains the socket of {}: {} get 502",
           worker->user, place.path(), place.unit.name, requests_to(pass))
        .note(place.listener.where, "the socket is created here")
        .note(worker->directive->span(), "nginx's workers run as this user")
        .note(pass.target_span(), "the request is proxied here")
        .note("connect() to {} failed (13: Permission denied) while connecting to upstream",
              to_string(place.listener.at));
}

/// Whether systemd leaves the folder when the unit stops.
bool preserves(const SystemdUnit& unit) {
    const std::optional<Value>& value = unit.runtime_directory_preserve;
    return value && value->text != "no" && value->text != "false" && value->text != "0";
}

bool ends_with(const SystemdUnit& unit, const SystemdUnit& other) {
    return std::any_of(unit.required.begin(), unit.required.end(),
                       [&](const Value& name) { return name.text == other.name; });
}

/// Two units of one host: both installed, or side by side where they wait for it.
bool are_together(const SystemdUnit& one, const SystemdUnit& other) {
    const auto folder = [](const SystemdUnit& unit) {
        return std::string_view(unit.file).substr(0, unit.file.rfind('/'));
    };
    return (one.is_installed() && other.is_installed()) || folder(one) == folder(other);
}

void check_shared(const Place& place, const Pass& pass, const Folders& folders, Report& report) {
    const auto [first, last] = folders.users_of(place.folder);
    const bool is_own =
        std::any_of(first, last, [&](const auto& user) { return user.second == &place.unit; });
    if (!is_own) return;
    for (auto user = first; user != last; ++user) {
        const SystemdUnit& other = *user->second;
        if (other.name == place.unit.name || preserves(other)) continue;
        if (!are_together(place.unit, other) || ends_with(place.unit, other)) continue;
        const Span folder = runtime_directory(other, place.top)->span;
        report(folder,
               "when {} stops, systemd removes {} together with the socket of {}: {} get 502",
               other.name, place.path(), place.unit.name, requests_to(pass))
            .note(place.listener.where, "the socket is created here")
            .note(pass.target_span(), "the request is proxied here")
            .note(
                "use a separate directory for each unit, or \"RuntimeDirectoryPreserve=yes\" in "
                "both")
            .note(
                "connect() to {} failed (2: No such file or directory) while connecting to "
                "upstream",
                to_string(place.listener.at));
        return;
    }
}

void check_place(const Place& place, const Pass& pass, const Folders& folders,
                 const Subject& subject, Report& report) {
    if (makes_no_folder(place.listener) && !folders.may_be_made(place)) {
        report_missing(place, pass, report);
    }
    check_mode(place, pass, subject, report);
    check_shared(place, pass, folders, report);
}

void check(const Subject& subject, Report& report) {
    if (subject.surroundings.nginx_on_host() == OnHost::no) return;
    const Folders folders(subject.surroundings);
    const std::map<std::string, const Pass*> passes = passes_to_sockets(subject);
    if (passes.empty()) return;
    for (const SystemdUnit& unit : subject.surroundings.units()) {
        if (unit.kind != SystemdUnit::Kind::service || unit.is_of_user) continue;
        for (const Listener& listener : unit.listeners) {
            if (!listener.at.is_unix() || is_unknown(listener.at.host)) continue;
            const std::optional<std::string> folder = folder_of(listener.at.host);
            const auto pass = passes.find(normal_socket_path(listener.at.host));
            if (!folder || pass == passes.end() || folders.is_opened_by_systemd(listener)) continue;
            check_place({unit, listener, *folder, top_of(*folder)}, *pass->second, folders, subject,
                        report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "runtime-directory-missing",
    .family = Family::permission,
    .severity = Severity::warning,
    .summary = "nothing creates the socket's directory at boot, or nginx may not enter it",
    .why =
        R"(/run is empty when a host boots. A server that listens on `/run/shop/shop.sock`
creates the socket, but not the directory: somebody once created that by hand, and after the next
reboot the service does not start and every request gets 502:

    connect() to unix:/run/shop/shop.sock failed (2: No such file or directory) while connecting to
    upstream

With `RuntimeDirectory=shop`, systemd creates `/run/shop` for the unit's user, and removes it when
the unit stops. If two units have the same directory, stopping one removes the socket of the
other, unless both have `RuntimeDirectoryPreserve=yes`. With a `RuntimeDirectoryMode` that keeps
others out, nginx cannot enter:

    connect() to unix:/run/shop/shop.sock failed (13: Permission denied) while connecting to upstream

gatelint takes tmpfiles.d and the directories of packages into account, and reports nothing if the
unit has an ExecStartPre, which may create the directory.)",
    .reference =
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html"
        "#RuntimeDirectory=",
    .check = check,
};

}  // namespace gatelint::rules::runtime_directory_missing
