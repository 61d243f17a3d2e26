#include "model/constants.hpp"

#include <algorithm>
#include <utility>

namespace gatelint {

namespace {

constexpr int max_depth = 8;  // of variables that are made of variables
constexpr std::size_t max_values = 64;

/// The variable's name if `word` is one variable and nothing else.
std::string_view variable_name(std::string_view word) {
    return word.starts_with('$') ? word.substr(1) : std::string_view();
}

/// Whether `directive` is `block` or lies in it.
bool is_within(const Directive* directive, const Directive* block) {
    while (directive != nullptr && directive != block) directive = directive->parent;
    return directive == block;
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
    for (const Directive* server : block.all(server)) index_sets(*server, *server);
    find_local_blocks();
}

/// `owner`: the block itself, or the one around it if it is an `if`.
void Constants::index_sets(const Directive& block, const Directive& owner) {
    using enum DirectiveId;
    for (const Directive* child : block.children) {
        if (child->id == set) {
            const std::string_view variable = variable_name(child->arg(0));
            sets_[{&owner, variable}].push_back(child);
            set_variables_.insert(variable);
        } else if (child->id == if_) {
            index_sets(*child, owner);
        } else if (child->id == location) {
            index_sets(*child, *child);
        }
    }
}

/// Maps with rows whose values have variables that are set, or that such maps define.
void Constants::find_local_blocks() {
    if (set_variables_.empty()) return;
    std::unordered_map<std::string_view, std::vector<const Directive*>> users;
    for (const auto& [variable, block] : blocks_) {
        if (block->id != DirectiveId::map) continue;
        for (const Directive* row : block->children) {
            for (const VariableUse& use : variables_in(row->arg(0))) {
                users[use.name].push_back(block);
            }
        }
    }
    std::vector<std::string_view> to_do(set_variables_.begin(), set_variables_.end());
    while (!to_do.empty()) {
        const std::string_view variable = to_do.back();
        to_do.pop_back();
        for (const Directive* block : users[variable]) {
            if (!local_blocks_.insert(block).second) continue;
            to_do.push_back(variable_name(block->args().back().text));
        }
    }
}

bool Constants::is_same_everywhere(std::string_view text) const {
    const std::vector<VariableUse> uses = variables_in(text);
    return std::none_of(uses.begin(), uses.end(), [this](const VariableUse& use) {
        const auto block = blocks_.find(use.name);
        return set_variables_.contains(use.name) ||
               (block != blocks_.end() && local_blocks_.contains(block->second));
    });
}

std::vector<Constant> Constants::expand(std::string_view text, const Directive& level) {
    local_rows_.clear();
    return expand(text, level, 0);
}

std::vector<Constant> Constants::expand(std::string_view text, const Directive& level, int depth) {
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

/// The `set`s of a block and of its `if`s that may have been the last to run: an unconditional one
/// replaces what was before, one in an `if` may or may not run. One more than are of use at most.
Constants::Possible Constants::possible_sets(const Directive& block, std::string_view variable,
                                             const Directive* inside) const {
    Possible possible;
    const auto found = sets_.find({&block, variable});
    if (found == sets_.end()) return possible;
    const std::vector<const Directive*>& sets = found->second;
    const Directive* replaced = nullptr;  // the block in which no earlier one counts
    std::size_t useful = 0;
    for (auto set = sets.rbegin(); set != sets.rend() && useful <= max_values; ++set) {
        const Directive* const around = (*set)->parent;
        if (replaced != nullptr && is_within(around, replaced)) continue;
        possible.sets.push_back(*set);
        if ((*set)->args().size() == 2) ++useful;
        // A pass inside this `if` runs only after its condition held.
        const bool holds = inside != nullptr && is_within(around, inside);
        replaced = holds ? inside->parent : around;
        possible.is_all = replaced == &block;
        if (possible.is_all) break;
    }
    std::reverse(possible.sets.begin(), possible.sets.end());
    return possible;
}

/// The rewrite module runs the server's directives, then those of the location that was found, and
/// not those of the locations around it.
std::vector<const Directive*> Constants::sets_before(std::string_view variable,
                                                     const Directive& level) const {
    if (!set_variables_.contains(variable)) return {};
    const Directive* location = &level;
    while (location->parent != nullptr &&
           (location->id == DirectiveId::if_ || location->id == DirectiveId::limit_except)) {
        location = location->parent;
    }
    const Directive* server = location;
    while (server->parent != nullptr && server->id != DirectiveId::server) server = server->parent;
    const Directive* inside = location == &level ? nullptr : &level;
    if (location == server) return possible_sets(*server, variable, nullptr).sets;
    Possible own = possible_sets(*location, variable, inside);
    if (own.is_all) return std::move(own.sets);
    std::vector<const Directive*> sets = possible_sets(*server, variable, nullptr).sets;
    sets.insert(sets.end(), own.sets.begin(), own.sets.end());
    return sets;
}

std::vector<Constant> Constants::values_of(std::string_view variable, const Directive& level,
                                           int depth) {
    if (depth == max_depth) return {};
    const std::vector<const Directive*> possible = sets_before(variable, level);
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
        if (values.size() > max_values) break;
    }
    return values;
}

const std::vector<Constant>& Constants::rows_of(const Directive& block, const Directive& level,
                                                int depth) {
    Rows& known = local_blocks_.contains(&block) ? local_rows_ : rows_;
    const auto found = known.find({&block, depth});
    if (found != known.end()) return found->second;
    return known.insert_or_assign({&block, depth}, read_rows(block, level, depth)).first->second;
}

/// One more than are of use at most.
std::vector<Constant> Constants::read_rows(const Directive& block, const Directive& level,
                                           int depth) {
    std::vector<Constant> values;
    for (const Directive* row : block.children) {
        if (values.size() > max_values) break;
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
