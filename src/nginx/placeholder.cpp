#include "nginx/placeholder.hpp"

#include "source/unknown.hpp"

namespace gatelint {

bool has_placeholder(std::string_view text) {
    if (is_unknown(text)) return true;
    if (text.find_first_of("%@<>{}") != std::string_view::npos) return true;
    const std::size_t begin = text.find("__");
    return begin != std::string_view::npos && begin + 2 < text.size() &&
           text.find("__", begin + 3) != std::string_view::npos;
}

}  // namespace gatelint
