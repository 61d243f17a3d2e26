#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "source/span.hpp"

namespace gatelint {

/// error: nginx refuses to start, or requests fail for certain. warning: likely or intermittent
/// failure. note: worth knowing. Ordered, so that a threshold can be compared.
enum class Severity : std::uint8_t { note, warning, error };

std::string_view name_of(Severity severity);

/// Whether a fix may be applied without a look: `safe` cannot break what works, `unsafe`
/// may change behaviour or rests on a guess.
enum class Applicability : std::uint8_t { safe, unsafe };

std::string_view name_of(Applicability applicability);

/// More about a finding: the other half of its cause, with its place, or a remark without one.
struct Note {
    std::string message;
    Span span;            ///< Span::known() is false for a remark
    bool excerpt = true;  ///< whether the text there is worth showing, beside its place
};

/// Replaces the bytes of `span` by `text`. An empty span inserts.
struct Edit {
    Span span;
    std::string text;

    friend bool operator==(const Edit&, const Edit&) = default;
};

/// A mend: all of its edits, or none.
struct Fix {
    std::string title;
    Applicability applicability = Applicability::unsafe;
    std::vector<Edit> edits;
};

/// One thing that is wrong: where, what happens because of it, and how to mend it.
struct Finding {
    std::string_view rule;  ///< the rule's id; backed by the rule, which is a constant
    Severity severity = Severity::error;
    std::string message;  ///< one line, lower case, no period at the end
    Span span;
    std::string nginx;  ///< what `nginx -t` says, without file and line; empty where it accepts
    std::vector<Note> notes;
    std::vector<Fix> fixes;
};

}  // namespace gatelint
