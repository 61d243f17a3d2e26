#include "model/value_places.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "nginx/generated/directive_tables.hpp"

namespace gatelint {

namespace {

/// Which arguments of a directive nginx compiles as values with variables.
enum class Values : std::uint8_t { none, first, second, both, from_second, last, all, own_way };

struct Entry {
    Values values;
    std::initializer_list<DirectiveId> ids;
};

constexpr std::size_t id_count = directive_table.size();
using Table = std::array<Values, id_count>;

constexpr Table make_table(std::initializer_list<Entry> entries) {
    Table table{};
    for (const Entry& entry : entries) {
        for (const DirectiveId id : entry.ids) {
            table[static_cast<std::size_t>(id)] = entry.values;
        }
    }
    return table;
}

/// From the setters of nginx's own modules; "off", "on" and the like hold no `$` anyway.
constexpr Table make_http_table() {
    using enum DirectiveId;
    return make_table({
        {Values::first,
         {proxy_pass,
          fastcgi_pass,
          uwsgi_pass,
          scgi_pass,
          grpc_pass,
          tunnel_pass,
          proxy_method,
          proxy_set_body,
          proxy_ssl_name,
          grpc_ssl_name,
          uwsgi_ssl_name,
          proxy_ssl_certificate,
          proxy_ssl_certificate_key,
          grpc_ssl_certificate,
          grpc_ssl_certificate_key,
          uwsgi_ssl_certificate,
          uwsgi_ssl_certificate_key,
          ssl_certificate,
          ssl_certificate_key,
          limit_rate,
          limit_rate_after,
          proxy_limit_rate,
          fastcgi_limit_rate,
          uwsgi_limit_rate,
          scgi_limit_rate,
          proxy_bind,
          fastcgi_bind,
          uwsgi_bind,
          scgi_bind,
          grpc_bind,
          memcached_bind,
          proxy_store,
          fastcgi_store,
          uwsgi_store,
          scgi_store,
          proxy_cache,
          fastcgi_cache,
          uwsgi_cache,
          scgi_cache,
          proxy_cache_key,
          fastcgi_cache_key,
          uwsgi_cache_key,
          scgi_cache_key,
          root,
          alias,
          auth_basic,
          auth_basic_user_file,
          secure_link,
          secure_link_md5,
          limit_req_zone,
          limit_conn_zone,
          hash,
          http2_push,
          image_filter_jpeg_quality,
          image_filter_sharpen,
          image_filter_webp_quality}},
        {Values::second,
         {add_header, add_trailer, proxy_set_header, grpc_set_header, fastcgi_param, uwsgi_param,
          scgi_param, rewrite, xslt_param, xslt_string_param}},
        {Values::both, {sub_filter}},
        {Values::from_second, {image_filter, xslt_stylesheet}},
        {Values::last, {error_page}},
        {Values::all,
         {index, try_files, expires, proxy_cache_bypass, proxy_no_cache, fastcgi_cache_bypass,
          fastcgi_no_cache, uwsgi_cache_bypass, uwsgi_no_cache, scgi_cache_bypass, scgi_no_cache,
          client_body_early_read, early_hints}},
        {Values::own_way,
         {access_log,
          log_format,
          if_,
          set,
          return_,
          map,
          geo,
          split_clients,
          auth_request_set,
          perl_set,
          js_set,
          js_var,
          keyval,
          auth_jwt_claim_set,
          auth_jwt_header_set,
          num_map,
          charset,
          source_charset,
          aio,
          disable_symlinks,
          sticky,
          proxy_redirect,
          proxy_cookie_domain,
          proxy_cookie_path,
          proxy_cookie_flags}},
    });
}

constexpr Table make_stream_table() {
    using enum DirectiveId;
    return make_table({
        {Values::first,
         {proxy_pass, pass, return_, proxy_bind, proxy_upload_rate, proxy_download_rate,
          proxy_ssl_name, proxy_ssl_certificate, proxy_ssl_certificate_key, ssl_certificate,
          ssl_certificate_key, limit_conn_zone, hash}},
        {Values::own_way,
         {access_log, log_format, set, map, geo, split_clients, js_set, js_var, keyval, num_map}},
    });
}

constexpr Table http_table = make_http_table();
constexpr Table stream_table = make_stream_table();

/// The condition of an `if` (ngx_http_rewrite_if_condition): without its parentheses, which may be
/// words of their own or stick to others. Nothing if it is none.
struct Condition {
    PlacedText left;        ///< the variable, or the operand of -f and the like
    std::string_view test;  ///< `=`, `!~*`, `-f`, ...; "" for a variable alone
    PlacedText right;
};

std::optional<Condition> read_condition(const Directive& directive) {
    std::vector<PlacedText> words;
    for (const Word& word : directive.args()) words.push_back({&word, word.text});
    if (words.empty() || !words.front().text.starts_with('(')) return std::nullopt;
    words.front().text.remove_prefix(1);
    if (!words.back().text.ends_with(')')) return std::nullopt;
    words.back().text.remove_suffix(1);
    if (words.back().text.empty()) words.pop_back();
    if (!words.empty() && words.front().text.empty()) words.erase(words.begin());
    if (words.empty() || words.size() > 3) return std::nullopt;
    const std::string_view first = words[0].text;
    if (first.size() > 1 && first[0] == '$') {
        if (words.size() == 1) return Condition{words[0], {}, {}};
        if (words.size() == 3) return Condition{words[0], words[1].text, words[2]};
        return std::nullopt;
    }
    const bool is_file_test = (first.size() == 2 && first.starts_with('-')) ||
                              (first.size() == 3 && first.starts_with("!-"));
    if (is_file_test && words.size() == 2) return Condition{words[1], first, {}};
    return std::nullopt;
}

/// Collects the places of one directive.
class PlaceReader {
  public:
    PlaceReader(const Directive& directive, World world, std::vector<VariablePlace>& places)
        : directive_(directive), world_(world), places_(places) {}

    void read() {
        // A row of a map: the key is text, the value is not (ngx_http_map).
        if (directive_.is_row) {
            if (directive_.parent->id == DirectiveId::map && args().size() == 1) value(0);
            return;
        }
        const Table& table = world_ == World::http ? http_table : stream_table;
        read_values(table[static_cast<std::size_t>(directive_.id)]);
    }

  private:
    using Role = VariablePlace::Role;

    std::span<const Word> args() const { return directive_.args(); }

    void add(Role role, std::size_t index, std::size_t skip = 0) {
        if (index >= args().size()) return;
        const Word& word = args()[index];
        add(role, {&word, word.text.substr(std::min(skip, word.text.size()))});
    }

    void add(Role role, PlacedText place) {
        const bool is_text = role == Role::value || role == Role::log_format;
        if (is_text && !place.word->marks.has(Marks::dollar)) return;
        if (is_text && place.text.find('$') == std::string_view::npos) return;
        places_.push_back({role, place});
    }

    void value(std::size_t index, std::size_t skip = 0) { add(Role::value, index, skip); }
    void values_from(std::size_t index) {
        for (; index < args().size(); ++index) value(index);
    }

    /// A parameter such as `if=$condition`.
    void parameters(std::string_view name, Role role, std::size_t from) {
        for (std::size_t i = from; i < args().size(); ++i) {
            if (args()[i].text.starts_with(name)) add(role, i, name.size());
        }
    }

    void read_values(Values values) {
        switch (values) {
            case Values::none:
                return;
            case Values::first:
                return value(0);
            case Values::second:
                return value(1);
            case Values::both:
                value(0);
                return value(1);
            case Values::from_second:
                return values_from(1);
            case Values::last:
                if (args().size() > 1) value(args().size() - 1);
                return;
            case Values::all:
                return values_from(0);
            case Values::own_way:
                return read_own_way();
        }
    }

    void read_own_way() {
        switch (directive_.id) {
            case DirectiveId::set:
            case DirectiveId::auth_request_set:
            case DirectiveId::js_var:
                add(Role::definition, 0);
                return value(1);
            case DirectiveId::perl_set:
            case DirectiveId::js_set:
            case DirectiveId::auth_jwt_claim_set:
            case DirectiveId::auth_jwt_header_set:
                return add(Role::definition, 0);
            case DirectiveId::map:
            case DirectiveId::split_clients:
            case DirectiveId::num_map:
            case DirectiveId::keyval:
                value(0);
                return add(Role::definition, 1);
            case DirectiveId::geo:
                if (args().size() > 1) add(Role::index, 0);
                return add(Role::definition, args().size() - 1);
            case DirectiveId::access_log:
            case DirectiveId::log_format:
                return read_log();
            case DirectiveId::if_:
                return read_if();
            case DirectiveId::return_:
                return read_return();
            default:
                return read_others();
        }
    }

    void read_log() {
        if (directive_.id == DirectiveId::access_log) {
            if (!directive_.arg(0).starts_with("syslog:")) value(0);
            return parameters("if=", Role::value, 2);
        }
        const std::size_t from = directive_.arg(1).starts_with("escape=") ? 2 : 1;
        for (std::size_t i = from; i < args().size(); ++i) add(Role::log_format, i);
    }

    void read_if() {
        const std::optional<Condition> condition = read_condition(directive_);
        if (!condition) return;
        const bool is_file_test = condition->test.find('-') != std::string_view::npos;
        add(is_file_test ? Role::value : Role::index, condition->left);
        if (condition->test == "=" || condition->test == "!=") add(Role::value, condition->right);
    }

    /// ngx_http_rewrite_return: a code with a text, or a URL alone.
    void read_return() {
        if (args().size() > 1) return value(1);
        for (const std::string_view begin : {"http://", "https://", "$scheme"}) {
            if (directive_.arg(0).starts_with(begin)) return value(0);
        }
    }

    void read_others() {
        switch (directive_.id) {
            case DirectiveId::charset:
            case DirectiveId::source_charset:
                if (directive_.arg(0).starts_with('$')) add(Role::index, 0);
                return;
            case DirectiveId::aio:
                return parameters("threads=", Role::value, 0);
            case DirectiveId::disable_symlinks:
                return parameters("from=", Role::value, 0);
            case DirectiveId::sticky:
                return read_sticky();
            default:
                // What begins with `~` is a regular expression.
                if (!directive_.arg(0).starts_with('~')) value(0);
                return values_from(1);
        }
    }

    void read_sticky() {
        if (directive_.arg(0) == "route") {
            for (std::size_t i = 1; i < args().size(); ++i) {
                if (args()[i].text.starts_with('$')) add(Role::index, i);
            }
        }
        if (directive_.arg(0) == "cookie") {
            parameters("domain=", Role::value, 2);
            parameters("samesite=", Role::value, 2);
        }
        if (directive_.arg(0) == "learn") {
            parameters("create=", Role::index, 1);
            parameters("lookup=", Role::index, 1);
        }
    }

    const Directive& directive_;
    const World world_;
    std::vector<VariablePlace>& places_;
};

/// A pattern behind `~`, or behind `~*` where that is known; "" is none.
std::optional<RegexPlace> behind_tilde(const Word& word, bool takes_star, bool caseless) {
    if (!word.text.starts_with('~')) return std::nullopt;
    RegexPlace place{{&word, word.text.substr(1)}, caseless, true};
    if (takes_star && place.pattern.text.starts_with('*')) {
        place.pattern.text.remove_prefix(1);
        place.caseless = true;
    }
    return place;
}

std::optional<RegexPlace> location_regex(const Directive& directive) {
    const std::span<const Word> args = directive.args();
    if (args.size() == 2 && (args[0].text == "~" || args[0].text == "~*")) {
        return RegexPlace{{&args[1], args[1].text}, args[0].text == "~*", true};
    }
    return args.size() == 1 ? behind_tilde(args[0], true, false) : std::nullopt;
}

bool has_upper_case(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char byte) { return byte >= 'A' && byte <= 'Z'; });
}

void add_from_list(const Directive& directive, std::vector<RegexPlace>& places) {
    for (const Word& word : directive.args()) {
        switch (directive.id) {
            case DirectiveId::gzip_disable:
                if (word.text != "msie6" && word.text != "degradation") {
                    places.push_back({{&word, word.text}, true, false});
                }
                break;
            case DirectiveId::valid_referers:
                if (auto place = behind_tilde(word, false, true)) {
                    place->names_variables = false;
                    places.push_back(*place);
                }
                break;
            default:  // server_name
                if (const auto place = behind_tilde(word, false, has_upper_case(word.text))) {
                    places.push_back(*place);
                }
        }
    }
}

}  // namespace

Span PlacedText::span(std::size_t begin, std::size_t end) const {
    const std::size_t quotes = word->quote == '\0' ? 0 : 1;
    // Every escape that nginx decodes takes a byte more in the file.
    const bool as_written = word->span.end - word->span.begin == word->text.size() + 2 * quotes;
    if (!as_written) return word->span;
    const std::size_t first =
        word->span.begin + quotes + static_cast<std::size_t>(text.data() - word->text.data());
    return {word->span.source, static_cast<std::uint32_t>(first + begin),
            static_cast<std::uint32_t>(first + end)};
}

std::vector<VariablePlace> variable_places(const Directive& directive, World world) {
    std::vector<VariablePlace> places;
    add_variable_places(directive, world, places);
    return places;
}

void add_variable_places(const Directive& directive, World world,
                         std::vector<VariablePlace>& places) {
    PlaceReader(directive, world, places).read();
}

void add_regex_places(const Directive& directive, World world, std::vector<RegexPlace>& places) {
    const std::span<const Word> args = directive.args();
    const auto add = [&places](const std::optional<RegexPlace>& place) {
        if (place) places.push_back(*place);
    };
    if (directive.is_row) {
        const bool is_map = directive.parent->id == DirectiveId::map && args.size() == 1;
        if (is_map) add(behind_tilde(directive.statement->name, true, false));
        return;
    }
    if (directive.id == DirectiveId::server_name) return add_from_list(directive, places);
    if (world == World::stream) return;
    switch (directive.id) {
        case DirectiveId::location:
            return add(location_regex(directive));
        case DirectiveId::gzip_disable:
        case DirectiveId::valid_referers:
            return add_from_list(directive, places);
        case DirectiveId::rewrite:
            if (args.size() > 1) add(RegexPlace{{args.data(), args[0].text}, false, true});
            return;
        case DirectiveId::fastcgi_split_path_info:
            if (args.size() == 1) add(RegexPlace{{args.data(), args[0].text}, false, false});
            return;
        case DirectiveId::if_: {
            const std::optional<Condition> condition = read_condition(directive);
            if (condition && condition->test.find('~') != std::string_view::npos) {
                add(RegexPlace{condition->right, condition->test.ends_with('*'), true});
            }
            return;
        }
        case DirectiveId::proxy_redirect:
        case DirectiveId::proxy_cookie_path:
            if (args.size() == 2) add(behind_tilde(args[0], true, false));
            return;
        case DirectiveId::proxy_cookie_domain:
        case DirectiveId::proxy_cookie_flags:
            if (args.size() > 1) add(behind_tilde(args[0], false, true));
            return;
        default:
            return;
    }
}

bool is_compiled_at_merge(DirectiveId id) {
    using enum DirectiveId;
    constexpr std::array<DirectiveId, 8> ids = {
        proxy_set_header, proxy_set_body, grpc_set_header, fastcgi_param,
        uwsgi_param,      scgi_param,     ssl_certificate, ssl_certificate_key};
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace gatelint
