"""The programmable backend: an HTTP/1.x server that misbehaves in just the ways a proof asks for.

It answers every request with the request line that it saw, and keeps the requests and a count of
connections, so that a proof can ask what nginx made of a request and how often it connected.
"""

import os
import re
import shutil
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

PATIENCE = 15  # seconds for anything that a peer may never do
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


class OptionError(Exception):
    """A `start backend` line says something that the backend does not know."""


class NotHttp(Exception):
    """What came is no HTTP/1.x request."""


@dataclass(frozen=True)
class Scoped:
    """An option that can be limited to a part of the site: `slow=3@/report`."""

    value: str
    prefix: str

    def concerns(self, path):
        return path.startswith(self.prefix)


@dataclass
class Request:
    method: str
    path: str
    version: str
    headers: list = field(default_factory=list)

    def values(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        return ", ".join(self.values(name))

    def keeps_alive(self):
        """RFC 9112, 9.3: HTTP/1.1 persists unless told not to, HTTP/1.0 only if told to."""
        connection = self.header("Connection").lower()
        if self.version == "HTTP/1.0":
            return "keep-alive" in connection
        return "close" not in connection

    def upgrades_to_websocket(self):
        return (
            self.version == "HTTP/1.1"
            and self.header("Upgrade").lower() == "websocket"
            and "upgrade" in self.header("Connection").lower()
        )


def parse_size(text):
    units = {"k": 1024, "m": 1024 * 1024}
    return int(text[:-1]) * units[text[-1]] if text[-1:] in units else int(text)


class Backend:
    SCOPED = {"header": "/login", "slow": "/", "status": "/", "drop": "/"}
    PLAIN = {"tls", "sni", "idle", "requests", "mode", "owner", "strict", "websocket"}

    def __init__(self, address, options, certificates):
        self.address = address
        self.options = self.read_options(options)
        self.requests = []
        self.connections = 0
        self.context = self.tls_context(certificates) if "tls" in self.options else None
        self.listener = listen(address)
        self.hand_over_socket()
        threading.Thread(target=self.accept_forever, daemon=True).start()

    def read_options(self, options):
        known = {}
        for name, value in options.items():
            if name in self.SCOPED:
                value, _, prefix = value.partition("@")
                known[name] = Scoped(value, prefix or self.SCOPED[name])
            elif name in self.PLAIN:
                known[name] = value
            else:
                raise OptionError(f'the backend knows no option "{name}"')
        if "sni" in known and "tls" not in known:
            raise OptionError('"sni" needs "tls"')
        return known

    def scoped(self, name, path):
        option = self.options.get(name)
        return option.value if option and option.concerns(path) else None

    def hand_over_socket(self):
        """Gives a unix socket the owner and mode that the program it stands for would give it."""
        if "owner" in self.options:
            user, _, group = self.options["owner"].partition(":")
            shutil.chown(self.address, user, group or user)
        if "mode" in self.options:
            os.chmod(self.address, int(self.options["mode"], 8))

    def tls_context(self, certificates):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{certificates}/cert.pem", f"{certificates}/key.pem")
        if self.options["tls"]:
            version = ssl.TLSVersion[f"TLSv{self.options['tls'].replace('.', '_')}"]
            context.minimum_version = context.maximum_version = version
        if "sni" in self.options:
            context.sni_callback = self.judge_server_name
        return context

    def judge_server_name(self, _socket, name, _context):
        wanted = self.options["sni"]
        if name is None or wanted not in ("required", name):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None

    def accept_forever(self):
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection.settimeout(PATIENCE)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.converse_or_refuse(connection)
        except (OSError, ValueError):
            pass  # what the peer made of it is the proof; here there is nobody to tell
        finally:
            connection.close()

    def converse_or_refuse(self, connection):
        try:
            self.converse(connection)
        except NotHttp:
            connection.sendall(BAD_REQUEST)

    def converse(self, connection):
        stream = connection.makefile("rb")
        promised = int(self.options.get("requests") or 0)
        served = 0
        while True:
            if served and "idle" in self.options:
                connection.settimeout(float(self.options["idle"]))
            request = read_request(stream)
            connection.settimeout(PATIENCE)
            if request is None:
                return
            self.requests.append(request)
            if promised and served == promised:
                return  # the race: promised to live, the connection dies as a request arrives
            if self.scoped("drop", request.path) is not None:
                return
            time.sleep(float(self.scoped("slow", request.path) or 0))
            connection.sendall(self.answer(request))
            served += 1
            if not request.keeps_alive():
                return

    def answer(self, request):
        status = self.status(request)
        if status == 101:
            return SWITCHING
        line = f"{request.method} {request.path} {request.version}"
        body = f"{line}\n".encode("latin-1")
        headers = [
            f"HTTP/1.1 {status} Proof",
            "Content-Type: text/plain",
            f"Content-Length: {len(body)}",
            f"Connection: {'keep-alive' if request.keeps_alive() else 'close'}",
            f"X-Request-Line: {line}",
        ]
        size = self.scoped("header", request.path)
        if size:
            headers.append(f"Set-Cookie: session={'x' * parse_size(size)}")
        head = "\r\n".join([*headers, "", ""]).encode("latin-1")
        return head if request.method == "HEAD" else head + body

    def status(self, request):
        if "strict" in self.options and not has_valid_host(request):
            return 400
        if "websocket" in self.options:
            return 101 if request.upgrades_to_websocket() else 400
        return int(self.scoped("status", request.path) or 200)


def has_valid_host(request):
    """As Tomcat judges: one Host, of letters, digits, dots and hyphens, perhaps with a port."""
    hosts = request.values("Host")
    return len(hosts) == 1 and re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", hosts[0]) is not None


def listen(address):
    if address.startswith("/"):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
    else:
        host, port = split_address(address)
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    listener.listen(128)
    return listener


def split_address(address):
    """"127.0.0.1:3000" and "[::1]:3000" to host and port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def read_request(stream):
    # As most servers do: see at the first byte that a TLS hello is no request, not wait for a line.
    first = stream.peek(1)[:1]
    if not first:
        return None
    if not first.isalpha():
        raise NotHttp
    words = stream.readline(65536).decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise NotHttp
    method, path, version = words[0], words[1], words[2].strip()
    request = Request(method, path, version, list(read_headers(stream)))
    if "chunked" in request.header("Transfer-Encoding").lower():
        discard_chunks(stream)
    else:
        stream.read(int(request.header("Content-Length") or 0))
    return request


def read_headers(stream):
    while line := stream.readline(65536).decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        yield name, value.strip()


def discard_chunks(stream):
    while size := int(stream.readline(64).split(b";")[0], 16):
        stream.read(size + 2)
    stream.readline(2)
