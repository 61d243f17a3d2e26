#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "rule.hpp"

namespace gatelint::rules::error_page_named_undefined {

namespace {

using Names = std::set<std::string_view>;

/// Which requests reach the name.
std::string_view consequence(const Directive& directive) {
    switch (directive.id) {
        case DirectiveId::error_page:
            return "requests with this error get 500";
        case DirectiveId::try_files:
            return "requests for which no file is found get 500";
        default:
            return "nginx logs an error after each request";
    }
}

class NamedLocations {
  public:
    NamedLocations(const Subject& subject, Report& report) : subject_(subject), report_(report) {
        for (const Location& location : subject.model.locations()) {
            if (location.modifier != Location::Modifier::named || location.outer != nullptr)
                continue;
            names_[location.server->directive].insert(location.pattern);
        }
    }

    void check() {
        constexpr std::array<DirectiveId, 3> ids = {DirectiveId::error_page, DirectiveId::try_files,
                                                    DirectiveId::post_action};
        for (const Directive* directive : subject_.config.index().all(ids)) check(*directive);
        for (const Directive* http : subject_.config.main().all(DirectiveId::http)) {
            check_http(*http);
        }
    }

  private:
    void check(const Directive& directive) {
        const Word* word = name_in(directive);
        if (word == nullptr) return;
        const Directive* server = server_of(directive);
        if (server == nullptr || server->opaque || defines(*server, word->text)) return;
        report(directive, *word, *server);
    }

    /// The server of http around a directive, or null.
    static const Directive* server_of(const Directive& directive) {
        const Directive* block = directive.parent;
        while (block != nullptr && block->context != in_http) block = block->parent;
        return block != nullptr && block->id == DirectiveId::server ? block : nullptr;
    }

    /// What is written in http concerns the servers that have no error_page of their own.
    void check_http(const Directive& http) {
        std::vector<const Directive*> heirs;
        std::unordered_map<std::string_view, std::size_t> defined;  ///< in how many of them
        for (const Directive* server : http.all(DirectiveId::server)) {
            if (server->opaque || server->last(DirectiveId::error_page) != nullptr) continue;
            heirs.push_back(server);
            const auto found = names_.find(server);
            if (found == names_.end()) continue;
            for (const std::string_view name : found->second) ++defined[name];
        }
        for (const Directive* directive : http.all(DirectiveId::error_page)) {
            const Word* word = name_in(*directive);
            if (word == nullptr || defined[word->text] == heirs.size()) continue;
            const auto lacking = std::find_if(
                heirs.begin(), heirs.end(),
                [&](const Directive* server) { return !defines(*server, word->text); });
            report(*directive, *word, **lacking);
        }
    }

    bool defines(const Directive& server, std::string_view name) const {
        const auto found = names_.find(&server);
        return found != names_.end() && found->second.contains(name);
    }

    /// The argument that names a named location, where it does.
    static const Word* name_in(const Directive& directive) {
        const std::size_t least = directive.id == DirectiveId::post_action ? 1 : 2;
        if (directive.args().size() < least) return nullptr;
        const Word& word = directive.args().back();
        if (word.text.size() < 2 || word.text.front() != '@') return nullptr;
        const bool literal =
            word.text.find('$') == std::string_view::npos && !has_placeholder(word.text.substr(1));
        return literal ? &word : nullptr;
    }

    std::string_view nearest(const Directive& server, std::string_view name) const {
        constexpr std::size_t most = 100;  // to compare with all of them would be quadratic
        const auto found = names_.find(&server);
        if (found == names_.end() || found->second.size() > most) return {};
        for (const std::string_view other : found->second) {
            if (edit_distance(other, name, 2) <= 2) return other;
        }
        return {};
    }

    void report(const Directive& directive, const Word& word, const Directive& server) {
        const bool inherited = directive.parent->id == DirectiveId::http;
        Draft draft = report_(directive, word.span, "\"location {}\" is not defined in {}: {}",
                              word.text, inherited ? "a server that inherits this" : "this server",
                              consequence(directive));
        if (directive.id == DirectiveId::post_action) draft.severity(Severity::warning);
        draft.note(server.span(), "nginx only looks for named locations in this server block");
        draft.note("nginx logs: could not find named location \"{}\"", word.text);
        const std::string_view meant = nearest(server, word.text);
        if (meant.empty()) return;
        draft.fix(Applicability::unsafe, fmt::format("use {}", meant),
                  {Report::replace(word.span, std::string(meant))});
    }

    const Subject& subject_;
    Report& report_;
    std::unordered_map<const Directive*, Names> names_;  ///< by server
};

void check(const Subject& subject, Report& report) {
    NamedLocations(subject, report).check();
}

}  // namespace

extern constinit const Rule rule{
    .id = "error-page-named-undefined",
    .family = Family::fallback,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a named location that the server does not define",
    .why =
        R"(`error_page 502 @maintenance` and `try_files $uri @app` send the request to a named
location of the same server. nginx does not check at startup whether that location exists, but
only when a request needs it. If it does not, the client gets 500, even in place of the 404 or 502
that led there:

    could not find named location "@app"

Named locations belong directly in a `server` block, and each server has its own: an `error_page`
in `http` needs the location in every server that inherits it.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page",
    .check = check,
};

}  // namespace gatelint::rules::error_page_named_undefined
