#include "source/sources.hpp"

#include <algorithm>
#include <utility>

#include "source/utf8.hpp"

namespace gatelint {

SourceId Sources::add(std::string path, std::string text) {
    sources_.push_back({std::move(path), std::move(text), {}});
    return static_cast<SourceId>(sources_.size() - 1);
}

std::string_view Sources::text(Span span) const {
    return text(span.source).substr(span.begin, span.end - span.begin);
}

Position Sources::position(SourceId source, std::uint32_t offset) const {
    const std::uint32_t line = line_of(source, offset);
    const std::uint32_t begin = line_begin(source, line);
    const std::size_t before = code_points(text(source).substr(begin, offset - begin));
    return {line, static_cast<std::uint32_t>(before) + 1};
}

std::string_view Sources::line(SourceId source, std::uint32_t line) const {
    std::string_view rest = text(source).substr(line_begin(source, line));
    return rest.substr(0, rest.find('\n'));
}

std::uint32_t Sources::line_begin(SourceId source, std::uint32_t line) const {
    return lines(at(source))[line - 1];
}

std::uint32_t Sources::line_count(SourceId source) const {
    return static_cast<std::uint32_t>(lines(at(source)).size());
}

std::uint32_t Sources::line_of(SourceId source, std::uint32_t offset) const {
    const auto& begins = lines(at(source));
    const auto after = std::upper_bound(begins.begin(), begins.end(), offset);
    return static_cast<std::uint32_t>(after - begins.begin());
}

const std::vector<std::uint32_t>& Sources::lines(const Source& source) {
    if (source.lines.empty()) {
        source.lines.push_back(0);
        for (std::size_t at = source.text.find('\n'); at != std::string::npos;
             at = source.text.find('\n', at + 1)) {
            source.lines.push_back(static_cast<std::uint32_t>(at + 1));
        }
    }
    return source.lines;
}

}  // namespace gatelint
