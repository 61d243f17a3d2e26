#include "surroundings/programs/listening.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "surroundings/programs/command_line.hpp"
#include "surroundings/programs/programs.hpp"
#include "surroundings/programs/wrappers.hpp"

namespace gatelint {

namespace {

using programs::ListenFunction;

/// The programs that gatelint knows how to ask, by the names of their files.
constexpr std::array<std::pair<std::string_view, ListenFunction>, 43> known_programs = {{
    {"gunicorn", programs::listen_gunicorn},
    {"gunicorn3", programs::listen_gunicorn},
    {"uvicorn", programs::listen_uvicorn},
    {"hypercorn", programs::listen_hypercorn},
    {"daphne", programs::listen_daphne},
    {"waitress-serve", programs::listen_waitress},
    {"waitress", programs::listen_waitress},
    {"flask", programs::listen_flask},
    {"manage.py", programs::listen_django},
    {"django-admin", programs::listen_django},
    {"django", programs::listen_django},
    {"fastapi", programs::listen_fastapi},
    {"uwsgi", programs::listen_uwsgi},
    {"uwsgi-core", programs::listen_uwsgi},
    {"uwsgi_python3", programs::listen_uwsgi},
    {"puma", programs::listen_puma},
    {"pumactl", programs::listen_puma},
    {"unicorn", programs::listen_unicorn},
    {"unicorn_rails", programs::listen_unicorn},
    {"rails", programs::listen_rails},
    {"thin", programs::listen_thin},
    {"rackup", programs::listen_rackup},
    {"node", programs::listen_node},
    {"nodejs", programs::listen_node},
    {"nodemon", programs::listen_node},
    {"bun", programs::listen_node},
    {"deno", programs::listen_node},
    {"ts-node", programs::listen_node},
    {"tsx", programs::listen_node},
    {"next", programs::listen_next},
    {"nuxt", programs::listen_nuxt},
    {"nuxi", programs::listen_nuxt},
    {"vite", programs::listen_vite},
    {"webpack-dev-server", programs::listen_webpack},
    {"webpack", programs::listen_webpack},
    {"ng", programs::listen_angular},
    {"http-server", programs::listen_http_server},
    {"serve", programs::listen_serve},
    {"php", programs::listen_php},
    {"artisan", programs::listen_php},
    {"java", programs::listen_java},
    {"dotnet", programs::listen_dotnet},
    {"supervisord", programs::listen_supervisord},
}};

bool is_version(std::string_view text) {
    return text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

ListenFunction find_program(std::string_view name) {
    const auto* found = std::find_if(known_programs.begin(), known_programs.end(),
                                     [name](const auto& each) { return each.first == name; });
    if (found != known_programs.end()) return found->second;
    if (name.starts_with("php-fpm") && is_version(name.substr(7))) {
        return programs::listen_php_fpm;
    }
    if (name.starts_with("php") && is_version(name.substr(3))) return programs::listen_php;
    return nullptr;
}

}  // namespace

Listening listen(const Process& process, Reading& reading) {
    const Process program = unwrap(process, reading);
    Listening nothing;
    nothing.is_whole = false;
    if (program.arguments.empty()) return nothing;
    const std::string name(base_name(program.arguments.front().text));
    if (const ListenFunction listen_to = find_program(name); listen_to != nullptr) {
        return listen_to(program, reading);
    }
    // An application of .NET may be a program of its own; its variables are nobody else's.
    const bool is_dotnet = find_variable(program, "ASPNETCORE_URLS") != nullptr ||
                           find_variable(program, "ASPNETCORE_HTTP_PORTS") != nullptr;
    return is_dotnet ? programs::listen_dotnet(program, reading) : nothing;
}

}  // namespace gatelint
