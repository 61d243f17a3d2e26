#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "finding/finding.hpp"
#include "report/sink.hpp"
#include "source/sources.hpp"

namespace gatelint {

/// All that a report is made of. Findings are sorted: by path, place, then rule.
struct Results {
    const Sources& sources;
    std::span<const Finding> findings;
    std::size_t suppressed = 0;
    std::size_t files = 0;          ///< of the configuration, without those around it
    std::string working_directory;  ///< absolute; paths below it are shown relative to it
    /// What was left out, since there is too much: a sentence each.
    std::span<const std::string> limits = {};
};

/// Excerpts with carets, notes with theirs, fixes as diffs; for people. `color`: ANSI escapes.
void report_full(const Results& results, bool color, const Sink& sink);

/// `file:3:14: error: message [rule]`, a line for each finding.
void report_concise(const Results& results, bool color, const Sink& sink);

/// One object, schema "gatelint/1".
void report_json(const Results& results, const Sink& sink);

/// SARIF 2.1.0, one run, as code scanning services take it.
void report_sarif(const Results& results, const Sink& sink);

/// The catalogue of rules: id, severity, family, summary and versions of each.
std::string rules_json();

/// How many findings are of the severity.
std::size_t count_of(const Results& results, Severity severity);

/// "2 errors, 1 warning in 37 files": the last line for people.
std::string summary_line(const Results& results);

/// A file's path as reports show it: relative to the working directory where it lies below it.
std::string shown_path(const Results& results, std::string_view path);

/// A finding's identity, for baselines and for services that track findings: stable when other
/// lines of the file change, unique within a report.
enum class Fingerprint : std::uint64_t {};

/// Hexadecimal, as reports show it.
std::string to_string(Fingerprint fingerprint);

/// Those of all findings, in their order.
std::vector<Fingerprint> fingerprints(const Results& results);

}  // namespace gatelint
