#include <algorithm>
#include <array>
#include <cstddef>

#include "surroundings/formats/lines.hpp"
#include "surroundings/formats/xml_file.hpp"
#include "surroundings/formats/yaml_file.hpp"
#include "surroundings/programs/uwsgi.hpp"

namespace gatelint {

namespace {

/// Lists are the option once for each item; what is nested more deeply is nothing to uWSGI.
void add_options(const YamlNode::Entry& entry, std::vector<UwsgiOption>& options) {
    const auto add = [&](const YamlNode& node) {
        if (node.is_sequence() || node.is_mapping()) return;
        options.push_back({entry.key.text, node.value()});
    };
    if (entry.value.is_sequence()) {
        std::for_each(entry.value.items.begin(), entry.value.items.end(), add);
    } else {
        add(entry.value);
    }
}

std::optional<std::vector<UwsgiOption>> parse_yaml_or_json(SourceId source,
                                                           std::string_view section,
                                                           Reading& reading) {
    const YamlFile file = parse_yaml(reading.text(source), source);
    if (!file.error.empty()) {
        reading.remark(file.error_span, "invalid uWSGI settings: " + file.error);
        return std::nullopt;
    }
    std::vector<UwsgiOption> options;
    for (const YamlNode& document : file.documents) {
        const YamlNode* own = document.find(section);
        if (own == nullptr) continue;
        for (const YamlNode::Entry& entry : own->entries) add_options(entry, options);
    }
    return options;
}

/// uwsgi_xml_config(): the root is `uwsgi`, or holds one or several of them with an `id`.
std::optional<std::vector<UwsgiOption>> parse_uwsgi_xml(SourceId source, std::string_view id,
                                                        Reading& reading) {
    const std::optional<XmlElement> root = parse_xml(reading.text(source), source);
    if (!root) {
        reading.remark({source, 0, 0}, "invalid XML");
        return std::nullopt;
    }
    const auto is_ours = [id](const XmlElement& element) {
        const Value* own = element.find("id");
        return element.name == "uwsgi" && (id.empty() || own == nullptr || own->text == id);
    };
    const XmlElement* uwsgi = root->name == "uwsgi" ? &*root : nullptr;
    if (uwsgi == nullptr) {
        const auto found = std::find_if(root->children.begin(), root->children.end(), is_ours);
        if (found == root->children.end()) return std::nullopt;
        uwsgi = &*found;
    }
    std::vector<UwsgiOption> options;
    for (const XmlElement& child : uwsgi->children) {
        options.push_back(
            {child.name, child.text.span.known() ? child.text : Value{"", child.span}});
    }
    return options;
}

}  // namespace

std::vector<UwsgiOption> parse_uwsgi_ini(std::string_view text, SourceId source,
                                         std::string_view section) {
    std::vector<UwsgiOption> options;
    std::string_view current;
    Span heading;
    for (const std::string_view line : lines_of(text)) {
        // Comments are whole lines: behind a value they are a part of it.
        if (line.empty() || line.front() == ';' || line.front() == '#') continue;
        if (line.front() == '[') {
            current = line.substr(1, std::max<std::size_t>(line.size(), 2) - 2);
            heading = span_in(text, line, source);
            continue;
        }
        if (current != section) continue;
        const std::size_t equals = std::min(line.find('='), line.size());
        const std::string_view key = trimmed(line.substr(0, equals));
        const std::string_view value = trimmed(line.substr(std::min(equals + 1, line.size())));
        options.push_back(
            {std::string(key), {std::string(value), span_in(text, value, source)}, heading});
    }
    return options;
}

std::optional<std::vector<UwsgiOption>> parse_uwsgi_file(std::string_view path, SourceId source,
                                                         std::string_view section,
                                                         Reading& reading) {
    const auto ends_with_any = [path](const auto& endings) {
        return std::any_of(endings.begin(), endings.end(),
                           [path](std::string_view ending) { return path.ends_with(ending); });
    };
    constexpr std::array<std::string_view, 4> yaml_endings = {".yaml", ".yml", ".json", ".js"};
    const std::string_view asked = section.empty() ? "uwsgi" : section;
    if (ends_with_any(yaml_endings)) return parse_yaml_or_json(source, asked, reading);
    if (path.ends_with(".xml")) return parse_uwsgi_xml(source, section, reading);
    if (path.ends_with(".ini")) return parse_uwsgi_ini(reading.text(source), source, asked);
    return std::nullopt;
}

}  // namespace gatelint
