#pragma once

#include <string>
#include <string_view>

namespace gatelint {

/// Files are called in a payload as crossplane calls them: the main file as the command line does,
/// an included one by the text of the include, behind the main file's directory where that text is
/// relative. Nothing is resolved.

/// The directory of a path, without a slash at its end: Python's os.path.dirname().
std::string_view written_directory(std::string_view path);

/// Python's os.path.join().
std::string written_path(std::string_view directory, std::string_view path);

/// How the file at `host_path` is called that the include's `pattern` matched: as the pattern, with
/// what it matched filled in.
std::string match_name(const std::string& pattern, std::string_view host_path);

}  // namespace gatelint
