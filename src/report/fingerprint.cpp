#include "report/results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace gatelint {

namespace {

/// FNV-1a: the same on every machine and in every version, as baselines need it.
class Hash {
  public:
    Hash& add(std::string_view field) {
        for (const char byte : field) add_byte(static_cast<unsigned char>(byte));
        add_byte(0);  // so that fields do not run into each other
        return *this;
    }

    std::uint64_t value() const { return value_; }

  private:
    void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3U; }

    std::uint64_t value_ = 0xcbf29ce484222325U;
};

/// Of a line that holds a whole configuration, only this much on either side of a span tells what
/// it is about.
constexpr std::uint32_t max_context = 1024;

/// The lines that hold the span, with white space runs made one space: a finding stays the same
/// when its line is indented anew or changes its line ending.
std::string normalised_lines(const Sources& sources, Span span) {
    const std::uint32_t line =
        sources.line_begin(span.source, sources.line_of(span.source, span.begin));
    const std::uint32_t begin = std::max(line, span.begin - std::min(span.begin, max_context));
    const std::uint32_t last_byte = span.end > span.begin ? span.end - 1 : span.begin;
    std::string_view text =
        sources.text(span.source).substr(begin, last_byte + max_context - begin);
    text = text.substr(0, text.find('\n', last_byte - begin));

    std::string normalised;
    bool pending = false;
    for (const char byte : text) {
        if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
            pending = !normalised.empty();
            continue;
        }
        if (pending) normalised += ' ';
        pending = false;
        normalised += byte;
    }
    return normalised;
}

}  // namespace

std::vector<std::string> fingerprints(const Results& results) {
    std::vector<std::string> all;
    all.reserve(results.findings.size());
    std::unordered_map<std::uint64_t, std::size_t> equal_before;
    for (const Finding& finding : results.findings) {
        Hash hash;
        hash.add(finding.rule);
        hash.add(shown_path(results, results.sources.path(finding.span.source)));
        hash.add(normalised_lines(results.sources, finding.span));
        const std::size_t ordinal = equal_before[hash.value()]++;
        hash.add(std::to_string(ordinal));
        all.push_back(fmt::format("{:016x}", hash.value()));
    }
    return all;
}

}  // namespace gatelint
