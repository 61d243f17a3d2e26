#!/usr/bin/env python3
"""Shows in real servers that the bad side of every fixture fails and that the good side works.

    tests/prove/prove.py [--rule RULE]... [--jobs N]

Exit code 0: everything that can be proved here is; 1: something is not; 77: this machine cannot
prove (it must be root and allowed to make namespaces), which is a failure where the environment
variable CI is set.
"""

import argparse
import functools
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # a proof leaves no traces in the checkout

import apart
import proof as proofs
import stage

RULES = Path(__file__).resolve().parents[2] / "fixtures" / "rules"
JOBS = 2 * (os.cpu_count() or 1)  # cases mostly wait; with more, programs miss their own deadlines
TIME_LIMIT = 40  # the stage gives up earlier by itself; this is for a stage that cannot
CANNOT_PROVE = 77  # ctest's SKIP_RETURN_CODE

PROVED, FAILED, UNPROVED = "proved", "FAILED", "unproved"


@dataclass(frozen=True)
class Verdict:
    word: str
    case: str
    reason: str = ""
    details: str = ""

    def __str__(self):
        reason, *more = self.reason.splitlines() or [""]
        indented = "".join(f"\n    {line}" for line in [*more, *self.details.splitlines()])
        return f"{self.word} {self.case}{': ' if reason else ''}{reason}{indented}"


class Prover:
    def __init__(self, certificates, version):
        self.certificates = certificates
        self.version = version

    def judge(self, case):
        """Returns the verdicts on one case: several where a part of it cannot be shown here."""
        name = f"{case.parent.name}/{case.name}"
        sides = [side for side in ("bad", "good") if (case / side).is_dir()]
        if "good" not in sides:
            return [Verdict(FAILED, name, "it has no good/")]
        if not (case / "proof.txt").is_file():
            return [Verdict(FAILED, name, "it has bad/ but no proof.txt")] if "bad" in sides else []
        try:
            proof = proofs.parse(case / "proof.txt", sides)
        except proofs.ProofError as error:
            return [Verdict(FAILED, name, f"proof.txt: {error}")]
        unproved = [Verdict(UNPROVED, name, reason) for reason in proof.unproved]
        return self.judge_steps(case, name, proof) + unproved

    def judge_steps(self, case, name, proof):
        if not proof.steps:
            return []
        if not proof.concerns(self.version):
            wanted = " ".join(f"{operator}{dotted(bound)}" for operator, bound in proof.versions)
            reason = f"needs nginx {wanted}, and {dotted(self.version)} is installed"
            return [Verdict(UNPROVED, name, reason)]
        results = {side: self.play(case, side) for side in proof.sides}
        for side, result in results.items():
            if "missing" in result:
                # A build machine is set up for all proofs; a contributor's machine need not be.
                return [Verdict(FAILED if in_ci() else UNPROVED, name, result["missing"])]
            if "error" in result:
                return [Verdict(FAILED, name, f"{side}: {result['error']}")]
        return [compare(name, proof, results)]

    def play(self, case, side):
        play = functools.partial(stage.play, case, side, self.certificates)
        output, errors = apart.run(play, TIME_LIMIT)
        if output is None:
            return {"error": f"not done after {TIME_LIMIT} s"}
        try:
            return json.loads(output)
        except json.JSONDecodeError:
            return {"error": f"the stage broke: {errors.strip()}"}


def dotted(version):
    return ".".join(map(str, version))


def compare(name, proof, results):
    wrong = []
    for index, step in enumerate(proof.steps):
        observed = [results[side]["observed"][index] for side in proof.sides]
        if observed != list(step.expected):
            columns = zip(proof.sides, observed, step.expected)
            wrong.append(f"{step.text}: {', '.join(map(describe, columns))}")
    if not wrong:
        return Verdict(PROVED, name)
    logs = [f"{side} error.log:\n{tail(results[side]['log'])}" for side in proof.sides]
    return Verdict(FAILED, name, "; ".join(wrong), "\n".join(logs))


def describe(column):
    side, observed, expected = column
    return f"{side} {observed}" + (f" (expected {expected})" if observed != expected else "")


def tail(log):
    return "\n".join(log.strip().splitlines()[-5:]) or "(empty)"


# ---------------------------------------------------------------- the machine that proves


def in_ci():
    return bool(os.environ.get("CI"))


def probe():
    command = ["mount", "-t", "tmpfs", "probe", "/tmp"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def obstacle():
    """Why nothing can be proved here, or an empty string."""
    try:
        _, errors = apart.run(probe, 10)
        if errors:
            return f"namespaces are not permitted here ({errors.splitlines()[-1]}); run as root"
        installed_nginx()
    except (OSError, AttributeError, TypeError) as error:
        return f"cannot prove here: {error}"
    return ""


def installed_nginx():
    output = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr
    return proofs.read_version(re.search(r"nginx/([\d.]+)", output)[1])


def make_certificate(folder):
    """One self-signed certificate for the names of all fixtures; its key lives for this run."""
    names = "DNS:localhost,DNS:example.com,DNS:*.example.com,DNS:*.internal,IP:127.0.0.1"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split()
    words += ["-days", "2", "-subj", "/CN=example.com", "-addext", f"subjectAltName={names}"]
    words += ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    subprocess.run(words, check=True, capture_output=True)


def find_cases(rules):
    unknown = [rule for rule in rules if not (RULES / rule).is_dir()]
    if unknown:
        sys.exit(f"no fixtures for: {', '.join(unknown)}")
    folders = [RULES / rule for rule in rules] or sorted(filter(Path.is_dir, RULES.iterdir()))
    return [case for folder in folders for case in sorted(folder.iterdir()) if case.is_dir()]


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--rule", action="append", default=[], help="prove only this rule's cases (repeatable)")
    add("--jobs", type=int, default=JOBS, help=f"cases at a time (default: {JOBS})")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    reason = obstacle()
    if reason:
        print(reason, file=sys.stderr)
        return 1 if in_ci() else CANNOT_PROVE
    counts = {PROVED: 0, FAILED: 0, UNPROVED: 0}
    with tempfile.TemporaryDirectory(prefix="gatelint-prove-") as certificates:
        make_certificate(certificates)
        prover = Prover(Path(certificates), installed_nginx())
        with multiprocessing.get_context("fork").Pool(arguments.jobs) as pool:
            for verdicts in pool.imap(prover.judge, find_cases(arguments.rule)):
                for verdict in verdicts:
                    counts[verdict.word] += 1
                    print(verdict, flush=True)
    print(f"{counts[PROVED]} passed, {counts[FAILED]} failed, {counts[UNPROVED]} skipped")
    return 1 if counts[FAILED] else 0


if __name__ == "__main__":
    sys.exit(main())
