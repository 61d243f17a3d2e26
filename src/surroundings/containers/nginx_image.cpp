#include "surroundings/containers/nginx_image.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/containers/envsubst.hpp"
#include "surroundings/containers/image_name.hpp"

namespace gatelint {

namespace {

/// Where images have nginx's configuration.
struct Layout {
    std::string_view folder;   ///< of nginx.conf
    std::string_view include;  ///< what its nginx.conf includes in http
};

constexpr std::array<Layout, 4> layouts = {{
    {"/etc/nginx", "/etc/nginx/conf.d/*.conf"},
    {"/usr/local/openresty/nginx/conf", "/etc/nginx/conf.d/*.conf"},
    {"/opt/bitnami/nginx/conf", "/opt/bitnami/nginx/conf/server_blocks/*.conf"},
    {"/usr/local/nginx/conf", "/usr/local/nginx/conf/conf.d/*.conf"},
}};

/// What other images and packages include besides.
constexpr std::array<std::string_view, 3> other_includes = {
    "/etc/nginx/http.d/*.conf", "/etc/nginx/sites-enabled/*", "/etc/nginx/vhost.d/*.conf"};

constexpr std::string_view template_folder = "/etc/nginx/templates";
constexpr std::string_view template_suffix = ".template";
constexpr std::string_view output_folder = "/etc/nginx/conf.d";

/// The last versions of the branches that are closed.
constexpr std::array<Version, 13> last_versions = {{{1, 13, 12},
                                                    {1, 14, 2},
                                                    {1, 15, 12},
                                                    {1, 16, 1},
                                                    {1, 17, 10},
                                                    {1, 18, 0},
                                                    {1, 19, 10},
                                                    {1, 20, 2},
                                                    {1, 21, 6},
                                                    {1, 22, 1},
                                                    {1, 23, 4},
                                                    {1, 24, 0},
                                                    {1, 25, 5}}};
constexpr std::array<Version, 3> later_last_versions = {{{1, 26, 3}, {1, 27, 5}, {1, 28, 0}}};

bool is_own_image(std::string_view repository) {
    return repository == "nginx" || repository == "nginxinc/nginx-unprivileged" ||
           repository == "nginx/nginx" || repository == "nginx/nginx-unprivileged";
}

bool names_nginx(std::string_view repository) {
    const std::string_view name = repository.substr(repository.rfind('/') + 1);
    // It writes its configuration itself.
    if (name == "nginx-proxy" || name == "nginx-proxy-manager") return false;
    return name.find("nginx") != std::string_view::npos || name == "openresty" || name == "angie" ||
           name == "tengine" || name == "freenginx";
}

/// The effective settings of the image's nginx.conf. `user` is nginx's own default where the image
/// is not known well.
std::string main_text(const Layout& layout, std::string_view repository,
                      const ContainerFiles& files) {
    std::string text;
    if (repository == "nginx" || repository == "nginx/nginx") text += "user nginx;\n";
    text += "events { worker_connections 1024; }\nhttp {\n";
    text += "    include " + std::string(layout.include) + ";\n";
    for (const std::string_view other : other_includes) {
        if (files.brings(std::string(directory_of(other)))) {
            text += "    include " + std::string(other) + ";\n";
        }
    }
    return text + "}\n";
}

std::string main_of(const Layout& layout) {
    return absolute_path(layout.folder, "nginx.conf");
}

/// `nginx -c PATH`.
std::string main_of_command(const Container& container) {
    const std::optional<Command> command = container.process();
    if (!command) return {};
    for (std::size_t i = 0; i + 1 < command->words.size(); ++i) {
        if (command->words[i].text != "-c" || i == 0) continue;
        if (base_name(command->words[i - 1].text) != "nginx") continue;
        const std::string& path = command->words[i + 1].text;
        if (path.starts_with('/') && !is_unknown(path)) return path;
    }
    return {};
}

/// The entrypoint of nginx's own images fills in /etc/nginx/templates/NAME.template (since 1.19).
void add_rendered_templates(ContainerFiles& files) {
    for (const std::string& name : files.list(std::string(template_folder))) {
        if (!name.ends_with(template_suffix)) continue;
        const std::string output = name.substr(0, name.size() - template_suffix.size());
        files.add_alias(absolute_path(output_folder, output), absolute_path(template_folder, name));
    }
}

/// `envsubst < /etc/nginx/site.template > /etc/nginx/conf.d/default.conf`
void add_written_by_envsubst(const Container& container, ContainerFiles& files) {
    std::vector<std::string> texts;
    for (const auto& command : {container.entrypoint, container.command}) {
        if (!command) continue;
        std::string text;
        for (const Value& word : command->words) text += word.text + ' ';
        texts.push_back(std::move(text));
    }
    for (const std::string& text : texts) {
        for (const EnvsubstCall& call : envsubst_calls(text, SourceId::none)) {
            if (!call.input.starts_with('/') || !call.output.starts_with('/')) continue;
            if (!call.is_in_place()) files.add_alias(call.output, call.input);
        }
    }
}

}  // namespace

std::optional<Version> nginx_version_of(std::string_view image) {
    const ImageName name = parse_image_name(image);
    if (!is_own_image(name.repository)) return std::nullopt;
    const std::string_view number = name.tag.substr(0, name.tag.find('-'));
    const auto dots = std::count(number.begin(), number.end(), '.');
    const std::optional<Version> version = parse_version(number);
    if (!version || dots == 2) return version;
    if (dots != 1) return std::nullopt;
    const auto same_branch = [&](Version last) {
        return last.major == version->major && last.minor == version->minor;
    };
    const auto found = std::find_if(last_versions.begin(), last_versions.end(), same_branch);
    if (found != last_versions.end()) return *found;
    const auto later =
        std::find_if(later_last_versions.begin(), later_last_versions.end(), same_branch);
    if (later != later_last_versions.end()) return *later;
    // Stable branches get no features: the first one stands for those to come.
    const bool is_stable = version->minor % 2 == 0 && version->minor > 28;
    return is_stable ? version : std::nullopt;
}

bool runs_nginx(const Container& container) {
    if (names_nginx(parse_image_name(container.base_image()).repository)) return true;
    const auto is_configuration = [](std::string_view path) {
        return base_name(path) == "nginx.conf" ||
               std::any_of(layouts.begin(), layouts.end(), [&](const Layout& layout) {
                   return path.starts_with(layout.folder) && path.size() > layout.folder.size();
               });
    };
    const bool is_mounted =
        std::any_of(container.mounts.begin(), container.mounts.end(),
                    [&](const Mount& mount) { return is_configuration(mount.target); });
    if (is_mounted || !container.dockerfile) return is_mounted;
    const auto& copies = container.dockerfile->copies;
    return std::any_of(copies.begin(), copies.end(),
                       [&](const Dockerfile::Copy& copy) { return is_configuration(copy.target); });
}

ContainerConfiguration container_configuration(const Container& container,
                                               const FileReader& project) {
    const std::string_view repository = parse_image_name(container.base_image()).repository;
    ContainerConfiguration found{"", std::make_unique<ContainerFiles>(container, project)};
    ContainerFiles& files = *found.files;
    add_rendered_templates(files);
    add_written_by_envsubst(container, files);

    std::vector<std::string> usual = {main_of_command(container)};
    for (const Layout& layout : layouts) usual.push_back(main_of(layout));
    const auto is_there = [&](const std::string& path) {
        return !path.empty() && files.read(path).status == ReadStatus::ok;
    };
    const auto main = std::find_if(usual.begin(), usual.end(), is_there);
    if (main != usual.end()) {
        found.main = *main;
        return found;
    }
    const auto layout = std::find_if(layouts.begin(), layouts.end(), [&](const Layout& each) {
        return files.brings(std::string(each.folder)) ||
               files.brings(std::string(directory_of(each.include)));
    });
    if (layout == layouts.end()) return found;
    found.main = main_of(*layout);
    files.add_image_file(found.main, main_text(*layout, repository, files));
    return found;
}

}  // namespace gatelint
