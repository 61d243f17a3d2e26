#include "surroundings/programs/settings_files.hpp"

#include "surroundings/host/supervisord.hpp"
#include "surroundings/programs/pm2.hpp"
#include "surroundings/programs/ruby_config.hpp"
#include "surroundings/programs/service_managers.hpp"
#include "surroundings/programs/tomcat.hpp"
#include "surroundings/programs/uwsgi.hpp"

namespace gatelint {

namespace {

bool is_uwsgi(std::string_view name) {
    return name.ends_with(".ini") && name.find("uwsgi") != std::string_view::npos;
}

bool is_supervisord(std::string_view name) {
    return name.ends_with(".conf") && name.find("supervisor") != std::string_view::npos;
}

}  // namespace

bool is_settings_name(std::string_view name) {
    return is_uwsgi(name) || is_supervisord(name) || is_pm2_name(name) ||
           name == "gunicorn.conf.py" || name == "gunicorn_conf.py" || name == "server.xml" ||
           name == "puma.rb" || name == "unicorn.rb";
}

std::vector<Listening> listen_by_settings(const std::string& path, const FileReader& files,
                                          Reading& reading) {
    const std::string name(base_name(path));
    Process process;
    process.files = &files;
    process.name = name;
    process.working_directory = std::string(directory_of(path));
    if (name.ends_with(".py")) {
        process.arguments = {{"gunicorn", {}}, {"-c", {}}, {path, {}}};
        return {listen(process, reading)};
    }
    std::vector<Listening> all;
    if (is_supervisord(name)) {
        const Supervisord supervisord = read_supervisord(path, process, files, reading);
        for (const SupervisedProgram& program : supervisord.programs) {
            all.push_back(listen_to(program, reading));
        }
        return all;
    }
    const std::optional<SourceId> source = reading.read(files, path);
    if (!source) return all;
    if (is_uwsgi(name)) {
        const auto options = parse_uwsgi_ini(reading.text(*source), *source, "uwsgi");
        if (!options.empty()) all.push_back(listen_as_uwsgi(options, process, reading));
    } else if (name == "server.xml") {
        all.push_back(parse_tomcat(*source, nullptr, reading));
    } else if (name == "puma.rb") {
        all.push_back(listen_as_puma(path, *source, "", process, reading));
    } else if (name == "unicorn.rb") {
        all.push_back(listen_as_unicorn(path, *source, process, reading));
    } else {
        const Pm2 pm2 = read_pm2(path, *source, &files, nullptr, reading);
        for (const Process& each : pm2.processes) all.push_back(listen(each, reading));
    }
    return all;
}

}  // namespace gatelint
