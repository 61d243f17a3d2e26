#pragma once

#include <map>
#include <string>
#include <vector>

#include "source/search_area.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/host/selinux.hpp"
#include "surroundings/listener.hpp"

namespace gatelint {

/// What somebody tells of what is around nginx: facts that no other file has.
struct Told {
    /// A program that nginx connects to.
    struct Backend {
        Listener listener;  ///< `place` is not set: it follows from the service
        Value service;      ///< the compose service in which it runs, "" for none
    };

    bool is_complete = false;  ///< nothing else listens anywhere
    bool discovers = true;     ///< other programs' files are looked for
    std::vector<Backend> backends;
    std::map<std::string, Value, std::less<>> hosts;  ///< names and their addresses
    Selinux selinux;
};

/// Where nginx runs, as far as the one tells who named the configuration: in a container of one of
/// these two kinds, or on the host, or nobody knows.
struct NginxPlace {
    std::string compose_file;  ///< host path of the project in which it runs, or ""
    std::string service;       ///< the service of it
    std::string pod;           ///< the pod of Kubernetes (key_of), or ""
};

/// Where to look for what is around nginx, and what is known without looking.
struct Search {
    SearchArea area;  ///< host directories; the first tree in which something is found is the last
    NginxPlace place = {};
    bool looks = true;           ///< false: no file is looked for, only nginx's own project is read
    const Told* told = nullptr;  ///< the user's word; null: there is none
};

}  // namespace gatelint
