#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatelint {

/// The filling in of `$NAME`, `${NAME}`, `${NAME:-default}` and the like, as compose and
/// Dockerfiles do it. What nobody gives a value leaves unknown_byte in the text.
class Interpolation {
  public:
    /// How a dollar sign that means itself is written: `$$` or `\$`.
    enum class Escape : std::uint8_t { dollar, backslash };

    /// The value of a name, or nothing.
    using Lookup = std::function<std::optional<std::string>(std::string_view)>;

    Interpolation(Escape escape, Lookup lookup) : escape_(escape), lookup_(std::move(lookup)) {}

    std::string fill(std::string_view text);

    /// Fills in the variable at `at`, where a dollar sign is, and steps over it. One that begins no
    /// variable stays.
    void fill_one(std::string_view text, std::size_t& at, std::string& filled) {
        fill_one(text, at, filled, 0);
    }

  private:
    std::string fill(std::string_view text, int depth);
    void fill_one(std::string_view text, std::size_t& at, std::string& filled, int depth);
    std::string value_of(std::string_view inside, int depth);
    std::string limited(std::string value);

    Escape escape_;
    Lookup lookup_;
    std::size_t budget_ = std::size_t{4} * 1024 * 1024;  ///< values that hold values grow fast
};

/// How many bytes of `text` are a variable's name.
std::size_t variable_name_size(std::string_view text);

}  // namespace gatelint
