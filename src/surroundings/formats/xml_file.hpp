#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/span.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// An element of an XML document. Values have their entities replaced; their spans hold them as
/// they are written, without quotes.
struct XmlElement {
    struct Attribute {
        std::string name;
        Value value;
    };

    std::string name;
    Span span;   ///< of the name in its start tag
    Value text;  ///< its own text up to the first child, blanks around it removed
    std::vector<Attribute> attributes;
    std::vector<XmlElement> children;

    /// The value of an attribute, or null.
    const Value* find(std::string_view attribute) const;
};

/// The root of a document; nothing where the text is no XML. What is nested more deeply than 50
/// elements is left out. Never throws.
std::optional<XmlElement> parse_xml(std::string_view text, SourceId source);

}  // namespace gatelint
