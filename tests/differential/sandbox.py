"""Where nginx -t may do what it likes: it opens logs, makes folders, binds ports.

With namespaces (as root, or where users may make them) everything but one temporary folder is
read-only, the folders of nginx's defaults are empty ones in memory, there is no network but a
loopback, every name has an address, and the users of all fixtures exist. Without namespaces root
becomes nobody, the default folders cannot be written, and more cases are set aside.
"""

import os
import socket
import subprocess
import sys
import threading

MARK = "GATELINT_DIFFERENTIAL_SANDBOX"
EMPTIED = ("/run", "/var/log/nginx", "/var/lib/nginx")  # the defaults of Debian's build
EMPTIED += ("/dev/shm",)  # for Python's own locks
NOBODY = 65534


def namespaces():
    """The words that make the namespaces here, or None."""
    words = ["unshare", "--net", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        words.insert(1, "--map-root-user")
    try:
        attempt = [*words, "mount", "-t", "tmpfs", "probe", "/tmp"]
        probe = subprocess.run(attempt, capture_output=True)
    except OSError:
        return None
    return words if probe.returncode == 0 else None


def is_inside():
    return MARK in os.environ


def enter(folder, arguments):
    """Runs this program again inside, and returns its exit code; None: there is no inside."""
    words = namespaces()
    if not words:
        return None
    environment = {**os.environ, MARK: str(folder)}
    return subprocess.run([*words, sys.executable, *arguments], env=environment).returncode


def furnish(writable, users):
    """Inside: makes the machine read-only but for the folders, and adds what fixtures rely on."""
    command("ip", "link", "set", "lo", "up")
    # With AI_ADDRCONFIG, getaddrinfo() wants an address besides the loopback's own.
    command("ip", "address", "add", "10.255.255.1/32", "dev", "lo")
    overlay(writable[0], "/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    for path, lines in users.items():
        known = open(path).read()
        names = {line.split(":")[0] for line in known.splitlines()}
        new = [line for line in lines if line.split(":")[0] not in names]
        overlay(writable[0], path, known + "".join(f"{line}\n" for line in new))
    make_read_only(writable)
    for folder in EMPTIED:
        if os.path.isdir(folder):
            command("mount", "-t", "tmpfs", "differential", folder)
    serve_names()


def make_read_only(writable):
    points = [line.split()[4] for line in open("/proc/self/mountinfo")]
    for folder in writable:
        command("mount", "--bind", str(folder), str(folder))
    for point in dict.fromkeys(points):
        words = ["mount", "-o", "remount,bind,ro", point]
        done = subprocess.run(words, capture_output=True, text=True)
        # A user's namespace may not change some mounts, but neither may the user write there.
        if done.returncode and point == "/" and os.stat("/").st_uid == os.geteuid():
            sys.exit(f"the sandbox cannot be made read-only: {done.stderr.strip()}")


def overlay(folder, path, text):
    """Shows other contents in a file of the machine, inside the sandbox."""
    copy = folder / os.path.basename(path)
    copy.write_text(text)
    command("mount", "--bind", str(copy), os.path.realpath(path))


def serve_names():
    """A name server for which every name is this machine: which names exist is not to matter."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    threading.Thread(target=answer_forever, args=(server,), daemon=True).start()


def answer_forever(server):
    while True:
        query, client = server.recvfrom(4096)
        end = query.find(b"\0", 12) + 5  # RFC 1035, 4.1.2: the name, its type and its class
        is_ipv4 = query[end - 4 : end - 2] == b"\0\1"
        count = b"\0\1" if is_ipv4 else b"\0\0"
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_ipv4 else b""
        head = query[:2] + b"\x81\x80\0\1" + count + b"\0\0\0\0"
        server.sendto(head + query[12:end] + record, client)


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the sandbox cannot be made: {' '.join(words)}: {done.stderr.strip()}")


def nginx_is_root():
    """A namespace's root counts."""
    return is_inside()


def identity():
    """How to start nginx: as nobody where it could do harm."""
    if os.geteuid() != 0 or is_inside():
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
