#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/directive_index.hpp"
#include "config/include_surprise.hpp"
#include "source/environment.hpp"
#include "source/file_reader.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// An include that could not be opened.
struct IncludeProblem {
    enum class Kind : std::uint8_t { unreadable, cycle, too_deep, too_large };

    const Directive* include;
    Kind kind;
    ReadStatus status = ReadStatus::ok;  ///< why it is unreadable
    std::string path;                    ///< as nginx would open it
    std::string place;                   ///< ReadResult::file
    bool certain = true;  ///< nginx would meet the same problem: the whole host is in sight, and
                          ///< no package brings the file
};

/// What the user says beside the files.
struct LoadOptions {
    /// The blocks around the main file, outermost first; else a comment in it says them, else they
    /// are inferred.
    std::optional<std::vector<DirectiveId>> context;
    /// Names of blocks whose lines are data, as those of `map` are: other vendors' modules.
    std::vector<std::string> data_blocks;
    /// Where relative includes begin, as a host path; "": configuration_directory().
    std::string directory = {};
    /// What templates are filled in with.
    Environment environment = {};
    /// Which nginx reads it (Directive::refusal).
    TargetNginx nginx = {};
};

/// A file that an include names or matches.
struct IncludedFile {
    std::string_view path;             ///< as nginx would open it; backed by the Config
    const SyntaxTree* tree = nullptr;  ///< null where it could not be read
    ReadStatus status = ReadStatus::ok;
};

/// What nginx loads: the directives of the main file with all includes opened in their places.
class Config {
  public:
    /// The main context: a directive without a name whose children are the top level.
    const Directive& main() const { return *main_; }

    /// All its directives, by what is asked for.
    const DirectiveIndex& index() const { return index_; }

    /// The directives with this id at any depth, rows left out, in the order in which nginx reads
    /// them.
    std::span<const Directive* const> all(DirectiveId id) const { return index_.all(id); }

    /// Whether the directive's statement may be loaded in another place too, as the file that holds
    /// it is.
    bool may_recur(const Directive& directive) const {
        return !recurring_.empty() && recurring_.contains(directive.statement->span.source);
    }

    /// Each file once, in the order in which they were first opened; the first is the main file.
    const std::deque<SyntaxTree>& trees() const { return trees_; }

    const std::vector<IncludeProblem>& include_problems() const { return problems_; }

    /// Patterns that match what they were not meant for, or not what they were; each once.
    const std::vector<IncludeSurprise>& include_surprises() const { return surprises_; }

    /// Whether the user said that blocks of this name hold data (LoadOptions::data_blocks).
    bool is_data_block(std::string_view name) const;

    /// What an include opens, in nginx's order: the same wherever it is placed.
    std::span<const IncludedFile> included_by(const Statement& include) const {
        const auto found = included_.find(&include);
        return found == included_.end() ? std::span<const IncludedFile>() : found->second;
    }

    /// The main file's host path.
    const std::string& path() const { return path_; }

    /// The directory that relative includes begin at: the main file's (nginx's conf prefix).
    const std::string& directory() const { return directory_; }

    /// What templates were filled in with.
    const Environment& environment() const { return environment_; }

    /// The main file is not a whole configuration: its surroundings were inferred.
    bool is_fragment() const { return fragment_; }

    /// Nobody said in which blocks the main file stands: they were inferred.
    bool context_is_guess() const { return context_is_guess_; }

    /// Whether the main file could be read; if not, there is nothing else.
    ReadStatus status() const { return status_; }

  private:
    friend class Loader;

    std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
    std::vector<std::unique_ptr<Arena>> more_arenas_;  ///< of trees that were made side by side
    std::deque<SyntaxTree> trees_;
    const Directive* main_ = nullptr;
    DirectiveIndex index_;
    std::unordered_set<SourceId> recurring_;  ///< the files that are placed more than once
    std::vector<IncludeProblem> problems_;
    std::vector<IncludeSurprise> surprises_;
    std::vector<std::string> data_blocks_;
    std::unordered_map<const Statement*, std::span<const IncludedFile>> included_;
    std::string path_;
    std::string directory_;
    Environment environment_;
    bool fragment_ = false;
    bool context_is_guess_ = false;
    ReadStatus status_ = ReadStatus::ok;
};

/// The directory that relative includes of the configuration at `main` begin at: its own, or the
/// one above for a fragment in conf.d, sites-enabled and the like.
std::string configuration_directory(const std::string& main);

/// Loads the configuration whose main file is at the host path `main`, as ngx_conf_parse() and
/// ngx_conf_include() do. A file without main-context directives is taken for a fragment, and the
/// blocks that must surround it are inferred.
Config load(const std::string& main, const FileReader& files, Sources& sources,
            const LoadOptions& options = {});

}  // namespace gatelint
