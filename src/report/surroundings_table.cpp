#include "report/surroundings_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "report/results.hpp"
#include "rule.hpp"

namespace gatelint {

namespace {

constexpr std::size_t columns = 5;
using Row = std::array<std::string, columns>;

class Table {
  public:
    Table(const Subject& subject, const Sources& sources, const std::string& directory)
        : subject_(subject), sources_(sources), directory_(directory) {
        count_users();
    }

    void add_listeners() {
        std::set<const ComposeService*> listening;
        for (const Listener& listener : subject_.surroundings.listeners()) {
            if (listener.place != nullptr) listening.insert(listener.place->service);
            rows_.push_back({place_of(listener.where), name_of_listener(listener),
                             to_string(listener.at), std::string(name_of(listener.speaks)),
                             users_of(listener)});
        }
        for (const auto& project : subject_.surroundings.compose_projects()) {
            for (const ComposeService& service : project->services) {
                if (listening.contains(&service)) continue;
                const bool is_nginx = &service == subject_.surroundings.nginx_service();
                rows_.push_back({place_of(service.span), service.place.name,
                                 is_nginx ? "(nginx itself)" : ports_of(service), "", ""});
            }
        }
    }

    bool is_empty() const { return rows_.empty(); }

    std::string text() const {
        std::array<std::size_t, columns> widths{};
        for (const Row& row : rows_) {
            for (std::size_t i = 0; i < columns; ++i) {
                widths.at(i) = std::max(widths.at(i), row.at(i).size());
            }
        }
        std::string text;
        for (const Row& row : rows_) {
            std::string line;
            for (std::size_t i = 0; i < columns; ++i) {
                line += fmt::format("{:<{}}  ", row.at(i), widths.at(i));
            }
            line.erase(line.find_last_not_of(' ') + 1);
            text += line + '\n';
        }
        return text;
    }

    void add_heading() { rows_.insert(rows_.begin(), heading()); }

    std::string place_of(Span span) const {
        if (!span.known()) return "-";
        const std::string path =
            shown_path({sources_, {}, 0, 0, directory_}, sources_.path(span.source));
        return fmt::format("{}:{}", path, sources_.position(span.source, span.begin).line);
    }

  private:
    static Row heading() { return {"FILE", "WHAT", "LISTENS ON", "SPEAKS", "USED BY"}; }

    static std::string name_of_listener(const Listener& listener) {
        const bool says_place = listener.place == nullptr || listener.place->name.empty() ||
                                listener.name.find(listener.place->name) != std::string::npos;
        return says_place ? listener.name
                          : fmt::format("{}, {}", listener.name, listener.place->name);
    }

    /// What a service says of its ports, where nothing says what listens there.
    static std::string ports_of(const ComposeService& service) {
        std::set<std::string> ports;
        for (const Value& port : service.exposed) ports.insert(port.text);
        for (const PublishedPort& port : service.ports) {
            ports.insert(std::to_string(port.container));
        }
        return ports.empty() ? "(unknown)" : fmt::format("({}?)", fmt::join(ports, ", "));
    }

    /// The passes that lead to one listener.
    struct Users {
        std::size_t first = 0;  ///< among the passes
        std::size_t count = 0;
        const void* last = nullptr;  ///< who was counted last
    };

    /// The endpoints of a group are gone through once for all passes that lead to it alone.
    void count_users() {
        std::map<const Endpoint*, Users> lists;
        const std::deque<Pass>& passes = subject_.model.passes();
        for (std::size_t i = 0; i < passes.size(); ++i) {
            const Pass& pass = passes[i];
            if (pass.targets.size() == 1 && !pass.endpoints.empty()) {
                Users& users = lists.try_emplace(&pass.endpoints.front(), Users{i}).first->second;
                if (users.count++ == 0) users.last = &pass;
                continue;
            }
            for (const Endpoint& endpoint : pass.endpoints) add_users(endpoint, {i, 1, &pass});
        }
        for (const auto& [list, users] : lists) {
            for (const Endpoint& endpoint : passes[users.first].endpoints) {
                add_users(endpoint, users);
            }
        }
    }

    void add_users(const Endpoint& endpoint, const Users& added) {
        for (const Listener* listener : subject_.surroundings.reached_by(endpoint.address)) {
            Users& users = users_.try_emplace(listener, Users{added.first}).first->second;
            if (std::exchange(users.last, added.last) == added.last) continue;
            users.first = std::min(users.first, added.first);
            users.count += added.count;
        }
    }

    /// The first pass that leads there, and how many more do.
    std::string users_of(const Listener& listener) const {
        const auto found = users_.find(&listener);
        if (found == users_.end()) return "-";
        const Users& users = found->second;
        std::string text = place_of(subject_.model.passes()[users.first].target_span());
        if (users.count > 1) text += fmt::format(" and {} more", users.count - 1);
        return text;
    }

    const Subject& subject_;
    const Sources& sources_;
    const std::string& directory_;
    std::vector<Row> rows_;
    std::map<const Listener*, Users> users_;
};

}  // namespace

std::string surroundings_table(const Subject& subject, const Sources& sources,
                               const std::string& directory, bool verbose) {
    const Place* place = subject.surroundings.nginx_place();
    Table table(subject, sources, directory);
    table.add_listeners();
    std::string text;
    if (place != nullptr && place->kind != Place::Kind::host) {
        text += fmt::format("nginx runs in {}\n", place->name);
    }
    if (table.is_empty()) {
        text += "no backends found\n";
    } else {
        table.add_heading();
        text += table.text();
    }
    if (!verbose) return text;
    for (const Note& remark : subject.surroundings.remarks()) {
        text += fmt::format("{}: {}\n", table.place_of(remark.span), remark.message);
    }
    return text;
}

}  // namespace gatelint
