#include "dump/dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "config/config.hpp"
#include "dump/directive_errors.hpp"
#include "dump/dumped_names.hpp"
#include "dump/written.hpp"

namespace gatelint {

namespace {

constexpr std::uint32_t everything = std::numeric_limits<std::uint32_t>::max();

/// Shows the main file alone; whatever it includes is out of sight.
class SingleFileReader final : public FileReader {
  public:
    SingleFileReader(const FileReader& files, const std::string& main)
        : files_(files), main_(main) {}

    ReadResult read(const std::string& path) const override {
        if (path != main_) return {ReadStatus::outside, {}, {}};
        return files_.read(path);
    }
    std::vector<std::string> list(const std::string& /*unused*/) const override { return {}; }
    bool complete() const override { return false; }

  private:
    const FileReader& files_;
    const std::string& main_;
};

/// Why a file cannot be included, in nginx's words where it has any.
std::string include_message(std::string_view path, ReadStatus status) {
    switch (status) {
        case ReadStatus::missing:
        case ReadStatus::dangling_link:
            return fmt::format("open() \"{}\" failed (2: No such file or directory)", path);
        case ReadStatus::directory:
            return fmt::format("pread() \"{}\" failed (21: Is a directory)", path);
        default:
            return fmt::format("\"{}\" cannot be included: {}", path, describe(status));
    }
}

std::string include_message(std::string_view path, IncludeProblem::Kind kind) {
    switch (kind) {
        case IncludeProblem::Kind::cycle:
            return fmt::format("\"{}\" includes itself", path);
        case IncludeProblem::Kind::too_deep:
            return fmt::format("\"{}\" is included too deeply", path);
        case IncludeProblem::Kind::too_large:
            return "includes make the configuration too large";
        case IncludeProblem::Kind::unreadable:
            break;
    }
    return {};
}

/// Something that is wrong in a file, before it is known how the file is called.
struct Wrong {
    Span span;
    std::uint32_t line;
    std::string message;
    std::string own_words;  ///< gatelint's, where `message` is nginx's

    friend bool operator==(const Wrong& a, const Wrong& b) {
        return a.span == b.span && a.message == b.message;
    }
};

class PayloadMaker {
  public:
    PayloadMaker(const Config& config, const Sources& sources, const std::string& name,
                 const DumpOptions& options)
        : config_(config), sources_(sources), name_(name), options_(options) {
        directory_ = written_directory(name);
        // The assumed directory of a fragment in conf.d and the like is the one above.
        if (config.directory() != directory_of(config.path())) {
            directory_ = written_path(directory_, "..");
        }
    }

    Payload make() {
        payload_.callbacks = options_.tb_onerror;
        payload_.combined = options_.combine;
        find_wrong();
        index_of(name_, config_.trees().front());
        // Files are read in the order in which includes name them: a queue, not a descent.
        for (std::size_t index = 0; index < payload_.files.size(); ++index) read(index);
        if (payload_.combined) check_size();
        return std::move(payload_);
    }

  private:
    /// The index of a file in the payload, where it has its place from its first inclusion on.
    std::size_t index_of(const std::string& name, const SyntaxTree& tree) {
        const auto [known, is_new] = indices_.try_emplace(name, payload_.files.size());
        if (is_new) {
            payload_.files.push_back({name, {}, {}});
            trees_.push_back(&tree);
        }
        return known->second;
    }

    /// How a file is called that an include opens.
    std::string name_of(const Statement& include, std::string_view host_path) const {
        return match_name(written_path(directory_, include.args.front().text), host_path);
    }

    // --- errors

    void find_wrong() {
        for (const SyntaxTree& tree : config_.trees()) {
            for (const SyntaxError& error : tree.errors()) {
                const bool has_words = !error.nginx.empty();
                add_wrong({error.span, line_of(error), has_words ? error.nginx : error.message,
                           error.message});
            }
        }
        for (DirectiveError& error : directive_errors(config_, options_.strict)) {
            add_wrong({error.span, line_of(error.span), std::move(error.message), {}});
        }
        if (options_.single_file) return;
        std::set<std::pair<const Statement*, IncludeProblem::Kind>> told;  // once for all places
        for (const IncludeProblem& problem : config_.include_problems()) {
            if (problem.kind == IncludeProblem::Kind::unreadable) continue;  // see find_unopened()
            if (!told.emplace(problem.include->statement, problem.kind).second) continue;
            const Statement& include = *problem.include->statement;
            add_wrong(include, include_message(name_of(include, problem.path), problem.kind));
        }
        for (const SyntaxTree& tree : config_.trees()) find_unopened(tree.statements());
    }

    /// Rules are silent about a file that may well be there on the host; a payload that lacks a
    /// file must say so.
    void find_unopened(std::span<const Statement> statements) {
        for (const Statement& statement : statements) {
            find_unopened(statement.block);
            if (statement.name.text != "include") continue;
            for (const IncludedFile& file : config_.included_by(statement)) {
                if (file.tree != nullptr) continue;
                const std::string name = name_of(statement, file.path);
                add_wrong(statement, include_message(name, file.status));
            }
        }
    }

    void add_wrong(const Statement& include, std::string message) {
        const Span span = include.head();
        add_wrong({span, line_of(span), std::move(message), {}});
    }

    void add_wrong(Wrong wrong) { wrong_[wrong.span.source].push_back(std::move(wrong)); }

    std::uint32_t line_of(Span span) const { return sources_.line_of(span.source, span.begin); }

    /// Where nginx stops: at the end of the file, or at the later half of what does not fit.
    std::uint32_t line_of(const SyntaxError& error) const {
        if (error.nginx.starts_with("unexpected end of file")) {
            return sources_.line_count(error.span.source);
        }
        const std::uint32_t line = line_of(error.span);
        return error.related.known() ? std::max(line, line_of(error.related)) : line;
    }

    /// What is wrong in a file, by place. Ignored statements may hold anything but broken syntax.
    std::vector<Wrong> wrong_in(const SyntaxTree& tree) {
        const auto found = wrong_.find(tree.source());
        if (found == wrong_.end()) return {};
        std::vector<Wrong> all = found->second;
        std::vector<Span> ignored;
        find_ignored(tree.statements(), ignored);
        std::erase_if(all, [&](const Wrong& wrong) {
            const auto after = std::upper_bound(
                ignored.begin(), ignored.end(), wrong.span.begin,
                [](std::uint32_t offset, const Span& span) { return offset < span.begin; });
            const bool is_syntax = !wrong.own_words.empty();
            return !is_syntax && after != ignored.begin() &&
                   wrong.span.begin < std::prev(after)->end;
        });
        std::stable_sort(all.begin(), all.end(), [](const Wrong& a, const Wrong& b) {
            return a.span.begin < b.span.begin;
        });
        all.erase(std::unique(all.begin(), all.end()), all.end());
        if (!options_.catch_errors && !all.empty()) all.resize(1);
        return all;
    }

    bool is_ignored(const Statement& statement) const {
        return std::find(options_.ignore.begin(), options_.ignore.end(), statement.name.text) !=
               options_.ignore.end();
    }

    void find_ignored(std::span<const Statement> statements, std::vector<Span>& ignored) const {
        if (options_.ignore.empty()) return;
        for (const Statement& statement : statements) {
            if (is_ignored(statement)) {
                ignored.push_back(statement.span);
            } else {
                find_ignored(statement.block, ignored);
            }
        }
    }

    // --- statements

    /// Where reading a file has got to.
    struct Reading {
        const SyntaxTree& tree;
        Written written;
        std::uint32_t stop;            ///< includes from here on are not opened
        std::size_t next_comment = 0;  ///< that was not yet put anywhere
    };

    void read(std::size_t index) {
        const SyntaxTree& tree = *trees_[index];
        const std::vector<Wrong> wrong = wrong_in(tree);
        const bool stops = !options_.catch_errors && !wrong.empty();
        Reading reading{tree, Written(sources_, tree, *payload_.texts),
                        stops ? wrong.front().span.begin : everything};
        std::vector<PayloadStatement> statements = read_block(reading, tree.statements());
        take_comments(reading, everything, statements);

        PayloadFile& file = payload_.files[index];  // reading may have added files
        if (!stops) file.statements = std::move(statements);
        for (const Wrong& each : wrong) file.errors.push_back(error_of(each, file.name));
    }

    PayloadError error_of(const Wrong& wrong, const std::string& name) const {
        const std::string& words = wrong.own_words.empty() ? wrong.message : wrong.own_words;
        // No column: to count it for every one of many errors in a long line takes quadratic time.
        return {wrong.line, fmt::format("{} in {}:{}", wrong.message, name, wrong.line),
                fmt::format("{}:{}: {}", name, line_of(wrong.span), words)};
    }

    std::vector<PayloadStatement> read_block(Reading& reading,
                                             std::span<const Statement> statements) {
        std::vector<PayloadStatement> block;
        for (const Statement& statement : statements) {
            take_comments(reading, statement.span.begin, block);
            if (is_ignored(statement)) {
                std::vector<PayloadStatement> nowhere;
                take_comments(reading, statement.span.end, nowhere);
            } else {
                read_statement(reading, statement, block);
            }
        }
        return block;
    }

    void read_statement(Reading& reading, const Statement& statement,
                        std::vector<PayloadStatement>& block) {
        PayloadStatement made;
        made.directive = reading.written.word(statement.name);
        made.line = line_of(statement.name.span);
        made.args = reading.written.args(statement);
        const bool is_include =
            statement.name.text == "include" && statement.args.size() == 1 && !statement.has_block;
        if (is_include && !options_.single_file) made.includes = open(reading, statement);

        // Comments between the arguments come after the statement.
        std::vector<PayloadStatement> within;
        take_comments(reading, reading.written.head_end(statement), within);
        for (PayloadStatement& comment : within) comment.line = made.line;
        if (statement.has_block && !is_lua(statement)) {
            made.block = read_block(reading, statement.block);
            take_comments(reading, statement.span.end, *made.block);
        }
        block.push_back(std::move(made));
        std::move(within.begin(), within.end(), std::back_inserter(block));
    }

    /// Puts the comments that begin before `end` into a block.
    void take_comments(Reading& reading, std::uint32_t end, std::vector<PayloadStatement>& block) {
        const std::span<const Span> comments = reading.tree.comments();
        for (; reading.next_comment < comments.size(); ++reading.next_comment) {
            const Span span = comments[reading.next_comment];
            if (span.begin >= end) return;
            if (!options_.include_comments) continue;
            PayloadStatement& comment = block.emplace_back();
            comment.directive = "#";
            comment.line = line_of(span);
            comment.comment = reading.written.comment(span);
        }
    }

    std::vector<std::size_t> open(const Reading& reading, const Statement& include) {
        std::vector<std::size_t> indices;
        if (include.span.begin >= reading.stop) return indices;
        for (const IncludedFile& file : config_.included_by(include)) {
            if (file.tree == nullptr) continue;
            indices.push_back(index_of(name_of(include, file.path), *file.tree));
        }
        return indices;
    }

    // --- the size of what is combined

    void check_size() {
        std::size_t room = options_.max_repeated;
        for (const PayloadFile& file : payload_.files) room += count(file.statements);
        std::vector<std::size_t> open;
        if (fits(0, open, room)) return;
        payload_.combined = false;
        PayloadFile& main = payload_.files.front();
        const std::string message =
            fmt::format("not combined: includes repeat more than {} statements in {}:1",
                        options_.max_repeated, main.name);
        main.errors.push_back({1, message, message});
    }

    static std::size_t count(const std::vector<PayloadStatement>& statements) {
        std::size_t sum = statements.size();
        for (const PayloadStatement& each : statements) {
            if (each.block) sum += count(*each.block);
        }
        return sum;
    }

    bool fits(std::size_t index, std::vector<std::size_t>& open, std::size_t& room) const {
        const bool is_open = std::find(open.begin(), open.end(), index) != open.end();
        if (is_open || open.size() > max_combined_depth) return true;
        open.push_back(index);
        const bool does = fits(payload_.files[index].statements, open, room);
        open.pop_back();
        return does;
    }

    bool fits(const std::vector<PayloadStatement>& statements, std::vector<std::size_t>& open,
              std::size_t& room) const {
        return std::all_of(statements.begin(), statements.end(), [&](const PayloadStatement& each) {
            if (room == 0) return false;
            --room;
            const bool inside = !each.block || fits(*each.block, open, room);
            return inside &&
                   (!each.includes ||
                    std::all_of(each.includes->begin(), each.includes->end(),
                                [&](std::size_t file) { return fits(file, open, room); }));
        });
    }

    const Config& config_;
    const Sources& sources_;
    const std::string& name_;  ///< of the main file
    const DumpOptions& options_;
    std::string directory_;  ///< what relative includes are joined to, as it is written
    Payload payload_;
    std::vector<const SyntaxTree*> trees_;  ///< of the payload's files
    std::map<std::string, std::size_t> indices_;
    std::map<SourceId, std::vector<Wrong>> wrong_;
};

}  // namespace

DumpResult dump(const Target& target, const DumpOptions& options, Sources& sources) {
    const SingleFileReader single(*target.files, target.main);
    const FileReader& reader =
        options.single_file ? static_cast<const FileReader&>(single) : *target.files;
    const Config config = load(target.main, reader, sources);
    DumpResult result;
    result.status = config.status();
    if (result.status == ReadStatus::ok) {
        result.payload = PayloadMaker(config, sources, target.name, options).make();
    }
    return result;
}

}  // namespace gatelint
