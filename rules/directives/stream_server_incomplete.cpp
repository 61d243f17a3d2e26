#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::stream_server_incomplete {

namespace {

/// From here on a server without a handler is accepted, and closes its connections.
constexpr Version handler_is_optional{1, 27, 1};

bool has_handler(const Directive& server) {
    return std::any_of(server.children.begin(), server.children.end(), [](const Directive* child) {
        // A module's directive may be a handler too.
        return child->id == DirectiveId::proxy_pass || child->id == DirectiveId::return_ ||
               child->id == DirectiveId::pass || child->id == DirectiveId::unknown ||
               forms_of(child->id).front().edition != Edition::open_source;
    });
}

void check(const Subject& subject, Report& report) {
    for (const Server& server : subject.model.servers()) {
        const Directive& block = *server.directive;
        if (!server.stream || block.opaque) continue;
        if (block.all(DirectiveId::listen).empty()) {
            report(block, block.span(), "this stream server has no listen")
                .refused("no \"listen\" is defined for server");
        } else if (!has_handler(block) &&
                   (!subject.nginx.version || *subject.nginx.version < handler_is_optional)) {
            Draft draft =
                report(block, block.span(), "this stream server has neither proxy_pass nor return");
            if (subject.nginx.version) {
                draft.refused("no handler for server");
            } else {
                draft.severity(Severity::warning)
                    .note(
                        "nginx before 1.27.1 refuses to start; later versions close the "
                        "connections");
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "stream-server-incomplete",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a stream server without listen, or without a handler",
    .why =
        R"(A server in `http` listens on port 80 by default; one in `stream` must have a
`listen`. It must also handle its connections: `proxy_pass`, `return` or `pass`. Without a
handler, nginx before 1.27.1 refuses to start, and later versions close connections at once:

    no handler for server

The usual cause is an http server that was put into `stream`.)",
    .reference = "https://nginx.org/en/docs/stream/ngx_stream_core_module.html#server",
    .check = check,
};

}  // namespace gatelint::rules::stream_server_incomplete
