#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/ini_file.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/host/accounts.hpp"
#include "surroundings/programs/php_fpm.hpp"

namespace gatelint {

/// Looks for php-fpm's masters where no command tells of them: by their files. Each file is read
/// for one master only.
class PhpFpmSearch {
  public:
    PhpFpmSearch(const FileReader& files, Reading& reading, const Accounts& accounts)
        : files_(files), reading_(reading), ini_(files, reading), accounts_(accounts) {}

    /// Leaves out a file, by its identity (ReadResult::file): somebody is known to use it.
    void leave_out(const std::string& file) { used_.insert(file); }

    /// Where packages put a main file and, in case that is missing, pool files.
    void search_system();

    /// Whether anything was found.
    bool search_tree(const std::vector<std::string>& paths);

    const std::vector<PhpFpm>& masters() const { return masters_; }

  private:
    struct Folder {
        std::vector<std::string> files;
        bool listens = false;
    };

    void search_place(const std::string& folder, const std::string& pools);
    std::vector<std::string> folders(const std::string& parent, std::string_view prefix) const;
    PhpFpmFile classify(const std::string& path);
    bool read_master(std::vector<std::string> paths);

    const FileReader& files_;
    Reading& reading_;
    IniFiles ini_;
    const Accounts& accounts_;
    std::vector<PhpFpm> masters_;
    std::set<std::string> used_;
};

}  // namespace gatelint
