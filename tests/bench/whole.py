"""Whole runs of gatelint, beside `nginx -t` where nginx reads the same."""

import dataclasses
import multiprocessing
import pathlib
import tempfile
import typing

import inputs as trees_of
import measure
from trees import lay


@dataclasses.dataclass(frozen=True)
class Input:
    name: str
    what: str
    lay: typing.Callable  # into a folder
    arguments: tuple = ("-f", "json", "nginx.conf")
    start: str = "."  # where gatelint is started, from that folder
    has_nginx: bool = True


@dataclasses.dataclass
class Result:
    input: Input
    size: float
    ours: measure.Cost
    nginx: measure.Cost  # or None

    @property
    def ratio(self):
        """How many times as fast as nginx."""
        return self.nginx.wall / self.ours.wall

    def as_dict(self):
        return {"input": self.input.name, "megabytes": self.size,
                "gatelint": dataclasses.asdict(self.ours),
                "nginx": dataclasses.asdict(self.nginx) if self.nginx else None}


def of(make, *parameters):
    return lambda folder: lay(make(*parameters), folder)


def in_clone(root):
    return lambda folder: trees_of.clone(root, folder / "clone")


def nothing(folder):
    """What is measured lies elsewhere already."""


def size_of(folder):
    """What configurations weigh, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*.conf")) / 1e6


def lay_elsewhere(each, folder):
    """In another process: what this one has ever had counts as the memory of those that it starts
    (measure.own_memory), and trees are large."""
    other = multiprocessing.get_context("fork").Process(target=each.lay, args=(folder,))
    other.start()
    other.join()


def inputs(root, quick):
    part = 10 if quick else 1
    servers, files, configurations = 20000 // part, 5000 // part, 224 // part
    found, silent = (trees_of.one_file, servers, True), (trees_of.one_file, servers, False)
    readme = ("fixtures/gateways/shop/nginx.conf",)
    return [
        Input("start", "gatelint --version", nothing, ("--version",), has_nginx=False),
        Input("typical", "a typical tree with php-fpm and compose beside it",
              of(trees_of.typical)),
        Input("shop", "fixtures/gateways/shop", nothing,
              ("nginx.conf",), str(root / "fixtures" / "gateways" / "shop"), False),
        Input("readme", "the README's first command in a clone", in_clone(root), readme,
              "clone", False),
        Input("one-file", f"{servers} servers in one file, no finding", of(*silent)),
        Input("one-file-findings", f"the same, {servers} findings", of(*found)),
        Input("one-file-full", "the same as text", of(*found), ("nginx.conf",)),
        Input("one-file-sarif", "the same as SARIF", of(*found), ("-f", "sarif", "nginx.conf")),
        Input("many-files", f"{files} included files, no finding",
              of(trees_of.many_files, files, False)),
        Input("many-files-findings", "the same with findings",
              of(trees_of.many_files, files, True)),
        Input("snippets", f"{servers} servers with one snippet",
              of(trees_of.snippets, servers, False)),
        Input("snippets-findings", "the same with findings",
              of(trees_of.snippets, servers, True)),
        Input("repository", f"{configurations} configurations in one repository",
              of(trees_of.repository, configurations), (".",), has_nginx=False),
    ]


def run(each, gatelint, with_nginx, runs):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lay_elsewhere(each, folder)
        commands = [[gatelint, *each.arguments]]
        if with_nginx and each.has_nginx:
            commands.append(["nginx", "-t", "-q", "-p", f"{folder}/", "-c", "nginx.conf"])
        costs = measure.run_beside(commands, folder / each.start, runs)
        size = size_of(folder / each.start)
        return Result(each, size, costs[0], costs[1] if len(costs) > 1 else None)
