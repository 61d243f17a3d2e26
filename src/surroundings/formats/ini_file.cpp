#include "surroundings/formats/ini_file.hpp"

#include <fmt/format.h>

#include <tao/pegtl.hpp>
#include <utility>

#include "ini.hpp"
#include "source/glob.hpp"

namespace gatelint {

namespace {

namespace ini = grammar::ini;
namespace pegtl = tao::pegtl;

/// In double quotes a backslash hides a quote or another backslash; any other stays
/// (zend_ini_escape_string).
std::string decode(std::string_view raw) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\\' && i + 1 < raw.size() && (raw[i + 1] == '"' || raw[i + 1] == '\\')) ++i;
        text += raw[i];
    }
    return text;
}

std::string_view without_trailing_blanks(std::string_view text) {
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

std::string_view without_quotes(std::string_view text) {
    const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                        text.back() == text.front();
    return quoted ? text.substr(1, text.size() - 2) : text;
}

/// Puts the grammar's pieces together into settings.
class IniBuilder {
  public:
    IniBuilder(std::string_view text, SourceId source, Arena& arena) : text_(text), arena_(arena) {
        file_.source = source;
    }

    /// `heading` has its brackets.
    void section(std::string_view heading) {
        section_ = without_quotes(heading.substr(1, heading.size() - 2));
        heading_ = span(heading);
    }

    void key(std::string_view key) {
        key_ = without_trailing_blanks(key);
        pieces_.clear();
        written_ = {};
        computed_ = false;
    }

    /// `written` is what stands in the file for it.
    void piece(std::string_view piece, std::string_view written) {
        pieces_.push_back(piece);
        const Span at = span(written);
        written_ = written_.known() ? cover(written_, at) : at;
    }

    void double_quoted(std::string_view written) {
        const std::string_view raw = without_quotes(written);
        if (raw.find("${") != std::string_view::npos) computed_ = true;
        const bool escaped = raw.find('\\') != std::string_view::npos;
        piece(escaped ? arena_.copy(decode(raw)) : raw, written);
    }

    void computed(std::string_view written) {
        computed_ = true;
        piece(written, written);
    }

    void finish_setting(std::string_view setting) {
        // An empty value stands where it could begin.
        if (pieces_.empty()) written_ = span(setting.substr(setting.size()));
        file_.settings.push_back({section_, heading_, key_, joined(), written_, computed_});
    }

    IniFile finish() { return std::move(file_); }

  private:
    /// The place of a part of the text. A text that is not among Sources has no places.
    Span span(std::string_view part) const {
        const auto begin = static_cast<std::uint32_t>(part.data() - text_.data());
        return {file_.source, begin, begin + static_cast<std::uint32_t>(part.size())};
    }

    std::string_view joined() {
        if (pieces_.empty()) return {};
        if (pieces_.size() == 1) return pieces_.front();
        std::string whole;
        for (const std::string_view piece : pieces_) whole += piece;
        return arena_.copy(whole);
    }

    IniFile file_;
    std::string_view text_;
    Arena& arena_;
    std::string_view section_;
    Span heading_;
    std::string_view key_;
    std::vector<std::string_view> pieces_;  ///< of the value that is being read
    Span written_;                          ///< covers the pieces
    bool computed_ = false;
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<ini::section> {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.section(in.string_view());
    }
};

template <>
struct Action<ini::key> {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.key(in.string_view());
    }
};

/// What stands for itself.
struct PlainPiece {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.piece(in.string_view(), in.string_view());
    }
};

template <>
struct Action<ini::bare> : PlainPiece {};
template <>
struct Action<ini::inner_blanks> : PlainPiece {};
template <>
struct Action<ini::dollar> : PlainPiece {};

template <>
struct Action<ini::single_quoted> {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.piece(without_quotes(in.string_view()), in.string_view());
    }
};

template <>
struct Action<ini::double_quoted> {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.double_quoted(in.string_view());
    }
};

/// What php-fpm computes, or refuses.
struct ComputedPiece {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.computed(in.string_view());
    }
};

template <>
struct Action<ini::variable> : ComputedPiece {};
template <>
struct Action<ini::calculation> : ComputedPiece {};
template <>
struct Action<ini::unclosed_quote> : ComputedPiece {};

template <>
struct Action<ini::setting> {
    template <typename Input>
    static void apply(const Input& in, IniBuilder& file) {
        file.finish_setting(in.string_view());
    }
};

}  // namespace

IniFile parse_ini(std::string_view text, SourceId source, Arena& arena) {
    pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf, const char*> in(
        text.data(), text.data() + text.size(), "");
    IniBuilder file(text, source, arena);
    pegtl::parse<ini::file, Action>(in, file);
    return file.finish();
}

const IniFile* IniFiles::read(const std::string& path) {
    const auto [known, is_new] = by_path_.try_emplace(path, nullptr);
    if (!is_new) return known->second;
    ReadResult file = files_.read(path);
    if (file.status != ReadStatus::ok || reading_.is_too_long(file)) return nullptr;
    std::unique_ptr<const IniFile>& parsed = by_file_[file.file];
    if (parsed == nullptr) {
        const SourceId source = reading_.sources().add(std::move(file.file), std::move(file.text));
        parsed = std::make_unique<const IniFile>(
            parse_ini(reading_.text(source), source, reading_.arena()));
    }
    return known->second = parsed.get();
}

std::vector<std::string> IniFiles::matching(const std::string& pattern) {
    Matches found = glob(pattern, files_);
    if (!found.is_whole) {
        reading_.limit({},
                       fmt::format("{} is only partly read: it matches too many files", pattern));
    }
    return std::move(found.paths);
}

}  // namespace gatelint
