#include "config/include_surprise.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "config/context.hpp"
#include "source/glob.hpp"

namespace gatelint {

namespace {

/// What editors, package managers and people append to a file that is not to be used.
constexpr std::array<std::string_view, 16> backup_suffixes = {
    "~",         ".bak",      ".backup",  ".old",     ".orig",     ".save",
    ".swp",      ".rpmsave",  ".rpmnew",  ".rpmorig", ".dpkg-old", ".dpkg-dist",
    ".dpkg-new", ".dpkg-tmp", ".ucf-old", ".ucf-dist"};

/// Files next to these whose absence from the pattern is meant.
constexpr std::array<std::string_view, 8> other_suffixes = {
    ".disabled", ".off", ".example", ".sample", ".template", ".txt", ".md", ".dist"};

/// Files that one pattern may make us read, and how long they may be.
constexpr std::size_t max_candidates = 20;
constexpr std::size_t max_candidate_size = std::size_t{1} << 20U;

/// The suffix of a list that a name ends in, or "".
template <typename Suffixes>
std::string_view suffix_among(const Suffixes& suffixes, std::string_view name) {
    const auto found = std::find_if(suffixes.begin(), suffixes.end(), [&](std::string_view each) {
        return name.size() > each.size() && name.ends_with(each);
    });
    return found == suffixes.end() ? std::string_view() : *found;
}

/// Whether a pattern asks for the suffix by itself, as `*.bak` does.
bool asks_for(std::string_view pattern, std::string_view suffix) {
    return pattern.find(suffix) != std::string_view::npos;
}

std::vector<std::string> backups(const std::string& pattern,
                                 const std::vector<std::string>& matches) {
    std::vector<std::string> found;
    std::copy_if(matches.begin(), matches.end(), std::back_inserter(found),
                 [&](const std::string& path) {
                     const std::string_view suffix = suffix_among(backup_suffixes, base_name(path));
                     return !suffix.empty() && !asks_for(base_name(pattern), suffix);
                 });
    return found;
}

bool has_server(const std::string& path, const FileReader& files) {
    const ReadResult file = files.read(path);
    if (file.status != ReadStatus::ok || file.text.size() > max_candidate_size) return false;
    Sources sources;
    Arena arena;
    const SyntaxTree tree = parse(sources, sources.add(path, file.text), arena);
    const auto statements = tree.statements();
    return tree.errors().empty() &&
           std::any_of(statements.begin(), statements.end(), [](const Statement& statement) {
               return statement.has_block && statement.args.empty() &&
                      directive_id(statement.name.text) == DirectiveId::server;
           });
}

/// Sites in a folder such as sites-enabled that `*.conf` leaves out. That a file lies in such a
/// folder says that it is to be used; elsewhere another name may be there to switch it off.
std::vector<std::string> left_out(const std::string& pattern, const FileReader& files) {
    std::vector<std::string> found;
    const std::string directory(directory_of(pattern));
    const std::string_view name = base_name(pattern);
    const bool is_simple = name.starts_with("*.") && !is_glob(std::string(name.substr(1))) &&
                           !is_glob(directory) && base_name(directory).ends_with("-enabled");
    if (!is_simple) return found;
    std::size_t candidates = 0;
    for (const std::string& entry : files.list(directory)) {
        const bool is_meant = entry.ends_with('/') || entry.starts_with('.') ||
                              !suffix_among(backup_suffixes, entry).empty() ||
                              !suffix_among(other_suffixes, entry).empty();
        const std::string path = absolute_path(directory, entry);
        if (is_meant || ++candidates > max_candidates) continue;
        if (has_server(path, files)) found.push_back(path);
    }
    return found;
}

/// The file that is called like the pattern, if it is there.
std::vector<std::string> literal(const std::string& pattern, const FileReader& files) {
    if (pattern.find('[') == std::string::npos) return {};
    if (files.read(pattern).status != ReadStatus::ok) return {};
    return {pattern};
}

}  // namespace

std::vector<IncludeSurprise> include_surprises(const std::string& pattern,
                                               const std::vector<std::string>& matches,
                                               const FileReader& files) {
    using Kind = IncludeSurprise::Kind;
    std::vector<IncludeSurprise> surprises;
    const auto add = [&](Kind kind, std::vector<std::string> names) {
        if (!names.empty()) surprises.push_back({nullptr, kind, std::move(names), matches});
    };
    add(Kind::backup, backups(pattern, matches));
    add(Kind::literal_bracket, literal(pattern, files));
    if (matches.empty()) add(Kind::wrong_suffix, left_out(pattern, files));
    return surprises;
}

}  // namespace gatelint
