#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "source/span.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// A pool of a php-fpm master as its files set it up: the sections of its name, taken together.
/// php-fpm starts only if it likes every pool (fpm_conf_process_all_pools).
struct PhpFpmPool {
    std::string name;
    Span heading;  ///< with its brackets, where the pool is begun

    /// Of each setting, by its name in lower case, the one that counts. `$pool` is filled in; words
    /// that PHP takes for nothing are ""; what only run time or a template knows has unknown_byte.
    std::map<std::string, Value, std::less<>> settings;

    Span master;  ///< the heading of the master's first pool: those of one master share it
    bool is_whole = false;  ///< all files of the master were in sight: what is not set is the
                            ///< default, and no other file changes what is

    /// Null where the setting is not written.
    const Value* find(std::string_view key) const {
        const auto found = settings.find(key);
        return found == settings.end() ? nullptr : &found->second;
    }
};

}  // namespace gatelint
