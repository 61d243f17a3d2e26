#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/containers/container.hpp"

namespace gatelint {

/// The files that a container sees, as far as they can be told: what its service mounts, what its
/// Dockerfile copies, and what gatelint knows of its image. Paths are the container's; what they
/// lead to is read through the project's own reader, which decides what may be read at all.
class ContainerFiles final : public FileReader {
  public:
    /// `project` must outlive this.
    ContainerFiles(const Container& container, const FileReader& project);

    /// A file that the image brings, unless the project lays another over it.
    void add_image_file(const std::string& path, std::string text) {
        image_files_.emplace(path, std::move(text));
    }

    /// Lets `path` be what lies at `other`: what a program of the container writes there itself.
    void add_alias(const std::string& path, const std::string& other);

    ReadResult read(const std::string& path) const override;
    std::vector<std::string> list(const std::string& directory) const override;
    bool complete() const override { return false; }

    /// Where the container's path lies in the project, or "" if it does not.
    std::string in_project(const std::string& path) const;

    /// Whether something of the project lies at the path or below it.
    bool brings(const std::string& path) const;

    /// Whether a file's identity (ReadResult::file) is one that an image brings.
    static bool is_of_image(std::string_view file) { return file.starts_with("<image "); }

  private:
    /// What lies at a path of the container, and below it.
    struct Layer {
        std::string target;
        std::string source;  ///< a path of the project; "" where it holds what nobody can see
    };

    void copy_from_dockerfile(const Dockerfile& dockerfile, const std::string& context);
    const Layer* layer_of(std::string_view path) const;

    const FileReader& project_;
    std::string image_;  ///< how it is called in names of files
    std::map<std::string, std::string> image_files_;
    std::vector<Layer> layers_;  ///< the last one that fits best counts
};

}  // namespace gatelint
