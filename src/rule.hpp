#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/headers.hpp"
#include "model/memo.hpp"
#include "model/run_time_names.hpp"
#include "model/server_names.hpp"
#include "model/shared_zones.hpp"
#include "model/value_places.hpp"
#include "model/variables.hpp"
#include "nginx/arguments/arguments.hpp"
#include "nginx/arguments/rows.hpp"
#include "nginx/misspelt.hpp"
#include "nginx/name_hash.hpp"
#include "nginx/near_texts.hpp"
#include "nginx/placeholder.hpp"
#include "nginx/regex.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"
#include "nginx/version.hpp"
#include "report.hpp"
#include "source/text.hpp"
#include "source/utf8.hpp"
#include "subject.hpp"
#include "surroundings/containers/image_accounts.hpp"
#include "surroundings/containers/image_name.hpp"
#include "surroundings/containers/nginx_container.hpp"
#include "surroundings/outcome.hpp"
#include "syntax/template.hpp"

namespace gatelint {

/// The families of the catalogue, in its order; each is a folder under rules/.
enum class Family : std::uint8_t {
    socket,
    uri,
    tls,
    buffers,
    keepalive,
    upstream,
    dns,
    timeouts,
    protocol,
    capacity,
    permission,
    containers,
    fallback,
    directives,
    syntax,
};

std::string_view name_of(Family family);

/// How sure the rule is of what it says; for tools that sort findings.
enum class Precision : std::uint8_t { medium, high, very_high };

/// The versions of nginx that a rule concerns: from `from`, before `before`; all if not given.
struct VersionRange {
    Version from{};
    Version before{};

    bool has_end() const { return before != Version{}; }
    bool contains(Version version) const {
        return from <= version && (!has_end() || version < before);
    }
};

/// One thing that gatelint looks for: a constant in a file of its own, which is its manual page,
/// with the function that looks.
struct Rule {
    std::string_view id;  ///< kebab-case, reads after "allow"; names its file and its fixtures
    Family family;
    Severity severity;
    Precision precision = Precision::high;
    std::string_view summary;    ///< one line: what is wrong
    std::string_view why;        ///< Markdown: what nginx does, who is hurt, the error.log line
    std::string_view reference;  ///< where nginx documents it
    VersionRange versions{};
    bool gives_way = false;  ///< silent where another rule has an error at an overlapping place:
                             ///< that one knows better what is meant
    void (*check)(const Subject&, Report&);

    /// Whether it may run: only a known version that it does not concern forbids it.
    bool concerns(const std::optional<Version>& version) const {
        return !version || versions.contains(*version);
    }
};

/// All rules, sorted by id.
std::span<const Rule* const> all_rules();

/// The rule of this id, or null.
const Rule* find_rule(std::string_view id);

}  // namespace gatelint
