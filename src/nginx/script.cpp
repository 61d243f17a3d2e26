#include "nginx/script.hpp"

namespace gatelint {

namespace {

bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

}  // namespace

void compile_script(std::string_view text, ScriptKind kind, Script& script) {
    script.variables.clear();
    script.error.clear();
    script.error_begin = script.error_end = 0;
    const auto fail = [&](std::string words, std::size_t begin, std::size_t end) {
        if (!script.error.empty()) return;
        script.error = std::move(words);
        script.error_begin = begin;
        script.error_end = end;
    };
    const auto no_name = [&](std::size_t begin, std::size_t end) {
        if (kind == ScriptKind::value) {
            fail("invalid variable name", begin, end);
        } else {
            fail("invalid parameter \"" + std::string(text.substr(begin)) + '"', begin, end);
        }
    };
    for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
        const std::size_t begin = at++;
        if (kind == ScriptKind::value && at < text.size() && is_capture(text.substr(at, 1))) {
            script.variables.push_back({text.substr(at, 1), begin, at + 1});
            ++at;
            continue;
        }
        const bool braced = at < text.size() && text[at] == '{';
        if (braced) ++at;
        if (at == text.size()) {
            no_name(begin, at);
            continue;
        }
        const std::size_t name = at;
        while (at < text.size() && is_name_byte(text[at])) ++at;
        const std::string_view found = text.substr(name, at - name);
        if (braced && (at == text.size() || text[at] != '}')) {
            fail("the closing bracket in \"" + std::string(found) + "\" variable is missing", begin,
                 at);
            continue;
        }
        if (braced) ++at;
        if (found.empty()) {
            no_name(begin, at);
            continue;
        }
        script.variables.push_back({found, begin, at});
    }
}

Script compile_script(std::string_view text, ScriptKind kind) {
    Script script;
    compile_script(text, kind, script);
    return script;
}

std::vector<VariableUse> variables_in(std::string_view text) {
    return compile_script(text).variables;
}

}  // namespace gatelint
