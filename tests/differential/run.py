#!/usr/bin/env python3
"""Compares gatelint's verdict on thousands of configurations with that of the installed nginx -t.

    tests/differential/run.py [--gatelint FILE] [--mutants N] [--jobs N] [--keep DIR]
    tests/differential/run.py --case NAME [--gatelint FILE] [--keep DIR]

Exit code 0: they agree, but for what exceptions.txt names; 1: they do not; 77: there is no nginx
here, which is a failure where the environment variable CI is set.
"""

import argparse
import difflib
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # a run leaves no traces in the checkout

import bases
import sandbox
from campaign import Campaign, Case
from report import Outcome, apply_exceptions, read_exceptions, report
from verdict import REFUSES, STREAM_MODULE, Gatelint, Nginx, is_on_line, kind, says_the_same

CANNOT_RUN = 77  # ctest's SKIP_RETURN_CODE
MUTANTS = 4000
BATCH = 25  # mutants of one base for which a worker lays it out once


class Worker:
    """One process, with a stage of its own."""

    def __init__(self, campaign, folder, gatelint, keep):
        self.campaign = campaign
        self.nginx = Nginx()
        self.gatelint = Gatelint(gatelint, self.nginx.version)
        self.stage = bases.Stage(Path(folder, f"w{os.getpid()}"), Path(folder, "certificates"))
        self.keep = keep

    def judge(self, case, keep_always=False):
        """Returns (outcome, mutant or None, nginx's verdict, gatelint's verdict)."""
        base = self.campaign.bases[case.base]
        self.stage.lay_out(base)
        mutant = self.campaign.mutant(case)
        if mutant:
            self.stage.put(mutant.path, mutant.text)
        nginx = self.nginx.test(self.stage)
        gatelint = self.gatelint.check(self.stage).without(nginx.unseen)
        outcome = self.compare(case, nginx, gatelint)
        if self.keep and (keep_always or outcome.is_disagreement):
            self.write(outcome)
        if mutant:
            self.stage.put(mutant.path, base.text(mutant.path))
        return outcome, mutant, nginx, gatelint

    def compare(self, case, nginx, gatelint):
        folder = str(self.stage.folder)
        outcome = Outcome(str(case), nginx.verdict, gatelint.verdict, nginx.why, gatelint.why)
        outcome.refusals = tuple(f"{one.rule}: {kind(one.words)}" for one in gatelint.said)
        if nginx.said:
            said = nginx.said[0]
            outcome.words = said.words.replace(f"{folder}/", "")
            outcome.kind = kind(outcome.words)
            outcome.on_line = is_on_line(said, gatelint.said, folder)
            outcome.same_words = says_the_same(said, gatelint.said, folder)
        return outcome

    def write(self, outcome):
        """The files that nginx reads, below a folder with the case's name."""
        target = Path(self.keep, outcome.case.replace("/", "+"))
        shutil.rmtree(target, ignore_errors=True)
        for path in self.stage.texts:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.stage.folder / path, target / path)


def begin_work(*arguments):
    global worker
    worker = Worker(*arguments)


def judge_all(cases):
    return [worker.judge(case)[0] for case in cases]


def judge_in_parallel(cases, jobs, arguments):
    batches = {}
    for case in cases:
        batches.setdefault((case.base, case.number // BATCH), []).append(case)
    with multiprocessing.Pool(jobs, begin_work, arguments) as pool:
        for outcomes in pool.imap_unordered(judge_all, batches.values()):
            yield from outcomes


def show(worker, name):
    """Prints everything about one case, and returns the exit code."""
    base, _, number = name.partition("#")
    if base not in worker.campaign.bases or not (number or "0").isdigit():
        sys.exit(f"no such case: {name}")
    outcome, mutant, nginx, gatelint = worker.judge(Case(base, int(number or 0)), keep_always=True)
    if mutant:
        before = worker.campaign.bases[base].text(mutant.path).splitlines(keepends=True)
        after = mutant.text.splitlines(keepends=True)
        changes = difflib.unified_diff(before, after, mutant.path, mutant.path)
        print(f"fault: {mutant.fault}\n{''.join(changes)}")
    print(f"nginx {nginx.verdict} {nginx.why}\n{nginx.output}")
    print(f"gatelint {gatelint.verdict} {gatelint.why}")
    for one in gatelint.said:
        print(f"{one.file}:{one.line}: {one.rule}: {one.words}")
    if outcome.agrees and outcome.nginx == REFUSES:
        line = "nginx's" if outcome.on_line else "another"
        words = "nginx's" if outcome.same_words else "other"
        print(f"on {line} line, in {words} words")
    return 1 if outcome.is_disagreement else 0


# ---------------------------------------------------------------- the command


def newest_gatelint():
    built = [path for path in bases.PROJECT.glob("build/*/gatelint") if path.is_file()]
    return max(built, key=lambda path: path.stat().st_mtime, default=None)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--gatelint", type=Path, default=newest_gatelint(), help="default: the newest in build/")
    add("--mutants", type=int, default=MUTANTS, help=f"how many (default: {MUTANTS})")
    add("--jobs", type=int, default=os.cpu_count(), help="cases at a time (default: cores)")
    add("--case", metavar="NAME", help="judge this one case, and show everything about it")
    add("--keep", type=Path, metavar="DIR", help="write the case, or all that disagree, below DIR")
    return parser.parse_args()


def obstacle():
    missing = [program for program in ("nginx", "openssl") if not shutil.which(program)]
    missing += [] if Path(STREAM_MODULE).is_file() else ["nginx's stream module"]
    return f"cannot compare here: not installed: {', '.join(missing)}" if missing else ""


def run(arguments, folder):
    campaign = Campaign(bases.all_bases())
    work = (campaign, folder, str(arguments.gatelint.resolve()), arguments.keep)
    if arguments.case:
        return show(Worker(*work), arguments.case)
    exceptions = read_exceptions()
    cases = campaign.cases(arguments.mutants)
    outcomes = sorted(judge_in_parallel(cases, arguments.jobs, work), key=lambda one: one.case)
    apply_exceptions(outcomes, exceptions)
    return 0 if report(outcomes, exceptions) else 1


def run_inside(arguments):
    folder = Path(os.environ[sandbox.MARK])
    sandbox.furnish([folder, *filter(None, [arguments.keep])], bases.users())
    return run(arguments, folder)


def main():
    arguments = read_arguments()
    reason = obstacle()
    if reason:
        print(reason, file=sys.stderr)
        return 1 if os.environ.get("CI") else CANNOT_RUN
    if not arguments.gatelint:
        sys.exit("there is no gatelint in build/: say where with --gatelint FILE")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        arguments.keep = arguments.keep.resolve()
    if sandbox.is_inside():
        return run_inside(arguments)
    with tempfile.TemporaryDirectory(prefix="gl-") as folder:
        os.chmod(folder, 0o755)  # nginx may run as nobody
        Path(folder, "certificates").mkdir()
        bases.make_certificates(Path(folder, "certificates"))
        code = sandbox.enter(folder, sys.argv)
        return run(arguments, Path(folder)) if code is None else code


if __name__ == "__main__":
    sys.exit(main())
