#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/reading.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/programs/command_line.hpp"
#include "surroundings/programs/listening.hpp"

namespace gatelint::programs {

/// A process whose wrappers are looked through and whose variables are filled in: `arguments`
/// begin with the program's own name.
using ListenFunction = Listening (*)(const Process& process, Reading& reading);

Listening listen_gunicorn(const Process& process, Reading& reading);
Listening listen_uvicorn(const Process& process, Reading& reading);
Listening listen_hypercorn(const Process& process, Reading& reading);
Listening listen_daphne(const Process& process, Reading& reading);
Listening listen_waitress(const Process& process, Reading& reading);
Listening listen_flask(const Process& process, Reading& reading);
Listening listen_django(const Process& process, Reading& reading);
Listening listen_fastapi(const Process& process, Reading& reading);
Listening listen_uwsgi(const Process& process, Reading& reading);
Listening listen_puma(const Process& process, Reading& reading);
Listening listen_unicorn(const Process& process, Reading& reading);
Listening listen_rails(const Process& process, Reading& reading);
Listening listen_thin(const Process& process, Reading& reading);
Listening listen_rackup(const Process& process, Reading& reading);
Listening listen_node(const Process& process, Reading& reading);
Listening listen_next(const Process& process, Reading& reading);
Listening listen_nuxt(const Process& process, Reading& reading);
Listening listen_vite(const Process& process, Reading& reading);
Listening listen_webpack(const Process& process, Reading& reading);
Listening listen_angular(const Process& process, Reading& reading);
Listening listen_http_server(const Process& process, Reading& reading);
Listening listen_serve(const Process& process, Reading& reading);
Listening listen_php(const Process& process, Reading& reading);
Listening listen_php_fpm(const Process& process, Reading& reading);
Listening listen_java(const Process& process, Reading& reading);
Listening listen_dotnet(const Process& process, Reading& reading);
Listening listen_supervisord(const Process& process, Reading& reading);

/// The words after the program's name.
std::vector<Value> arguments_of(const Process& process);

/// The value in decimal digits, or nothing.
std::optional<std::uint64_t> number_of(const Value* value);

/// Whether the working directory is in sight, so that a file which is not seen there is not there.
bool sees_directory(const Process& process);

/// A file's text, by its path from the working directory.
std::optional<std::string> text_in_directory(const Process& process, std::string_view path);

/// Collects where a program listens. What cannot be told makes the Listening less than whole, with
/// a remark.
class Collector {
  public:
    Collector(Listener::Program program, std::string_view name, const Process& process,
              Reading& reading);

    /// Every listener after this has these facts.
    Listener& pattern() { return pattern_; }

    /// Adds a host and a port; the port may stand in text that is not known.
    void add(std::string_view host, std::string_view port, Span where);
    void add_default(std::string_view host, std::uint16_t port);

    /// Adds a socket; a relative path begins at the working directory.
    void add_unix(std::string_view path, Span where, std::optional<SocketAccess> access);

    /// Adds the sockets that the process was given. Whether there were any.
    bool add_passed();

    /// It may listen elsewhere, or instead.
    void open_end(Span span, std::string_view why);

    bool empty() const { return listening_.listeners.empty(); }
    Listening take() { return std::move(listening_); }

  private:
    void add(const Address& at, Span where, bool is_default);

    const Process& process_;
    Reading& reading_;
    Listener pattern_;
    Listening listening_;
};

/// The access to a socket that the process makes itself, with this mode. Nothing where that depends
/// on who runs it, and nobody knows.
std::optional<SocketAccess> access_of_own(const Process& process, std::uint32_t mode,
                                          Reading& reading);

}  // namespace gatelint::programs
