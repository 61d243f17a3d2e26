#include <nlohmann/json.hpp>

#include "report/json_text.hpp"
#include "report/results.hpp"
#include "rule.hpp"

namespace gatelint {

std::string rules_json() {
    nlohmann::ordered_json rules = nlohmann::ordered_json::array();
    for (const Rule* rule : all_rules()) {
        nlohmann::ordered_json& object = rules.emplace_back();
        object["id"] = rule->id;
        object["family"] = name_of(rule->family);
        object["severity"] = name_of(rule->severity);
        object["summary"] = rule->summary;
        object["why"] = rule->why;
        object["reference"] = rule->reference;
        if (rule->versions.from != Version{}) object["from"] = to_string(rule->versions.from);
        if (rule->versions.has_end()) object["before"] = to_string(rule->versions.before);
    }
    return json_text({{"schema", "gatelint-rules/1"}, {"rules", std::move(rules)}});
}

}  // namespace gatelint
