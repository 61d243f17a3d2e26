#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surroundings/containers/container.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/place.hpp"

namespace gatelint {

/// The name of a part of a cluster: parts of two namespaces may bear the same. A manifest without a
/// namespace goes where `kubectl` or kustomize puts it, which nobody knows.
struct KubernetesName {
    std::string name;
    std::string space;  ///< the namespace, "" if none is written
    Span span;          ///< of the name

    /// Whether both may be in one namespace.
    bool may_share_space(std::string_view other) const {
        return space.empty() || other.empty() || space == other;
    }
};

/// A port of a Service, which it takes on its address and hands on to a port of its pods.
struct ServicePort {
    std::string name;
    std::uint16_t port = 0;
    std::uint16_t target = 0;  ///< 0: `target_name` tells
    std::string target_name;   ///< of a container's port
    bool is_tcp = true;
    Span span;         ///< of `port`
    Span target_span;  ///< of `targetPort`, or of `port`
};

/// What a name of the cluster's DNS leads to: the address of a Service, its pods (headless), or
/// another name (externalName).
struct KubernetesService {
    KubernetesName name;
    std::string type;          ///< "ClusterIP" if none is written
    bool is_headless = false;  ///< `clusterIP: None`: ports are those of the pods
    std::optional<Value> external_name;
    std::map<std::string, std::string> selector;  ///< none: its addresses are given otherwise
    std::vector<ServicePort> ports;
    bool is_whole = true;  ///< false: it is a patch, or something in it is filled in elsewhere

    bool has_tcp_port(std::uint16_t port) const;
};

/// A text of a ConfigMap. Lines of a literal block (`|`) have their places in the file.
struct ConfigMapEntry {
    std::string key;
    std::string text;
    Span span;   ///< of the key
    Span block;  ///< from its first to past its last line; unknown for other styles

    /// The file's text up to the end of the block, with spaces for all that is not of the block, so
    /// that what is found in it has its place in the file; "" without a block.
    std::string laid_out(std::string_view file) const;
};

struct KubernetesConfigMap {
    KubernetesName name;
    std::vector<ConfigMapEntry> entries;
};

/// A container of a pod. Its mounts are the pod's volumes, by their names there.
struct KubernetesContainer : Container {
    /// One that a pod declares: a remark, unless a Service asks for it by its name.
    struct Port {
        std::string name;
        std::uint16_t number = 0;
        bool is_tcp = true;
        Span span;
    };

    Value name;
    std::vector<Port> ports;
};

struct KubernetesVolume {
    std::string name;
    std::string config_map;                    ///< "" for other kinds
    std::map<std::string, std::string> items;  ///< path by key; empty: all keys, by their names
};

/// A pod, or the template by which a Deployment, a StatefulSet and the like make pods.
struct KubernetesPod {
    Place place;
    std::string kind;     ///< "Deployment"
    KubernetesName name;  ///< of the workload
    std::map<std::string, std::string> labels;
    bool host_network = false;
    bool uses_cluster_names = true;  ///< false: another DNS policy decides what names are
    std::vector<std::string> host_aliases;
    std::vector<KubernetesContainer> containers;
    std::vector<KubernetesVolume> volumes;
    bool has_init_containers = false;
    bool is_whole = true;  ///< false: it is a patch, or something in it is filled in elsewhere
};

/// What is known of a name that a pod asks the cluster's DNS for.
struct ServiceResolution {
    enum class Kind : std::uint8_t {
        unknown,  ///< no name of a Service, or what has it is out of sight
        absent,   ///< it can be a Service's name only, and no manifest has it
        services  ///< these have it; more than one where manifests are variants of each other
    };
    Kind kind = Kind::unknown;
    std::vector<const KubernetesService*> services;
};

/// The manifests around nginx, all taken together. They may be of several clusters, and variants
/// of each other: two parts may bear one name.
struct Kubernetes {
    std::deque<KubernetesService> services;
    std::deque<KubernetesPod> pods;  ///< they never move
    std::deque<KubernetesConfigMap> config_maps;
    bool is_whole = true;  ///< false: a manifest could not be read, or more of them exist

    using Positions = std::vector<std::size_t>;
    std::map<std::string, Positions, std::less<>> services_by_name;
    std::map<std::pair<const std::string, std::string>, Positions> pods_by_label;

    /// What the name leads to, asked from the namespace: `app`, `app.shop`, `app.shop.svc`,
    /// `app.shop.svc.cluster.local`, with or without a dot at the end.
    ServiceResolution resolve_service(std::string_view name, std::string_view space) const;

    /// The pods that the Service selects; those which are not whole left out.
    std::vector<const KubernetesPod*> pods_of(const KubernetesService& service) const;

    /// The ConfigMap of the name nearest to the pod: in its file, in its folder, or the only one.
    const KubernetesConfigMap* find_config_map(std::string_view name, const KubernetesPod& pod,
                                               const Sources& sources) const;

    /// The pod of a workload in a file, by what `key_of` says.
    const KubernetesPod* find_pod(std::string_view key, const Sources& sources) const;
};

/// What tells the pod from all others: its file, kind, namespace and name.
std::string key_of(const KubernetesPod& pod, const Sources& sources);

/// Whether a file may be a manifest: by its name and a glance at its text.
bool is_manifest_name(std::string_view name);
bool may_be_manifest(std::string_view text);

/// Adds what the file has. A template of Helm or anything else that cannot be read is remarked.
void read_manifest(const std::string& path, const FileReader& files, Kubernetes& kubernetes,
                   Reading& reading);

}  // namespace gatelint
