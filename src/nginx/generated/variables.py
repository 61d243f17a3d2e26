#!/usr/bin/env python3
"""Writes variables.hpp: the variables that nginx and well-known modules define.

usage: variables.py NGINX.git > variables.hpp

NGINX.git is a clone of nginx with its release tags; each since 1.18.0 is read, for the first
version that has a variable. MODULES are those of others, which a configuration may use without
any directive that tells so. A later nginx is one more run.
"""

import re
import subprocess
import sys

OLDEST = (1, 18, 0)  # what is in it is taken to have been there always

# Parts of nginx that a build may lack: --with-* of auto/options.
OPTIONAL = ("geoip_module", "http_v2_module", "http_v3_module", "perl_module", "realip_module",
            "secure_link_module", "slice_filter_module", "stub_status_module", "ssl_module",
            "ssl_preread_module")

# World, module, names; a name that ends in "*" is a prefix.
MODULES = [
    ("http", "nginx Plus", "upstream_queue_time upstream_last_server_name jwt_header_* jwt_claim_* jwt_payload "
                           "oidc_claim_* oidc_id_token oidc_access_token session_log_id "
                           "session_log_binary_id api_key_*"),
    ("stream", "nginx Plus", "mqtt_preread_clientid mqtt_preread_username"),
    ("http", "ngx_otel_module", "otel_trace_id otel_span_id otel_parent_id otel_parent_sampled"),
    ("http", "ngx_http_acme_module", "acme_certificate acme_certificate_key"),
    ("http", "ngx_brotli", "brotli_ratio"),
    ("http", "zstd-nginx-module", "zstd_ratio zstd_bytes_in zstd_bytes_out"),
    ("http", "nginx-module-vts", "vts_*"),
    ("stream", "nginx-module-sts", "sts_*"),
    ("http", "echo-nginx-module", "echo_*"),
    ("http", "nginx-ssl-ja3", "ssl_ja3 ssl_ja3_* http_ssl_* stream_ssl_*"),
    ("stream", "nginx-ssl-ja3", "ssl_ja3 ssl_ja3_* ssl_preread_ja3* stream_ssl_*"),
    ("http", "nginx-ssl-fingerprint", "ssl_greased http2_fingerprint"),
    ("http", "ja4-nginx-module", "ssl_ja4 ssl_ja4_* http_ssl_ja4*"),
    ("http", "nchan", "nchan_*"),
    ("http", "nginx-push-stream-module", "push_stream_*"),
    ("http", "nginx-upload-module", "upload_*"),
    ("http", "nginx-upload-progress-module", "uploadprogress_*"),
    ("http", "testcookie-nginx-module", "testcookie_*"),
    ("http", "ModSecurity-nginx", "modsecurity_*"),
    ("http", "nginx-opentracing", "opentracing_*"),
    ("http", "nginx-opentelemetry", "opentelemetry_*"),
    ("http", "nginx-datadog", "datadog_*"),
    ("http", "ngx-fancyindex", "fancyindex_*"),
    ("http", "spnego-http-auth-nginx-module", "spnego_*"),
    ("http", "redis-nginx-module", "redis_key redis_auth redis_db"),
    ("http", "memc-nginx-module", "memc_*"),
    ("http", "srcache-nginx-module", "srcache_*"),
    ("http", "nginx-sorted-querystring-module", "sorted_querystring_args"),
    ("http", "Tengine", "ascii_time unix_time year year4 month day hour hour12 minute second "
                        "host_comment full_request normalized_request raw_uri ssl_handshake_time "
                        "base64_decode_* md5_encode_* sha1_encode_* escape_uri_*"),
    ("http", "Angie", "p8s_value acme_cert_* acme_hook_* angie_version"),
    ("stream", "Angie", "acme_cert_* angie_version rdp_cookie rdp_cookie_*"),
    ("http", "freenginx", "freenginx_version"),
]

HEADER = '''\
// Written by src/nginx/generated/variables.py: do not edit.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "nginx/version.hpp"

namespace gatelint {{

/// What a variable is, beside its name.
enum VariableFlags : std::uint8_t {{
    variable_stream = 0x1,      ///< of stream; otherwise of http
    variable_prefix = 0x2,      ///< a family: every name that begins so
    variable_changeable = 0x4,  ///< `set`, `map` and the like may take the name over
    variable_optional = 0x8,    ///< not every build of nginx has it
}};

struct VariableFacts {{
    std::string_view name;
    std::string_view module;
    std::uint8_t flags;
    Version since;  ///< 0.0.0: before 1.18.0, or unknown
}};

/// Sorted by name.
inline constexpr std::array<VariableFacts, {count}> variable_table{{{{
{rows}
}}}};

}}  // namespace gatelint
'''


class Repository:
    def __init__(self, path):
        self.git = ["git", "--git-dir", path]
        self.parsed = {}

    def run(self, *args):
        return subprocess.run([*self.git, *args], check=True, capture_output=True,
                              text=True, errors="replace").stdout

    def releases(self):
        """Release tags since the oldest, and HEAD, which may be ahead of them."""
        found = {}
        for tag in self.run("tag", "-l", "release-*").split():
            version = tuple(int(part) for part in tag.removeprefix("release-").split("."))
            if len(version) == 3 and version >= OLDEST:
                found[version] = tag
        text = self.run("show", "HEAD:src/core/nginx.h")
        head = re.search(r'NGINX_VERSION\s+"(\d+)\.(\d+)\.(\d+)"', text)
        found.setdefault(tuple(int(part) for part in head.groups()), "HEAD")
        return sorted(found.items())

    def variables(self, commit):
        """(world, name) -> (module, flags) of all sources of a release."""
        found = {}
        for line in self.run("ls-tree", "-r", commit, "src/http", "src/stream").splitlines():
            info, path = line.split("\t")
            if not path.endswith(".c"):
                continue
            blob = info.split()[2]
            if blob not in self.parsed:
                self.parsed[blob] = read_source(self.run("cat-file", "blob", blob), path)
            found.update(self.parsed[blob])
        return found


def read_source(text, path):
    world = "stream" if path.startswith("src/stream") else "http"
    module = path.rsplit("/", 1)[1].removesuffix(".c")
    if not module.endswith("_module"):
        module = f"ngx_{world}_core_module"
    optional = module.endswith(OPTIONAL)
    found = {}

    def add(name, code):
        flags = set()
        if world == "stream":
            flags.add("stream")
        if "VAR_PREFIX" in code:
            flags.add("prefix")
        if "VAR_CHANGEABLE" in code:
            flags.add("changeable")
        if optional:
            flags.add("optional")
        found[(world, name.lower())] = (module, flags)

    for table in re.findall(r"ngx_(?:http|stream)_variable_t\s+\w+\[\] = \{(.*?)\n\};", text, re.S):
        for name, rest in re.findall(r'\{\s*ngx_string\("(\w+)"\)(.*?)\}', table, re.S):
            add(name, rest)
    names = dict(re.findall(r'static ngx_str_t\s+(\w+)\s*=\s*ngx_string\("(\w+)"\)', text))
    for which, flags in re.findall(r"_add_variable\(cf,\s*&(\w+),\s*([^)]*)\)", text):
        if which in names:
            add(names[which], flags)
    return found


def main():
    facts = {}
    repository = Repository(sys.argv[1])
    for version, commit in repository.releases():
        for key, (module, flags) in repository.variables(commit).items():
            since = facts[key][2] if key in facts else version
            facts[key] = (module, flags, since)
    for world, module, names in MODULES:
        for name in names.split():
            flags = {"optional", "changeable"}
            if world == "stream":
                flags.add("stream")
            if name.endswith("*"):
                flags.add("prefix")
            facts.setdefault((world, name.rstrip("*")), (module, flags, OLDEST))

    def row(key):
        module, flags, since = facts[key]
        mask = " | ".join("variable_" + flag for flag in sorted(flags)) or "0"
        version = "{}" if since <= OLDEST else "{%d, %d, %d}" % since
        return f'    {{"{key[1]}", "{module}", {mask}, {version}}},'

    order = sorted(facts, key=lambda key: (key[1], key[0]))
    print(HEADER.format(count=len(order), rows="\n".join(row(key) for key in order)), end="")


if __name__ == "__main__":
    main()
