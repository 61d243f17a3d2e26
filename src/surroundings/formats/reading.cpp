#include "surroundings/formats/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gatelint {

SourceId Library::take(ReadResult file) {
    const auto known = by_file_.find(file.file);
    if (known != by_file_.end() && sources_.text(known->second) == file.text) return known->second;
    std::string name = file.file;
    const SourceId source = sources_.add(std::move(file.file), std::move(file.text));
    by_file_.insert_or_assign(std::move(name), source);
    return source;
}

const YamlFile& Library::yaml(SourceId source) {
    const auto known = yaml_.find(source);
    if (known != yaml_.end()) return known->second;
    return yaml_.emplace(source, parse_yaml(sources_.text(source), source)).first->second;
}

const std::vector<std::string>& Library::files_below(const std::string& top,
                                                     const FileReader& files, Kind kind) {
    std::shared_ptr<const Tree> tree = files.tree(top);
    const auto [known, is_new] = found_.try_emplace({tree.get(), top, kind.is_name, kind.is_path});
    Found& found = known->second;
    if (!is_new) return found.paths;
    std::copy_if(tree->named(kind.is_name).begin(), tree->named(kind.is_name).end(),
                 std::back_inserter(found.paths), [&](const std::string& path) {
                     return (kind.is_path == nullptr || kind.is_path(path)) && !is_built(path, top);
                 });
    found.tree = std::move(tree);
    return found.paths;
}

std::optional<SourceId> Reading::read(const FileReader& files, const std::string& path) {
    ReadResult file = files.read(path);
    if (file.status != ReadStatus::ok) return std::nullopt;
    if (is_too_long(file)) return std::nullopt;
    const auto [known, is_new] = by_file_.try_emplace(file.file, SourceId::none);
    if (is_new) known->second = library_.take(std::move(file));
    return known->second;
}

bool Reading::is_too_long(const ReadResult& file) {
    if (file.text.size() <= max_size) return false;
    limit({}, fmt::format("{} is not read: it is longer than {} MiB",
                          file.shown.empty() ? file.file : file.shown, max_size >> 20U));
    return true;
}

void Reading::limit(Span span, std::string message) {
    const bool is_known = std::any_of(limits_reached_.begin(), limits_reached_.end(),
                                      [&](const Note& note) { return note.message == message; });
    if (!is_known) limits_reached_.push_back({std::move(message), span, true});
}

}  // namespace gatelint
