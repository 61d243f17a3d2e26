#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "finding/finding.hpp"
#include "input/settings.hpp"
#include "source/disk_reader.hpp"
#include "source/sources.hpp"

namespace gatelint {

/// The `gatelint.toml` of every input: the nearest one upward on disk, each read once.
class SettingsFiles {
  public:
    /// What is wrong in them is added to `findings`.
    SettingsFiles(Sources& sources, std::vector<Finding>& findings);

    /// The settings that count for what lies in a directory (an absolute path); empty ones where
    /// there is no file. They live as long as this.
    const Settings& nearest(const std::string& directory);

    /// Whether something in the files could not be understood.
    bool have_mistakes() const { return have_mistakes_; }

  private:
    const Settings* read(const std::string& path);

    DiskReader disk_;
    Sources& sources_;
    std::vector<Finding>& findings_;
    Settings none_;
    std::map<std::string, std::unique_ptr<Settings>> by_file_;
    std::map<std::string, const Settings*> by_directory_;
    bool have_mistakes_ = false;
};

}  // namespace gatelint
