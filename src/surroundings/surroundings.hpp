#pragma once

#include <memory>
#include <string>
#include <vector>

#include "finding/finding.hpp"
#include "source/arena.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/accounts.hpp"
#include "surroundings/compose.hpp"
#include "surroundings/envsubst.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/php_fpm_pool.hpp"

namespace gatelint {

/// Where to look for what is around nginx.
struct Search {
    std::vector<std::string> trees;  ///< host directories to walk: the configuration's, then wider
                                     ///< ones; the first in which something is found is the last
    bool system = true;              ///< also the places where packages put their files
};

/// What is around nginx: the programs that it hands requests on to, as their own files describe
/// them. Unknown is not absent: each kind says whether anything of it was found.
class Surroundings {
  public:
    Surroundings() = default;

    const std::vector<Listener>& listeners() const { return listeners_; }
    const Accounts& accounts() const { return accounts_; }

    /// The pools of every php-fpm, master by master, also those of which nobody knows where they
    /// listen.
    const std::vector<PhpFpmPool>& php_fpm_pools() const { return php_fpm_pools_; }

    /// Where nginx itself runs; null: nobody knows, as of a file that no service mounts.
    const Place* nginx_place() const { return nginx_place_; }

    /// The compose service in which nginx runs, or null.
    const ComposeService* nginx_service() const {
        return nginx_place_ == nullptr ? nullptr : nginx_place_->service;
    }

    const std::vector<std::unique_ptr<ComposeProject>>& compose_projects() const {
        return compose_projects_;
    }

    /// What listens in the network namespace of the service. Nothing: nobody knows whether
    /// anything does.
    std::vector<const Listener*> listeners_of(const ComposeService& service) const;

    /// Who fills in templates, and with which names.
    const TemplateFillers& template_fillers() const { return template_fillers_; }

    /// Those that a connection to `target` reaches for certain.
    std::vector<const Listener*> reached_by(const Address& target) const;

    /// Whether programs of this kind were found, and of each where it listens: only then can one
    /// be missing.
    bool knows(Listener::Program program) const;

    /// Whether the host's whole file system was in sight: otherwise what was found may be
    /// overridden elsewhere, as by the files of an image.
    bool sees_whole_host() const { return sees_whole_host_; }

  private:
    friend Surroundings discover(const Search& search, const FileReader& files, Sources& sources);

    std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();  ///< backs expanded addresses
    std::vector<Listener> listeners_;
    std::vector<PhpFpmPool> php_fpm_pools_;
    std::vector<std::unique_ptr<ComposeProject>> compose_projects_;
    const Place* nginx_place_ = nullptr;
    Accounts accounts_;
    TemplateFillers template_fillers_;
    std::vector<Listener::Program> half_known_;  ///< some listen where it cannot be told
    bool sees_whole_host_ = false;
};

/// Finds and reads what is around nginx. Bounded: at most 20,000 names are looked at, 12 folders
/// deep; node_modules, vendor, .git and the like are skipped.
Surroundings discover(const Search& search, const FileReader& files, Sources& sources);

}  // namespace gatelint
