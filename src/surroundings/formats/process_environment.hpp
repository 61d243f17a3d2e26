#pragma once

#include <map>
#include <string>
#include <string_view>

#include "surroundings/formats/value.hpp"

namespace gatelint {

/// What a settings file that is a program, in Python or in Ruby, can ask of the process that reads
/// it. All must outlive this.
struct ProcessEnvironment {
    const std::map<std::string, Value>& variables;
    bool is_whole = false;               ///< no other variable is set; else any may be
    std::string_view working_directory;  ///< "" if unknown

    /// Null where it is not among them.
    const Value* find(const std::string& name) const {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : &found->second;
    }
};

}  // namespace gatelint
