#include "surroundings/formats/reading.hpp"

namespace gatelint {

std::optional<SourceId> Reading::read(const FileReader& files, const std::string& path) {
    ReadResult file = files.read(path);
    if (file.status != ReadStatus::ok || file.text.size() > max_size) return std::nullopt;
    const auto [known, is_new] = by_file_.try_emplace(file.file, SourceId::none);
    if (is_new) known->second = sources_.add(std::move(file.file), std::move(file.text));
    return known->second;
}

}  // namespace gatelint
