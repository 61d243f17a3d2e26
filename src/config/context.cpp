#include "config/context.hpp"

#include <algorithm>

namespace gatelint {

namespace {

struct Candidate {
    Contexts context;
    std::vector<DirectiveId> blocks;
};

/// In the order of preference, for files that several contexts would take.
const std::vector<Candidate>& candidates() {
    using enum DirectiveId;
    static const std::vector<Candidate> all = {
        {in_http, {http}},
        {in_server, {http, server}},
        {in_location, {http, server, location}},
        {in_upstream, {http, upstream}},
        {in_stream, {stream}},
        {in_stream_server, {stream, server}},
        {in_mail, {mail}},
        {in_mail_server, {mail, server}},
    };
    return all;
}

/// Where the statement may stand. `server` is two directives: a block, and a member of a group.
std::uint16_t contexts_of(const Statement& statement, DirectiveId id) {
    const std::uint16_t contexts = contexts_of(id);
    constexpr std::uint16_t groups = in_upstream | in_stream_upstream;
    if (id != DirectiveId::server) return contexts;
    return static_cast<std::uint16_t>(statement.has_block ? contexts & ~groups : contexts & groups);
}

/// A server that passes without a location is one of stream.
bool is_stream_server(const Statement& statement) {
    return directive_id(statement.name.text) == DirectiveId::server &&
           std::any_of(statement.block.begin(), statement.block.end(), [](const Statement& inner) {
               return directive_id(inner.name.text) == DirectiveId::proxy_pass;
           });
}

}  // namespace

std::optional<std::vector<DirectiveId>> infer_context(std::span<const Statement> statements) {
    constexpr std::uint16_t all_contexts = 0xffff;
    std::uint16_t allowed = all_contexts;
    bool stream = false;
    for (const Statement& statement : statements) {
        const DirectiveId id = directive_id(statement.name.text);
        if (id == DirectiveId::unknown || id == DirectiveId::include) continue;
        if (contexts_of(id) == in_main) return std::vector<DirectiveId>();
        allowed &= contexts_of(statement, id);
        stream = stream || is_stream_server(statement);
    }
    if (allowed == all_contexts) return std::nullopt;
    if ((allowed & in_main) != 0) return std::vector<DirectiveId>();
    if (stream && (allowed & in_stream) != 0) return std::vector{DirectiveId::stream};
    for (const Candidate& candidate : candidates()) {
        if ((allowed & candidate.context) != 0) return candidate.blocks;
    }
    return std::vector{DirectiveId::http};  // of several levels: a paste of examples
}

}  // namespace gatelint
