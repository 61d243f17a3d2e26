#pragma once

#include <cstdint>
#include <string>

#include "source/span.hpp"

namespace gatelint {

/// A text that some file gives for something, and where it stands there.
struct Value {
    std::string text;
    Span span;  ///< unknown for what no file says, such as a default
};

/// A number that a program has for something: bytes, milliseconds or pieces, as its member says.
struct Limit {
    std::uint64_t value = 0;
    Span span;  ///< unknown for the program's default
};

}  // namespace gatelint
