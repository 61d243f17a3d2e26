#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatelint {

/// Writes JSON as Python's json.dumps() does, straight into a text: for output as large as its
/// input, of which a tree of JSON values would take many times the memory. Bytes that are not
/// UTF-8 become U+FFFD, and all that is not ASCII is escaped.
class JsonWriter {
  public:
    /// `indent`: spaces per level; none writes one line without spaces.
    explicit JsonWriter(std::optional<unsigned> indent) : indent_(indent) {}

    void open(char bracket);   ///< `{` or `[`
    void close(char bracket);  ///< `}` or `]`
    void key(std::string_view name);
    void string(std::string_view text);
    void number(std::uint64_t number);

    /// What was written; nothing may be written after it.
    std::string take();

  private:
    void separate();  ///< before a key, or a value in an array
    void new_line();
    void escape(char32_t code_point);
    void quote(std::string_view text);

    std::string out_;
    std::optional<unsigned> indent_;
    std::size_t depth_ = 0;
    bool is_first_ = true;  ///< nothing stands in the innermost bracket yet
    bool has_key_ = false;  ///< a key waits for its value
};

}  // namespace gatelint
