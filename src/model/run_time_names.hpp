#pragma once

#include <string_view>
#include <vector>

#include "model/model.hpp"

namespace gatelint {

/// A name that nginx looks up while it runs, with the servers of `resolver`: that of a pass with
/// variables, or of a group's server with `resolve`. /etc/hosts, search domains and whatever else
/// the system's resolver knows play no part in that (ngx_resolve_name).
struct RunTimeName {
    std::string_view name;
    const Pass* pass = nullptr;          ///< a pass that needs it
    const Directive* written = nullptr;  ///< the pass, `set`, map's row or server that has it
    Span span;                           ///< of the value, there
    Setting resolver;                    ///< what applies

    bool is_of_group() const { return written->id == DirectiveId::server; }
};

/// Those that can be told, each once for every place where it is written and every resolver.
std::vector<RunTimeName> run_time_names(const Model& model);

/// A name server of a `resolver`.
struct NameServer {
    Address address;
    Span span;

    /// What the engine of containers has on every network that a user defines.
    bool is_of_engine() const;
    /// The one that systemd-resolved is on its own host (127.0.0.53): it knows /etc/hosts too.
    bool is_of_systemd() const;
    /// One of the well-known servers for everybody: it knows public names alone.
    bool is_public() const;
    /// What Kubernetes has in every cluster: it knows whole names (`app.shop.svc.cluster.local`).
    bool is_of_kubernetes() const;
};

/// All of them, from the last directive; none where any is unknown. nginx asks them in turn, and
/// takes the first answer, be it that there is no such name.
std::vector<NameServer> name_servers(const Setting& resolver);

}  // namespace gatelint
