#include "model/shared_zones.hpp"

#include <array>

#include "model/model.hpp"
#include "nginx/placeholder.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

constexpr std::uint64_t cache_minimum = 2 * page_size;
constexpr std::uint64_t minimum = 8 * page_size;

/// All directives that name a zone.
constexpr std::array with_zones = [] {
    using enum DirectiveId;
    return std::array{
        limit_req_zone,  limit_conn_zone, proxy_cache_path,  fastcgi_cache_path, uwsgi_cache_path,
        scgi_cache_path, limit_req,       ssl_session_cache, ssl_ocsp_cache,     limit_conn,
        proxy_cache,     fastcgi_cache,   uwsgi_cache,       scgi_cache,         zone};
}();

/// The http, stream or mail around a directive, or null.
const Directive* world_of(const Directive& directive) {
    const Directive* block = directive.parent;
    while (block->parent != nullptr && block->parent->parent != nullptr) block = block->parent;
    const bool has_zones = block->id == DirectiveId::http || block->id == DirectiveId::stream ||
                           block->id == DirectiveId::mail;
    return has_zones ? block : nullptr;
}

class ZoneReader {
  public:
    std::vector<ZoneMention> read(const DirectiveIndex& directives) {
        for (const Directive* directive : directives.all(with_zones)) {
            block_ = world_of(*directive);
            if (block_ != nullptr) read_directive(*directive);
        }
        return std::move(mentions_);
    }

  private:
    using Kind = ZoneMention::Kind;

    void read_directive(const Directive& directive) {
        using enum DirectiveId;
        switch (directive.id) {
            case limit_req_zone:
            case limit_conn_zone:
                read_parameter(directive, "zone=", Kind::defines, minimum);
                break;
            case proxy_cache_path:
            case fastcgi_cache_path:
            case uwsgi_cache_path:
            case scgi_cache_path:
                read_parameter(directive, "keys_zone=", Kind::defines, cache_minimum);
                break;
            case limit_req:
                read_parameter(directive, "zone=", Kind::uses, 0);
                break;
            case ssl_session_cache:
            case ssl_ocsp_cache:
                read_parameter(directive, "shared:", Kind::shares, minimum);
                break;
            case limit_conn:
            case proxy_cache:
            case fastcgi_cache:
            case uwsgi_cache:
            case scgi_cache:
                read_name(directive);
                break;
            case zone:
                if (directive.parent->id == upstream) read_group(directive);
                break;
            default:
                break;
        }
    }

    /// `zone=NAME:SIZE` and the like; the last one counts.
    void read_parameter(const Directive& directive, std::string_view prefix, Kind kind,
                        std::uint64_t smallest) {
        const Word* found = nullptr;
        for (const Word& word : directive.args()) {
            if (word.text.starts_with(prefix)) found = &word;
        }
        if (found == nullptr) return;
        const std::string_view value = found->text.substr(prefix.size());
        if (kind == Kind::uses) {
            add(directive, *found, kind, value, {}, 0);
            return;
        }
        const std::size_t colon = value.find(':');
        // A size that is none is the zone's only fault.
        const auto size =
            colon == std::string_view::npos ? std::nullopt : parse_size(value.substr(colon + 1));
        add(directive, *found, kind, value.substr(0, colon), size, smallest);
        if (!size && !mentions_.empty()) mentions_.back().broken = true;
    }

    void read_name(const Directive& directive) {
        if (directive.args().empty()) return;
        if (directive.id != DirectiveId::limit_conn && directive.arg(0) == "off") return;
        add(directive, directive.args()[0], Kind::uses, directive.arg(0), {}, 0);
    }

    void read_group(const Directive& directive) {
        if (directive.args().empty()) return;
        const auto size = parse_size(directive.arg(1));
        if (directive.args().size() > 1 && !size) return;
        add(directive, directive.args()[0], Kind::shares, directive.arg(0), size, minimum);
    }

    void add(const Directive& directive, const Word& word, Kind kind, std::string_view name,
             std::optional<std::uint64_t> size, std::uint64_t smallest) {
        const bool literal = name.find('$') == std::string_view::npos && !has_placeholder(name);
        if (name.empty() || !literal) return;
        mentions_.push_back(
            {&directive, block_, kind, word.span, name, use_of(directive), size, smallest});
    }

    /// One text for each tag that nginx's modules pass to ngx_shared_memory_add().
    std::string use_of(const Directive& directive) const {
        std::string use(directive.name());
        for (const std::string_view ending : {"_zone", "_path"}) {
            if (use.ends_with(ending)) use.erase(use.size() - ending.size());
        }
        if (directive.id == DirectiveId::zone) use = "upstreams";
        if (block_->id == DirectiveId::http) return use;
        return std::string(block_->name()) + "'s " + use;
    }

    std::vector<ZoneMention> mentions_;
    const Directive* block_ = nullptr;
};

}  // namespace

std::vector<ZoneMention> zone_mentions(const Config& config) {
    return ZoneReader().read(config.index());
}

}  // namespace gatelint
