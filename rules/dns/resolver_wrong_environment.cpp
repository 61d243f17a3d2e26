#include <algorithm>
#include <array>
#include <map>

#include "rule.hpp"

namespace gatelint::rules::resolver_wrong_environment {

namespace {

constexpr std::string_view engine_server = "127.0.0.11";

/// What names end in that no server for everybody knows (RFC 6762, 8375, ICANN's .internal, and
/// what clusters and routers use).
bool is_private(std::string_view name) {
    constexpr std::array<std::string_view, 8> endings = {".local",       ".internal", ".lan",
                                                         ".consul",      ".svc",      ".home.arpa",
                                                         ".localdomain", ".intranet"};
    const std::string lower = lower_case(name);
    // That one is the business of /etc/hosts.
    return !lower.ends_with(".docker.internal") &&
           std::any_of(endings.begin(), endings.end(),
                       [&lower](std::string_view ending) { return lower.ends_with(ending); });
}

/// A `resolver` and one name for which it is asked.
struct Used {
    std::vector<NameServer> servers;
    std::string_view name;
    const Pass* pass;
};

class Check {
  public:
    Check(const Subject& subject, Report& report)
        : subject_(subject), report_(report), nginx_(subject.surroundings.nginx_service()) {}

    void run() {
        const std::vector<RunTimeName> names = run_time_names(subject_.model);
        collect_used(names);
        for (const auto& [directive, used] : used_) {
            for (const NameServer& server : used.servers) check_server(*directive, server, used);
        }
        for (const RunTimeName& name : names) check_name(name);
    }

  private:
    void collect_used(const std::vector<RunTimeName>& names) {
        for (const RunTimeName& name : names) use(name.resolver, name.name, name.pass);
        for (const Pass& pass : subject_.model.passes()) {
            const bool is_any =
                std::any_of(pass.targets.begin(), pass.targets.end(),
                            [](const PassTarget& target) { return !target.host_known; });
            if (pass.has_variables && is_any) use(pass.effective(DirectiveId::resolver), {}, &pass);
        }
    }

    void use(const Setting& resolver, std::string_view name, const Pass* pass) {
        if (!resolver.known || !resolver.is_set()) return;
        Used& used = used_[resolver.last()];
        if (used.pass != nullptr && !used.name.empty()) return;
        used = {name_servers(resolver), name, pass};
    }

    void check_server(const Directive& directive, const NameServer& server, const Used& used) {
        if (nginx_ == nullptr) {
            if (server.is_of_engine()) check_engine_server_on_host(directive, server, used);
            return;
        }
        if (server.address.is_name() && !server.address.is_loopback()) {
            check_named_server(directive, server);
        } else if (server.is_of_engine()) {
            check_engine_server(directive, server, used);
        } else if (server.address.is_loopback() && runs_only_nginx(*nginx_)) {
            Draft draft = report_(directive, server.span,
                                  "no name server listens on {} in the container of service {}: {}",
                                  to_string(server.address), nginx_->name, effect(used));
            draft.note(nginx_->span,
                       "nginx runs in this service, which has its own loopback interface");
            say(used, draft);
            draft.note("the container engine's name server is {}", engine_server);
            fix(server, draft);
        }
    }

    /// nginx looks the server itself up when it starts.
    void check_named_server(const Directive& directive, const NameServer& server) {
        const std::string_view name = server.address.host;
        const bool is_absent =
            has_own_network(*nginx_) &&
            (server.is_of_kubernetes() || resolve(*nginx_, name).kind == Resolution::Kind::absent);
        if (!is_absent) return;
        Draft draft = report_(directive, server.span,
                              "{} does not exist where nginx runs: nginx refuses to start", name);
        draft.severity(Severity::error)
            .note(nginx_->span, "nginx runs in compose service {}", nginx_->name)
            .refused(fmt::format("host not found in resolver \"{}\"", report_.text(server.span)));
        fix(server, draft);
    }

    void check_engine_server(const Directive& directive, const NameServer& server,
                             const Used& used) {
        if (!nginx_->is_whole || !nginx_->network_mode) return;
        const std::string_view mode = nginx_->network_mode->text;
        if (mode != "host" && mode != "bridge" && mode != "none") return;
        Draft draft = report_(directive, server.span, "service {} has no name server at {}: {}",
                              nginx_->name, engine_server, effect(used));
        draft.note(nginx_->network_mode->span,
                   "only compose networks and user-defined networks have it, not network_mode {}",
                   mode);
        say(used, draft);
    }

    /// A container has a hosts file and packages, but no units of its own: with those, it is a
    /// host.
    void check_engine_server_on_host(const Directive& directive, const NameServer& server,
                                     const Used& used) {
        if (subject_.surroundings.nginx_on_host() != OnHost::yes) return;
        const auto& units = subject_.surroundings.units();
        const auto unit = std::find_if(units.begin(), units.end(), [](const SystemdUnit& one) {
            return one.file.starts_with("/etc/systemd/system/");
        });
        if (unit == units.end()) return;
        Draft draft = report_(directive, server.span, "the host has no name server at {}: {}",
                              engine_server, effect(used));
        draft.note(unit->section, "nginx runs on the host, and so does unit {}", unit->name)
            .note("only containers on compose networks and user-defined networks have it");
        say(used, draft);
    }

    static std::string effect(const Used& used) {
        return fmt::format("{} {}", requests_to(*used.pass), failure_of(*used.pass));
    }

    static void say(const Used& used, Draft& draft) {
        if (!used.name.empty()) {
            draft.note("{} could not be resolved (110: Operation timed out)", used.name);
        }
    }

    void fix(const NameServer& server, Draft& draft) const {
        if (!has_own_network(*nginx_)) return;
        draft.fix(Applicability::unsafe, "use the container engine's name server",
                  {Report::replace(server.span, std::string(engine_server))});
    }

    /// Names of services and of private networks, which servers for everybody do not know.
    void check_name(const RunTimeName& name) {
        const std::vector<NameServer> servers = name_servers(name.resolver);
        const auto wrong = std::find_if(servers.begin(), servers.end(),
                                        [](const NameServer& one) { return one.is_public(); });
        if (wrong == servers.end()) return;
        const bool are_all_wrong =
            std::all_of(servers.begin(), servers.end(),
                        [](const NameServer& server) { return server.is_public(); });
        const ComposeService* service =
            nginx_ == nullptr ? nullptr : service_named(*nginx_, name.name);
        const bool is_of_service = service != nullptr && name.name.find('.') == std::string::npos;
        if (!is_of_service && !(is_private(name.name) && are_all_wrong)) return;

        Draft draft =
            report_(*name.written, name.span, "{} cannot resolve {}: {}{} {}",
                    to_string(wrong->address), name.name, are_all_wrong ? "" : "intermittently, ",
                    requests_to(*name.pass), failure_of(*name.pass));
        const std::string_view order =
            are_all_wrong ? "nginx queries this server, which only resolves public names"
                          : "nginx queries its name servers in turn and accepts the first answer";
        draft.note(wrong->span, "{}", order);
        if (is_of_service) {
            if (are_all_wrong) draft.severity(Severity::error);
            draft.note(service->span,
                       "the container engine's name server, {}, resolves the name of this service",
                       engine_server);
        }
        draft.note("{} could not be resolved (3: Host not found)", name.name);
        if (is_of_service && are_all_wrong && servers.size() == 1) fix(*wrong, draft);
    }

    const Subject& subject_;
    Report& report_;
    const ComposeService* nginx_;
    std::map<const Directive*, Used> used_;
};

void check(const Subject& subject, Report& report) {
    Check(subject, report).run();
}

}  // namespace

extern constinit const Rule rule{
    .id = "resolver-wrong-environment",
    .family = Family::dns,
    .severity = Severity::warning,
    .summary = "the resolver does not exist where nginx runs, or cannot resolve the name",
    .why =
        R"(nginx queries `resolver` for the names that it resolves at run time. 127.0.0.11 is
the container engine's name server: every compose network has it, the host's network and the
default bridge do not. 127.0.0.53 is systemd-resolved on the host; in a container nothing listens
there. A Kubernetes name server exists only inside its cluster. And 8.8.8.8 resolves public names,
but neither compose services nor names that end in `.local` or `.internal`. Requests wait for
`resolver_timeout` (30 seconds) and get 502:

    send() failed (111: Connection refused) while resolving, resolver: 127.0.0.53:53
    app could not be resolved (110: Operation timed out)
    app could not be resolved (3: Host not found)

With several name servers, nginx queries them in turn and accepts the first "not found": a second
server does not help with names that only the first one resolves.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver",
    .check = check,
};

}  // namespace gatelint::rules::resolver_wrong_environment
