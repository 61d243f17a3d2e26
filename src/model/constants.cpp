#include "model/constants.hpp"

#include <utility>

namespace gatelint {

namespace {

constexpr int max_depth = 8;  // of variables that are made of variables
constexpr std::size_t max_values = 64;

/// The variable's name if `word` is one variable and nothing else.
std::string_view variable_name(std::string_view word) {
    return word.starts_with('$') ? word.substr(1) : std::string_view();
}

/// `set`s of one block in the order of their execution, those in its `if`s too: an unconditional
/// one replaces what was before, one in an `if` may or may not run.
void follow_sets(const Directive& block, std::string_view variable, const Directive* inside,
                 std::vector<const Directive*>& possible) {
    for (const Directive* child : block.children) {
        if (child->id == DirectiveId::set && variable_name(child->arg(0)) == variable) {
            possible.clear();
            possible.push_back(child);
        } else if (child->id == DirectiveId::if_) {
            std::vector<const Directive*> conditional;
            follow_sets(*child, variable, inside, conditional);
            if (conditional.empty()) continue;
            // A pass inside this `if` runs only after its condition held.
            if (child == inside) possible.clear();
            possible.insert(possible.end(), conditional.begin(), conditional.end());
        }
    }
}

/// Makes `value` longer by text and by the value of the variable after it.
void append(Constant& value, std::string_view text, const Constant& part) {
    value.text += text;
    value.text += part.text;
    if (value.written != nullptr) return;
    value.written = part.written;
    value.span = part.span;
}

}  // namespace

Constants::Constants(const Directive& block) {
    using enum DirectiveId;
    for (const DirectiveId id : {map, geo, split_clients}) {
        for (const Directive* child : block.all(id)) {
            if (child->args().empty()) continue;
            // `geo $name {}` and `geo $address $name {}`: the defined variable is the last word.
            blocks_[variable_name(child->args().back().text)] = child;
        }
    }
}

std::vector<Constant> Constants::expand(std::string_view text, const Directive& level) const {
    return expand(text, level, 0);
}

std::vector<Constant> Constants::expand(std::string_view text, const Directive& level,
                                        int depth) const {
    std::vector<Constant> values = {{}};
    std::size_t done = 0;
    for (const VariableUse& use : variables_in(text)) {
        std::vector<Constant> parts = values_of(use.name, level, depth);
        if (parts.empty() || parts.size() * values.size() > max_values) {
            parts = {{std::string(text.substr(use.begin, use.end - use.begin)), nullptr, {}}};
        }
        if (parts.size() == 1) {
            for (Constant& value : values)
                append(value, text.substr(done, use.begin - done), parts[0]);
            done = use.end;
            continue;
        }
        std::vector<Constant> next;
        for (const Constant& value : values) {
            for (const Constant& part : parts) {
                Constant longer = value;
                append(longer, text.substr(done, use.begin - done), part);
                next.push_back(std::move(longer));
            }
        }
        values = std::move(next);
        done = use.end;
    }
    for (Constant& value : values) value.text += text.substr(done);
    return values;
}

std::vector<Constant> Constants::values_of(std::string_view variable, const Directive& level,
                                           int depth) const {
    if (depth == max_depth) return {};
    // The rewrite module runs the server's directives, then those of the location that was found,
    // and not those of the locations around it.
    std::vector<const Directive*> possible;
    const Directive* location = &level;
    while (location->parent != nullptr &&
           (location->id == DirectiveId::if_ || location->id == DirectiveId::limit_except)) {
        location = location->parent;
    }
    const Directive* server = location;
    while (server->parent != nullptr && server->id != DirectiveId::server) server = server->parent;
    follow_sets(*server, variable, nullptr, possible);
    if (location != server) follow_sets(*location, variable, &level, possible);

    if (possible.empty()) {
        const auto block = blocks_.find(variable);
        return block == blocks_.end() ? std::vector<Constant>()
                                      : rows_of(*block->second, level, depth);
    }
    std::vector<Constant> values;
    for (const Directive* set : possible) {
        if (set->args().size() != 2) continue;
        for (Constant& value : expand(set->arg(1), level, depth + 1)) {
            values.push_back({std::move(value.text), set, set->args()[1].span});
        }
    }
    return values;
}

std::vector<Constant> Constants::rows_of(const Directive& block, const Directive& level,
                                         int depth) const {
    std::vector<Constant> values;
    for (const Directive* row : block.children) {
        if (!row->is_row || row->args().size() != 1) continue;
        // Parameters of geo stand among its rows.
        if (block.id == DirectiveId::geo && (row->name() == "proxy" || row->name() == "delete")) {
            continue;
        }
        const std::string_view text = row->arg(0);
        // Only map's values may hold variables; geo and split_clients take them literally.
        std::vector<Constant> expanded = {{std::string(text), nullptr, {}}};
        if (block.id == DirectiveId::map) expanded = expand(text, level, depth + 1);
        for (Constant& value : expanded) {
            values.push_back({std::move(value.text), row, row->args()[0].span});
        }
    }
    return values;
}

}  // namespace gatelint
