#include "model/level.hpp"

#include <algorithm>

namespace gatelint {

namespace {

/// Whether a directive of a block is none of its settings: what it holds, and where it leads.
bool is_structure(const Directive& directive) {
    switch (directive.id) {
        using enum DirectiveId;
        case location:
        case server:
        case if_:
        case limit_except:
        case include:
        case proxy_pass:
        case fastcgi_pass:
        case uwsgi_pass:
        case scgi_pass:
        case grpc_pass:
        case memcached_pass:
            return true;
        default:
            return directive.is_row;
    }
}

}  // namespace

Level::Level(const Directive& block, const Level* outer)
    : block_(&block), outer_(outer), is_known_(!block.opaque) {
    for (const Directive* child : block.children) {
        if (is_structure(*child)) continue;
        own_.add(child->id);
        if (child->has_unknown()) unknown_.add(child->id);
    }
    all_ = own_;
    if (outer == nullptr) return;
    all_.add(outer->all_);
    is_known_ = is_known_ && outer->is_known_;
}

bool Level::has_settings(const Directive& block) {
    return block.opaque ||
           !std::all_of(block.children.begin(), block.children.end(),
                        [](const Directive* child) { return is_structure(*child); });
}

Setting Level::effective(DirectiveId id) const {
    if (is_known_ && !all_.may_hold(id)) return {};
    for (const Level* level = this; level != nullptr; level = level->outer_) {
        const Directive& block = *level->block_;
        if (level->own_.may_hold(id)) {
            const auto values = block.all(id);
            if (!values.empty()) {
                return setting_at(block, values, level->unknown_.may_hold(id));
            }
        }
        if (block.opaque) return {{}, nullptr, false};
    }
    return {};
}

}  // namespace gatelint
