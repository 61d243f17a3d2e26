"""How the cost of a case grows: the exponent of n, over four doublings."""

import dataclasses
import math
import tempfile

import measure
from trees import lay


def slope(points):
    """The least squares of log cost over log n."""
    logs = [(math.log(n), math.log(cost)) for n, cost in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return (sum((x - mean_x) * (y - mean_y) for x, y in logs)
            / sum((x - mean_x) ** 2 for x, _ in logs))


@dataclasses.dataclass
class Growth:
    case: object
    sizes: list
    costs: list  # seconds or instructions
    fixed: float  # what the smallest tree of all costs: starting, looking around
    is_exact: bool
    culprits: list  # functions that grow faster than n, if anybody asked: (name, share, exponent)

    @property
    def points(self):
        """Sizes and what they cost beyond the start; those that drown in it tell nothing."""
        points = [(n, cost - self.fixed) for n, cost in zip(self.sizes, self.costs)]
        return [(n, cost) for n, cost in points if cost > self.fixed / 10]

    @property
    def exponent(self):
        return slope(self.points) if len(self.points) > 1 else math.nan

    @property
    def last(self):
        """That of the last doubling: where a quadratic part that was small shows first."""
        return slope(self.points[-2:]) if len(self.points) > 1 else math.nan

    @property
    def is_within_limit(self):
        """Times of one doubling say little on a machine that does other things as well."""
        worst = max(self.exponent, self.last) if self.is_exact else self.exponent
        return not worst > self.case.limit


def command_of(gatelint, case):
    return [gatelint, *case.arguments]


def in_tree(case, n, cost_of):
    with tempfile.TemporaryDirectory() as folder:
        lay(case.make(n), folder)
        return cost_of(folder)


def costs_of(sizes, cost_of, dear):
    """By size, up to the first that is so dear that its double would take minutes."""
    costs = []
    for n in sizes:
        costs.append(cost_of(n))
        if costs[-1] > dear:
            break
    return costs


def by_time(gatelint, case, sizes, runs):
    command = command_of(gatelint, case)

    def seconds(n):
        return in_tree(case, n, lambda folder: measure.cpu_time(command, folder, runs))

    costs = costs_of(sizes, seconds, dear=2)
    return Growth(case, sizes[:len(costs)], costs, seconds(1), False, [])


def by_instructions(gatelint, case, sizes, wants_functions):
    command = command_of(gatelint, case)
    profiles = []

    def instructions(n):
        profiles.append(in_tree(case, n, lambda folder: measure.Profile(command, folder)))
        return profiles[-1].instructions

    fixed = instructions(1)
    costs = costs_of(sizes, instructions, dear=3e9)
    growth = Growth(case, sizes[:len(costs)], costs, fixed, True, [])
    if wants_functions and not growth.is_within_limit:
        growth.culprits = culprits(profiles[-2], profiles[-1])
    return growth


def short(function):
    """Its name without its parameters and our namespace."""
    named = function.replace("(anonymous namespace)::", "").replace("gatelint::", "")
    return named.split("(")[0] or named


def culprits(half, whole, most=4):
    """The functions that the last doubling makes more than twice as dear."""
    before, after = half.functions(), whole.functions()
    grown = []
    for name, cost in after.items():
        exponent = math.log2(cost / before[name]) if before.get(name) else math.inf
        share = cost / whole.instructions
        if exponent > 1.2 and share > 0.02:
            grown.append((short(name), share, exponent))
    return sorted(grown, key=lambda each: -each[1])[:most]
