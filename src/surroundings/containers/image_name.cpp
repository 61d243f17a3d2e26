#include "surroundings/containers/image_name.hpp"

#include <array>

#include "source/text.hpp"

namespace gatelint {

bool ImageName::is_public() const {
    constexpr std::array<std::string_view, 4> registries = {"", "docker.io", "index.docker.io",
                                                            "public.ecr.aws"};
    return is_among(registry, registries);
}

bool ImageName::has_word(std::string_view word) const {
    for (std::string_view left = tag; !left.empty();) {
        const std::size_t dash = left.find('-');
        if (left.substr(0, dash) == word) return true;
        if (dash == std::string_view::npos) return false;
        left.remove_prefix(dash + 1);
    }
    return false;
}

ImageName parse_image_name(std::string_view image) {
    image = image.substr(0, image.find('@'));
    ImageName name{"", image, ""};
    const std::size_t colon = image.rfind(':');
    if (colon != std::string_view::npos && image.find('/', colon) == std::string_view::npos) {
        name = {"", image.substr(0, colon), image.substr(colon + 1)};
    }
    // The first part is a registry if it looks like a host.
    const std::size_t slash = name.repository.find('/');
    const std::string_view first = name.repository.substr(0, slash);
    if (slash != std::string_view::npos && first.find_first_of(".:") != std::string_view::npos) {
        name.registry = first;
        name.repository.remove_prefix(slash + 1);
        constexpr std::string_view mirror = "docker/";  // of Docker Hub, at public.ecr.aws
        if (name.repository.starts_with(mirror)) name.repository.remove_prefix(mirror.size());
    }
    constexpr std::string_view official = "library/";
    if (name.repository.starts_with(official)) name.repository.remove_prefix(official.size());
    return name;
}

}  // namespace gatelint
