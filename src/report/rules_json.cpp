#include "report/json_writer.hpp"
#include "report/results.hpp"
#include "rule.hpp"

namespace gatelint {

std::string rules_json() {
    JsonWriter json(2, JsonWriter::Charset::utf8);
    json.open('{');
    json.string("schema", "gatelint-rules/1");
    json.open("rules", '[');
    for (const Rule* rule : all_rules()) {
        json.open('{');
        json.string("id", rule->id);
        json.string("family", name_of(rule->family));
        json.string("severity", name_of(rule->severity));
        json.string("summary", rule->summary);
        json.string("why", rule->why);
        json.string("reference", rule->reference);
        if (rule->versions.from != Version{}) json.string("from", to_string(rule->versions.from));
        if (rule->versions.has_end()) json.string("before", to_string(rule->versions.before));
        json.close('}');
    }
    json.close(']');
    json.close('}');
    return json.take();
}

}  // namespace gatelint
