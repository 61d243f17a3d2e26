#pragma once

#include <tao/pegtl.hpp>

/// INI files as php-fpm reads them (PHP's Zend/zend_ini_scanner.l in its normal mode, which
/// fpm_conf_load_ini_file() gives one line at a time). A stream of headings, keys and pieces of
/// values, never nested and never refused: php-fpm stops at a line that it cannot read, here such a
/// line is skipped. Nothing but a line's end is looked for twice, so that time is linear.
namespace gatelint::grammar::ini {

namespace pegtl = tao::pegtl;

// clang-format off

struct byte_order_mark : pegtl::string<'\xef', '\xbb', '\xbf'> {};

/// A lone CR ends a line too.
struct line_end : pegtl::sor<
    pegtl::seq<pegtl::one<'\r'>, pegtl::opt<pegtl::one<'\n'>>>,
    pegtl::one<'\n'>> {};

struct blanks : pegtl::plus<pegtl::one<' ', '\t'>> {};

struct rest_of_line : pegtl::star<pegtl::not_one<'\r', '\n'>> {};

/// `;` begins one anywhere outside quotes; `#` never does. What follows a NUL is never seen, since
/// the line is passed on as a C string.
struct comment : pegtl::seq<pegtl::one<';', '\0'>, rest_of_line> {};

/// What is between the brackets. Settings may follow the heading on its line.
struct section_name : pegtl::star<pegtl::not_one<']', '\r', '\n'>> {};
struct section : pegtl::seq<pegtl::one<'['>, section_name, pegtl::one<']'>> {};

/// A key may hold blanks. With a subscript it is `env[PATH]`.
struct key_bytes : pegtl::plus<pegtl::not_one<
    '=', '\n', '\r', '\t', ';', '&', '|', '^', '$', '~', '(', ')', '{', '}', '!', '"', '[', ']',
    '\0'>> {};
struct subscript : pegtl::seq<
    pegtl::one<'['>, pegtl::star<pegtl::not_one<']', '\r', '\n'>>, pegtl::one<']'>> {};
struct key : pegtl::seq<key_bytes, pegtl::opt<subscript>> {};

// A value is its pieces, put together.

struct bare : pegtl::plus<pegtl::not_one<
    ' ', '\t', '\r', '\n', ';', '"', '\'', '$', '=', '&', '|', '^', '~', '(', ')', '!', '\0'>> {};

/// `$` is a variable only before `{`.
struct dollar : pegtl::seq<pegtl::one<'$'>, pegtl::not_at<pegtl::one<'{'>>> {};

/// `${NAME}`: a PHP setting or an environment variable.
struct variable : pegtl::seq<
    pegtl::string<'$', '{'>,
    pegtl::star<pegtl::not_one<'}', '\r', '\n'>>,
    pegtl::opt<pegtl::one<'}'>>> {};

/// PHP calculates with numbers: `E_ALL & ~E_NOTICE`.
struct calculation : pegtl::one<'=', '&', '|', '^', '~', '(', ')', '!'> {};

struct escape : pegtl::seq<pegtl::one<'\\'>, pegtl::not_one<'\r', '\n'>> {};
struct double_quoted_text : pegtl::star<
    pegtl::sor<escape, pegtl::not_one<'"', '\r', '\n'>>> {};
struct single_quoted_text : pegtl::star<pegtl::not_one<'\'', '\r', '\n'>> {};

struct double_quoted : pegtl::seq<pegtl::one<'"'>, double_quoted_text, pegtl::one<'"'>> {};
struct single_quoted : pegtl::seq<pegtl::one<'\''>, single_quoted_text, pegtl::one<'\''>> {};
struct unclosed_quote : pegtl::seq<pegtl::one<'"', '\''>, rest_of_line> {};

/// Blanks between two pieces count, except beside a double quote.
struct inner_blanks : pegtl::seq<
    blanks, pegtl::at<pegtl::not_one<'\r', '\n', ';', '"', '\0'>>> {};
struct blanks_before_quote : pegtl::seq<blanks, pegtl::at<pegtl::one<'"'>>> {};

struct value : pegtl::star<pegtl::sor<
    bare, inner_blanks, blanks_before_quote, pegtl::seq<double_quoted, pegtl::opt<blanks>>,
    single_quoted, dollar, variable, calculation, unclosed_quote>> {};

struct setting : pegtl::seq<
    key, pegtl::opt<blanks>, pegtl::one<'='>, pegtl::opt<blanks>, value> {};

/// A line that php-fpm refuses, from where it goes wrong.
struct stray : pegtl::seq<pegtl::not_one<'\r', '\n'>, rest_of_line> {};

struct file : pegtl::star<pegtl::sor<
    line_end, blanks, byte_order_mark, comment, section, setting, stray>> {};

// clang-format on

}  // namespace gatelint::grammar::ini
