#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "rule.hpp"

namespace gatelint::rules::template_placeholder_unresolved {

namespace {

/// A word that holds an address, and what nginx does with it.
struct AddressWord {
    enum class Role { pass, member, listen, name };

    const Directive* directive;
    const Word* word;
    Role role;
    bool takes_variables = false;
};

/// Those that may hold something to be filled in; in templates all, as their text is filled in by
/// now.
std::vector<AddressWord> address_words(const Model& model, bool has_templates) {
    using Role = AddressWord::Role;
    std::vector<AddressWord> words;
    const auto add = [&](const AddressWord& address) {
        const Marks marks = address.word->marks;
        const bool is_plain = !marks.has(Marks::dollar) && !marks.may_hold_placeholder();
        if (has_templates || !is_plain) words.push_back(address);
    };
    const auto add_first = [&](const Directive& directive, Role role, bool variables) {
        if (!directive.args().empty()) {
            add({&directive, &directive.args().front(), role, variables});
        }
    };
    for (const Pass& pass : model.passes()) {
        add_first(*pass.directive, Role::pass, pass.directive->id != DirectiveId::memcached_pass);
    }
    for (const Upstream& group : model.upstreams()) {
        for (const Directive* member : group.directive->all(DirectiveId::server)) {
            add_first(*member, Role::member, false);
        }
    }
    for (const Server& server : model.servers()) {
        for (const Directive* listen : server.directive->all(DirectiveId::listen)) {
            add_first(*listen, Role::listen, false);
        }
        for (const Directive* names : server.directive->all(DirectiveId::server_name)) {
            for (const Word& word : names->args()) add({names, &word, Role::name});
        }
    }
    return words;
}

/// Something in a text that was to be replaced: `${NAME}`, `@@NAME@@`, `__NAME__`.
struct Unfilled {
    std::string_view text;
    std::string_view name;
    std::size_t begin;
    bool has_dollar = false;
    bool has_default = false;
};

bool is_name(std::string_view text) {
    return !text.empty() && text.front() != '_' && text.back() != '_' &&
           std::all_of(text.begin(), text.end(), [](char byte) {
               return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                      (byte >= '0' && byte <= '9') || byte == '_';
           });
}

std::optional<Unfilled> find_between(std::string_view text, std::string_view mark) {
    const std::size_t begin = text.find(mark);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t inner = begin + mark.size();
    const std::size_t end = text.find(mark, inner);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(inner, end - inner);
    if (!is_name(name)) return std::nullopt;
    return Unfilled{text.substr(begin, end + mark.size() - begin), name, begin};
}

std::optional<Unfilled> find_unfilled(std::string_view text, AddressWord::Role role) {
    const std::vector<Placeholder> found = placeholders_in(text, {});
    if (!found.empty()) {
        const Placeholder& first = found.front();
        return Unfilled{text.substr(first.begin, first.end - first.begin), first.name, first.begin,
                        true, first.has_default};
    }
    // As a server's name `__default__` may be meant as it is written.
    if (const auto at = find_between(text, "@@")) return at;
    return role == AddressWord::Role::name ? std::nullopt : find_between(text, "__");
}

/// Variables of nginx that some people write in capitals: it does not mind.
bool is_of_nginx(const std::string& name) {
    constexpr std::array<std::string_view, 20> names = {
        "args",        "arg",         "document_root", "document_uri",   "host",
        "hostname",    "is_args",     "proxy_host",    "proxy_port",     "query_string",
        "remote_addr", "remote_port", "remote_user",   "request_method", "request_uri",
        "scheme",      "server_addr", "server_name",   "server_port",    "uri"};
    constexpr std::array<std::string_view, 10> families = {
        "arg_", "cookie_", "geoip",   "http_",     "jwt_",
        "sent", "ssl_",    "tcpinfo", "upstream_", "proxy_protocol_"};
    return std::find(names.begin(), names.end(), name) != names.end() ||
           std::any_of(families.begin(), families.end(),
                       [&name](std::string_view family) { return name.starts_with(family); });
}

/// Whether a directive defines variables: `set`, `map`, `auth_request_set` and the like, those of
/// other modules too.
bool defines_variables(const Directive& directive) {
    constexpr std::array<std::string_view, 5> names = {"set", "map", "geo", "split_clients",
                                                       "keyval"};
    return directive.id == DirectiveId::unknown || directive.name().ends_with("_set") ||
           std::find(names.begin(), names.end(), directive.name()) != names.end();
}

/// What may define variables, in lower case: collected only where somebody asks.
class Definitions {
  public:
    explicit Definitions(const Config& config) : config_(config) {}

    /// Whether anything defines the variable, a named capture of a pattern too.
    bool contains(const std::string& name) {
        if (!std::exchange(is_read_, true)) read();
        if (names_.contains("$" + name)) return true;
        const std::string capture = "<" + name + ">";
        return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
            return pattern.find(capture) != std::string::npos;
        });
    }

  private:
    void read() {
        for (const Directive* directive : config_.index().inside(config_.main())) {
            const bool defines = defines_variables(*directive);
            for (const Word& word : directive->args()) {
                if (defines && word.text.starts_with('$')) names_.insert(lower_case(word.text));
                if (word.text.find('<') != std::string_view::npos) {
                    patterns_.insert(lower_case(word.text));
                }
            }
        }
    }

    const Config& config_;
    bool is_read_ = false;
    std::set<std::string> names_;
    std::set<std::string> patterns_;
};

/// What nginx says when it meets the word as it is; "" where it does not mind.
std::string refusal(const AddressWord& address, const Unfilled& unfilled) {
    using Role = AddressWord::Role;
    const std::string_view text = address.word->text;
    if (address.role == Role::name) return {};
    if (address.role == Role::pass) {
        if (!address.takes_variables || !unfilled.has_dollar) return {};
        if (unfilled.has_default) {
            return fmt::format("the closing bracket in \"{}\" variable is missing", unfilled.name);
        }
        return fmt::format("unknown \"{}\" variable", lower_case(unfilled.name));
    }
    if (text.starts_with("unix:")) return {};
    // As ngx_parse_inet_url() goes about it: what follows the first colon is a port.
    const std::size_t host_end = text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0;
    const std::size_t colon = text.find(':', host_end);
    const bool bad_port =
        colon != std::string_view::npos && !parse_number(text.substr(colon + 1)).has_value();
    const std::string_view what = bad_port ? "invalid port" : "host not found";
    if (address.role == Role::listen) {
        return fmt::format("{} in \"{}\" of the \"listen\" directive", what, text);
    }
    return fmt::format("{} in upstream \"{}\"", what, text);
}

class Check {
  public:
    Check(const Subject& subject, Report& report)
        : subject_(subject), report_(report), definitions_(subject.config) {
        for (const SyntaxTree& tree : subject.config.trees()) trees_[tree.source()] = &tree;
        for (const EnvsubstCall& call : subject.surroundings.template_fillers().calls) {
            if (!call.template_text.known()) continue;
            filled_in_.insert(report.text(call.template_text));
        }
    }

    void run() {
        const auto& trees = subject_.config.trees();
        const bool has_templates = std::any_of(
            trees.begin(), trees.end(),
            [](const SyntaxTree& tree) { return tree.is_template() != SyntaxTree::Template::no; });
        for (const AddressWord& address : address_words(subject_.model, has_templates)) {
            check_word(address);
        }
        if (has_templates) check_tags();
    }

  private:
    const SyntaxTree* tree_of(Span span) const {
        const auto found = trees_.find(span.source);
        return found == trees_.end() ? nullptr : found->second;
    }

    /// A template that a configuration, which is none, includes by its own name: nginx reads it
    /// before anybody filled it in.
    bool is_read_as_it_is(const Directive& directive) const {
        if (directive.include == nullptr) return false;
        const SyntaxTree* includer = tree_of(directive.include->span());
        return includer != nullptr && includer->is_template() == SyntaxTree::Template::no;
    }

    void check_word(const AddressWord& address) {
        const SyntaxTree* tree = tree_of(address.word->span);
        if (tree == nullptr || tree->has_alternatives()) return;
        switch (tree->is_template()) {
            case SyntaxTree::Template::by_content:
                return;  // it has a finding for its tags
            case SyntaxTree::Template::by_name:
                if (!is_read_as_it_is(*address.directive)) {
                    check_values(address);
                    return;
                }
                break;
            case SyntaxTree::Template::no:
                break;
        }
        check_unfilled(address);
    }

    /// In a template: what is known to be filled in wrongly.
    void check_values(const AddressWord& address) {
        const Environment& environment = subject_.config.environment();
        const std::string_view written = report_.text(address.word->span);
        for (const Placeholder& each : placeholders_in(written, environment)) {
            const std::string_view text = written.substr(each.begin, each.end - each.begin);
            const Span span = part(address, each.begin, text.size());
            const Environment::Variable* variable = environment.find(each.name);
            if (each.has_default) {
                Draft draft =
                    report_(*address.directive, span,
                            "envsubst does not support defaults: {} stays as it is", text);
                draft.severity(Severity::warning);
                const std::string words = refusal(address, {text, each.name, 0, true, true});
                if (!words.empty()) draft.note("nginx then reports: {}", words);
                continue;
            }
            if (variable == nullptr || !variable->value.empty()) continue;
            const bool said = variable->origin == "--define";
            report_(*address.directive, span, "{} is replaced with nothing", text)
                .severity(said ? Severity::warning : Severity::note)
                .note("{} defines {} as empty", variable->origin, each.name);
        }
    }

    void check_unfilled(const AddressWord& address) {
        const std::string_view written = report_.text(address.word->span);
        const std::optional<Unfilled> unfilled = find_unfilled(written, address.role);
        if (!unfilled || has_filler(*unfilled, address.word->span.source)) return;
        const std::string name = lower_case(unfilled->name);
        const bool is_variable = address.takes_variables && unfilled->has_dollar;
        if (is_variable && !unfilled->has_default &&
            (is_of_nginx(name) || definitions_.contains(name))) {
            return;
        }
        const Span span = part(address, unfilled->begin, unfilled->text.size());
        Draft draft =
            is_variable
                ? report_(*address.directive, span,
                          "{} was not filled in: nginx treats it as one of its own variables",
                          unfilled->text)
                : report_(*address.directive, span, "{} was not filled in: nginx uses it literally",
                          unfilled->text);
        draft.severity(severity(address));
        const std::string words = refusal(address, *unfilled);
        if (!words.empty()) {
            draft.refused(words);
        } else if (address.role == AddressWord::Role::name) {
            draft.note("requests use another name, so they go to the default server");
        }
        if (unfilled->has_dollar) {
            draft.note(
                "nginx does not read environment variables; its official image fills in "
                "/etc/nginx/templates/*.template");
        }
    }

    Severity severity(const AddressWord& address) const {
        // Of a repository nobody knows what fills its files in before they are deployed.
        if (!subject_.surroundings.sees_whole_host()) return Severity::note;
        if (address.role == AddressWord::Role::name) return Severity::warning;
        bool all_seen = true;
        for (const Directive* at = address.directive; at != nullptr; at = at->parent) {
            all_seen = all_seen && !at->opaque;
        }
        return all_seen || !address.takes_variables ? Severity::error : Severity::warning;
    }

    /// Whether some command reads this file as a template, or a file around it knows the name.
    bool has_filler(const Unfilled& unfilled, SourceId source) const {
        const SyntaxTree& tree = *trees_.at(source);
        const TemplateFillers& fillers = subject_.surroundings.template_fillers();
        if (is_filled_in(tree)) return true;
        return !subject_.surroundings.sees_whole_host() &&
               fillers.names.find(unfilled.name) != fillers.names.end();
    }

    /// The command's own reading of the file is another source with the same text.
    bool is_filled_in(const SyntaxTree& tree) const {
        if (filled_in_.empty() || tree.statements().empty()) return false;
        const Span last = tree.statements().back().span;
        const std::string_view text = report_.text({tree.source(), 0, last.end});
        return std::any_of(filled_in_.begin(), filled_in_.end(),
                           [text](std::string_view filled) { return filled.starts_with(text); });
    }

    /// Files with tags that are no templates by name, or that are read as they are.
    void check_tags() {
        const Directive& top = subject_.config.main();
        for (const Directive* directive : subject_.config.index().inside(top)) {
            if (directive->include != nullptr) check_tags_of(*directive);
        }
        const SyntaxTree& main = subject_.config.trees().front();
        if (main.is_template() == SyntaxTree::Template::by_content) report_tags(main, top);
    }

    void check_tags_of(const Directive& directive) {
        const SyntaxTree* tree = tree_of(directive.statement->span);
        if (tree == nullptr || tree->is_template() == SyntaxTree::Template::no) return;
        if (!tree->first_tag().known()) return;
        const bool by_content = tree->is_template() == SyntaxTree::Template::by_content;
        if (by_content || is_read_as_it_is(directive)) report_tags(*tree, directive);
    }

    void report_tags(const SyntaxTree& tree, const Directive& where) {
        const std::string_view tag = report_.text(tree.first_tag());
        const bool host = subject_.surroundings.sees_whole_host();
        constexpr std::size_t short_enough = 40;
        const bool is_shown =
            tag.size() <= short_enough && tag.find('\n') == std::string_view::npos;
        Draft draft = report_(where, tree.first_tag(), "{} was not filled in: nginx {}",
                              is_shown ? tag : "this template",
                              tag.starts_with("<%") ? "uses it literally" : "rejects the file");
        if (host) {
            draft.note("nginx reads this file as it is: no program renders it");
        } else {
            draft.severity(Severity::note)
                .note(
                    "if a program renders it first, give it a name that says so, such as "
                    "nginx.conf.j2");
        }
    }

    static Span part(const AddressWord& address, std::size_t begin, std::size_t size) {
        const Span word = address.word->span;
        const auto at = word.begin + static_cast<std::uint32_t>(begin);
        return {word.source, at, at + static_cast<std::uint32_t>(size)};
    }

    const Subject& subject_;
    Report& report_;
    Definitions definitions_;
    std::map<SourceId, const SyntaxTree*> trees_;
    std::set<std::string_view> filled_in_;  ///< texts of the templates that some command reads
};

void check(const Subject& subject, Report& report) {
    Check(subject, report).run();
}

}  // namespace

extern constinit const Rule rule{
    .id = "template-placeholder-unresolved",
    .family = Family::syntax,
    .severity = Severity::error,
    .summary = "a placeholder in an address was not filled in",
    .why =
        R"(nginx does not read environment variables. `${BACKEND_HOST}` in a configuration is
one of nginx's own variables, and because nothing defines it, nginx refuses to start:

    unknown "backend_host" variable

In `listen` and in an upstream's `server`, nginx treats it as a name:
`host not found in "${PORT}" of the "listen" directive`. The same goes for `{{ host }}`,
`<%= host %>`, `@@HOST@@` and `__HOST__`: a program should have rendered the template and did not,
or the template was mounted in place of the configuration. The official image only fills in
`/etc/nginx/templates/*.template`.

Files with a template's name (`.template`, `.j2`, `.erb`, `.tmpl`, or in a directory `templates`)
are checked as templates: gatelint assumes nothing about values that it does not know. Values come
from `--define NAME=VALUE` and from a `.env` next to the configuration; gatelint reports a name
that is defined as empty, and a default that envsubst does not support (`${PORT:-80}`). In a
repository, it does not report a placeholder whose name is mentioned in a Dockerfile, compose file
or script.)",
    .reference = "https://hub.docker.com/_/nginx",
    .check = check,
};

}  // namespace gatelint::rules::template_placeholder_unresolved
