"""Values of buckets computed once, before rows meet them: where windows begin and end.

A moved bound holds the one that it is moved from, often several times: where `as_of` cuts it, in buckets of
a calendar, in conversions where a zone is written out. Beside rows that would be computed for each pair of a
row and a bucket, would double with each move, and be nested deeper than an engine reads. So what is long
becomes a column first, and so does what a conversion starts from, and in the end each side of its comparison:

    buckets (month)  ->  windows (month, value_1)  ->  windows_2 (month, value_1, value_2)
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.plan.nodes import Slot
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.scope import Scope, select_of, slot_of

SIDES = (exp.GTE, exp.GT, exp.LTE, exp.LT, exp.EQ)


class Staged:
    """Values over the columns of one CTE, each a column of a step that follows it."""

    def __init__(self, scope: Scope, source: str, slots: Sequence[Slot], wanted: str = "windows") -> None:
        self.scope = scope
        self.source = source
        self.slots = tuple(slots)
        self.wanted = wanted
        self._names: dict[Node, str] = {}
        self._steps: list[list[Node]] = []
        self._step_of: dict[str, int] = {}

    def once(self, node: Node) -> Node:
        """Return the column that will hold a value; what is one, or reads more than the CTE, stays."""
        if isinstance(node, exp.Column) or not self._is_of_source(node):
            return node
        name = self._names.get(node)
        if name is None:
            name = self._names[node.copy()] = f"value_{len(self._names) + 1}"
            read = (self._step_of.get(found.name, -1) for found in self._own_columns(node))
            step = 1 + max(read)
            self._step_of[name] = step
            self._steps.extend([] for _ in range(step + 1 - len(self._steps)))
            self._steps[step].append(nodes.alias(node.copy(), name))
        return nodes.column(self.source, name)

    def sides_once(self, condition: Node) -> Node:
        """Return a condition in which the sides of comparisons with times that are converted are columns."""
        for comparison in converting(condition):
            for side in (comparison.left, comparison.right):
                side.replace(self.once(side.this if isinstance(side, exp.Paren) else side))
        return condition

    def added(self, values: Sequence[Node]) -> tuple[str, list[Node]]:
        """Add the steps and return the name of the last one, with the values over its columns."""
        known = self.scope.staged.setdefault((self.source, tuple(map(tuple, self._steps))), [])
        if not known:
            last = self.source
            held = [slot.name for slot in self.slots]
            for step in self._steps:
                columns = [slot_of(last, slot) for slot in self.slots]
                columns.extend(nodes.column(last, name) for name in held[len(self.slots) :])
                columns.extend(over(node.copy(), self.source, last) for node in step)
                last = self.scope.add(self.wanted, select_of(last, columns))
                # Else an engine may put each column's expression in the place of its name once more.
                self.scope.computed.add(last)
                held.extend(node.alias for node in step)
            known.append(last)
        return known[0], [over(value, self.source, known[0]) for value in values]

    def _own_columns(self, node: Node) -> list[exp.Column]:
        return [found for found in node.find_all(exp.Column) if found.table == self.source]

    def _is_of_source(self, node: Node) -> bool:
        """Tell whether a value reads columns of the CTE, and beside them those of its own selects alone."""
        read = {table.name for table in node.find_all(exp.Table)}
        found = {column.table for column in node.find_all(exp.Column)}
        return self.source in found and found <= read | {self.source}


def converting(condition: Node) -> list[exp.Binary]:
    """Return a condition's own comparisons with times that are converted."""
    return [
        found
        for found in condition.find_all(*SIDES)
        if found.find_ancestor(exp.Select, exp.Case) is None and nodes.holds(found, exp.Select, exp.Case)
    ]


def over(node: Node, source: str, other: str) -> Node:
    """Return a value over a CTE as one over another that has its columns."""
    for column in list(node.find_all(exp.Column)):
        if column.table == source:
            column.set("table", exp.Identifier(this=other, quoted=False))
    return node
