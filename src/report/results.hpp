#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "finding/finding.hpp"
#include "source/sources.hpp"

namespace gatelint {

/// All that a report is made of. Findings are sorted: by path, place, then rule.
struct Results {
    const Sources& sources;
    std::span<const Finding> findings;
    std::size_t suppressed = 0;
    std::size_t files = 0;          ///< that were read
    std::string working_directory;  ///< absolute; paths below it are shown relative to it
};

/// Excerpts with carets, notes with theirs, fixes as diffs; for people. `color`: ANSI escapes.
std::string report_full(const Results& results, bool color);

/// `file:3:14: error: message [rule]`, a line for each finding.
std::string report_concise(const Results& results, bool color);

/// One object, schema "gatelint/1".
std::string report_json(const Results& results);

/// SARIF 2.1.0, one run, as code scanning services take it.
std::string report_sarif(const Results& results);

/// The catalogue of rules: id, severity, family, summary and versions of each.
std::string rules_json();

/// "2 errors, 1 warning in 37 files": the last line for people.
std::string summary_line(const Results& results);

/// A file's path as reports show it: relative to the working directory where it lies below it.
std::string shown_path(const Results& results, std::string_view path);

/// The findings' identities, in their order, for baselines and for services that track findings:
/// stable when other lines of the file change, unique within a report. Hexadecimal.
std::vector<std::string> fingerprints(const Results& results);

}  // namespace gatelint
