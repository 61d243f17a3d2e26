"""What the compose file of a side says, as far as a proof needs it. Nothing here runs anything."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

try:
    import yaml
except ImportError:  # needed by cases with a compose file only
    yaml = None

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")


class ComposeError(Exception):
    """A compose file that the prover does not understand."""


@dataclass(frozen=True)
class Mount:
    kind: str  # bind, volume, tmpfs
    source: str  # bind: absolute path on the host; volume: its name
    target: str  # absolute path in the container
    read_only: bool = False


@dataclass(frozen=True)
class Port:
    host_ip: str
    host: int
    container: int


@dataclass
class Service:
    name: str
    container_name: str = ""
    network_mode: str = ""
    networks: dict = field(default_factory=dict)  # network: aliases
    mounts: list = field(default_factory=list)
    ports: list = field(default_factory=list)
    extra_hosts: list = field(default_factory=list)  # (name, address)
    links: list = field(default_factory=list)  # (service, alias)
    depends_on: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    words: list = field(default_factory=list)  # entrypoint and command
    working_dir: str = "/"
    user: str = "root"


@dataclass
class Project:
    services: dict

    def networks(self):
        attached = (service.networks for service in self.services.values())
        return sorted(set().union(*attached))

    def started_before(self, name):
        """The services that are up for certain when this one starts: all that it depends on."""
        before, to_do = set(), [name]
        while to_do:
            new = set(self.services[to_do.pop()].depends_on) - before
            before |= new
            to_do += new
        return before

    def nginx_service(self, main):
        """The service that mounts the main configuration, and where; else the one that mounts parts
        for its image's own main file; or nothing."""
        for service in self.services.values():
            for mount in service.mounts:
                if not main or mount.kind != "bind" or not Path(main).is_relative_to(mount.source):
                    continue
                inner = Path(mount.target, Path(main).relative_to(mount.source))
                if inner.name == "nginx.conf":
                    return service.name, str(inner)
        for service in self.services.values():
            if any(mount.target.startswith("/etc/nginx/conf.d") for mount in service.mounts):
                return service.name, "/etc/nginx/nginx.conf"
        return None


def find(tree):
    """The compose file among the paths of a side, or nothing."""
    files = sorted((path for path in tree if path.name in NAMES), key=lambda path: len(path.parts))
    return files[0] if files else None


def read(text, folder):
    """`folder` is where relative paths begin: the file's own, on the host."""
    document = yaml.safe_load(text)
    services = document.get("services", {})
    return Project({name: read_service(name, said, folder) for name, said in services.items()})


def read_service(name, said, folder):
    service = Service(name)
    service.container_name = said.get("container_name", "")
    service.network_mode = said.get("network_mode", "")
    if not service.network_mode:
        service.networks = read_networks(said.get("networks") or ["default"])
    service.mounts = [read_mount(one, folder) for one in said.get("volumes", [])]
    service.mounts += [Mount("tmpfs", "", path) for path in as_list(said.get("tmpfs"))]
    service.ports = [read_port(one) for one in said.get("ports", [])]
    service.extra_hosts = [read_extra_host(one) for one in items(said.get("extra_hosts"))]
    service.links = [tuple(f"{one}:{one}".split(":")[:2]) for one in said.get("links", [])]
    service.depends_on = [*(said.get("depends_on") or []), *(link for link, _ in service.links)]
    service.environment = dict(read_environment(items(said.get("environment"))))
    service.words = as_words(said.get("entrypoint")) + as_words(said.get("command"))
    service.working_dir = said.get("working_dir", "/")
    service.user = str(said.get("user", "root"))
    return service


def as_list(value):
    return value if isinstance(value, list) else [value] if value else []


def as_words(value):
    return shlex.split(value) if isinstance(value, str) else list(map(str, value or []))


def items(value):
    """A mapping or a list of `key=value` as the latter."""
    if isinstance(value, dict):
        return [f"{key}={one}" for key, one in value.items()]
    return list(value or [])


def read_environment(lines):
    return (line.split("=", 1) for line in lines if "=" in line)


def read_extra_host(line):
    separator = "=" if "=" in line else ":"
    return tuple(line.split(separator, 1))


def read_networks(said):
    if isinstance(said, list):
        return {network: [] for network in said}
    return {network: (more or {}).get("aliases", []) for network, more in said.items()}


def read_mount(said, folder):
    if isinstance(said, dict):
        kind = said["type"]
        source = said.get("source", "")
        read_only = bool(said.get("read_only"))
        target = said["target"]
    else:
        source, target, *mode = said.split(":")
        kind = "bind" if source.startswith((".", "/")) else "volume"
        read_only = "ro" in ",".join(mode).split(",")
    if kind == "bind":
        source = str(Path("/", folder, source))
    return Mount(kind, source, inner_path(target), read_only)


def inner_path(path):
    """/var/run is an absolute link, which would lead out of a container's folder."""
    return path.replace("/var/run", "/run", 1) if path.startswith("/var/run") else path


def read_port(said):
    if isinstance(said, dict):
        return Port(said.get("host_ip", ""), int(said.get("published", 0)), int(said["target"]))
    *host, container = str(said).removesuffix("/tcp").split(":")
    if "-" in container:
        raise ComposeError(f"the prover reads no range of ports: {said}")
    return Port(host[0] if len(host) > 1 else "", int(host[-1] or 0) if host else 0, int(container))
