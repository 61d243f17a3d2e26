"""Dimensions in which configurations grow: a case each, with a tree of every size.

Whatever once took quadratic time has a case here, and so has whatever might.
"""

from growth.cases import CASES, Case
from growth import around, passes, text  # they register their cases

__all__ = ["CASES", "Case", "around", "passes", "text"]
