#pragma once

#include <string>
#include <vector>

#include "surroundings/formats/reading.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/process.hpp"
#include "surroundings/programs/php_fpm_pool.hpp"

namespace gatelint {

/// Where a process listens, as far as its command, its environment and its own files tell.
struct Listening {
    bool is_known_program = false;  ///< gatelint knows how to ask this program
    Listener::Program program = Listener::Program::other;  ///< of a known one
    std::vector<Listener> listeners;
    bool is_whole = true;  ///< false: it may listen elsewhere too, or instead
    std::vector<PhpFpmPool> php_fpm_pools;
    std::vector<std::string> files;  ///< identities (ReadResult::file) of php-fpm's files
};

/// A listener speaks Protocol::tcp where it cannot be told what it speaks. Wrappers (`sh -c`,
/// `exec`, `env`, `poetry run`, `npx`, `npm start`, `python -m`, `sudo -u`, `tini --`) are looked
/// through.
Listening listen(const Process& process, Reading& reading);

}  // namespace gatelint
