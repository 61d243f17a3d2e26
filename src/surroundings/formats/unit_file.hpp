#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "source/span.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// One `Key=value` of a unit file of systemd. A value that a backslash continues over several lines
/// is one, and each of its bytes still has its place.
struct UnitSetting {
    /// Where a part of the value comes from.
    struct Piece {
        std::size_t at = 0;       ///< in the value
        std::uint32_t begin = 0;  ///< in the text
    };

    std::string section;  ///< "Service"
    Span heading;         ///< with its brackets
    std::string key;
    std::string value;  ///< without blanks around it; nothing else is taken off
    SourceId source = SourceId::none;
    std::vector<Piece> pieces;

    /// The place of a part of the value.
    Span place(std::size_t begin, std::size_t size) const;

    Value whole() const { return {value, place(0, value.size())}; }
};

/// The settings of a text in order, as config_parse() of systemd reads it. php-fpm's dialect of INI
/// does not fit: here `;` begins a comment only with its line, quotes are part of the value, and a
/// backslash continues it. Never fails: lines that are no settings are skipped.
std::vector<UnitSetting> parse_unit_file(std::string_view text, SourceId source);

/// The words of a command line or a list, quotes and escapes taken away (extract_first_word() of
/// systemd), each with its place.
std::vector<Value> split_unit_words(const UnitSetting& setting);

}  // namespace gatelint
