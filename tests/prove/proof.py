"""What a proof.txt says: what to start, what to ask, and what the two sides must answer.

The format is described in README.md beside this file. Nothing here runs anything.
"""

import ipaddress
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUEST_OPTIONS = {"header", "cookie", "body", "size", "timeout"}
TAKE_OPTIONS = {"backend", "name-server"}
SERVICES = {"php-fpm", "backend", "unit", "script", "service", "name-server"}
NAMED = {"unit", "script", "service"}  # these are started by a name, the others at an address


class ProofError(Exception):
    """A proof.txt that cannot be judged; the message begins with the line number."""


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: tuple = ()
    body: bytes = b""
    timeout: float = 5


@dataclass(frozen=True)
class Step:
    """One thing to observe, with what must be seen on each side: (bad, good), or (good,) alone."""

    text: str
    kind: str  # status, path, sent, body, connections, parallel, log, test, php_test
    expected: tuple
    request: Request = None
    argument: str = ""  # the header's name, the number of requests, the words of the log


@dataclass(frozen=True)
class Service:
    kind: str
    name: str
    options: dict
    place: str = ""  # the service of compose in which it runs, "" for the host


@dataclass
class Proof:
    sides: tuple
    services: list = field(default_factory=list)
    nginx_is_early: bool = False  # it starts as soon as compose lets it
    hosts: list = field(default_factory=list)  # (address, names)
    steps: list = field(default_factory=list)
    unproved: list = field(default_factory=list)
    versions: list = field(default_factory=list)  # (operator, version tuple)

    def expects_refusal(self, side):
        """Whether nginx may refuse to start on this side: only where that is to be shown."""
        return side == "bad" and any(step.kind == "test" for step in self.steps)

    def expects_php_refusal(self, side):
        """The same of php-fpm."""
        return side == "bad" and any(step.kind == "php_test" for step in self.steps)

    def concerns(self, version):
        return all(COMPARISONS[operator](version, bound) for operator, bound in self.versions)


COMPARISONS = {
    ">=": lambda version, bound: version >= bound,
    "<": lambda version, bound: version < bound,
}


def read_version(text):
    return tuple(int(part) for part in text.split("."))


def parse(path, sides):
    proof = Proof(tuple(sides))
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        try:
            parse_line(proof, line)
        except ValueError as error:
            raise ProofError(f"line {number}: {error}") from error
    require_substance(proof)
    return proof


def parse_line(proof, line):
    # These quote a server's own words up to the end of the line, quotes and number signs included.
    for word, parse_quotation in QUOTATIONS.items():
        if line == word or line.startswith(word + " "):
            return parse_quotation(proof, line, line[len(word) :].strip())
    words = shlex.split(re.sub(r"(^|\s)#.*", "", line))
    if not words or words == list(proof.sides):
        return None
    if words[0] in METHODS:
        return parse_request_line(proof, "status", words)
    parse_word = WORDS.get(words[0])
    if parse_word is None:
        raise ValueError(f'unknown word "{words[0]}"')
    return parse_word(proof, words)


def parse_log(proof, line, text):
    if len(proof.sides) == 1:
        raise ValueError('"log" compares two sides, and this case has one')
    if not text:
        raise ValueError('"log" needs the words to look for')
    proof.steps.append(Step(line, "log", ("logged", "not logged"), argument=text))


def parse_test(proof, line, text):
    add_test(proof, line, text, "test", "nginx")


def parse_php_test(proof, line, text):
    if not any(service == Service("php-fpm", "", {}) for service in proof.services):
        raise ValueError('"php-fpm -t" comes after "start php-fpm"')
    add_test(proof, line, text, "php_test", "php-fpm")


def add_test(proof, line, text, kind, program):
    if len(proof.sides) == 2 and not text:
        raise ValueError(f'"{program} -t" needs the words with which it refuses the bad side')
    expected = ("refused", "accepted")[-len(proof.sides) :]
    proof.steps.append(Step(line, kind, expected, argument=text))


QUOTATIONS = {"log": parse_log, "nginx -t": parse_test, "php-fpm -t": parse_php_test}


def parse_request_line(proof, kind, words, argument=""):
    expected = tuple(words[-len(proof.sides) :])
    rest = words[: -len(proof.sides)]
    if len(rest) < 2:
        raise ValueError(f'expected METHOD TARGET and then: {" ".join(proof.sides)}')
    shown = f"{kind} {argument} " if kind != "status" else ""
    text = re.sub(r"\s+", " ", f"{shown}{' '.join(rest)}")
    proof.steps.append(Step(text, kind, expected, parse_request(rest), argument))


def parse_request(words):
    method, target, *options = words
    if method not in METHODS:
        raise ValueError(f'unknown method "{method}"')
    if not target.startswith(("/", "http://", "https://")):
        raise ValueError(f'"{target}" is neither a path nor a URL')
    headers, body, timeout = [], b"", 5.0
    for option in options:
        name, _, value = option.partition("=")
        if name not in REQUEST_OPTIONS:
            raise ValueError(f'unknown request option "{option}": a value too many or too few?')
        if name == "header":
            headers.append(tuple(part.strip() for part in value.split(":", 1)))
        elif name == "cookie":
            headers.append(("Cookie", "a=" + "x" * (int(value) - 2)))
        elif name == "timeout":
            timeout = float(value)
        else:
            body = value.encode() if name == "body" else b"x" * int(value)
    return Request(method, target, tuple(headers), body, timeout)


def parse_start(proof, words):
    if words[1:] == ["nginx", "early"]:
        proof.nginx_is_early = True
        return
    if len(words) < 2 or words[1] not in SERVICES:
        raise ValueError(f"start what? One of: {', '.join(sorted(SERVICES))}")
    kind, rest, place = words[1], words[2:], ""
    if rest[-2:-1] == ["in"]:
        rest, place = rest[:-2], rest[-1]
    names = [word for word in rest if "=" not in word]
    options = dict(word.split("=", 1) for word in rest if "=" in word)
    if kind == "backend" and names[1:]:
        options.update({flag: "" for flag in names[1:]})
    if kind != "php-fpm" and not names:
        raise ValueError(f'"start {kind}" needs an address or a name')
    if kind == "name-server":
        ipaddress.ip_address(names[0])
    elif kind not in NAMED and names:
        require_address(names[0])
    if kind == "unit" and names[1:] == ["fails"]:
        names, options = names[:1], {"fails": ""}
    elif kind not in TAKE_OPTIONS and (options or names[1:]):
        raise ValueError(f'"start {kind}" takes no options')
    name = names[0] if names else ""
    proof.services.append(Service(kind, name, options, name if kind == "service" else place))


def require_address(text):
    host, _, port = text.rpartition(":")
    if text.startswith("/"):
        return
    if not host or not port.isdigit():
        raise ValueError(f'"{text}" is neither address:port nor the path of a socket')
    ipaddress.ip_address(host.strip("[]"))


def parse_hosts(proof, words):
    if len(words) < 2:
        raise ValueError('"hosts" needs an address')
    ipaddress.ip_address(words[1])
    proof.hosts.append((words[1], words[2:]))


def parse_counted(proof, words):
    if len(words) < 2 or not words[1].isdigit():
        raise ValueError(f'"{words[0]}" needs a number of requests')
    parse_request_line(proof, words[0], words[2:], words[1])


def parse_sent(proof, words):
    if len(words) < 2:
        raise ValueError('"sent" needs the name of a header')
    parse_request_line(proof, "sent", words[2:], words[1])


def parse_versions(proof, words):
    for word in words[1:]:
        match = re.fullmatch(r"(>=|<)(\d+(?:\.\d+)*)", word)
        if not match:
            raise ValueError('after "nginx" comes -t, or versions as >=1.29.7 or <1.25.1')
        proof.versions.append((match[1], read_version(match[2])))


def parse_unproved(proof, words):
    if words[0] == "by" and words[1:2] != ["documentation"]:
        raise ValueError(f'unknown words "{" ".join(words[:2])}"')
    if len(words) < (3 if words[0] == "by" else 2):
        raise ValueError("a claim that is not proved needs its reason or reference")
    proof.unproved.append(" ".join(words if words[0] == "by" else words[1:]))


WORDS = {
    "start": parse_start,
    "hosts": parse_hosts,
    "path": lambda proof, words: parse_request_line(proof, "path", words[1:]),
    "body": lambda proof, words: parse_request_line(proof, "body", words[1:]),
    "sent": parse_sent,
    "connections": parse_counted,
    "parallel": parse_counted,
    "nginx": parse_versions,
    "by": parse_unproved,
    "unproved": parse_unproved,
}


def require_substance(proof):
    """Refuses proofs that would pass whatever the servers do."""
    if not proof.steps:
        if not proof.unproved:
            raise ProofError("it asks nothing: nothing would be proved")
        return
    if len(proof.sides) == 1:
        return
    if all(step.expected[0] == step.expected[1] for step in proof.steps):
        raise ProofError("its columns do not differ: nothing would be proved")
    # A 502 can have any cause, also a fault of the fixture; the error log says which one it was.
    explained = any(step.kind in ("log", "test", "php_test") for step in proof.steps)
    if not explained and any(step.expected[0] in ("500", "502", "504") for step in proof.steps):
        raise ProofError('an error status needs a "log" line that shows its cause')
