#!/usr/bin/env python3
"""What gatelint costs, beside `nginx -t` in the same run, and how that grows.

usage: tests/bench/run.py [OPTIONS] [GATELINT]      (default: build/gatelint, a release)

Makes its own inputs in temporary folders. Nothing here passes or fails: times are for people, who
run it on a quiet machine. See README.md beside it.
"""

import argparse
import fnmatch
import json
import pathlib
import shutil
import sys

import exponent
import measure
import show
import whole
from growth import CASES

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("gatelint", nargs="?", default=ROOT / "build" / "gatelint",
                        type=pathlib.Path)
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN",
                        help="run the inputs and cases of this name, * for any; repeatable")
    parser.add_argument("--list", action="store_true", help="print the names and what they are")
    parser.add_argument("--whole", action="store_true", help="no growth")
    parser.add_argument("--growth", action="store_true", help="growth alone")
    parser.add_argument("--instructions", action="store_true",
                        help="count instructions (callgrind) instead of taking time: slow, exact")
    parser.add_argument("--functions", action="store_true",
                        help="also name the functions that grow too fast; with --instructions")
    parser.add_argument("--quick", action="store_true", help="smaller inputs, fewer runs")
    parser.add_argument("--runs", type=int, help="how often each is run")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write all figures")
    parser.add_argument("--markdown", action="store_true", help="print tables for a README")
    parser.add_argument("--check", action="store_true",
                        help="only see whether gatelint takes the smallest tree of each case")
    return parser.parse_args()


def is_chosen(name, patterns):
    return not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def check(gatelint, cases):
    """The exit code: whether one fails."""
    failed = 0
    for case in cases:
        command = exponent.command_of(gatelint, case)
        try:
            exponent.in_tree(case, 2, lambda folder: measure.checked(
                command, measure.run_once(command, folder)))
        except measure.Failed as error:
            print(f"{case.name}: {error}")
            failed = 1
    print(f"{len(cases)} cases")
    return failed


def grow(options, case):
    sizes = case.sizes[:3] if options.quick else case.sizes
    if options.instructions:
        return exponent.by_instructions(options.gatelint, case, sizes, options.functions)
    return exponent.by_time(options.gatelint, case, sizes, options.runs or 3)


def main():
    options = arguments()
    inputs = [i for i in whole.inputs(ROOT, options.quick) if is_chosen(i.name, options.only)]
    cases = [c for c in CASES.values() if is_chosen(c.name, options.only)]
    if options.list:
        for each in inputs + cases:
            print(f"{each.name:<28} {each.what}")
        return
    options.gatelint = options.gatelint.resolve()
    if not options.gatelint.exists():
        sys.exit(f"{options.gatelint} is missing: build a release first")
    if options.check:
        sys.exit(check(options.gatelint, cases))
    runs = options.runs or (3 if options.quick else 7)
    table = show.Markdown() if options.markdown else show.Text()
    figures = {"whole": [], "growth": []}
    if not options.growth and inputs:
        with_nginx = shutil.which("nginx") is not None
        table.begin_whole()
        for each in inputs:
            try:
                result = whole.run(each, options.gatelint, with_nginx, runs)
            except measure.Failed as error:
                print(f"{each.name}: {error}", file=sys.stderr)
                continue
            table.whole(result)
            figures["whole"].append(result.as_dict())
    if not options.whole and cases:
        table.begin_growth("instructions" if options.instructions else "seconds")
        for case in cases:
            try:
                growth = grow(options, case)
            except measure.Failed as error:
                print(f"{case.name}: {error}", file=sys.stderr)
                continue
            table.growth(growth)
            figures["growth"].append(
                {"case": case.name, "sizes": growth.sizes, "costs": growth.costs,
                 "exponent": growth.exponent, "last": growth.last, "limit": case.limit})
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
