#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "surroundings/formats/process_environment.hpp"

namespace gatelint {

/// The value of an expression in a settings file in Ruby.
struct RubyValue {
    std::string text;
    bool is_fallback = false;  ///< a variable of the environment that nobody told of may replace it
};

/// Computes simple expressions: literals, `"#{name}.sock"`, variables, ENV with a default,
/// File.expand_path, File.join, Dir.pwd.
class RubyValues {
  public:
    /// `file` is the host path of the settings file, "" if unknown.
    RubyValues(const ProcessEnvironment& environment, std::string file)
        : environment_(environment), file_(std::move(file)) {}

    void assign(std::string_view name, std::string_view expression, bool is_certain);

    /// Nothing for what only Ruby knows.
    std::optional<RubyValue> compute(std::string_view expression, int depth = 0) const;

  private:
    std::optional<RubyValue> compute_string(std::string_view literal, int depth) const;
    std::optional<RubyValue> compute_call(std::string_view callee, std::string_view arguments,
                                          std::string_view block, int depth) const;
    std::optional<RubyValue> environment(std::string_view name,
                                         std::optional<std::string_view> fallback, int depth) const;

    ProcessEnvironment environment_;
    std::string file_;
    std::map<std::string, std::optional<RubyValue>, std::less<>> variables_;
};

}  // namespace gatelint
