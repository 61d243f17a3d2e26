#!/usr/bin/env python3
"""Shows what a change of gatelint changes: runs two binaries on the same inputs and compares.

usage: tests/compare.py [--places] BEFORE AFTER [DIR]...

The inputs are the sides of every fixture, laid out as hosts, the gateways, and each DIR: as a whole,
and every configuration, compose file and manifest in it by itself. DIR is copied first, so that no
repository around it is in sight. The JSON reports, standard error and exit codes must be equal, byte
for byte; with --places only rules, severities and places of findings, for changes of words.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
NAMED = (".conf", ".yaml", ".yml", ".template", ".j2", ".example")


def run(binary, folder, arguments):
    command = [binary, *arguments, "-f", "json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    return result.returncode, result.stdout, result.stderr


def places(result):
    code, out, _ = result
    try:
        findings = json.loads(out)["findings"]
    except ValueError:
        return code, out
    keys = ("rule", "severity", "file", "line", "column", "endLine", "endColumn")
    return code, sorted(tuple(str(finding[key]) for key in keys) for finding in findings)


def fixture_inputs(top):
    for case in sorted((ROOT / "fixtures" / "rules").glob("*/*")):
        options = case / "options.txt"
        words = options.read_text().split() if options.exists() else []
        for side in ("bad", "good"):
            if not (case / side).exists():
                continue
            host = top / case.parent.name / case.name / side
            for layer in ("shared", side):
                if (case / layer).exists():
                    shutil.copytree(case / layer, host, symlinks=True, dirs_exist_ok=True)
            version = [word for at, word in enumerate(words)
                       if word == "--nginx-version" or words[at - 1] == "--nginx-version"]
            if words:
                yield host, words
            yield host, [*version, "."]
            for main in host.rglob("nginx.conf"):
                yield host, [*version, "--root", ".", str(main.relative_to(host))]


def folder_inputs(folder):
    yield folder, ["."]
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        in_sites = path.parent.name in ("sites-enabled", "sites-available", "conf.d")
        if path.name.endswith(NAMED) or in_sites or path.name == "conf":
            yield folder, [str(path.relative_to(folder))]


def compare(arguments, item):
    folder, words = item
    before, after = (run(binary, folder, words) for binary in (arguments.before, arguments.after))
    if arguments.places:
        before, after = places(before), places(after)
    return item, before, after


def differences(before, after):
    for old, new in zip(before, after):
        if old == new:
            continue
        if isinstance(old, list):
            yield from (f"- {each}" for each in old if each not in new)
            yield from (f"+ {each}" for each in new if each not in old)
        elif isinstance(old, bytes):
            removed = set(old.splitlines()) - set(new.splitlines())
            added = set(new.splitlines()) - set(old.splitlines())
            yield from (f"- {line.decode(errors='replace')[:300]}" for line in sorted(removed))
            yield from (f"+ {line.decode(errors='replace')[:300]}" for line in sorted(added))
        else:
            yield f"{old} became {new}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--places", action="store_true")
    parser.add_argument("before", type=os.path.abspath)
    parser.add_argument("after", type=os.path.abspath)
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(os.path.realpath(name))
        items = list(fixture_inputs(top / "fixtures"))
        for folder in [ROOT / "fixtures" / "gateways", *arguments.folders]:
            copy = top / "copies" / folder.resolve().name
            shutil.copytree(folder, copy, symlinks=True)
            subprocess.run(["chmod", "-R", "u+w", copy], check=True)
            for each in sorted(copy.iterdir()):
                if each.is_dir():
                    items.extend(folder_inputs(each))
        different = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for item, before, after in pool.map(lambda item: compare(arguments, item), items):
                if before == after:
                    continue
                different += 1
                print(f"{item[0].relative_to(top)}: gatelint {' '.join(item[1])}")
                for line in list(differences(before, after))[:20]:
                    print(f"    {line}")
    print(f"{len(items)} inputs, {different} different")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
