#include "lint.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "model/model.hpp"
#include "own_listeners.hpp"
#include "rule.hpp"
#include "source/threads.hpp"
#include "surroundings/containers/container_files.hpp"

namespace gatelint {

namespace {

/// The places of one text at which some rule has an error, for the question whether another
/// overlaps one of them.
class ErrorPlaces {
  public:
    void add(Span span) { spans_.push_back(span); }

    /// To be called once all are added.
    void sort() {
        std::sort(spans_.begin(), spans_.end());
        std::uint32_t furthest = 0;
        for (const Span& span : spans_) ends_.push_back(furthest = std::max(furthest, span.end));
    }

    bool overlap(Span span) const {
        const auto after = std::partition_point(
            spans_.begin(), spans_.end(),
            [&](const Span& other) { return other.begin < std::max(span.end, span.begin + 1); });
        if (after == spans_.begin()) return false;
        return ends_[static_cast<std::size_t>(after - spans_.begin()) - 1] > span.begin;
    }

  private:
    std::vector<Span> spans_;
    std::vector<std::uint32_t> ends_;  ///< the furthest of all up to here
};

/// Leaves out what general rules say where a special one has an error (Rule::gives_way).
void give_way(std::vector<Finding>& findings) {
    const auto is_general = [](const Finding& finding) {
        return find_rule(finding.rule)->gives_way;
    };
    if (std::none_of(findings.begin(), findings.end(), is_general)) return;
    std::map<SourceId, ErrorPlaces> places;
    for (const Finding& finding : findings) {
        if (finding.severity == Severity::error && !is_general(finding)) {
            places[finding.span.source].add(finding.span);
        }
    }
    for (auto& [source, in_source] : places) in_source.sort();
    std::erase_if(findings, [&](const Finding& finding) {
        const auto found = places.find(finding.span.source);
        return found != places.end() && is_general(finding) && found->second.overlap(finding.span);
    });
}

/// Where each source in which something was found comes by its path; sources of one path have one
/// rank.
std::vector<std::uint32_t> ranks_by_path(const std::vector<Finding>& findings,
                                         const Sources& sources) {
    const auto index_of = [](const Finding& finding) {
        return static_cast<std::uint32_t>(finding.span.source);
    };
    std::vector<std::uint32_t> order;
    std::vector<std::uint32_t> ranks(sources.size());
    for (const Finding& finding : findings) {
        if (std::exchange(ranks[index_of(finding)], 1) == 0) order.push_back(index_of(finding));
    }
    const auto path = [&sources](std::uint32_t index) -> const std::string& {
        return sources.path(static_cast<SourceId>(index));
    };
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return path(a) < path(b); });
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && path(order[i]) != path(order[i - 1])) ++rank;
        ranks[order[i]] = rank;
    }
    return ranks;
}

/// So many directives keep several threads busy; smaller configurations are judged before those
/// begin.
constexpr std::uint32_t many_directives = 10'000;

/// Calls `work` with each number below `count`, where it pays from several threads.
void do_all(const Config& config, std::size_t count, const std::function<void(std::size_t)>& work) {
    if (config.index().size() >= many_directives) return in_parallel(count, work);
    for (std::size_t i = 0; i < count; ++i) work(i);
}

/// What all that looks at a configuration needs, made in the order in which each rests on the last.
class Scene {
  public:
    Scene(const Target& target, Sources& sources)
        : target_(target), config_(load(target.main, *target.files, sources, target.load)) {
        if (status() != ReadStatus::ok) return;
        const std::array<std::function<void()>, 2> parts = {
            [this] {
                model_ = make_model(config_);
                own_listeners_.emplace(model_);
            },
            [this] { variables_.emplace(config_); },
        };
        do_all(config_, parts.size(), [&parts](std::size_t i) { parts.at(i)(); });
        surroundings_ = &target.around->look(sources);
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    ReadStatus status() const { return config_.status(); }

    Subject subject() const {
        return {config_, model_, *variables_, *surroundings_, *own_listeners_, target_.load.nginx};
    }

  private:
    const Target& target_;
    Config config_;
    Model model_;
    std::optional<AllVariables> variables_;
    const Surroundings* surroundings_ = nullptr;
    std::optional<OwnListeners> own_listeners_;
};

/// What each rule says, in the order of the rules.
std::vector<std::deque<Finding>> ask_all_rules(const Subject& subject, const Sources& sources) {
    std::vector<const Rule*> rules;
    for (const Rule* rule : all_rules()) {
        if (rule->concerns(subject.nginx.version)) rules.push_back(rule);
    }
    std::vector<std::deque<Finding>> findings(rules.size());
    do_all(subject.config, rules.size(), [&](std::size_t i) {
        Report report(*rules[i], sources);
        rules[i]->check(subject, report);
        findings[i] = report.take();
    });
    return findings;
}

}  // namespace

LintResult lint(const Target& target, Sources& sources) {
    LintResult result;
    const Scene scene(target, sources);
    result.status = scene.status();
    if (result.status != ReadStatus::ok) return result;

    const Subject subject = scene.subject();
    result.limits_reached = subject.surroundings.limits_reached();
    for (const SyntaxTree& tree : subject.config.trees()) result.files.push_back(tree.source());
    for (std::deque<Finding>& said : ask_all_rules(subject, sources)) {
        std::move(said.begin(), said.end(), std::back_inserter(result.findings));
    }
    // What an image brings is not the user's to mend.
    std::erase_if(result.findings, [&](const Finding& finding) {
        return ContainerFiles::is_of_image(sources.path(finding.span.source));
    });
    give_way(result.findings);
    if (!target.only.empty()) {
        std::erase_if(result.findings, [&](const Finding& finding) {
            return !target.only.contains(sources.path(finding.span.source));
        });
    }
    sort_findings(result.findings, sources);
    return result;
}

ReadStatus look(const Target& target, Sources& sources,
                const std::function<void(const Subject&)>& use) {
    const Scene scene(target, sources);
    if (scene.status() == ReadStatus::ok) use(scene.subject());
    return scene.status();
}

void sort_findings(std::vector<Finding>& findings, const Sources& sources) {
    const std::vector<std::uint32_t> rank = ranks_by_path(findings, sources);
    const auto key = [&rank](const Finding& finding) {
        return std::tuple(rank[static_cast<std::size_t>(finding.span.source)], finding.span.begin,
                          finding.span.end, finding.rule);
    };
    const auto before = [&](const Finding& a, const Finding& b) { return key(a) < key(b); };
    if (!std::is_sorted(findings.begin(), findings.end(), before)) {
        std::stable_sort(findings.begin(), findings.end(), before);
    }
    const auto same = [&](const Finding& a, const Finding& b) { return key(a) == key(b); };
    findings.erase(std::unique(findings.begin(), findings.end(), same), findings.end());
}

}  // namespace gatelint
