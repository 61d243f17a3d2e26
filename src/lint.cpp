#include "lint.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "model/model.hpp"
#include "own_listeners.hpp"
#include "rule.hpp"
#include "surroundings/containers/container_files.hpp"

namespace gatelint {

namespace {

Search search_of(const LintOptions& options, const FileReader& around) {
    Search search;
    search.trees = options.search_trees;
    search.system = around.complete();
    search.compose_file = options.compose_file;
    search.service = options.service;
    search.pod = options.pod;
    search.looks = options.discover;
    if (options.settings == nullptr) return search;
    const Settings& settings = *options.settings;
    search.looks = search.looks && settings.discovers;
    search.is_complete = settings.is_complete;
    search.selinux = settings.selinux;
    search.hosts = settings.hosts;
    for (const Settings::Backend& backend : settings.backends) {
        search.backends.push_back({backend.listener, backend.service.text});
    }
    return search;
}

/// Looks around nginx, if that was not done for another input already.
const Surroundings& look_around(const LintOptions& options, const FileReader& files,
                                Sources& sources, Surroundings& own) {
    const FileReader& around = options.surroundings == nullptr ? files : *options.surroundings;
    const Search search = search_of(options, around);
    if (options.known_surroundings == nullptr) {
        own = discover(search, around, sources);
        return own;
    }
    const auto [known, is_new] = options.known_surroundings->try_emplace(options.surroundings_name);
    if (is_new) known->second = discover(search, around, sources);
    return known->second;
}

/// The user's word comes first, then `.env` files: beside the configuration, at the project's top.
Environment environment_of(const LintOptions& options, const FileReader& files) {
    Environment environment = options.load.environment;
    std::vector<std::string> folders = {std::string(directory_of(options.main))};
    folders.insert(folders.end(), options.search_trees.begin(), options.search_trees.end());
    for (const std::string& folder : folders) {
        const std::string path = absolute_path(folder, ".env");
        const ReadResult file = files.read(path);
        if (file.status == ReadStatus::ok) environment.define_all(file.text, ".env");
    }
    return environment;
}

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

/// Where each source comes by its path; sources of one path have one rank.
std::vector<std::uint32_t> ranks_by_path(const Sources& sources) {
    std::vector<std::uint32_t> order(sources.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto path = [&sources](std::uint32_t index) -> const std::string& {
        return sources.path(static_cast<SourceId>(index));
    };
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return path(a) < path(b); });
    std::vector<std::uint32_t> ranks(sources.size());
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && path(order[i]) != path(order[i - 1])) ++rank;
        ranks[order[i]] = rank;
    }
    return ranks;
}

/// What all that looks at a configuration needs, made in the order in which each rests on the last.
class Scene {
  public:
    Scene(const LintOptions& options, const FileReader& files, Sources& sources)
        : config_(load(options.main, files, sources, with_environment(options, files))) {
        if (status() != ReadStatus::ok) return;
        model_ = make_model(config_);
        variables_.emplace(config_);
        surroundings_ = &look_around(options, files, sources, own_surroundings_);
        own_listeners_.emplace(model_);
        nginx_ = options.nginx;
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    ReadStatus status() const { return config_.status(); }

    Subject subject() const {
        return {config_, model_, *variables_, *surroundings_, *own_listeners_, nginx_};
    }

  private:
    static LoadOptions with_environment(const LintOptions& options, const FileReader& files) {
        LoadOptions load_options = options.load;
        load_options.environment = environment_of(options, files);
        load_options.nginx = options.nginx;
        return load_options;
    }

    Config config_;
    Model model_;
    std::optional<AllVariables> variables_;
    Surroundings own_surroundings_;
    const Surroundings* surroundings_ = nullptr;
    std::optional<OwnListeners> own_listeners_;
    TargetNginx nginx_;
};

}  // namespace

LintResult lint(const LintOptions& options, const FileReader& files, Sources& sources) {
    LintResult result;
    const Scene scene(options, files, sources);
    result.status = scene.status();
    if (result.status != ReadStatus::ok) return result;

    const Subject subject = scene.subject();
    result.limits_reached = subject.surroundings.limits_reached();
    for (const SyntaxTree& tree : subject.config.trees()) result.files.push_back(tree.source());
    for (const Rule* rule : all_rules()) {
        if (!rule->concerns(options.nginx.version)) continue;
        Report report(*rule, sources);
        rule->check(subject, report);
        for (Finding& finding : report.take()) result.findings.push_back(std::move(finding));
    }
    // What an image brings is not the user's to mend.
    std::erase_if(result.findings, [&](const Finding& finding) {
        return ContainerFiles::is_of_image(sources.path(finding.span.source));
    });
    give_way(result.findings);
    if (!options.only.empty()) {
        std::erase_if(result.findings, [&](const Finding& finding) {
            return !options.only.contains(sources.path(finding.span.source));
        });
    }
    sort_findings(result.findings, sources);
    return result;
}

ReadStatus look(const LintOptions& options, const FileReader& files, Sources& sources,
                const std::function<void(const Subject&)>& use) {
    const Scene scene(options, files, sources);
    if (scene.status() == ReadStatus::ok) use(scene.subject());
    return scene.status();
}

void sort_findings(std::vector<Finding>& findings, const Sources& sources) {
    const std::vector<std::uint32_t> rank = ranks_by_path(sources);
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
