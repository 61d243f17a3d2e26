#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

/// The files of another reader, with one text laid over them: what an editor holds unsaved, or what
/// came through standard input.
class OverlayReader final : public FileReader {
  public:
    struct Layer {
        std::string path;        ///< host path
        std::string text;        ///< instead of what is there
        std::string file;        ///< how it is called in reports; the identity of what it hides
        bool is_listed = false;  ///< a pattern may match it, though the other reader lacks it
    };

    /// `files` must outlive the overlay.
    OverlayReader(const FileReader& files, Layer layer) : files_(files), layer_(std::move(layer)) {}

    ReadResult read(const std::string& path) const override;
    std::vector<std::string> list(const std::string& directory) const override;
    std::shared_ptr<const Tree> tree(const std::string& top) const override;
    bool complete() const override { return files_.complete(); }
    bool knows_includes() const override { return files_.knows_includes(); }

  private:
    const FileReader& files_;
    Layer layer_;
};

}  // namespace gatelint
