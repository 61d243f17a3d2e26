#include "input/settings_files.hpp"

#include <filesystem>
#include <utility>

namespace gatelint {

namespace {

constexpr std::string_view file_name = "gatelint.toml";

PathMap whole_disk() {
    PathMap map;
    map.add("", "");
    return map;
}

}  // namespace

SettingsFiles::SettingsFiles(Sources& sources, std::vector<Finding>& findings)
    : disk_(whole_disk(), true), sources_(sources), findings_(findings) {}

const Settings& SettingsFiles::nearest(const std::string& directory) {
    const auto [known, is_new] = by_directory_.try_emplace(directory);
    if (!is_new) return *known->second;
    const std::filesystem::path at = directory;
    const Settings* found = &none_;
    if (at.has_relative_path()) {
        const Settings* own = read((at / file_name).string());
        found = own != nullptr ? own : &nearest(at.parent_path().string());
    }
    known->second = found;
    return *found;
}

/// Null where there is no such file.
const Settings* SettingsFiles::read(const std::string& path) {
    ReadResult file = disk_.read(path);
    if (file.status != ReadStatus::ok) return nullptr;
    std::unique_ptr<Settings>& known = by_file_[file.file];
    if (known == nullptr) {
        const SourceId source = sources_.add(file.file, std::move(file.text));
        const std::size_t before = findings_.size();
        known = std::make_unique<Settings>(read_settings(sources_.text(source), source, findings_));
        have_mistakes_ = have_mistakes_ || findings_.size() > before;
    }
    return known.get();
}

}  // namespace gatelint
