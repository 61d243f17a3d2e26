#pragma once

#include <string_view>

#include "nginx/protocol.hpp"
#include "surroundings/listener.hpp"

namespace gatelint {

/// What nginx gets from a program to which it speaks another protocol, as observed with real ones.
struct Outcome {
    std::string_view requests;  ///< what becomes of the requests: "get 502"
    std::string_view log;       ///< nginx's complaint; empty where it has none
};

Outcome outcome_of(Protocol spoken, const Listener& listener);

}  // namespace gatelint
