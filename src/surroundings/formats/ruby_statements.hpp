#pragma once

#include <string_view>
#include <vector>

namespace gatelint {

/// A call or an assignment of a settings file in Ruby, such as `listen "/run/a.sock", backlog: 64`.
/// Views point into the text.
struct RubyStatement {
    std::string_view name;                    ///< of the method or of the variable
    std::vector<std::string_view> arguments;  ///< as they are written; of an assignment its value
    bool is_assignment = false;
    bool is_certain = true;  ///< false: a condition or a block decides whether it counts
};

/// The statements of a text, in order, one a line; what is none of both is left out. Never fails.
std::vector<RubyStatement> ruby_statements(std::string_view text);

/// The parts of a list: split at commas that stand in no quotes or brackets.
std::vector<std::string_view> ruby_list(std::string_view text);

}  // namespace gatelint
