#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

struct Directive;

/// An include whose pattern does not do what its writer had in mind, though nginx is content.
struct IncludeSurprise {
    enum class Kind : std::uint8_t {
        backup,           ///< it also loads what an editor or a package manager left there
        literal_bracket,  ///< a file is called just like the pattern, and is not matched
        wrong_suffix,     ///< it matches nothing, in a folder of enabled sites
    };

    const Directive* include = nullptr;
    Kind kind;
    std::vector<std::string> files;    ///< host paths: what is wrongly loaded, or is not loaded
    std::vector<std::string> matches;  ///< host paths: what the pattern matches, in nginx's order
};

/// What is surprising in the files that an absolute pattern matches; the includes are not set.
std::vector<IncludeSurprise> include_surprises(const std::string& pattern,
                                               const std::vector<std::string>& matches,
                                               const FileReader& files);

}  // namespace gatelint
