"""What stands in nginx's files, whatever it passes to: blocks, lines, files, mistakes."""

from growth.cases import case
from growth.passes import address, locations
from trees import HEAD, location, nginx, repeat, server


@case(500)
def servers(n):
    """n servers"""
    return nginx(repeat(n, lambda i: server(
        "listen 80;", f"server_name a{i}.example.org www.a{i}.example.org;", f"root /srv/{i};")))


@case(500)
def servers_without_name(n):
    """n servers without a name, on addresses of their own"""
    return nginx(repeat(n, lambda i: server(f"listen {address(i)}:80;", f"root /srv/{i};")))


@case()
def servers_of_one_name(n):
    """n servers of one name and address"""
    return nginx(repeat(n, lambda i: server("listen 80;", "server_name a.example.org;")))


@case(500)
def names_of_one_server(n):
    """n names of one server"""
    return nginx(server("listen 80;", "server_name " + repeat(n, lambda i: f"a{i}.org ") + ";"))


@case()
def listens_of_one_server(n):
    """n listen directives of one server"""
    return nginx(server(*(f"listen {address(i)}:80;" for i in range(n))))


@case()
def regex_names(n):
    """n servers whose names are regular expressions"""
    return nginx(repeat(n, lambda i: server("listen 80;", rf"server_name ~^(?<u>\w+)\.a{i}\.org$;",
                                            "root /srv/$u;")))


@case()
def regex_locations(n):
    """n locations by regular expressions in one server"""
    return nginx(server("listen 80;", *(location(rf"~ ^/{i}/(?<id>\d+)\.php$", "return 200 $id;")
                                        for i in range(n))))


@case()
def ifs(n):
    """n ifs and rewrites in one server"""
    return nginx(server("listen 80;", *(f"if ($uri ~ ^/{i}/(.*)$) {{\n    rewrite ^ /b/$1 last;\n}}"
                                        for i in range(n))))


@case(500)
def distinct_settings(n):
    """n locations that each set what others set for all"""
    return nginx(locations(n, "client_max_body_size {i}k;", "expires {i}s;", "root /srv/{i};"))


@case(15)
def nested_locations(n):
    """locations in locations, n deep"""
    opened = repeat(n, lambda i: f"location ~ ^/a{i} {{\n")
    return nginx("server {\nlisten 80;\n" + opened + "return 200;\n" + "}\n" * n + "}\n")


@case()
def variables(n):
    """n variables that maps define, in one log_format"""
    return nginx(repeat(n, lambda i: f"map $host $v{i} {{\n    default {i};\n}}\n")
                 + "log_format f '" + repeat(n, lambda i: f"$v{i} ") + "';\n")


@case()
def unknown_variables(n):
    """n variables that nobody defines, nearly as n that a map does"""
    return nginx(repeat(n, lambda i: f"map $host $variable{i}x {{\n    default {i};\n}}\n")
                 + locations(n, "return 200 $variable{i}y;"))


@case()
def log_formats(n):
    """n log formats, each used once"""
    return nginx(repeat(n, lambda i: f"log_format f{i} '$uri';\n")
                 + locations(n, "access_log /var/log/nginx/{i}.log f{i};"))


@case()
def zones(n):
    """n zones of limit_req, each used once"""
    return nginx(repeat(n, lambda i: f"limit_req_zone $host zone=z{i}:1m rate=1r/s;\n")
                 + locations(n, "limit_req zone=z{i};"))


@case()
def zones_misspelt(n):
    """n zones of limit_req, and n uses of names that are nearly theirs"""
    return nginx(repeat(n, lambda i: f"limit_req_zone $host zone=z{i}x:1m rate=1r/s;\n")
                 + locations(n, "limit_req zone=z{i}y;"))


@case()
def certificates(n):
    """n servers with certificates"""
    return nginx(repeat(n, lambda i: server(
        "listen 443 ssl;", f"server_name a{i}.example.org;",
        f"ssl_certificate /etc/ssl/{i}.pem;", f"ssl_certificate_key /etc/ssl/{i}.key;")))


@case(1000)
def geo_rows(n):
    """n rows of a geo block"""
    return nginx("geo $where {\n" + repeat(n, lambda i: f"    {address(i)}/32 {i};\n") + "}\n")


@case(500)
def unknown_directives(n):
    """n directives that nginx does not know"""
    return nginx(server("listen 80;", *(f"proxy_pas{i} x;" for i in range(n))))


@case(500)
def invalid_values(n):
    """n values that nginx refuses"""
    return nginx(locations(n, "proxy_read_timeout {i}q;"))


@case(500)
def syntax_errors(n):
    """n lines without their semicolon"""
    return nginx(locations(n, "root /srv/{i}", "index index.html;"))


@case(60)
def broken_files(n):
    """n files that each have a brace too many and a quote that is not closed"""
    tree = nginx("include conf.d/*.conf;\n")
    for i in range(n):
        tree[f"conf.d/site{i}.conf"] = server("listen 80;", 'add_header A "b;', "}", "root /srv;")
    return tree


@case(500)
def syntax_errors_on_one_line(n):
    """n mistakes of syntax on one line"""
    return {"nginx.conf": HEAD + "http { server { " + "root /a } " * n + "} }\n"}


@case(125)
def findings_on_one_line(n):
    """n passes on one line, each with a mistake"""
    one = "location /{i}/ { proxy_pass http://{i}.internal:8080; proxy_ssl_verify onn; } "
    return nginx("server { listen 80; " + repeat(n, lambda i: one.replace("{i}", str(i))) + "}\n")


@case()
def findings_on_lines(n):
    """n passes with a mistake, each on a line"""
    return nginx(locations(n, "proxy_pass http://{i}.internal:8080;", "proxy_ssl_verify onn;"))


@case(arguments=("-f", "json", "nginx.conf"))
def findings_as_json(n):
    """n passes with a mistake, reported as JSON"""
    return findings_on_lines(n)


@case(arguments=("-f", "sarif", "nginx.conf"))
def findings_as_sarif(n):
    """n passes with a mistake, reported as SARIF"""
    return findings_on_lines(n)


@case(1000)
def long_line(n):
    """one directive of n arguments"""
    return nginx("server {\n    index " + repeat(n, lambda i: f"index{i}.html ") + ";\n}\n")


@case(4000)
def long_word(n):
    """one word of n letters"""
    return nginx(server("listen 80;", location("/", f"return 200 '{'ä$uri ' * (n // 8)}';")))


SNIPPET = """\
location ~* ^/assets/(?<file>.+)$ {
    root /srv/assets;
    try_files /$file =404;
}
location /api/ {
    proxy_pass http://10.0.0.1:8080;
    proxy_set_header Host $host;
}
"""


def including(n, snippet):
    tree = nginx(repeat(n, lambda i: server("listen 80;", f"server_name a{i}.example.org;",
                                            "include snippet.conf;")))
    return {**tree, "snippet.conf": snippet}


@case()
def snippet(n):
    """n servers that include one snippet"""
    return including(n, SNIPPET)


@case()
def snippet_with_findings(n):
    """n servers that include one snippet with mistakes in it"""
    return including(n, SNIPPET.replace("http://10.0.0.1:8080", "http://$host:8080")
                     + "proxy_pas x;\n")


@case()
def snippet_of_maps(n):
    """n includes of one file in http, where it defines everything again"""
    return {**nginx("include snippet.conf;\n" * n),
            "snippet.conf": "map $host $a {\n    default 1;\n}\n"
                            "upstream app {\n    server 10.0.0.1:80;\n}\n"}


@case(100)
def included_files(n):
    """n files that one pattern includes"""
    tree = nginx("include conf.d/*.conf;\n")
    for i in range(n):
        tree[f"conf.d/site{i}.conf"] = server(
            "listen 80;", f"server_name a{i}.example.org;",
            location("/", f"proxy_pass http://{address(i)}:8080;"))
    return tree


@case(100)
def includes_missing(n):
    """n includes of files that do not exist, beside n that do"""
    tree = nginx(repeat(n, lambda i: f"include conf.d/site{i}a.conf;\n"))
    for i in range(n):
        tree[f"conf.d/site{i}b.conf"] = "# empty\n"
    return tree
