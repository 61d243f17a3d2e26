#pragma once

#include <string_view>

namespace gatelint {

/// An image's name taken apart: `docker.io/library/nginx:1.25-alpine@sha256:...`.
struct ImageName {
    std::string_view registry;    ///< "docker.io"; "" if none is written
    std::string_view repository;  ///< without `library/`: "nginx", "bitnami/nginx"
    std::string_view tag;         ///< "" if none is written

    /// Whether it comes from where everybody gets it: elsewhere "php" may be another image.
    bool is_public() const;

    /// Whether the tag has this word: `8.3-fpm-alpine` has "fpm".
    bool has_word(std::string_view word) const;
};

ImageName parse_image_name(std::string_view image);

}  // namespace gatelint
