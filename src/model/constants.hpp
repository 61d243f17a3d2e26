#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/directive.hpp"
#include "nginx/script.hpp"

namespace gatelint {

/// One value that a text with variables can have.
struct Constant {
    std::string text;  ///< variables whose value only run time knows are left as written
    const Directive* written = nullptr;  ///< the `set` or row that gave the first variable's value
    Span span;                           ///< of the value, there
};

/// Propagates constants through `set`, `map`, `geo` and `split_clients` of http or stream. What it
/// gives are values that some request really has: a variable that is set from a request's own
/// data stays a variable.
class Constants {
  public:
    /// `block`: the `http` or `stream` block.
    explicit Constants(const Directive& block);

    /// The values that `text` can have in the block `level`. At least one; where there would be
    /// more than 64, the variables that make them so many stay variables.
    std::vector<Constant> expand(std::string_view text, const Directive& level) const;

  private:
    std::vector<Constant> expand(std::string_view text, const Directive& level, int depth) const;
    std::vector<Constant> values_of(std::string_view variable, const Directive& level,
                                    int depth) const;
    std::vector<Constant> rows_of(const Directive& block, const Directive& level, int depth) const;

    /// The map, geo or split_clients block that defines a variable.
    std::map<std::string_view, const Directive*> blocks_;
};

}  // namespace gatelint
