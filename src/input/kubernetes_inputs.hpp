#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
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
    explicit KubernetesInputs(Locator& locator) : locator_(locator) {}

    /// The pods that the manifest at a path on disk has, or for which it has a part of nginx's
    /// configuration.
    std::vector<const NginxPod*> pods_in(const std::string& disk_path);

    /// Where a part was left out, since there is too much: a clause each.
    const std::vector<std::string>& limits() const { return limits_; }

  private:
    /// A container that runs nginx, with what it sees.
    struct Candidate {
        std::unique_ptr<ConfigMapFiles> maps;
        std::unique_ptr<Container> container;  ///< what it mounts of `maps` in sight
        std::unique_ptr<FileReader> files;
        NginxPod pod;
    };
    struct Folder {
        Located located;
        std::unique_ptr<FileReader> files;
        Sources sources;
        Arena arena;
        Kubernetes kubernetes;
        std::deque<Candidate> containers;
        std::map<std::string, std::vector<const NginxPod*>> by_file;  ///< that has a part of them
        std::size_t looked_at = 0;                                    ///< containers of any kind
    };

    Folder& folder_of(const std::string& disk_path);
    void read_manifests(Folder& folder);
    static void add_containers(Folder& folder, const KubernetesPod& pod);

    Locator& locator_;
    std::map<std::string, std::unique_ptr<Folder>> folders_;
    std::vector<std::string> limits_;
};

}  // namespace gatelint
