#include "dump/payload.hpp"

#include <algorithm>

namespace gatelint {

bool Payload::failed() const {
    return std::any_of(files.begin(), files.end(),
                       [](const PayloadFile& file) { return !file.errors.empty(); });
}

}  // namespace gatelint
