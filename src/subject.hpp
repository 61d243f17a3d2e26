#pragma once

#include "config/config.hpp"
#include "config/handling.hpp"
#include "model/model.hpp"
#include "model/variables.hpp"
#include "own_listeners.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

/// What rules look at: nginx's side, the other side, and for which nginx it is asked.
struct Subject {
    const Config& config;
    const Model& model;
    const AllVariables& variables;
    const Surroundings& surroundings;
    const OwnListeners& own_listeners;
    TargetNginx nginx;

    /// Whether something that is known listens at the address, or may do so.
    bool may_be_served(const Address& address) const;
};

}  // namespace gatelint
