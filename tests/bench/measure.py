"""What a whole process costs: its time, its memory, the instructions that it executes."""

import dataclasses
import os
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Cost:
    wall: float  # seconds
    cpu: float  # seconds in user space and in the kernel, of all threads
    memory: float  # peak, in MiB
    is_memory_known: bool
    exit_code: int


def own_memory():
    """What a process that this one starts counts as its peak at least: it begins as a copy."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_once(command, folder):
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    memory = usage.ru_maxrss / 1024
    return Cost(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, memory,
                memory > own_memory(), process.returncode)


class Failed(Exception):
    """Whoever was measured did not do what was asked: its figures mean nothing."""


def checked(command, cost):
    if cost.exit_code not in (0, 1):
        raise Failed(f"{' '.join(map(str, command))} ended with {cost.exit_code}")
    return cost


def median(costs):
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs),
                max(c.memory for c in costs), all(c.is_memory_known for c in costs),
                costs[0].exit_code)


def run_beside(commands, folder, runs):
    """Medians of commands that run in turns, so that what else the machine does hits all alike."""
    costs = [[] for _ in commands]
    for _ in range(runs):
        for command, of_command in zip(commands, costs):
            of_command.append(checked(command, run_once(command, folder)))
    return [median(of_command) for of_command in costs]


def cpu_time(command, folder, runs):
    """The least of some runs, in seconds: what disturbs a process only adds to it."""
    return min(checked(command, run_once(command, folder)).cpu for _ in range(runs))


class Profile:
    """Instructions of a run under callgrind, by function (those that it executes itself)."""

    TOTAL = re.compile(r"^summary: (\d+)|^totals: (\d+)", re.MULTILINE)
    LINE = re.compile(r"^\s*([\d,]+) \([^)]*\)\s+\S*?:(.*?)(?: \[[^]]*\])?$", re.MULTILINE)

    def __init__(self, command, folder):
        with tempfile.TemporaryDirectory() as place:
            self._run(command, folder, pathlib.Path(place) / "callgrind.out")

    def _run(self, command, folder, out):
        self.command = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
                        *command]
        checked(self.command, run_once(self.command, folder))
        total = self.TOTAL.search(out.read_text(errors="replace"))
        self.instructions = int(total.group(1) or total.group(2))
        self._text = out.read_bytes()

    def functions(self):
        """From name to instructions."""
        with tempfile.NamedTemporaryFile(suffix=".out") as file:
            file.write(self._text)
            file.flush()
            table = subprocess.run(["callgrind_annotate", "--threshold=100", file.name],
                                   capture_output=True, text=True, errors="replace").stdout
        costs = {}
        for count, name in self.LINE.findall(table):
            costs[name] = costs.get(name, 0) + int(count.replace(",", ""))
        return costs
