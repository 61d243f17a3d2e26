#include "syntax/template.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "source/text.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

constexpr std::string_view blanks = " \t\r\n";

/// How far the end of a tag is looked for in a file whose name does not tell that it has any.
constexpr std::size_t max_tag = 1024;

/// How many tags are looked at to see whether they stand alone on their line.
constexpr int max_tags_of_line = 16;

bool is_capital(char byte) {
    return byte >= 'A' && byte <= 'Z';
}

bool is_name_byte(char byte) {
    return is_capital(byte) || is_digit(byte) || (byte >= 'a' && byte <= 'z') || byte == '_';
}

/// A name that people give to variables of the environment, and never to those of nginx.
bool is_capital_name(std::string_view name) {
    return !name.empty() && is_capital(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char byte) { return is_capital(byte) || is_digit(byte) || byte == '_'; });
}

std::string_view trim(std::string_view text, std::string_view bytes = blanks) {
    const std::size_t begin = text.find_first_not_of(bytes);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(bytes) - begin + 1);
}

std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find_first_of(" \t\r\n({"));
}

struct Tag {
    enum class Kind : std::uint8_t {
        silent,     ///< a comment, an assignment: nothing comes of it
        value,      ///< text comes of it
        open,       ///< begins a condition, a loop or a block of the template's language
        middle,     ///< else
        close,      ///< end
        raw,        ///< begins text in which there are no tags
        statement,  ///< anything else that decides what is rendered
    };

    Kind kind;
    std::size_t end;
};

/// What is between `{%` and `%}`: Jinja, Twig, Liquid.
Tag::Kind kind_of_jinja(std::string_view inside) {
    constexpr std::array<std::string_view, 12> openers = {
        "if",   "for",  "block",  "macro",      "call",  "filter",
        "with", "case", "unless", "autoescape", "trans", "ifchanged"};
    constexpr std::array<std::string_view, 5> middles = {"else", "elif", "elsif", "elseif", "when"};
    constexpr std::array<std::string_view, 5> silents = {"import", "from", "do", "assign", "set"};
    const std::string_view word = first_word(inside);
    if (word == "raw" || word == "verbatim") return Tag::Kind::raw;
    if (word.starts_with("end")) return Tag::Kind::close;
    if (is_among(word, openers)) return Tag::Kind::open;
    if (is_among(word, middles)) return Tag::Kind::middle;
    if (word == "set" && inside.find('=') == std::string_view::npos) return Tag::Kind::open;
    return is_among(word, silents) ? Tag::Kind::silent : Tag::Kind::statement;
}

/// What is between `{{` and `}}`: Jinja's values; all tags of Go and of Mustache.
Tag::Kind kind_of_braces(std::string_view inside) {
    constexpr std::array<std::string_view, 5> openers = {"if", "range", "with", "define", "block"};
    if (inside.starts_with("/*") || inside.starts_with('!')) return Tag::Kind::silent;
    if (inside.starts_with('#') || inside.starts_with('^')) return Tag::Kind::open;
    if (inside.starts_with('/')) return Tag::Kind::close;
    const std::string_view word = first_word(inside);
    if (word == "end") return Tag::Kind::close;
    if (word == "else") return Tag::Kind::middle;
    // Alone they are names of variables.
    if (is_among(word, openers) && inside.size() > word.size()) return Tag::Kind::open;
    const bool assigns = inside.starts_with('$') && inside.find('=') != std::string_view::npos &&
                         trim(inside.substr(word.size()), " \t:").starts_with('=');
    return assigns ? Tag::Kind::silent : Tag::Kind::value;
}

/// What is between `<%` and `%>`: ERB, and Puppet's EPP, whose blocks have braces.
Tag::Kind kind_of_erb(std::string_view inside) {
    constexpr std::array<std::string_view, 6> openers = {"if",  "unless", "case",
                                                         "for", "while",  "until"};
    constexpr std::array<std::string_view, 5> middles = {"else", "elsif", "when", "rescue",
                                                         "ensure"};
    if (inside.starts_with('=')) return Tag::Kind::value;
    if (inside.starts_with('#') || inside.starts_with('|')) return Tag::Kind::silent;
    const std::string_view code = trim(inside, " \t\r\n-");
    const std::string_view word = first_word(code);
    if (code.starts_with('}')) {
        return code.ends_with('{') ? Tag::Kind::middle : Tag::Kind::close;
    }
    if (word == "end" || word.starts_with("end.")) return Tag::Kind::close;
    if (is_among(word, middles)) return Tag::Kind::middle;
    // `each do |name|`, `each { |name|`
    std::string_view head = code;
    if (head.ends_with('|')) head = head.substr(0, head.substr(0, head.size() - 1).rfind('|'));
    head = trim(head);
    const bool opens = is_among(word, openers) || head.ends_with(" do") || head.ends_with('{');
    return opens ? Tag::Kind::open : Tag::Kind::silent;
}

/// Reads a text as nginx would, as far as it must to know whether a tag is part of a word, of a
/// quoted one, of a comment, or stands where a directive would; and blots the tags out.
class Masker {
  public:
    Masker(std::string_view text, TemplateName kind) : text_(text), kind_(kind) {
        masked_.text = text;
    }

    MaskedText run() {
        while (at_ < text_.size()) {
            const std::optional<Tag> tag = read_tag(at_);
            if (tag) {
                take(*tag);
            } else if (!take_placeholder()) {
                step();
            }
        }
        return std::move(masked_);
    }

  private:
    enum class State : std::uint8_t { between_words, word, quote, comment };

    /// Where `closer` is first found from `from` on. Each is looked for in vain only once.
    std::size_t find(std::string_view closer, std::size_t from) {
        if (is_among(closer, missing_)) return std::string_view::npos;
        const std::size_t found = text_.find(closer, from);
        if (found == std::string_view::npos) missing_.push_back(closer);
        return found;
    }

    std::optional<Tag> read_tag(std::size_t at) {
        if (!kind_.tags || at + 1 >= text_.size()) return std::nullopt;
        const std::string_view opener = text_.substr(at, 2);
        if (opener == "{%") return read_tag(at, "%}", kind_of_jinja);
        if (opener == "{{" && !raw_) {
            const bool triple = text_.substr(at).starts_with("{{{");
            return read_tag(at, triple ? "}}}" : "}}", kind_of_braces);
        }
        if (opener == "<%" && !raw_) return read_tag(at, "%>", kind_of_erb);
        if (opener == "{#" && !raw_) {
            return read_tag(at, "#}", [](std::string_view) { return Tag::Kind::silent; });
        }
        return std::nullopt;
    }

    template <typename KindOf>
    std::optional<Tag> read_tag(std::size_t at, std::string_view closer, KindOf kind_of) {
        const std::size_t begin = at + closer.size();
        const std::size_t end = find(closer, begin);
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view inside = trim(text_.substr(begin, end - begin), " \t\r\n-~+");
        if (raw_ && !inside.starts_with("endraw") && !inside.starts_with("endverbatim")) {
            return std::nullopt;
        }
        return Tag{kind_of(inside), end + closer.size()};
    }

    bool at_statement() const { return state_ == State::between_words && statement_begins_; }

    void take(const Tag& tag) {
        using enum Tag::Kind;
        if (!masked_.first_tag) masked_.first_tag = {at_, tag.end};
        masked_.has_tags = true;
        note_alternatives(tag.kind);
        const std::size_t end = tag.end;
        const bool leaves_nothing =
            state_ == State::comment || (at_statement() && tag.kind != value) ||
            (tag.kind == silent && state_ == State::between_words && ends_word(end));
        if (state_ == State::quote) {
            fill(end, unknown_byte);
        } else if (leaves_nothing) {
            fill(end, ' ');
        } else if (at_statement() && stands_alone(end)) {
            fill(end, unknown_byte);
            masked_.text[end - 1] = ';';
        } else {
            // Whatever it is, something may come of it in the middle of a directive.
            fill(end, unknown_byte);
            state_ = State::word;
            statement_begins_ = false;
        }
        at_ = end;
    }

    void note_alternatives(Tag::Kind kind) {
        using enum Tag::Kind;
        raw_ = kind == raw;
        if (kind == silent || kind == value || kind == raw) return;
        masked_.has_alternatives = true;
        if (kind == open) depths_.push_back(depth_);
        if (kind != middle && kind != close) return;
        if (depths_.empty()) return;
        if (depths_.back() != depth_) masked_.is_balanced = false;
        if (kind == close) depths_.pop_back();
    }

    /// `${NAME}` on a line of its own brings whole directives.
    bool take_placeholder() {
        if (!kind_.placeholders || !at_statement() || text_[at_] != '$') return false;
        const std::size_t end = placeholder_end(at_);
        if (end == at_ || !stands_alone(end)) return false;
        if (!masked_.first_tag) masked_.first_tag = {at_, end};
        fill(end, unknown_byte);
        masked_.text[end - 1] = ';';
        at_ = end;
        return true;
    }

    std::size_t placeholder_end(std::size_t at) const {
        const bool braced = text_.substr(at).starts_with("${");
        const std::size_t begin = at + (braced ? 2 : 1);
        std::size_t end = begin;
        while (end < text_.size() && is_name_byte(text_[end])) ++end;
        if (!is_capital_name(text_.substr(begin, end - begin))) return at;
        if (!braced) return end;
        return end < text_.size() && text_[end] == '}' ? end + 1 : at;
    }

    bool ends_word(std::size_t end) const {
        return end == text_.size() || blanks.find(text_[end]) != std::string_view::npos ||
               text_[end] == ';';
    }

    /// Whether nothing but more tags and a comment follows on the line, and no block after it.
    bool stands_alone(std::size_t end) {
        for (int i = 0; i < max_tags_of_line; ++i) {
            end = std::min(text_.find_first_not_of(" \t\r", end), text_.size());
            const std::optional<Tag> tag = end < text_.size() ? read_tag(end) : std::nullopt;
            if (!tag) break;
            end = tag->end;
        }
        if (end == text_.size() || text_[end] == '}' || text_[end] == '#') return true;
        if (text_[end] != '\n') return false;
        const std::size_t next = text_.find_first_not_of(blanks, end);
        return next == std::string_view::npos || text_[next] != '{' || read_tag(next);
    }

    /// Blots out up to `end`. Lines stay lines where they matter.
    void fill(std::size_t end, char byte) {
        for (std::size_t i = at_; i < end; ++i) {
            if (byte != ' ' || masked_.text[i] != '\n') masked_.text[i] = byte;
        }
    }

    /// One byte as ngx_conf_read_token() takes it; two for an escape.
    void step() {
        const char byte = text_[at_];
        switch (state_) {
            case State::comment:
                if (byte == '\n') state_ = State::between_words;
                break;
            case State::quote:
                if (byte == quote_) state_ = State::word;
                if (byte == '\\') ++at_;
                break;
            case State::word:
            case State::between_words:
                step_outside(byte);
                break;
        }
        ++at_;
    }

    void step_outside(char byte) {
        const bool in_word = state_ == State::word;
        // Directly after `$`, braces belong to the word.
        const bool opens = byte == '{' && !(in_word && after_dollar_);
        after_dollar_ = byte == '$' || (byte == '{' && !opens);
        if (blanks.find(byte) != std::string_view::npos) {
            state_ = State::between_words;
        } else if (byte == ';' || opens) {
            if (byte == '{') ++depth_;
            begin_statement();
        } else if (!in_word && byte == '}') {
            --depth_;
            begin_statement();
        } else if (!in_word && byte == '#') {
            state_ = State::comment;
        } else {
            if (!in_word && (byte == '"' || byte == '\'')) {
                state_ = State::quote;
                quote_ = byte;
            } else {
                state_ = State::word;
                if (byte == '\\') ++at_;
            }
            statement_begins_ = false;
        }
    }

    void begin_statement() {
        state_ = State::between_words;
        statement_begins_ = true;
    }

    std::string_view text_;
    TemplateName kind_;
    MaskedText masked_;
    std::size_t at_ = 0;
    State state_ = State::between_words;
    bool statement_begins_ = true;  ///< no word of a directive has been read
    bool raw_ = false;
    bool after_dollar_ = false;  ///< the last bytes are `$`, or `${`, `${{`, ...
    char quote_ = '\0';
    int depth_ = 0;
    std::vector<int> depths_;  ///< at which the open conditions, loops and blocks began
    std::vector<std::string_view> missing_;  ///< closers that the rest of the text has not
};

}  // namespace

TemplateName template_name(std::string_view path) {
    constexpr std::array<std::string_view, 12> tagged = {
        ".j2",  ".jinja", ".jinja2",   ".erb", ".tmpl",   ".tpl",
        ".epp", ".ctmpl", ".mustache", ".hbs", ".gotmpl", ".liquid"};
    const std::size_t slash = path.rfind('/');
    const std::string_view name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
    const std::string_view folder = path.substr(0, path.size() - name.size());
    TemplateName kind;
    kind.tags = std::any_of(tagged.begin(), tagged.end(),
                            [name](std::string_view end) { return name.ends_with(end); });
    kind.placeholders = kind.tags || name.find("template") != std::string_view::npos ||
                        name.ends_with(".envsubst") || folder.ends_with("/templates/") ||
                        folder == "templates/";
    return kind;
}

MaskedText mask(std::string_view text, TemplateName kind) {
    return Masker(text, kind).run();
}

bool begins_tag(std::string_view text, std::size_t brace) {
    if (brace + 2 >= text.size()) return false;
    const std::string_view opener = text.substr(brace, 2);
    if (opener != "{{" && opener != "{%") return false;
    const std::string_view near = text.substr(brace + 2, max_tag);
    const std::string_view line = near.substr(0, near.find('\n'));
    const std::size_t end = opener == "{%" ? line.find("%}") : line.find_first_of(";{}");
    if (end == std::string_view::npos) return false;
    const std::string_view inside = trim(line.substr(0, end), " \t-~+");
    return !inside.empty() && line.substr(end).starts_with(opener == "{%" ? "%}" : "}}");
}

bool holds_erb_tag(std::string_view word, std::string_view rest) {
    const std::string_view near = rest.substr(0, word.size() + max_tag);
    return word.find("<%") != std::string_view::npos &&
           near.substr(0, near.find('\n')).find("%>") != std::string_view::npos;
}

std::vector<Placeholder> placeholders_in(std::string_view text, const Environment& environment) {
    std::vector<Placeholder> found;
    for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
        const std::size_t begin = at++;
        const bool braced = at < text.size() && text[at] == '{';
        if (braced) ++at;
        const std::size_t name_begin = at;
        while (at < text.size() && is_name_byte(text[at])) ++at;
        const std::string_view name = text.substr(name_begin, at - name_begin);
        if (name.empty() || is_digit(name.front())) continue;
        if (!is_capital_name(name) && environment.find(name) == nullptr) continue;
        if (!braced) {
            found.push_back({name, begin, at, false});
            continue;
        }
        constexpr std::string_view ends = "}:-";
        if (at == text.size() || ends.find(text[at]) == std::string_view::npos) continue;
        const bool has_default = text[at] != '}';
        at = text.find('}', at);
        if (at == std::string_view::npos) break;
        ++at;
        found.push_back({name, begin, at, has_default});
    }
    return found;
}

std::string fill_in(std::string_view text, const Environment& environment) {
    std::string filled;
    std::size_t done = 0;
    for (const Placeholder& placeholder : placeholders_in(text, environment)) {
        filled += text.substr(done, placeholder.begin - done);
        done = placeholder.end;
        const Environment::Variable* variable = environment.find(placeholder.name);
        const bool one_word =
            variable != nullptr && !placeholder.has_default &&
            variable->value.find_first_of(" \t\r\n;{}\"'\\#") == std::string::npos;
        if (one_word) {
            filled += variable->value;
        } else {
            filled += unknown_byte;
        }
    }
    filled += text.substr(done);
    // A word of which nothing is left is no word: there is one argument less.
    if (filled.empty() && !text.empty()) filled += unknown_byte;
    return filled;
}

}  // namespace gatelint
