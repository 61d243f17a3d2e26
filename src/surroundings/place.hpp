#pragma once

#include <cstdint>
#include <string>

namespace gatelint {

struct ComposeService;
struct KubernetesPod;

/// Where a program runs: what its 127.0.0.1 is (a network namespace), and which files it sees. A
/// place is one object; two programs are in one place if they point to the same.
struct Place {
    enum class Kind : std::uint8_t { host, service, pod };

    Kind kind = Kind::host;
    std::string name;                         ///< "service web", "pod api"; "" for the host
    const ComposeService* service = nullptr;  ///< of a service
    const KubernetesPod* pod = nullptr;       ///< of a pod
};

}  // namespace gatelint
