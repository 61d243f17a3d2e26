#include "surroundings/containers/kubernetes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatelint {

namespace {

std::vector<std::string_view> labels_of(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    std::vector<std::string_view> labels;
    for (std::size_t begin = 0;;) {
        const std::size_t dot = name.find('.', begin);
        labels.push_back(name.substr(begin, dot - begin));
        if (dot == std::string_view::npos) return labels;
        begin = dot + 1;
    }
}

/// A Service's name as a pod may write it. `space`: where it is looked for; "" if nobody knows.
struct AskedName {
    std::string_view name;
    std::string_view space;
    bool is_of_service = false;  ///< and cannot be that of something else
};

/// Nothing where it is none: five labels, the name of one pod, another domain.
std::optional<AskedName> asked_name(std::string_view name, std::string_view space) {
    const std::vector<std::string_view> labels = labels_of(name);
    switch (labels.size()) {
        case 1:
            return AskedName{labels[0], space, true};
        case 2:
            return AskedName{labels[0], labels[1], false};
        case 3:
            if (labels[2] != "svc") return std::nullopt;
            return AskedName{labels[0], labels[1], true};
        case 5:
            if (labels[2] != "svc" || labels[3] != "cluster" || labels[4] != "local") {
                return std::nullopt;
            }
            return AskedName{labels[0], labels[1], true};
        default:
            return std::nullopt;
    }
}

std::string_view file_of(Span span, const Sources& sources) {
    return span.known() ? std::string_view(sources.path(span.source)) : std::string_view();
}

}  // namespace

bool KubernetesService::has_tcp_port(std::uint16_t port) const {
    return std::any_of(ports.begin(), ports.end(),
                       [port](const ServicePort& one) { return one.is_tcp && one.port == port; });
}

std::string ConfigMapEntry::laid_out(std::string_view file) const {
    if (!block.known() || block.end > file.size()) return {};
    std::string lines(file.substr(0, block.end));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool is_outside = i < block.begin && lines[i] != '\n';
        // YAML makes LF of CR LF.
        if (is_outside || lines[i] == '\r') lines[i] = ' ';
    }
    return lines;
}

ServiceResolution Kubernetes::resolve_service(std::string_view name, std::string_view space) const {
    ServiceResolution resolution;
    const std::optional<AskedName> asked = asked_name(name, space);
    if (!asked) return resolution;
    if (const auto named = services_by_name.find(asked->name); named != services_by_name.end()) {
        for (const std::size_t position : named->second) {
            const KubernetesService& service = services[position];
            if (service.name.may_share_space(asked->space)) resolution.services.push_back(&service);
        }
    }
    if (!resolution.services.empty()) {
        resolution.kind = ServiceResolution::Kind::services;
    } else if (asked->is_of_service && is_whole && !services.empty()) {
        resolution.kind = ServiceResolution::Kind::absent;
    }
    return resolution;
}

std::vector<const KubernetesPod*> Kubernetes::pods_of(const KubernetesService& service) const {
    std::vector<const KubernetesPod*> found;
    // Those that have the rarest of the labels, which may have the others.
    const Positions* labelled = nullptr;
    for (const auto& label : service.selector) {
        const auto bucket = pods_by_label.find(label);
        if (bucket == pods_by_label.end()) return found;
        const bool is_rarer = labelled == nullptr || bucket->second.size() < labelled->size();
        if (is_rarer) labelled = &bucket->second;
    }
    if (labelled == nullptr) return found;
    for (const std::size_t position : *labelled) {
        const KubernetesPod& pod = pods[position];
        const bool is_selected =
            pod.is_whole && pod.name.may_share_space(service.name.space) &&
            std::all_of(service.selector.begin(), service.selector.end(), [&](const auto& label) {
                const auto known = pod.labels.find(label.first);
                return known != pod.labels.end() && known->second == label.second;
            });
        if (is_selected) found.push_back(&pod);
    }
    return found;
}

const KubernetesConfigMap* Kubernetes::find_config_map(std::string_view name,
                                                       const KubernetesPod& pod,
                                                       const Sources& sources) const {
    std::vector<const KubernetesConfigMap*> found;
    for (const KubernetesConfigMap& map : config_maps) {
        if (map.name.name == name && map.name.may_share_space(pod.name.space)) {
            found.push_back(&map);
        }
    }
    const std::string_view file = file_of(pod.name.span, sources);
    const auto is_in_file = [&](const KubernetesConfigMap* map) {
        return file_of(map->name.span, sources) == file;
    };
    const auto is_in_folder = [&](const KubernetesConfigMap* map) {
        return directory_of(file_of(map->name.span, sources)) == directory_of(file);
    };
    // What is nearer stands for what is farther; of two that are as near, nobody can choose.
    const auto keep_if_any = [&found](const auto& is_near) {
        if (std::any_of(found.begin(), found.end(), is_near)) {
            std::erase_if(found, [&](const KubernetesConfigMap* map) { return !is_near(map); });
        }
    };
    keep_if_any(is_in_folder);
    keep_if_any(is_in_file);
    return found.size() == 1 ? found.front() : nullptr;
}

const KubernetesPod* Kubernetes::find_pod(std::string_view key, const Sources& sources) const {
    const auto found = std::find_if(pods.begin(), pods.end(), [&](const KubernetesPod& pod) {
        return key_of(pod, sources) == key;
    });
    return found == pods.end() ? nullptr : &*found;
}

std::string key_of(const KubernetesPod& pod, const Sources& sources) {
    return fmt::format("{}\n{}\n{}\n{}", file_of(pod.name.span, sources), pod.kind, pod.name.space,
                       pod.name.name);
}

}  // namespace gatelint
