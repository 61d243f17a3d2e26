#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze_traits.hpp>

/// nginx's configuration language, exactly as ngx_conf_read_token() reads it (nginx's
/// src/core/ngx_conf_file.c): a stream of words, `;`, `{` and `}`. It is flat on purpose: what
/// belongs to which block is for the reader's stack to know, so that no input can exhaust the
/// machine's stack and reading goes on after an error.
namespace gatelint::grammar::nginx {

namespace pegtl = tao::pegtl;

/// A set of bytes, as a table that a span loop can look into.
struct Bytes {
    std::array<bool, 256> in{};

    constexpr Bytes(std::string_view bytes, bool inverted) {
        for (bool& byte : in) byte = inverted;
        for (const char byte : bytes) in[static_cast<unsigned char>(byte)] = !inverted;
    }
};

inline constexpr Bytes blank_bytes{" \t\r\n", false};
inline constexpr Bytes word_bytes{" \t\r\n;{\\$", true};
inline constexpr Bytes comment_bytes{"\n", true};
inline constexpr Bytes double_quoted_bytes{"\"\\", true};
inline constexpr Bytes single_quoted_bytes{"'\\", true};

/// One or more bytes of a set, in one loop: twice as fast as plus<one<...>> on real input. Four
/// bytes at a time, for the sake of which the end is looked at once.
template <const Bytes& Set>
struct run {
    using rule_t = run;
    using subs_t = pegtl::empty_list;

    static bool holds(char byte) { return Set.in[static_cast<unsigned char>(byte)]; }

    static const char* skip(const char* at, const char* end) {
        for (; end - at >= 4; at += 4) {
            if (!holds(at[0])) return at;
            if (!holds(at[1])) return at + 1;
            if (!holds(at[2])) return at + 2;
            if (!holds(at[3])) return at + 3;
        }
        while (at != end && holds(*at)) ++at;
        return at;
    }

    template <typename ParseInput>
    static bool match(ParseInput& in) {
        const char* at = skip(in.current(), in.end());
        const auto count = static_cast<std::size_t>(at - in.current());
        if (count == 0) return false;
        in.bump(count);
        return true;
    }
};

// clang-format off

struct blanks : run<blank_bytes> {};

/// Only LF ends a comment. It is a comment only where a word could begin.
struct comment : pegtl::seq<pegtl::one<'#'>, pegtl::opt<run<comment_bytes>>> {};

/// Whatever follows a backslash is part of the word, `;` and `{` included.
struct escape : pegtl::seq<pegtl::one<'\\'>, pegtl::opt<pegtl::any>> {};

/// Directly after `$`, `{` does not open a block: ${name}, and also $${{name}.
struct variable : pegtl::seq<pegtl::one<'$'>, pegtl::star<pegtl::one<'{'>>> {};

/// A bare word ends at white space, `;` or `{` only: `}`, `#` and quotes inside it are its own.
struct bare_word : pegtl::seq<
    pegtl::not_at<pegtl::one<'}', '#', '"', '\''>>,
    pegtl::plus<pegtl::sor<run<word_bytes>, variable, escape>>> {};

/// A quantifier directly after a bare word and what follows it, as in ^/[0-9]{4}/: the brace opens a
/// block, which nobody means.
struct quantifier : pegtl::seq<
    pegtl::one<'{'>, pegtl::plus<pegtl::digit>,
    pegtl::opt<pegtl::one<','>, pegtl::star<pegtl::digit>>, pegtl::one<'}'>> {};
struct pattern_rest : pegtl::plus<
    pegtl::plus<quantifier>,
    pegtl::star<pegtl::sor<run<word_bytes>, variable, escape>>> {};

/// A quoted word may hold anything, newlines too.
template <char Quote, const Bytes& Set>
struct quoted : pegtl::seq<
    pegtl::one<Quote>,
    pegtl::star<pegtl::sor<run<Set>, escape>>,
    pegtl::one<Quote>> {};

struct quotes : pegtl::sor<
    quoted<'"', double_quoted_bytes>,
    quoted<'\'', single_quoted_bytes>> {};

/// After a closing quote nginx wants one of these; `)` is for `if`, and `}` is a mistake of its own.
struct after_quote : pegtl::sor<pegtl::one<' ', '\t', '\r', '\n', ';', '{', '}', ')'>, pegtl::eof> {};
struct quoted_word : pegtl::seq<quotes, pegtl::at<after_quote>> {};

// clang-format on

/// The rest of a line whose quote nothing closes, without the `;` or `{` (and blanks) that was to
/// end the statement. `Whole` lines without such a sign count only where the text has no other
/// quote.
template <bool Whole>
struct rest_of_statement {
    using rule_t = rest_of_statement;
    using subs_t = pegtl::empty_list;

    template <typename ParseInput>
    static bool match(ParseInput& in) {
        const std::string_view rest(in.current(), in.size());
        const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
        const std::size_t last = line.find_last_not_of(" \t\r");
        const bool is_sign =
            last != std::string_view::npos && (line[last] == ';' || line[last] == '{');
        if (!is_sign && !Whole) return false;
        const bool is_closed = line.find(in.current()[-1]) != std::string_view::npos;
        if (is_closed && !Whole) return false;
        in.bump(is_sign ? last : line.size());
        return true;
    }
};

// clang-format off

/// A quote that only the next line's opening quote closes: nginx then stumbles over what follows.
struct torn_quote : pegtl::seq<pegtl::one<'"', '\''>, rest_of_statement<false>> {};

/// A quoted word, and then something that nginx does not want there.
struct stuck_word : quotes {};

/// A quote that nothing closes. nginx gives up; we take the rest of the line for the word.
struct unclosed_quote : pegtl::seq<pegtl::one<'"', '\''>, rest_of_statement<true>> {};

// What *_by_lua_block holds is Lua, which has braces in strings and comments.

// clang-format on

/// [[...]], [=[...]=] and so on. Where nothing closes it, it takes all the rest (the Lua module
/// refuses such a block), so that nobody looks for its end again. PEGTL's raw_string does not give
/// back what it read when it fails.
struct lua_long_bracket {
    using rule_t = lua_long_bracket;
    using subs_t = pegtl::empty_list;

    template <typename ParseInput>
    static bool match(ParseInput& in) {
        const std::string_view rest(in.current(), in.size());
        if (!rest.starts_with('[')) return false;
        const std::size_t open = rest.find_first_not_of('=', 1);
        if (open >= rest.size() || rest[open] != '[') return false;
        const std::size_t level = open - 1;
        std::size_t end = rest.size();
        for (std::size_t at = rest.find(']', open); at < rest.size(); at = rest.find(']', at)) {
            const std::size_t close = std::min(rest.find_first_not_of('=', at + 1), rest.size());
            if (close - at - 1 == level && close < rest.size() && rest[close] == ']') {
                end = close + 1;
                break;
            }
            at = close;
        }
        in.bump(end);
        return true;
    }
};

// clang-format off

struct lua_comment : pegtl::seq<
    pegtl::string<'-', '-'>,
    pegtl::sor<lua_long_bracket, pegtl::opt<run<comment_bytes>>>> {};
struct lua_token : pegtl::sor<lua_comment, lua_long_bracket, quotes, escape> {};

// clang-format on

/// Lua up to the brace that closes its block, which is left for the reader. A loop and not a
/// recursive rule, for the sake of a million open braces.
struct lua_body {
    using rule_t = lua_body;
    using subs_t = pegtl::empty_list;

    template <pegtl::apply_mode A, pegtl::rewind_mode M, template <typename...> class Action,
              template <typename...> class Control, typename ParseInput, typename... States>
    static bool match(ParseInput& in, States&&... /*unused*/) {
        std::size_t depth = 0;
        while (!in.empty()) {
            if (pegtl::match<lua_token, pegtl::apply_mode::nothing, pegtl::rewind_mode::required,
                             pegtl::nothing, pegtl::normal>(in)) {
                continue;
            }
            const char byte = *in.current();
            if (byte == '}' && depth == 0) break;
            if (byte == '{') ++depth;
            if (byte == '}') --depth;
            in.bump(1);
        }
        return true;
    }
};

/// Only the reader knows the name of the directive whose block was opened: it must answer
/// `bool opens_lua() const`.
struct opens_lua {
    using rule_t = opens_lua;
    using subs_t = pegtl::empty_list;

    template <pegtl::apply_mode A, pegtl::rewind_mode M, template <typename...> class Action,
              template <typename...> class Control, typename ParseInput, typename Reader>
    static bool match(ParseInput& /*unused*/, Reader& reader) {
        return reader.opens_lua();
    }
};

// clang-format off

struct semicolon : pegtl::one<';'> {};
struct open_brace : pegtl::one<'{'> {};
struct close_brace : pegtl::one<'}'> {};
struct block_start : pegtl::seq<open_brace, pegtl::opt<opens_lua, lua_body>> {};

struct word : pegtl::seq<bare_word, pegtl::opt<pattern_rest>> {};
struct quote : pegtl::sor<quoted_word, torn_quote, stuck_word, unclosed_quote> {};

// clang-format on

/// The first byte tells what follows: a choice that is tried in order asks five times for a `}`.
struct token {
    using rule_t = token;
    using subs_t =
        pegtl::type_list<blanks, comment, semicolon, block_start, close_brace, quote, word>;

    template <pegtl::apply_mode A, pegtl::rewind_mode M, template <typename...> class Action,
              template <typename...> class Control, typename ParseInput, typename Reader>
    static bool match(ParseInput& in, Reader& reader) {
        if (in.empty()) return false;
        switch (*in.current()) {
            case ' ':
            case '\t':
            case '\r':
            case '\n':
                return pegtl::match<blanks, A, M, Action, Control>(in, reader);
            case '#':
                return pegtl::match<comment, A, M, Action, Control>(in, reader);
            case ';':
                return pegtl::match<semicolon, A, M, Action, Control>(in, reader);
            case '{':
                return pegtl::match<block_start, A, M, Action, Control>(in, reader);
            case '}':
                return pegtl::match<close_brace, A, M, Action, Control>(in, reader);
            case '"':
            case '\'':
                return pegtl::match<quote, A, M, Action, Control>(in, reader);
            default:
                return pegtl::match<word, A, M, Action, Control>(in, reader);
        }
    }
};

/// Every input is a file: what is wrong with one is for the reader to say. The reader may stop
/// early (`bool gives_up() const`) when nearly every token is an error.
struct goes_on {
    using rule_t = goes_on;
    using subs_t = pegtl::empty_list;

    template <pegtl::apply_mode A, pegtl::rewind_mode M, template <typename...> class Action,
              template <typename...> class Control, typename ParseInput, typename Reader>
    static bool match(ParseInput& /*unused*/, Reader& reader) {
        return !reader.gives_up();
    }
};

struct file : pegtl::star<goes_on, token> {};

}  // namespace gatelint::grammar::nginx

// For pegtl::analyze(), which proves that no rule can loop without consuming.
namespace tao::pegtl {
template <typename Name, const gatelint::grammar::nginx::Bytes& Set>
struct analyze_traits<Name, gatelint::grammar::nginx::run<Set>> : analyze_any_traits<> {};
template <typename Name, bool Whole>
struct analyze_traits<Name, gatelint::grammar::nginx::rest_of_statement<Whole>>
    : analyze_opt_traits<> {};
template <typename Name>
struct analyze_traits<Name, gatelint::grammar::nginx::lua_long_bracket> : analyze_any_traits<> {};
template <typename Name>
struct analyze_traits<Name, gatelint::grammar::nginx::lua_body> : analyze_opt_traits<> {};
template <typename Name>
struct analyze_traits<Name, gatelint::grammar::nginx::token>
    : analyze_sor_traits<gatelint::grammar::nginx::blanks, gatelint::grammar::nginx::comment,
                         gatelint::grammar::nginx::semicolon, gatelint::grammar::nginx::block_start,
                         gatelint::grammar::nginx::close_brace, gatelint::grammar::nginx::quote,
                         gatelint::grammar::nginx::word> {};
template <typename Name>
struct analyze_traits<Name, gatelint::grammar::nginx::opens_lua> : analyze_opt_traits<> {};
template <typename Name>
struct analyze_traits<Name, gatelint::grammar::nginx::goes_on> : analyze_opt_traits<> {};
}  // namespace tao::pegtl
