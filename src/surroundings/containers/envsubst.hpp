#pragma once

#include <set>
#include <string>
#include <vector>

#include "source/file_reader.hpp"
#include "source/search_area.hpp"
#include "source/sources.hpp"
#include "source/span.hpp"

namespace gatelint {

/// A command that fills in a template with envsubst, in a Dockerfile, a compose file or a script.
struct EnvsubstCall {
    Span span;              ///< from `envsubst` to the end of its words
    std::string input;      ///< as it is written: what is read
    std::string output;     ///< what is written, "" if that is not in the command
    bool has_list = false;  ///< names are given: all others are left alone
    Span template_text;     ///< the whole file that is read, where it was found

    /// The shell empties the file before envsubst reads it.
    bool is_in_place() const { return !input.empty() && input == output; }
};

/// What the files around a configuration tell of the filling in of templates.
struct TemplateFillers {
    std::vector<EnvsubstCall> calls;
    std::set<std::string, std::less<>> names;  ///< words in capitals that these files mention: a
                                               ///< placeholder of such a name has its filler
    bool is_whole = true;  ///< false: there are more such files than are read, or longer ones
};

/// Finds and reads Dockerfiles, compose files, shell scripts and `.env` files of a project, as
/// plain lines.
TemplateFillers find_template_fillers(const SearchArea& area, const FileReader& files,
                                      Sources& sources);

/// The calls in a text. Comments hold none, nor do words such as `20-envsubst-on-templates.sh`.
std::vector<EnvsubstCall> envsubst_calls(std::string_view text, SourceId source);

}  // namespace gatelint
