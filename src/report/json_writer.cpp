#include "report/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "source/utf8.hpp"

namespace gatelint {

namespace {

constexpr char32_t del = 0x7F;

/// How many bytes at the beginning of `text` stand for themselves in a JSON string.
std::size_t plain_length(std::string_view text) {
    const std::string_view plain = text.substr(0, printable_ascii_length(text));
    return std::min({plain.size(), plain.find('"'), plain.find('\\')});
}

}  // namespace

JsonWriter::JsonWriter(std::optional<unsigned> indent, Charset charset)
    : indent_(indent), charset_(charset) {}

void JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    is_first_ = true;
}

void JsonWriter::close(char bracket) {
    --depth_;
    if (!is_first_ && indent_) new_line(false);
    out_ += bracket;
    is_first_ = false;
}

void JsonWriter::key(std::string_view name) {
    separate();
    const std::string_view end = indent_ ? "\": " : "\":";
    char* room = grow(1 + name.size() + end.size());
    *room++ = '"';
    room = std::copy(name.begin(), name.end(), room);
    std::copy(end.begin(), end.end(), room);
    has_key_ = true;
}

void JsonWriter::string(std::string_view text) {
    separate();
    quote(text);
}

void JsonWriter::number(std::uint64_t number) {
    separate();
    const fmt::format_int digits(number);
    out_.append(digits.data(), digits.size());
}

void JsonWriter::open(std::string_view name, char bracket) {
    key(name);
    open(bracket);
}

void JsonWriter::string(std::string_view name, std::string_view text) {
    key(name);
    string(text);
}

void JsonWriter::number(std::string_view name, std::uint64_t number) {
    key(name);
    this->number(number);
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
    const bool has_neighbour = !is_first_;
    is_first_ = false;
    if (depth_ > 0 && indent_) return new_line(has_neighbour);
    if (has_neighbour) out_ += ',';
}

void JsonWriter::new_line(bool with_comma) {
    const std::size_t indent = depth_ * *indent_;
    char* room = grow(indent + (with_comma ? 2 : 1));
    if (with_comma) *room++ = ',';
    *room++ = '\n';
    std::fill_n(room, indent, ' ');
}

char* JsonWriter::grow(std::size_t size) {
    const std::size_t at = out_.size();
    out_.resize(at + size);
    return out_.data() + at;
}

void JsonWriter::quote(std::string_view text) {
    out_ += '"';
    while (true) {
        const std::size_t plain = plain_length(text);
        out_ += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const char32_t code_point = take_code_point(text);
        if (charset_ == Charset::utf8 && code_point >= del) {
            append_utf8(out_, code_point);
        } else {
            escape(code_point);
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
