#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/handling.hpp"
#include "finding/finding.hpp"
#include "input/settings.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

struct LintOptions {
    std::string main;  ///< host path of the main configuration
    TargetNginx nginx;
    bool discover = true;                      ///< look for the other side
    std::vector<std::string> search_trees;     ///< host directories in which to look for it
    const FileReader* surroundings = nullptr;  ///< and in whose files; null: in the same ones
    std::string compose_file;                  ///< the project in which nginx runs, or ""
    std::string service;                       ///< the service of it
    std::string pod;                           ///< the pod of Kubernetes in which nginx runs, or ""
    const Settings* settings = nullptr;        ///< what the user tells; null: nothing
    LoadOptions load;
    std::set<std::string> only;  ///< the files (ReadResult::file) whose findings are wanted; empty:
                                 ///< of all
    /// What was found around other inputs, for those of the same name, which have the same host and
    /// the same search_trees. May be null.
    std::map<std::string, Surroundings>* known_surroundings = nullptr;
    std::string surroundings_name;
};

struct LintResult {
    std::vector<Finding> findings;       ///< sorted by path, place, rule; each once
    ReadStatus status = ReadStatus::ok;  ///< of the main file: if not ok, nothing was judged
    std::vector<Note> limits_reached;    ///< what was left out of the surroundings
    std::vector<SourceId> files;         ///< those of the configuration, not those around it
};

/// The whole of gatelint: loads the configuration, works out what it means, looks for the other
/// side, and asks every rule.
LintResult lint(const LintOptions& options, const FileReader& files, Sources& sources);

struct Subject;

/// The same without asking any rule: for those who want to see what rules see. `use` is not called
/// where the main file cannot be read.
ReadStatus look(const LintOptions& options, const FileReader& files, Sources& sources,
                const std::function<void(const Subject&)>& use);

/// Sorts findings by path, place and rule, and leaves out what is there twice.
void sort_findings(std::vector<Finding>& findings, const Sources& sources);

}  // namespace gatelint
