"""What lies around nginx: backends' own files, containers, units, other configurations."""

from growth.cases import case
from growth.passes import address, locations
from trees import nginx, repeat, server


def pool(i):
    return (f"[site{i}]\nuser = site{i}\nlisten = /run/php/site{i}.sock\nlisten.owner = www-data\n"
            "pm = ondemand\npm.max_children = 5\n")


def pools(n, target):
    tree = nginx(locations(n, f"fastcgi_pass {target};"))
    tree["php/8.2/fpm/php-fpm.conf"] = "[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n"
    for i in range(n):
        tree[f"php/8.2/fpm/pool.d/site{i}.conf"] = pool(i)
    return tree


@case(60)
def php_pools(n):
    """n pools of php-fpm, with a pass to each"""
    return pools(n, "unix:/run/php/site{i}.sock")


@case(60)
def php_pools_missed(n):
    """n pools of php-fpm, and n passes that nearly meet them"""
    return pools(n, "unix:/run/php/sitf{i}.sock")


@case(60)
def php_pools_by_port(n):
    """n pools of php-fpm on ports, with a pass to each"""
    tree = pools(n, "127.0.0.1:{i}")
    for i in range(n):
        tree[f"php/8.2/fpm/pool.d/site{i}.conf"] = pool(i).replace(
            f"/run/php/site{i}.sock", f"127.0.0.1:{1024 + i}")
    tree.update(nginx(repeat(1, lambda _: server("listen 80;", *(
        f"location /{i}/ {{\n    fastcgi_pass 127.0.0.1:{1024 + i};\n}}" for i in range(n))))))
    return tree


def project(n, service, target):
    web = "  web:\n    image: nginx:1.25\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']\n"
    return {**nginx(locations(n, f"proxy_pass http://{target};")),
            "compose.yaml": "services:\n" + web + repeat(n, service)}


def gunicorn(i):
    return (f"  app{i}:\n    image: example/app:1.{i}\n"
            "    command: gunicorn app:app -b 0.0.0.0:8000\n")


@case(60, ("compose.yaml",))
def compose_services(n):
    """n services of a project, with a pass to each"""
    return project(n, gunicorn, "app{i}:8000")


@case(60, ("compose.yaml",))
def compose_services_missed(n):
    """n services of a project, and n passes to names that are nearly theirs"""
    return project(n, gunicorn, "apq{i}:8000")


@case(60, ("compose.yaml",))
def compose_loopback(n):
    """n services that listen on their own loopback interface, with a pass to each"""
    return project(n, lambda i: gunicorn(i).replace("0.0.0.0", "127.0.0.1"), "app{i}:8000")


@case(60, ("compose.yaml",))
def compose_networks(n):
    """n services on networks of their own, with a pass to each"""
    tree = project(n, lambda i: gunicorn(i) + f"    networks: [net{i}]\n", "app{i}:8000")
    tree["compose.yaml"] += "networks:\n" + repeat(n, lambda i: f"  net{i}: {{}}\n")
    return tree


@case(60, ("compose.yaml",))
def compose_mounts(n):
    """n services with a mount in common, and a pass to one"""
    return project(n, lambda i: gunicorn(i) + "    volumes: ['./data:/data']\n", "app0:8000")


@case(60)
def compose_published(n):
    """n services with published ports, passed to from nginx on the host"""
    services = repeat(n, lambda i: gunicorn(i) + f"    ports: ['{1024 + i}:8000']\n")
    return {**nginx(server("listen 80;", *(
        f"location /{i}/ {{\n    proxy_pass http://127.0.0.1:{1024 + i};\n}}"
        for i in range(n)))), "compose.yaml": "services:\n" + services}


def unit(i, command):
    return ("[Unit]\nDescription=app\n[Service]\nUser=app\n"
            f"ExecStart={command}\n[Install]\nWantedBy=multi-user.target\n")


@case(60)
def units(n):
    """n units of systemd that listen on ports, with a pass to each"""
    tree = nginx(server("listen 80;", *(
        f"location /{i}/ {{\n    proxy_pass http://127.0.0.1:{1024 + i};\n}}"
        for i in range(n))))
    for i in range(n):
        tree[f"systemd/app{i}.service"] = unit(
            i, f"/srv/app{i}/bin/gunicorn app:app -b 127.0.0.1:{1024 + i}")
    return tree


@case(60)
def units_and_sockets(n):
    """n services of systemd with a socket unit each, and a pass to each"""
    tree = nginx(locations(n, "proxy_pass http://unix:/run/app{i}.sock;"))
    for i in range(n):
        tree[f"systemd/app{i}.service"] = unit(i, f"/srv/app{i}/bin/gunicorn app:app")
        tree[f"systemd/app{i}.socket"] = f"[Socket]\nListenStream=/run/app{i}.sock\n"
    return tree


@case(60)
def unit_sockets_missed(n):
    """n units of systemd that listen on sockets, and n passes that nearly meet them"""
    tree = nginx(locations(n, "proxy_pass http://unix:/run/apq{i}.sock;"))
    for i in range(n):
        tree[f"systemd/app{i}.service"] = unit(
            i, f"/srv/app{i}/bin/gunicorn app:app -b unix:/run/app{i}.sock")
    return tree


@case(60)
def units_unused(n):
    """n units of systemd beside a configuration that passes to none"""
    tree = nginx(locations(1, "proxy_pass http://10.0.0.1:8080;"))
    for i in range(n):
        tree[f"systemd/app{i}.service"] = unit(i, f"/usr/bin/app{i}")
    return tree


@case(60)
def uwsgi_files(n):
    """n files of uWSGI with sockets, with a pass to each"""
    tree = nginx(locations(n, "uwsgi_pass unix:/run/uwsgi/app{i}.sock;"))
    for i in range(n):
        tree[f"uwsgi/apps-enabled/app{i}.uwsgi.ini"] = (
            f"[uwsgi]\nsocket = /run/uwsgi/app{i}.sock\nmodule = app:app\nchmod-socket = 660\n")
    return tree


@case(60)
def supervisord_programs(n):
    """n programs of supervisord, with a pass to each"""
    programs = repeat(n, lambda i: f"[program:app{i}]\n"
                      f"command=gunicorn app:app -b unix:/run/app{i}.sock\nuser=app\n")
    return {**nginx(locations(n, "proxy_pass http://unix:/run/app{i}.sock;")),
            "supervisord.conf": "[supervisord]\n" + programs}


@case(60)
def hosts_names(n):
    """n names in the project's extra_hosts and in passes"""
    hosts = repeat(n, lambda i: f"      - 'app{i}:{address(i)}'\n")
    web = ("services:\n  web:\n    image: nginx:1.25\n"
           "    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']\n    extra_hosts:\n")
    return {**nginx(locations(n, "proxy_pass http://app{i}:8000;")), "compose.yaml": web + hosts}


@case(60, (".",))
def kubernetes_services(n):
    """n services and deployments of Kubernetes, with a pass to each from a ConfigMap"""
    def one(i):
        return (f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: app{i}}}\n"
                f"spec: {{selector: {{app: a{i}}}, ports: [{{port: 80, targetPort: 8000}}]}}\n"
                f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app{i}}}\n"
                f"spec:\n  template:\n    metadata: {{labels: {{app: a{i}}}}}\n"
                f"    spec: {{containers: [{{name: app, image: 'app:1.{i}', "
                "command: [gunicorn, 'app:app', -b, '0.0.0.0:8000']}]}\n")
    text = nginx(locations(n, "proxy_pass http://app{i};"))["nginx.conf"]
    config = "".join(f"    {line}\n" for line in text.splitlines())
    web = ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  nginx.conf: |\n"
           f"{config}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n"
           "spec:\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
           "      containers:\n      - name: nginx\n        image: nginx:1.25\n"
           "        volumeMounts: [{name: conf, mountPath: /etc/nginx/nginx.conf, "
           "subPath: nginx.conf}]\n"
           "      volumes: [{name: conf, configMap: {name: web}}]\n")
    return {"web.yaml": web, "apps.yaml": repeat(n, one)}


@case(30, (".",))
def kubernetes_nginxes(n):
    """n deployments of Kubernetes that run nginx, each with a ConfigMap in a file of its own"""
    text = nginx(locations(1, "proxy_pass http://app:80;"))["nginx.conf"]
    config = "".join(f"    {line}\n" for line in text.splitlines())

    def one(i):
        return (f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web{i}}}\ndata:\n"
                f"  nginx.conf: |\n{config}---\napiVersion: apps/v1\nkind: Deployment\n"
                f"metadata: {{name: web{i}}}\nspec:\n  template:\n"
                f"    metadata: {{labels: {{app: web{i}}}}}\n    spec:\n      containers:\n"
                "      - name: nginx\n        image: nginx:1.25\n        volumeMounts: "
                "[{name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}]\n"
                f"      volumes: [{{name: conf, configMap: {{name: web{i}}}}}]\n")
    return {f"web{i}.yaml": one(i) for i in range(n)}


@case(100)
def files_beside(n):
    """n files and folders of other kinds in the repository"""
    tree = nginx(locations(1, "proxy_pass http://10.0.0.1:8080;"))
    tree[".git/HEAD"] = "ref: refs/heads/main\n"
    for i in range(n):
        tree[f"src/package{i}/module.py"] = "import os\n"
        tree[f"src/package{i}/settings.yaml"] = "a: 1\n"
    return tree


@case(15, (".",))
def inputs(n):
    """n main configurations in one repository, each with a backend's file"""
    tree = {".git/HEAD": "ref: refs/heads/main\n"}
    for i in range(n):
        tree.update({f"host{i}/{name}": text for name, text in nginx(
            locations(1, f"proxy_pass http://unix:/run/app{i}.sock;")).items()})
        tree[f"host{i}/app.service"] = unit(
            i, f"/srv/app{i}/bin/gunicorn app:app -b unix:/run/app{i}.sock")
    return tree


@case(60, ("conf.d",))
def fragments(n):
    """n fragments of one folder, given by their folder"""
    return {f"conf.d/site{i}.conf": server(
        "listen 80;", f"server_name a{i}.example.org;",
        f"location / {{\n    proxy_pass http://{address(i)}:8080;\n}}") for i in range(n)}


@case(60, ("compose.yaml",))
def compose_nginxes(n):
    """n services of one project that run nginx"""
    tree = nginx(locations(1, "proxy_pass http://app:8000;"))
    web = "    image: nginx:1.25\n    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']\n"
    tree["compose.yaml"] = "services:\n" + gunicorn(0).replace("app0", "app") + repeat(
        n, lambda i: f"  web{i}:\n{web}")
    return tree
