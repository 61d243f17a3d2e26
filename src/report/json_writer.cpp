#include "report/json_writer.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "source/utf8.hpp"

namespace gatelint {

void JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    is_first_ = true;
}

void JsonWriter::close(char bracket) {
    --depth_;
    if (!is_first_) new_line();
    out_ += bracket;
    is_first_ = false;
}

void JsonWriter::key(std::string_view name) {
    separate();
    quote(name);
    out_ += indent_ ? ": " : ":";
    has_key_ = true;
}

void JsonWriter::string(std::string_view text) {
    separate();
    quote(text);
}

void JsonWriter::number(std::uint64_t number) {
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", number);
}

std::string JsonWriter::take() {
    out_ += '\n';
    return std::move(out_);
}

void JsonWriter::separate() {
    if (has_key_) {
        has_key_ = false;
        return;
    }
    if (!is_first_) out_ += ',';
    if (depth_ > 0) new_line();
    is_first_ = false;
}

void JsonWriter::new_line() {
    if (!indent_) return;
    out_ += '\n';
    out_.append(depth_ * *indent_, ' ');
}

void JsonWriter::quote(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
        const char first = text.front();
        if (first >= ' ' && first <= '~' && first != '"' && first != '\\') {
            out_ += first;
            text.remove_prefix(1);
        } else {
            escape(take_code_point(text));
        }
    }
    out_ += '"';
}

void JsonWriter::escape(char32_t code_point) {
    constexpr std::string_view plain = "\"\\\n\r\t\f\b";
    constexpr std::string_view names = "\"\\nrtfb";
    const auto byte = static_cast<char>(code_point);
    const std::size_t known = code_point < 0x80 ? plain.find(byte) : std::string_view::npos;
    const auto unit = [this](char32_t value) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<std::uint32_t>(value));
    };
    if (known != std::string_view::npos) {
        out_ += '\\';
        out_ += names[known];
    } else if (code_point > 0xFFFF) {  // a surrogate pair
        unit(0xD7C0 + (code_point >> 10U));
        unit(0xDC00 + (code_point & 0x3FFU));
    } else {
        unit(code_point);
    }
}

}  // namespace gatelint
