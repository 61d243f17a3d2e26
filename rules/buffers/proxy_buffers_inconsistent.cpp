#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::proxy_buffers_inconsistent {

namespace {

/// The five directives of one module.
struct Module {
    std::string_view prefix;
    DirectiveId buffer_size;
    DirectiveId buffers;
    DirectiveId busy_buffers_size;
    DirectiveId temp_file_write_size;
    DirectiveId max_temp_file_size;
};

using enum DirectiveId;
constexpr std::array<Module, 4> modules = {{
    {"proxy", proxy_buffer_size, proxy_buffers, proxy_busy_buffers_size, proxy_temp_file_write_size,
     proxy_max_temp_file_size},
    {"fastcgi", fastcgi_buffer_size, fastcgi_buffers, fastcgi_busy_buffers_size,
     fastcgi_temp_file_write_size, fastcgi_max_temp_file_size},
    {"uwsgi", uwsgi_buffer_size, uwsgi_buffers, uwsgi_busy_buffers_size, uwsgi_temp_file_write_size,
     uwsgi_max_temp_file_size},
    {"scgi", scgi_buffer_size, scgi_buffers, scgi_busy_buffers_size, scgi_temp_file_write_size,
     scgi_max_temp_file_size},
}};

/// A size that applies, and who wrote it (null: nginx's default).
struct Size {
    std::uint64_t value = 0;
    const Directive* written = nullptr;
};

/// What applies in one block.
struct Buffers {
    Size buffer_size;
    std::uint64_t number = 8;
    Size size;  ///< of one of the buffers
    Size busy;
    Size temp_file_write;
    Size max_temp_file;

    std::uint64_t largest() const { return std::max(buffer_size.value, size.value); }
    /// All buffers but one: what may be busy.
    std::uint64_t room() const { return (number - 1) * size.value; }
};

/// nginx's complaint, and the directive to point at.
struct Complaint {
    std::string nginx;
    std::string arithmetic;
    const Directive* culprit;
};

/// Nothing where a value is not known or not a size.
std::optional<Size> read_size(const Directive& block, DirectiveId id, std::uint64_t otherwise,
                              std::size_t argument = 0) {
    const Setting setting = effective(block, id);
    if (!setting.known) return std::nullopt;
    if (!setting.is_set()) return Size{otherwise, nullptr};
    const std::optional<std::uint64_t> value = parse_size(setting.last()->arg(argument));
    if (!value) return std::nullopt;
    return Size{*value, setting.last()};
}

/// As ngx_http_proxy_merge_loc_conf() and its twins compute it.
std::optional<Buffers> read_buffers(const Directive& block, const Module& module) {
    constexpr std::uint64_t default_max_temp_file = std::uint64_t{1024} * 1024 * 1024;
    const auto buffer_size = read_size(block, module.buffer_size, page_size);
    const auto size = read_size(block, module.buffers, page_size, 1);
    if (!buffer_size || !size) return std::nullopt;
    Buffers buffers;
    buffers.buffer_size = *buffer_size;
    buffers.size = *size;
    if (size->written != nullptr) {
        const auto number = parse_number(size->written->arg(0));
        if (!number) return std::nullopt;
        buffers.number = *number;
    }
    const std::uint64_t twice = 2 * buffers.largest();
    const auto busy = read_size(block, module.busy_buffers_size, twice);
    const auto write = read_size(block, module.temp_file_write_size, twice);
    const auto max = read_size(block, module.max_temp_file_size, default_max_temp_file);
    if (!busy || !write || !max) return std::nullopt;
    buffers.busy = *busy;
    buffers.temp_file_write = *write;
    buffers.max_temp_file = *max;
    return buffers;
}

/// How many blocks are around a directive.
std::size_t depth_of(const Directive* directive) {
    std::size_t depth = 0;
    for (; directive != nullptr; directive = directive->parent) ++depth;
    return depth;
}

/// The innermost of several directives: its author met the values of the others. Of those in one
/// block the first given.
const Directive* innermost(std::initializer_list<const Directive*> directives) {
    const Directive* best = nullptr;
    for (const Directive* directive : directives) {
        if (directive != nullptr && depth_of(directive) > depth_of(best)) best = directive;
    }
    return best;
}

std::string shown(const Size& size) {
    return size_text(size.value) + (size.written == nullptr ? " (default)" : "");
}

/// The conditions in nginx's order; it stops at the first.
std::optional<Complaint> complain(const Buffers& b, std::string_view prefix) {
    const auto name = [prefix](std::string_view rest) {
        return fmt::format("{}_{}", prefix, rest);
    };
    const std::string largest =
        fmt::format("the larger of {} {} and one of {} ({})", name("buffer_size"),
                    shown(b.buffer_size), name("buffers"), size_text(b.size.value));
    const std::string maximum =
        fmt::format("the maximum of the value of \"{}\" and one of the \"{}\"", name("buffer_size"),
                    name("buffers"));
    if (b.number < 2) {
        return Complaint{fmt::format("there must be at least 2 \"{}\"", name("buffers")),
                         fmt::format("but there is {}", b.number), b.size.written};
    }
    if (b.busy.value < b.largest()) {
        return Complaint{fmt::format("\"{}\" must be equal to or greater than {}",
                                     name("busy_buffers_size"), maximum),
                         fmt::format("{} is less than {}", shown(b.busy), largest),
                         innermost({b.busy.written, b.buffer_size.written, b.size.written})};
    }
    if (b.busy.value > b.room()) {
        const std::string busy =
            b.busy.written == nullptr
                ? fmt::format("{} defaults to twice {}: {}", name("busy_buffers_size"), largest,
                              size_text(b.busy.value))
                : fmt::format("{} is {}", name("busy_buffers_size"), size_text(b.busy.value));
        return Complaint{
            fmt::format("\"{}\" must be less than the size of all \"{}\" minus one buffer",
                        name("busy_buffers_size"), name("buffers")),
            fmt::format("{}; {} {} x {} leave {}", busy, name("buffers"), b.number, shown(b.size),
                        size_text(b.room())),
            innermost({b.busy.written, b.buffer_size.written, b.size.written})};
    }
    if (b.temp_file_write.value < b.largest()) {
        return Complaint{
            fmt::format("\"{}\" must be equal to or greater than {}", name("temp_file_write_size"),
                        maximum),
            fmt::format("{} is less than {}", shown(b.temp_file_write), largest),
            innermost({b.temp_file_write.written, b.buffer_size.written, b.size.written})};
    }
    if (b.max_temp_file.value != 0 && b.max_temp_file.value < b.largest()) {
        return Complaint{
            fmt::format("\"{}\" must be equal to zero to disable temporary files usage or must be "
                        "equal to or greater than {}",
                        name("max_temp_file_size"), maximum),
            fmt::format("{} is less than {}", shown(b.max_temp_file), largest),
            innermost({b.max_temp_file.written, b.buffer_size.written, b.size.written})};
    }
    return std::nullopt;
}

/// Buffers as large as the header's, where that is what is missing.
void offer_fix(const Buffers& b, const Module& module, const Directive& culprit,
               const Report& report, Draft& draft) {
    const std::uint64_t size = b.largest();
    const std::uint64_t busy = b.busy.written == nullptr ? 2 * size : b.busy.value;
    const std::uint64_t needed = (busy + size - 1) / size + 1;
    const std::uint64_t number = std::max(b.number, needed);
    const bool too_little_room = b.number >= 2 && b.busy.value >= size && b.busy.value > b.room();
    if (!too_little_room) return;
    const std::string words = fmt::format("{} {}", number, size_text(size));
    const Directive* buffers = b.size.written;
    if (buffers == nullptr) {
        draft.fix(
            Applicability::safe, "set the other buffers to the same size",
            {report.lines_after(culprit, {fmt::format("{}_buffers {};", module.prefix, words)})});
    } else if (buffers->parent == culprit.parent) {
        const Span span = cover(buffers->args().front().span, buffers->args().back().span);
        draft.fix(Applicability::safe, "make the other buffers large enough",
                  {Report::replace(span, words)});
    }
}

void check_block(const Directive& block, const Module& module, Report& report) {
    const std::optional<Buffers> buffers = read_buffers(block, module);
    if (!buffers) return;
    const std::optional<Complaint> complaint = complain(*buffers, module.prefix);
    if (!complaint || complaint->culprit == nullptr) return;
    const Directive& culprit = *complaint->culprit;
    Draft draft = report(culprit, culprit.span(), "nginx refuses to start: {}", complaint->nginx);
    draft.nginx(complaint->nginx);
    draft.note("{}", complaint->arithmetic);
    for (const Directive* other :
         {buffers->buffer_size.written, buffers->size.written, buffers->busy.written}) {
        if (other != nullptr && other != &culprit)
            draft.note(other->span(), "it conflicts with this value");
    }
    offer_fix(*buffers, module, culprit, report, draft);
}

/// Whether a block, or the whole configuration, has any of the module's directives.
template <typename Holder>
bool sets_any(const Holder& holder, const Module& module) {
    const auto ids = {module.buffer_size, module.buffers, module.busy_buffers_size,
                      module.temp_file_write_size, module.max_temp_file_size};
    return std::any_of(ids.begin(), ids.end(),
                       [&](DirectiveId id) { return !holder.all(id).empty(); });
}

/// nginx merges and checks every server and location, used or not; the values of http count only
/// through its servers. A block that sets nothing has its parent's values, checked there.
void check(const Subject& subject, Report& report) {
    for (const Module& module : modules) {
        if (!sets_any(subject.config, module)) continue;
        for (const Server& block : subject.model.servers()) {
            if (block.stream) continue;
            const bool inherits = !sets_any(*block.directive, module);
            if (inherits && !sets_any(*block.directive->parent, module)) continue;
            check_block(*block.directive, module, report);
        }
        for (const Location& block : subject.model.locations()) {
            if (sets_any(*block.directive, module)) check_block(*block.directive, module, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "proxy-buffers-inconsistent",
    .family = Family::buffers,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "response buffer sizes that nginx rejects",
    .why =
        R"(nginx checks the sizes of its response buffers against each other in every server
and location, even where nothing is proxied or buffering is off. Let M be the larger of
`proxy_buffer_size` and the size S of one buffer in `proxy_buffers N S` (defaults: 4k, and 8
buffers of 4k). Then:

- N must be at least 2;
- `proxy_busy_buffers_size`, by default 2 x M, must be at least M and at most (N - 1) x S;
- `proxy_temp_file_write_size` must be at least M;
- `proxy_max_temp_file_size` must be 0 or at least M.

So `proxy_buffer_size 16k;` on its own, a common remedy for large headers, keeps nginx from
starting:

    "proxy_busy_buffers_size" must be less than the size of all "proxy_buffers" minus one buffer

The same holds for fastcgi, uwsgi and scgi. Each value is inherited separately, so the two sides
of a conflict may be in different files. gatelint assumes memory pages of 4 KiB; systems with 64
KiB pages (some arm64) have larger defaults.)",
    .reference =
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_busy_buffers_size",
    .check = check,
};

}  // namespace gatelint::rules::proxy_buffers_inconsistent
