#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace gatelint {

/// A directory for one test, gone with the object: files of a host, by their paths on it.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatelint-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = std::filesystem::canonical(pattern);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }

    /// The place of a host path.
    std::string at(std::string_view name) const { return path_.string() + std::string(name); }

    void write(std::string_view name, std::string_view text) const {
        make_parent(name);
        std::ofstream(at(name), std::ios::binary) << text;
    }
    void link(std::string_view name, std::string_view target) const {
        make_parent(name);
        std::filesystem::create_symlink(target, at(name));
    }

  private:
    void make_parent(std::string_view name) const {
        std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    }

    std::filesystem::path path_;
};

}  // namespace gatelint
