"""The configurations that are judged and mutated: our fixtures, gateways and seeds.

A base is a small tree, staged in a temporary folder in which absolute paths of the text are moved,
so that both programs read the same bytes and write nowhere else.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
FIXTURES = PROJECT / "fixtures"
SEEDS = HERE / "seeds"

MAINS = ("nginx.conf", "etc/nginx/nginx.conf")
INCLUDE = re.compile(r"^\s*include\s+[\"']?([^;\"'\s]+)", re.MULTILINE)
# A path at the beginning of a word, in a folder where files are opened or made.
MOVED = re.compile(r"(?<![^\s\"'])/(?=(?:etc|var|run)/)")
# Where texts look for certificates, and what else must be there.
KEYS = ("etc/nginx/tls", "etc/ssl/shop", "etc/ssl/certs", "tls")
FOLDERS = ("run", "var/run", "var/log/nginx", "var/lib/nginx")
FOLDERS += ("var/cache/nginx", "logs", "temp", "html")


@dataclass
class Base:
    """A tree of files, by their places in it."""

    name: str
    files: dict  # relative path -> bytes
    links: dict  # relative path -> target
    main: str

    def readable(self):
        """The main file and what it includes, where the base has it."""
        found, queue = [], [self.main]
        while queue:
            path = queue.pop()
            if path in found or path not in self.files:
                continue
            found.append(path)
            for target in INCLUDE.findall(self.text(path)):
                queue += self.matching(target)
        return sorted(found)

    def matching(self, target):
        folder = Path(self.main).parent
        pattern = target.lstrip("/") if target.startswith("/") else str(folder / target)
        return [path for path in self.files if Path(path).match(pattern)]

    def text(self, path):
        return self.files[path].decode("latin-1")


def read_base(name, layers, to=""):
    files, links = {}, {}
    for layer in layers:
        for path in sorted(layer.rglob("*")):
            place = f"{to}{path.relative_to(layer)}"
            if path.is_symlink():
                links[place] = str(path.readlink())
            elif path.is_file():
                files[place] = path.read_bytes()
    mains = [f"{to}{main}" for main in MAINS if f"{to}{main}" in {**files, **links}]
    return Base(name, files, links, mains[0]) if mains else None


def fixtures():
    for rule in sorted(filter(Path.is_dir, (FIXTURES / "rules").iterdir())):
        for case in sorted(filter(Path.is_dir, rule.iterdir())):
            for side in ("bad", "good"):
                if (case / side).is_dir():
                    layers = filter(Path.is_dir, (case / "shared", case / side))
                    yield read_base(f"{rule.name}/{case.name}/{side}", layers)


def gateways():
    for folder in sorted(filter(Path.is_dir, (FIXTURES / "gateways").iterdir())):
        yield read_base(f"gateways/{folder.name}", [folder], "etc/nginx/")


def read_seed(path):
    files = {
        str(file.relative_to(SEEDS / "shared")): file.read_bytes()
        for file in sorted((SEEDS / "shared").rglob("*"))
        if file.is_file()
    }
    return Base(f"seeds/{path.stem}", {**files, "nginx.conf": path.read_bytes()}, {}, "nginx.conf")


def all_bases():
    found = [*fixtures(), *gateways()]
    found += [read_seed(path) for path in sorted(SEEDS.glob("*.conf"))]
    return {base.name: base for base in found if base}


def users():
    """The users and groups that fixtures add to the machine's own."""
    found = {}
    for name in ("passwd", "group"):
        files = sorted((FIXTURES / "rules").glob(f"**/etc/{name}"))
        lines = [line for path in files for line in path.read_text().splitlines() if ":" in line]
        found[f"/etc/{name}"] = list({line.split(":")[0]: line for line in lines}.values())
    return found


# ---------------------------------------------------------------- staging


def make_certificates(folder):
    """One certificate for the names of all bases, with the files that TLS directives name."""
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split()
    words += ["-days", "2", "-subj", "/CN=example.com", "-addext"]
    words += ["subjectAltName=DNS:localhost,DNS:*.example.com,IP:127.0.0.1"]
    words += ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    subprocess.run(words, check=True, capture_output=True)
    certificate, key = ((folder / name).read_bytes() for name in ("cert.pem", "key.pem"))
    (folder / "privkey.pem").write_bytes(key)
    (folder / "fullchain.pem").write_bytes(certificate)
    (folder / "ca-certificates.crt").write_bytes(certificate)
    (folder / "ticket.key").write_bytes((key * 2)[:80])
    (folder / "passwords").write_text("secret\n")
    (folder / "dhparam.pem").write_text(DHPARAM)
    for path in folder.iterdir():
        path.chmod(0o644)  # they protect nothing, and nginx may run as nobody


# RFC 7919's ffdhe2048: public, and making one takes seconds.
DHPARAM = """-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""


class Stage:
    """A folder in which one base after another is laid out, and one mutant after another judged."""

    def __init__(self, folder, certificates):
        self.folder = folder
        self.certificates = certificates
        self.base = None

    def lay_out(self, base):
        if self.base is base:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        for place in FOLDERS:
            (self.folder / place).mkdir(parents=True)
        for place in KEYS:
            shutil.copytree(self.certificates, self.folder / place, dirs_exist_ok=True)
        for path in base.files:
            self.write(path, base.text(path))
        for path, target in base.links.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).symlink_to(self.move(target))
        for path in [self.folder, *self.folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o777)
        self.base = base
        self.main = str(self.folder / base.main)
        self.texts = {path: base.text(path) for path in base.readable()}

    @property
    def text(self):
        return "\n".join(self.texts.values())

    def put(self, path, text):
        self.write(path, text)
        self.texts[path] = text

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.move(text).encode("latin-1", errors="replace"))

    def move(self, text):
        return MOVED.sub(f"{self.folder}/", text)

    def absolute(self, file):
        return str((self.folder / file).resolve()) if file else ""

    def read(self, file):
        try:
            return Path(file).read_bytes().decode("latin-1")
        except OSError:
            return ""
