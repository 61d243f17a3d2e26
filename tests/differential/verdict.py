"""What nginx -t and gatelint say about one staged configuration, and whether they agree."""

import json
import re
import resource
import subprocess
from dataclasses import dataclass, field

import sandbox
from mutate import Document

STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
TIME_LIMIT = 10  # seconds for one program
MEMORY_LIMIT = 4 << 30  # bytes for nginx: a zone of petabytes is to fail here as everywhere

ACCEPTS, REFUSES, UNKNOWN, DIED, SLOW = "accepts", "refuses", "unknown", "died", "slow"

# Where nginx stops because of the machine and not because of the text. "accepts": all that is to
# be judged has been judged by then. "unknown": what it would have said further on, nobody knows.
# What gatelint says in these words is no refusal of the text either.
ENVIRONMENT = [
    (r"host not found in", UNKNOWN, "which names resolve is the machine's affair"),
    (r"getpwnam\(|getgrnam\(", UNKNOWN, "which users and groups there are"),
    (r"^dlopen\(\)|is not binary compatible", UNKNOWN, "which modules are installed"),
    (r"is (un|not )supported on this platform", UNKNOWN, "what this nginx was built with"),
    (r"cannot load certificate", UNKNOWN, "certificate and key files"),
    (r"SSL_CTX_load_verify_locations|SSL_load_client_CA_file", UNKNOWN, "certificate files"),
    (r"BIO_new_file\(|PEM_read_bio", UNKNOWN, "files of TLS parameters, keys and passwords"),
    (r"SSL_CTX_set_cipher_list|SSL_CTX_set1_curves_list|SSL_CTX_set1_groups_list", UNKNOWN,
     "which ciphers and curves the TLS library knows"),
    (r"SSL_CONF_cmd\(", UNKNOWN, "which commands the TLS library knows"),
    (r"ENGINE_by_id", UNKNOWN, "which engines the TLS library has"),
    (r"could not build .*hash", UNKNOWN, "sizes of hashes follow the processor's cache lines"),
    (r"^mmap\(|^posix_memalign|^malloc\(", UNKNOWN, "how much memory there is"),
    (r"^bind\(\)|^socket\(\)|^setsockopt\(|^listen\(\)|still could not bind", ACCEPTS,
     "ports and protocols of this machine; the last thing that nginx -t tries"),
]  # fmt: skip

# Files and folders. Before nginx says that the syntax is fine, open() is the text's affair where
# "include" names a missing file, and else the machine's: keys and passwords. After it, logs, pid
# and temporary folders are opened and made: all of the text is judged, but for what is UNSEEN.
FILES = re.compile(r'^(open|pread|read|fstat|mkdir|chown|chmod|stat)\(("[^"]*"[^)]*)?\) ')
UNOPENED = "files of keys and passwords that cannot be opened"
SYNTAX_IS_FINE = "syntax is ok"
UNSEEN = r"^zero size shared memory zone"
UNSEEN_BY_USERS = r'^"user" directive is duplicate'  # ngx_set_user() looks at it as root alone

EMERGENCY = re.compile(
    r"^nginx: \[(?:emerg|crit|alert)\] (.*?)(?: in (/\S+?):(\d+))?$(?=\n(?:nginx: |$)|\Z)",
    re.DOTALL | re.MULTILINE,
)


@dataclass
class Said:
    """What a program says about one fault."""

    words: str
    file: str = ""
    line: int = 0
    rule: str = ""


@dataclass
class Verdict:
    verdict: str
    said: list = field(default_factory=list)
    why: str = ""
    output: str = ""
    unseen: list = field(default_factory=list)  # patterns of words that nginx had no chance to say

    def without(self, patterns):
        """What is left of a refusal when some words do not count."""
        said = [one for one in self.said if not any(re.search(p, one.words) for p in patterns)]
        verdict = ACCEPTS if self.verdict == REFUSES and not said else self.verdict
        return Verdict(verdict, said, self.why, self.output)


def environment(words):
    """(verdict, reason) where the words speak of the machine, else None."""
    for pattern, verdict, reason in ENVIRONMENT:
        if re.search(pattern, words):
            return verdict, reason
    return None


# ---------------------------------------------------------------- nginx


class Nginx:
    def __init__(self):
        output = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr
        self.version = re.search(r"nginx/([\d.]+)", output)[1]

    def test(self, stage):
        words = ["nginx", "-t", "-p", f"{stage.folder}/", "-c", stage.main, "-e", "error.log"]
        words += ["-g", self.globals(stage)]
        code, output = run(words, stage.folder, memory=MEMORY_LIMIT, **sandbox.identity())
        if code is None:
            return Verdict(SLOW, why=f"nginx was not done after {TIME_LIMIT} s")
        if code < 0 or code > 1:
            return Verdict(DIED, why=f"nginx died ({code})", output=output)
        verdict = Verdict(ACCEPTS, output=output) if code == 0 else self.judge(output, stage)
        verdict.unseen += [] if sandbox.nginx_is_root() else [UNSEEN_BY_USERS]
        return verdict

    @staticmethod
    def globals(stage):
        text = stage.text
        words = "" if "ngx_stream_module" in text else f"load_module {STREAM_MODULE};"
        return words if re.search(r"\bpid\b", text) else f"{words} pid nginx.pid;"

    def judge(self, output, stage):
        match = EMERGENCY.search(output)
        if not match:  # some setters do so, as ngx_http_modern_browser() for "netscape4"
            return Verdict(REFUSES, [Said("(nginx does not say why)")], output=output)
        said = Said(match[1], match[2] or "", int(match[3] or 0))
        if FILES.match(said.words) and SYNTAX_IS_FINE in output:
            return Verdict(ACCEPTS, output=output, unseen=[UNSEEN])
        known = environment(said.words)
        if not known and FILES.match(said.words) and not is_include(stage, said):
            known = UNKNOWN, UNOPENED
        verdict, why = known or (REFUSES, "")
        return Verdict(verdict, [said], why, output)


def is_include(stage, said):
    """Whether an include ends on the line that nginx names."""
    text = stage.read(said.file)
    return any(
        statement.words[0].text.strip("\"'") == "include"
        and text.count("\n", 0, statement.end) + 1 == said.line
        for statement in Document(text).statements
    )


# ---------------------------------------------------------------- gatelint


class Gatelint:
    def __init__(self, program, nginx_version):
        self.words = [program, "--nginx-version", nginx_version, "-f", "json", "--no-discover"]

    def check(self, stage):
        words = [*self.words, "--root", "/", stage.main]
        code, output = run(words, stage.folder)
        if code is None:
            return Verdict(SLOW, why=f"gatelint was not done after {TIME_LIMIT} s")
        try:
            findings = json.loads(output)["findings"]
        except (ValueError, LookupError):
            return Verdict(DIED, why=f"gatelint died ({code})", output=output)
        if code not in (0, 1, 3):
            return Verdict(DIED, why=f"gatelint died ({code})", output=output)
        said = [self.read(finding, stage) for finding in findings if "nginx" in finding]
        said = [one for one in said if not environment(one.words)]
        return Verdict(REFUSES if said else ACCEPTS, said, output=output)

    @staticmethod
    def read(finding, stage):
        file = stage.absolute(finding.get("file", ""))
        return Said(finding["nginx"], file, finding.get("line", 0), finding["rule"])


def run(words, folder, memory=None, **how):
    """(exit code or None, all that was said)."""
    unlimited = resource.getrlimit(resource.RLIMIT_AS)
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, unlimited[1]))
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        process = subprocess.Popen(words, cwd=folder, **streams, **how)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, unlimited)
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, ""
    return process.returncode, output.decode(errors="replace")


# ---------------------------------------------------------------- comparing


def plain(words, folder):
    """Words without what differs by machine: the temporary folder, error numbers."""
    words = words.replace(f"{folder}/", "")
    return re.sub(r" \(\d+: [^)]*\)$", "", words)


def kind(words):
    """Words without names and numbers: what is counted as one kind of message."""
    words = re.sub(r'".*?"(?=[\s,;:)]|$)', '"…"', words, flags=re.DOTALL)
    words = re.sub(r"\b\d+\b", "N", re.sub(r" \(SSL: .*", "", words, flags=re.DOTALL))
    return re.sub(r"\s+", " ", words)[:160]


def says_the_same(nginx, gatelint, folder):
    return any(plain(one.words, folder) == plain(nginx.words, folder) for one in gatelint)


def is_on_line(nginx, gatelint, folder):
    """Whether a finding is on nginx's line, or on the line where the fault begins: nginx names
    the line of the last word that it read."""
    if not nginx.line:
        return True
    for one in gatelint:
        if one.file != nginx.file:
            continue
        if one.line == nginx.line:
            return True
        if one.line < nginx.line and says_the_same(nginx, [one], folder):
            return True
    return False
