#include "subject.hpp"

namespace gatelint {

bool Subject::may_be_served(const Address& address) const {
    return !own_listeners.reached_by(address).empty() || surroundings.may_be_served(address);
}

}  // namespace gatelint
