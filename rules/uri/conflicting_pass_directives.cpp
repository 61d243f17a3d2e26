#include <array>
#include <vector>

#include "rule.hpp"

namespace gatelint::rules::conflicting_pass_directives {

namespace {

/// Directives that take the whole answer of a location upon them (clcf->handler).
bool is_content_handler(DirectiveId id) {
    using enum DirectiveId;
    constexpr std::array<DirectiveId, 13> handlers = {
        proxy_pass,  fastcgi_pass, uwsgi_pass, scgi_pass, grpc_pass, memcached_pass,
        tunnel_pass, stub_status,  empty_gif,  flv,       mp4,       js_content,
        perl};
    return is_among(id, handlers);
}

std::vector<const Directive*> handlers_of(const Directive& block) {
    std::vector<const Directive*> handlers;
    for (const Directive* child : block.children) {
        if (is_content_handler(child->id)) handlers.push_back(child);
    }
    return handlers;
}

/// Whether all requests are answered before any handler is asked.
bool returns(const Directive& block) {
    return !block.all(DirectiveId::return_).empty();
}

void check_block(const Pass& pass, Report& report) {
    const Directive& block = pass.level();
    if (returns(block)) return;
    const std::vector<const Directive*> handlers = handlers_of(block);
    if (handlers.size() < 2) return;
    const Directive& winner = *handlers.back();
    for (const Directive* handler : handlers) {
        // Of the same kind twice: nginx refuses the second as a duplicate.
        if (handler->id == winner.id) continue;
        report(*handler, handler->span(), "{} has no effect: {} answers {}", handler->name(),
               winner.name(), requests_to(pass))
            .note(winner.span(), "the last handler in a location wins");
    }
}

void check(const Subject& subject, Report& report) {
    const Directive* last = nullptr;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream || &pass.level() == last) continue;
        last = &pass.level();
        check_block(pass, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "conflicting-pass-directives",
    .family = Family::uri,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a location has two content handlers, and the first has no effect",
    .why = R"(A location has a single content handler. Each of proxy_pass, fastcgi_pass,
uwsgi_pass, scgi_pass, grpc_pass, memcached_pass, stub_status, empty_gif and the like sets it, and
the last one silently wins. The others get no requests, and if the last one names a backend of
another protocol, requests get 502:

    upstream sent unsupported FastCGI protocol version: 72 while reading response header from
    upstream

A pass inside `if`, `limit_except` or a nested location does not conflict: it applies there only.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
    .check = check,
};

}  // namespace gatelint::rules::conflicting_pass_directives
