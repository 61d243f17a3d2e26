#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "report/paths.hpp"
#include "report/results.hpp"

namespace gatelint {

namespace {

/// FNV-1a: the same on every machine and in every version, as baselines need it.
class Hash {
  public:
    Hash& add(std::string_view field) {
        for (const char byte : field) add(byte);
        return end_field();
    }

    void add(char byte) { value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3U; }

    /// So that fields do not run into each other.
    Hash& end_field() {
        add('\0');
        return *this;
    }

    std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325U;
};

/// Of a line that holds a whole configuration, only this much on either side of a span tells what
/// it is about.
constexpr std::uint32_t max_context = 1024;

/// Adds the lines that hold the span, with white space runs made one space: a finding stays the
/// same when its line is indented anew or changes its line ending.
void add_lines(Hash& hash, const Sources& sources, Span span) {
    const std::uint32_t line =
        sources.line_begin(span.source, sources.line_of(span.source, span.begin));
    const std::uint32_t begin = std::max(line, span.begin - std::min(span.begin, max_context));
    const std::uint32_t last_byte = span.end > span.begin ? span.end - 1 : span.begin;
    std::string_view text =
        sources.text(span.source).substr(begin, last_byte + max_context - begin);
    text = text.substr(0, text.find('\n', last_byte - begin));

    bool is_empty = true;
    bool pending = false;
    for (const char byte : text) {
        if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
            pending = !is_empty;
            continue;
        }
        if (pending) hash.add(' ');
        pending = false;
        is_empty = false;
        hash.add(byte);
    }
    hash.end_field();
}

}  // namespace

std::string to_string(Fingerprint fingerprint) {
    return fmt::format("{:016x}", static_cast<std::uint64_t>(fingerprint));
}

std::vector<Fingerprint> fingerprints(const Results& results) {
    std::vector<Fingerprint> all;
    all.reserve(results.findings.size());
    ShownPaths paths(results);
    std::unordered_map<std::uint64_t, std::size_t> equal_before;
    for (const Finding& finding : results.findings) {
        Hash hash;
        hash.add(finding.rule);
        hash.add(paths.of(finding.span.source));
        add_lines(hash, results.sources, finding.span);
        const std::size_t ordinal = equal_before[hash.value()]++;
        hash.add(std::to_string(ordinal));
        all.push_back(Fingerprint{hash.value()});
    }
    return all;
}

}  // namespace gatelint
