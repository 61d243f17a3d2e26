#include "nginx/regex.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8  // pcre2.h asks for it
#include <pcre2.h>

#include <algorithm>
#include <array>

namespace gatelint {

namespace {

/// Against patterns that take exponential time: nginx has PCRE2's limits, which are far higher.
constexpr std::uint32_t max_match_steps = 100'000;
constexpr std::uint32_t max_match_depth = 10'000;
constexpr std::uint32_t max_match_kibibytes = 4096;

std::string message_of(int code) {
    std::array<PCRE2_UCHAR, 256> text{};
    const int size = pcre2_get_error_message(code, text.data(), text.size());
    if (size < 0) return "unknown error";
    return {text.begin(), text.begin() + size};
}

PCRE2_SPTR units(std::string_view text) {
    static constexpr char empty = '\0';  // PCRE2 before 10.43 wants a pointer even to nothing
    return reinterpret_cast<PCRE2_SPTR>(text.empty() ? &empty : text.data());
}

struct FreeContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

struct FreeData {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

}  // namespace

struct Regex::Code {
    explicit Code(pcre2_code* compiled) : pcre(compiled) {}
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() { pcre2_code_free(pcre); }

    pcre2_code* pcre;
};

Regex::Regex(std::string_view pattern, bool caseless) {
    int code = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* const compiled = pcre2_compile(
        units(pattern), pattern.size(), caseless ? PCRE2_CASELESS : 0, &code, &offset, nullptr);
    if (compiled == nullptr) {
        error_ = Error{message_of(code), offset};
        return;
    }
    code_ = std::make_unique<Code>(compiled);
    read_captures();
}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

void Regex::read_captures() {
    pcre2_pattern_info(code_->pcre, PCRE2_INFO_CAPTURECOUNT, &captures_);
    std::uint32_t count = 0;
    std::uint32_t entry_size = 0;
    PCRE2_SPTR entries = nullptr;
    pcre2_pattern_info(code_->pcre, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code_->pcre, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(code_->pcre, PCRE2_INFO_NAMETABLE, &entries);
    for (std::uint32_t i = 0; i < count; ++i) {
        // Two bytes of the group's number, then the name with its NUL.
        const PCRE2_SPTR entry = entries + static_cast<std::size_t>(i) * entry_size;
        names_.emplace_back(reinterpret_cast<const char*>(entry + 2));
    }
}

std::string Regex::nginx_error(std::string_view pattern) const {
    if (!error_) return {};
    std::string text = "pcre2_compile() failed: " + error_->message + " in \"";
    text += pattern;
    text += '"';
    if (error_->offset < pattern.size()) {
        text += " at \"";
        text += pattern.substr(error_->offset);
        text += '"';
    }
    constexpr std::size_t max_error = 1024;  // NGX_MAX_CONF_ERRSTR
    text.resize(std::min(text.size(), max_error));
    return text;
}

Regex::Match Regex::match(std::string_view text) const {
    if (code_ == nullptr) return Match::unknown;
    const std::unique_ptr<pcre2_match_context, FreeContext> context(
        pcre2_match_context_create(nullptr));
    const std::unique_ptr<pcre2_match_data, FreeData> data(pcre2_match_data_create(1, nullptr));
    if (context == nullptr || data == nullptr) return Match::unknown;
    pcre2_set_match_limit(context.get(), max_match_steps);
    pcre2_set_depth_limit(context.get(), max_match_depth);
    pcre2_set_heap_limit(context.get(), max_match_kibibytes);
    const int result =
        pcre2_match(code_->pcre, units(text), text.size(), 0, 0, data.get(), context.get());
    if (result >= 0) return Match::yes;
    return result == PCRE2_ERROR_NOMATCH ? Match::no : Match::unknown;
}

const Regex& RegexTable::compile(std::string_view pattern, bool caseless) {
    auto& regexes = regexes_[caseless ? 1 : 0];
    const auto found = regexes.find(pattern);
    if (found != regexes.end()) return found->second;
    return regexes.emplace(pattern, Regex(pattern, caseless)).first->second;
}

}  // namespace gatelint
