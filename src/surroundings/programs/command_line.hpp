#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/value.hpp"
#include "surroundings/process.hpp"

namespace gatelint {

/// Longer command lines are not understood.
inline constexpr std::size_t max_words = 2048;

/// An option that a program takes: its long name, its letter, and whether a value follows.
struct OptionName {
    enum class Takes : std::uint8_t { nothing, value };

    std::string_view name;  ///< without dashes; "" for a letter alone
    char letter = '\0';
    Takes takes = Takes::value;
};

/// The words of a program taken apart as getopt_long(3) does: `-b x`, `-bx`, `--bind x`,
/// `--bind=x`. Options that the program is not known to take are flags.
class CommandLine {
  public:
    /// `words` begin after the program's name.
    CommandLine(const std::vector<Value>& words, std::initializer_list<OptionName> names);

    /// The value that counts where an option is given once or more, or null. Of a flag it is the
    /// word itself.
    const Value* last(std::string_view name) const;

    std::vector<Value> all(std::string_view name) const;

    /// The words that are neither options nor their values.
    const std::vector<Value>& operands() const { return operands_; }

    /// False: a word that only run time knows may stand for any option.
    bool is_whole() const { return is_whole_; }

  private:
    struct Option {
        std::string name;
        Value value;
    };

    std::vector<Option> options_;
    std::vector<Value> operands_;
    bool is_whole_ = true;
};

/// A part of a word; its place is the word's where the word is not written as it reads.
Value part_of(const Value& word, std::size_t begin, std::size_t size = std::string::npos);

/// A text with `$NAME`, `${NAME}` and `${NAME:-default}` filled in from the environment of the
/// process. unknown_byte stands for what is not known.
std::string fill_in(std::string_view text, const Process& process);

/// The words of a process, filled in. A word that is a variable and nothing else becomes the words
/// that it holds.
std::vector<Value> filled_in_words(const Process& process);

/// Words between blanks, quotes respected, all at one place: as shlex.split() does.
std::vector<Value> split_words(std::string_view text, Span span);

}  // namespace gatelint
