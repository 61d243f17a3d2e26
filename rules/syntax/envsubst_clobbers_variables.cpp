#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::envsubst_clobbers_variables {

namespace {

/// Variables of nginx that nobody has in the environment. Others may be a deployment's own names.
bool is_of_nginx(std::string_view name) {
    constexpr std::array<std::string_view, 30> names = {"args",
                                                        "binary_remote_addr",
                                                        "body_bytes_sent",
                                                        "content_length",
                                                        "content_type",
                                                        "document_root",
                                                        "document_uri",
                                                        "fastcgi_path_info",
                                                        "fastcgi_script_name",
                                                        "host",
                                                        "is_args",
                                                        "proxy_add_x_forwarded_for",
                                                        "proxy_host",
                                                        "query_string",
                                                        "realpath_root",
                                                        "remote_addr",
                                                        "remote_port",
                                                        "remote_user",
                                                        "request",
                                                        "request_filename",
                                                        "request_id",
                                                        "request_method",
                                                        "request_time",
                                                        "request_uri",
                                                        "scheme",
                                                        "server_name",
                                                        "server_port",
                                                        "server_protocol",
                                                        "time_local",
                                                        "uri"};
    return std::find(names.begin(), names.end(), name) != names.end() ||
           name.starts_with("http_") || name.starts_with("upstream_");
}

/// What envsubst would blank in a template, and what it would fill in.
struct Names {
    std::vector<std::string_view> blanked;  ///< each once
    std::vector<std::string_view> wanted;
    Span first;  ///< of those that are blanked
};

void add(std::vector<std::string_view>& names, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Names names_of(Span whole, const Report& report) {
    Names names;
    const std::string_view text = report.text(whole);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        const std::size_t first = line.find_first_not_of(" \t");
        const bool is_comment = first != std::string_view::npos && line[first] == '#';
        const std::vector<VariableUse> uses =
            is_comment ? std::vector<VariableUse>() : variables_in(line);
        for (const VariableUse& use : uses) {
            if (!is_of_nginx(use.name)) continue;
            const auto at = static_cast<std::uint32_t>(begin + use.begin);
            const auto size = static_cast<std::uint32_t>(use.end - use.begin);
            if (!names.first.known()) names.first = {whole.source, at, at + size};
            add(names.blanked, use.name);
        }
        if (!is_comment) {
            for (const Placeholder& each : placeholders_in(line, {})) add(names.wanted, each.name);
        }
        begin = end + 1;
    }
    return names;
}

std::string listed(const std::vector<std::string_view>& names, std::size_t most) {
    std::string text;
    for (const std::string_view name : names) {
        if (most-- == 0) return text + ", ...";
        text += fmt::format("{}${}", text.empty() ? "" : ", ", name);
    }
    return text;
}

void check_names(const EnvsubstCall& call, Report& report) {
    const Names names = names_of(call.template_text, report);
    if (names.blanked.empty()) return;
    Draft draft = report(call.span, "envsubst also replaces nginx's own variables with nothing: {}",
                         listed(names.blanked, 4));
    draft.note(names.first, "the template uses nginx's variable here");
    std::string wanted;
    for (const std::string_view name : names.wanted) {
        wanted += fmt::format("{}${{{}}}", wanted.empty() ? "" : " ", name);
    }
    if (wanted.empty()) {
        draft.note("the template contains nothing for envsubst to fill in: copy it instead");
    } else {
        draft.note("list the names to fill in: envsubst '{}' (in a compose file write $$ for $)",
                   wanted);
    }
}

void check(const Subject& subject, Report& report) {
    for (const EnvsubstCall& call : subject.surroundings.template_fillers().calls) {
        if (call.is_in_place()) {
            report(call.span,
                   "{} is truncated before envsubst reads it: the result is an empty file",
                   call.input)
                .note("the shell opens the output file first; write to another file");
        } else if (!call.has_list && call.template_text.known()) {
            check_names(call, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "envsubst-clobbers-variables",
    .family = Family::syntax,
    .severity = Severity::error,
    .summary = "envsubst without a list of names erases nginx's own variables",
    .why =
        R"(`envsubst < site.template > site.conf` replaces every `$name`, and replaces those
that are not in the environment with nothing: `proxy_set_header Host $host;` becomes
`proxy_set_header Host ;`, and nginx refuses to start:

    invalid number of arguments in "proxy_set_header" directive

If it does start, redirects lead to `https://`, and `try_files` looks for nothing. List the names
to fill in, `envsubst '${BACKEND_HOST} ${BACKEND_PORT}'` (in a compose file with `$$`), or leave
it to the official image, which fills in `/etc/nginx/templates/*.template` and only replaces
variables that are defined.

`envsubst < f > f` leaves an empty file: the shell truncates it before envsubst reads it.

gatelint reads the commands in Dockerfiles, compose files and shell scripts, and only reports
templates that it finds.)",
    .reference = "https://www.gnu.org/software/gettext/manual/html_node/envsubst-Invocation.html",
    .check = check,
};

}  // namespace gatelint::rules::envsubst_clobbers_variables
