#pragma once

#include <map>
#include <string>
#include <string_view>

namespace gatelint {

/// The files of php-fpm that an image brings along, by their path in it: what a service's mounts
/// and what its Dockerfile copies are laid over. Only the settings that are in force there. Empty
/// where the image is none that is known to run php-fpm.
///
/// `image` is a reference as compose and FROM have it: `php:8.3-fpm-alpine`,
/// `docker.io/library/php:fpm`, `bitnami/php-fpm:8.2`.
std::map<std::string, std::string> php_image_files(std::string_view image);

/// Those of the official image, php:*-fpm.
std::map<std::string, std::string> php_image_files();

/// What a package of a distribution brings along for a version such as "8.2": Debian's and
/// Ubuntu's php8.2-fpm, Alpine's php82-fpm.
std::map<std::string, std::string> debian_php_files(std::string_view version);
std::map<std::string, std::string> alpine_php_files(std::string_view version);

}  // namespace gatelint
