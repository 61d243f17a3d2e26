#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatelint {

/// A regular expression as nginx compiles it (ngx_regex_compile): by PCRE2, with no option but that
/// letter case may not count. Its file is the only one that knows the engine.
class Regex {
  public:
    explicit Regex(std::string_view pattern, bool caseless = false);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    struct Error {
        std::string message;  ///< PCRE2's own
        std::size_t offset;   ///< in the pattern; its size: at the end
    };

    /// Why it does not compile, or nothing.
    const std::optional<Error>& error() const { return error_; }

    /// What nginx logs then (ngx_conf_log_error's text), or "".
    std::string nginx_error(std::string_view pattern) const;

    /// How many groups capture, those with names included.
    std::uint32_t captures() const { return captures_; }

    /// The names of named captures, sorted as PCRE2 sorts them.
    const std::vector<std::string>& names() const { return names_; }

    enum class Match : std::uint8_t { no, yes, unknown };

    /// Whether it matches within `text`. Unknown where that would take too long, and for a pattern
    /// that does not compile.
    Match match(std::string_view text) const;

  private:
    struct Code;

    void read_captures();

    std::unique_ptr<Code> code_;
    std::optional<Error> error_;
    std::uint32_t captures_ = 0;
    std::vector<std::string> names_;
};

/// Regular expressions, each compiled once, however often it is written.
class RegexTable {
  public:
    /// `pattern` must live as long as the table; so does what is returned.
    const Regex& compile(std::string_view pattern, bool caseless);

  private:
    /// By pattern: those for which letter case counts, and the others.
    std::array<std::unordered_map<std::string_view, Regex>, 2> regexes_;
};

}  // namespace gatelint
