#include <algorithm>
#include <utility>

#include "rule.hpp"

namespace gatelint::rules::include_surprise {

namespace {

using Kind = IncludeSurprise::Kind;

/// "shop.bak", "shop.bak and 2 more files".
std::string names_of(const std::vector<std::string>& paths) {
    std::string names(base_name(paths.front()));
    if (paths.size() > 1) names += " and " + std::to_string(paths.size() - 1) + " more";
    if (paths.size() > 1) names += paths.size() == 2 ? " file" : " files";
    return names;
}

/// A pattern's last part, written anew.
Edit replace_end(const Directive& include, std::string_view old_end, std::string new_end) {
    const Word& word = include.args().front();
    const std::uint32_t end = word.span.end - (word.quote == '\0' ? 0 : 1);
    const auto length = static_cast<std::uint32_t>(old_end.size());
    return Report::replace({word.span.source, end - length, end}, std::move(new_end));
}

/// Whether `*.conf` instead of `*` would load all but the backups.
bool is_conf_without(const IncludeSurprise& surprise, std::string_view written) {
    const auto is_backup = [&](const std::string& path) {
        return std::find(surprise.files.begin(), surprise.files.end(), path) !=
               surprise.files.end();
    };
    const auto is_kept = [](const std::string& path) { return path.ends_with(".conf"); };
    return written.ends_with("/*") && surprise.matches.size() > surprise.files.size() &&
           std::all_of(surprise.matches.begin(), surprise.matches.end(),
                       [&](const std::string& path) { return is_backup(path) != is_kept(path); });
}

void report_backups(const IncludeSurprise& surprise, Report& report) {
    const Directive& include = *surprise.include;
    const std::string_view written = include.arg(0);
    Draft draft = report(include, include.args().front().span, "\"{}\" also loads {}", written,
                         names_of(surprise.files));
    draft.note(
        "nginx loads every file that matches the pattern, even backups, in byte order: a backup "
        "that comes first may override the real file");
    if (is_conf_without(surprise, written)) {
        draft.fix(Applicability::unsafe, "load only .conf files",
                  {replace_end(include, "*", "*.conf")});
    }
}

/// Every bracket behind a backslash; none where the word is written with escapes of its own.
std::vector<Edit> escape_brackets(const Word& word, const Report& report) {
    std::vector<Edit> edits;
    const std::string_view text = report.text(word.span);
    if (text.find_first_of("\\*?") != std::string_view::npos) return edits;
    for (std::size_t at = text.find('['); at != std::string_view::npos;
         at = text.find('[', at + 1)) {
        const std::uint32_t begin = word.span.begin + static_cast<std::uint32_t>(at);
        edits.push_back(Report::replace({word.span.source, begin, begin}, "\\"));
    }
    return edits;
}

void report_bracket(const IncludeSurprise& surprise, Report& report) {
    const Directive& include = *surprise.include;
    Draft draft =
        report(include, include.args().front().span,
               "\"{}\" does not load the file of this name: the bracket makes it a pattern",
               include.arg(0));
    if (surprise.matches.empty()) {
        draft.note("the pattern matches nothing, which is not an error in nginx");
    } else {
        draft.note("the pattern matches {}", names_of(surprise.matches));
    }
    std::vector<Edit> edits = escape_brackets(include.args().front(), report);
    if (!edits.empty()) {
        draft.fix(Applicability::unsafe, "match the bracket literally", std::move(edits));
    }
}

void report_suffix(const IncludeSurprise& surprise, Report& report) {
    const Directive& include = *surprise.include;
    const std::string_view written = include.arg(0);
    const std::string_view suffix = written.substr(written.rfind('*') + 1);
    report(include, include.args().front().span, "\"{}\" matches nothing: nginx starts without {}",
           written, names_of(surprise.files))
        .note(
            "no file there ends in \"{}\"; nginx does not complain about a pattern without matches",
            suffix)
        .fix(Applicability::unsafe, "load all files in the directory",
             {replace_end(include, suffix, "")});
}

void check(const Subject& subject, Report& report) {
    for (const IncludeSurprise& surprise : subject.config.include_surprises()) {
        if (surprise.kind == Kind::backup) report_backups(surprise, report);
        // What a fragment does not load, the rest of the configuration may.
        if (subject.config.is_fragment()) continue;
        if (surprise.kind == Kind::literal_bracket) report_bracket(surprise, report);
        if (surprise.kind == Kind::wrong_suffix) report_suffix(surprise, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "include-surprise",
    .family = Family::syntax,
    .severity = Severity::warning,
    .precision = Precision::high,
    .summary = "an include pattern loads backups, or misses the files that it is meant for",
    .why =
        R"(nginx passes an `include` with `*`, `?` or `[` to glob(3) and loads whatever
matches, in byte order. It never complains:

- `include sites-enabled/*;` also loads `shop.bak`, `shop~`, `shop.rpmsave` and whatever else an
  editor or a package manager leaves there. `shop.bak` comes before `shop.conf`, and of two
  servers with the same name the first wins: the old one answers, and error.log says
  `conflicting server name "shop.example.com" on 0.0.0.0:80, ignored`. Only names that start with
  a dot are skipped.
- `include shop[1].conf;` is a pattern. It loads `shop1.conf`, and never the file `shop[1].conf`.
- `include sites-enabled/*.conf;` matches nothing if the files are called `shop.example.com`, and
  nginx starts without them.

Names such as `shop.conf.disabled` next to `*.conf` are taken to be disabled on purpose.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#include",
    .check = check,
};

}  // namespace gatelint::rules::include_surprise
