#include "surroundings/uwsgi.hpp"

namespace gatelint {

Listening listen_as_uwsgi(const std::vector<UwsgiOption>& /*options*/, const Process& /*process*/,
                          Reading& /*reading*/) {
    Listening listening;
    listening.is_known_program = true;
    listening.is_whole = false;
    return listening;
}

}  // namespace gatelint
