#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "input/locate.hpp"
#include "source/arena.hpp"
#include "source/environment.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/containers/kubernetes.hpp"
#include "surroundings/containers/pod_container.hpp"

namespace gatelint {

/// A pod that runs nginx with a configuration of which a part lies in ConfigMaps.
struct NginxPod {
    std::string name;                   ///< "DISK_PATH (pod web)"
    std::string key;                    ///< key_of the pod
    std::string main;                   ///< path in the container
    const FileReader* files = nullptr;  ///< the container's
    const Located* located = nullptr;
    const FileReader* surroundings = nullptr;
    const Container* container = nullptr;
};

/// The manifests of Kubernetes among the inputs. Those of one folder are taken together, each is
/// read once.
class KubernetesInputs {
  public:
    KubernetesInputs(std::string root, std::vector<std::string> maps)
        : root_(std::move(root)), maps_(std::move(maps)) {}

    /// The pods that the manifest at a path on disk has, or for which it has a part of nginx's
    /// configuration.
    std::vector<const NginxPod*> pods_in(const std::string& disk_path);

  private:
    /// A container that runs nginx, with what it sees.
    struct Candidate {
        std::unique_ptr<ConfigMapFiles> maps;
        std::unique_ptr<Container> container;  ///< what it mounts of `maps` in sight
        std::unique_ptr<FileReader> files;
        NginxPod pod;
        std::set<std::string> sources;  ///< the files that have a part of it
    };
    struct Folder {
        Located located;
        std::unique_ptr<FileReader> files;
        Sources sources;
        Arena arena;
        Kubernetes kubernetes;
        std::vector<Candidate> containers;
        std::size_t looked_at = 0;  ///< containers of any kind
    };

    Folder& folder_of(const std::string& disk_path);
    static void add_containers(Folder& folder, const KubernetesPod& pod);

    std::string root_;
    std::vector<std::string> maps_;
    std::map<std::string, std::unique_ptr<Folder>> folders_;
};

}  // namespace gatelint
