#pragma once

#include "surroundings/formats/reading.hpp"
#include "surroundings/process.hpp"

namespace gatelint {

/// The process that a command comes down to: `sh -c`, `exec`, `env`, `sudo -u`, `poetry run`,
/// `python -m` and the like are looked through, and what they change of the environment, the user
/// and the working directory is taken over. Variables are filled in. No arguments: it cannot be
/// told what runs.
Process unwrap(const Process& process, Reading& reading);

}  // namespace gatelint
