#pragma once

#include <map>
#include <string>
#include <vector>

#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/containers/container.hpp"
#include "surroundings/containers/kubernetes.hpp"

namespace gatelint {

/// The files that ConfigMaps bring to a pod: `/VOLUME/PATH`, volume by volume. Each is handed out
/// as the manifest's own text with all else blanked, so that lines and columns are the manifest's.
/// What has no place of its own there, or is filled in by something before nginx reads it, is out
/// of sight (ReadStatus::outside).
class ConfigMapFiles final : public FileReader {
  public:
    /// All must outlive this.
    ConfigMapFiles(const KubernetesPod& pod, const Kubernetes& kubernetes, const Sources& sources);

    ReadResult read(const std::string& path) const override;
    std::vector<std::string> list(const std::string& directory) const override;
    bool complete() const override { return false; }

    /// Whether the ConfigMap of the volume is in sight.
    bool has(const std::string& volume) const;

  private:
    const Sources& sources_;
    std::map<std::string, const ConfigMapEntry*> entries_;  ///< null where it is out of sight
};

/// The container with those of its mounts that are in sight bound to `files`. Other volumes hold
/// what nobody can see.
Container bound_to(const ConfigMapFiles& files, const Container& container);

}  // namespace gatelint
