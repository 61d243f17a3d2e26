#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/environment.hpp"

namespace gatelint {

/// What a file's name tells of who fills it in before nginx reads it. Several programs may.
struct TemplateName {
    bool tags = false;          ///< `{{ }}`, `{% %}`, `<% %>`: .j2, .erb, .tmpl and the like
    bool placeholders = false;  ///< `${NAME}` of envsubst: .template, or in a folder `templates`

    bool is_template() const { return tags || placeholders; }
};

TemplateName template_name(std::string_view path);

/// A template's text with its tags made harmless, byte for byte as long as the original: tags that
/// leave nothing become blanks; those that leave a value become unknown bytes, which are part of a
/// word; a value that stands alone where a directive would becomes a statement of its own.
struct MaskedText {
    std::string text;
    bool has_alternatives = false;  ///< conditions, loops or blocks: what they hold stands in the
                                    ///< text, but may never stand there together
    bool is_balanced = true;        ///< false: one branch opens a brace that another one closes
    bool has_tags = false;          ///< others than placeholders
    std::optional<std::size_t> first_tag;  ///< where the first tag, or placeholder that is a
                                           ///< statement of its own, begins
};

MaskedText mask(std::string_view text, TemplateName kind);

/// Whether a tag of Jinja, Go and the like begins at the `{` at `brace`, and ends on its line. For
/// files whose names do not tell: where nginx takes this brace for the beginning of a block, it
/// refuses what follows.
bool begins_tag(std::string_view text, std::size_t brace);

/// The same for ERB's `<%`, which nginx may take for a word.
bool holds_erb_tag(std::string_view word, std::string_view rest);

/// One placeholder of envsubst in a text: `$NAME` or `${NAME}`.
struct Placeholder {
    std::string_view name;
    std::size_t begin;
    std::size_t end;
    bool has_default;  ///< `${NAME:-value}`, which the shell knows and envsubst does not: it stays
                       ///< as it is written
};

/// The placeholders of a text: whatever is defined, and all names in capitals. `$host` is nginx's,
/// as long as the environment has no variable of this name.
std::vector<Placeholder> placeholders_in(std::string_view text, const Environment& environment);

/// A text as envsubst makes it of a word; what is not defined, or would be more than one word, is
/// unknown.
std::string fill_in(std::string_view text, const Environment& environment);

}  // namespace gatelint
