"""Containers as a proof needs them: a root folder and a network namespace for each service.

What docker does for a compose project is done with the kernel's own means: a bridge for each
network, a pair of linked interfaces for each attachment, bind mounts for volumes, and a name server
at 127.0.0.11 that knows only those who share a network with whoever asks. The containers share the
process namespace of the stage, and their image is this machine.
"""

import contextlib
import os
import shutil
import socket
import struct
import threading
from pathlib import Path

from apart import CLONE_NEWNET, check, libc

HOST_GATEWAY = "172.17.0.1"  # the host's address on docker's own bridge
DNS_ADDRESS = "127.0.0.11"


class Machine:
    """The host or a container: a root folder and a network namespace, to be entered for a while."""

    current = None

    def __init__(self, root, network):
        self.root = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        self.network = network  # a descriptor

    @contextlib.contextmanager
    def entered(self):
        """What is started, opened or connected in here is so on this machine."""
        before = Machine.current
        self.enter()
        try:
            yield
        finally:
            before.enter()

    def enter(self):
        check(libc.setns(self.network, CLONE_NEWNET))
        os.fchdir(self.root)
        os.chroot(".")
        Machine.current = self


def own_network():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


@contextlib.contextmanager
def inside(network):
    before = own_network()
    check(libc.setns(network, CLONE_NEWNET))
    try:
        yield
    finally:
        check(libc.setns(before, CLONE_NEWNET))
        os.close(before)


def new_network(path, command):
    """A network namespace with its own loopback; it gets a path, as by `ip netns add`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with inside(own_network()):
        check(libc.unshare(CLONE_NEWNET))
        command("mount", "--bind", "/proc/self/ns/net", str(path))
        command("ip", "link", "set", "lo", "up")
        return own_network()


# ---------------------------------------------------------------- building


class Builder:
    """Makes the machines of a project. `command` runs words or raises; `make_root` makes a root
    folder of a name."""

    def __init__(self, project, host_root, command, make_root):
        self.project = project
        self.host_root = host_root
        self.command = command
        self.make_root = make_root
        self.networks = {}  # descriptors, by service
        numbers = range(2, 250)
        self.number = dict(zip(sorted(project.services), numbers))
        self.subnet = {name: f"172.{18 + i}.0" for i, name in enumerate(project.networks())}

    def build(self):
        self.command("ip", "address", "add", f"{HOST_GATEWAY}/32", "dev", "lo")
        for i, name in enumerate(self.subnet):
            self.command("ip", "link", "add", f"bridge{i}", "type", "bridge")
            self.command("ip", "address", "add", f"{self.subnet[name]}.1/16", "dev", f"bridge{i}")
            self.command("ip", "link", "set", f"bridge{i}", "up")
        host = own_network()
        for service in self.project.services.values():
            if service.network_mode == "host":
                self.networks[service.name] = host
            elif not service.network_mode.startswith("service:"):
                self.networks[service.name] = self.connect(service)
        return {name: self.make_machine(name) for name in self.project.services}

    def owner(self, service):
        """The service whose network namespace it is in."""
        mode = service.network_mode
        return self.project.services[mode[8:]] if mode.startswith("service:") else service

    def make_machine(self, name):
        service = self.project.services[name]
        root = self.make_root(name)
        self.mount(service, root)
        owner = self.owner(service)
        hosts = "".join(
            f"{HOST_GATEWAY if address == 'host-gateway' else address} {host}\n"
            for host, address in owner.extra_hosts
        )
        with open(f"{root}/etc/hosts", "a") as file:
            file.write(hosts)
        if owner.networks:
            Path(f"{root}/etc/resolv.conf").write_text(f"nameserver {DNS_ADDRESS}\n")
        return Machine(root, self.networks[owner.name])

    def connect(self, service):
        path = Path("/run/networks", service.name)
        network = new_network(path, self.command)
        for i, name in enumerate(service.networks):
            bridge = f"bridge{list(self.subnet).index(name)}"
            outside, inner = f"veth{self.number[service.name]}.{i}", f"eth{i}"
            link = ["ip", "link", "add", outside, "type", "veth", "peer", "name", inner]
            self.command(*link, "netns", str(path))
            self.command("ip", "link", "set", outside, "master", bridge, "up")
            address = self.address(service, name)
            with inside(network):
                self.command("ip", "address", "add", f"{address}/16", "dev", inner)
                self.command("ip", "link", "set", inner, "up")
                if i == 0:
                    gateway = f"{self.subnet[name]}.1"
                    self.command("ip", "route", "add", "default", "via", gateway)
        return network

    def address(self, service, network):
        return f"{self.subnet[network]}.{self.number[service.name]}"

    def mount(self, service, root):
        for mount in sorted(service.mounts, key=lambda mount: mount.target):
            target = Path(f"{root}{mount.target}")
            if mount.kind == "tmpfs":
                target.mkdir(parents=True, exist_ok=True)
                self.command("mount", "-t", "tmpfs", "container", str(target))
                continue
            source = self.source(mount)
            if source.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch()
            self.command("mount", "--bind", str(source), str(target))
            if mount.read_only:
                self.command("mount", "-o", "remount,bind,ro", str(target))

    def source(self, mount):
        is_bind = mount.kind == "bind"
        folder = self.host_root if is_bind else "/run/volumes/"
        source = Path(f"{folder}{mount.source}")
        if not source.exists():
            source.mkdir(parents=True)  # as the engine does
        return source

    def names(self, service, running):
        """What the engine's name server tells the service of those that run: addresses by name."""
        names = {}
        owner = self.owner(service)
        for network in owner.networks:
            for other in self.project.services.values():
                if network not in other.networks or other.name not in running:
                    continue
                links = [alias for linked, alias in owner.links if linked == other.name]
                aliases = [*other.networks[network], *links]
                for name in {other.name, other.container_name or other.name, *aliases}:
                    names.setdefault(name.lower(), []).append(self.address(other, network))
        return names


# ---------------------------------------------------------------- images

# What nginx's official image has, as far as it matters.
MAIN = """user nginx;
worker_processes auto;

error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
"""


def furnish(root):
    """Adds what nginx's image has; in the container of another service it does no harm."""
    folder = Path(root, "etc/nginx")
    (folder / "conf.d").mkdir()
    (folder / "nginx.conf").write_text(MAIN)
    for name in ("mime.types", "fastcgi_params", "scgi_params", "uwsgi_params"):
        shutil.copy(f"/etc/nginx/{name}", folder)
    user, group = "nginx:x:101:101::/nonexistent:/bin/false", "nginx:x:101:"
    for name, line in (("passwd", user), ("group", group)):
        path = Path(root, "etc", name)
        lines = [one for one in path.read_text().splitlines() if not one.startswith("nginx:")]
        path.write_text("\n".join([*lines, line, ""]))


# ---------------------------------------------------------------- servers


def serve_names(names, address=DNS_ADDRESS):
    """A name server, by default the engine's, on the machine that is entered."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((address, 53))

    def serve():
        while True:
            query, asker = listener.recvfrom(4096)
            with contextlib.suppress(OSError, ValueError, IndexError, struct.error):
                listener.sendto(answer(query, names), asker)

    threading.Thread(target=serve, daemon=True).start()


def answer(query, names):
    """RFC 1035, 4.1: the question again, and an A record for each address."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode().lower())
        at += 1 + query[at]
    question = query[12 : at + 5]
    (kind,) = struct.unpack(">H", query[at + 1 : at + 3])
    known = names.get(".".join(labels))
    addresses = (known or []) if kind == 1 else []
    flags = 0x8180 if known else 0x8183  # NXDOMAIN
    head = query[:2] + struct.pack(">HHHHH", flags, 1, len(addresses), 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4)
    return head + question + b"".join(record + socket.inet_aton(one) for one in addresses)


def publish(port, address):
    """A published port, as docker-proxy serves it: on the machine that is entered."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((port.host_ip or "0.0.0.0", port.host))
    listener.listen(128)

    def serve():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=forward, args=(client,), daemon=True).start()

    def forward(client):
        with client, contextlib.suppress(OSError):
            server = socket.create_connection((address, port.container), 5)
            threading.Thread(target=copy, args=(server, client), daemon=True).start()
            copy(client, server)

    threading.Thread(target=serve, daemon=True).start()


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
