"""Texts behind their bytes in hexadecimal digits: for an engine whose comparisons hang on collations.

    paid    70616964 paid

Two such texts are equal where their digits are, whatever a collation says of letters, accents or blanks at
the end, and they stand in the order of their digits, as a blank is less than a digit and a digit less than a
letter. Nothing has to be turned back: the text stands behind the first blank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node


@dataclass(frozen=True, slots=True)
class HexTexts:
    """How a dialect says it."""

    digits: Callable[[Node], Node]
    """The digits of a text's bytes."""
    encoding: str
    """In which these bytes are, as Python calls it."""
    joined: Callable[..., Node]
    """Texts one after the other, null where one of them is."""
    position: Callable[[Node, Node], Node]
    """Where in its first text the second begins, from 1 on; or 0."""
    part: Callable[..., Node]
    """What of a text begins at a place, of so many characters where a number is given."""

    def exact(self, text: Node) -> Node:
        """Return a text behind its digits."""
        return self.joined(self.digits(text), nodes.text(" "), text.copy())

    def literal(self, text: str) -> Node:
        return nodes.text(f"{text.encode(self.encoding).hex().upper()} {text}")

    def plain(self, node: Node) -> Node:
        """Return the text alone."""
        if isinstance(node, exp.Literal):
            return nodes.text(node.name.partition(" ")[2])
        last = (
            node.expressions[-1] if isinstance(node, exp.Anonymous) and node.expressions else node.expression
        )
        if isinstance(last, exp.Expr) and self.exact(last.copy()) == node:
            return last
        return self.part(node, nodes.binary(exp.Add, self._blank(node.copy()), nodes.integer(1)))

    def starts_with(self, text: Node, beginning: Node) -> Node:
        """Return the condition that one text begins with another: that its digits do."""
        if isinstance(beginning, exp.Literal):
            digits = nodes.text(beginning.name.partition(" ")[0])
            count: Node = nodes.integer(len(digits.name))
        else:
            count = nodes.binary(exp.Sub, self._blank(beginning), nodes.integer(1))
            digits = self.part(beginning.copy(), nodes.integer(1), count.copy())
        return nodes.compare(exp.EQ, self.part(text, nodes.integer(1), count), digits)

    def concat(self, *texts: Node) -> Node:
        return self.exact(self.joined(*map(self.plain, texts)))

    def trim(self, text: Node) -> Node:
        return self.exact(nodes.call("TRIM", self.plain(text)))

    def _blank(self, node: Node) -> Node:
        return self.position(node, nodes.text(" "))
