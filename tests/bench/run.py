#!/usr/bin/env python3
"""Times gatelint as people start it, beside `nginx -t` on the same input in the same run.

usage: tests/bench/run.py [GATELINT]      (default: build/gatelint)

Makes its own input in a temporary folder: 20,000 servers in one file of about 10 MB, as a hosting
company has them, and 5,000 included files. Prints wall time (minimum and median of some runs) and
peak memory of whole processes. Needs nginx; run it on a quiet machine.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNS = 7

HEAD = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{
    worker_connections 65536;
}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server_names_hash_max_size 131072;
    server_names_hash_bucket_size 128;
    variables_hash_max_size 2048;
"""

SERVER = """\
    server {{
        listen 127.0.0.1:8080;
        server_name shop{i}.example.com www.shop{i}.example.com;
        root /srv/sites/shop{i}/public;
        index index.html index.php;
        client_max_body_size 16m;
        location / {{
            proxy_pass http://10.0.{a}.{b}:3000;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
        location /static/ {{
            expires 30d;
        }}
    }}
"""


def server(i):
    return SERVER.format(i=i, a=i // 250 % 250, b=i % 250 + 1)


def one_file(folder):
    main = folder / "nginx.conf"
    main.write_text(HEAD.format(folder=folder) + "".join(map(server, range(20000))) + "}\n")
    return main


def many_files(folder):
    (folder / "sites").mkdir()
    for n in range(5000):
        text = "".join(server(i) for i in range(4 * n, 4 * n + 4))
        (folder / "sites" / f"site{n:05}.conf").write_text(text)
    main = folder / "nginx.conf"
    main.write_text(HEAD.format(folder=folder) + "    include sites/*.conf;\n}\n")
    return main


def measure(command):
    """Wall times in seconds, and the peak of memory in MiB."""
    times, peak = [], 0
    for _ in range(RUNS):
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - begin)
        peak = max(peak, usage.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            sys.exit(f"{' '.join(map(str, command))} failed")
    return times, peak


def show(name, times, peak):
    print(f"{name:<28} {min(times) * 1000:9.1f} {statistics.median(times) * 1000:9.1f} {peak:9.1f}")


def main():
    gatelint = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "gatelint"
    print(f"{'':<28} {'min ms':>9} {'median ms':>9} {'peak MiB':>9}")
    shop = ROOT / "fixtures" / "gateways" / "shop" / "nginx.conf"
    show("shop: gatelint", *measure([gatelint, shop]))
    for title, make in (("one file", one_file), ("5,000 files", many_files)):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            config = make(folder)
            size = sum(f.stat().st_size for f in folder.rglob("*.conf")) / 1e6
            print(f"20,000 servers, {title}, {size:.1f} MB")
            nginx = measure(["nginx", "-t", "-q", "-c", config])
            ours = measure([gatelint, config])
            show("  nginx -t", *nginx)
            show("  gatelint", *ours)
            ratio = statistics.median(ours[0]) / statistics.median(nginx[0])
            print(f"  gatelint takes {ratio:.3f} of nginx's time, {ours[1] / nginx[1]:.3f} of its memory")


if __name__ == "__main__":
    main()
