#pragma once

#include <functional>
#include <vector>

#include "finding/finding.hpp"
#include "input/target.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"

namespace gatelint {

struct LintResult {
    std::vector<Finding> findings;       ///< sorted by path, place, rule; each once
    ReadStatus status = ReadStatus::ok;  ///< of the main file: if not ok, nothing was judged
    std::vector<Note> limits_reached;    ///< what was left out of the surroundings
    std::vector<SourceId> files;         ///< those of the configuration, not those around it
};

/// The whole of gatelint: loads the configuration, works out what it means, looks for the other
/// side, and asks every rule. `sources` are the same for all targets of a run.
LintResult lint(const Target& target, Sources& sources);

struct Subject;

/// The same without asking any rule: for those who want to see what rules see. `use` is not called
/// where the main file cannot be read.
ReadStatus look(const Target& target, Sources& sources,
                const std::function<void(const Subject&)>& use);

/// Sorts findings by path, place and rule, and leaves out what is there twice.
void sort_findings(std::vector<Finding>& findings, const Sources& sources);

}  // namespace gatelint
