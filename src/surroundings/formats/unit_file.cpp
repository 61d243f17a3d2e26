#include "surroundings/formats/unit_file.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace gatelint {

namespace {

constexpr std::string_view unit_blanks = " \t\r\n";

bool is_blank(char byte) {
    return unit_blanks.find(byte) != std::string_view::npos;
}

/// Puts lines together and takes settings from them.
class UnitReader {
  public:
    UnitReader(std::string_view text, SourceId source) : text_(text), source_(source) {}

    std::vector<UnitSetting> take() {
        std::size_t begin = text_.starts_with("\xef\xbb\xbf") ? 3 : 0;
        while (begin < text_.size()) {
            const std::size_t end = std::min(text_.find('\n', begin), text_.size());
            line(begin, end);
            begin = end + 1;
        }
        finish_line();
        return std::move(settings_);
    }

  private:
    void line(std::size_t begin, std::size_t end) {
        if (end > begin && text_[end - 1] == '\r') --end;
        begin = std::min(text_.find_first_not_of(" \t\r", begin), end);
        // A comment between lines that are continued is skipped.
        if (begin < end && (text_[begin] == '#' || text_[begin] == ';')) return;
        pieces_.push_back({line_.size(), static_cast<std::uint32_t>(begin)});
        line_ += text_.substr(begin, end - begin);
        std::size_t backslashes = 0;
        while (end - backslashes > begin && text_[end - backslashes - 1] == '\\') ++backslashes;
        if (backslashes % 2 == 1) {
            line_.back() = ' ';
        } else {
            finish_line();
        }
    }

    void finish_line() {
        const std::size_t end = line_.find_last_not_of(unit_blanks) + 1;
        const std::size_t equals = line_.find('=');
        if (end > 1 && line_.front() == '[' && line_[end - 1] == ']') {
            section_ = line_.substr(1, end - 2);
            const std::uint32_t begin = pieces_.front().begin;
            heading_ = {source_, begin, begin + static_cast<std::uint32_t>(end)};
        } else if (equals != std::string::npos && equals > 0) {
            setting(equals, end);
        }
        line_.clear();
        pieces_.clear();
    }

    void setting(std::size_t equals, std::size_t end) {
        UnitSetting setting;
        setting.section = section_;
        setting.heading = heading_;
        setting.source = source_;
        setting.key = line_.substr(0, line_.find_last_not_of(unit_blanks, equals - 1) + 1);
        const std::size_t begin = std::min(line_.find_first_not_of(unit_blanks, equals + 1), end);
        setting.value = line_.substr(begin, std::max(begin, end) - begin);
        for (const UnitSetting::Piece& piece : pieces_) {
            if (piece.at <= begin) {
                const auto skipped = static_cast<std::uint32_t>(begin - piece.at);
                setting.pieces = {{0, piece.begin + skipped}};
            } else {
                setting.pieces.push_back({piece.at - begin, piece.begin});
            }
        }
        settings_.push_back(std::move(setting));
    }

    std::string_view text_;
    SourceId source_;
    std::string line_;
    std::vector<UnitSetting::Piece> pieces_;
    std::string section_;
    Span heading_;
    std::vector<UnitSetting> settings_;
};

/// A byte in two hexadecimal digits, or nothing.
std::optional<char> hexadecimal(std::string_view digits) {
    unsigned value = 0;
    if (digits.size() < 2) return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + 2, value, 16);
    if (error != std::errc() || end != digits.data() + 2) return std::nullopt;
    return static_cast<char>(value);
}

/// The bytes that stand for others after a backslash (cunescape_one()); `\s` is a blank.
char unescaped(char byte) {
    switch (byte) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 's':
            return ' ';
        default:
            return byte;
    }
}

}  // namespace

Span UnitSetting::place(std::size_t begin, std::size_t size) const {
    if (pieces.empty()) return {};
    const auto at = [this](std::size_t offset) {
        const auto next = std::upper_bound(
            pieces.begin(), pieces.end(), offset,
            [](std::size_t wanted, const Piece& piece) { return wanted < piece.at; });
        const Piece& piece = next == pieces.begin() ? pieces.front() : *std::prev(next);
        return piece.begin + static_cast<std::uint32_t>(offset - piece.at);
    };
    const std::uint32_t first = at(begin);
    return {source, first, size == 0 ? first : at(begin + size - 1) + 1};
}

std::vector<UnitSetting> parse_unit_file(std::string_view text, SourceId source) {
    return UnitReader(text, source).take();
}

std::vector<Value> split_unit_words(const UnitSetting& setting) {
    std::vector<Value> words;
    const std::string& text = setting.value;
    for (std::size_t i = 0; i < text.size();) {
        if (is_blank(text[i])) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        std::string word;
        char quote = '\0';
        for (; i < text.size() && (quote != '\0' || !is_blank(text[i])); ++i) {
            const char byte = text[i];
            if (quote != '\0' ? byte == quote : byte == '"' || byte == '\'') {
                quote = quote == '\0' ? byte : '\0';
            } else if (byte == '\\' && i + 1 < text.size()) {
                const std::optional<char> coded =
                    text[i + 1] == 'x' ? hexadecimal(std::string_view(text).substr(i + 2))
                                       : std::nullopt;
                if (coded) {
                    word += *coded;
                    i += 3;
                    continue;
                }
                word += unescaped(text[++i]);
            } else {
                word += byte;
            }
        }
        words.push_back({std::move(word), setting.place(begin, i - begin)});
    }
    return words;
}

}  // namespace gatelint
