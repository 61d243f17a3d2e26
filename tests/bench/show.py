"""Figures as tables, line by line as they come: in a terminal, or in Markdown."""


import math


def milliseconds(cost):
    return f"{cost.wall * 1000:.1f} ms"


def mebibytes(cost):
    """What is less than this very program had when it started the other is not known."""
    return f"{cost.memory:.0f} MiB" if cost.is_memory_known else f"< {math.ceil(cost.memory)} MiB"


def both(cost):
    return f"{milliseconds(cost)}, {mebibytes(cost)}"


def verdict(growth):
    if growth.is_within_limit:
        return ""
    where = "; ".join(f"{name} ({share:.0%}, n^{power:.1f})"
                      for name, share, power in growth.culprits)
    return f"above {growth.case.limit}" + (f": {where}" if where else "")


class Text:
    def begin_whole(self):
        print(f"{'':<22}{'MB':>5} {'gatelint':>20} {'of CPUs':>10} {'nginx -t':>20} "
              f"{'times as fast':>14}")

    def whole(self, result):
        size = f"{result.size:.1f}" if result.size >= 0.05 else ""
        line = (f"{result.input.name:<22}{size:>5} {both(result.ours):>20} "
                f"{result.ours.cpu * 1000:>7.1f} ms")
        if result.nginx:
            line += f" {both(result.nginx):>20} {result.ratio:>14.1f}"
        print(f"{line}  {result.input.what}", flush=True)

    def begin_growth(self, unit):
        self._unit = unit
        print(f"\n{unit} by n {'exponent':>25} {'last':>5}")

    def _cost(self, cost):
        return f"{cost / 1e6:.0f} M" if self._unit == "instructions" else f"{cost * 1e3:.0f} ms"

    def growth(self, growth):
        ends = (f"{growth.sizes[0]}: {self._cost(growth.costs[0])}, "
                f"{growth.sizes[-1]}: {self._cost(growth.costs[-1])}")
        print(f"{growth.case.name:<28} {growth.exponent:>8.2f} {growth.last:>6.2f}  {ends:<32} "
              f"{verdict(growth)}", flush=True)


class Markdown:
    def begin_whole(self):
        print("| input | gatelint | `nginx -t` | times as fast |\n|---|---|---|---|")

    def whole(self, result):
        size = f", {result.size:.1f} MB" if result.size >= 0.05 else ""
        theirs = both(result.nginx) if result.nginx else ""
        ratio = f"{result.ratio:.1f}" if result.nginx else ""
        print(f"| {result.input.what}{size} | {both(result.ours)} | {theirs} | {ratio} |",
              flush=True)

    def begin_growth(self, unit):
        print(f"\n| n | exponent ({unit}) | of the last doubling | |\n|---|---|---|---|")

    def growth(self, growth):
        print(f"| {growth.case.what} | {growth.exponent:.2f} | {growth.last:.2f} | "
              f"{verdict(growth)} |", flush=True)
