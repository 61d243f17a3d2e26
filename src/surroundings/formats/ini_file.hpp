#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "source/arena.hpp"
#include "source/file_reader.hpp"
#include "surroundings/formats/reading.hpp"

namespace gatelint {

/// One `key = value`, below the heading that is in force there.
struct IniSetting {
    std::string_view section;  ///< without brackets and quotes; "" before the first heading
    Span heading;              ///< with its brackets; unknown before the first one
    std::string_view key;      ///< with its subscript: `env[PATH]`
    std::string_view value;    ///< without quotes
    Span span;                 ///< of the value, with its quotes
    bool computed = false;     ///< holds `${NAME}` or a calculation: only run time knows it
};

/// A file of settings in sections, as php-fpm reads it.
struct IniFile {
    SourceId source = SourceId::none;
    std::vector<IniSetting> settings;
};

/// The settings of a text, in order. Never fails: lines that are no settings are skipped. Views
/// point into `text` or, where a value had to be put together, into `arena`.
IniFile parse_ini(std::string_view text, SourceId source, Arena& arena);

/// The INI files that were read, each once, whichever path led to it. It owns them.
class IniFiles {
  public:
    IniFiles(const FileReader& files, Reading& reading) : files_(files), reading_(reading) {}

    /// The file at a host path, or null where it cannot be read.
    const IniFile* read(const std::string& path);

    /// The paths that an include's pattern matches.
    std::vector<std::string> matching(const std::string& pattern);

  private:
    const FileReader& files_;
    Reading& reading_;
    std::map<std::string, const IniFile*> by_path_;
    std::map<std::string, std::unique_ptr<const IniFile>> by_file_;  ///< links resolved
};

}  // namespace gatelint
