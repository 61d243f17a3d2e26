#include "subject.hpp"

#include <algorithm>

namespace gatelint {

bool Subject::may_be_served(const Address& address) const {
    const auto& listeners = surroundings.listeners();
    return !own_listeners.reached_by(address).empty() ||
           std::any_of(listeners.begin(), listeners.end(), [&](const Listener& listener) {
               return surroundings.reach(address, listener) != Reach::no;
           });
}

}  // namespace gatelint
