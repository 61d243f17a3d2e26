"""Whole configurations as hosting companies and teams have them, for gatelint beside `nginx -t`.

Addresses are such that nginx itself is linear: it compares each address of a `proxy_pass` with all
others, so servers pass to a group, and each server that listens on an address with all others
there, so they are spread over some ports.
"""

import random
import shutil
import subprocess

from trees import configuration, indent, lay, location, repeat, server

WORDS = ("alpha beta gamma shop blog api auth cdn media img static files search cart order user "
         "admin").split()
HEADERS = ["X-Frame-Options SAMEORIGIN", "X-Content-Type-Options nosniff",
           'Referrer-Policy "strict-origin-when-cross-origin"',
           'Strict-Transport-Security "max-age=63072000; includeSubDomains"',
           "Content-Security-Policy \"default-src 'self'; img-src 'self' data:\"",
           "Permissions-Policy 'geolocation=(), microphone=()'"]

# The same for a mistake in each place that passes to the group, or in none: connections are kept
# only where the location says so.
POOL = """\
log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                '$status $body_bytes_sent "$http_referer" "$http_user_agent"';
map $http_upgrade $connection_upgrade {{
    default upgrade;
    ''      close;
}}
map $http_user_agent $is_robot {{
    default 0;
    ~*(?:googlebot|bingbot|yandex) 1;
}}
upstream pool {{
    server 127.0.0.1:8080 weight=5;
    server 127.0.0.1:8081 max_fails=3 fail_timeout=30s;
    {keepalive}
}}
"""


def pool(with_findings):
    return POOL.format(keepalive="keepalive 32;" if with_findings else "least_conn;")


def listen(i):
    return f"listen 127.0.0.1:{8000 + i % 50};"


def small_server(i, chance):
    """About 490 bytes: 20,000 make 9.8 MB."""
    word = chance.choice(WORDS)
    name = f"{word}{i}.example.com"
    root = ["proxy_pass http://pool;  # default route", "proxy_set_header Host $host;",
            "proxy_set_header X-Real-IP $remote_addr;"]
    if i % 3 == 0:
        root.append(f"add_header {chance.choice(HEADERS)};")
    lines = [listen(i), f"server_name {name} www.{name};", location("/", *root)]
    if i % 2 == 0:
        lines.append(location(rf"~ ^/{chance.choice(WORDS)}/(?<id>\d+)\.php$",
                              "return 301 https://$host/${id}x;"))
    else:
        lines.append(location(f"/{chance.choice(WORDS)}", f'root "/srv/www/{name}";',
                              "try_files $uri $uri/ =404;"))
    if i % 10 == 0:
        lines.append("if ($request_method = POST) {\n    return 405;\n}")
    return f"# {word} {i}, owner: team-{i % 97}\n{server(*lines)}"


def large_server(i, chance):
    """About 2 KB: a site's own file."""
    name = f"{chance.choice(WORDS)}{i}.example.net"
    lines = [listen(i), f"server_name {name} www.{name} *.{name};",
             f'root "/srv/www/{name}/public";', "index index.html index.php;",
             "client_max_body_size 20m;", *(f"add_header {header};" for header in HEADERS[:4]),
             location(r"~* \.(?:css|js|png|jpe?g|gif|svg|woff2?)$", "expires 30d;",
                      'add_header Cache-Control "public, max-age=2592000";',
                      "try_files $uri =404;")]
    for k in range(3):
        word = chance.choice(WORDS)
        lines.append(location(
            f"/{word}{k}/", f"# route {k} to the {word} service", "proxy_pass http://pool;",
            "proxy_http_version 1.1;", "proxy_set_header Host $host;",
            "proxy_set_header X-Real-IP $remote_addr;",
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
            "proxy_set_header Upgrade $http_upgrade;",
            "proxy_set_header Connection $connection_upgrade;",
            f"proxy_read_timeout {30 + k * 10}s;"))
    lines += [location("= /healthz", "access_log off;", r"return 200 'ok\n';"),
              location(r"~ /\.(?!well-known)", "deny all;"),
              "if ($host != $server_name) {\n    return 301 http://$server_name$request_uri;\n}"]
    return f"# {name}, managed by a generator, ticket OPS-{1000 + i}\n{server(*lines)}"


# A snippet that each of many servers includes: read and parsed once, judged in each place.
SNIPPET = """\
if ($is_robot) {
    return 403;
}
location ~* ^/assets/(?<file>.+\\.(?:css|js|png))$ {
    root /srv/assets;
    try_files /$file =404;
}
location /api/ {
    proxy_pass http://pool;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
}
"""


def one_file(servers, with_findings):
    chance = random.Random(20240601)
    sites = repeat(servers, lambda i: small_server(i, chance))
    return {"nginx.conf": configuration(pool(with_findings) + sites)}


def many_files(files, with_findings):
    chance = random.Random(20240601)
    tree = {"nginx.conf": configuration(pool(with_findings) + "include conf.d/*.conf;\n")}
    for i in range(files):
        tree[f"conf.d/site-{i:05}.conf"] = large_server(i, chance)
    return tree


def snippets(servers, with_findings):
    def site(i):
        return server(listen(i), f"server_name shop{i}.example.org;", "include snippets/site.conf;")
    return {"nginx.conf": configuration(pool(with_findings) + repeat(servers, site)),
            "snippets/site.conf": SNIPPET}


def typical():
    """Some 250 lines by hand, with php-fpm's pool and a compose file beside them."""
    chance = random.Random(20240601)
    php = server("listen 127.0.0.1:8090;", "server_name php.example.org;", "root /srv/php;",
                 location(r"~ \.php$", "include fastcgi_params;",
                          "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;",
                          "fastcgi_pass unix:/run/php/php8.2-fpm-www.sock;"))
    fastcgi = ["QUERY_STRING $query_string", "REQUEST_METHOD $request_method",
               "CONTENT_TYPE $content_type", "CONTENT_LENGTH $content_length",
               "REQUEST_URI $request_uri", "DOCUMENT_URI $document_uri",
               "DOCUMENT_ROOT $document_root", "SERVER_PROTOCOL $server_protocol",
               "REMOTE_ADDR $remote_addr", "SERVER_NAME $server_name"]
    return {
        "nginx.conf": configuration(pool(False) + "include conf.d/*.conf;\n"),
        "conf.d/first.conf": large_server(0, chance),
        "conf.d/second.conf": large_server(1, chance),
        "conf.d/php.conf": php,
        "fastcgi_params": repeat(len(fastcgi), lambda i: f"fastcgi_param {fastcgi[i]};\n"),
        "php/8.2/fpm/php-fpm.conf": "[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n",
        "php/8.2/fpm/pool.d/www.conf":
            "[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php/php8.2-fpm-www.sock\n"
            "listen.owner = www-data\nlisten.group = www-data\npm = dynamic\n"
            "pm.max_children = 5\npm.start_servers = 2\npm.min_spare_servers = 1\n"
            "pm.max_spare_servers = 3\n",
        "compose.yaml": COMPOSE,
    }


COMPOSE = """\
services:
  app:
    image: example/app:1.4
    command: gunicorn app:app -b 0.0.0.0:8080
    ports: ["127.0.0.1:8080:8080"]
  worker:
    image: example/app:1.4
    command: celery worker
  database:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
volumes:
  data: {}
"""


def repository(configurations):
    """Many hosts' configurations in one repository, each with a backend of its own beside it."""
    tree = {".git/HEAD": "ref: refs/heads/main\n"}
    for i in range(configurations):
        site = server("listen 80;", f"server_name app{i}.example.org;",
                      location("/", f"proxy_pass http://127.0.0.1:{4000 + i};"))
        tree[f"hosts/host{i:03}/nginx.conf"] = configuration("include conf.d/*.conf;\n")
        tree[f"hosts/host{i:03}/conf.d/site.conf"] = site
        tree[f"hosts/host{i:03}/Procfile"] = f"web: gunicorn app:app -b 127.0.0.1:{4000 + i}\n"
        tree[f"hosts/host{i:03}/README.md"] = f"# Host {i}\n"
    return tree


def clone(of, folder):
    """A clone of this repository, as those have it who type the README's first command."""
    if shutil.which("git") and (of / ".git").exists():
        subprocess.run(["git", "clone", "-q", str(of), str(folder)], check=True)
    else:
        shutil.copytree(of, folder, ignore=shutil.ignore_patterns("build", ".git"))
        lay({".git/HEAD": "ref: refs/heads/main\n"}, folder)
    return folder
