#include "config/context.hpp"

#include <algorithm>
#include <array>

#include "source/file_reader.hpp"

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

/// A block that a context may name.
struct Place {
    DirectiveId block;
    std::uint16_t within;              ///< the contexts in which it may stand
    std::uint16_t inside;              ///< the context that it makes
    std::vector<DirectiveId> usually;  ///< around it where nothing else is said
};

const std::vector<Place>& places() {
    using enum DirectiveId;
    static const std::vector<Place> all = {
        {events, in_main, in_events, {}},
        {http, in_main, in_http, {}},
        {stream, in_main, in_stream, {}},
        {mail, in_main, in_mail, {}},
        {server, in_http, in_server, {http}},
        {server, in_stream, in_stream_server, {stream}},
        {server, in_mail, in_mail_server, {mail}},
        {location, in_server | in_location, in_location, {http, server}},
        {upstream, in_http, in_upstream, {http}},
        {upstream, in_stream, in_stream_upstream, {stream}},
        {if_, in_location, in_if_in_location, {http, server, location}},
        {if_, in_server, in_if_in_server, {http, server}},
        {limit_except, in_location, in_limit_except, {http, server, location}},
        {map, in_http | in_stream, 0, {http}},
        {geo, in_http | in_stream, 0, {http}},
        {split_clients, in_http | in_stream, 0, {http}},
        {types, in_http | in_server | in_location, 0, {http}},
    };
    return all;
}

const Place* find_place(std::string_view name, std::uint16_t within) {
    const auto found = std::find_if(places().begin(), places().end(), [&](const Place& place) {
        return name_of(place.block) == name && (place.within & within) != 0;
    });
    return found == places().end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::optional<std::vector<DirectiveId>> parse_context(std::string_view text) {
    std::vector<DirectiveId> blocks;
    std::uint16_t within = in_main;
    for (bool first = true; first || !text.empty(); first = false) {
        const std::size_t comma = text.find(',');
        const std::string_view name = trimmed(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        if (comma != std::string_view::npos && text.empty()) return std::nullopt;
        if (first && name == "main") continue;
        constexpr std::uint16_t anywhere = 0xffff;
        const Place* place = find_place(name, blocks.empty() && first ? anywhere : within);
        if (place == nullptr) return std::nullopt;
        if (first) blocks = place->usually;
        blocks.push_back(place->block);
        within = place->inside;
    }
    return blocks;
}

std::string context_names() {
    return "main, events, http, server, location, upstream, if, limit_except, map, geo, "
           "split_clients, types, stream, mail, or several from the outermost to the innermost, "
           "such as stream,server";
}

std::optional<WrittenContext> written_context(const SyntaxTree& tree, const Sources& sources) {
    const auto statements = tree.statements();
    for (const Span comment : tree.comments()) {
        if (!statements.empty() && comment.begin > statements.front().span.begin) break;
        std::string_view text = sources.text(comment);
        text.remove_prefix(std::min(text.find_first_not_of('#'), text.size()));
        text = trimmed(text);
        for (const std::string_view part : {"gatelint:", "context="}) {
            const bool fits = text.starts_with(part);
            text = fits ? trimmed(text.substr(part.size())) : std::string_view();
        }
        text = trimmed(text.substr(0, text.find(" --")));  // a reason may follow
        if (!text.empty()) return WrittenContext{text, parse_context(text)};
    }
    return std::nullopt;
}

bool is_main_file(std::string_view path, std::span<const Statement> statements) {
    const bool has_events =
        std::any_of(statements.begin(), statements.end(), [](const Statement& statement) {
            return statement.has_block && directive_id(statement.name.text) == DirectiveId::events;
        });
    if (has_events || base_name(path) != "nginx.conf") return has_events;
    return infer_context(statements).value_or(std::vector<DirectiveId>()).empty();
}

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
