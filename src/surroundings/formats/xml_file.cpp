#include "surroundings/formats/xml_file.hpp"

#include <algorithm>
#include <functional>
#include <pugixml.hpp>

namespace gatelint {

namespace {

constexpr int max_xml_depth = 50;

/// Makes our tree of the library's, which was parsed in place: its texts stand in the buffer where
/// they stand in the file, shorter by their entities.
class XmlTreeMaker {
  public:
    XmlTreeMaker(const std::string& buffer, std::string_view written, SourceId source)
        : buffer_(buffer), written_(written), source_(source) {}

    XmlElement make(const pugi::xml_node& node, int depth = 0) const {
        XmlElement made;
        made.name = node.name();
        made.span = span_of(node.name(), made.name.size());
        for (const pugi::xml_attribute& attribute : node.attributes()) {
            made.attributes.push_back({attribute.name(), value_of(attribute.value())});
        }
        const pugi::xml_node first = node.first_child();
        if (first.type() == pugi::node_pcdata || first.type() == pugi::node_cdata) {
            made.text = value_of(first.value());
        }
        if (depth == max_xml_depth) return made;
        for (const pugi::xml_node& child : node.children()) {
            if (child.type() == pugi::node_element) {
                made.children.push_back(make(child, depth + 1));
            }
        }
        return made;
    }

  private:
    Span span_of(const char* at, std::size_t size) const {
        const std::less<> before;
        if (before(at, buffer_.data()) || !before(at, buffer_.data() + buffer_.size())) return {};
        const auto begin = static_cast<std::uint32_t>(at - buffer_.data());
        return {source_, begin, begin + static_cast<std::uint32_t>(size)};
    }

    Value value_of(const char* text) const {
        Value value{text, span_of(text, 0)};
        if (!value.span.known()) return value;
        // An entity is longer where it is written than what it stands for.
        const std::size_t end = written_.find_first_of("\"'<", value.span.begin);
        const std::string_view rest = written_.substr(value.span.begin, end - value.span.begin);
        const bool is_plain = rest.substr(0, value.text.size()) == value.text;
        value.span.end += static_cast<std::uint32_t>(is_plain ? value.text.size() : rest.size());
        return value;
    }

    const std::string& buffer_;
    std::string_view written_;
    SourceId source_;
};

}  // namespace

const Value* XmlElement::find(std::string_view attribute) const {
    const auto found =
        std::find_if(attributes.begin(), attributes.end(),
                     [attribute](const Attribute& one) { return one.name == attribute; });
    return found == attributes.end() ? nullptr : &found->value;
}

std::optional<XmlElement> parse_xml(std::string_view text, SourceId source) {
    std::string buffer(text);
    pugi::xml_document document;
    // Entities of a DOCTYPE are never expanded: the library does not know them.
    const pugi::xml_parse_result result = document.load_buffer_inplace(
        buffer.data(), buffer.size(), pugi::parse_default | pugi::parse_trim_pcdata,
        pugi::encoding_utf8);
    if (!result) return std::nullopt;
    return XmlTreeMaker(buffer, text, source).make(document.document_element());
}

}  // namespace gatelint
