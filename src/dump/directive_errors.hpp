#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "source/span.hpp"

namespace gatelint {

/// A directive that nginx would refuse to load, in nginx's words.
struct DirectiveError {
    Span span;  ///< the directive's name and arguments
    std::string message;
};

/// What is wrong with the directives of a configuration whose syntax is right, each once however
/// often its file is included; sorted by place. `strict`: a directive that nginx's own modules do
/// not have is wrong, too.
std::vector<DirectiveError> directive_errors(const Config& config, bool strict);

}  // namespace gatelint
