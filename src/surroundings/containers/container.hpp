#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/containers/dockerfile.hpp"
#include "surroundings/formats/shell.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// A folder or a file that a container sees at another place.
struct Mount {
    enum class Kind : std::uint8_t { bind, volume, tmpfs };

    Kind kind = Kind::bind;
    std::string source;      ///< bind: absolute host path; volume: its full name, "" if anonymous;
                             ///< holds unknown_byte where a variable or a home decides
    std::string target;      ///< absolute path in the container
    std::string sub_path;    ///< of a pod's volume: what of it is mounted, "" for all
    bool is_config = false;  ///< a `config` or a `secret`: one file
    Span span;
};

/// What runs isolated from its host, with files and accounts of its own: a service of compose, or a
/// container of a pod. What it says of its image and what of it is laid over that.
struct Container {
    std::optional<Value> image;  ///< `nginx:1.25-alpine`, variables filled in
    bool has_build = false;
    std::string build_context;                 ///< host path, "" if out of sight
    std::optional<Dockerfile> dockerfile;      ///< where it is in sight
    std::optional<Command> entrypoint;         ///< over the image's; a pod's `command`
    std::optional<Command> command;            ///< over the image's; a pod's `args`
    std::map<std::string, Value> environment;  ///< ENV of the Dockerfile, and what is laid over it
    bool knows_environment = true;             ///< false: some of it is out of sight
    std::vector<Mount> mounts;
    std::vector<Value> volumes_from;  ///< services of which it has the mounts too
    std::optional<Value> user;
    std::optional<Value> working_directory;
    std::optional<Limit> descriptors;  ///< how many files it may open, soft
    bool is_whole = true;              ///< false: something is left open by what is out of sight

    /// The image that runs: `image`, or what the Dockerfile is FROM where there is a build; "" if
    /// nobody knows.
    std::string_view base_image() const;

    /// The words that run: entrypoint and command, or the Dockerfile's. Nothing where the image
    /// decides.
    std::optional<Command> process() const;
};

/// Whether `path` is `folder` or lies below it; "/" holds everything.
bool is_within(std::string_view path, std::string_view folder);

/// The mount that holds the absolute path in the container: the deepest one; or null.
const Mount* mount_of(const Container& container, std::string_view path);

/// What an absolute path of the container is outside of it: "bind:PATH" of the host, or
/// "volume:NAME/PATH". Nothing if it is the container's own.
std::optional<std::string> shared_path(const Container& container, std::string_view path);

}  // namespace gatelint
