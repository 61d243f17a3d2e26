#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "finding/finding.hpp"
#include "source/arena.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/containers/compose.hpp"
#include "surroundings/containers/envsubst.hpp"
#include "surroundings/containers/kubernetes.hpp"
#include "surroundings/host/accounts.hpp"
#include "surroundings/host/hosts.hpp"
#include "surroundings/host/limits.hpp"
#include "surroundings/host/selinux.hpp"
#include "surroundings/host/systemd.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/programs/php_fpm_pool.hpp"
#include "surroundings/reach.hpp"
#include "surroundings/search.hpp"

namespace gatelint {

class Library;

/// Whether nginx runs on the host itself, with the host's files, accounts and units, or in a
/// container. Of a configuration in a repository that nothing mounts, nobody knows.
enum class OnHost : std::uint8_t { yes, no, unknown };

/// All that was found around a configuration, wherever among it nginx runs. Nothing in it changes
/// once it is made.
class Vicinity {
  private:
    friend class Discovery;
    friend class Surroundings;

    std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();  ///< backs expanded addresses
    std::vector<Listener> listeners_;
    std::vector<PhpFpmPool> php_fpm_pools_;
    std::vector<std::unique_ptr<ComposeProject>> compose_projects_;
    std::unique_ptr<Kubernetes> kubernetes_ = std::make_unique<Kubernetes>();
    Accounts accounts_;
    TemplateFillers template_fillers_;
    std::set<Listener::Program> half_known_;  ///< some listen where it cannot be told
    std::vector<Value> boot_folders_;
    std::unique_ptr<Systemd> systemd_ = std::make_unique<Systemd>();
    std::unique_ptr<Place> host_ = std::make_unique<Place>();
    std::set<const ComposeService*> half_known_services_;
    Hosts hosts_;
    std::vector<DescriptorLimit> limits_;
    Selinux selinux_;
    bool is_complete_ = false;
    bool sees_whole_host_ = false;
    std::vector<Note> remarks_;
    std::vector<Note> limits_reached_;
    bool host_runs_nginx_ = false;  ///< unless it runs in what somebody named
};

/// What is around nginx: the programs that it hands requests on to, as their own files describe
/// them. Unknown is not absent: each kind says whether anything of it was found. Nothing in it
/// changes once it is made: rules may ask it from several threads.
class Surroundings {
  public:
    /// Surroundings of nothing.
    Surroundings() : all_(std::make_shared<const Vicinity>()) {}

    /// What was found, seen from where nginx runs. `sources` have the manifests.
    Surroundings(std::shared_ptr<const Vicinity> all, const NginxPlace& place,
                 const Sources& sources);

    const std::vector<Listener>& listeners() const { return all_->listeners_; }
    const Accounts& accounts() const { return all_->accounts_; }

    /// The units of systemd.
    const std::deque<SystemdUnit>& units() const { return all_->systemd_->units; }

    /// The unit that runs nginx, on a host or in what is installed on one; null: nobody knows.
    const SystemdUnit* nginx_unit() const { return nginx_unit_; }

    /// The folders that systemd-tmpfiles makes when the host starts.
    const std::vector<Value>& boot_folders() const { return all_->boot_folders_; }

    /// The pools of every php-fpm, master by master, also those of which nobody knows where they
    /// listen.
    const std::vector<PhpFpmPool>& php_fpm_pools() const { return all_->php_fpm_pools_; }

    /// Where nginx itself runs; null: nobody knows, as of a file that no service mounts.
    const Place* nginx_place() const { return nginx_place_; }

    /// What a rule about the host asks first.
    OnHost nginx_on_host() const {
        if (nginx_place_ == nullptr) return OnHost::unknown;
        return nginx_place_->kind == Place::Kind::host ? OnHost::yes : OnHost::no;
    }

    /// Whether all that was found belongs to one deployment: what lies in a repository may be
    /// alternatives.
    bool is_one_deployment() const {
        return all_->sees_whole_host_ || all_->is_complete_ || nginx_service() != nullptr;
    }

    /// Whether a listener is surely as it is described: what a program does by itself may be
    /// changed where nobody sees it.
    bool is_certain(const Listener& listener) const {
        return is_one_deployment() && !listener.is_default;
    }

    /// The compose service in which nginx runs, or null: for what only compose has, its networks
    /// and names.
    const ComposeService* nginx_service() const {
        return nginx_place_ == nullptr ? nullptr : nginx_place_->service;
    }

    const std::vector<std::unique_ptr<ComposeProject>>& compose_projects() const {
        return all_->compose_projects_;
    }

    /// The manifests of Kubernetes.
    const Kubernetes& kubernetes() const { return *all_->kubernetes_; }

    /// The pod in which nginx runs, or null.
    const KubernetesPod* nginx_pod() const {
        return nginx_place_ == nullptr ? nullptr : nginx_place_->pod;
    }

    /// What listens in the network namespace of the service. Nothing: nobody knows whether
    /// anything does.
    const std::vector<const Listener*>& listeners_of(const ComposeService& service) const {
        return reachability_.of(service);
    }

    /// Who fills in templates, and with which names.
    const TemplateFillers& template_fillers() const { return all_->template_fillers_; }

    /// Whether the listener runs where nginx does: its 127.0.0.1 is nginx's.
    bool is_beside_nginx(const Listener& listener) const {
        return reachability_.is_beside(listener);
    }

    /// Whether a connection that nginx makes to `target` reaches the listener.
    Reach reach(const Address& target, const Listener& listener) const {
        return reachability_.reach(target, listener);
    }

    /// Those that a connection of nginx's to `target` reaches for certain.
    std::vector<const Listener*> reached_by(const Address& target) const {
        return reachability_.reached_by(target);
    }

    /// Whether such a connection may reach any of them.
    bool may_be_served(const Address& target) const { return reachability_.may_be_served(target); }

    /// Those beside nginx that such a connection may reach.
    std::vector<const Listener*> neighbours_at(const Address& target) const {
        return reachability_.neighbours_at(target);
    }

    /// Those that have a TCP port, wherever they run.
    const std::vector<const Listener*>& listeners_at_port(std::uint16_t port) const {
        return reachability_.at_port(port);
    }

    /// Whether programs of this kind were found where nginx runs, and of each where it listens:
    /// only then can one be missing.
    bool knows(Listener::Program program) const {
        return !all_->half_known_.contains(program) && reachability_.has_neighbour(program);
    }

    /// Whether the host's whole file system was in sight: otherwise what was found may be
    /// overridden elsewhere, as by the files of an image.
    bool sees_whole_host() const { return all_->sees_whole_host_; }

    /// Whether everything that listens in the service is among the listeners. Otherwise it may
    /// listen elsewhere too: most images and programs are not known.
    bool knows_all_of(const ComposeService& service) const {
        return !all_->half_known_services_.contains(&service) && !listeners_of(service).empty();
    }

    /// /etc/hosts of the place where nginx runs, as far as it is in sight.
    const Hosts& hosts() const { return all_->hosts_; }
    const std::vector<DescriptorLimit>& limits() const { return all_->limits_; }
    const Selinux& selinux() const { return all_->selinux_; }

    /// Whether all that answers is described, by the user's word.
    bool is_complete() const { return all_->is_complete_; }

    /// What could not be understood, with its place: unknown to every rule.
    const std::vector<Note>& remarks() const { return all_->remarks_; }

    /// Limits of gatelint's own that were reached, each with the first place: what lies beyond is
    /// unknown to every rule.
    const std::vector<Note>& limits_reached() const { return all_->limits_reached_; }

  private:
    std::shared_ptr<const Vicinity> all_;
    const Place* nginx_place_ = nullptr;
    const SystemdUnit* nginx_unit_ = nullptr;
    Reachability reachability_;  ///< of the listeners
};

/// Finds and reads what is around nginx. Of where it runs matter the kind of the place and the
/// project: the services of one have the same vicinity, and so have the pods of one folder.
std::shared_ptr<const Vicinity> find_vicinity(const Search& search, const FileReader& files,
                                              Library& library);
std::shared_ptr<const Vicinity> find_vicinity(const Search& search, const FileReader& files,
                                              Sources& sources);

/// The same, seen from where nginx runs.
Surroundings discover(const Search& search, const FileReader& files, Sources& sources);

}  // namespace gatelint
