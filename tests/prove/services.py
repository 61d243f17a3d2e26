"""The programs behind nginx that a proof can start, each from the files the side has for it."""

import grp
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path

import containers
from backend import Backend

PATIENCE = 15  # seconds for a program to come up, on a machine that has others to start
PHP_FPM = "php-fpm8.2"
UNITS = "/etc/systemd/system"
NGINX = "nginx.service"
NO = ("0", "no", "n", "false", "f", "off")


class ServiceError(Exception):
    """A program did not come up."""


class Missing(Exception):
    """A program is not installed here."""


def run(words, log, **how):
    if not shutil.which(words[0]):
        raise Missing(f"{words[0]} is not installed")
    output = open(log, "ab")
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **how)


def complaint(program, log):
    said = Path(log).read_text(errors="replace").strip() or "it says nothing"
    return ServiceError(f"{program} did not come up: {said}")


# ---------------------------------------------------------------- backend


def start_backend(service, certificates):
    try:
        return Backend(service.name, service.options, certificates)
    except (OSError, ValueError, LookupError) as error:
        raise ServiceError(f"backend {service.name}: {error!r}") from error


def start_name_server(service, _certificates):
    """One that knows the names which are said, and no others."""
    names = {name.lower(): [address] for name, address in service.options.items()}
    try:
        containers.serve_names(names, service.name)
    except OSError as error:
        raise ServiceError(f"name server {service.name}: {error!r}") from error


# ---------------------------------------------------------------- php-fpm


def start_php_fpm(service, _certificates):
    """Starts a master for each php-fpm that the side configures, or one that it does not know."""
    if service.name:
        start_master(foreign_php_fpm_conf(service.name))
        return
    for conf in own_php_fpm_confs():
        start_master(conf)


def own_php_fpm_confs():
    configurations = [php_fpm_conf(*folder) for folder in enumerate(find_php_fpm())]
    if not configurations:
        raise ServiceError("the side configures no php-fpm (etc/php/*/fpm)")
    return configurations


def test_php_fpm():
    """What php-fpm itself says of the side's configurations: None if it likes them."""
    for conf in own_php_fpm_confs():
        words = [PHP_FPM, "--test", "--fpm-config", str(conf)]
        result = subprocess.run(words, text=True, capture_output=True, timeout=PATIENCE)
        if result.returncode:
            return result.stderr.strip()
    return None


def find_php_fpm():
    folders = [*Path("/etc/php").glob("*/fpm"), *Path("/etc/php").glob("fpm")]
    return sorted(folder for folder in folders if folder.is_dir())


def php_fpm_conf(number, folder):
    """The side's main file, or what Debian's package has where a side has only pools."""
    conf = folder / "php-fpm.conf"
    if not conf.is_file():
        conf = Path(f"/run/php-fpm-{number}.conf")
        log = f"/var/log/php-fpm-{number}.log"
        conf.write_text(f"[global]\nerror_log = {log}\ninclude = {folder}/pool.d/*.conf\n")
    return conf


def foreign_php_fpm_conf(address):
    """A php-fpm of which the side knows only the address, because it runs on another host."""
    conf = Path("/run/php-fpm-foreign.conf")
    conf.write_text(
        "[global]\nerror_log = /var/log/php-fpm.log\n"
        f"[foreign]\nuser = www-data\ngroup = www-data\nlisten = {address}\n"
        "pm = static\npm.max_children = 2\n"
    )
    return conf


def start_master(conf):
    # With --daemonize, the first process returns when the pools listen, and says so if they cannot.
    log = "/var/log/php-fpm.stderr"
    process = run([PHP_FPM, "--daemonize", "--fpm-config", str(conf)], log)
    if process.wait(timeout=PATIENCE):
        raise complaint(PHP_FPM, log)


# ---------------------------------------------------------------- systemd units


def start_unit(service, _certificates):
    """Runs the side's own unit as systemd would, as far as sockets and users are concerned."""
    unit = read_unit(service.name)
    if service.name.endswith(".socket"):
        program = read_unit(unit.get("Service") or service.name.replace(".socket", ".service"))
        run_unit(program, service.name, listen_stream(unit))
    else:
        run_unit(unit, service.name)


class Unit:
    def __init__(self, lines):
        self.settings = [tuple(part.strip() for part in line.split("=", 1)) for line in lines]

    def values(self, name):
        return [value for key, value in self.settings if key == name]

    def get(self, name, default=""):
        return (self.values(name) or [default])[-1]


def read_unit(name):
    path = Path(UNITS, name)
    if not path.is_file():
        raise ServiceError(f"the side has no {path}")
    files = [path, *sorted(Path(UNITS, f"{name}.d").glob("*.conf"))]
    text = "\n".join(file.read_text() for file in files).replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return Unit([line for line in lines if "=" in line and line[0] not in "#;"])


def listen_stream(unit):
    paths = unit.values("ListenStream")
    if len(paths) != 1 or not paths[0].startswith("/"):
        raise ServiceError(f"ListenStream={' '.join(paths)}: only one path is supported")
    path = paths[0]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, int(unit.get("SocketMode", "0666"), 8))
    user = unit.get("SocketUser", "root")
    shutil.chown(path, user, unit.get("SocketGroup") or group_of(user))
    listener.listen(128)
    return listener


def group_of(user):
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def run_unit(unit, name, listener=None):
    make_runtime_directories(unit)
    environment = unit_environment(unit)
    words = shlex.split(unit.get("ExecStart").lstrip("-@:+!"))
    words = [expand(word, environment) for word in words]
    if not words:
        raise ServiceError(f"{name} has no ExecStart")
    if not shutil.which(words[0]):
        raise Missing(f"{words[0]} is not installed")
    if listener:
        # sd_listen_fds(3): the socket is descriptor 3, for the process with this number.
        environment["LISTEN_FDS"] = "1"
        words = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *words]
    before = listening_sockets()
    identity = unit_identity(unit)
    if folders := sandbox(unit):
        # To mount takes root: who it is comes after it.
        who = [f"--reuid={identity['user']}", f"--regid={identity['group']}", "--clear-groups"]
        words = [*folders, "setpriv", *who, *words]
        identity = {}
    process = run(
        words,
        f"/var/log/{name}.log",
        env=environment,
        cwd=unit.get("WorkingDirectory") or "/",
        umask=int(unit.get("UMask", "0022"), 8),
        pass_fds=[3] if listener else [],
        preexec_fn=(lambda: os.dup2(listener.fileno(), 3)) if listener else None,
        **identity,
    )
    await_readiness(process, name, before, activated=listener is not None)


def unit_environment(unit):
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for line in unit.values("Environment"):
        environment.update(word.split("=", 1) for word in shlex.split(line))
    return environment


def expand(word, environment):
    for name, value in environment.items():
        word = word.replace(f"${{{name}}}", value)
    return word


def unit_identity(unit):
    user = unit.get("User", "root")
    return {"user": user, "group": unit.get("Group") or group_of(user), "extra_groups": []}


def sandbox(unit):
    """The words before a command that give it folders of its own, as systemd would."""
    mounts = []
    if unit.get("PrivateTmp", "no") not in NO:
        mounts += [f"mount -t tmpfs -o mode=1777 private {path}" for path in ("/tmp", "/var/tmp")]
    protected = unit.get("ProtectHome", "no")
    if protected not in (*NO, "read-only"):
        mode = "755" if protected == "tmpfs" else "000"
        homes = ("/home", "/root")
        mounts += [f"mount -t tmpfs -o mode={mode},ro private {path}" for path in homes]
    if not mounts:
        return []
    script = " && ".join([*mounts, 'exec "$@"'])
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]


def own_sandbox():
    """The same for nginx, where the side has its unit, and its limit of open files."""
    if not Path(UNITS, NGINX).is_file():
        return []
    unit = read_unit(NGINX)
    files = unit.get("LimitNOFILE")
    return [*sandbox(unit), *(["prlimit", f"--nofile={files}"] if files else [])]


def make_runtime_directories(unit):
    for directory in unit.get("RuntimeDirectory").split():
        path = Path("/run", directory)
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(int(unit.get("RuntimeDirectoryMode", "0755"), 8))
        user = unit.get("User", "root")
        shutil.chown(path, user, unit.get("Group") or group_of(user))


def await_readiness(process, name, before, activated):
    """A unit is up when something new listens; an activated one has its socket already."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise complaint(name, f"/var/log/{name}.log")
        if activated or listening_sockets() - before:
            return
        time.sleep(0.05)
    raise complaint(name, f"/var/log/{name}.log")


def listening_sockets():
    """The inodes of everything in this network namespace that accepts connections."""
    tcp = {
        columns[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for columns in map(str.split, Path(table).read_text().splitlines()[1:])
        if columns[3] == "0A"
    }
    accepting = "00010000"  # __SO_ACCEPTCON in the flags of /proc/net/unix
    unix = {
        columns[6]
        for columns in map(str.split, Path("/proc/net/unix").read_text().splitlines()[1:])
        if columns[3] == accepting
    }
    return tcp | unix


# ---------------------------------------------------------------- services of compose


def run_container(service):
    """Runs what the compose file says that the service runs, on the machine that is entered."""
    if not service.words:
        raise ServiceError(f"service {service.name} has no command: its image decides")
    before = listening_sockets()
    process = run(
        service.words,
        f"/var/log/{service.name}.log",
        env={"PATH": os.environ["PATH"], **service.environment},
        cwd=service.working_dir,
        user=service.user,
    )
    await_readiness(process, service.name, before, activated=False)


# ---------------------------------------------------------------- a script of the tree


def start_script(service, _certificates):
    """Runs to its end, as a container's entrypoint does before nginx."""
    words = ["/bin/sh", service.name]
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        result = subprocess.run(words, text=True, timeout=10, **how)
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{service.name} does not end") from error
    if "not found" in result.stdout:
        raise Missing(f"{service.name}: {result.stdout.strip()}")
    if result.returncode != 0:
        raise ServiceError(f"{service.name} fails: {result.stdout.strip()}")


START = {
    "backend": start_backend,
    "name-server": start_name_server,
    "php-fpm": start_php_fpm,
    "script": start_script,
    "unit": start_unit,
}
