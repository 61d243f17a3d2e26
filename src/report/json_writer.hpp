#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "report/sink.hpp"

namespace gatelint {

/// Writes JSON straight into a text: for output as large as its input, of which a tree of JSON
/// values would take many times the memory. Bytes that are not UTF-8 become U+FFFD.
class JsonWriter {
  public:
    enum class Charset : std::uint8_t {
        ascii,  ///< all that is not ASCII is escaped, as Python's json.dumps() does
        utf8,
    };

    /// `indent`: spaces per level; none writes one line without spaces.
    JsonWriter(std::optional<unsigned> indent, Charset charset);

    void open(char bracket);          ///< `{` or `[`
    void close(char bracket);         ///< `}` or `]`
    void key(std::string_view name);  ///< ASCII, with nothing in it to escape
    void string(std::string_view text);
    void number(std::uint64_t number);

    // The same with the key before it.
    void open(std::string_view name, char bracket);
    void string(std::string_view name, std::string_view text);
    void number(std::string_view name, std::uint64_t number);

    /// Hands on what was written so far, if that is much.
    void hand_on(const Sink& sink) { gatelint::hand_on(out_, sink); }

    /// What was written since the last piece was handed on; nothing may be written after it.
    std::string take();

  private:
    void separate();  ///< before a key, or a value in an array
    void new_line(bool with_comma);
    char* grow(std::size_t size);  ///< room for so many bytes, at the end
    void escape(char32_t code_point);
    void quote(std::string_view text);

    std::string out_;
    std::optional<unsigned> indent_;
    Charset charset_;
    std::size_t depth_ = 0;
    bool is_first_ = true;  ///< nothing stands in the innermost bracket yet
    bool has_key_ = false;  ///< a key waits for its value
};

}  // namespace gatelint
