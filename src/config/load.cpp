#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "config/config.hpp"
#include "config/context.hpp"
#include "config/mend.hpp"
#include "source/glob.hpp"
#include "source/threads.hpp"

namespace gatelint {

namespace {

/// nginx knows no limit and dies of a cycle; a chain this long is a mistake.
constexpr std::size_t max_include_depth = 24;

/// Against trees whose includes multiply: a file may be placed as often as it is included.
constexpr std::size_t max_directives = 20'000'000;

/// What opening a file costs, in directives: files that all include each other hold few.
constexpr std::size_t opening_weight = 10;

/// Of which it is asked whether they are surprising: real configurations have few.
constexpr std::size_t max_patterns = 1000;

/// So many files of one pattern are parsed on several threads; fewer are done before those begin.
constexpr std::size_t many_files = 32;

/// Files that come with nginx's packages and hold nothing but types and parameters: their absence
/// from a repository hides nothing.
bool holds_parameters(std::string_view path) {
    constexpr std::array<std::string_view, 8> names = {
        "mime.types",  "fastcgi_params", "fastcgi.conf", "uwsgi_params",
        "scgi_params", "koi-utf",        "koi-win",      "win-utf"};
    return std::find(names.begin(), names.end(), base_name(path)) != names.end();
}

/// Whether a missing file is one that nginx's packages install, in a folder that shows none of
/// them: the overlay of a host, which is laid over what the packages bring.
bool comes_with_package(const std::string& path, const FileReader& files) {
    constexpr std::array<std::string_view, 3> more = {"proxy_params", "fastcgi-php.conf",
                                                      "snakeoil.conf"};
    const bool is_stock = holds_parameters(path) ||
                          std::find(more.begin(), more.end(), base_name(path)) != more.end();
    if (!is_stock) return false;
    const std::vector<std::string> names = files.list(std::string(directory_of(path)));
    return std::none_of(names.begin(), names.end(),
                        [](const std::string& name) { return holds_parameters(name); });
}

}  // namespace

/// Opens includes and puts statements in their places.
class Loader {
  public:
    Loader(const FileReader& files, Sources& sources) : files_(files), sources_(sources) {}

    Config load(const std::string& main, const LoadOptions& options) {
        config_.data_blocks_ = options.data_blocks;
        config_.environment_ = options.environment;
        config_.path_ = main;
        config_.directory_ =
            options.directory.empty() ? configuration_directory(main) : options.directory;
        const Opened& opened = open(main);
        config_.status_ = opened.status;
        if (opened.tree == nullptr) return std::move(config_);

        nginx_ = options.nginx;
        Directive* top = make_block(DirectiveId::unknown, nullptr);
        config_.main_ = top;
        std::vector<Directive*> around = {top};
        const auto context = context_of(*opened.tree, options);
        // Comments alone, or directives of other modules, can be a part of anything; a file
        // without any text is a main file that lost it.
        const bool has_text =
            !opened.tree->statements().empty() || !opened.tree->comments().empty();
        const bool is_part = has_text && base_name(main) != "nginx.conf";
        config_.fragment_ = context ? !context->empty() : is_part;
        top->context = is_part && !context ? in_unknown : in_main;
        for (const DirectiveId id : context.value_or(std::vector<DirectiveId>())) {
            top->opaque = true;
            Directive* inner = make_block(id, top);
            pending_.push_back(inner);
            finish_block(*top, 0);
            around.push_back(top = inner);
        }
        top->opaque = config_.fragment_;
        active_.push_back(opened.tree->source());
        placed_files_.insert(opened.tree->source());
        placing_ = opened.tree;
        note_template(*placing_, *top);
        place_block(opened.tree->statements(), *top, nullptr);
        for (Directive* block : around) block->end = config_.index_.size();
        config_.index_.finish();
        finish_surprises();
        return std::move(config_);
    }

  private:
    std::optional<std::vector<DirectiveId>> context_of(const SyntaxTree& tree,
                                                       const LoadOptions& options) {
        if (options.context) return options.context;
        const auto written = written_context(tree, sources_);
        if (written && written->blocks) return written->blocks;
        config_.context_is_guess_ = true;
        return infer_context(tree.statements());
    }

    /// Whether the lines of a block are no directives of nginx: data, or another vendor's.
    bool is_foreign(const Directive& block) const {
        const bool is_unknown = block.id == DirectiveId::unknown && block.parent != nullptr;
        return block.is_row || is_unknown || config_.is_data_block(block.name());
    }

    struct Opened {
        ReadStatus status;
        const SyntaxTree* tree;
        std::string place;
    };

    /// A block that no file holds: the main context, or the surroundings of a fragment.
    Directive* make_block(DirectiveId id, const Directive* parent) {
        auto* statement = config_.arena_->make<Statement>();
        const SourceId source = config_.trees_.front().source();
        statement->name = {name_of(id), {source, 0, 0}, '\0'};
        statement->span = {source, 0, 0};
        statement->has_block = true;
        auto* block = config_.arena_->make<Directive>();
        block->statement = statement;
        block->parent = parent;
        block->id = id;
        block->assumed = parent != nullptr;
        if (parent != nullptr) block->context = parent->context_of_children();
        block->position = config_.index_.size();
        config_.index_.add(*block);
        return block;
    }

    /// Reads and parses a file, or finds it among those that were.
    const Opened& open(const std::string& path) {
        if (const auto known = by_path_.find(path); known != by_path_.end()) return known->second;
        std::vector<Unparsed> files;
        read(path, files);
        for (const Unparsed& file : files) *file.tree = parse_file(file.source, *config_.arena_);
        return by_path_.at(path);
    }

    /// The same for many files: they are read one after another and parsed side by side, each
    /// thread's share into arenas of its own.
    void open_all(std::span<const std::string> paths) {
        std::vector<Unparsed> files;
        for (const std::string& path : paths) {
            if (!by_path_.contains(path)) read(path, files);
        }
        const std::size_t shares = (files.size() + many_files - 1) / many_files;
        const std::size_t first = config_.more_arenas_.size();
        for (std::size_t i = 0; i < shares; ++i) {
            config_.more_arenas_.push_back(std::make_unique<Arena>());
        }
        in_parallel(shares, [&](std::size_t share) {
            Arena& arena = *config_.more_arenas_[first + share];
            const std::size_t end = std::min(files.size(), (share + 1) * many_files);
            for (std::size_t i = share * many_files; i < end; ++i) {
                *files[i].tree = parse_file(files[i].source, arena);
            }
        });
    }

    /// A file that was read, with the place of the tree that it is to become.
    struct Unparsed {
        SourceId source;
        SyntaxTree* tree;
    };

    /// Reads a file that was not asked for under this name yet; is added to `files` if it is new.
    void read(const std::string& path, std::vector<Unparsed>& files) {
        ReadResult result = files_.read(path);
        Opened opened{result.status, nullptr, result.file};
        if (result.status == ReadStatus::ok) {
            const SyntaxTree*& tree = by_file_[result.file];
            if (tree == nullptr) {
                const SourceId source =
                    sources_.add(result.shown.empty() ? result.file : std::move(result.shown),
                                 std::move(result.text));
                SyntaxTree& made = config_.trees_.emplace_back(source);
                files.push_back({source, &made});
                tree = &made;
            }
            opened.tree = tree;
        }
        by_path_.emplace(path, std::move(opened));
    }

    SyntaxTree parse_file(SourceId source, Arena& arena) const {
        SyntaxTree tree = parse(sources_, source, arena, config_.environment_);
        mend(tree, sources_, arena);
        return tree;
    }

    /// What a template may bring to the block that its statements are placed in.
    static void note_template(const SyntaxTree& tree, Directive& block) {
        block.has_alternatives = block.has_alternatives || tree.has_alternatives();
        block.opaque = block.opaque || tree.has_alternatives() || tree.unreadable().known();
    }

    void place_block(std::span<const Statement> statements, Directive& block,
                     const Directive* include) {
        const std::size_t first = pending_.size();
        place(statements, block, include);
        finish_block(block, first);
    }

    /// Gives the block the children that were placed since there were `first` pending ones.
    void finish_block(Directive& block, std::size_t first) {
        block.children =
            config_.arena_->copy(std::span<const Directive* const>(pending_).subspan(first));
        block.index = indexer_.index(block.children);
        block.end = config_.index_.size();
        pending_.resize(first);
    }

    /// Nesting is bounded by the parser times the depth of includes, which active_ bounds.
    void place(std::span<const Statement> statements, Directive& block, const Directive* include) {
        const bool rows = holds_rows(block.id) || is_foreign(block);
        const Contexts context = rows ? in_unknown : block.context_of_children();
        for (const Statement& statement : statements) {
            if (++placed_ > max_directives) {
                if (include != nullptr) stop(*include);
                return;
            }
            auto* directive = config_.arena_->make<Directive>();
            directive->statement = &statement;
            directive->parent = &block;
            directive->include = include;
            directive->id = directive_id(statement.name.text);
            directive->context = context;
            const bool is_include =
                directive->id == DirectiveId::include && statement.args.size() == 1;
            directive->is_row = rows && !is_include;
            note_facts(*directive);
            pending_.push_back(directive);
            // It may be anything, an include too.
            if (statement.name.is_unknown()) block.opaque = true;
            if (is_include) {
                open_include(*directive, block);
            } else if (statement.has_block) {
                note_template(*placing_, *directive);
                place_block(statement.block, *directive, include);
            }
        }
    }

    /// What follows from the statement and its place. Rows, and whatever stands in an unknown
    /// block, are handled by code that gatelint does not know: nothing is refused there.
    void note_facts(Directive& directive) {
        const Statement& statement = *directive.statement;
        directive.marks = statement.marks;
        if (!directive.is_row && directive.context != in_unknown) {
            const Handling handling = handle(statement, directive.id, directive.context, nginx_);
            directive.refusal = handling.refusal;
            if (handling.form != nullptr) {
                directive.form_number =
                    static_cast<std::uint8_t>(handling.form - forms_of(directive.id).data());
            }
        }
        directive.position = config_.index_.size();
        directive.end = directive.position + 1;
        config_.index_.add(directive);
    }

    void open_include(const Directive& include, Directive& block) {
        const Word& word = include.statement->args.front();
        if (word.is_unknown()) {
            block.opaque = true;
            return;
        }
        const std::string pattern = absolute_path(config_.directory_, word.text);
        if (!is_glob(pattern)) {
            open_file(pattern, include, block);
            keep_included(*include.statement, {&pattern, 1});
            return;
        }
        const auto [match, is_new] = globs_.try_emplace(pattern);
        if (is_new) {
            Matches found = glob(pattern, files_);
            if (!found.is_whole) stop(include);
            match->second = std::move(found.paths);
            if (globs_.size() <= max_patterns) find_surprises(include, pattern, match->second);
        }
        const std::vector<std::string>& paths = match->second;
        // Elsewhere than on the whole host, what matches nothing here may match there.
        if (paths.empty() && !files_.knows_includes()) block.opaque = true;
        if (is_new && paths.size() >= many_files) open_all(paths);
        for (const std::string& path : paths) open_file(path, include, block);
        keep_included(*include.statement, paths);
    }

    /// After the files are open, so that this does not change their order.
    void keep_included(const Statement& include, std::span<const std::string> paths) {
        const auto [kept, is_new] = config_.included_.try_emplace(&include);
        if (!is_new) return;
        std::vector<IncludedFile> files;
        for (const std::string& path : paths) {
            const Opened& opened = open(path);
            files.push_back({config_.arena_->copy(path), opened.tree, opened.status});
        }
        kept->second = config_.arena_->copy(std::span<const IncludedFile>(files));
    }

    void stop(const Directive& include) {
        if (std::exchange(stopped_, true)) return;
        config_.problems_.push_back(
            {&include, IncludeProblem::Kind::too_large, ReadStatus::ok, {}, {}, true});
    }

    void open_file(const std::string& path, const Directive& include, Directive& block) {
        placed_ += opening_weight;
        if (placed_ > max_directives) {
            stop(include);
            return;
        }
        const Opened& opened = open(path);
        const auto problem = [&](IncludeProblem::Kind kind, ReadStatus status) {
            block.opaque = block.opaque || !holds_parameters(path);
            // Once for each include that is written, however often it is placed.
            if (!told_.emplace(include.statement, kind).second) return;
            const bool missing = status == ReadStatus::missing;
            const bool certain =
                !missing || (files_.complete() && !comes_with_package(path, files_));
            config_.problems_.push_back({&include, kind, status, path, opened.place, certain});
        };
        // A template is filled in for another place, among other files.
        if (opened.status == ReadStatus::missing &&
            placing_->is_template() != SyntaxTree::Template::no) {
            block.opaque = true;
            return;
        }
        if (opened.status == ReadStatus::outside ||
            (opened.status == ReadStatus::missing && holds_parameters(path) &&
             !files_.complete())) {
            block.opaque = block.opaque || !holds_parameters(path);
            return;
        }
        // Whether such a block takes `include` for nginx's, only its module knows.
        if (opened.tree == nullptr && is_foreign(block)) return;
        if (opened.tree == nullptr) {
            problem(IncludeProblem::Kind::unreadable, opened.status);
            return;
        }
        const SourceId source = opened.tree->source();
        if (std::find(active_.begin(), active_.end(), source) != active_.end()) {
            problem(IncludeProblem::Kind::cycle, ReadStatus::ok);
            return;
        }
        if (active_.size() >= max_include_depth) {
            problem(IncludeProblem::Kind::too_deep, ReadStatus::ok);
            return;
        }
        active_.push_back(source);
        const SyntaxTree* includer = std::exchange(placing_, opened.tree);
        note_template(*placing_, block);
        if (!placed_files_.insert(source).second) config_.recurring_.insert(source);
        place(opened.tree->statements(), block, &include);
        placing_ = includer;
        active_.pop_back();
    }

    void find_surprises(const Directive& include, const std::string& pattern,
                        const std::vector<std::string>& paths) {
        for (IncludeSurprise& surprise : include_surprises(pattern, paths, files_)) {
            surprise.include = &include;
            config_.surprises_.push_back(std::move(surprise));
        }
    }

    /// What a pattern leaves out is no surprise if another include brings it.
    void finish_surprises() {
        for (IncludeSurprise& surprise : config_.surprises_) {
            if (surprise.kind == IncludeSurprise::Kind::backup) continue;
            std::erase_if(surprise.files, [this](const std::string& path) {
                return by_file_.contains(files_.read(path).file);
            });
        }
        std::erase_if(config_.surprises_,
                      [](const IncludeSurprise& surprise) { return surprise.files.empty(); });
    }

    const FileReader& files_;
    Sources& sources_;
    Config config_;
    TargetNginx nginx_;
    ChildIndexer indexer_{*config_.arena_};
    std::vector<const Directive*> pending_;  ///< placed, in blocks that are not finished
    std::unordered_set<SourceId> placed_files_;
    std::map<std::string, std::vector<std::string>> globs_;  ///< by pattern: what it matches
    std::map<std::string, Opened> by_path_;
    std::map<std::string, const SyntaxTree*> by_file_;
    const SyntaxTree* placing_ = nullptr;  ///< whose statements are being placed
    std::vector<SourceId> active_;         ///< the files that are being placed, outermost first
    std::set<std::pair<const Statement*, IncludeProblem::Kind>> told_;
    std::size_t placed_ = 0;
    bool stopped_ = false;
};

std::string configuration_directory(const std::string& main) {
    constexpr std::array<std::string_view, 5> folders = {"conf.d", "http.d", "sites-available",
                                                         "sites-enabled", "snippets"};
    const std::string_view directory = directory_of(main);
    const bool in_folder =
        std::find(folders.begin(), folders.end(), base_name(directory)) != folders.end();
    const bool is_main = base_name(main) == "nginx.conf";
    return std::string(in_folder && !is_main ? directory_of(directory) : directory);
}

bool Config::is_data_block(std::string_view name) const {
    return std::find(data_blocks_.begin(), data_blocks_.end(), name) != data_blocks_.end();
}

Config load(const std::string& main, const FileReader& files, Sources& sources,
            const LoadOptions& options) {
    return Loader(files, sources).load(main, options);
}

}  // namespace gatelint
