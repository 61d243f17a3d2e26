#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/value.hpp"

namespace gatelint {

/// A package.json: what `npm start` and its like run.
struct NodePackage {
    std::map<std::string, Value> scripts;
    std::map<std::string, Value> dependencies;  ///< of run time, with their versions
    std::optional<Value> main;
};

/// Nothing where the text is no package.json.
std::optional<NodePackage> parse_node_package(std::string_view text, SourceId source);

/// What a call of npm, yarn, pnpm or bun runs: the line of the script, for
/// parse_shell_command(). `npm start` without a script is `node server.js`. Nothing where the words
/// run no script of the package.
std::optional<Value> script_of(const NodePackage& package, const std::vector<Value>& arguments);

}  // namespace gatelint
