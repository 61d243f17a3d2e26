#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "finding/finding.hpp"
#include "source/arena.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"

namespace gatelint {

/// What all readers of the surroundings share: where texts go and made-up strings live, and what
/// could not be understood, which is told under --verbose.
class Reading {
  public:
    /// Longer files are not read; the longest compose files that people write have 100 KiB.
    static constexpr std::size_t max_size = std::size_t{16} << 20U;

    Reading(Sources& sources, Arena& arena) : sources_(sources), arena_(arena) {}

    /// The file at a host path of `files`, taken among the Sources once, whichever path led to it;
    /// nothing where it cannot be read or is too long.
    std::optional<SourceId> read(const FileReader& files, const std::string& path);

    /// Whether the file, by its identity (ReadResult::file), was read already.
    bool knows(const std::string& file) const { return by_file_.contains(file); }

    std::string_view text(SourceId source) const { return sources_.text(source); }
    Sources& sources() { return sources_; }
    Arena& arena() { return arena_; }

    /// A copy that lives as long as the surroundings.
    std::string_view keep(std::string_view text) { return arena_.copy(text); }

    /// Something that could not be understood, and is therefore unknown.
    void remark(Span span, std::string message) {
        remarks_.push_back({std::move(message), span, true});
    }
    const std::vector<Note>& remarks() const { return remarks_; }

    /// A limit of gatelint's own that was reached: what lies beyond is left out, and unknown. Said
    /// once, for the first place.
    void limit(Span span, std::string message);
    const std::vector<Note>& limits_reached() const { return limits_reached_; }

  private:
    Sources& sources_;
    Arena& arena_;
    std::map<std::string, SourceId> by_file_;
    std::vector<Note> remarks_;
    std::vector<Note> limits_reached_;
};

}  // namespace gatelint
