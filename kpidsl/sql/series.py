"""Series of times by the numbers of the times, for an engine that has no series of its own.

A recursion from each time to the next would be as deep as the series is long, and where MySQL refuses a deep
one MariaDB cuts it short without a word. So a JSON array of so many elements is made, whose elements have
numbers:

    numbers (number)    1, 2, … up to the last
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node

_NUMBER, _NUMBERS = "number", "numbers"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How times are numbered from 1, in steps of so many of a unit."""

    steps: Callable[[Node, Node, int, str], Node]
    """Return how many steps lead from one time to another."""
    after: Callable[[Node, Node, int, str], Node]
    """Return the time that is so many steps after another."""
    up_to: Callable[[Node, str, str], Node] = field(default_factory=lambda: _numbers)
    """Return the numbers from 1 to the number of steps and one, as rows of that name and column."""

    def every(self, columns: list[Node], name: str, source: str | None, series: Series) -> exp.Select:
        """Return every time from the first to the last under a name, beside columns of the source."""
        count, unit = series.step
        steps = self.steps(series.first, series.last, count, unit)
        number = nodes.column(_NUMBERS, _NUMBER)
        place = nodes.binary(exp.Sub, number, nodes.integer(1))
        time = self.after(series.first.copy(), place, count, unit)
        query = exp.Select(expressions=[*columns, nodes.alias(time, name)])
        if source is None:
            query.set("from_", exp.From(this=self.up_to(steps, _NUMBERS, _NUMBER)))
        else:
            query.set("from_", exp.From(this=exp.Table(this=exp.Identifier(this=source, quoted=False))))
            query.set("joins", [exp.Join(this=self.up_to(steps, _NUMBERS, _NUMBER), kind="CROSS")])
        # An array has one element at least.
        reaches: Node = nodes.compare(exp.LTE, place.copy(), steps.copy())
        if unit != "DAY":
            # Whole hours from a time to one that is less than an hour before it are none, as to itself.
            in_order = nodes.compare(exp.LTE, series.first.copy(), series.last.copy())
            reaches = nodes.all_of([in_order, reaches])
        query.set("where", exp.Where(this=reaches))
        return query


@dataclass(frozen=True, slots=True)
class Series:
    """From what to what, and in which steps, times are made."""

    first: Node
    last: Node
    step: tuple[int, str]


def _numbers(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 1 to the number of steps and one; for null none."""
    more = nodes.call("REPEAT", nodes.text(",0"), steps.copy())
    # A text that the server has no room for is null: no JSON has a question mark there, so it fails.
    is_too_long = nodes.compare(exp.GT, steps.copy(), nodes.integer(0))
    more = exp.Coalesce(this=more, expressions=[nodes.case([(is_too_long, nodes.text("?"))], None)])
    array = nodes.call("CONCAT", nodes.text("[0"), more, nodes.text("]"))
    number = exp.JSONColumnDef(this=exp.Identifier(this=column, quoted=False), ordinality=True)
    table = exp.JSONTable(this=array, path=nodes.text("$[*]"), schema=exp.JSONSchema(expressions=[number]))
    return exp.Table(this=table, alias=nodes.table_alias(name))
