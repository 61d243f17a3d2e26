#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/shell.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// What a Dockerfile makes of an image, as far as it tells: its last stage (or the one that is
/// asked for), with what its base stages in the same file bring.
struct Dockerfile {
    struct Copy {
        std::vector<std::string> sources;  ///< relative to the build context; patterns are allowed;
                                           ///< none of a text that stands in the Dockerfile
        std::string from;                  ///< `--from`: another stage or image, or ""
        std::string target;  ///< absolute path in the image; ends in '/' for a folder; holds
                             ///< unknown_byte where the image decides
        Span span;
    };

    SourceId source = SourceId::none;
    Value image;                        ///< what the first of its stages is FROM, args filled in
    std::vector<Value> exposed;         ///< ports of EXPOSE, "3000" or "3000/udp"
    std::optional<Command> entrypoint;  ///< a later CMD counts again after an ENTRYPOINT
    std::optional<Command> command;     ///< CMD
    std::map<std::string, Value> environment;  ///< ENV
    std::vector<Copy> copies;                  ///< COPY and ADD, in order
    std::vector<Value> runs;                   ///< the text of each RUN
    std::string working_directory;             ///< WORKDIR, "" if none
    std::optional<Value> user;                 ///< USER
    bool has_healthcheck = false;              ///< HEALTHCHECK
};

/// `stage`: "" for the last one. `arguments`: what ARG names mean, over their defaults. Nothing
/// where there is no such stage. Never fails otherwise: what is not known is left out.
std::optional<Dockerfile> parse_dockerfile(std::string_view text, SourceId source,
                                           std::string_view stage,
                                           const std::map<std::string, std::string>& arguments);

}  // namespace gatelint
