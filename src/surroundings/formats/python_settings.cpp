#include "surroundings/formats/python_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "source/text.hpp"

namespace gatelint {

namespace {

/// A token of Python; blanks and comments are left out.
struct PythonToken {
    enum class Kind : std::uint8_t { name, number, text, sign, line_end };

    Kind kind = Kind::sign;
    std::string_view word;  ///< of a text without its quotes and prefix
    bool is_formatted = false;
    bool is_plain = true;      ///< a text that has no escapes
    bool is_indented = false;  ///< of the first token of a line
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || static_cast<unsigned char>(byte) >= 0x80;
}

/// Takes a text apart. A line's end within brackets is none.
class PythonLexer {
  public:
    explicit PythonLexer(std::string_view text) : text_(text) {}

    std::vector<PythonToken> take() {
        while (at_ < text_.size()) next();
        push(PythonToken::Kind::line_end, at_, at_);
        return std::move(tokens_);
    }

  private:
    void next() {
        const char byte = text_[at_];
        const bool escapes_line_end = byte == '\\' && at_ + 1 < text_.size() &&
                                      (text_[at_ + 1] == '\n' || text_[at_ + 1] == '\r');
        if (byte == '\n') {
            if (depth_ == 0) push(PythonToken::Kind::line_end, at_, at_ + 1);
            is_at_line_begin_ = is_at_line_begin_ || depth_ == 0;
            is_indented_ = false;
            ++at_;
        } else if (escapes_line_end) {
            at_ += text_[at_ + 1] == '\r' ? 3 : 2;
        } else if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\f') {
            is_indented_ = true;
            ++at_;
        } else if (byte == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (const std::size_t prefix = text_prefix()) {
            text(prefix - 1);
        } else if (is_name_byte(byte)) {
            word();
        } else {
            sign();
        }
    }

    /// One more than the length of the letters before a quote here; 0 where no text begins.
    std::size_t text_prefix() const {
        std::size_t size = 0;
        while (size < 2 && at_ + size < text_.size() &&
               std::string_view("rRbBuUfF").find(text_[at_ + size]) != std::string_view::npos) {
            ++size;
        }
        if (at_ + size >= text_.size()) return 0;
        const char quote = text_[at_ + size];
        return quote == '"' || quote == '\'' ? size + 1 : 0;
    }

    void text(std::size_t prefix) {
        const std::size_t begin = at_;
        const std::string_view letters = text_.substr(at_, prefix);
        at_ += prefix;
        const std::string_view three = text_.substr(at_, 3);
        const bool is_long = three == "\"\"\"" || three == "'''";
        const std::string_view quote = text_.substr(at_, is_long ? 3 : 1);
        at_ += quote.size();
        const std::size_t inner = at_;
        bool is_plain = true;
        while (at_ < text_.size() && !text_.substr(at_).starts_with(quote)) {
            if (!is_long && text_[at_] == '\n') break;  // Python refuses it
            if (text_[at_] == '\\') {
                is_plain = false;
                ++at_;
            }
            ++at_;
        }
        at_ = std::min(at_, text_.size());
        PythonToken& token =
            push(PythonToken::Kind::text, begin, std::min(at_ + quote.size(), text_.size()));
        token.word = text_.substr(inner, at_ - inner);
        token.is_plain = is_plain && letters.find_first_of("bB") == std::string_view::npos;
        token.is_formatted = letters.find_first_of("fF") != std::string_view::npos;
        at_ = token.end;
    }

    void word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
        push(is_digit(text_[begin]) ? PythonToken::Kind::number : PythonToken::Kind::name, begin,
             at_);
    }

    void sign() {
        constexpr std::array<std::string_view, 16> longer = {
            "**=", "//=", "<<=", ">>=", "==", "!=", "<=", ">=",
            "+=",  "-=",  "*=",  "/=",  ":=", "->", "|=", "%="};
        const auto* found = std::find_if(
            longer.begin(), longer.end(),
            [this](std::string_view each) { return text_.substr(at_).starts_with(each); });
        const std::size_t size = found == longer.end() ? 1 : found->size();
        const char byte = text_[at_];
        if (byte == '(' || byte == '[' || byte == '{') ++depth_;
        if ((byte == ')' || byte == ']' || byte == '}') && depth_ > 0) --depth_;
        push(PythonToken::Kind::sign, at_, at_ + size);
        at_ += size;
    }

    PythonToken& push(PythonToken::Kind kind, std::size_t begin, std::size_t end) {
        PythonToken token;
        token.kind = kind;
        token.word = text_.substr(begin, end - begin);
        token.is_indented = is_at_line_begin_ && is_indented_;
        token.begin = static_cast<std::uint32_t>(begin);
        token.end = static_cast<std::uint32_t>(end);
        is_at_line_begin_ = false;
        return tokens_.emplace_back(token);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool is_at_line_begin_ = true;
    bool is_indented_ = false;
    std::vector<PythonToken> tokens_;
};

using Tokens = std::vector<PythonToken>;

/// Works out the value of an expression.
class Evaluator {
  public:
    Evaluator(const PythonToken* begin, const PythonToken* end, SourceId source,
              const PythonSettings& known, const ProcessEnvironment& environment)
        : at_(begin), end_(end), source_(source), known_(known), environment_(environment) {}

    /// Unknown where it is not understood to its end.
    PythonValue whole() {
        if (at_ == end_) return {};
        const Span span{source_, at_->begin, (end_ - 1)->end};
        PythonValue value = either(0);
        if (at_ != end_) value = {};
        value.value.span = span;
        return value;
    }

  private:
    using Kind = PythonValue::Kind;

    static constexpr int max_depth = 32;

    static bool is_true(const PythonValue& value) {
        if (value.kind == Kind::text) return !value.value.text.empty();
        if (value.kind == Kind::number) return value.value.text != "0";
        if (value.kind == Kind::list) return !value.items.empty();
        return value.kind == Kind::boolean && value.value.text == "True";
    }

    bool take(std::string_view word) {
        if (at_ == end_ || at_->kind == PythonToken::Kind::text || at_->word != word) return false;
        ++at_;
        return true;
    }

    PythonValue either(int depth) {
        PythonValue value = sum(depth);
        while (take("or")) {
            PythonValue other = sum(depth);
            if (value.kind != Kind::unknown && !is_true(value)) value = std::move(other);
        }
        return value;
    }

    PythonValue sum(int depth) {
        PythonValue value = term(depth);
        while (take("+")) {
            const PythonValue other = term(depth);
            if (value.kind != Kind::text || other.kind != Kind::text) {
                value = {};
                continue;
            }
            value.value.text += other.value.text;
        }
        return value;
    }

    PythonValue term(int depth) {
        if (at_ == end_ || depth > max_depth) return {};
        if (at_->kind == PythonToken::Kind::text) return text();
        if (at_->kind == PythonToken::Kind::number) return number();
        if (at_->kind == PythonToken::Kind::name) return name(depth + 1);
        if (at_->word == "[" || at_->word == "(") return list(depth + 1);
        return {};
    }

    /// Texts beside one another are one.
    PythonValue text() {
        PythonValue value = made(Kind::text, "");
        for (; at_ != end_ && at_->kind == PythonToken::Kind::text; ++at_) {
            value.value.span.end = at_->end;
            std::optional<std::string> part = part_of_text(*at_);
            if (!part) value.kind = Kind::unknown;
            if (part) value.value.text += *part;
        }
        return value;
    }

    std::optional<std::string> part_of_text(const PythonToken& token) const {
        if (!token.is_plain) return std::nullopt;
        if (!token.is_formatted) return std::string(token.word);
        std::string text;
        std::string_view rest = token.word;
        while (!rest.empty()) {
            const std::size_t brace = std::min(rest.find_first_of("{}"), rest.size());
            text += rest.substr(0, brace);
            rest.remove_prefix(brace);
            if (rest.empty()) break;
            const std::size_t close = rest.find('}');
            if (rest.front() == '}' || close == std::string_view::npos) return std::nullopt;
            const Tokens inner = PythonLexer(rest.substr(1, close - 1)).take();
            Evaluator evaluator(inner.data(), inner.data() + inner.size() - 1, SourceId::none,
                                known_, environment_);
            const PythonValue value = evaluator.whole();
            if (value.kind != Kind::text && value.kind != Kind::number) return std::nullopt;
            text += value.value.text;
            rest.remove_prefix(close + 1);
        }
        return text;
    }

    /// Octal, hexadecimal and binary numbers are told in decimal digits.
    PythonValue number() {
        std::string digits;
        std::copy_if(at_->word.begin(), at_->word.end(), std::back_inserter(digits),
                     [](char byte) { return byte != '_'; });
        PythonValue value = made(Kind::number, digits);
        ++at_;
        if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'o' || digits[1] == 'O')) {
            const std::string octal = digits.substr(2);
            const bool is_octal =
                octal.size() <= 20 && octal.find_first_not_of("01234567") == std::string::npos;
            if (!is_octal) return {};
            value.value.text = std::to_string(std::stoull(octal, nullptr, 8));
        } else if (!std::all_of(digits.begin(), digits.end(), is_digit) ||
                   (digits.size() > 1 && digits.front() == '0')) {
            return {};
        }
        return value;
    }

    PythonValue name(int depth) {
        const PythonToken& first = *at_;
        if (first.word == "os") return environment(depth);
        ++at_;
        if (first.word == "getenv" || first.word == "environ") {
            --at_;
            return environment(depth);
        }
        if (first.word == "None") return made_at(first, Kind::none, "None");
        if (first.word == "True" || first.word == "False") {
            return made_at(first, Kind::boolean, std::string(first.word));
        }
        if (first.word == "str" || first.word == "int") return conversion(first.word, depth);
        const auto found = known_.values.find(first.word);
        return found == known_.values.end() ? PythonValue{} : found->second;
    }

    PythonValue conversion(std::string_view to, int depth) {
        if (!take("(")) return {};
        PythonValue value = either(depth);
        if (!take(")")) return {};
        if (value.kind != Kind::text && value.kind != Kind::number) return {};
        const std::string& text = value.value.text;
        if (to == "int" && !std::all_of(text.begin(), text.end(), is_digit)) return {};
        value.kind = to == "int" ? Kind::number : Kind::text;
        return value;
    }

    /// `os.environ.get("A", "b")`, `os.getenv("A")`, `os.environ["A"]`.
    PythonValue environment(int depth) {
        if (take("os") && !take(".")) return {};
        const bool is_call = take("getenv");
        bool is_subscript = false;
        if (!is_call) {
            if (!take("environ")) return {};
            is_subscript = take("[");
            if (!is_subscript && !(take(".") && take("get"))) return {};
        }
        if (!is_subscript && !take("(")) return {};
        const PythonValue key = either(depth);
        PythonValue fallback = made(Kind::none, "None");
        if (take(",")) {
            if (take("default") && !take("=")) return {};
            fallback = either(depth);
        }
        if (!take(is_subscript ? "]" : ")") || key.kind != Kind::text) return {};
        const Value* variable = environment_.find(key.value.text);
        if (variable != nullptr) return made(Kind::text, variable->text);
        return environment_.is_whole && !is_subscript ? fallback : PythonValue{};
    }

    /// `("a")` is a text.
    PythonValue list(int depth) {
        const bool is_tuple = at_->word == "(";
        const std::string_view close = is_tuple ? ")" : "]";
        ++at_;
        PythonValue value = made(Kind::list, "");
        bool has_comma = false;
        while (!take(close)) {
            if (at_ == end_) return {};
            const PythonToken* begin = at_;
            PythonValue item = either(depth);
            if (at_ == begin) return {};
            if (item.kind != Kind::text) value.kind = Kind::unknown;
            item.value.span = {source_, begin->begin, (at_ - 1)->end};
            if (is_tuple && !has_comma && value.items.empty() && take(close)) return item;
            value.items.push_back(std::move(item.value));
            if (take(",")) {
                has_comma = true;
            } else if (at_ == end_ || at_->word != close) {
                return {};
            }
        }
        return value;
    }

    PythonValue made(Kind kind, std::string text) const {
        return at_ == end_ ? PythonValue{kind, {std::move(text), {}}, {}}
                           : made_at(*at_, kind, std::move(text));
    }

    PythonValue made_at(const PythonToken& token, Kind kind, std::string text) const {
        return {kind, {std::move(text), {source_, token.begin, token.end}}, {}};
    }

    const PythonToken* at_;
    const PythonToken* end_;
    SourceId source_;
    const PythonSettings& known_;
    const ProcessEnvironment& environment_;
};

bool is_assignment(std::string_view sign) {
    return sign == "=" || (sign.size() > 1 && sign.back() == '=' && sign != "==" && sign != "!=" &&
                           sign != "<=" && sign != ">=");
}

/// Reads one logical line after another.
class SettingsReader {
  public:
    SettingsReader(SourceId source, const ProcessEnvironment& environment)
        : source_(source), environment_(environment) {}

    void line(const PythonToken* begin, const PythonToken* end) {
        if (begin == end) return;
        if (const PythonToken* value = simple_assignment(begin, end)) {
            Evaluator evaluator(value, end, source_, settings_, environment_);
            set(begin->word, evaluator.whole());
            return;
        }
        for (const PythonToken* token = begin; token != end; ++token) {
            if (token->kind == PythonToken::Kind::name) forget(begin, token, end);
        }
    }

    PythonSettings finish() { return std::move(settings_); }

  private:
    /// Where the value begins of `name = value` or `name: type = value` that stands for itself.
    static const PythonToken* simple_assignment(const PythonToken* begin, const PythonToken* end) {
        if (begin->is_indented || begin->kind != PythonToken::Kind::name) return nullptr;
        const auto signs = [](std::string_view word) {
            return [word](const PythonToken& token) {
                return token.kind == PythonToken::Kind::sign && token.word == word;
            };
        };
        const auto assigns = [](const PythonToken& token) {
            return token.kind == PythonToken::Kind::sign && is_assignment(token.word);
        };
        const PythonToken* equals = std::find_if(begin, end, assigns);
        if (equals == end || equals->word != "=" || std::any_of(equals + 1, end, signs(";"))) {
            return nullptr;
        }
        const bool has_type = begin + 1 != equals && (begin + 1)->word == ":";
        if (begin + 1 != equals && !has_type) return nullptr;
        // `a = b = 1` gives both a value; `get(default=1)` is something else.
        int depth = 0;
        for (const PythonToken* token = equals + 1; token != end; ++token) {
            if (token->kind != PythonToken::Kind::sign) continue;
            if (token->word == "(" || token->word == "[") ++depth;
            if (token->word == ")" || token->word == "]") --depth;
            if ((depth == 0 && is_assignment(token->word)) || token->word == ":=") return nullptr;
        }
        return equals + 1;
    }

    /// A name in a line that is not understood may be given a value there.
    void forget(const PythonToken* begin, const PythonToken* token, const PythonToken* end) {
        const std::string_view word = token->word;
        if (word == "exec" || word == "globals" || word == "locals" || word == "vars" ||
            word == "setattr") {
            settings_.is_whole = false;
        }
        if (word == "import" && token + 1 != end && (token + 1)->word == "*") {
            settings_.is_whole = false;
        }
        const bool is_followed = token + 1 != end && (token + 1)->kind == PythonToken::Kind::sign &&
                                 (is_assignment((token + 1)->word) || (token + 1)->word == "," ||
                                  (token + 1)->word == ":" || (token + 1)->word == ")" ||
                                  (token + 1)->word == "." || (token + 1)->word == "[");
        const bool is_bound = begin->word == "from" || begin->word == "import" ||
                              begin->word == "for" || begin->word == "with" ||
                              begin->word == "def" || begin->word == "class" ||
                              begin->word == "del" || begin->word == "global";
        // `bind.append(x)` and `f(bind)` change a list.
        if (is_followed || is_bound || token + 1 == end) set(word, {});
    }

    void set(std::string_view name, PythonValue value) {
        const auto [found, is_new] = settings_.values.try_emplace(std::string(name), value);
        if (!is_new) found->second = {};
    }

    SourceId source_;
    const ProcessEnvironment& environment_;
    PythonSettings settings_;
};

}  // namespace

PythonSettings parse_python_settings(std::string_view text, SourceId source,
                                     const ProcessEnvironment& environment) {
    const Tokens tokens = PythonLexer(text).take();
    SettingsReader reader(source, environment);
    const PythonToken* begin = tokens.data();
    const PythonToken* end = begin + tokens.size();
    while (begin != end) {
        const PythonToken* line_end = std::find_if(begin, end, [](const PythonToken& token) {
            return token.kind == PythonToken::Kind::line_end;
        });
        reader.line(begin, line_end);
        begin = line_end == end ? end : line_end + 1;
    }
    return reader.finish();
}

}  // namespace gatelint
