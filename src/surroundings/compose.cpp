#include "surroundings/compose.hpp"

namespace gatelint {

const ComposeService* namespace_of(const ComposeService& service) {
    return &service;
}

}  // namespace gatelint
