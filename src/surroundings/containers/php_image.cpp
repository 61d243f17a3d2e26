#include "surroundings/containers/php_image.hpp"

#include "surroundings/containers/image_name.hpp"

namespace gatelint {

namespace {

/// What nearly every package says of its process manager (php-fpm's www.conf.default).
const std::string dynamic_pm =
    "pm = dynamic\n"
    "pm.max_children = 5\n"
    "pm.start_servers = 2\n"
    "pm.min_spare_servers = 1\n"
    "pm.max_spare_servers = 3\n";

/// docker-library/php's Dockerfile makes these of PHP's own examples, and adds the last two. The
/// main file's include is relative to the prefix, /usr/local.
std::map<std::string, std::string> official_files() {
    return {
        {"/usr/local/etc/php-fpm.conf", "[global]\ninclude=etc/php-fpm.d/*.conf\n"},
        {"/usr/local/etc/php-fpm.d/docker.conf",
         "[global]\n"
         "error_log = /proc/self/fd/2\n"
         "log_limit = 8192\n"
         "[www]\n"
         "access.log = /proc/self/fd/2\n"
         "clear_env = no\n"
         "catch_workers_output = yes\n"
         "decorate_workers_output = no\n"},
        {"/usr/local/etc/php-fpm.d/www.conf",
         "[www]\n"
         "user = www-data\n"
         "group = www-data\n"
         "listen = 127.0.0.1:9000\n" +
             dynamic_pm},
        {"/usr/local/etc/php-fpm.d/zz-docker.conf",
         "[global]\n"
         "daemonize = no\n"
         "[www]\n"
         "listen = 9000\n"},
    };
}

/// Their pool may be mounted over, or be joined by others.
std::map<std::string, std::string> bitnami_files() {
    return {
        {"/opt/bitnami/php/etc/php-fpm.conf",
         "[global]\n"
         "error_log = /opt/bitnami/php/logs/php-fpm.log\n"
         "daemonize = no\n"
         "include=/opt/bitnami/php/etc/php-fpm.d/*.conf\n"},
        {"/opt/bitnami/php/etc/php-fpm.d/www.conf",
         "[www]\n"
         "user = daemon\n"
         "group = daemon\n"
         "listen = 9000\n" +
             dynamic_pm},
    };
}

}  // namespace

std::map<std::string, std::string> php_image_files(std::string_view image) {
    const ImageName name = parse_image_name(image);
    if (!name.is_public()) return {};
    // The other variants of the image, such as 8.3-cli and 8.3-apache, have no php-fpm.
    if (name.repository == "php" && name.has_word("fpm")) return official_files();
    if (name.repository == "bitnami/php-fpm" || name.repository == "bitnamilegacy/php-fpm") {
        return bitnami_files();
    }
    return {};
}

}  // namespace gatelint
