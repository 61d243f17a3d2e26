#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "finding/finding.hpp"
#include "source/arena.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "source/tree.hpp"
#include "surroundings/formats/yaml_file.hpp"

namespace gatelint {

/// The files around nginx that were read, and what was made of them, for all configurations of a
/// run: those of one repository have the same around them.
class Library {
  public:
    explicit Library(Sources& sources) : sources_(sources) {}
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    /// The source of a file that was read: one for each file, as long as it says the same.
    SourceId take(ReadResult file);

    /// The text of a source, taken apart.
    const YamlFile& yaml(SourceId source);

    /// A kind of file, told by its name and then, where there is a second, by its whole path.
    struct Kind {
        bool (*is_name)(std::string_view name);
        bool (*is_path)(std::string_view path) = nullptr;
    };

    /// The files of a kind below a folder, without copies that a build made.
    const std::vector<std::string>& files_below(const std::string& top, const FileReader& files,
                                                Kind kind);

    Sources& sources() { return sources_; }

  private:
    /// What was found in a tree, which stays as long as this.
    struct Found {
        std::shared_ptr<const Tree> tree;
        std::vector<std::string> paths;
    };

    Sources& sources_;
    std::map<std::string, SourceId> by_file_;
    std::map<SourceId, YamlFile> yaml_;
    using Predicate = bool (*)(std::string_view);
    std::map<std::tuple<const Tree*, std::string, Predicate, Predicate>, Found> found_;
};

/// What all readers of the surroundings share: where texts go and made-up strings live, and what
/// could not be understood, which is told under --verbose.
class Reading {
  public:
    /// Longer files are not read; the longest compose files that people write have 100 KiB.
    static constexpr std::size_t max_size = std::size_t{16} << 20U;

    Reading(Sources& sources, Arena& arena)
        : own_library_(std::make_unique<Library>(sources)),
          library_(*own_library_),
          arena_(arena) {}

    /// The same where others have read files already. The library must outlive this.
    Reading(Library& library, Arena& arena) : library_(library), arena_(arena) {}

    /// The file at a host path of `files`, taken among the Sources once, whichever path led to it;
    /// nothing where it cannot be read or is too long.
    std::optional<SourceId> read(const FileReader& files, const std::string& path);

    /// Whether a file is longer than what is read, which is said.
    bool is_too_long(const ReadResult& file);

    /// Whether the file, by its identity (ReadResult::file), was read already.
    bool knows(const std::string& file) const { return by_file_.contains(file); }

    std::string_view text(SourceId source) const { return library_.sources().text(source); }
    const YamlFile& yaml(SourceId source) { return library_.yaml(source); }
    const std::vector<std::string>& files_below(const std::string& top, const FileReader& files,
                                                Library::Kind kind) {
        return library_.files_below(top, files, kind);
    }
    Sources& sources() { return library_.sources(); }
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
    std::unique_ptr<Library> own_library_;
    Library& library_;
    Arena& arena_;
    std::map<std::string, SourceId> by_file_;
    std::vector<Note> remarks_;
    std::vector<Note> limits_reached_;
};

}  // namespace gatelint
