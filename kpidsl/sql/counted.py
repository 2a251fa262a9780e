"""Series of days by counting: for an engine that has no series, and no recursion that surely runs to its end.

A few CTEs at the head of the statement count to 2,000, and two of these count to four millions: that is more
than there are days in the years 1 to 9999.

    counted (number)    0, 1, … up to 1999
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from kpidsl.plan.slots import unique_name
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal, open_question
from kpidsl.sql.series import Numbers, Series

MOST = 2_000
_COUNTED = "COUNTED_NUMBERS"
_NUMBER = "number"
_BLOCKS, _OFFSETS = "blocks", "numbers"
SERIES = Refusal(
    "series of hours or minutes without a period",
    "they are counted, to four millions at most",
    "ask for days, or for a period",
)


@dataclass(frozen=True, slots=True)
class CountedNumbers(Numbers):
    """Series whose steps are counted in the head of the statement: see `with_counted`."""

    def every(self, columns: list[Node], name: str, source: str | None, series: Series) -> exp.Select:
        count, unit = series.step
        has_column = any(nodes.holds(end, exp.Column) for end in (series.first, series.last))
        steps = self.steps(series.first, series.last, count, unit)
        if unit != "DAY" and (has_column or unit == "MINUTE"):
            steps = open_question("series")
        block = nodes.binary(exp.Mul, nodes.column(_BLOCKS, _NUMBER), nodes.integer(MOST))
        step = nodes.binary(exp.Add, block, nodes.column(_OFFSETS, _NUMBER))
        time = self.after(series.first.copy(), step, count, unit)
        conditions = [nodes.compare(exp.LTE, found.copy(), steps.copy()) for found in (block, step)]
        if unit != "DAY":
            # Whole hours from a time to one that is less than an hour before it are none, as to itself.
            conditions.insert(0, nodes.compare(exp.LTE, series.first.copy(), series.last.copy()))
        tables = [_named(_COUNTED, alias) for alias in (_BLOCKS, _OFFSETS)]
        if source is not None:
            tables.insert(0, exp.Table(this=exp.Identifier(this=source, quoted=False)))
        first, *others = tables
        return exp.Select(
            expressions=[*columns, nodes.alias(time, name)],
            from_=exp.From(this=first),
            joins=[exp.Join(this=table, kind="CROSS") for table in others],
            where=exp.Where(this=nodes.all_of(conditions)),
        )


Counting = Callable[[Sequence[str]], Sequence[exp.Query]]
"""Makes the queries that count, each of which may read those before it; the last has `number` from 0 on."""


def with_counted(tree: Node, names: Sequence[str], counting: Counting) -> None:
    """Put what counts before a statement's CTEs, where one of these reads it; `names` are those wanted."""
    read = [table for table in tree.find_all(exp.Table) if table.name == _COUNTED]
    if not read:
        return
    taken = {table.alias_or_name.lower() for table in tree.find_all(exp.Table, exp.CTE)}
    found = [unique_name(name, taken) for name in names]
    ctes = [
        exp.CTE(this=query, alias=nodes.table_alias(name))
        for name, query in zip(found, counting(found), strict=True)
    ]
    with_ = tree.args["with_"]
    with_.set("expressions", [*ctes, *with_.expressions])
    for table in read:
        table.this.set("this", found[-1])


def by_digits(names: Sequence[str]) -> Sequence[exp.Query]:
    """Return the ten digits, and the numbers below 2,000 that four of them make."""
    digits, _ = names
    ten: list[exp.Query] = [
        exp.Select(expressions=[nodes.alias(nodes.integer(digit), "digit")]) for digit in range(10)
    ]
    number: Node | None = None
    for place, alias in enumerate(_DIGITS):
        digit = nodes.column(alias, "digit")
        part = digit if not place else nodes.binary(exp.Mul, digit, nodes.integer(10**place))
        number = part if number is None else nodes.binary(exp.Add, number, part)
    assert number is not None
    first, *others = (_named(digits, alias) for alias in _DIGITS)
    counted = exp.Select(
        expressions=[nodes.alias(number, _NUMBER)],
        from_=exp.From(this=first),
        joins=[exp.Join(this=table, kind="CROSS") for table in others],
        where=exp.Where(this=nodes.compare(exp.LT, nodes.column(_DIGITS[-1], "digit"), nodes.integer(2))),
    )
    return [reduce(lambda a, b: exp.Union(this=a, expression=b, distinct=False), ten), counted]


_DIGITS = ("ones", "tens", "hundreds", "thousands")


def _named(table: str, alias: str) -> exp.Table:
    return exp.Table(this=exp.Identifier(this=table, quoted=False), alias=nodes.table_alias(alias))
