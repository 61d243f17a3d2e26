#include "report/json_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "source/utf8.hpp"

namespace gatelint {

namespace {

bool is_utf8(std::string_view text) {
    std::string decoded;
    for (std::string_view rest = text; !rest.empty();) append_utf8(decoded, take_code_point(rest));
    return decoded == text;
}

}  // namespace

std::string json_text(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

bool survives_json(const Fix& fix) {
    return std::all_of(fix.edits.begin(), fix.edits.end(),
                       [](const Edit& edit) { return is_utf8(edit.text); });
}

}  // namespace gatelint
