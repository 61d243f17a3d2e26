"""What passes requests on, and what they are passed to within nginx's own configuration."""

from growth.cases import case
from trees import location, nginx, repeat, server


def address(i):
    return f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


def locations(n, *lines, before=()):
    """A server of n locations; {i} in their lines stands for each one's number."""
    return server("listen 80;", "server_name example.org;", *before,
                  *(location(f"/{i}/", *(line.replace("{i}", str(i)) for line in lines))
                    for i in range(n)))


def group(name, *lines):
    return f"upstream {name} {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


@case()
def passes(n):
    """n servers that each pass to an address of their own"""
    return nginx(repeat(n, lambda i: server(
        "listen 80;", f"server_name a{i}.example.org;",
        location("/", f"proxy_pass http://{address(i)}:8080;"))))


@case()
def own_listeners(n):
    """n servers that listen on addresses of their own, and each passes to the next one's"""
    return nginx(repeat(n, lambda i: server(
        f"listen {address(i)}:8080;", f"server_name a{i}.example.org;",
        location("/", f"proxy_pass http://{address((i + 1) % n)}:8080;"))))


@case()
def own_ports(n):
    """n servers that listen on ports of their own, and each passes to the next one's"""
    return nginx(repeat(n, lambda i: server(
        f"listen {1024 + i};", f"server_name a{i}.example.org;",
        location("/", f"proxy_pass http://127.0.0.1:{1024 + (i + 1) % n};"))))


@case()
def own_sockets(n):
    """n servers that listen on sockets of their own, and each passes to the next one's"""
    return nginx(repeat(n, lambda i: server(
        f"listen unix:/run/nginx/{i}.sock;", f"server_name a{i}.example.org;",
        location("/", f"proxy_pass http://unix:/run/nginx/{(i + 1) % n}.sock;"))))


@case()
def own_loopbacks(n):
    """n servers on loopback addresses of their own, and n passes to localhost, which reaches all"""
    return nginx(repeat(n, lambda i: "".join((
        f"upstream u{i} {{\n    server localhost:8080;\n}}\n",
        server(f"listen 127.1.{i // 250}.{i % 250 + 1}:8080;", f"server_name a{i}.example.org;",
               location("/", f"proxy_pass http://u{i};"))))))


@case()
def hop_names(n):
    """n servers with TLS that pass to n servers behind one address, chosen by name"""
    front = repeat(n, lambda i: server(
        "listen 443 ssl;", f"server_name a{i}.example.org;",
        location("/", "proxy_pass http://127.0.0.1:8080;")))
    back = repeat(n, lambda i: server(
        "listen 8080;", f"server_name a{i}.example.org;", f"root /srv/{i};"))
    return nginx(front + back)


@case()
def self_proxy(n):
    """n servers of one port that pass to that port, as panels write them"""
    return nginx(repeat(n, lambda i: server(
        "listen 8080;", f"server_name a{i}.example.org;",
        location("/", "proxy_pass http://127.0.0.1:8080;", "proxy_set_header Host $host;"))))


@case()
def groups(n):
    """n groups, with a pass to each"""
    return nginx(repeat(n, lambda i: group(f"app{i}", f"server {address(i)}:8080;", "keepalive 8;"))
                 + locations(n, "proxy_pass http://app{i};", "proxy_http_version 1.1;",
                             'proxy_set_header Connection "";'))


@case()
def groups_misspelt(n):
    """n groups, and n passes to names that are nearly theirs"""
    return nginx(repeat(n, lambda i: group(f"backend{i}x", f"server {address(i)}:8080;"))
                 + locations(n, "proxy_pass http://backend{i}y;"))


@case()
def passes_of_one_group(n):
    """n passes to one group of two servers"""
    return nginx(group("app", "server 10.0.0.1:8080;", "server 10.0.0.2:8080;", "keepalive 8;")
                 + locations(n, "proxy_pass http://app;"))


@case()
def servers_of_one_group(n):
    """a group of n servers, passed to once"""
    members = (f"server {address(i)}:8080;" for i in range(n))
    return nginx(group("app", *members) + locations(1, "proxy_pass http://app;"))


@case(125)
def group_servers_times_passes(n):
    """a group of n servers, and n passes to it"""
    members = (f"server {address(i)}:8080;" for i in range(n))
    return nginx(group("app", *members) + locations(n, "proxy_pass http://app;"))


@case(125)
def group_times_https(n):
    """a group of n servers, and n passes to it by a protocol that they do not speak"""
    members = (f"server {address(i)}:80;" for i in range(n))
    return nginx(group("app", *members) + locations(n, "proxy_pass https://app;"))


@case()
def map_rows(n):
    """a map of n rows that a pass goes through"""
    rows = repeat(n, lambda i: f"    h{i}.example.org {address(i)}:8080;\n")
    return nginx(f"map $host $backend {{\n{rows}}}\n" + locations(1, "proxy_pass http://$backend;"))


@case(125)
def map_rows_times_passes(n):
    """a map of n rows, and n passes through it"""
    rows = repeat(n, lambda i: f"    h{i}.example.org {address(i)}:8080;\n")
    return nginx(f"map $host $backend {{\n{rows}}}\n" + locations(n, "proxy_pass http://$backend;"))


@case()
def maps(n):
    """n maps, with a pass through each"""
    return nginx(repeat(n, lambda i: f"map $host $backend{i} {{\n    default {address(i)}:8080;\n"
                                     f"    a.example.org {address(i)}:8081;\n}}\n")
                 + locations(n, "proxy_pass http://$backend{i};"))


@case()
def maps_of_maps(n):
    """n maps, each of what the one before it yields"""
    return nginx("map $host $v0 {\n    default a;\n}\n"
                 + repeat(n, lambda i: f"map $v{i} $v{i + 1} {{\n    default $v{i};\n    a b;\n}}\n")
                 + locations(1, f"proxy_pass http://$v{n};"))


@case()
def set_per_pass(n):
    """n variables, each set and passed to in a location of its own"""
    return nginx(locations(n, "set $backend{i} app{i}:8080;", "proxy_pass http://$backend{i};",
                           before=("resolver 10.0.0.2;",)))


@case()
def set_one_variable(n):
    """one variable, set and passed to in n locations"""
    return nginx(locations(n, "set $backend app{i}:8080;", "proxy_pass http://$backend;",
                           before=("resolver 10.0.0.2;",)))


@case()
def set_chain(n):
    """n variables, each set to the one before it, and a pass to the last"""
    chain = (f"set $v{i + 1} $v{i};" for i in range(n))
    return nginx(server("listen 80;", "set $v0 10.0.0.1:8080;", *chain,
                        location("/", f"proxy_pass http://$v{n};")))


@case()
def pass_to_host(n):
    """n passes to http://$host"""
    return nginx(locations(n, "proxy_pass http://$host;", before=("resolver 10.0.0.2;",)))


@case()
def pass_to_set_in_server(n):
    """n variables that a server sets, and n passes through them"""
    variables = (f"set $backend{i} 10.0.0.1:8080;" for i in range(n))
    return nginx(locations(n, "proxy_pass http://$backend{i};", before=variables))


@case()
def inherited_proxy_headers(n):
    """n proxy_set_header that n passes inherit"""
    headers = repeat(n, lambda i: f"proxy_set_header X-H{i} v;\n")
    return nginx(headers + locations(n, "proxy_pass http://127.0.0.1:8080;")
                 + server("listen 8080;", "server_name example.org;", "root /srv;"))


@case()
def inherited_add_headers(n):
    """n add_header that n locations inherit"""
    headers = repeat(n, lambda i: f"add_header X-H{i} v;\n")
    return nginx(headers + locations(n, "proxy_pass http://127.0.0.1:9000;"))


@case()
def fastcgi_params(n):
    """n fastcgi_param that n passes inherit"""
    params = repeat(n, lambda i: f"fastcgi_param P{i} v;\n")
    return nginx(params + locations(n, "fastcgi_pass 127.0.0.1:9000;"))


@case()
def error_pages(n):
    """n named locations, with an error_page for each"""
    named = (location(f"@e{i}", f"proxy_pass http://{address(i)}:8080;") for i in range(n))
    return nginx(locations(n, "error_page 502 = @e{i};", "proxy_intercept_errors on;",
                           "proxy_pass http://10.0.0.1:8080;", before=named))


@case()
def names_looked_up(n):
    """n passes to names that only DNS knows"""
    return nginx(locations(n, "proxy_pass http://app{i}.internal:8080;"))


@case()
def stream_servers(n):
    """n servers of stream, each with a group"""
    def one(i):
        return (f"    upstream s{i} {{\n        server {address(i)}:5432;\n    }}\n"
                f"    server {{\n        listen {1024 + i};\n        proxy_pass s{i};\n    }}\n")
    tree = nginx("")
    tree["nginx.conf"] += "stream {\n" + repeat(n, one) + "}\n"
    return tree
