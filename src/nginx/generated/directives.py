#!/usr/bin/env python3
"""Writes what gatelint knows of nginx's directives: where each may stand and what it takes.

usage: directives.py FACTS.json     writes directives.hpp and directive_tables.hpp beside it

FACTS.json describes nginx's command tables (`directives`), the directives that only the
documentation knows (`not_in_source`: nginx Plus and separate modules), and those that are gone
(`removed_from_source`). modules.txt beside this script names the directives of well-known modules
of others. A later nginx is one more run.
"""

import json
import pathlib
import sys

CONTEXTS = [
    "main", "events", "http", "server", "location", "upstream", "if_in_server", "if_in_location",
    "limit_except", "mail", "mail_server", "stream", "stream_server", "stream_upstream",
]

KEYWORDS = {"break", "default", "if", "return", "auto", "switch", "register", "union", "static",
            "export", "new", "delete", "namespace", "using", "template", "operator"}

# NGX_CONF_NOARGS, TAKE1, ...: a bit for each number of arguments; the last stands for all beyond.
ARITY = {"NOARGS": 0x1, "TAKE1": 0x2, "FLAG": 0x2, "TAKE2": 0x4, "TAKE3": 0x8, "TAKE12": 0x6,
         "TAKE13": 0xa, "TAKE23": 0xc, "TAKE123": 0xe, "TAKE1234": 0x1e, "1MORE": 0x1fe,
         "2MORE": 0x1fc, "ANY": 0x1ff}

KINDS = {"flag": "flag", "number": "number", "size(k,m)": "size", "offset(k,m,g)": "offset",
         "time_ms": "time", "time_s": "seconds", "enum": "enumeration", "bitmask": "bitmask",
         "bufs(num,size)": "buffers", "access": "access", "path": "path"}

# Values that came later than their directive, as the tags of nginx's repository show.
VALUES_SINCE = {("proxy_http_version", "2"): "1.29.4", ("proxy_protocol", "v2"): "1.31.4"}

# Setters of nginx's modules that refuse a second directive in one block with code of their own.
# Those that do so only for certain arguments (proxy_redirect, limit_req, mirror) are not here.
REFUSE_SECOND = set("""
    ngx_set_user ngx_set_priority ngx_set_cpu_affinity ngx_set_worker_processes
    ngx_events_block ngx_event_connections ngx_event_use ngx_openssl_engine
    ngx_http_block ngx_stream_block ngx_mail_block
    ngx_http_core_root ngx_http_core_limit_except ngx_http_core_set_aio ngx_http_core_directio
    ngx_http_core_open_file_cache ngx_http_core_keepalive ngx_http_core_internal
    ngx_http_core_resolver ngx_http_disable_symlinks
    ngx_http_proxy_pass ngx_http_fastcgi_pass ngx_http_uwsgi_pass ngx_http_scgi_pass
    ngx_http_grpc_pass ngx_http_memcached_pass ngx_http_tunnel_pass
    ngx_http_proxy_store ngx_http_fastcgi_store ngx_http_uwsgi_store ngx_http_scgi_store
    ngx_http_proxy_cache ngx_http_fastcgi_cache ngx_http_uwsgi_cache ngx_http_scgi_cache
    ngx_http_proxy_cache_key ngx_http_fastcgi_cache_key ngx_http_uwsgi_cache_key
    ngx_http_scgi_cache_key
    ngx_http_ssl_enable ngx_http_ssl_password_file ngx_http_ssl_ocsp_cache
    ngx_http_ssl_certificate_cache
    ngx_http_proxy_ssl_password_file ngx_http_grpc_ssl_password_file
    ngx_http_uwsgi_ssl_password_file ngx_http_proxy_ssl_certificate_cache
    ngx_http_grpc_ssl_certificate_cache ngx_http_uwsgi_ssl_certificate_cache
    ngx_http_headers_expires ngx_http_auth_basic_user_file ngx_http_auth_request
    ngx_http_set_charset_slot ngx_http_try_files ngx_http_realip ngx_http_log_open_file_cache
    ngx_http_userid_expires ngx_http_userid_mark ngx_http_xslt_entities
    ngx_http_geoip_country ngx_http_geoip_org ngx_http_geoip_city ngx_http_quic_host_key
    ngx_http_upstream_keepalive ngx_http_upstream_resolver ngx_http_upstream_sticky
    ngx_stream_core_resolver ngx_stream_proxy_pass ngx_stream_proxy_bind ngx_stream_return
    ngx_stream_pass ngx_stream_upstream_resolver ngx_stream_log_open_file_cache
    ngx_stream_ssl_password_file ngx_stream_proxy_ssl_password_file ngx_stream_ssl_alpn
    ngx_stream_proxy_ssl_alpn_set_slot ngx_stream_ssl_certificate_cache
    ngx_stream_proxy_ssl_certificate_cache ngx_stream_ssl_ocsp_cache
    ngx_stream_geoip_country ngx_stream_geoip_org ngx_stream_geoip_city
    ngx_mail_core_resolver ngx_mail_ssl_password_file ngx_mail_ssl_enable ngx_mail_ssl_starttls
    """.split())

# The same of directives that are gone, whose setters are not in the facts.
GONE_REFUSE_SECOND = {"ssl"}

# Directives of no interest whatever: older than the oldest nginx that anybody runs.
OLDEST = (1, 18, 0)

HEADER = '''\
// Written by src/nginx/generated/directives.py: do not edit.
#pragma once

#include <cstdint>

namespace gatelint {{

/// A set of the contexts in which a directive may stand (nginx's NGX_*_CONF bits).
enum Contexts : std::uint16_t {{
    in_unknown = 0,
{contexts}
}};

/// Every directive that nginx {version} and the modules in its documentation know, by its own name.
enum class DirectiveId : std::uint16_t {{
    unknown,
{ids}
}};

}}  // namespace gatelint
'''

TABLES = '''\
// Written by src/nginx/generated/directives.py: do not edit.
#pragma once

#include <array>
#include <string_view>

#include "nginx/directive_id.hpp"

namespace gatelint {{

/// Indexed by DirectiveId; with one more entry behind the last.
inline constexpr std::array<DirectiveName, {name_count}> directive_table{{{{
    {{"", 0, 0}},
{names}
    {{"", 0, {form_count}}},
}}}};

inline constexpr std::array<DirectiveValue, {value_count}> value_table{{{{
{values}
}}}};

/// Sorted by id.
inline constexpr std::array<DirectiveForm, {form_count}> form_table{{{{
{forms}
}}}};

/// Names of the directives of modules that nginx's documentation does not have, sorted.
inline constexpr std::array<std::string_view, {others_count}> names_of_others{{{{
{others}
}}}};

}}  // namespace gatelint
'''


def version(text):
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def version_text(parts):
    return "{" + ", ".join(map(str, parts)) + "}"


def context_mask(contexts):
    if "any" in contexts:
        return (1 << len(CONTEXTS)) - 1
    return sum(1 << i for i, context in enumerate(CONTEXTS) if context in contexts)


def arity_mask(names):
    mask = 0
    for name in names:
        mask |= ARITY[name]
    return mask


def form(name, contexts, arity, module, **more):
    return {"name": name, "contexts": contexts, "arity": arity, "module": module, "kind": "custom",
            "edition": "open_source", "block": False, "duplicate": False, "values": [],
            "since": (0, 0, 0), "before": (0, 0, 0), **more}


def forms_in_source(entry):
    """One form, or several where a version changed what is taken."""
    changes = entry.get("signature_changes") or [
        {"version": entry.get("appeared_in") or "1.31.4", "arity": entry["arity"],
         "contexts": entry["contexts"]}]
    for i, change in enumerate(changes):
        before = version(changes[i + 1]["version"]) if i + 1 < len(changes) else (0, 0, 0)
        if before != (0, 0, 0) and before <= OLDEST:
            continue
        since = version(change["version"])
        yield form(
            entry["name"], context_mask(change["contexts"]), arity_mask(change["arity"]),
            entry["module"], kind=KINDS.get(entry["value_type"], "custom"), block=entry["block"],
            duplicate=(bool(entry.get("duplicate_is_error"))
                       or entry["setter"] in REFUSE_SECOND),
            values=[value["value"] if isinstance(value, dict) else value
                    for value in entry.get("values", [])],
            since=since if since > OLDEST else (0, 0, 0), before=before)


def forms_elsewhere(entry):
    """Of a directive that only the documentation has: its arguments are in prose."""
    # nginx Plus had a module `status` of its own, long after the open source's was gone.
    is_plus = entry["status"] == "plus_only" or entry["name"] == "status"
    edition = "plus" if is_plus else "module"
    before = version(entry["removed_in"]) if "removed_in" in entry and not is_plus else (0, 0, 0)
    arity, kind = "ANY", "custom"
    if before != (0, 0, 0):
        edition = "open_source"
        if entry["ref"]["syntax"] == ["`on` | `off`"]:
            arity, kind = "FLAG", "flag"
    yield form(entry["name"], context_mask(entry["contexts"]), ARITY[arity], entry["module"],
               kind=kind, edition=edition, block=entry["ref"]["block"], before=before,
               duplicate=entry["name"] in GONE_REFUSE_SECOND)


def forms_removed(entry):
    *contexts, mark, arity = entry["last_signature"][-1]
    assert mark == "#"
    arity = arity if arity in ARITY else "ANY"
    yield form(entry["name"], context_mask(contexts), ARITY[arity], entry["family"],
               before=version(entry["removed_in"]))


def names_of_others(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")]
    return {name.rstrip("{") for line in lines for name in line.split(":")[1].split()}


def all_forms(facts):
    forms = [f for entry in facts["directives"] for f in forms_in_source(entry)]
    forms += [f for entry in facts["not_in_source"] for f in forms_elsewhere(entry)]
    known = {f["name"] for f in forms}
    forms += [f for entry in facts["removed_from_source"] if entry["name"] not in known
              for f in forms_removed(entry)]
    forms = [f for f in forms if f["name"].replace("_", "a").isalnum()]
    return sorted(forms, key=lambda f: f["name"])


def main():
    facts = json.load(open(sys.argv[1], encoding="utf-8"))
    forms = all_forms(facts)
    names = sorted({f["name"] for f in forms})

    def identifier(name):
        return name + "_" if name in KEYWORDS else name

    values, value_rows, form_rows, first_form, contexts = {}, [], [], {}, {}
    for f in forms:
        first_form.setdefault(f["name"], len(form_rows))
        contexts[f["name"]] = contexts.get(f["name"], 0) | f["contexts"]
        texts = [(v, VALUES_SINCE.get((f["name"], v), "0")) for v in f["values"]]
        if tuple(texts) not in values:
            values[tuple(texts)] = len(value_rows)
            value_rows += [f'    {{"{text}", {version_text(version(since))}}},'
                           for text, since in texts]
        form_rows.append(
            f'    {{DirectiveId::{identifier(f["name"])}, {f["contexts"]:#x}, {f["arity"]:#x}, '
            f'ValueKind::{f["kind"]}, Edition::{f["edition"]}, {str(f["block"]).lower()}, '
            f'{str(f["duplicate"]).lower()}, {values[tuple(texts)] if texts else 0}, {len(texts)}, '
            f'{version_text(f["since"])}, {version_text(f["before"])}, "{f["module"]}"}},')

    here = pathlib.Path(__file__).parent
    others = sorted(names_of_others(here / "modules.txt") - set(names))
    (here / "directives.hpp").write_text(HEADER.format(
        version=facts["stats"]["nginx_version"],
        contexts="\n".join(f"    in_{c} = {hex(1 << i)}," for i, c in enumerate(CONTEXTS)),
        ids="\n".join(f"    {identifier(name)}," for name in names)), encoding="utf-8")
    (here / "directive_tables.hpp").write_text(TABLES.format(
        name_count=len(names) + 2,
        names="\n".join(f'    {{"{n}", {contexts[n]:#x}, {first_form[n]}}},' for n in names),
        value_count=len(value_rows), values="\n".join(value_rows),
        form_count=len(form_rows), forms="\n".join(form_rows),
        others_count=len(others), others="\n".join(f'    "{name}",' for name in others),
    ), encoding="utf-8")


if __name__ == "__main__":
    main()
