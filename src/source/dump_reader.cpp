#include "source/dump_reader.hpp"

#include <algorithm>
#include <utility>

namespace gatelint {

namespace {

/// The lines before the first file, of a shell's or a container's making, are few.
constexpr int max_preface = 200;

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

std::string_view without_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);  // a container's terminal
    return line;
}

/// The path of a line that begins a file, or "" (nginx.c, main: ngx_dump_config).
std::string_view marked_path(std::string_view line) {
    constexpr std::string_view mark = "# configuration file ";
    line = without_return(line);
    if (!line.starts_with(mark) || !line.ends_with(':')) return {};
    line.remove_prefix(mark.size());
    line.remove_suffix(1);
    // As with `nginx -T -p .`; anything else is somebody's comment.
    return line.starts_with('/') || line.starts_with("./") ? line : std::string_view();
}

/// What nginx writes to its other stream, when both were caught: "nginx: ... syntax is ok", or a
/// line of its error log.
bool is_said_by_nginx(std::string_view line) {
    line = without_return(line);
    const bool dated = line.size() > 11 && line[4] == '/' && line[7] == '/' && line[10] == ' ' &&
                       line[0] >= '0' && line[0] <= '9';
    return line.empty() || line.starts_with("nginx: ") || dated;
}

/// Where the first marked line begins, or npos if the text is no dump.
std::size_t find_first(std::string_view text) {
    std::size_t at = 0;
    for (int lines = 0; at < text.size() && lines < max_preface; ++lines) {
        const std::string_view line = first_line(text.substr(at));
        if (!marked_path(line).empty()) return at;
        if (!is_said_by_nginx(line)) break;
        at += line.size() + 1;
    }
    return std::string_view::npos;
}

/// The first marked line after `at`, which is in the line of another, or the text's end.
std::size_t find_next(std::string_view text, std::size_t at) {
    constexpr std::string_view mark = "\n# configuration file ";
    while ((at = text.find(mark, at)) != std::string_view::npos) {
        ++at;
        if (!marked_path(first_line(text.substr(at))).empty()) return at;
    }
    return text.size();
}

}  // namespace

bool is_dump(std::string_view text) {
    return find_first(text) != std::string_view::npos;
}

bool is_refused_dump(std::string_view text) {
    bool is_refused = false;
    for (int lines = 0; !text.empty() && lines < max_preface; ++lines) {
        const std::string_view line = first_line(text);
        if (!is_said_by_nginx(line)) return false;
        is_refused = is_refused || line.find("[emerg]") != std::string_view::npos;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return is_refused;
}

DumpReader::Parts DumpReader::split(std::string_view text) {
    Parts parts;
    for (std::size_t at = find_first(text); at < text.size();) {
        const std::string_view line = first_line(text.substr(at));
        const std::string_view name = marked_path(line);
        const std::size_t next = find_next(text, at);
        const std::size_t begin = std::min(at + line.size() + 1, next);
        std::string_view part = text.substr(begin, next - begin);
        // nginx adds a newline to what the file holds.
        if (part.ends_with('\n')) part.remove_suffix(1);
        const std::string path = absolute_path("", name);
        if (parts.main.empty()) parts.main = path;
        parts.texts.try_emplace(path, part);
        parts.names.try_emplace(path, name);
        at = next;
    }
    return parts;
}

ReadResult DumpReader::read(const std::string& path) const {
    const auto name = parts_.names.find(path);
    // nginx had it: what is missing was cut out of the dump.
    if (name == parts_.names.end()) return {ReadStatus::outside, {}, path};
    ReadResult result = files_.read(path);
    result.file = name->second;
    return result;
}

}  // namespace gatelint
