#include "surroundings/host/hosts.hpp"

#include <algorithm>

#include "nginx/text.hpp"
#include "surroundings/formats/lines.hpp"

namespace gatelint {

Hosts Hosts::parse(std::string_view text, SourceId source) {
    Hosts hosts;
    for (const std::string_view line : lines_of(text)) {
        const std::vector<std::string_view> words = words_of(line.substr(0, line.find('#')));
        if (words.size() < 2) continue;
        // A zone (`fe80::1%lo0`) only tells the interface.
        const Address address = parse_host(words.front().substr(0, words.front().find('%')));
        if (!address.is_literal_ip()) continue;
        const Span at = span_in(text, words.front(), source);
        std::for_each(words.begin() + 1, words.end(), [&](std::string_view name) {
            hosts.by_name_[lower_case(name)].push_back({address, at, span_in(text, name, source)});
        });
    }
    return hosts;
}

void Hosts::add(std::string_view name, const Value& address) {
    const Address parsed = parse_host(address.text);
    if (parsed.is_literal_ip()) {
        by_name_[lower_case(name)].push_back({parsed, address.span, address.span});
    }
}

const std::vector<Hosts::Entry>& Hosts::find(std::string_view name) const {
    static const std::vector<Entry> none;
    const auto found = by_name_.find(lower_case(name));
    return found == by_name_.end() ? none : found->second;
}

bool Hosts::is_dual_stack(std::string_view name) const {
    const std::vector<Entry>& entries = find(name);
    const auto has = [&entries](Address::Kind kind) {
        return std::any_of(entries.begin(), entries.end(),
                           [kind](const Entry& entry) { return entry.address.kind == kind; });
    };
    return has(Address::Kind::ipv4) && has(Address::Kind::ipv6);
}

}  // namespace gatelint
