#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::unknown_variable {

namespace {

std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char byte : text) {
        if (byte >= '0' && byte <= '9') digits += byte;
    }
    return digits;
}

/// ${BACKEND_HOST}: something fills it in before nginx sees it, or forgot to.
bool is_placeholder(std::string_view name) {
    bool letters = false;
    for (const char byte : name) {
        const bool upper = byte >= 'A' && byte <= 'Z';
        letters = letters || upper;
        if (!upper && byte != '_' && (byte < '0' || byte > '9')) return false;
    }
    return letters;
}

/// `{name}`, as `if (${name})` reads it.
std::string_view without_braces(std::string_view name) {
    if (!name.starts_with('{') || !name.ends_with('}')) return name;
    return name.substr(1, name.size() - 2);
}

bool is_plain_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || byte == '_';
    });
}

/// How far a name may be from the one that is meant.
std::size_t limit_for(std::string_view name) {
    if (name.size() < 4) return 0;
    return name.size() < 8 ? 1 : 2;
}

/// A slip of the keyboard and not a name of its own: one letter, and not at the end, where
/// $request_url and $request_id2 differ from nginx's names on purpose.
bool is_slip(std::string_view name, std::string_view known) {
    constexpr std::size_t shortest = 8;
    if (name.size() < shortest || known.size() < shortest) return false;
    if (name.substr(name.size() - 2) != known.substr(known.size() - 2)) return false;
    return digits_of(name) == digits_of(known) && edit_distance(name, known, 1) == 1;
}

/// All uses of one unknown variable.
struct Unknown {
    std::string name;  ///< in lower case, as nginx says it
    std::vector<const UsedVariable*> uses;
    const VariableFacts* facts = nullptr;  ///< of a later nginx's variable
};

/// Names that may be meant.
class KnownNames {
  public:
    explicit KnownNames(std::vector<std::string> names) : names_(std::move(names)) {
        for (const std::string& name : names_) digits_.push_back(digits_of(name));
    }

    /// The first of those that come nearest, "" if none comes so near.
    std::string_view nearest(std::string_view name, std::size_t limit) {
        const std::string digits = digits_of(name);
        std::size_t best = limit + 1;
        std::string_view found;
        const auto compare = [&](std::size_t i) {
            if (best <= 1 || digits_[i] != digits) return;
            const std::size_t distance = edit_distance(name, names_[i], best - 1);
            if (distance >= best) return;
            best = distance;
            found = names_[i];
        };
        if (asked_ < few) {
            ++asked_;
            for (std::size_t i = 0; i < names_.size(); ++i) compare(i);
            return found;
        }
        if (!near_) near_.emplace(std::vector<std::string_view>(names_.begin(), names_.end()));
        for (const NearTexts::Id i : near_->candidates(name)) compare(i);
        return found;
    }

  private:
    static constexpr std::size_t few = 20;  // for more an index is worth its making

    std::vector<std::string> names_;
    std::vector<std::string> digits_;
    std::optional<NearTexts> near_;
    std::size_t asked_ = 0;
};

/// Looks at the variables of http or of stream.
class Judge {
  public:
    Judge(const Subject& subject, const Variables& variables, Report& report)
        : subject_(subject), report_(report), variables_(variables) {}

    void check() {
        std::set<const VariableName*> names;
        for (const VariableName& name : variables_.names()) {
            if (!is_known(name)) names.insert(&name);
        }
        if (names.empty()) return;
        std::vector<Unknown> unknown;
        std::map<std::string_view, std::size_t> index;
        for (const UsedVariable& use : variables_.uses()) {
            if (!names.contains(use.name)) continue;
            const auto [at, is_new] = index.emplace(use.name->lower, unknown.size());
            if (is_new) unknown.push_back({use.name->lower, {}, use.name->facts});
            unknown[at->second].uses.push_back(&use);
        }
        for (const Unknown& each : unknown) judge(each);
    }

  private:
    bool is_known(const VariableName& name) const {
        if (variables_.defines(name.text) || is_placeholder(without_braces(name.text))) return true;
        if (name.facts == nullptr) return false;
        return !subject_.nginx.version || name.facts->since <= *subject_.nginx.version;
    }

    void judge(const Unknown& unknown) {
        // No other module can help here: the name is none that one would give.
        const bool certain = variables_.complete() || !is_plain_name(unknown.name);
        if (unknown.facts != nullptr) {
            if (certain) report_later(unknown);
        } else if (certain) {
            report_unknown(unknown);
        } else {
            report_slip(unknown);
        }
    }

    template <typename... Args>
    Draft start(const Unknown& unknown, fmt::format_string<Args...> text, Args&&... args) {
        const UsedVariable& first = *unknown.uses.front();
        Draft draft = report_(*first.directive, first.span(), text, std::forward<Args>(args)...);
        constexpr std::size_t shown = 3;
        for (std::size_t i = 1; i < std::min(unknown.uses.size(), shown); ++i) {
            draft.note(unknown.uses[i]->span(), "it is also used here");
        }
        if (unknown.uses.size() > shown) {
            draft.note("it is used in {} more places", unknown.uses.size() - shown);
        }
        return draft;
    }

    static std::string words_for(const Unknown& unknown) {
        return fmt::format("unknown \"{}\" variable", unknown.name);
    }

    void report_later(const Unknown& unknown) {
        start(unknown, "nginx {} does not have ${}: it was added in {}",
              to_string(*subject_.nginx.version), unknown.name, to_string(unknown.facts->since))
            .refused(words_for(unknown));
    }

    void report_unknown(const Unknown& unknown) {
        const UsedVariable& first = *unknown.uses.front();
        if (is_capture(unknown.name)) {
            start(unknown, "${} is a capture of a regular expression, which \"{}\" cannot use",
                  unknown.name, first.directive->name())
                .refused(words_for(unknown))
                .note("copy it first: set $name ${};", unknown.name);
            return;
        }
        if (without_braces(unknown.name) != unknown.name) {
            start(unknown, "\"{}\" treats the braces as part of the variable name",
                  first.directive->name())
                .refused(words_for(unknown))
                .fix(Applicability::unsafe, "remove the braces", replace(unknown, true));
            return;
        }
        const std::string meant = find_meant(unknown.name);
        if (!meant.empty()) {
            finish(start(unknown, "unknown variable ${}; did you mean ${}?", unknown.name, meant),
                   unknown, true)
                .fix(Applicability::unsafe, fmt::format("use ${}", meant),
                     replace(unknown, false, meant));
            return;
        }
        const bool usual = unknown.name == "connection_upgrade";
        Draft draft = finish(start(unknown, "unknown variable ${}", unknown.name), unknown, usual);
        const bool http = variables_.world() == World::http;
        if (find_variable(unknown.name, http ? World::stream : World::http) != nullptr) {
            draft.note("this variable exists in {}, but not in {}", http ? "stream" : "http",
                       http ? "http" : "stream");
        }
        if (unknown.name == "memcached_key") {
            draft.note(
                "memcached_pass looks up the key in $memcached_key: set $memcached_key $uri;");
        }
        if (usual && http) offer_map(draft, *first.directive);
    }

    /// Where modules were not seen, one of them may define the variable.
    Draft finish(Draft draft, const Unknown& unknown, bool sure) const {
        if (sure || variables_.knows_modules()) return draft.refused(words_for(unknown));
        return draft.severity(Severity::warning)
            .note("unless a module defines it, nginx refuses to start: {}", words_for(unknown));
    }

    /// Where not all is in sight, only what nginx itself defines is worth a comparison.
    void report_slip(const Unknown& unknown) {
        for (const VariableFacts& facts : variable_table) {
            const bool stream = (facts.flags & variable_stream) != 0;
            if (stream != (variables_.world() == World::stream)) continue;
            if ((facts.flags & variable_prefix) != 0 || !is_slip(unknown.name, facts.name))
                continue;
            start(unknown, "unknown variable ${}, which looks like a misspelling of ${}",
                  unknown.name, facts.name)
                .severity(Severity::warning)
                .note("unless it is defined elsewhere, nginx refuses to start: {}",
                      words_for(unknown))
                .fix(Applicability::unsafe, fmt::format("use ${}", facts.name),
                     replace(unknown, false, facts.name));
            return;
        }
    }

    /// The known variable that the name is nearest to, "" if none is near.
    std::string find_meant(std::string_view name) {
        const std::size_t limit = limit_for(name);
        std::string_view meant;
        if (limit > 0) {
            if (!known_) known_.emplace(names_to_mean());
            meant = known_->nearest(name, limit);
        }
        return meant.empty() ? find_family(name) : std::string(meant);
    }

    /// In lower case, those that the configuration defines before nginx's own.
    std::vector<std::string> names_to_mean() const {
        std::vector<std::string> names;
        for (const DefinedVariable& own : variables_.definitions()) {
            names.push_back(lower_case(own.name));
        }
        for (const VariableFacts& facts : variable_table) {
            const bool stream = (facts.flags & variable_stream) != 0;
            const bool foreign =
                (facts.flags & variable_optional) != 0 && !facts.module.starts_with("ngx_");
            if (stream != (variables_.world() == World::stream) || foreign) continue;
            if ((facts.flags & variable_prefix) == 0) names.emplace_back(facts.name);
        }
        std::erase_if(names, [](const std::string& name) { return limit_for(name) == 0; });
        return names;
    }

    /// $htpp_x_name: a family's beginning, misspelt.
    std::string find_family(std::string_view name) const {
        for (const VariableFacts& facts : variable_table) {
            const bool stream = (facts.flags & variable_stream) != 0;
            const bool own =
                facts.module.starts_with("ngx_") && (facts.flags & variable_prefix) != 0;
            if (!own || facts.name.size() < 5) continue;
            if (stream != (variables_.world() == World::stream)) continue;
            for (std::size_t size = facts.name.size() - 1; size <= facts.name.size() + 1; ++size) {
                if (size >= name.size() || name[size - 1] != '_') continue;
                const std::string_view begin = name.substr(0, size);
                if (begin[0] == facts.name[0] && edit_distance(begin, facts.name, 1) == 1) {
                    return std::string(facts.name) + std::string(name.substr(size));
                }
            }
        }
        return {};
    }

    /// The same name, or another one, in all the places.
    std::vector<Edit> replace(const Unknown& unknown, bool plain, std::string_view meant = {}) {
        std::vector<Edit> edits;
        for (const UsedVariable* use : unknown.uses) {
            const std::string_view name = plain ? without_braces(use->name->text) : meant;
            const std::string_view written = report_.text(use->span());
            const bool braces = !plain && written.starts_with("${");
            if (written.size() != use->end - use->begin) continue;
            edits.push_back(Report::replace(
                use->span(), fmt::format("${}{}{}", braces ? "{" : "", name, braces ? "}" : "")));
        }
        return edits;
    }

    /// The map that everybody means, before what stands in http and uses it.
    void offer_map(Draft& draft, const Directive& user) {
        const Directive* place = &user;
        while (place->parent != nullptr && place->parent->id != DirectiveId::http) {
            place = place->parent;
        }
        const Span whole = place->statement->span;
        const std::string_view before = report_.text({whole.source, 0, whole.begin});
        const std::size_t line = before.rfind('\n') + 1;
        const std::string_view indent = before.substr(line);
        if (indent.find_first_not_of(" \t") != std::string_view::npos) return;
        const std::string text = fmt::format(
            "map $http_upgrade $connection_upgrade {{\n"
            "{0}    default upgrade;\n"
            "{0}    ''      close;\n"
            "{0}}}\n{0}",
            indent);
        draft.note("for WebSocket, it is usually a map of $http_upgrade in http")
            .fix(Applicability::unsafe, "define it",
                 {Report::replace({whole.source, whole.begin, whole.begin}, text)});
    }

    const Subject& subject_;
    Report& report_;
    const Variables& variables_;
    std::optional<KnownNames> known_;  ///< made when the first is looked for
};

void check(const Subject& subject, Report& report) {
    for (const Variables& variables : subject.variables) {
        Judge(subject, variables, report).check();
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "unknown-variable",
    .family = Family::directives,
    .severity = Severity::error,
    .summary = "a variable that is not defined",
    .why =
        R"(Every variable in a value must be built into nginx or be defined somewhere in
`http` (or in `stream`; the two share none): by `set`, `map`, `geo`, `split_clients`,
`auth_request_set`, a named capture group of a regular expression, or a module. Otherwise nginx
refuses to start, and does not say where:

    unknown "connection_upgrade" variable

This is the usual case: `proxy_set_header Connection $connection_upgrade;` copied from a guide
without the guide's `map`. A restart then takes every site down. If gatelint only sees a part of
the configuration, or it has directives of unknown modules, gatelint only reports misspellings of
nginx's built-in variables. Names in capitals are assumed to be filled in by envsubst.

Only some arguments can contain variables; in all others `$` is an ordinary character, and
gatelint reports nothing.)",
    .reference = "https://nginx.org/en/docs/varindex.html",
    .check = check,
};

}  // namespace gatelint::rules::unknown_variable
