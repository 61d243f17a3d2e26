#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/value.hpp"

namespace gatelint {

/// The command of a container: a list of words, or a line for `/bin/sh -c` that was taken apart.
struct Command {
    std::vector<Value> words;  ///< argv, `exec` and assignments before it left out
    bool is_shell = false;     ///< a shell has a say: variables are expanded by it
    bool is_known = true;      ///< false: several commands, or something that only a shell knows
    Span span;                 ///< of the whole
    std::map<std::string, Value> assignments;  ///< `PORT=80 app`, `export PORT=80 && app`
    std::string directory;  ///< of `cd app && ...`, as it is written; "" for none
};

/// The words of a command line as /bin/sh splits it, each with its place if the text has it
/// unbroken at `span`. What the shell would expand stays as it is written.
Command parse_shell_command(std::string_view text, Span span);

/// The words of a command that no shell sees, as compose splits a string (go-shellwords). Not known
/// where it has operators outside of quotes.
Command split_command(std::string_view text, Span span);

}  // namespace gatelint
