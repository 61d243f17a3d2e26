#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/formats/yaml_file.hpp"

namespace gatelint {

/// A compose project as it is written, all files put together: variables are filled in, relative
/// paths are absolute, `extends` and `include` are followed, and lists that stand for mappings are
/// mappings. What its parts mean is not looked at yet.
struct ComposeModel {
    struct Service {
        Value key;  ///< in the file that has the image or the build
        YamlNode node;
        bool is_whole = true;
    };
    using Parts = std::map<std::string, YamlNode>;

    std::map<std::string, Service> services;
    Parts networks;
    Parts volumes;
    Parts configs;
    Parts secrets;
    std::string name;
    std::string directory;                           ///< relative paths begin here
    std::map<std::string, std::string> environment;  ///< what variables mean, `.env` among it
    std::vector<SourceId> sources;
    bool is_first_version = false;  ///< services stand at the top
    bool is_whole = true;
};

/// Reads a project. Nothing where the first file is no compose file. Bounded: at most 100 files
/// of 16 MiB together, 10 includes deep, 20 extends deep.
std::optional<ComposeModel> read_compose_model(
    const std::string& path, const FileReader& files,
    const std::map<std::string, std::string>& environment, Reading& reading);

/// The files that docker compose takes by itself, in the order in which it looks for them.
inline constexpr std::array<std::string_view, 4> default_compose_names = {
    "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};

bool is_default_compose_name(std::string_view name);

/// A path of the host as compose takes it; what begins with a variable or a home stays unknown.
std::string compose_path(std::string_view directory, std::string_view path);

/// Where the source of a volume in short syntax ends, at its colon; npos if it has none.
std::size_t volume_source_size(std::string_view text);

/// Whether a volume's source is a path, not a name.
bool is_volume_path(std::string_view source);

/// A setting that is there: not null, and not taken back by `!reset`.
const YamlNode* setting_of(const YamlNode& node, std::string_view key);
const YamlNode* scalar_of(const YamlNode& node, std::string_view key);

}  // namespace gatelint
