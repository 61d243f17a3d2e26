#!/usr/bin/env python3
"""Writes src/nginx/directives.hpp: the names of nginx's directives and where each may stand.

usage: directives.py FACTS.json > ../src/nginx/directives.hpp

FACTS.json describes nginx's command tables (`directives`: name and contexts of each entry) and the
directives that only the documentation knows (`not_in_source`: nginx Plus and separate modules).
A later nginx is one more run.
"""

import json
import sys

CONTEXTS = [
    "main", "events", "http", "server", "location", "upstream", "if_in_server", "if_in_location",
    "limit_except", "mail", "mail_server", "stream", "stream_server", "stream_upstream",
]

KEYWORDS = {"break", "default", "if", "return", "auto", "switch", "register", "union", "static"}

HEADER = '''\
// Written by grammar/directives.py: do not edit.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatelint {{

/// A set of the contexts in which a directive may stand (nginx's NGX_*_CONF bits).
enum Contexts : std::uint16_t {{
{contexts}
}};

/// Every directive that nginx {version} and the modules in its documentation know, by its own name.
enum class DirectiveId : std::uint16_t {{
    unknown,
{ids}
}};

struct DirectiveFacts {{
    std::string_view name;
    std::uint16_t contexts;  ///< of all modules that define the name
}};

/// Indexed by DirectiveId.
inline constexpr std::array<DirectiveFacts, {count}> directive_table{{{{
    {{"", 0}},
{rows}
}}}};

}}  // namespace gatelint
'''


def main():
    facts = json.load(open(sys.argv[1], encoding="utf-8"))
    contexts = {}
    for entry in facts["directives"] + facts["not_in_source"]:
        known = contexts.setdefault(entry["name"], set())
        for context in entry["contexts"]:
            known.update(CONTEXTS if context == "any" else [context])
    names = sorted(name for name in contexts if name.replace("_", "a").isalnum())

    def identifier(name):
        return name + "_" if name in KEYWORDS else name

    def mask(name):
        return sum(1 << i for i, context in enumerate(CONTEXTS) if context in contexts[name])

    print(HEADER.format(
        version=facts["stats"]["nginx_version"],
        contexts="\n".join(f"    in_{c} = {hex(1 << i)}," for i, c in enumerate(CONTEXTS)),
        ids="\n".join(f"    {identifier(name)}," for name in names),
        count=len(names) + 1,
        rows="\n".join(f'    {{"{name}", {hex(mask(name))}}},' for name in names),
    ), end="")


if __name__ == "__main__":
    main()
