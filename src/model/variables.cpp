#include "model/variables.hpp"

#include <algorithm>
#include <array>

#include "nginx/placeholder.hpp"
#include "nginx/regex.hpp"
#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// Beginnings of the names of directives of well-known modules, which define no variables but those
/// that they name or that the table of variables has.
bool is_of_known_module(std::string_view name) {
    constexpr std::array<std::string_view, 24> beginnings = {
        "access_by_lua",
        "balancer_by_lua",
        "body_filter_by_lua",
        "brotli",
        "content_by_lua",
        "echo",
        "exit_worker_by",
        "geoip2",
        "header_filter_by_lua",
        "init_by_lua",
        "init_worker_by_lua",
        "log_by_lua",
        "lua_",
        "modsecurity",
        "more_",
        "naxsi_",
        "pagespeed",
        "passenger_",
        "preread_by_lua",
        "rewrite_by_lua",
        "server_rewrite_by_lua",
        "set_by_lua",
        "ssl_certificate_by_lua",
        "vhost_traffic_status",
    };
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view begin) { return name.starts_with(begin); });
}

/// A part of the file's name of every module that either defines no variables by itself or has
/// them in the table.
bool is_known_module(std::string_view path) {
    constexpr std::array<std::string_view, 25> parts = {
        "acme",          "auth_pam",      "brotli",
        "cache_purge",   "dav_ext",       "echo",
        "fancyindex",    "geoip",         "headers_more",
        "image_filter",  "lua",           "modsecurity",
        "nchan",         "ndk_http",      "ngx_http_js",
        "ngx_mail",      "ngx_stream_js", "ngx_stream_module",
        "otel",          "perl",          "subs_filter",
        "upstream_fair", "vhost_traffic", "xslt",
        "zstd",
    };
    const std::string_view file = path.substr(path.rfind('/') + 1);
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
        return file.find(part) != std::string_view::npos;
    });
}

/// Whether the file's name says that some program makes a configuration of it.
bool is_template_file(std::string_view path) {
    constexpr std::array<std::string_view, 8> endings = {".template", ".tmpl", ".tpl", ".j2",
                                                         ".jinja",    ".erb",  ".in",  ".epp"};
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

Variables::Variables(const Config& config, const Directive& block, World world, RegexTable& regexes)
    : config_(config), block_(block), world_(world), table_(regexes) {
    complete_ = !config.is_fragment() && !is_template_file(config.path()) &&
                std::all_of(config.trees().begin(), config.trees().end(),
                            [](const SyntaxTree& tree) { return tree.errors().empty(); }) &&
                std::all_of(config.include_problems().begin(), config.include_problems().end(),
                            [](const IncludeProblem& problem) {
                                return problem.kind == IncludeProblem::Kind::unreadable;
                            });
    check_modules(config.main());
    visit();
}

bool Variables::defines(std::string_view name) const {
    return defined_.contains(lower_case(name));
}

void Variables::check_modules(const Directive& main) {
    knows_modules_ = !main.opaque;
    for (const Directive* load : main.all(DirectiveId::load_module)) {
        if (!is_known_module(load->arg(0))) complete_ = false;
    }
}

void Variables::visit() {
    complete_ = complete_ && !block_.opaque;
    std::uint32_t skipped = 0;  // up to this position
    for (const Directive* each : config_.index().inside(block_)) {
        if (each->position < skipped) continue;
        if (each->id == DirectiveId::unknown && !each->is_row) {
            complete_ = complete_ && is_of_known_module(each->name());
            visit_unknown(*each);
            skipped = each->end;
            continue;
        }
        complete_ = complete_ && !each->opaque;
        add_places(*each);
        add_regexes(*each);
    }
}

/// What a directive of another module names, it may define: `set_by_lua $name`, and the lines of
/// `geoip2`.
void Variables::visit_unknown(const Directive& directive) {
    const auto mention = [this](std::string_view text) {
        for (const VariableUse& use : variables_in(text)) defined_.insert(lower_case(use.name));
    };
    mention(directive.name());
    for (const Word& word : directive.args()) mention(word.text);
    for (const Directive* child : directive.children) visit_unknown(*child);
}

/// Whether it is the first time that its statement is met.
bool Variables::is_new(const Directive& directive) {
    return !config_.may_recur(directive) || seen_.insert(directive.statement).second;
}

void Variables::add_places(const Directive& directive) {
    // Without any of these there is nothing that is or defines a variable.
    const bool memcached = directive.id == DirectiveId::memcached_pass && world_ == World::http;
    const bool may_have = directive.marks.has(Marks::dollar | Marks::sign | Marks::underscore);
    if (!may_have && !memcached) return;
    places_.clear();
    add_variable_places(directive, world_, places_);
    if (places_.empty() && !memcached) return;
    const bool is_used = is_compiled(directive);
    if (is_used && !is_new(directive)) return;
    if (is_used && memcached) {
        const Word& name = directive.statement->name;
        use(directive, {&name, name.text}, "memcached_key", 0, name.text.size());
    }
    for (const VariablePlace& found : places_) add_place(directive, found, is_used);
}

/// `is_used`: whether nginx looks at the values of the directive at all.
void Variables::add_place(const Directive& directive, const VariablePlace& found, bool is_used) {
    using Role = VariablePlace::Role;
    const PlacedText& place = found.place;
    if (place.word->marks.may_hold_placeholder() && holds_template(place.text)) {
        if (is_used && found.role == Role::definition) complete_ = false;
        return;
    }
    if (found.role == Role::definition) {
        if (is_used) define(directive, place);
        return;
    }
    if (found.role == Role::index) {
        const bool is_name = place.text.size() > 1 && place.text[0] == '$';
        if (is_used && is_name) {
            use(directive, place, place.text.substr(1), 0, place.text.size());
        }
        return;
    }
    const bool log = found.role == Role::log_format;
    compile_script(place.text, log ? ScriptKind::log_format : ScriptKind::value, script_);
    if (!script_.error.empty()) broken_scripts_.push_back({&directive, place, script_});
    if (!is_used) return;
    for (const VariableUse& each : script_.variables) {
        if (log || !is_capture(each.name)) use(directive, place, each.name, each.begin, each.end);
    }
}

void Variables::use(const Directive& directive, const PlacedText& place, std::string_view name,
                    std::size_t begin, std::size_t end) {
    const auto [known, is_new] = by_text_.try_emplace(name, nullptr);
    if (is_new) {
        used_names_.push_back({name, lower_case(name), find_variable(name, world_)});
        known->second = &used_names_.back();
    }
    const auto offset = static_cast<std::size_t>(place.text.data() - place.word->text.data());
    uses_.push_back({&directive, place.word, known->second,
                     static_cast<std::uint32_t>(offset + begin),
                     static_cast<std::uint32_t>(offset + end)});
}

void Variables::define(const Directive& directive, const PlacedText& place) {
    if (!place.text.starts_with('$') || place.text.size() < 2) return;
    const std::string_view name = place.text.substr(1);
    defined_.insert(lower_case(name));
    definitions_.push_back(
        {&directive, std::string(name), place.span(0, place.text.size()), false});
}

void Variables::add_regexes(const Directive& directive) {
    regex_places_.clear();
    add_regex_places(directive, world_, regex_places_);
    for (const RegexPlace& place : regex_places_) {
        const Word* word = place.pattern.word;
        if (config_.may_recur(directive) && !seen_patterns_.insert(word).second) continue;
        const std::string_view pattern = place.pattern.text;
        const Regex* regex = pattern.empty() ? nullptr : &table_.compile(pattern, place.caseless);
        regexes_.push_back({&directive, place, regex});
        if (place.names_variables && regex != nullptr) add_captures(regexes_.back());
    }
}

void Variables::add_captures(const PlacedRegex& found) {
    const std::string_view pattern = found.place.pattern.text;
    const bool is_new = captured_.insert(found.regex).second;
    for (const std::string& name : found.regex->names()) {
        if (is_new) defined_.insert(lower_case(name));
        std::size_t at = pattern.find('<' + name + '>');
        at = at == std::string_view::npos ? pattern.find(name) : at + 1;
        definitions_.push_back(
            {found.directive, name, found.place.pattern.span(at, at + name.size()), true});
    }
}

/// Whether nginx compiles the values of the directive. What stands in http may be for nobody.
bool Variables::is_compiled(const Directive& directive) {
    if (!is_compiled_at_merge(directive.id)) return true;
    if (directive.parent->id == DirectiveId::server) return serves(directive, *directive.parent);
    if (directive.parent != &block_) return true;
    const auto [known, is_new] = is_inherited_.try_emplace(directive.id, false);
    if (is_new) {
        const auto servers = block_.all(DirectiveId::server);
        known->second = std::any_of(servers.begin(), servers.end(), [&](const Directive* server) {
            return server->all(directive.id).empty() && serves(directive, *server);
        });
    }
    return known->second;
}

/// A certificate's name is compiled together with its key's, and in stream only where TLS is spoken
/// (ngx_http_ssl_compile_certificates, ngx_stream_ssl_compile_certificates).
bool Variables::serves(const Directive& directive, const Directive& server) const {
    constexpr std::array<DirectiveId, 2> pair = {DirectiveId::ssl_certificate,
                                                 DirectiveId::ssl_certificate_key};
    if (std::find(pair.begin(), pair.end(), directive.id) == pair.end()) return true;
    for (const DirectiveId id : pair) {
        if (server.all(id).empty() && block_.all(id).empty()) return false;
    }
    if (world_ == World::http) return true;
    const auto listens = server.all(DirectiveId::listen);
    return std::any_of(listens.begin(), listens.end(), [](const Directive* each) {
        return std::any_of(each->args().begin(), each->args().end(),
                           [](const Word& word) { return word.text == "ssl"; });
    });
}

AllVariables::AllVariables(const Config& config) {
    const Directive& main = config.main();
    for (const Directive* block : main.all(DirectiveId::http)) {
        blocks_.emplace_back(config, *block, World::http, regexes_);
    }
    for (const Directive* block : main.all(DirectiveId::stream)) {
        blocks_.emplace_back(config, *block, World::stream, regexes_);
    }
}

}  // namespace gatelint
