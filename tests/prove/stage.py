"""One side of a case on a machine of its own: play() is run by prove.py in new namespaces (apart.py).

It lays the side's tree over a copy-on-write view of this machine, starts what the proof names and
then nginx with the side's own configuration, takes every step of the proof, and returns what it
observed as JSON. Because every path, port and user is the one in the configuration, nothing has to
be rewritten, and what is proved is what is written. When this process ends, the kernel ends
everything that it started.
"""

import http.client
import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import compose
import containers
import proof as proofs
import services
from backend import OptionError

TIME_LIMIT = 30  # seconds for one side, whatever happens
ERROR_LOG = "/var/log/nginx/error.log"
CERTIFICATES = "/etc/nginx/tls"
STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"

# What this machine has in these places is not what the side says: they begin empty.
EMPTIED = {
    "/run": 0o755,
    "/tmp": 0o1777,
    "/var/tmp": 0o1777,
    "/var/lib/nginx": 0o755,
    "/var/log": 0o755,
    "/var/www": 0o755,
    "/srv": 0o755,
    "/etc/nginx": 0o755,
    "/etc/php": 0o755,
    "/etc/systemd/system": 0o755,
}


class StageError(Exception):
    """The stage could not be set; says nothing about the rule."""


def command(*words):
    result = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode:
        raise StageError(f"{' '.join(words)}: {result.stderr.strip()}")


# ---------------------------------------------------------------- the machine


def make_room():
    """Hides /run from here on, but only in this namespace, and no checkout lives there."""
    command("mount", "-t", "tmpfs", "stage", "/run")


def build_root(name):
    """Makes a copy-on-write view of / whose changes live in memory, and returns its folder."""
    base = f"/run/{name}"
    for part in ("upper", "work", "root"):
        os.makedirs(f"{base}/{part}")
    layers = f"lowerdir=/,upperdir={base}/upper,workdir={base}/work"
    command("mount", "-t", "overlay", "stage", "-o", layers, f"{base}/root")
    root = Path(base, "root")
    for place, mode in EMPTIED.items():
        Path(f"{root}{place}").mkdir(parents=True, exist_ok=True)
        command("mount", "-t", "tmpfs", "-o", f"mode={mode:o}", "stage", f"{root}{place}")
    command("mount", "-t", "proc", "proc", f"{root}/proc")
    command("mount", "--rbind", "/dev", f"{root}/dev")
    return root


def furnish(root, certificates):
    """Adds what every host has, and no case should have to repeat."""
    shutil.copytree(certificates, f"{root}{CERTIFICATES}")
    for folder in ("run/lock", "run/php", "var/log/nginx", "var/www/html"):
        Path(root, folder).mkdir(parents=True)
    shutil.chown(f"{root}/run/php", "www-data", "www-data")  # as tmpfiles.d/php8.2-fpm.conf has it
    Path(root, "var/www/html/index.php").write_text("<?php echo 'hello from php';\n")
    Path(root, "var/www/html/index.html").write_text("hello from nginx\n")
    replace(f"{root}/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    replace(f"{root}/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")


def replace(path, text):
    """Writes a file that may be a link into a folder which is not there."""
    Path(path).unlink(missing_ok=True)
    Path(path).write_text(text)


def connect_network(proof):
    command("ip", "link", "set", "lo", "up")
    on_host = [service for service in proof.services if not service.place]
    listening = [service.name for service in on_host if service.kind not in ("unit", "service")]
    wanted = {address for address, _ in proof.hosts}
    hosts = (name.rpartition(":")[0].strip("[]") for name in listening)
    wanted |= {host for host in hosts if host}
    wanted |= {service.name for service in on_host if service.kind == "name-server"}
    for address in sorted(wanted):
        give_address(address)


def give_address(text):
    address = ipaddress.ip_address(text)
    if not address.is_loopback and not address.is_unspecified:
        nodad = ["nodad"] if address.version == 6 else []  # usable at once
        command("ip", "address", "add", f"{address}/{address.max_prefixlen}", "dev", "lo", *nodad)


def name_hosts(proof):
    with open("/etc/hosts", "a") as hosts:
        for address, names in proof.hosts:
            if names:
                hosts.write(f"{address} {' '.join(names)}\n")


# ---------------------------------------------------------------- nginx


class Nginx:
    """The installed nginx with the side's main configuration, daemon or not as that says."""

    def __init__(self, main, tree):
        self.words = ["nginx", "-e", ERROR_LOG, "-c", main]
        if uses_stream(tree):
            self.words += ["-g", f"load_module {STREAM_MODULE};"]

    def test(self):
        return run_bounded(self.words + ["-t"])

    def start(self):
        """Returns None when nginx serves, else what it said."""
        output = open("/var/log/nginx/stderr", "w+")
        how = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        process = subprocess.Popen(services.own_sandbox() + self.words, **how)
        try:
            # A daemon's first process returns when the sockets listen. With `daemon off` it stays.
            code = process.wait(timeout=1.5)
        except subprocess.TimeoutExpired:
            return None
        return None if code == 0 else Path(output.name).read_text().strip()


def find_main(tree):
    candidates = [Path("/nginx.conf"), Path("/etc/nginx/nginx.conf")]
    candidates += sorted(path for path in tree if path.name == "nginx.conf")
    present = [path for path in candidates if path in tree and path.is_file()]
    return str(present[0]) if present else ""


def uses_stream(tree):
    texts = [path.read_text(errors="replace") for path in tree if path.is_file()]
    loads = any("ngx_stream_module.so" in text for text in texts)
    return not loads and any(re.search(r"^\s*stream\s*\{", text, re.MULTILINE) for text in texts)


def run_bounded(words):
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    result = subprocess.run(words, text=True, timeout=10, **how)
    return result.returncode, result.stdout.strip()


def error_log():
    """Everything that nginx complained about, wherever the configuration sends it."""
    logs = [path for path in Path("/var/log/nginx").iterdir() if "access" not in path.name]
    return "".join(path.read_text(errors="replace") for path in sorted(logs) if path.is_file())


# ---------------------------------------------------------------- the client


class Client:
    """Asks once per connection, as a browser would; what is no answer gets a word for a status."""

    def send(self, request):
        """Returns (status or word, body)."""
        connection = self.connect(request)
        try:
            return self.converse(connection, request)
        except ConnectionRefusedError:
            return "refused", ""
        except (http.client.RemoteDisconnected, ConnectionError):
            return "closed", ""
        except TimeoutError:
            return "timeout", ""
        except http.client.HTTPException:
            return "garbage", ""
        except ssl.SSLError:
            return "handshake-failed", ""
        finally:
            connection.close()

    def connect(self, request):
        url = self.url(request)
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 80)
        host = self.address(url.hostname)
        connection = http.client.HTTPConnection(host, port, timeout=request.timeout)
        connection.connect = lambda: self.open(connection, url.hostname if secure else None)
        return connection

    @staticmethod
    def url(request):
        full = request.target if "://" in request.target else f"http://127.0.0.1{request.target}"
        return urlsplit(full)

    @staticmethod
    def address(host):
        """Names are nginx's server names here: all of them mean this machine."""
        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            return "127.0.0.1"

    @staticmethod
    def open(connection, server_name):
        address = (connection.host, connection.port)
        connection.sock = socket.create_connection(address, connection.timeout)
        if server_name:
            context = ssl._create_unverified_context()  # the certificate is ours, made a moment ago
            connection.sock = context.wrap_socket(connection.sock, server_hostname=server_name)

    def converse(self, connection, request):
        url = self.url(request)
        path = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
        connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        headers = [("Host", url.netloc), ("Connection", "close")]
        overridden = {name.lower() for name, _ in request.headers}
        headers = [header for header in headers if header[0].lower() not in overridden]
        if request.body:
            headers.append(("Content-Length", str(len(request.body))))
        for name, value in [*headers, *request.headers]:
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        if response.version == 9:
            return "garbage", ""
        body = b"" if response.status == 101 else response.read()
        return str(response.status), body.decode(errors="replace").strip()


# ---------------------------------------------------------------- the proof


class Network:
    """The machines of a side: the host, and a container for each service of its compose project."""

    def __init__(self, root, project=None, builder=None, machines=None):
        self.host = containers.Machine(root, containers.own_network())
        self.project = project
        self.builder = builder
        self.containers = machines or {}

    def machine(self, name):
        if name and name not in self.containers:
            raise StageError(f"the side's compose file has no service {name}")
        return self.containers[name] if name else self.host

    def serve(self, early):
        """Starts name servers and published ports; `early`: a service for which only those run that
        compose starts before it."""
        if not self.project:
            return
        for service in self.project.services.values():
            owner = self.builder.owner(service)
            if owner is not service or not owner.networks:
                continue
            running = set(self.project.services)
            if service.name == early:
                running = {early} | self.project.started_before(early)
            with self.containers[service.name].entered():
                containers.serve_names(self.builder.names(service, running))
            address = self.builder.address(service, next(iter(service.networks)))
            for port in service.ports:
                if port.host:
                    containers.publish(port, address)


class Stage:
    def __init__(self, proof, side, tree, network):
        self.proof = proof
        self.side = side
        self.network = network
        main = find_main(tree)
        place = network.project.nginx_service(main) if network.project else None
        self.place, inner = place or ("", main)
        if not inner:
            raise StageError("the side has no nginx.conf at its top")
        self.machine = network.machine(self.place)
        self.nginx = Nginx(inner, tree)
        self.client = Client()
        self.backends = []

    def start(self):
        self.network.serve(self.place if self.proof.nginx_is_early else "")
        for service in self.proof.services:
            with self.network.machine(service.place).entered():
                self.start_service(service)
        if not self.proof.expects_refusal(self.side):
            with self.machine.entered():
                complaint = self.nginx.start()
            if complaint:
                raise StageError(f"nginx does not start: {complaint}")

    def start_service(self, service):
        if service.kind == "service":
            services.run_container(self.network.project.services[service.name])
            return
        try:
            started = services.START[service.kind](service, CERTIFICATES)
        except services.ServiceError:
            of_php = service.kind == "php-fpm" and self.proof.expects_php_refusal(self.side)
            if not (of_php or self.must_fail(service)):
                raise
            return
        if self.must_fail(service):
            raise StageError(f"{service.name} comes up")
        if service.kind == "backend":
            self.backends.append(started)

    def must_fail(self, service):
        return self.side == "bad" and "fails" in service.options

    def observe(self, step):
        with self.machine.entered():
            return getattr(self, f"observe_{step.kind}")(step)

    def log(self):
        with self.machine.entered():
            return error_log()

    def observe_status(self, step):
        return self.client.send(step.request)[0]

    def observe_body(self, step):
        return self.client.send(step.request)[1]

    def observe_path(self, step):
        seen = self.seen_by_backends(step)
        return seen.path if seen else "nothing"

    def observe_sent(self, step):
        seen = self.seen_by_backends(step)
        return (seen.header(step.argument) or "nothing") if seen else "nothing"

    def seen_by_backends(self, step):
        before = [len(backend.requests) for backend in self.backends]
        self.client.send(step.request)
        new = [backend.requests[count:] for backend, count in zip(self.backends, before)]
        return next((requests[-1] for requests in new if requests), None)

    def observe_connections(self, step):
        before = self.count_connections()
        for _ in range(int(step.argument)):
            self.client.send(step.request)
        return str(self.count_connections() - before)

    def observe_parallel(self, step):
        count = int(step.argument)
        with ThreadPoolExecutor(count) as pool:
            seen = pool.map(self.client.send, [step.request] * count)
            return max(status for status, _ in seen)

    def count_connections(self):
        return sum(backend.connections for backend in self.backends)

    def observe_log(self, step):
        # nginx logs some lines after it has answered: wait for one that is due, else but a moment.
        deadline = time.monotonic() + (2 if self.side == "bad" else 0.3)
        while step.argument not in error_log():
            if time.monotonic() > deadline:
                return "not logged"
            time.sleep(0.03)
        return "logged"

    def observe_test(self, step):
        code, output = self.nginx.test()
        if code == 0:
            return "accepted"
        return "refused" if step.argument in output else f"refused in other words: {output}"


    def observe_php_test(self, step):
        complaint = services.test_php_fpm()
        if complaint is None:
            return "accepted"
        return "refused" if step.argument in complaint else f"refused in other words: {complaint}"


def perform(case, side, certificates):
    sides = [name for name in ("bad", "good") if (case / name).is_dir()]
    proof = proofs.parse(case / "proof.txt", sides)
    make_room()
    root = make_root("host", certificates)
    layers = [case / name for name in ("shared", side) if (case / name).is_dir()]
    for layer in layers:
        shutil.copytree(layer, root, symlinks=True, dirs_exist_ok=True)
    tree = [Path("/", path.relative_to(layer)) for layer in layers for path in layer.rglob("*")]
    connect_network(proof)
    network = make_network(root, tree, certificates)
    network.host.enter()
    name_hosts(proof)
    stage = Stage(proof, side, tree, network)
    stage.start()
    return {"observed": [stage.observe(step) for step in proof.steps], "log": stage.log()}


def make_root(name, certificates):
    root = build_root(name)
    furnish(root, certificates)
    return root


def make_network(root, tree, certificates):
    file = compose.find(tree)
    if not file:
        return Network(root)
    if compose.yaml is None:
        raise services.Missing("python3-yaml is not installed")
    project = compose.read(Path(f"{root}{file}").read_text(), file.parent)

    def make_container(name):
        container = make_root(f"containers/{name}", certificates)
        containers.furnish(container)
        return container

    builder = containers.Builder(project, root, command, make_container)
    return Network(root, project, builder, builder.build())


CANNOT_GO_ON = (
    StageError,
    services.ServiceError,
    compose.ComposeError,
    OptionError,
    proofs.ProofError,
    OSError,
)


def out_of_time(_signal, _frame):
    raise StageError(f"not done after {TIME_LIMIT} s")


def play(case, side, certificates):
    """What was observed, as JSON."""
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(TIME_LIMIT)
    try:
        result = perform(case, side, certificates)
    except services.Missing as error:
        result = {"missing": str(error)}
    except CANNOT_GO_ON as error:
        result = {"error": str(error)}
    return json.dumps(result)
