"""Times of Hive: days of times that are held in UTC go by FROM_UTC_TIMESTAMP; what is less sure is refused.

DATE_ADD and ADD_MONTHS make a date of a time, or a text; ADD_MONTHS goes from a month's last day to the
other's last day.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.model.grains import GrainRule
from kpidsl.model.zones import is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import open_question
from kpidsl.sql.series import Numbers
from kpidsl.sql.starrocks_times import StarrocksTimes

SERIES = "POSEXPLODE"
_UNITS = {1: "MM", 3: "Q", 12: "YY"}


class HiveTimes(StarrocksTimes):
    def of_local(
        self, time: Node, zone: str | None, days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        if zone is None or not is_utc(zone):
            return super().of_local(time, zone, days, form)
        return form(nodes.call("FROM_UTC_TIMESTAMP", time, nodes.text(self.cut.zone)))

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:  # noqa: ARG002
        return open_question("instants")


def first_of(months: int, day: Node) -> Node:
    """Return the first day of a date's month, quarter or year."""
    return nodes.cast(nodes.call("TRUNC", day, nodes.text(_UNITS[months])), "date")


def add_days(day: Node, amount: Node) -> Node:
    return nodes.call("DATE_ADD", day, amount if is_literal(amount) else nodes.cast(amount, "int"))


def _moved_days(time: Node, amount: Node, is_date: bool) -> Node:
    return add_days(time, amount) if is_date else open_question("instants")


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    """Return the same day some months later, or the last of a month that is too short for it.

    What is counted from the month's first goes too far in a short month, ADD_MONTHS by itself from a
    month's last day: the earlier is right.
    """
    if not is_date:
        return open_question("instants")
    whole = amount if is_literal(amount) else nodes.cast(amount, "int")
    by_itself = nodes.cast(nodes.call("ADD_MONTHS", time, whole), "date")
    first = nodes.cast(nodes.call("ADD_MONTHS", first_of(1, time.copy()), whole.copy()), "date")
    into = nodes.binary(exp.Sub, nodes.call("DAYOFMONTH", time.copy()), nodes.integer(1))
    return nodes.call("LEAST", by_itself, nodes.call("DATE_ADD", first, into))


def _days_between(end: Node, start: Node) -> Node:
    return nodes.call("DATEDIFF", end, start)


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit != "DAY":
        return open_question("instants")
    between = _days_between(last, first)
    return between if count == 1 else nodes.binary(exp.IntDiv, between, nodes.integer(count))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    if unit != "DAY":
        return open_question("instants")
    return add_days(first, steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count)))


def _numbers(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 0 to the number of steps; for null, or less than none, none."""
    alias = nodes.table_alias(name)
    alias.set("columns", [exp.Identifier(this=header, quoted=False) for header in (column, "blank")])
    blanks = nodes.call("SPLIT", nodes.call("SPACE", nodes.cast(steps.copy(), "int")), nodes.text(" "))
    return exp.Table(this=nodes.call(SERIES, blanks), alias=alias)


def _asked(topic: str) -> Callable[..., Node]:
    return lambda *_: open_question(topic)


HIVE_NUMBERS = Numbers(_steps, _after, _numbers)

HIVE_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.cast(_days_between(end, start), "bigint"),
    months_between=months_between(
        lambda x: nodes.cast(nodes.call("MONTH", x), "bigint"),
        lambda x: nodes.cast(nodes.call("YEAR", x), "bigint"),
    ),
    elapsed=_asked("elapsed"),
    seconds_between=_asked("elapsed"),
    add_days=_moved_days,
    add_months=_add_months,
    add_microseconds=_asked("elapsed"),
    add_seconds=_asked("instants"),
    microseconds=_asked("elapsed"),
    whole_part=lambda value, size: nodes.binary(exp.IntDiv, value, size),
)
