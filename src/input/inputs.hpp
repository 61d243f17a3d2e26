#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "input/compose_inputs.hpp"
#include "input/kubernetes_inputs.hpp"
#include "input/locate.hpp"
#include "nginx/directive_id.hpp"
#include "nginx/version.hpp"
#include "source/environment.hpp"
#include "source/file_reader.hpp"

namespace gatelint {

/// What the command line says of all PATHs.
struct InputOptions {
    std::string root;               ///< "" or the directory that is the host's root
    std::vector<std::string> maps;  ///< `HOST=DIR` each
    std::optional<std::vector<DirectiveId>> context;  ///< the blocks around fragments
    std::string stdin_text;                           ///< what `-` stands for
    std::string stdin_filename;                       ///< "" or the file whose unsaved text that is
};

/// One configuration to judge.
struct Input {
    std::string name;         ///< as the user knows it
    std::string main;         ///< host path of its main file, or of a fragment
    const FileReader* files;  ///< Inputs owns it
    std::vector<std::string> search_trees;
    std::optional<std::vector<DirectiveId>> context;
    std::string directory;           ///< where a fragment's relative includes begin, or ""
    std::set<std::string> only;      ///< the files that were asked for; empty: all
    std::string surroundings_name;   ///< the same where the surroundings are the same
    const FileReader* surroundings;  ///< in which files the other side is looked for
    std::string compose_file;        ///< host path of the project in which nginx runs, or ""
    std::string service;             ///< the service of it
    std::string pod;                 ///< the pod of Kubernetes in which nginx runs (key_of), or ""
    std::optional<Version> version;  ///< of nginx, where the service's image tells
    Environment environment;         ///< of the service
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

    explicit Inputs(InputOptions options)
        : options_(std::move(options)),
          projects_(options_.root, options_.maps),
          manifests_(options_.root, options_.maps) {}

    void add(const std::string& path);

    const std::deque<Input>& all() const { return all_; }
    const std::vector<Problem>& problems() const { return problems_; }

  private:
    /// A main configuration with the files that it loads.
    struct Tree {
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
    void add_fragment(const std::string& path, const Located& located, const FileReader& files,
                      bool takes_context);
    static void join(Input& input, std::set<std::string> only);
    Input* add_located(const std::string& name, const Located& located, const FileReader& files,
                       bool takes_context, std::set<std::string> only);

    const FileReader& reader(const Located& located);
    const Tree* tree_with(const std::string& path, const std::string& file);
    const std::vector<std::string>& mains_in(const std::string& directory);
    const std::string* main_above(const std::string& path);
    const Tree& tree_of(const std::string& main);

    InputOptions options_;
    ComposeInputs projects_;
    KubernetesInputs manifests_;
    std::deque<Input> all_;
    std::map<std::string, Input*> by_file_;  ///< by the file that `main` is
    std::vector<Problem> problems_;
    std::vector<std::unique_ptr<FileReader>> readers_;
    std::map<std::string, std::vector<std::string>> mains_in_;  ///< by directory
    std::map<std::string, Tree> trees_;                         ///< by main file
};

}  // namespace gatelint
