#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::resolver_ignores_hosts_file {

namespace {

bool is_of_docker_desktop(std::string_view name) {
    constexpr std::array<std::string_view, 2> names = {"host.docker.internal",
                                                       "gateway.docker.internal"};
    return std::any_of(names.begin(), names.end(), [name](std::string_view other) {
        return equals_ignoring_case(name, other);
    });
}

/// Where a hosts file, or what makes one, has the name.
struct HostsLine {
    Span span;
    std::string_view file;
};

class Check {
  public:
    Check(const Subject& subject, Report& report)
        : subject_(subject), report_(report), nginx_(subject.surroundings.nginx_service()) {}

    void run() {
        for (const RunTimeName& name : run_time_names(subject_.model)) check(name);
    }

  private:
    /// Whether every server is of that kind; and there are some.
    template <typename Is>
    static bool are_all(const std::vector<NameServer>& servers, Is is) {
        return !servers.empty() && std::all_of(servers.begin(), servers.end(), is);
    }

    void check(const RunTimeName& name) {
        const std::vector<NameServer> servers = name_servers(name.resolver);
        // A program on this machine (systemd-resolved, dnsmasq) reads /etc/hosts as a rule.
        const bool are_elsewhere = are_all(servers, [](const NameServer& server) {
            return server.is_of_engine() || !server.address.is_loopback();
        });
        if (!are_elsewhere) return;
        const bool are_public =
            are_all(servers, [](const NameServer& server) { return server.is_public(); });
        const bool are_ignorant = are_all(servers, [](const NameServer& server) {
            return server.is_public() || server.is_of_engine();
        });
        if (equals_ignoring_case(name.name, "localhost")) {
            // Where nginx is alone, its address would lead nowhere either.
            if (nginx_ != nullptr && runs_only_nginx(*nginx_)) return;
            Draft draft = start(name, servers);
            // Some servers answer it by themselves.
            draft.severity(Severity::warning);
            finish(name, draft);
            fix(name, draft);
            return;
        }
        const std::optional<HostsLine> line = find_line(name.name);
        const bool is_of_desktop = is_of_docker_desktop(name.name);
        if (is_of_desktop ? !are_ignorant : !line || !(are_ignorant && is_never_public(name.name)))
            return;
        Draft draft = start(name, servers);
        if (line && line->span.known()) {
            draft.note(line->span, "{} has this name, but nginx's resolver does not read that file",
                       line->file);
        }
        if (is_of_desktop && !are_public) {
            draft.severity(Severity::warning)
                .note(
                    "Docker Desktop's name server resolves it, Docker Engine's on a Linux server "
                    "does not");
        }
        finish(name, draft);
    }

    Draft start(const RunTimeName& name, const std::vector<NameServer>& servers) {
        Draft draft = report_(*name.written, name.span,
                              "nginx resolves {1} through {0} and not through /etc/hosts: {2} {3}",
                              to_string(servers.front().address), name.name,
                              requests_to(*name.pass), failure_of(*name.pass));
        draft.note(servers.front().span, "this is the name server that nginx queries");
        return draft;
    }

    static void finish(const RunTimeName& name, Draft& draft) {
        if (name.is_of_group()) {
            draft.note("\"resolve\" makes nginx resolve the name at run time");
        } else {
            draft.note("a variable in {} makes nginx resolve the name for each request",
                       name.pass->directive->name());
        }
        draft.note("{} could not be resolved (3: Host not found)", name.name);
    }

    void fix(const RunTimeName& name, Draft& draft) const {
        const auto edit = report_.replace_in(name.span, name.name, "127.0.0.1");
        if (edit) draft.fix(Applicability::unsafe, "use the address", {*edit});
    }

    /// Whether no name server for everybody can know the name.
    static bool is_never_public(std::string_view name) {
        constexpr std::array<std::string_view, 4> endings = {".local", ".internal", ".lan",
                                                             ".localdomain"};
        const std::string lower = lower_case(name);
        return name.find('.') == std::string_view::npos ||
               std::any_of(endings.begin(), endings.end(),
                           [&lower](std::string_view ending) { return lower.ends_with(ending); });
    }

    std::optional<HostsLine> find_line(std::string_view name) const {
        if (nginx_ == nullptr) {
            const auto& entries = subject_.surroundings.hosts().find(name);
            if (entries.empty() || !subject_.surroundings.sees_whole_host()) return std::nullopt;
            return HostsLine{entries.front().name_span, "/etc/hosts"};
        }
        const Resolution resolution = resolve(*nginx_, name);
        const bool is_of_file = resolution.kind == Resolution::Kind::address ||
                                resolution.kind == Resolution::Kind::host;
        if (!is_of_file || is_service(name)) return std::nullopt;
        return HostsLine{resolution.span, "extra_hosts"};
    }

    /// The engine's name server answers for services, whatever /etc/hosts says.
    bool is_service(std::string_view name) const {
        const ComposeNames& names = nginx_->project->names;
        if (!names.are_known()) return true;
        const auto services = names.candidates(name);
        return std::any_of(services.begin(), services.end(), [name](const ComposeService* service) {
            const ComposeService& one = *service;
            const auto is_name = [name](const Value& alias) {
                return is_unknown(alias.text) || equals_ignoring_case(alias.text, name);
            };
            return equals_ignoring_case(one.name, name) ||
                   (one.container_name && is_name(*one.container_name)) ||
                   std::any_of(one.networks.begin(), one.networks.end(),
                               [&](const Attachment& attachment) {
                                   return std::any_of(attachment.aliases.begin(),
                                                      attachment.aliases.end(), is_name);
                               });
        });
    }

    const Subject& subject_;
    Report& report_;
    const ComposeService* nginx_;
};

void check(const Subject& subject, Report& report) {
    Check(subject, report).run();
}

}  // namespace

extern constinit const Rule rule{
    .id = "resolver-ignores-hosts-file",
    .family = Family::dns,
    .severity = Severity::error,
    .summary = "a name that is only in /etc/hosts is resolved at run time",
    .why =
        R"(If a pass names a host without a variable, nginx resolves it at startup through the
system's resolver, which reads /etc/hosts. With a variable anywhere in the argument, or with
`resolve`, nginx instead queries the servers of `resolver` at run time. These see neither the
machine's /etc/hosts nor what compose's `extra_hosts` adds to that of a container: `curl` in the
same container works, while requests get 502:

    host.docker.internal could not be resolved (3: Host not found)

Replace `localhost` with 127.0.0.1. Other names can go into an `upstream`, which is resolved at
startup and whose name a variable may hold. gatelint reports nothing if the name server is a
program on the same machine, such as dnsmasq or systemd-resolved: those read /etc/hosts.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver",
    .check = check,
};

}  // namespace gatelint::rules::resolver_ignores_hosts_file
