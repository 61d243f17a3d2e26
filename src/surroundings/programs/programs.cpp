#include "surroundings/programs/programs.hpp"

#include <utility>

#include "nginx/units.hpp"
#include "source/unknown.hpp"

namespace gatelint::programs {

std::vector<Value> arguments_of(const Process& process) {
    if (process.arguments.empty()) return {};
    return {process.arguments.begin() + 1, process.arguments.end()};
}

std::optional<std::uint64_t> number_of(const Value* value) {
    return value == nullptr ? std::nullopt : parse_number(value->text);
}

bool sees_directory(const Process& process) {
    if (process.files == nullptr || process.working_directory.empty()) return false;
    return process.files->complete() || !process.files->list(process.working_directory).empty();
}

std::optional<std::string> text_in_directory(const Process& process, std::string_view path) {
    if (process.files == nullptr || process.working_directory.empty()) return std::nullopt;
    ReadResult file = process.files->read(absolute_path(process.working_directory, path));
    if (file.status != ReadStatus::ok || file.text.size() > Reading::max_size) return std::nullopt;
    return std::move(file.text);
}

Collector::Collector(Listener::Program program, std::string_view name, const Process& process,
                     Reading& reading)
    : process_(process), reading_(reading) {
    pattern_.program = program;
    pattern_.name = name;
    if (!process.name.empty()) pattern_.name += " (" + process.name + ')';
    pattern_.user = reading.keep(process.user);
    pattern_.place = process.place;
    listening_.is_known_program = true;
    listening_.program = program;
}

void Collector::add(const Address& at, Span where, bool is_default) {
    Listener listener = pattern_;
    listener.at = at;
    listener.where = where;
    listener.is_default = is_default;
    listening_.listeners.push_back(std::move(listener));
}

void Collector::add(std::string_view host, std::string_view port, Span where) {
    const std::optional<std::uint16_t> number = parse_port(port);
    if (is_unknown(host) || host.empty() || !number) {
        open_end(where, "the address is unknown");
        return;
    }
    add(parse_host(reading_.keep(host)).at_port(*number), where, false);
}

void Collector::add_default(std::string_view host, std::uint16_t port) {
    Address address = parse_host(reading_.keep(host));
    address.port = port;
    add(address, process_.span, true);
}

namespace {

/// What somebody will replace: `/home/<user>/app.sock`, `/srv/{{ name }}/app.sock`, `__PATH__`.
bool has_placeholder(std::string_view path) {
    return path.find_first_of("<>{}$") != std::string_view::npos ||
           path.find("__") != std::string_view::npos;
}

}  // namespace

void Collector::add_unix(std::string_view path, Span where, std::optional<SocketAccess> access) {
    const bool is_relative = !path.starts_with('/');
    if (path.empty() || is_unknown(path) || path.front() == '@' || has_placeholder(path) ||
        (is_relative && process_.working_directory.empty())) {
        open_end(where, "the path of the socket is unknown");
        return;
    }
    Address address;
    address.kind = Address::Kind::unix_socket;
    address.host = reading_.keep(is_relative ? absolute_path(process_.working_directory, path)
                                             : std::string(path));
    add(address, where, false);
    listening_.listeners.back().access = access;
    if (access && !access->span.known()) listening_.listeners.back().access->span = where;
}

bool Collector::add_passed() {
    for (const PassedSocket& socket : process_.sockets) {
        add(socket.at, socket.where, false);
        listening_.listeners.back().ipv6_only = socket.ipv6_only;
        listening_.listeners.back().access = socket.access;
    }
    return !process_.sockets.empty();
}

void Collector::open_end(Span span, std::string_view why) {
    listening_.is_whole = false;
    const Span where = span.known() ? span : process_.span;
    reading_.remark(where, "cannot tell where " + pattern_.name + " listens: " + std::string(why));
}

std::optional<SocketAccess> access_of_own(const Process& process, std::uint32_t mode,
                                          Reading& reading) {
    constexpr std::uint32_t everybody_writes = 0222;
    if (process.user.empty() && (mode & everybody_writes) != everybody_writes) return std::nullopt;
    SocketAccess access;
    access.owner = reading.keep(process.user);
    access.group = reading.keep(process.group);
    access.mode = mode;
    return access;
}

}  // namespace gatelint::programs
