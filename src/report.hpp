#pragma once

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "finding/finding.hpp"
#include "model/model.hpp"
#include "source/sources.hpp"
#include "surroundings/listener.hpp"

namespace gatelint {

/// A finding that is being written; each call adds to it and gives it back.
class Draft {
  public:
    explicit Draft(Finding& finding) : finding_(finding) {}

    /// Another severity than the rule's own.
    Draft& severity(Severity severity) {
        finding_.severity = severity;
        return *this;
    }

    /// A note, where nginx goes on to another server of the group.
    Draft& unless_others_answer(const Endpoint& endpoint) {
        return endpoint.has_substitute() ? severity(Severity::note) : *this;
    }

    /// The other half of the cause, with its place.
    template <typename... Args>
    Draft& note(Span span, fmt::format_string<Args...> text, Args&&... args) {
        finding_.notes.push_back({fmt::format(text, std::forward<Args>(args)...), span, true});
        return *this;
    }

    /// A remark without a place.
    template <typename... Args>
    Draft& note(fmt::format_string<Args...> text, Args&&... args) {
        return note(Span{}, text, std::forward<Args>(args)...);
    }

    /// Where nginx hands the request on, if the address is written elsewhere.
    Draft& note_pass(const Pass& pass, const Endpoint& endpoint) {
        if (endpoint.written == pass.directive) return *this;
        return note(pass.target_span(), "the request is proxied here");
    }

    /// Where the server is, if it is one of a group.
    Draft& note_member(const Endpoint& endpoint) {
        if (endpoint.group == nullptr) return *this;
        return note(endpoint.span, "the server is defined here");
    }

    /// Where a program listens.
    Draft& note_listener(const Listener& listener) {
        return note(listener.where, "{} listens on {}{}", listener.name, to_string(listener.at),
                    listener.is_default ? " by default" : "");
    }

    /// nginx refuses to start, with these words (ngx_conf_log_error's, without file and line).
    Draft& refused(std::string_view words) {
        note("nginx refuses to start: {}", words);
        return nginx(std::string(words));
    }

    /// The same where the message or a note has the words already.
    Draft& nginx(std::string words) {
        finding_.nginx = std::move(words);
        return *this;
    }

    Draft& fix(Applicability applicability, std::string title, std::vector<Edit> edits) {
        finding_.fixes.push_back({std::move(title), applicability, std::move(edits)});
        return *this;
    }

  private:
    Finding& finding_;
};

struct Rule;

/// Where a rule puts its findings. What is wrong in a snippet is said once, however often the
/// snippet is included: findings are keyed by rule and span.
class Report {
  public:
    Report(const Rule& rule, const Sources& sources) : rule_(rule), sources_(sources) {}

    /// A finding at `span`, which lies in the file that holds `where`; the chain of includes that
    /// leads there is added to its notes.
    template <typename... Args>
    Draft operator()(const Directive& where, Span span, fmt::format_string<Args...> text,
                     Args&&... args) {
        return add(&where, span, fmt::format(text, std::forward<Args>(args)...));
    }

    /// A finding in a file that nginx does not load, such as a pool's.
    template <typename... Args>
    Draft operator()(Span span, fmt::format_string<Args...> text, Args&&... args) {
        return add(nullptr, span, fmt::format(text, std::forward<Args>(args)...));
    }

    // Edits, in the text's own style.
    static Edit replace(Span span, std::string text) { return {span, std::move(text)}; }
    static Edit insert_after(Span span, std::string text) {
        return {{span.source, span.end, span.end}, std::move(text)};
    }
    /// Another text in the place of `old` within `span`; nothing where it does not stand there in
    /// one piece, as where a variable makes it.
    std::optional<Edit> replace_in(Span span, std::string_view old, std::string text) const;
    /// The same for an endpoint's whole address.
    std::optional<Edit> replace_address(const Endpoint& endpoint, std::string text) const;
    /// Lines of their own after the directive, indented like it.
    Edit lines_after(const Directive& directive, const std::vector<std::string>& lines) const;
    /// Lines of their own after the line on which `span` ends, indented like that.
    Edit lines_after(Span span, const std::vector<std::string>& lines) const;

    /// Another item of the YAML list to which the item at `span` belongs, in either style; nothing
    /// where it is no item of a list.
    std::optional<Edit> item_after(Span span, std::string_view item) const;

    /// The bytes of a span, as they are written.
    std::string_view text(Span span) const { return sources_.text(span); }

    /// All findings, complete with the includes that lead to them. A finding whose message would
    /// quote what a template leaves unknown rests on it, and is left out; so are such notes and
    /// fixes.
    std::deque<Finding> take();

  private:
    Draft add(const Directive* where, Span span, std::string message);
    void leave_out_unknown(Finding& finding) const;

    const Rule& rule_;
    const Sources& sources_;
    std::deque<Finding> findings_;            ///< drafts refer to them
    std::vector<const Directive*> includes_;  ///< of each finding: what brought its file, or null
    std::set<Span> seen_;
    std::optional<Finding> repeated_;  ///< takes what is written about a span for the second time
};

}  // namespace gatelint
