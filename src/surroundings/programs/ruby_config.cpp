#include "surroundings/programs/ruby_config.hpp"

#include <algorithm>
#include <utility>

#include "nginx/units.hpp"
#include "source/unknown.hpp"
#include "surroundings/formats/lines.hpp"
#include "surroundings/formats/ruby_statements.hpp"
#include "surroundings/formats/ruby_values.hpp"

namespace gatelint {

namespace {

constexpr std::uint64_t puma_idle_timeout = 20'000;    ///< before Puma 7
constexpr std::uint64_t puma_7_idle_timeout = 65'000;  ///< since Puma 7
constexpr std::uint64_t puma_backlog = 1024;
constexpr std::uint64_t unicorn_timeout = 60'000;
constexpr std::uint64_t unicorn_backlog = 1024;
constexpr std::uint32_t default_umask = 022;

std::optional<std::uint32_t> octal(std::string_view text) {
    if (text.empty() || text.size() > 6) return std::nullopt;
    std::uint32_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '7') return std::nullopt;
        value = value * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    return value & 0777U;
}

/// The value of `name: value` or `:name => value` among the arguments; nothing if it is not there.
std::optional<std::string_view> option(const RubyStatement& statement, std::string_view name) {
    for (std::string_view argument : statement.arguments) {
        const bool is_symbol = argument.starts_with(':');
        if (is_symbol) argument.remove_prefix(1);
        if (!argument.starts_with(name)) continue;
        const std::string_view rest = trimmed(argument.substr(name.size()));
        if (is_symbol && rest.starts_with("=>")) return trimmed(rest.substr(2));
        if (!is_symbol && rest.starts_with(':')) return trimmed(rest.substr(1));
    }
    return std::nullopt;
}

/// The value of a parameter of a URI's query.
std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view one = query.substr(0, end);
        if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) {
            return one.substr(name.size() + 1);
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return std::nullopt;
}

/// What both servers' files have in common.
class ConfigReader {
  public:
    ConfigReader(const std::string& file, SourceId source, const Process& process, Reading& reading)
        : source_(source),
          process_(process),
          reading_(reading),
          values_(process.readers_environment(), file) {
        listening_.is_known_program = true;
    }

  protected:
    Span span(std::string_view part) const {
        return span_in(reading_.text(source_), part, source_);
    }

    /// The value of an argument; where it cannot be told, or only perhaps, there may be others.
    std::optional<RubyValue> value(const RubyStatement& statement, std::size_t argument) {
        std::optional<RubyValue> value;
        if (statement.is_certain && argument < statement.arguments.size()) {
            value = values_.compute(statement.arguments[argument]);
        }
        if (!value || value->is_fallback || is_unknown(value->text)) listening_.is_whole = false;
        if (value && is_unknown(value->text)) return std::nullopt;
        return value;
    }

    /// A setting that is a number, times `unit`; nothing where it cannot be told.
    std::optional<Limit> number(const RubyStatement& statement, std::uint64_t unit) const {
        if (!statement.is_certain || statement.arguments.empty()) return std::nullopt;
        const std::optional<RubyValue> value = values_.compute(statement.arguments[0]);
        if (!value || value->is_fallback) return std::nullopt;
        const std::optional<std::uint64_t> parsed = parse_number(value->text);
        if (!parsed || *parsed > 1'000'000'000) return std::nullopt;
        return Limit{*parsed * unit, span(statement.arguments[0])};
    }

    Listener& add(Listener::Program program, Address address, const RubyStatement& statement,
                  bool is_default) {
        address.host = reading_.keep(address.host);
        Listener listener;
        listener.program = program;
        listener.name = program == Listener::Program::puma ? "Puma" : "Unicorn";
        if (!process_.name.empty()) listener.name += " (" + process_.name + ')';
        listener.at = address;
        listener.where = span(statement.arguments[0]);
        listener.place = process_.place;
        listener.user = reading_.keep(process_.user);
        listener.is_default = is_default;
        listening_.listeners.push_back(std::move(listener));
        return listening_.listeners.back();
    }

    void add_tcp(Listener::Program program, std::string_view host, std::string_view port,
                 const RubyStatement& statement, bool is_default, Protocol speaks) {
        const std::optional<std::uint16_t> number = parse_port(port);
        if (!number || host.empty()) {
            listening_.is_whole = false;
            return;
        }
        add(program, parse_host(host).at_port(*number), statement, is_default).speaks = speaks;
    }

    /// `mode`: nothing where it cannot be told.
    void add_unix(Listener::Program program, std::string_view path, const RubyStatement& statement,
                  bool is_default, std::optional<std::uint32_t> mode) {
        Address address;
        address.kind = Address::Kind::unix_socket;
        std::string whole(path);
        if (!path.starts_with('/') && !process_.working_directory.empty()) {
            whole = absolute_path(process_.working_directory, path);
        }
        if (!whole.starts_with('/')) {
            listening_.is_whole = false;
            return;
        }
        address.host = whole;
        Listener& listener = add(program, address, statement, is_default);
        if (!mode || process_.user.empty()) return;
        SocketAccess access;
        access.owner = listener.user;
        access.group = reading_.keep(process_.group);
        access.mode = *mode;
        access.span = listener.where;
        listener.access = access;
    }

    SourceId source_;
    const Process& process_;
    Reading& reading_;
    RubyValues values_;
    Listening listening_;
};

class PumaReader : ConfigReader {
  public:
    PumaReader(const std::string& file, SourceId source, std::string_view version,
               const Process& process, Reading& reading)
        : ConfigReader(file, source, process, reading) {
        const std::optional<std::uint64_t> major =
            parse_number(version.substr(0, version.find('.')));
        if (major) idle_timeout_ = Limit{*major < 7 ? puma_idle_timeout : puma_7_idle_timeout, {}};
    }

    Listening read() {
        for (const RubyStatement& statement : ruby_statements(reading_.text(source_))) {
            read(statement);
        }
        for (Listener& listener : listening_.listeners) {
            listener.idle_timeout = idle_timeout_;
            listener.backlog = Limit{puma_backlog, {}};
        }
        // Its default differs: by itself 9292, as `rails server` 3000.
        if (listening_.listeners.empty()) listening_.is_whole = false;
        return std::move(listening_);
    }

  private:
    static constexpr Listener::Program program = Listener::Program::puma;

    void read(const RubyStatement& statement) {
        if (statement.is_assignment) {
            values_.assign(statement.name, statement.arguments[0], statement.is_certain);
        } else if (statement.name == "persistent_timeout") {
            idle_timeout_ = number(statement, 1000);
        } else if (statement.name == "bind") {
            bind(statement);
        } else if (statement.name == "port") {
            port(statement);
        } else if (statement.name == "ssl_bind") {
            ssl_bind(statement);
        } else if (statement.name == "bind_to_activated_sockets") {
            listening_.is_whole = false;
        }
    }

    /// A port is on every address; since Puma 7 of both families.
    void port(const RubyStatement& statement) {
        const std::optional<RubyValue> port = value(statement, 0);
        std::optional<RubyValue> host = RubyValue{"::"};
        if (statement.arguments.size() > 1) host = value(statement, 1);
        if (!port || !host) return;
        add_tcp(program, host->text, port->text, statement, port->is_fallback || host->is_fallback,
                Protocol::http);
    }

    void ssl_bind(const RubyStatement& statement) {
        const std::optional<RubyValue> host = value(statement, 0);
        const std::optional<RubyValue> port = value(statement, 1);
        if (!host || !port) return;
        add_tcp(program, host->text, port->text, statement, port->is_fallback || host->is_fallback,
                Protocol::https);
    }

    /// A URI: `tcp://host:port`, `ssl://host:port?key=...`, `unix:///path?umask=0111`.
    void bind(const RubyStatement& statement) {
        const std::optional<RubyValue> uri = value(statement, 0);
        if (!uri) return;
        std::string_view rest = uri->text;
        const std::size_t scheme_end = rest.find("://");
        const std::string_view scheme = rest.substr(0, scheme_end);
        if (scheme_end == std::string_view::npos) {
            listening_.is_whole = false;
            return;
        }
        rest.remove_prefix(scheme_end + 3);
        const std::size_t question = std::min(rest.find('?'), rest.size());
        const std::string_view query = rest.substr(std::min(question + 1, rest.size()));
        rest = rest.substr(0, question);
        if (scheme == "unix") {
            // An abstract one (@name) is out of nginx's reach.
            if (rest.starts_with('@')) return;
            add_unix(program, rest, statement, uri->is_fallback, mode(query));
            return;
        }
        const std::size_t colon = rest.rfind(':');
        if ((scheme != "tcp" && scheme != "ssl") || colon == std::string_view::npos) {
            listening_.is_whole = false;
            return;
        }
        add_tcp(program, rest.substr(0, colon), rest.substr(colon + 1), statement, uri->is_fallback,
                scheme == "ssl" ? Protocol::https : Protocol::http);
    }

    /// Binder#add_unix_listener: chmod to `mode`, else what the umask leaves.
    std::optional<std::uint32_t> mode(std::string_view query) const {
        if (const std::optional<std::string_view> mode = parameter(query, "mode")) {
            return octal(mode->starts_with("0o") ? mode->substr(2) : *mode);
        }
        if (const std::optional<std::string_view> umask = parameter(query, "umask")) {
            const std::optional<std::uint32_t> mask = octal(*umask);
            if (!mask) return std::nullopt;
            return 0777U & ~*mask;
        }
        return 0777U & ~process_.umask.value_or(default_umask);
    }

    std::optional<Limit> idle_timeout_;
};

class UnicornReader : ConfigReader {
  public:
    using ConfigReader::ConfigReader;

    Listening read() {
        for (const RubyStatement& statement : ruby_statements(reading_.text(source_))) {
            read(statement);
        }
        // Without any it listens on 0.0.0.0:8080, unless the command says otherwise.
        if (listening_.listeners.empty()) listening_.is_whole = false;
        for (Listener& listener : listening_.listeners) {
            listener.kill_timeout = timeout_;
            listener.children = workers_;
        }
        return std::move(listening_);
    }

  private:
    static constexpr Listener::Program program = Listener::Program::unicorn;

    void read(const RubyStatement& statement) {
        if (statement.is_assignment) {
            values_.assign(statement.name, statement.arguments[0], statement.is_certain);
        } else if (statement.name == "timeout") {
            timeout_ = number(statement, 1000);
        } else if (statement.name == "worker_processes") {
            workers_ = number(statement, 1);
        } else if (statement.name == "listen") {
            listen(statement);
        }
    }

    /// HttpServer#listen: a port, `host:port` or a path; sockets are made with a umask of 0 unless
    /// another is given.
    void listen(const RubyStatement& statement) {
        const std::optional<RubyValue> where = value(statement, 0);
        if (!where) return;
        const std::string_view text = where->text;
        const std::size_t before = listening_.listeners.size();
        const std::size_t colon = text.rfind(':');
        if (parse_number(text)) {
            add_tcp(program, "0.0.0.0", text, statement, where->is_fallback, Protocol::http);
        } else if (!text.starts_with('/') && colon != std::string_view::npos) {
            const std::string_view host = text.substr(0, colon);
            add_tcp(program, host == "*" ? "0.0.0.0" : host, text.substr(colon + 1), statement,
                    where->is_fallback, Protocol::http);
        } else {
            add_unix(program, text, statement, where->is_fallback, mode(statement));
        }
        if (listening_.listeners.size() > before) {
            listening_.listeners.back().backlog = backlog(statement);
        }
    }

    static std::optional<std::uint32_t> mode(const RubyStatement& statement) {
        const std::optional<std::string_view> umask = option(statement, "umask");
        if (!umask) return 0777;
        const std::optional<std::uint32_t> mask =
            umask->starts_with('0') ? octal(*umask) : std::nullopt;
        if (!mask) return std::nullopt;
        return 0777U & ~*mask;
    }

    std::optional<Limit> backlog(const RubyStatement& statement) const {
        const std::optional<std::string_view> written = option(statement, "backlog");
        if (!written) return Limit{unicorn_backlog, {}};
        const std::optional<std::uint64_t> number = parse_number(*written);
        if (!number) return std::nullopt;
        return Limit{*number, span(*written)};
    }

    std::optional<Limit> timeout_ = Limit{unicorn_timeout, {}};
    std::optional<Limit> workers_ = Limit{1, {}};
};

}  // namespace

Listening listen_as_puma(const std::string& file, SourceId source, std::string_view version,
                         const Process& process, Reading& reading) {
    return PumaReader(file, source, version, process, reading).read();
}

Listening listen_as_unicorn(const std::string& file, SourceId source, const Process& process,
                            Reading& reading) {
    return UnicornReader(file, source, process, reading).read();
}

std::optional<std::string> locked_gem_version(std::string_view lock_file, std::string_view gem) {
    for (const std::string_view line : lines_of(lock_file)) {
        const std::vector<std::string_view> words = words_of(line);
        if (words.size() != 2 || words[0] != gem) continue;
        const std::string_view version = words[1];
        const bool is_exact = version.size() > 2 && version.front() == '(' &&
                              version.back() == ')' && version[1] >= '0' && version[1] <= '9';
        if (is_exact) return std::string(version.substr(1, version.size() - 2));
    }
    return std::nullopt;
}

}  // namespace gatelint
