#include "source/sources.hpp"

#include <utility>

namespace gatelint {

SourceId Sources::add(std::string path, std::string text) {
    sources_.push_back({std::move(path), std::move(text), {}});
    return static_cast<SourceId>(sources_.size() - 1);
}

std::string_view Sources::text(Span span) const {
    return text(span.source).substr(span.begin, span.end - span.begin);
}

Position Sources::position(SourceId source, std::uint32_t offset, ColumnUnit unit) const {
    return stretch({source, offset, offset}, unit).begin;
}

Stretch Sources::stretch(Span span, ColumnUnit unit) const {
    const Lines& lines = this->lines(span.source);
    const std::string_view all = text(span.source);
    const std::uint32_t first = lines.line_of(span.begin);
    const Position begin = {first, lines.column_of(span.begin, first, all, unit)};
    if (span.end == span.begin) return {begin, begin};
    const std::uint32_t last = lines.line_of(span.end, first);
    return {begin, {last, lines.column_of(span.end, last, all, unit)}};
}

std::string_view Sources::line(SourceId source, std::uint32_t line) const {
    const Lines& lines = this->lines(source);
    const std::uint32_t begin = lines.begin_of(line);
    const std::string_view rest = text(source).substr(begin);
    return line == lines.count() ? rest : rest.substr(0, lines.begin_of(line + 1) - begin - 1);
}

std::uint32_t Sources::line_begin(SourceId source, std::uint32_t line) const {
    return lines(source).begin_of(line);
}

std::uint32_t Sources::line_count(SourceId source) const {
    return lines(source).count();
}

std::uint32_t Sources::line_of(SourceId source, std::uint32_t offset) const {
    return lines(source).line_of(offset);
}

const Lines& Sources::lines(SourceId source) const {
    const Source& asked = at(source);
    if (!asked.lines) asked.lines.emplace(asked.text);
    return *asked.lines;
}

}  // namespace gatelint
