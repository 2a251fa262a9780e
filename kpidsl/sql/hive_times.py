"""Times of Hive, which have no zone: FROM_UTC_TIMESTAMP tells what clocks show, intervals move them.

Between two times are days, hours, minutes and seconds, counted apart, and microseconds, which are read from
the text as no function tells them. DATE_ADD and ADD_MONTHS make a date of a time, or a text; ADD_MONTHS goes
from a month's last day to the other's last day.
"""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.one_way_times import OneWayTimes
from kpidsl.sql.refusals import FRACTIONS, open_question
from kpidsl.sql.series import Numbers
from kpidsl.sql.split_seconds import as_seconds, as_whole_seconds, microseconds_between

SERIES = "POSEXPLODE"
_UNITS = {1: "MONTH", 3: "QUARTER", 12: "YEAR"}
_BEGINNINGS = {"hour": (len("2026-01-01 00"), ":00:00"), "minute": (len("2026-01-01 00:00"), ":00")}
"""How many characters of a time's text tell where it begins, and what stands after them there."""
_BEHIND_THE_POINT = len("2026-01-01 00:00:00.") + 1
_SECONDS_OF = {"HOUR": 3_600, "MINUTE": 60, "SECOND": 1}
_MICROSECONDS = 1_000_000


class HiveTimes(OneWayTimes):
    def shown_in(self, instant: Node, zone: str) -> Node:
        return nodes.call("FROM_UTC_TIMESTAMP", instant, nodes.text(zone))

    def later(self, time: Node, seconds: Node) -> Node:
        return _later(time, seconds, "SECOND")

    def seconds(self, end: Node, start: Node) -> Node:
        return _seconds_between(end, start)

    def truncated(self, unit: str, time: Node) -> Node:
        length, rest = _BEGINNINGS[unit]
        beginning = nodes.call("SUBSTR", nodes.cast(time, "text"), nodes.integer(1), nodes.integer(length))
        return nodes.cast(nodes.call("CONCAT", beginning, nodes.text(rest)), "timestamp")

    def shown(self, instant: Node) -> Node:
        return instant


def _later(time: Node, amount: Node, unit: str) -> Node:
    """Return a time with so many of a unit added, whatever its fraction of a second."""
    if isinstance(amount, exp.Neg) and is_literal(amount):
        count: Node = nodes.text(f"-{amount.this.name}")
    elif isinstance(amount, exp.Literal):
        count = nodes.text(amount.name)
    else:
        count = exp.Paren(this=amount)
    return nodes.binary(exp.Add, time, exp.Interval(this=count, unit=exp.Var(this=unit)))


def first_of(months: int, day: Node) -> Node:
    """Return the first day of a date's month, quarter or year."""
    return nodes.cast(nodes.call("TRUNC", day, nodes.text(_UNITS[months])), "date")


def add_days(day: Node, amount: Node) -> Node:
    return nodes.call("DATE_ADD", day, amount if is_literal(amount) else nodes.cast(amount, "int"))


def _moved_days(time: Node, amount: Node, is_date: bool) -> Node:
    return add_days(time, amount) if is_date else _later(time, amount, "DAY")


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    """Return the same day some months later, or the last of a month that is too short for it.

    What is counted from the month's first goes too far in a short month, ADD_MONTHS by itself from a
    month's last day: the earlier is right.
    """
    if not is_date:
        day = nodes.cast(_add_months(nodes.cast(time, "date"), amount, is_date=True), "text")
        clock = nodes.call("SUBSTR", nodes.cast(time.copy(), "text"), nodes.integer(len("2026-01-01 ")))
        return nodes.cast(nodes.call("CONCAT", day, clock), "timestamp")
    whole = amount if is_literal(amount) else nodes.cast(amount, "int")
    by_itself = nodes.cast(nodes.call("ADD_MONTHS", time, whole), "date")
    first = nodes.cast(nodes.call("ADD_MONTHS", first_of(1, time.copy()), whole.copy()), "date")
    into = nodes.binary(exp.Sub, nodes.call("DAYOFMONTH", time.copy()), nodes.integer(1))
    return nodes.call("LEAST", by_itself, nodes.call("DATE_ADD", first, into))


def _days_between(end: Node, start: Node) -> Node:
    return nodes.call("DATEDIFF", end, start)


def _seconds_between(end: Node, start: Node) -> Node:
    """Return the whole seconds between two times, by their days and clocks, which have no zone."""
    days = nodes.cast(_days_between(end, start), "bigint")
    found = nodes.binary(exp.Mul, days, nodes.integer(86_400))
    for part, length in _SECONDS_OF.items():
        apart = nodes.binary(exp.Sub, nodes.call(part, end.copy()), nodes.call(part, start.copy()))
        found = nodes.binary(
            exp.Add, found, apart if length == 1 else nodes.binary(exp.Mul, apart, nodes.integer(length))
        )
    return found


def _digits(time: Node) -> Node:
    """Return six digits of a time's second, from its text, which leaves out zeros at its end."""
    digits = nodes.call("SUBSTR", nodes.cast(time, "text"), nodes.integer(_BEHIND_THE_POINT))
    filled = nodes.call("CONCAT", digits, nodes.text("000000"))
    return nodes.call("SUBSTR", filled, nodes.integer(1), nodes.integer(6))


def clock(time: Node) -> Node:
    """Return the time of day as text, with six digits of a second."""
    whole = nodes.call("SUBSTR", nodes.cast(time, "text"), nodes.integer(12), nodes.integer(8))
    return nodes.call("CONCAT", whole, nodes.text("."), _digits(time.copy()))


def _microseconds(time: Node) -> Node:
    return nodes.cast(_digits(time), "bigint")


_microseconds_between = microseconds_between(lambda time: time, _seconds_between, _microseconds)


def _whole(value: Node, size: Node) -> Node:
    return nodes.binary(exp.IntDiv, value, size)


def _add_microseconds(time: Node, amount: Node) -> Node:
    if not is_literal(amount):
        return open_question(FRACTIONS)
    is_back = isinstance(amount, exp.Neg)
    seconds = Decimal((amount.this if is_back else amount).name) / _MICROSECONDS
    literal = exp.Literal.number(f"{seconds:f}")
    return _later(time, exp.Neg(this=literal) if is_back else literal, "SECOND")


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit == "DAY":
        between = _days_between(last, first)
        return between if count == 1 else _whole(between, nodes.integer(count))
    return _whole(_seconds_between(last, first), nodes.integer(count * _SECONDS_OF[unit]))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    size = count * _SECONDS_OF.get(unit, 1)
    amount = steps if size == 1 else nodes.binary(exp.Mul, steps, nodes.integer(size))
    return add_days(first, amount) if unit == "DAY" else _later(first, amount, "SECOND")


def _numbers(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 0 to the number of steps; for null, or less than none, none."""
    alias = nodes.table_alias(name)
    alias.set("columns", [exp.Identifier(this=header, quoted=False) for header in (column, "blank")])
    blanks = nodes.call("SPLIT", nodes.call("SPACE", nodes.cast(steps.copy(), "int")), nodes.text(" "))
    return exp.Table(this=nodes.call(SERIES, blanks), alias=alias)


HIVE_NUMBERS = Numbers(_steps, _after, _numbers)

HIVE_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.cast(_days_between(end, start), "bigint"),
    months_between=months_between(
        lambda x: nodes.cast(nodes.call("MONTH", x), "bigint"),
        lambda x: nodes.cast(nodes.call("YEAR", x), "bigint"),
    ),
    elapsed=as_seconds(_microseconds_between),
    seconds_between=as_whole_seconds(_microseconds_between, _whole),
    add_days=_moved_days,
    add_months=_add_months,
    add_microseconds=_add_microseconds,
    add_seconds=lambda time, amount: _later(time, amount, "SECOND"),
    microseconds=lambda *_: open_question(FRACTIONS),
    whole_part=_whole,
)
