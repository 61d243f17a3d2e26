#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/span.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// A node of a YAML document, aliases put in their places and `<<` merged. A scalar's span holds
/// its text with quotes; a collection's begins at its first byte and ends where its last part does.
struct YamlNode {
    enum class Kind : std::uint8_t { null, scalar, sequence, mapping };

    struct Entry;

    Kind kind = Kind::null;
    std::string text;       ///< of a scalar
    bool is_plain = false;  ///< a scalar without quotes: `true`, `80` and `~` mean something
    std::string tag;        ///< `!reset` and the like, "" for none and for YAML's own
    Span span;
    std::vector<YamlNode> items;  ///< of a sequence
    std::vector<Entry> entries;   ///< of a mapping, in order; a key twice: the later one counts

    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_sequence() const { return kind == Kind::sequence; }
    bool is_mapping() const { return kind == Kind::mapping; }

    /// The value of a key of a mapping, or null.
    const YamlNode* find(std::string_view key) const;

    /// The same, if it is a scalar.
    const YamlNode* find_scalar(std::string_view key) const;

    Value value() const { return {text, span}; }
};

struct YamlNode::Entry {
    Value key;
    YamlNode value;
};

/// What could be read of a YAML text.
struct YamlFile {
    std::vector<YamlNode> documents;
    std::string error;  ///< why the rest could not be read, "" if all was; the library's words
    Span error_span;
};

/// JSON is YAML too. Never throws. Bounded: at most 200,000 nodes after aliases are put in place.
YamlFile parse_yaml(std::string_view text, SourceId source);

}  // namespace gatelint
