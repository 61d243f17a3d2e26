#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

/// Whether a text is what `nginx -T` prints: "# configuration file /etc/nginx/nginx.conf:" before
/// anything but what nginx says of its test.
bool is_dump(std::string_view text);

/// Whether a text is what `nginx -T` says of a configuration that it refuses, and prints nothing
/// of.
bool is_refused_dump(std::string_view text);

/// The files that `nginx -T` printed, laid out where they lie on the host. nginx prints a file only
/// after all of them were read: a pattern matches what is here and nothing else. Of the rest of the
/// host nothing is in sight.
class DumpReader final : public FileReader {
  public:
    /// Takes a dump apart; one without files is not a dump.
    explicit DumpReader(std::string_view text) : DumpReader(split(text)) {}

    /// The host path of the main file, "" if there is none.
    const std::string& main() const { return parts_.main; }

    ReadResult read(const std::string& path) const override;
    std::vector<std::string> list(const std::string& directory) const override {
        return files_.list(directory);
    }
    bool complete() const override { return false; }
    bool knows_includes() const override { return true; }

  private:
    struct Parts {
        std::map<std::string, std::string> texts;  ///< by host path
        std::map<std::string, std::string> names;  ///< as the dump has them
        std::string main;
    };
    static Parts split(std::string_view text);
    explicit DumpReader(Parts parts)
        : files_(std::move(parts.texts), false), parts_(std::move(parts)) {}

    MemoryReader files_;
    Parts parts_;
};

}  // namespace gatelint
