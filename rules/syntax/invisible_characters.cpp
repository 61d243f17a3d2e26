#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::invisible_characters {

namespace {

/// A character of a word that was not meant to be a part of it.
struct Stray {
    char32_t code_point;
    std::size_t begin;  ///< in the word
    std::size_t end;
};

std::string name_of_character(char32_t code_point) {
    const auto with_name = [&](std::string_view name) {
        return fmt::format("{} (U+{:04X})", name, static_cast<std::uint32_t>(code_point));
    };
    switch (code_point) {
        case 0x00A0:
            return with_name("a no-break space");
        case 0x00AD:
            return with_name("a soft hyphen");
        case 0x200B:
            return with_name("a zero-width space");
        case 0x200C:
            return with_name("a zero-width non-joiner");
        case 0x200D:
            return with_name("a zero-width joiner");
        case 0x2028:
            return with_name("a line separator");
        case 0x2029:
            return with_name("a paragraph separator");
        case 0x2060:
            return with_name("a word joiner");
        case 0xFEFF:
            return with_name("a byte order mark");
        default:
            return with_name(is_typographic_quote(code_point) ? "a typographic quote"
                                                              : "an invisible character");
    }
}

/// Whether the character stands for a space; the others take no room at all.
bool is_wide(char32_t code_point) {
    constexpr char32_t zero_width = 0x200B;
    constexpr char32_t right_to_left_mark = 0x200F;
    const bool is_narrow = (code_point >= zero_width && code_point <= right_to_left_mark) ||
                           code_point == 0x2060 || code_point == 0xFEFF || code_point == 0x00AD;
    return !is_narrow;
}

bool is_ascii_or_none(std::string_view text, bool last) {
    return text.empty() || static_cast<unsigned char>(last ? text.back() : text.front()) < 0x80;
}

/// Some scripts need joiners between their letters, also in the names of hosts.
bool joins_letters(std::string_view text, const Stray& stray) {
    const bool is_joiner = stray.code_point == 0x200C || stray.code_point == 0x200D;
    return is_joiner && !is_ascii_or_none(text.substr(0, stray.begin), true) &&
           !is_ascii_or_none(text.substr(stray.end), false);
}

/// The characters of either kind in a text.
std::vector<Stray> strays_in(std::string_view text) {
    std::vector<Stray> strays;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t begin = text.size() - rest.size();
        const char32_t code_point = take_code_point(rest);
        const Stray stray{code_point, begin, text.size() - rest.size()};
        const bool counts = is_typographic_quote(code_point) ||
                            (is_invisible(code_point) && !joins_letters(text, stray));
        if (counts) strays.push_back(stray);
    }
    return strays;
}

bool is_ascii(const Word& word) {
    return !word.marks.has(Marks::non_ascii);
}

/// Directives whose arguments people read, in any language.
bool is_prose(DirectiveId id) {
    using enum DirectiveId;
    constexpr std::array<DirectiveId, 9> prose = {add_header, add_trailer,  auth_basic,
                                                  log_format, return_,      set,
                                                  sub_filter, default_type, charset_map};
    return std::find(prose.begin(), prose.end(), id) != prose.end();
}

/// Looks at the words of one directive.
class Words {
  public:
    Words(const Directive& directive, Report& report) : directive_(directive), report_(report) {}

    void check() {
        const bool is_name = !directive_.is_row;
        if (is_name) {
            check_name();
        } else {
            check_argument(directive_.statement->name);
        }
        for (const Word& word : directive_.args()) check_argument(word);
        check_quotes();
    }

  private:
    Span part(const Word& word, const Stray& stray) const {
        const auto begin = static_cast<std::uint32_t>(word.span.begin + stray.begin);
        const auto end = static_cast<std::uint32_t>(word.span.begin + stray.end);
        return {word.span.source, begin, end};
    }

    Edit without(const Word& word, const Stray& stray) const {
        return Report::replace(part(word, stray), is_wide(stray.code_point) ? " " : "");
    }

    /// nginx does not know such a directive.
    void check_name() {
        const Word& name = directive_.statement->name;
        if (name.quote != '\0' || is_ascii(name)) return;
        const std::vector<Stray> strays = strays_in(report_.text(name.span));
        if (strays.empty()) return;
        Draft draft = report_(directive_, part(name, strays.front()),
                              "{} is part of this directive's name: nginx does not recognize it",
                              name_of_character(strays.front().code_point));
        if (directive_.context == in_unknown) {
            draft.severity(Severity::warning);
        } else {
            draft.refused(words_for_name(name));
        }
        std::vector<Edit> edits;
        for (const Stray& stray : strays) {
            if (is_typographic_quote(stray.code_point)) return;
            edits.push_back(without(name, stray));
        }
        draft.fix(Applicability::safe, "correct the name", std::move(edits));
    }

    /// A word that only a `}` or the end of the file follows is met before it is looked up.
    std::string words_for_name(const Word& name) const {
        const Span whole = directive_.statement->span;
        const bool ended = directive_.statement->has_block || report_.text(whole).ends_with(';');
        if (ended) return fmt::format("unknown directive \"{}\"", name.text);
        const bool in_block = directive_.parent->statement->span.source == whole.source &&
                              directive_.parent->parent != nullptr && !directive_.parent->assumed;
        return in_block ? "unexpected \"}\"" : "unexpected end of file, expecting \";\" or \"}\"";
    }

    Severity severity() const {
        return directive_.is_row || is_prose(directive_.id) ? Severity::warning : Severity::error;
    }

    /// In quotes a text is what somebody wrote on purpose.
    void check_argument(const Word& word) {
        if (word.quote != '\0' || is_ascii(word)) return;
        const std::string_view text = report_.text(word.span);
        std::vector<Stray> strays = strays_in(text);
        std::erase_if(strays,
                      [](const Stray& stray) { return is_typographic_quote(stray.code_point); });
        if (strays.empty()) return;
        Draft draft =
            report_(directive_, part(word, strays.front()),
                    "{} is part of this argument: nginx treats it as an ordinary character",
                    name_of_character(strays.front().code_point));
        draft.severity(severity());
        std::vector<Edit> edits;
        bool safe = true;
        for (const Stray& stray : strays) {
            const bool at_edge = stray.begin == 0 || stray.end == text.size();
            safe = safe && (at_edge || !is_wide(stray.code_point));
            edits.push_back(without(word, stray));
        }
        draft.fix(safe ? Applicability::safe : Applicability::unsafe, "correct the argument",
                  std::move(edits));
    }

    /// A typographic quote at one end of an argument or of several, as in “keep-alive”.
    void check_quotes() {
        const std::span<const Word> words = directive_.args();
        std::size_t last = 0;  // only grows, so that many opening quotes cost no more than one
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::optional<Stray> opening = opening_quote(words[i]);
            if (!opening) continue;
            last = std::max(last, i);
            while (last < words.size() && !closing_quote(words[last])) ++last;
            const bool closed = last < words.size();
            // ’tis no quote without another at the end.
            constexpr char32_t apostrophe = 0x2019;
            if (opening->code_point == apostrophe && last != i) continue;
            report_quotes(words[i], *opening, closed ? &words[last] : nullptr);
            if (closed) i = last;
        }
    }

    std::optional<Stray> opening_quote(const Word& word) const {
        if (word.quote != '\0' || is_ascii(word)) return std::nullopt;
        const std::string_view text = report_.text(word.span);
        for (const Stray& stray : strays_in(text)) {
            const bool begins = stray.begin == 0 || text[stray.begin - 1] == '=';
            if (is_typographic_quote(stray.code_point) && begins) return stray;
        }
        return std::nullopt;
    }

    std::optional<Stray> closing_quote(const Word& word) const {
        if (word.quote != '\0' || is_ascii(word)) return std::nullopt;
        const std::string_view text = report_.text(word.span);
        const std::vector<Stray> strays = strays_in(text);
        if (strays.empty() || strays.back().end != text.size() || strays.back().begin == 0) {
            return std::nullopt;
        }
        return is_typographic_quote(strays.back().code_point) ? std::optional(strays.back())
                                                              : std::nullopt;
    }

    void report_quotes(const Word& first, const Stray& opening, const Word* last) {
        const Span whole = last == nullptr ? first.span : cover(first.span, last->span);
        Draft draft = report_(
            directive_, whole,
            "nginx treats typographic quotes as ordinary characters: they are part of the value");
        draft.severity(directive_.is_row ? Severity::warning : Severity::error);
        const std::string_view text = report_.text(whole);
        if (last == nullptr || text.find_first_of("\"\\") != std::string_view::npos) return;
        const Stray closing = *closing_quote(*last);
        const bool is_whole = opening.begin == 0;
        if (!is_whole && last != &first) return;
        const std::string quote = is_whole ? "\"" : "";
        draft.fix(Applicability::safe, "use ASCII quotes",
                  {Report::replace(part(first, opening), quote),
                   Report::replace(part(*last, closing), quote)});
    }

    const Directive& directive_;
    Report& report_;
};

void check(const Subject& subject, Report& report) {
    for (const Directive* directive : subject.config.index().non_ascii()) {
        Words(*directive, report).check();
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "invisible-characters",
    .family = Family::syntax,
    .severity = Severity::error,
    .summary = "invisible characters or typographic quotes in a name or an argument",
    .why =
        R"(Text copied from a web page, a chat or a word processor may contain characters that
look like a space, like nothing, or like a quote. nginx only separates words by ASCII spaces, tabs
and line ends, and only `"` and `'` are quotes: everything else is an ordinary character. A
no-break space before or after a directive's name makes it a different name, and nginx refuses to
start:

    unknown directive " proxy_pass"

In an argument it is often accepted, and silently wrong: a `server_name` that matches no request,
or a header `Connection: “upgrade”` that no backend understands, so WebSocket connections get 400.

Comments and quoted text may contain any characters.)",
    .reference = "https://nginx.org/en/docs/beginners_guide.html#conf_structure",
    .check = check,
};

}  // namespace gatelint::rules::invisible_characters
