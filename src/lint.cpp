#include "lint.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/config.hpp"
#include "model/model.hpp"
#include "own_listeners.hpp"
#include "rule.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

LintResult lint(const LintOptions& options, const FileReader& files, Sources& sources) {
    LintResult result;
    const Config config = load(options.main, files, sources);
    result.status = config.status();
    if (result.status != ReadStatus::ok) return result;

    const Model model = make_model(config);
    Surroundings surroundings;
    if (options.discover) {
        const Search search{options.search_trees, files.complete()};
        surroundings = discover(search, files, sources);
    }
    const OwnListeners own_listeners(model);
    const Subject subject{config, model, surroundings, own_listeners, options.nginx};
    for (const Rule* rule : all_rules()) {
        if (!rule->concerns(options.nginx.version)) continue;
        Report report(*rule, sources);
        rule->check(subject, report);
        for (Finding& finding : report.take()) result.findings.push_back(std::move(finding));
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
