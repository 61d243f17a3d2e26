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
            report(block, block.span(), "this server of stream listens nowhere: it has no listen")
                .refused("no \"listen\" is defined for server");
        } else if (!has_handler(block) &&
                   (!subject.nginx.version || *subject.nginx.version < handler_is_optional)) {
            Draft draft = report(block, block.span(),
                                 "this server of stream does nothing with its connections: it has "
                                 "neither proxy_pass nor return");
            if (subject.nginx.version) {
                draft.refused("no handler for server");
            } else {
                draft.severity(Severity::warning)
                    .note("nginx before 1.27.1 refuses to start; later ones close the connections");
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
    .summary = "a server of stream without listen, or without anything to do",
    .why =
        R"(A server of `http` listens on port 80 if nobody says where; one of `stream` must say it. And
it must do something with its connections: `proxy_pass`, `return`, `pass`. Before 1.27.1 nginx refuses one
that does nothing, later versions close its connections at once:

    no handler for server

The usual cause is a server of `http` that was put into `stream`.)",
    .reference = "https://nginx.org/en/docs/stream/ngx_stream_core_module.html#server",
    .check = check,
};

}  // namespace gatelint::rules::stream_server_incomplete
