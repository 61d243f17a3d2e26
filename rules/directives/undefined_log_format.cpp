#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "rule.hpp"

namespace gatelint::rules::undefined_log_format {

namespace {

/// Goes over http or stream in nginx's order: a format counts from where it is defined.
class Formats {
  public:
    Formats(const Config& config, const Directive& block, Report& report)
        : config_(config), block_(block), report_(report) {
        for (const Directive* format : block.all(DirectiveId::log_format)) {
            all_.emplace(lower_case(format->arg(0)), format);
        }
    }

    void check() {
        constexpr std::array<DirectiveId, 2> ids = {DirectiveId::access_log,
                                                    DirectiveId::log_format};
        for (const Directive* directive : config_.index().all(ids)) {
            if (!directive->is_inside(block_) || directive->args().empty()) continue;
            if (directive->id == DirectiveId::access_log) {
                check(*directive);
            } else if (directive->parent == &block_) {
                defined_.insert(lower_case(directive->arg(0)));
            }
        }
    }

  private:
    /// ngx_http_log_set_log(): the second argument is a format, whatever it looks like, and letter
    /// case does not count.
    void check(const Directive& log) {
        if (log.arg(0) == "off" || log.args().size() < 2) return;
        const Word& word = log.args()[1];
        const std::string name = lower_case(word.text);
        const bool built_in = block_.id == DirectiveId::http && name == "combined";
        if (built_in || defined_.contains(name)) return;
        if (is_parameter(word.text)) {
            report_parameter(log, word);
        } else if (word.text.find('$') == std::string_view::npos && !has_placeholder(word.text)) {
            report_unknown(log, word, name);
        }
    }

    static bool is_parameter(std::string_view text) {
        constexpr std::array<std::string_view, 4> prefixes = {"if=", "buffer=", "flush=", "gzip="};
        return text == "gzip" ||
               std::any_of(prefixes.begin(), prefixes.end(),
                           [&](std::string_view prefix) { return text.starts_with(prefix); });
    }

    void report_parameter(const Directive& log, const Word& word) {
        Draft draft = report_(log, word.span,
                              "access_log treats \"{}\" as the name of a log format", word.text);
        draft.note("parameters must come after the format, even if it is the default one");
        draft.refused(fmt::format("unknown log format \"{}\"", word.text));
        if (block_.id != DirectiveId::http) return;
        const Span before{word.span.source, word.span.begin, word.span.begin};
        draft.fix(Applicability::safe, "add the default format",
                  {Report::replace(before, "combined ")});
    }

    void report_unknown(const Directive& log, const Word& word, const std::string& name) {
        const auto later = all_.find(name);
        Draft draft = later == all_.end()
                          ? report_(log, word.span, "log format \"{}\" is not defined", word.text)
                          : report_(log, word.span,
                                    "log format \"{}\" is used before it is defined", word.text);
        if (later != all_.end()) {
            draft.note(later->second->span(), "it is defined here, after its use");
        } else if (const Directive* meant = nearest(name)) {
            draft.note(meant->span(), "did you mean \"{}\"?", meant->arg(0));
        }
        draft.refused(fmt::format("unknown log format \"{}\"", word.text));
    }

    const Directive* nearest(const std::string& name) const {
        constexpr std::size_t most = 100;  // to compare with all of them would be quadratic
        if (all_.size() > most) return nullptr;
        for (const Directive* format : block_.all(DirectiveId::log_format)) {
            const std::string other = lower_case(format->arg(0));
            const std::size_t limit = other.size() < 4 ? 1 : 2;
            if (edit_distance(other, name, limit) <= limit) return format;
        }
        return nullptr;
    }

    const Config& config_;
    const Directive& block_;
    Report& report_;
    std::unordered_map<std::string, const Directive*> all_;
    std::unordered_set<std::string> defined_;  ///< so far
};

void check(const Subject& subject, Report& report) {
    const Directive& main = subject.config.main();
    for (const DirectiveId id : {DirectiveId::http, DirectiveId::stream}) {
        for (const Directive* block : main.all(id)) {
            if (!block->opaque) Formats(subject.config, *block, report).check();
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "undefined-log-format",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "access_log uses a log format that is not defined",
    .why =
        R"(The second argument of `access_log` is the name of a `log_format` that nginx has
already read (names are case-insensitive). Otherwise nginx refuses to start:

    unknown log format "main"

`main` is not built into nginx: the configurations that distributions ship define it, and one
written from scratch does not. The only built-in format is `combined`, in http. Order matters: an
`include` of sites above the `log_format` comes too early. And a parameter is not a format: write
`access_log /var/log/nginx/access.log combined if=$loggable`.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_log_module.html#access_log",
    .check = check,
};

}  // namespace gatelint::rules::undefined_log_format
