"""What the two programs said about each case, counted; and which disagreements are to stay."""

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from verdict import ACCEPTS, DIED, REFUSES, SLOW, UNKNOWN

LINES_WANTED = 95  # of 100 common refusals
EXCEPTIONS = Path(__file__).resolve().parent / "exceptions.txt"


@dataclass
class Outcome:
    """One case, in words that can be counted."""

    case: str
    nginx: str
    gatelint: str
    why: str = ""  # nginx's verdict is none
    why_broken: str = ""  # gatelint gave no verdict
    words: str = ""  # nginx's
    kind: str = ""
    refusals: tuple = ()  # gatelint's: "rule: kind of words"
    on_line: bool = False
    same_words: bool = False
    exception: str = ""

    @property
    def is_judged(self):
        return self.nginx in (ACCEPTS, REFUSES) and not self.is_broken

    @property
    def is_broken(self):
        return self.gatelint in (DIED, SLOW)

    @property
    def agrees(self):
        return self.is_judged and self.nginx == self.gatelint

    @property
    def is_disagreement(self):
        return self.is_broken or (self.is_judged and not self.agrees)


# ---------------------------------------------------------------- exceptions


@dataclass
class Difference:
    """A disagreement that is to stay."""

    side: str  # who refuses alone: "nginx" or "gatelint"
    base: str  # what the case's name begins with; None: any
    pattern: str
    reason: str
    uses: int = 0

    def covers(self, outcome):
        if not outcome.is_judged or outcome.agrees:
            return False
        if self.base and not outcome.case.startswith(self.base):
            return False
        if self.side == "nginx":
            said = [outcome.words] if outcome.nginx == REFUSES else []
        else:
            said = outcome.refusals if outcome.nginx == ACCEPTS else []
        return bool(said) and all(re.search(self.pattern, one, re.DOTALL) for one in said)


def read_exceptions():
    """Lines of `nginx [BASE] PATTERN -- REASON` and `gatelint [BASE] PATTERN -- REASON`."""
    exceptions = []
    for number, line in enumerate(EXCEPTIONS.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(nginx|gatelint) (?:\[(\S+)\] )?(\S.*?) -- (\S.*)", line)
        if not match:
            sys.exit(f"{EXCEPTIONS}:{number}: expected `nginx|gatelint [BASE] PATTERN -- REASON`")
        exceptions.append(Difference(*match.groups()))
    return exceptions


def apply_exceptions(outcomes, exceptions):
    for outcome in outcomes:
        for exception in exceptions:
            if not outcome.exception and exception.covers(outcome):
                exception.uses += 1
                outcome.exception = exception.reason


# ---------------------------------------------------------------- tables


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


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def report(outcomes, exceptions):
    """Prints what is to be known, and returns whether the test passes."""
    wrong = [one for one in outcomes if one.is_disagreement and not one.exception]
    missed = [one for one in wrong if one.is_judged and one.nginx == REFUSES]
    invented = [one for one in wrong if one.is_judged and one.nginx == ACCEPTS]
    broken = [one for one in wrong if one.is_broken]
    common = [one for one in outcomes if one.agrees and one.nginx == REFUSES]
    astray = [one for one in common if not one.on_line]

    table("nginx refuses, gatelint accepts", [(one.kind, one.case) for one in missed])
    rows = [(row, one.case) for one in invented for row in dict.fromkeys(one.refusals)]
    table("gatelint refuses, nginx accepts", rows)
    table("gatelint gives no verdict", [(one.why_broken, one.case) for one in broken])
    rows = [(f"{one.kind} <- {rules(one)}", one.case) for one in astray]
    table("gatelint refuses on another line than nginx", rows)
    report_set_aside(outcomes, exceptions)

    judged = [one for one in outcomes if one.is_judged]
    refused = sum(one.nginx == REFUSES for one in judged)
    excepted = sum(bool(one.exception) for one in outcomes)
    agreement = percent(sum(one.agrees for one in judged), len(judged))
    on_line = percent(len(common) - len(astray), len(common))
    in_words = percent(sum(one.same_words for one in common), len(common))
    print(f"\n{len(outcomes)} configurations, {len(judged)} judged, {refused} refused by nginx")
    print(
        f"{agreement:.2f} % agree; {len(missed)} missed, {len(invented)} invented, "
        f"{excepted} excepted, {len(broken)} without a verdict of gatelint's"
    )
    print(
        f"of {len(common)} refusals by both {on_line:.1f} % are on nginx's line "
        f"(wanted: {LINES_WANTED} %), {in_words:.1f} % in its words"
    )
    return are_accepted(outcomes) and not wrong and on_line >= LINES_WANTED


def rules(outcome):
    return ", ".join(sorted({one.split(":")[0] for one in outcome.refusals}))


def report_set_aside(outcomes, exceptions):
    rows = [(f"{one.why}: {one.kind}", one.case) for one in outcomes if one.nginx == UNKNOWN]
    table("set aside: the machine", rows)
    rows = [(one.why, one.case) for one in outcomes if one.nginx in (DIED, SLOW)]
    table("set aside: nginx gives no verdict", rows)
    rows = [(one.exception, one.case) for one in outcomes if one.exception]
    table("set aside: exceptions", rows)
    for exception in exceptions:
        if not exception.uses:
            print(f"unused exception: {exception.side} {exception.pattern}")


def are_accepted(outcomes):
    """Whether nginx accepts all seeds: else their mutants show nothing."""
    seeds = [one for one in outcomes if one.case.startswith("seeds/") and "#" not in one.case]
    refused = [one for one in seeds if one.nginx != ACCEPTS]
    for one in refused:
        print(f"{one.case}: nginx must accept every seed: {one.words or one.why}")
    return not refused
