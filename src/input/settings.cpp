#include "input/settings.hpp"

#include <fmt/format.h>

// The library asserts what broken texts do not keep to, and takes it for granted without assertions
// (3.3.0: `[,x]`, `x = [}]`). Its own hook makes a failure of that text out of it.
namespace gatelint {
[[noreturn]] void fail_toml();
}  // namespace gatelint
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::gatelint::fail_toml())
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// The library could not go on reading.
struct BrokenToml {};

}  // namespace

void fail_toml() {
    throw BrokenToml{};
}

namespace {

constexpr std::array<std::pair<std::string_view, Protocol>, 10> protocols = {{
    {"http", Protocol::http},
    {"https", Protocol::https},
    {"fastcgi", Protocol::fastcgi},
    {"uwsgi", Protocol::uwsgi},
    {"suwsgi", Protocol::suwsgi},
    {"scgi", Protocol::scgi},
    {"grpc", Protocol::grpc},
    {"grpcs", Protocol::grpcs},
    {"memcached", Protocol::memcached},
    {"tcp", Protocol::tcp},
}};

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
        case toml::node_type::floating_point:
            return "a number";
        case toml::node_type::boolean:
            return "true or false";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::table:
            return "a table";
        default:
            return "a date or a time";
    }
}

/// The word of a list that was probably meant, "" if none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
    const std::size_t limit = word.size() < 5 ? 1 : 2;
    std::string_view best;
    std::size_t distance = limit + 1;
    for (const std::string_view one : known) {
        const std::size_t away = edit_distance(lower_case(word), one, limit);
        if (away < distance) {
            distance = away;
            best = one;
        }
    }
    return best;
}

/// Places of the library, lines and columns, as offsets into the text.
class Places {
  public:
    Places(std::string_view text, SourceId source) : text_(text), source_(source) {
        lines_.push_back(0);
        for (std::size_t at = text.find('\n'); at != std::string_view::npos;
             at = text.find('\n', at + 1)) {
            lines_.push_back(at + 1);
        }
    }

    Span span(const toml::source_region& region) const {
        const std::uint32_t begin = offset(region.begin);
        return {source_, begin, std::max(begin, offset(region.end))};
    }

  private:
    std::uint32_t offset(const toml::source_position& position) const {
        if (position.line == 0) return 0;
        const std::size_t line = std::min<std::size_t>(position.line, lines_.size());
        std::size_t at = lines_[line - 1];
        // Columns count code points.
        for (toml::source_index column = 1; column < position.column && at < text_.size();
             ++column) {
            do ++at;
            while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0U) == 0x80U);
        }
        return static_cast<std::uint32_t>(at);
    }

    std::string_view text_;
    SourceId source_;
    std::vector<std::size_t> lines_;
};

class SettingsReader {
  public:
    SettingsReader(std::string_view text, SourceId source, std::vector<Finding>& findings)
        : text_(text), places_(text, source), findings_(findings) {}

    Settings read() {
        try {
            const toml::table table = toml::parse(text_);
            read_all(table);
        } catch (const toml::parse_error& error) {
            report(places_.span(error.source()),
                   fmt::format("invalid TOML: {}", lower_first(error.description())));
        } catch (const BrokenToml&) {
            report(places_.span({{1, 1}, {1, 1}, nullptr}),
                   "invalid TOML: a name or a value is missing");
        }
        return std::move(settings_);
    }

  private:
    static std::string lower_first(std::string_view text) {
        std::string result(text);
        if (!result.empty()) result[0] = lower_case(result.substr(0, 1))[0];
        return result;
    }

    void report(Span span, std::string message) {
        findings_.push_back({settings_rule, Severity::error, std::move(message), span, {}, {}, {}});
    }

    Span span(const toml::node& node) const { return places_.span(node.source()); }

    void check_keys(const toml::table& table, std::string_view where,
                    const std::vector<std::string_view>& known) {
        for (const auto& [key, node] : table) {
            if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
            const std::string_view near = nearest(key.str(), known);
            const std::string advice =
                near.empty() ? fmt::format("expected one of {}", fmt::join(known, ", "))
                             : fmt::format("did you mean \"{}\"?", near);
            report(places_.span(key.source()),
                   fmt::format("unknown key \"{}\"{}: {}", key.str(), where, advice));
        }
    }

    /// The value of a key if it is of that type; null after a finding, and where there is none.
    template <typename Node>
    const Node* find(const toml::table& table, std::string_view key, std::string_view wanted) {
        const toml::node* node = table.get(key);
        return node == nullptr ? nullptr : as<Node>(*node, key, wanted);
    }

    template <typename Node>
    const Node* as(const toml::node& node, std::string_view key, std::string_view wanted) {
        if (const Node* typed = dynamic_cast<const Node*>(&node)) return typed;
        report(span(node), fmt::format("\"{}\" must be {}, not {}", key, wanted, type_name(node)));
        return nullptr;
    }

    using String = toml::value<std::string>;
    using Integer = toml::value<std::int64_t>;
    using Boolean = toml::value<bool>;

    bool flag(const toml::table& table, std::string_view key, bool fallback) {
        const Boolean* node = find<Boolean>(table, key, "true or false");
        return node == nullptr ? fallback : node->get();
    }

    std::optional<Value> string(const toml::table& table, std::string_view key) {
        const String* node = find<String>(table, key, "a string");
        if (node == nullptr) return std::nullopt;
        return Value{node->get(), span(*node)};
    }

    void read_all(const toml::table& table) {
        check_keys(table, "", {"backend", "complete", "discover", "hosts", "nginx", "selinux"});
        settings_.around.is_complete = flag(table, "complete", settings_.around.is_complete);
        settings_.around.discovers = flag(table, "discover", settings_.around.discovers);
        if (const toml::array* backends =
                find<toml::array>(table, "backend", "an array of tables, [[backend]]")) {
            for (const toml::node& backend : *backends) {
                if (const auto* one =
                        as<toml::table>(backend, "backend", "an array of tables, [[backend]]")) {
                    read_backend(*one);
                }
            }
        }
        if (const auto* hosts = find<toml::table>(table, "hosts", "a table")) read_hosts(*hosts);
        if (const auto* nginx = find<toml::table>(table, "nginx", "a table")) read_nginx(*nginx);
        if (const auto* selinux = find<toml::table>(table, "selinux", "a table")) {
            read_selinux(*selinux);
        }
    }

    void read_backend(const toml::table& table) {
        check_keys(
            table, " in [[backend]]",
            {"buffer-size", "idle-timeout", "kill-timeout", "listen", "name", "service", "speaks"});
        Told::Backend backend;
        Listener& listener = backend.listener;
        listener.program = Listener::Program::other;
        listener.name = string(table, "name").value_or(Value{"backend in gatelint.toml", {}}).text;
        backend.service = string(table, "service").value_or(Value{});
        listener.kill_timeout = time(table, "kill-timeout");
        listener.idle_timeout = time(table, "idle-timeout");
        listener.header_limit = size(table, "buffer-size");
        const std::optional<Protocol> speaks = protocol(table);
        const toml::node* listen = table.get("listen");
        if (listen == nullptr) {
            report(span(table), "[[backend]] needs \"listen\", such as \"127.0.0.1:3000\"");
        }
        const std::optional<Address> address =
            listen == nullptr ? std::nullopt : parse_listen(*listen);
        if (!address || !speaks) return;
        listener.at = *address;
        listener.where = span(*listen);
        listener.section = span(table);
        listener.speaks = *speaks;
        settings_.around.backends.push_back(std::move(backend));
    }

    std::optional<Protocol> protocol(const toml::table& table) {
        if (!table.contains("speaks")) return Protocol::http;
        const std::optional<Value> word = string(table, "speaks");
        if (!word) return std::nullopt;
        const auto found = std::find_if(protocols.begin(), protocols.end(),
                                        [&](const auto& one) { return one.first == word->text; });
        if (found != protocols.end()) return found->second;
        std::vector<std::string_view> known;
        for (const auto& [name, protocol] : protocols) known.push_back(name);
        report_word(*word, "protocol", known);
        return std::nullopt;
    }

    void report_word(const Value& word, std::string_view what,
                     const std::vector<std::string_view>& known) {
        const std::string_view near = nearest(word.text, known);
        report(word.span,
               fmt::format("unknown {1} \"{0}\": {2}", word.text, what,
                           near.empty() ? fmt::format("expected one of {}", fmt::join(known, ", "))
                                        : fmt::format("did you mean \"{}\"?", near)));
    }

    /// A port alone is every address of the host, of both families.
    std::optional<Address> parse_listen(const toml::node& node) {
        if (const Integer* number = node.as_integer()) {
            const std::int64_t port = number->get();
            if (port >= 1 && port <= 65535) {
                Address address = parse_host("::");
                address.port = static_cast<std::uint16_t>(port);
                return address;
            }
            report(span(node), fmt::format("{} is not a valid port", port));
            return std::nullopt;
        }
        const String* text = as<String>(node, "listen", "an address or a port");
        if (text == nullptr) return std::nullopt;
        const Url url = parse_url(settings_.arena->copy(text->get()), false);
        if (!url.error.empty()) {
            report(span(node), fmt::format("invalid address \"{}\": {}", text->get(), url.error));
            return std::nullopt;
        }
        if (!url.address.is_unix() && url.address.port == 0) {
            report(span(node), fmt::format("\"{}\" has no port", text->get()));
            return std::nullopt;
        }
        return url.address;
    }

    /// "30s", or a number of seconds.
    std::optional<Limit> time(const toml::table& table, std::string_view key) {
        return limit(table, key, 1000, parse_time, "a time such as \"30s\"");
    }

    /// "8k", or a number of bytes.
    std::optional<Limit> size(const toml::table& table, std::string_view key) {
        return limit(table, key, 1, parse_size, "a size such as \"8k\"");
    }

    std::optional<Limit> limit(const toml::table& table, std::string_view key, std::uint64_t unit,
                               std::optional<std::uint64_t> (*parse)(std::string_view),
                               std::string_view wanted) {
        const toml::node* node = table.get(key);
        if (node == nullptr) return std::nullopt;
        constexpr std::int64_t max = 1'000'000'000;
        const Integer* number = node->as_integer();
        if (number != nullptr && number->get() >= 0 && number->get() <= max) {
            return Limit{static_cast<std::uint64_t>(number->get()) * unit, span(*node)};
        }
        const String* text = node->as_string();
        const std::optional<std::uint64_t> value =
            text == nullptr ? std::nullopt : parse(text->get());
        if (value) return Limit{*value, span(*node)};
        report(span(*node), fmt::format("\"{}\" must be {}", key, wanted));
        return std::nullopt;
    }

    void read_hosts(const toml::table& table) {
        for (const auto& [key, node] : table) {
            const String* text = as<String>(node, key.str(), "an address");
            if (text == nullptr) continue;
            if (!parse_host(text->get()).is_literal_ip()) {
                report(span(node), fmt::format("\"{}\" is not an IP address", text->get()));
                continue;
            }
            settings_.around.hosts[lower_case(key.str())] = {text->get(), span(node)};
        }
    }

    void read_nginx(const toml::table& table) {
        check_keys(table, " in [nginx]", {"edition", "user", "version"});
        settings_.user = string(table, "user").value_or(Value{});
        if (const std::optional<Value> version = string(table, "version")) {
            settings_.nginx.version = parse_version(version->text);
            if (!settings_.nginx.version) {
                report(version->span,
                       fmt::format("invalid version \"{}\", expected one such as \"1.29.7\"",
                                   version->text));
            }
        }
        const std::optional<Value> edition = string(table, "edition");
        if (!edition) return;
        if (edition->text == "plus") {
            settings_.nginx.edition = Edition::plus;
        } else if (edition->text == "open-source") {
            settings_.nginx.edition = Edition::open_source;
        } else {
            report_word(*edition, "edition", {"open-source", "plus"});
        }
    }

    void read_selinux(const toml::table& table) {
        check_keys(table, " in [selinux]", {"booleans", "mode", "ports"});
        if (const std::optional<Value> mode = string(table, "mode")) {
            settings_.around.selinux.mode = parse_selinux_mode(mode->text);
            settings_.around.selinux.span = mode->span;
            if (!settings_.around.selinux.mode) {
                report_word(*mode, "SELinux mode", {"disabled", "enforcing", "permissive"});
            }
        }
        if (const auto* booleans = find<toml::table>(table, "booleans", "a table")) {
            for (const auto& [key, node] : *booleans) {
                const Boolean* value = as<Boolean>(node, key.str(), "true or false");
                if (value != nullptr) {
                    settings_.around.selinux.booleans[std::string(key.str())] = value->get();
                }
            }
        }
        const auto* ports = find<toml::array>(table, "ports", "a list of ports");
        if (ports == nullptr) return;
        for (const toml::node& node : *ports) {
            const Integer* port = as<Integer>(node, "ports", "numbers");
            if (port == nullptr) continue;
            if (port->get() < 1 || port->get() > 65535) {
                report(span(node), fmt::format("{} is not a valid port", port->get()));
                continue;
            }
            settings_.around.selinux.http_ports.insert(static_cast<std::uint16_t>(port->get()));
        }
    }

    std::string_view text_;
    Places places_;
    std::vector<Finding>& findings_;
    Settings settings_;
};

}  // namespace

Settings read_settings(std::string_view text, SourceId source, std::vector<Finding>& findings) {
    return SettingsReader(text, source, findings).read();
}

}  // namespace gatelint
