#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dump/payload.hpp"
#include "input/target.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"

namespace gatelint {

/// What `crossplane parse` can be asked for, by its names.
struct DumpOptions {
    std::vector<std::string> ignore;  ///< names of directives to leave out, with their blocks
    bool catch_errors = true;         ///< else a file is left at its first error
    bool tb_onerror = false;          ///< errors come with gatelint's own words
    bool combine = false;             ///< one file, includes opened in their places
    bool single_file = false;         ///< includes are not opened
    bool include_comments = false;
    bool strict = false;  ///< unknown directives are errors

    /// Against includes that multiply: the statements that combining may repeat.
    std::size_t max_repeated = 10'000'000;
};

struct DumpResult {
    Payload payload;
    ReadStatus status = ReadStatus::ok;  ///< of the main file: if not ok, there is no payload
};

/// The configuration as crossplane's payload: what is written, file by file, and what is wrong with
/// it. Its files are named after the target.
DumpResult dump(const Target& target, const DumpOptions& options, Sources& sources);

}  // namespace gatelint
