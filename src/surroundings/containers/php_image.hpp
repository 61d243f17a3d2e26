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

}  // namespace gatelint
