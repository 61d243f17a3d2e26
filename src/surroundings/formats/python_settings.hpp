#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/process_environment.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// What a Python file of settings gives a name, as far as it can be told without running it.
struct PythonValue {
    enum class Kind : std::uint8_t {
        unknown,
        none,
        boolean,  ///< "True" or "False"
        number,   ///< in decimal digits
        text,
        list,  ///< of texts
    };

    Kind kind = Kind::unknown;
    Value value;               ///< its text; of a list only the place
    std::vector<Value> items;  ///< of a list
};

/// The names that a Python file gives a value at its top level (`bind = "0.0.0.0:8000"`).
struct PythonSettings {
    std::map<std::string, PythonValue, std::less<>> values;
    bool is_whole = true;  ///< false: `from x import *` and the like may set any name
};

/// Understood are literals, what is put together of them, and the environment. A name
/// that is given a value twice, or below an `if`, is unknown. Linear in time.
PythonSettings parse_python_settings(std::string_view text, SourceId source,
                                     const ProcessEnvironment& environment);

}  // namespace gatelint
