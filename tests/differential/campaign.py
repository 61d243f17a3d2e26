"""Which configurations are judged: all bases, and for each the mutants that have numbers."""

from dataclasses import dataclass

import mutate

FOR_FIXTURES = 0.3  # of all mutants; the seeds, which say more, share the rest by size


@dataclass(frozen=True)
class Case:
    base: str
    number: int  # 0 is the base itself

    def __str__(self):
        return f"{self.base}#{self.number}" if self.number else self.base


@dataclass
class Mutant:
    fault: str
    path: str  # of the file that is changed
    text: str


def is_seed(name):
    return name.startswith("seeds/")


def documents(base):
    return [mutate.Document(base.text(path)) for path in base.readable()]


class Campaign:
    def __init__(self, bases):
        self.bases = bases
        read = {name: documents(base) for name, base in bases.items() if is_seed(name)}
        self.sizes = {name: sum(len(one.statements) for one in read[name]) for name in read}
        self.stock = mutate.Stock([document for name in read for document in read[name]])

    def cases(self, mutants):
        yield from (Case(name, 0) for name in self.bases)
        others = [name for name in self.bases if not is_seed(name)]
        each = round(mutants * FOR_FIXTURES / len(others))
        left = mutants - each * len(others)
        total = sum(self.sizes.values())
        for name in self.bases:
            count = round(left * self.sizes[name] / total) if is_seed(name) else each
            yield from (Case(name, number) for number in range(1, count + 1))

    def mutant(self, case):
        """Returns None for a base itself, and for one of which no text is known."""
        base = self.bases[case.base]
        paths = [path for path in base.readable() if base.files[path].strip()]
        if not case.number or not paths:
            return None
        # Half of the faults are in the main file: what is included may be mere lists.
        choose = mutate.Chooser(f"{case}/file")
        in_main = base.main in paths and choose.random.random() < 0.5
        path = base.main if in_main else choose.one(paths)
        fault, text = mutate.mutate(mutate.Document(base.text(path)), str(case), self.stock)
        return Mutant(fault, path, text)
