#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/programs/php_fpm.hpp"
#include "surroundings/programs/programs.hpp"

namespace gatelint::programs {

namespace {

using Takes = OptionName::Takes;

/// `php artisan serve`, `php artisan octane:start`.
Listening listen_artisan(const std::vector<Value>& words, const Process& process,
                         Reading& reading) {
    const CommandLine command(words, {{"host", '\0', Takes::value},
                                      {"port", '\0', Takes::value},
                                      {"server", '\0', Takes::value}});
    const std::vector<Value>& operands = command.operands();
    const std::string task = operands.empty() ? "" : operands.front().text;
    const bool is_octane = task.starts_with("octane:");
    if (task != "serve" && task != "octane:start" && task != "octane:frankenphp" &&
        task != "octane:roadrunner" && task != "octane:swoole") {
        return {};
    }
    Collector collector(Listener::Program::other, is_octane ? "Octane" : "artisan serve", process,
                        reading);
    const Value* host = command.last("host");
    const Value* port = command.last("port");
    const std::string prefix = is_octane ? "OCTANE_" : "SERVER_";
    // The application's `.env` counts too.
    const bool knows_rest =
        process.knows_environment && sees_directory(process) &&
        text_in_directory(process, ".env").value_or("").find(prefix) == std::string::npos;
    if (host == nullptr) host = find_variable(process, prefix + "HOST");
    if (port == nullptr) port = find_variable(process, prefix + "PORT");
    const bool is_told = host != nullptr && port != nullptr;
    if (!command.is_whole() || (!is_told && !knows_rest)) {
        collector.open_end(process.span, "the environment is unknown");
    } else if (host == nullptr && port == nullptr) {
        collector.add_default("127.0.0.1", 8000);
    } else {
        collector.add(host == nullptr ? "127.0.0.1" : std::string_view(host->text),
                      port == nullptr ? "8000" : std::string_view(port->text),
                      host == nullptr ? port->span : host->span);
    }
    return collector.take();
}

/// Where packages put php-fpm's main file (the official image, Debian, Fedora, Alpine).
std::vector<std::string> default_files(std::string_view name) {
    std::string version(name.substr(std::min<std::size_t>(name.size(), 7)));
    if (version.starts_with('-')) version.erase(0, 1);
    std::string plain = version;
    plain.erase(std::remove(plain.begin(), plain.end(), '.'), plain.end());
    std::vector<std::string> paths;
    if (!version.empty()) {
        paths = {"/etc/php/" + version + "/fpm/php-fpm.conf", "/etc/php" + plain + "/php-fpm.conf"};
    }
    paths.emplace_back("/usr/local/etc/php-fpm.conf");
    paths.emplace_back("/etc/php-fpm.conf");
    return paths;
}

}  // namespace

Listening listen_php(const Process& process, Reading& reading) {
    const std::vector<Value> words = process.arguments;
    // `artisan` itself, or the script that `php` runs.
    const auto script = std::find_if(words.begin(), words.end(), [](const Value& word) {
        return base_name(word.text) == "artisan";
    });
    if (script != words.end()) return listen_artisan({script + 1, words.end()}, process, reading);
    const CommandLine command(arguments_of(process), {{"server", 'S', Takes::value},
                                                      {"docroot", 't', Takes::value},
                                                      {"php-ini", 'c', Takes::value},
                                                      {"define", 'd', Takes::value}});
    const Value* address = command.last("server");
    if (address == nullptr) return {};
    Collector collector(Listener::Program::other, "php -S", process, reading);
    const std::size_t colon = address->text.rfind(':');
    collector.add(
        std::string_view(address->text).substr(0, colon),
        colon == std::string::npos ? "" : std::string_view(address->text).substr(colon + 1),
        address->span);
    return collector.take();
}

Listening listen_php_fpm(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"fpm-config", 'y', Takes::value},
                                                      {"prefix", 'p', Takes::value},
                                                      {"pid", 'g', Takes::value},
                                                      {"php-ini", 'c', Takes::value},
                                                      {"define", 'd', Takes::value}});
    Collector collector(Listener::Program::php_fpm, "php-fpm", process, reading);
    std::vector<std::string> paths = default_files(base_name(process.arguments.front().text));
    if (const Value* file = command.last("fpm-config"); file != nullptr) {
        const bool is_told = !is_unknown(file->text) &&
                             (file->text.starts_with('/') || !process.working_directory.empty());
        paths.clear();
        if (is_told) paths.push_back(absolute_path(process.working_directory, file->text));
    }
    PhpFpm master;
    std::optional<IniFiles> ini;
    if (process.files != nullptr) {
        ini.emplace(*process.files, reading);
        const Accounts accounts = Accounts::read(*process.files);
        for (const std::string& path : paths) {
            master = read_php_fpm({path}, *process.files, *ini, accounts, reading.arena());
            if (!master.files.empty()) break;
        }
    }
    if (master.pools.empty() || !master.is_whole) {
        collector.open_end(process.span, "its files are unknown");
    }
    Listening listening = collector.take();
    listening.listeners = std::move(master.pools);
    for (Listener& pool : listening.listeners) pool.place = process.place;
    listening.php_fpm_pools = std::move(master.pool_settings);
    for (const IniFile* file : master.files) {
        listening.files.push_back(reading.sources().path(file->source));
    }
    return listening;
}

}  // namespace gatelint::programs
