#include "surroundings/process.hpp"

namespace gatelint {

const Value* find_variable(const Process& process, const std::string& name) {
    const auto found = process.environment.find(name);
    return found == process.environment.end() ? nullptr : &found->second;
}

}  // namespace gatelint
