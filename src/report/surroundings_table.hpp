#pragma once

#include <string>

#include "source/sources.hpp"

namespace gatelint {

struct Subject;

/// What was found around nginx, as a table for people: each listener with its place in the files,
/// what it is, where it listens, what it speaks and which pass leads to it. Paths are relative to
/// `directory` where they lie below it. `verbose`: also what could not be understood.
std::string surroundings_table(const Subject& subject, const Sources& sources,
                               const std::string& directory, bool verbose);

}  // namespace gatelint
