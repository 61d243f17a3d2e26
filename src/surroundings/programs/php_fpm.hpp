#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/arena.hpp"
#include "source/file_reader.hpp"
#include "surroundings/formats/ini_file.hpp"
#include "surroundings/host/accounts.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/programs/php_fpm_pool.hpp"

namespace gatelint {

/// A php-fpm master and its pools, as its files describe them. Sections of one name are one pool,
/// and a later setting overrides an earlier one, across files (php-fpm's fpm_conf.c).
struct PhpFpm {
    std::vector<const IniFile*> files;      ///< in the order in which php-fpm reads them
    std::vector<Listener> pools;            ///< those of which it can be told where they listen
    std::vector<PhpFpmPool> pool_settings;  ///< all, in the order in which they are begun
    bool is_whole = true;                   ///< false: where some pool listens cannot be told
};

/// Reads a master from its main file and what that includes or, where no main file is in sight,
/// from the pool files of one folder.
PhpFpm read_php_fpm(const std::vector<std::string>& paths, const FileReader& files, IniFiles& ini,
                    const Accounts& accounts, Arena& arena);

/// A time as php-fpm reads it, in milliseconds (fpm_conf_set_time): `s`, `m`, `h` or `d` may
/// follow the number, of which atoi(3) takes what it understands. Nothing for any other text.
std::optional<std::int64_t> parse_php_fpm_time(std::string_view text);

/// What a file is to php-fpm, by its settings: the name tells little.
enum class PhpFpmFile : std::uint8_t {
    none,
    main,  ///< includes others
    pool,  ///< has a section that listens
    part,  ///< has other settings of pools: counts beside a pool only
};

PhpFpmFile classify_php_fpm(const IniFile& file);

}  // namespace gatelint
