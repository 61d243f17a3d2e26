#include "input/settings_files.hpp"

#include <filesystem>
#include <utility>

#include "source/file_reader.hpp"

namespace gatelint {

namespace {

constexpr std::string_view file_name = "gatelint.toml";

/// The text of the nearest file upward, with its path; an empty path where there is none.
ReadResult find_nearest(std::string_view directory) {
    PathMap map;
    map.add("", "");
    const DiskReader disk(map, true);
    for (std::filesystem::path at = directory; at.has_relative_path(); at = at.parent_path()) {
        ReadResult file = disk.read((at / file_name).string());
        if (file.status == ReadStatus::ok) return file;
    }
    return {};
}

}  // namespace

const Settings& SettingsFiles::nearest(std::string_view directory) {
    ReadResult file = find_nearest(directory);
    const std::string path = file.status == ReadStatus::ok ? file.file : std::string();
    std::unique_ptr<Settings>& known = by_path_[path];
    if (known == nullptr && path.empty()) known = std::make_unique<Settings>();
    if (known == nullptr) {
        const SourceId source = sources_.add(path, std::move(file.text));
        const std::size_t before = findings_.size();
        known = std::make_unique<Settings>(read_settings(sources_.text(source), source, findings_));
        have_mistakes_ = have_mistakes_ || findings_.size() > before;
    }
    return *known;
}

std::string SettingsFiles::path_of(const Settings& settings) const {
    for (const auto& [path, known] : by_path_) {
        if (known.get() == &settings) return path;
    }
    return {};
}

}  // namespace gatelint
