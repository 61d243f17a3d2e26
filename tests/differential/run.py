#!/usr/bin/env python3
"""Compares gatelint's verdict on thousands of configurations with that of the installed nginx -t.

    tests/differential/run.py [--gatelint FILE] [--mutants N] [--jobs N] [--keep DIR]
    tests/differential/run.py --case NAME [--keep DIR]

Exit code 0: they agree, but for what exceptions.txt names; 1: they do not; 77: there is no nginx
here, which is a failure where the environment variable CI is set.
"""

import argparse
import difflib
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # a run leaves no traces in the checkout

import bases
import mutate
import sandbox
from verdict import ACCEPTS, DIED, REFUSES, SLOW, UNKNOWN, Gatelint, Nginx
from verdict import is_on_line, kind, says_the_same

CANNOT_RUN = 77  # ctest's SKIP_RETURN_CODE
MUTANTS = 4000
LEAST_PER_BASE = 4
LINES_WANTED = 95  # of 100 refusals
EXCEPTIONS = bases.HERE / "exceptions.txt"


# ---------------------------------------------------------------- cases


@dataclass(frozen=True)
class Case:
    base: str
    number: int  # 0 is the base itself

    def __str__(self):
        return f"{self.base}#{self.number}" if self.number else self.base


@dataclass
class Mutant:
    case: Case
    fault: str
    path: str
    text: str


@dataclass
class Outcome:
    """What both programs said about a case, in words that can be counted."""

    case: str
    nginx: str
    gatelint: str
    why: str = ""
    words: str = ""  # nginx's
    kind: str = ""
    rules: tuple = ()  # (rule, kind) of gatelint's refusals
    on_line: bool = False
    same_words: bool = False
    exception: str = ""

    @property
    def agrees(self):
        return self.nginx == self.gatelint

    @property
    def is_judged(self):
        return self.nginx in (ACCEPTS, REFUSES)

    @property
    def is_disagreement(self):
        return self.gatelint in (DIED, SLOW) or (self.is_judged and not self.agrees)


class Campaign:
    """All bases, and the names that mutants borrow from each other."""

    def __init__(self, everything):
        self.bases = everything
        documents = [
            mutate.Document(base.text(path))
            for base in everything.values()
            for path in base.readable()
            if base.name.startswith("seeds/")
        ]
        self.sizes = {name: size(base) for name, base in everything.items()}
        self.stock = mutate.Stock(documents)

    def cases(self, mutants):
        """Every base, and mutants of each: some of each fixture, most of the seeds."""
        yield from (Case(name, 0) for name in self.bases)
        if not mutants:
            return
        small = [name for name in self.bases if not name.startswith("seeds/")]
        large = [name for name in self.bases if name.startswith("seeds/")]
        each = max(1, round(mutants * 0.3 / len(small)))
        for name in small:
            yield from (Case(name, number) for number in range(1, each + 1))
        left = mutants - each * len(small)
        total = sum(self.sizes[name] for name in large)
        for name in large:
            share = max(LEAST_PER_BASE, round(left * self.sizes[name] / total))
            yield from (Case(name, number) for number in range(1, share + 1))

    def mutant(self, case):
        base = self.bases[case.base]
        if not case.number:
            return Mutant(case, "nothing", base.main, base.text(base.main)) if base.main in base.files else None
        choose = mutate.Chooser(f"{case}/file")
        paths = [path for path in base.readable() if base.files[path].strip()]
        # Half of the faults are in the main file, and few in lists of types and parameters.
        path = base.main if base.main in paths and choose.random.random() < 0.5 else choose.one(paths)
        if path is None:
            return None
        fault, text = mutate.mutate(mutate.Document(base.text(path)), str(case), self.stock)
        return Mutant(case, fault, path, text)


def size(base):
    return sum(len(mutate.Document(base.text(path)).statements) for path in base.readable())


# ---------------------------------------------------------------- judging


class Worker:
    """One process with a stage of its own."""

    def __init__(self, campaign, folder, gatelint, keep):
        self.campaign = campaign
        self.nginx = Nginx()
        self.gatelint = Gatelint(gatelint, self.nginx.version)
        self.stage = bases.Stage(Path(folder, f"w{os.getpid()}"), Path(folder, "certificates"))
        self.keep = keep

    def judge(self, case):
        return self.judge_fully(case)[0]

    def judge_fully(self, case):
        base = self.campaign.bases[case.base]
        self.stage.lay_out(base)
        mutant = self.campaign.mutant(case)
        if mutant:
            self.stage.put(mutant.path, mutant.text)
        nginx = self.nginx.test(self.stage)
        gatelint = self.gatelint.check(self.stage).without(nginx.unseen)
        outcome = self.compare(case, nginx, gatelint)
        if self.keep and outcome.is_disagreement:
            self.write(outcome)
        if mutant and case.number:
            self.stage.put(mutant.path, base.text(mutant.path))
        return outcome, mutant, nginx, gatelint

    def compare(self, case, nginx, gatelint):
        folder = str(self.stage.folder)
        outcome = Outcome(str(case), nginx.verdict, gatelint.verdict, nginx.why or gatelint.why)
        outcome.rules = tuple((one.rule, kind(one.words)) for one in gatelint.said)
        if nginx.said:
            said = nginx.said[0]
            outcome.words = said.words.replace(f"{folder}/", "")
            outcome.kind = kind(outcome.words)
            outcome.on_line = is_on_line(said, gatelint.said, folder)
            outcome.same_words = says_the_same(said, gatelint.said, folder)
        return outcome

    def write(self, outcome):
        target = Path(self.keep, outcome.case.replace("/", "+"))
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in self.stage.texts:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.stage.folder / path, target / path)


def begin_work(*arguments):
    global worker
    worker = Worker(*arguments)


def judge_all(cases):
    return [worker.judge(case) for case in cases]


def judge_in_parallel(cases, jobs, arguments):
    """Mutants of one base stay together: the stage is laid out once for them."""
    batches = {}
    for case in cases:
        batches.setdefault((case.base, case.number // 25), []).append(case)
    with multiprocessing.Pool(jobs, begin_work, arguments) as pool:
        for outcomes in pool.imap_unordered(judge_all, batches.values()):
            yield from outcomes


# ---------------------------------------------------------------- exceptions


@dataclass
class Difference:
    """A disagreement that is to stay."""

    side: str  # who refuses alone: "nginx" or "gatelint"
    pattern: str
    reason: str
    uses: int = 0

    def covers(self, outcome):
        if not outcome.is_judged or outcome.agrees or outcome.gatelint in (DIED, SLOW):
            return False
        if self.side == "nginx":
            return outcome.nginx == REFUSES and re.search(self.pattern, outcome.words, re.DOTALL)
        refusals = [f"{rule}: {words}" for rule, words in outcome.rules]
        return outcome.nginx == ACCEPTS and all(re.search(self.pattern, one) for one in refusals)


def read_exceptions():
    """Lines of `nginx PATTERN -- REASON` and `gatelint PATTERN -- REASON`."""
    exceptions = []
    for number, line in enumerate(EXCEPTIONS.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(nginx|gatelint) (\S.*?) -- (\S.*)", line)
        if not match:
            sys.exit(f"{EXCEPTIONS}:{number}: expected `nginx PATTERN -- REASON`, or `gatelint ...`")
        exceptions.append(Difference(*match.groups()))
    return exceptions


def apply_exceptions(outcomes, exceptions):
    for outcome in outcomes:
        for exception in exceptions:
            if not outcome.exception and exception.covers(outcome):
                exception.uses += 1
                outcome.exception = exception.reason


# ---------------------------------------------------------------- the report


def table(title, rows):
    """Rows of (kind, case): counted, most frequent first, each with its first case."""
    counts, examples = Counter(), {}
    for row, case in rows:
        counts[row] += 1
        examples.setdefault(row, case)
    if counts:
        print(f"\n{title}: {sum(counts.values())}")
    for row, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:6}  {row}  [{examples[row]}]")


def report(outcomes, exceptions):
    """Prints what is to be known, and returns whether the test passes."""
    open_ones = [one for one in outcomes if one.is_disagreement and not one.exception]
    missed = [one for one in open_ones if one.nginx == REFUSES and one.gatelint == ACCEPTS]
    invented = [one for one in open_ones if one.nginx == ACCEPTS and one.gatelint == REFUSES]
    broken = [one for one in open_ones if one.gatelint in (DIED, SLOW)]
    refused = [one for one in outcomes if one.nginx == one.gatelint == REFUSES]
    astray = [one for one in refused if not one.on_line]

    table("nginx refuses, gatelint accepts", [(one.kind, one.case) for one in missed])
    rows = [(f"{rule}: {words}", one.case) for one in invented for rule, words in set(one.rules)]
    table("gatelint refuses, nginx accepts", rows)
    table("gatelint gives no verdict", [(one.why, one.case) for one in broken])
    rows = [(f"{one.kind} <- {'; '.join(sorted({r for r, _ in one.rules}))}", one.case) for one in astray]
    table("gatelint refuses on another line than nginx", rows)
    table("set aside: the machine", [(one.why, one.case) for one in outcomes if one.nginx == UNKNOWN])
    table("set aside: nginx has no verdict", [(one.why, one.case) for one in outcomes if one.nginx in (DIED, SLOW)])
    excepted = [one for one in outcomes if one.exception]
    table("set aside: exceptions", [(one.exception, one.case) for one in excepted])
    for exception in exceptions:
        if not exception.uses:
            print(f"unused exception: {exception.side} {exception.pattern}")

    judged = [one for one in outcomes if one.is_judged]
    refusals = [one for one in judged if one.nginx == REFUSES]
    lines = percent(len(refused) - len(astray), len(refused))
    print(f"\n{len(outcomes)} configurations, {len(judged)} judged by nginx: {len(refusals)} refused")
    print(f"agreement: {percent(sum(one.agrees for one in judged), len(judged)):.2f} %, "
          f"{len(missed)} missed, {len(invented)} invented, {len(excepted)} excepted, {len(broken)} broken")
    print(f"of {len(refused)} common refusals {lines:.1f} % are on nginx's line, "
          f"{percent(sum(one.same_words for one in refused), len(refused)):.1f} % in its words")
    return not open_ones and lines >= LINES_WANTED and seeds_pass(outcomes)


def seeds_pass(outcomes):
    """A seed that nginx refuses would make all of its mutants worthless."""
    seeds = [one for one in outcomes if one.case.startswith("seeds/") and "#" not in one.case]
    refused = [one for one in seeds if one.nginx != ACCEPTS]
    for one in refused:
        print(f"{one.case}: nginx must accept every seed: {one.words or one.why}")
    return not refused


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def show(worker, name):
    """Everything about one case."""
    base, _, number = name.partition("#")
    if base not in worker.campaign.bases:
        sys.exit(f"no such case: {base}")
    outcome, mutant, nginx, gatelint = worker.judge_fully(Case(base, int(number or 0)))
    if mutant:
        before = worker.campaign.bases[base].text(mutant.path).splitlines(keepends=True)
        after = mutant.text.splitlines(keepends=True)
        print(f"fault: {mutant.fault}")
        print("".join(difflib.unified_diff(before, after, mutant.path, mutant.path)))
    print(f"nginx {nginx.verdict} {nginx.why}\n{nginx.output}")
    print(f"gatelint {gatelint.verdict} {gatelint.why}")
    for one in gatelint.said:
        print(f"  {one.file}:{one.line}: {one.rule}: {one.words}")
    if outcome.nginx == outcome.gatelint == REFUSES:
        print(f"line {'agrees' if outcome.on_line else 'differs'}, words {'agree' if outcome.same_words else 'differ'}")
    if worker.keep:
        worker.write(outcome)
    return 0 if not outcome.is_disagreement else 1


# ---------------------------------------------------------------- the command


def newest_gatelint():
    built = [path for path in bases.PROJECT.glob("build/*/gatelint") if path.is_file()]
    return max(built, key=lambda path: path.stat().st_mtime, default=None)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--gatelint", type=Path, default=newest_gatelint(), help="default: the newest in build/")
    add("--mutants", type=int, default=MUTANTS, help=f"how many (default: {MUTANTS})")
    add("--jobs", type=int, default=os.cpu_count(), help="programs at a time (default: cores)")
    add("--case", help="judge this one case, and show everything about it")
    add("--keep", type=Path, metavar="DIR", help="write the case, or all disagreements, below DIR")
    return parser.parse_args()


def run(arguments, folder):
    campaign = Campaign(bases.all_bases())
    work = (campaign, folder, str(arguments.gatelint.resolve()), arguments.keep)
    if arguments.case:
        return show(Worker(*work), arguments.case)
    exceptions = read_exceptions()
    outcomes = list(judge_in_parallel(campaign.cases(arguments.mutants), arguments.jobs, work))
    outcomes.sort(key=lambda outcome: outcome.case)
    apply_exceptions(outcomes, exceptions)
    return 0 if report(outcomes, exceptions) else 1


def obstacle():
    missing = [program for program in ("nginx", "openssl") if not shutil.which(program)]
    return f"cannot compare here: {' and '.join(missing)} not installed" if missing else ""


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
        folder = Path(os.environ[sandbox.MARK])
        sandbox.furnish([folder, *filter(None, [arguments.keep])], bases.users())
        return run(arguments, folder)
    with tempfile.TemporaryDirectory(prefix="gl-") as folder:
        os.chmod(folder, 0o755)
        certificates = Path(folder, "certificates")
        certificates.mkdir()
        bases.make_certificates(certificates)
        code = sandbox.enter(folder, sys.argv)
        return run(arguments, Path(folder)) if code is None else code


if __name__ == "__main__":
    sys.exit(main())
