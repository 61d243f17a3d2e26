#include "model/server_names.hpp"

namespace gatelint {

ServerNames::ServerNames(std::span<const Server* const> servers, const Server* default_server)
    : default_server_(default_server) {
    for (const Server* server : servers) {
        if (is_known_) add(*server);
    }
}

void ServerNames::add(const Server& server) {
    is_known_ = !server.directive->opaque;
    for (const Directive* names : server.directive->all(DirectiveId::server_name)) {
        for (const Word& word : names->args()) {
            // A variable is the name of nginx's host.
            const bool is_literal =
                word.text.starts_with('~') || word.text.find('$') == std::string_view::npos;
            is_known_ = is_known_ && is_literal && !word.is_unknown();
            if (!is_known_) return;
            add_name(word, server);
        }
    }
}

/// A name belongs to the first server that has it (ngx_http_server_names).
void ServerNames::add_name(const Word& word, const Server& server) {
    const std::string_view text = word.text;
    if (text.starts_with('~')) {
        has_regex_ = true;
    } else if (text.starts_with("*.")) {
        heads_.emplace(text.substr(1), &server);
    } else if (text.ends_with(".*")) {
        tails_.emplace(text.substr(0, text.size() - 1), &server);
    } else if (text.starts_with('.')) {
        exact_.emplace(text.substr(1), &server);
        heads_.emplace(text, &server);
    } else {
        exact_.emplace(text, &server);
    }
}

const Server* ServerNames::find(const Names& names, std::string_view name) {
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
}

const Server* ServerNames::server_for(std::string_view name) const {
    if (name.empty()) return default_server_;
    if (const Server* server = find(exact_, name)) return server;
    if (!is_known_) return nullptr;
    if (const Server* server = find_by_wildcard(name)) return server;
    return has_regex_ ? nullptr : default_server_;
}

const Server* ServerNames::find_by_wildcard(std::string_view name) const {
    for (std::size_t dot = name.find('.', 1); dot != std::string_view::npos;
         dot = name.find('.', dot + 1)) {
        if (const Server* server = find(heads_, name.substr(dot))) return server;
    }
    for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot != 0;
         dot = name.rfind('.', dot - 1)) {
        if (const Server* server = find(tails_, name.substr(0, dot + 1))) return server;
    }
    return nullptr;
}

}  // namespace gatelint
