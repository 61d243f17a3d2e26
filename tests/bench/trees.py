"""Trees of files that benchmarks read: a dictionary from relative path to text, laid into a folder.

What `nginx -t` writes (its pid, logs and temporary folders) lies in the tree's own folder: paths in
a tree are relative, and nginx is started with `-p FOLDER`.
"""

import pathlib

HEAD = """\
pid nginx.pid;
error_log /dev/null crit;
events {
    worker_connections 65536;
}
"""

# Hash sizes with which nginx itself stays linear in the number of names.
HTTP = """\
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server_names_hash_max_size 262144;
    server_names_hash_bucket_size 128;
    proxy_headers_hash_max_size 1024;
    proxy_headers_hash_bucket_size 128;
    variables_hash_max_size 4096;
    types_hash_max_size 2048;
"""


def lay(tree, folder):
    """Writes the files of a tree below a folder."""
    folder = pathlib.Path(folder)
    for name, text in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def indent(text, by=4):
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(True))


def configuration(http, head=HEAD):
    """A main configuration around what stands in its http block."""
    return f"{head}http {{\n{HTTP}{indent(http)}}}\n"


def nginx(http, **others):
    """A tree of one main configuration."""
    return {"nginx.conf": configuration(http), **others}


def server(*lines):
    """A server block of lines, which may be blocks of several lines themselves."""
    return "server {\n" + "".join(indent(f"{line}\n") for line in lines) + "}\n"


def location(path, *lines):
    return "\n".join([f"location {path} {{", *(f"    {line}" for line in lines), "}"])


def repeat(n, make):
    """What make(0) to make(n - 1) yield, in one text."""
    return "".join(make(i) for i in range(n))
