#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
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
    std::vector<Constant> expand(std::string_view text, const Directive& level);

    /// Whether the values of `text` are the same at every level, as no `set` has a say in them.
    bool is_same_everywhere(std::string_view text) const;

  private:
    /// A block and one of the variables that are set in it.
    struct Place {
        const Directive* block;
        std::string_view variable;
        bool operator==(const Place&) const = default;
    };
    /// A variable's block, and how deep in other values its own are asked for.
    struct Depth {
        const Directive* block;
        int depth;
        bool operator==(const Depth&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Place& place) const {
            return std::hash<const void*>()(place.block) * 31 +
                   std::hash<std::string_view>()(place.variable);
        }
        std::size_t operator()(const Depth& depth) const {
            return std::hash<const void*>()(depth.block) + static_cast<std::size_t>(depth.depth);
        }
    };
    using Rows = std::unordered_map<Depth, std::vector<Constant>, Hash>;

    /// `set`s that may have given a variable its value.
    struct Possible {
        std::vector<const Directive*> sets;
        bool is_all = false;  ///< none that ran before counts
    };

    void index_sets(const Directive& block, const Directive& owner);
    void find_local_blocks();
    Possible possible_sets(const Directive& block, std::string_view variable,
                           const Directive* inside) const;
    std::vector<const Directive*> sets_before(std::string_view variable,
                                              const Directive& level) const;
    std::vector<Constant> expand(std::string_view text, const Directive& level, int depth);
    std::vector<Constant> values_of(std::string_view variable, const Directive& level, int depth);
    const std::vector<Constant>& rows_of(const Directive& block, const Directive& level, int depth);
    std::vector<Constant> read_rows(const Directive& block, const Directive& level, int depth);

    /// The map, geo or split_clients block that defines a variable.
    std::unordered_map<std::string_view, const Directive*> blocks_;
    /// The `set`s of a variable in a block and in its `if`s, in order.
    std::unordered_map<Place, std::vector<const Directive*>, Hash> sets_;
    std::unordered_set<std::string_view> set_variables_;
    std::unordered_set<const Directive*> local_blocks_;  ///< whose values depend on the level
    Rows rows_;                                          ///< of the other blocks
    Rows local_rows_;  ///< of those blocks, at the level in question
};

}  // namespace gatelint
