#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatelint {

/// The environment variables that fill in a template, as far as they are known: from --define, and
/// from files around the configuration. What is not in it may still be set where nginx runs.
class Environment {
  public:
    struct Variable {
        std::string value;
        std::string origin;  ///< who says so, for messages: "--define", the path of a file
    };

    /// The first definition of a name stays: define in the order of precedence.
    void define(std::string name, std::string value, std::string origin);

    /// The lines `NAME=VALUE` of a text, as docker compose reads a `.env`: comments, `export` and
    /// quotes are known; a value that is put together of other variables is left out.
    void define_all(std::string_view text, const std::string& origin);

    /// The variables of another environment.
    void define_all(const Environment& other);

    /// Null where nobody said.
    const Variable* find(std::string_view name) const;

  private:
    std::map<std::string, Variable, std::less<>> variables_;
};

}  // namespace gatelint
