#include "lint.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/config.hpp"
#include "model/model.hpp"
#include "own_listeners.hpp"
#include "rule.hpp"

namespace gatelint {

namespace {

/// Looks around nginx, if that was not done for another input already.
const Surroundings& look_around(const LintOptions& options, const FileReader& files,
                                Sources& sources, Surroundings& own) {
    if (!options.discover) return own;
    const Search search{options.search_trees, files.complete()};
    if (options.known_surroundings == nullptr) {
        own = discover(search, files, sources);
        return own;
    }
    const auto [known, is_new] = options.known_surroundings->try_emplace(options.surroundings_name);
    if (is_new) known->second = discover(search, files, sources);
    return known->second;
}

}  // namespace

LintResult lint(const LintOptions& options, const FileReader& files, Sources& sources) {
    LintResult result;
    const Config config = load(options.main, files, sources, options.load);
    result.status = config.status();
    if (result.status != ReadStatus::ok) return result;

    const Model model = make_model(config);
    Surroundings own;
    const Surroundings& surroundings = look_around(options, files, sources, own);
    const OwnListeners own_listeners(model);
    const Subject subject{config, model, surroundings, own_listeners, options.nginx};
    for (const Rule* rule : all_rules()) {
        if (!rule->concerns(options.nginx.version)) continue;
        Report report(*rule, sources);
        rule->check(subject, report);
        for (Finding& finding : report.take()) result.findings.push_back(std::move(finding));
    }
    if (!options.only.empty()) {
        std::erase_if(result.findings, [&](const Finding& finding) {
            return !options.only.contains(sources.path(finding.span.source));
        });
    }
    sort_findings(result.findings, sources);
    return result;
}

void sort_findings(std::vector<Finding>& findings, const Sources& sources) {
    const auto key = [&sources](const Finding& finding) {
        return std::tuple(std::string_view(sources.path(finding.span.source)), finding.span.begin,
                          finding.span.end, finding.rule);
    };
    std::stable_sort(findings.begin(), findings.end(),
                     [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
    const auto same = [&](const Finding& a, const Finding& b) { return key(a) == key(b); };
    findings.erase(std::unique(findings.begin(), findings.end(), same), findings.end());
}

}  // namespace gatelint
