"""The formula language: grammar, tree, parser and printer."""

from kpidsl.syntax.parser import parse_formula
from kpidsl.syntax.printer import print_formula
from kpidsl.syntax.tree import Expr

__all__ = ["Expr", "parse_formula", "print_formula"]
