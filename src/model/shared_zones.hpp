#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace gatelint {

/// A place that names a piece of memory which nginx's workers share. Names are one space for http,
/// stream and mail, and whoever says a name first says what it is for (ngx_shared_memory_add).
struct ZoneMention {
    enum class Kind : std::uint8_t {
        defines,  ///< limit_req_zone, proxy_cache_path, ...: once per name
        shares,   ///< an upstream's `zone`, ssl_session_cache: any number of times, in one size
        uses,     ///< limit_req, proxy_cache, ...: wants a definition, before or after it
    };

    const Directive* directive = nullptr;
    const Directive* block = nullptr;  ///< http, stream or mail
    Kind kind = Kind::uses;
    Span span;  ///< of the argument that has the name
    std::string_view name;
    std::string use;  ///< what it is for, in words: "limit_req", "stream's limit_conn"
    std::optional<std::uint64_t> size;  ///< where one is written
    std::uint64_t smallest = 0;         ///< what nginx takes at least
    bool broken = false;                ///< a definition whose size is none: another rule's finding
};

/// All mentions of literal names, in the order in which nginx reads them.
std::vector<ZoneMention> zone_mentions(const Config& config);

}  // namespace gatelint
