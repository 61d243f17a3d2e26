"""What a case is, and the list of all."""

import dataclasses
import inspect
import typing

# Sorting and trees are n log n, which looks like this over four doublings.
LINEAR = 1.15

CASES = {}


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    what: str  # what there are n of
    make: typing.Callable  # from n to a tree
    smallest: int  # doubled four times
    arguments: tuple  # of gatelint, in the tree
    limit: float  # of the exponent

    @property
    def sizes(self):
        return [self.smallest << doubling for doubling in range(5)]


def case(smallest=250, arguments=("nginx.conf",), limit=LINEAR):
    """Registers a function from n to a tree; its name and its comment are the case's."""
    def register(make):
        name = make.__name__.replace("_", "-")
        CASES[name] = Case(name, inspect.getdoc(make), make, smallest, arguments, limit)
        return make
    return register
