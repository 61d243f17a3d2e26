#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/value.hpp"

namespace gatelint {

/// The scripts of a package.json, by their names: what `npm start` and its like run.
using NodeScripts = std::map<std::string, Value>;

/// Nothing where the text is no package.json.
std::optional<NodeScripts> parse_node_scripts(std::string_view text, SourceId source);

/// A call of npm, yarn, pnpm or bun that may run a script: `npm run web -- --port 3000`.
struct ScriptCall {
    std::string_view program;
    std::string_view script;     ///< "" if it runs none
    std::string_view directory;  ///< of the package, "" for the working directory
    std::vector<Value> more;     ///< words that are put behind the script's own
};

/// Views point into the words, which begin with the program. Nothing for another program.
std::optional<ScriptCall> parse_script_call(const std::vector<Value>& words);

/// The line of the script that is called, for a shell. `npm start` without a script is
/// `node server.js`. Nothing where there is none.
std::optional<Value> line_of(const ScriptCall& call, const NodeScripts& scripts);

}  // namespace gatelint
