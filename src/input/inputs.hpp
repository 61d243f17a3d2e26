#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "finding/finding.hpp"
#include "input/compose_inputs.hpp"
#include "input/kubernetes_inputs.hpp"
#include "input/locate.hpp"
#include "input/settings_files.hpp"
#include "input/target.hpp"
#include "nginx/directive_id.hpp"
#include "nginx/version.hpp"
#include "source/environment.hpp"
#include "source/file_reader.hpp"
#include "source/search_area.hpp"
#include "source/sources.hpp"
#include "surroundings/formats/reading.hpp"

namespace gatelint {

/// What the command line says of all PATHs.
struct InputOptions {
    std::string root;               ///< "" or the directory that is the host's root
    std::vector<std::string> maps;  ///< `HOST=DIR` each
    std::optional<std::vector<DirectiveId>> context;  ///< the blocks around fragments
    std::string stdin_text;                           ///< what `-` stands for
    std::string stdin_filename;                       ///< "" or the file whose unsaved text that is
    TargetNginx nginx;                                ///< for which all are judged
    std::vector<std::string> data_blocks = {};        ///< LoadOptions::data_blocks of all
    Environment environment = {};                     ///< what fills in templates before all else
    bool discovers = true;                            ///< the other side is looked for
};

/// What the PATHs of the command line stand for. A PATH is a main configuration, a directory, a
/// fragment, a compose file, a manifest of Kubernetes, a dump of `nginx -T`, or `-`. A fragment is
/// judged in the tree that includes it when there is one, and what a compose service mounts as that
/// service sees it; whatever is named several times is judged once.
class Inputs {
  public:
    /// Why a PATH, or a part of what is asked of it, cannot be judged.
    struct Problem {
        std::string message;
        bool is_misuse;  ///< a mistake in what was asked for, and no trouble with reading
    };

    /// Settings are read into `sources`.
    Inputs(InputOptions options, Sources& sources);
    Inputs(const Inputs&) = delete;
    Inputs& operator=(const Inputs&) = delete;

    void add(const std::string& path);

    /// The same for a PATH that is a main configuration, or a directory that holds one, whatever it
    /// looks like.
    void add_main(const std::string& path);

    /// What is to be judged: it lives as long as this.
    const std::deque<Target>& targets() const { return targets_; }
    const std::vector<Problem>& problems() const { return problems_; }

    /// Where a part was left out, since there is too much.
    std::vector<Note> limits() const;

    /// What is wrong in the user's settings.
    const std::vector<Finding>& findings() const { return findings_; }

  private:
    /// A host whose files are seen in one way.
    struct Host {
        std::unique_ptr<FileReader> disk;
        std::unique_ptr<FileReader> overlay;  ///< with the unsaved text laid over it; may be null
        const FileReader* files = nullptr;    ///< one of these
        std::map<const Settings*, Around*> arounds;
    };

    /// A main configuration with the files that it loads.
    struct Loaded {
        Located located;
        std::set<std::string> files;
    };

    void add_directory(const std::string& path);
    void add_compose(const std::string& path);
    bool add_services(const std::string& path);
    void add_service(const NginxService& service, std::set<std::string> only);
    bool add_to_service(const std::string& path, const std::string& file);
    bool add_pods(const std::string& path);
    void add_manifest(const std::string& path);
    void add_file(const std::string& path, bool takes_context);
    void add_standard_input();
    void add_dump(const std::string& name, std::string_view text);
    void add_fragment(const std::string& path, const Located& located, bool takes_context);
    static void join(Target& target, std::set<std::string> only);
    Target* add_located(const std::string& name, const Located& located, bool takes_context,
                        std::set<std::string> only);
    Target& make(Target target, std::optional<Version> found_version);

    Host& host(const Sight& sight);
    const FileReader& reader(const Located& located) { return *host(located.sight).files; }
    const Settings& settings_of(const std::string& name);
    Around& make_around(const std::string& name, SearchArea area, NginxPlace place,
                        const FileReader& files);
    Around& around_on(Host& host, const Sight& sight, const std::string& name);
    const Loaded* tree_with(const std::string& path, const std::string& file);
    ReadResult read_found(const std::string& path, std::size_t max_size);
    const std::vector<std::string>& projects_in(const std::string& directory);
    const std::vector<std::string>& mains_in(const std::string& directory);
    const std::string* main_above(const std::string& path);
    const Loaded& tree_of(const std::string& main);

    InputOptions options_;
    Locator locator_;
    std::vector<Finding> findings_;
    SettingsFiles settings_;
    ComposeInputs projects_;
    KubernetesInputs manifests_;
    std::deque<Target> targets_;
    std::map<std::string, Target*> by_file_;  ///< by the file that `main` is
    std::vector<Problem> problems_;
    std::map<Sight, Host> hosts_;
    std::vector<std::unique_ptr<FileReader>> readers_;  ///< of one target each
    Library library_;
    std::deque<Around> arounds_;
    /// The first of each project, by its files, what is told, its compose file and whether it has
    /// pods.
    std::map<std::tuple<const FileReader*, const Told*, std::string, bool>, Around*>
        around_projects_;
    std::vector<std::string> limits_;
    std::map<std::string, std::vector<std::string>> projects_in_;  ///< by directory
    std::map<std::string, std::vector<std::string>> mains_in_;     ///< by directory
    std::map<std::string, Loaded> trees_;                          ///< by main file
};

}  // namespace gatelint
