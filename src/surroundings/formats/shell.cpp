#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "source/file_reader.hpp"
#include "source/text.hpp"
#include "surroundings/formats/interpolation.hpp"
#include "surroundings/formats/shell.hpp"

namespace gatelint {

namespace {

struct ShellToken {
    enum class Kind : std::uint8_t {
        word,
        next,      ///< `&&`, `;` or the end of a line
        redirect,  ///< the next word is a file
        other,     ///< pipes, alternatives, subshells, what runs in the background
    };
    Kind kind = Kind::word;
    std::string text;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool is_quoted = false;  ///< at its beginning
};

/// Takes a line apart as sh(1) does, without expanding anything.
class ShellLexer {
  public:
    ShellLexer(std::string_view text, bool is_shell) : text_(text), is_shell_(is_shell) {}

    std::vector<ShellToken> tokens() {
        std::vector<ShellToken> all;
        while (skip_blanks()) all.push_back(token());
        return all;
    }

    bool is_whole() const { return is_whole_; }

  private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool ends() const { return at_ >= text_.size(); }

    bool is_blank() const {
        const char byte = peek();
        return byte == ' ' || byte == '\t' || byte == '\r' || (byte == '\n' && !is_shell_);
    }

    bool skip_blanks() {
        while (!ends()) {
            const bool continues = peek() == '\\' && peek(1) == '\n';
            if (!is_blank() && !continues) break;
            at_ += continues ? 2 : 1;
        }
        if (is_shell_ && peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
        return !ends();
    }

    static bool is_operator(char byte) {
        return byte != '\0' && std::string_view("&|;<>()\n").find(byte) != std::string_view::npos;
    }

    ShellToken token() {
        ShellToken made;
        made.begin = at_;
        if (is_operator(peek())) {
            made.kind = take_operator();
        } else {
            made.is_quoted = peek() == '"' || peek() == '\'';
            while (!ends() && !is_blank() && !is_operator(peek())) take_part(made.text);
            const bool is_descriptor = (peek() == '<' || peek() == '>') && made.text.size() == 1 &&
                                       made.text[0] >= '0' && made.text[0] <= '9';
            if (is_descriptor) made.kind = take_operator();
        }
        made.end = at_;
        return made;
    }

    ShellToken::Kind take_operator() {
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with("&&")) return take(2, ShellToken::Kind::next);
        if (rest.starts_with('\n')) return take(1, ShellToken::Kind::next);
        if (rest.starts_with(";;")) return take(2, ShellToken::Kind::other);
        if (rest.starts_with(';')) return take(1, ShellToken::Kind::next);
        if (rest.starts_with("<<") || rest.starts_with("<("))
            return take(2, ShellToken::Kind::other);
        for (const std::string_view sign : {"&>>", "&>", ">>", ">&", "<&", ">", "<"}) {
            if (rest.starts_with(sign)) return take(sign.size(), ShellToken::Kind::redirect);
        }
        return take(1, ShellToken::Kind::other);
    }

    ShellToken::Kind take(std::size_t size, ShellToken::Kind kind) {
        at_ += size;
        return kind;
    }

    void take_part(std::string& word) {
        const char byte = text_[at_];
        if (byte == '\'' || byte == '"') return take_quoted(word);
        if (byte == '\\') {
            if (peek(1) != '\n' && at_ + 1 < text_.size()) word += text_[at_ + 1];
            at_ = std::min(at_ + 2, text_.size());
            return;
        }
        if (is_shell_ && byte == '$' && (peek(1) == '(' || peek(1) == '{')) {
            return take_nested(word, peek(1), peek(1) == '(' ? ')' : '}');
        }
        if (is_shell_ && byte == '`') return take_nested(word, '\0', '`');
        word += byte;
        ++at_;
    }

    void take_quoted(std::string& word) {
        const char quote = text_[at_++];
        while (!ends() && peek() != quote) {
            if (quote == '"' && peek() == '\\' && at_ + 1 < text_.size()) {
                const char escaped = text_[at_ + 1];
                const bool drops = std::string_view("\"\\").find(escaped) != std::string_view::npos;
                if (!drops && escaped != '\n') word += '\\';
                if (escaped != '\n') word += escaped;
                at_ += 2;
            } else {
                word += text_[at_++];
            }
        }
        if (ends()) is_whole_ = false;
        at_ = std::min(at_ + 1, text_.size());
    }

    /// What the shell would run or expand, as it is written.
    void take_nested(std::string& word, char open, char close) {
        int depth = 0;
        const std::size_t begin = at_++;
        for (; !ends(); ++at_) {
            if (peek() == open) ++depth;
            if (peek() != close) continue;
            if (--depth <= 0) break;
        }
        if (ends()) is_whole_ = false;
        at_ = std::min(at_ + 1, text_.size());
        word += text_.substr(begin, at_ - begin);
    }

    std::string_view text_;
    bool is_shell_;
    std::size_t at_ = 0;
    bool is_whole_ = true;
};

constexpr auto keywords =
    std::to_array<std::string_view>({"if", "then", "else", "fi", "for", "while", "until", "do",
                                     "done", "case", "{", "}", "!", "function"});

/// Programs that do something and end.
constexpr auto one_shots = std::to_array<std::string_view>(
    {"cd",      "sleep", "echo",  "printf", "export", "set",  "mkdir",    "chown",    "chmod",
     "cp",      "mv",    "rm",    "ln",     "touch",  "cat",  "ls",       "sed",      "awk",
     "grep",    "test",  "[",     "source", ".",      "true", "envsubst", "pip",      "pip3",
     "apt-get", "apt",   "apk",   "git",    "curl",   "wget", "install",  "composer", "alembic",
     "aerich",  "tar",   "unzip", "env",    "whoami", "date", "pwd",      "ulimit",   "dockerize",
     "chgrp",   "umask", "find",  "which",  "openssl"});

/// What programs that have tasks are told to do, which ends.
constexpr auto tasks = std::to_array<std::string_view>({"migrate",
                                                        "collectstatic",
                                                        "makemigrations",
                                                        "compilemessages",
                                                        "createsuperuser",
                                                        "loaddata",
                                                        "createcachetable",
                                                        "check",
                                                        "install",
                                                        "ci",
                                                        "build",
                                                        "upgrade",
                                                        "deploy",
                                                        "generate",
                                                        "db:migrate",
                                                        "db:create",
                                                        "db:prepare",
                                                        "db:setup",
                                                        "db:seed",
                                                        "assets:precompile",
                                                        "config:cache",
                                                        "route:cache",
                                                        "view:cache",
                                                        "cache:clear",
                                                        "config:clear",
                                                        "optimize",
                                                        "key:generate",
                                                        "storage:link",
                                                        "migration:run",
                                                        "prisma",
                                                        "seed",
                                                        "wait_for_db",
                                                        "wait_for_database",
                                                        "init_db",
                                                        "cache:warmup",
                                                        "flush",
                                                        "update",
                                                        "compress",
                                                        "push",
                                                        "setup"});

using Words = std::vector<Value>;

bool is_one_shot(const Words& words) {
    if (words.empty()) return true;
    const std::string_view program = base_name(words.front().text);
    if (program.starts_with("wait-for") || program.starts_with("wait_for") || program == "wait") {
        return true;
    }
    if (program == "env") return words.size() == 1;
    if (is_among(program, one_shots)) return true;
    // `python manage.py migrate --noinput`, `npm run build`, `flask db upgrade`
    const std::size_t last = std::min<std::size_t>(words.size(), 5);
    return std::any_of(words.begin() + 1, words.begin() + static_cast<std::ptrdiff_t>(last),
                       [](const Value& word) { return is_among(word.text, tasks); });
}

/// Makes the command of a line's tokens.
class CommandMaker {
  public:
    CommandMaker(std::string_view text, Span span, bool is_shell) {
        command_.span = span;
        command_.is_shell = is_shell;
        is_unbroken_ = span.known() && span.end - span.begin == text.size();
    }

    /// The last of several commands is what keeps running, if those before it end.
    void add(const std::vector<ShellToken>& tokens) {
        std::vector<const ShellToken*> words;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const ShellToken& token = tokens[i];
            if (token.kind == ShellToken::Kind::other) command_.is_known = false;
            if (token.kind == ShellToken::Kind::word) words.push_back(&token);
            if (token.kind == ShellToken::Kind::redirect) ++i;
            if (token.kind == ShellToken::Kind::next) {
                add_command(words);
                words.clear();
            }
        }
        add_command(words);
    }

    Command made() {
        command_.is_known = command_.is_known && !command_.words.empty();
        return std::move(command_);
    }

  private:
    void add_command(const std::vector<const ShellToken*>& tokens) {
        if (tokens.empty()) return;
        if (!is_one_shot(command_.words)) command_.is_known = false;
        keep_effect();
        command_.words.clear();
        command_.assignments = exported_;
        bool begins = true;
        for (const ShellToken* token : tokens) {
            if (begins && !token->is_quoted && is_among(token->text, keywords)) {
                command_.is_known = false;
            }
            if (begins && !token->is_quoted &&
                assign(token->text, span_of(*token), command_.assignments)) {
                continue;
            }
            if (begins && token->text == "exec") continue;
            begins = false;
            command_.words.push_back({token->text, span_of(*token)});
        }
    }

    /// What a command that has ended leaves for the next one.
    void keep_effect() {
        const Words& words = command_.words;
        if (words.size() < 2) return;
        if (words.front().text == "cd") {
            const bool goes_on = !command_.directory.empty() && !words[1].text.starts_with('/');
            command_.directory = (goes_on ? command_.directory + '/' : "") + words[1].text;
        }
        if (words.front().text != "export") return;
        for (const Value& word : words) assign(word.text, word.span, exported_);
    }

    static bool assign(std::string_view text, Span span, std::map<std::string, Value>& to) {
        const std::size_t size = variable_name_size(text);
        if (size == 0 || size >= text.size() || text[size] != '=') return false;
        const std::string name(text.substr(0, size));
        to[name] = {std::string(text.substr(size + 1)), span};
        return true;
    }

    Span span_of(const ShellToken& token) const {
        const Span& whole = command_.span;
        if (!is_unbroken_) return whole;
        return {whole.source, whole.begin + static_cast<std::uint32_t>(token.begin),
                whole.begin + static_cast<std::uint32_t>(token.end)};
    }

    Command command_;
    std::map<std::string, Value> exported_;
    bool is_unbroken_ = false;
};

}  // namespace

Command parse_shell_command(std::string_view text, Span span) {
    ShellLexer lexer(text, true);
    CommandMaker maker(text, span, true);
    maker.add(lexer.tokens());
    Command made = maker.made();
    made.is_known = made.is_known && lexer.is_whole();
    return made;
}

Command split_command(std::string_view text, Span span) {
    ShellLexer lexer(text, false);
    Command made{{}, false, true, span, {}, {}};
    const bool is_unbroken = span.known() && span.end - span.begin == text.size();
    for (ShellToken& token : lexer.tokens()) {
        if (token.kind != ShellToken::Kind::word) {
            made.is_known = false;
            break;
        }
        Span where = span;
        if (is_unbroken) {
            where.begin = span.begin + static_cast<std::uint32_t>(token.begin);
            where.end = span.begin + static_cast<std::uint32_t>(token.end);
        }
        made.words.push_back({std::move(token.text), where});
    }
    made.is_known = made.is_known && lexer.is_whole();
    return made;
}

}  // namespace gatelint
