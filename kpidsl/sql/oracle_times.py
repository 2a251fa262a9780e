"""Times of Oracle: a date is a `DATE` at midnight, as that has a time of day; a timestamp is a `TIMESTAMP`.

Nothing here hangs on the session's formats, territory or calendar: TRUNC and EXTRACT know the Gregorian
one alone. ADD_MONTHS goes from a month's last day to the
other's last day, so the day is counted from the month's first. The changes of zones are written out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Type
from kpidsl.sql import nodes
from kpidsl.sql.elapsed import TimeArithmetic, months_between
from kpidsl.sql.looked_up_times import LookedUpTimes, Row
from kpidsl.sql.nodes import Node
from kpidsl.sql.series import Numbers

_MICROSECONDS = 1_000_000
_LONG_AGO = datetime(1, 1, 1)
_ROWS = "constants"
_SECONDS_OF = {"DAY": 86_400, "HOUR": 3_600, "MINUTE": 60}
_PARTS_OF_A_DAY = (("DAY", 86_400), ("HOUR", 3_600), ("MINUTE", 60), ("SECOND", 1))


class OracleTimes(LookedUpTimes):
    def shifted(self, time: Node, shift: Node) -> Node:
        return moved(time, shift, "SECOND")

    def moment(self, moment: datetime) -> Node:
        return _moment(moment)

    def floor(self, rule: GrainRule, time: Node) -> Node:
        # TRUNC makes a DATE of a time.
        unit = "HH24" if rule.name == "hour" else "MI"
        return nodes.cast(nodes.call("TRUNC", time, nodes.text(unit)), "timestamp")

    def later(self, left: Node, right: Node) -> Node:
        return nodes.call("GREATEST", left, right)

    def year(self, time: Node) -> Node:
        return extracted("YEAR", time)

    def table(self, wanted: str, header: Sequence[str], rows: Sequence[Row]) -> str:
        query: exp.Query | None = None
        for row in rows:
            cells = _cells(row)
            select = exp.Select(expressions=[nodes.alias(cells[name], name) for name in header])
            query = select if query is None else exp.Union(this=query, expression=select, distinct=False)
        assert query is not None
        columns = [nodes.column(_ROWS, name) for name in header]
        source = nodes.subquery(query, _ROWS)
        return self.tables.equal(wanted, exp.Select(expressions=columns, from_=exp.From(this=source)))

    def failing(self, text: str, time: Node) -> Node:
        # No number is written like that.
        told = nodes.call("TO_NUMBER", nodes.binary(exp.DPipe, nodes.text(text), nodes.call("TO_CHAR", time)))
        fails = moved(time.copy(), told, "SECOND")
        return nodes.case([(nodes.is_not_null(time.copy()), fails)], None)

    def stopped(self, failing: Node, form: Callable[[Node], Node]) -> Node:
        return form(failing)

    def shown(self, instant: Node) -> Node:
        return instant


def _moment(moment: datetime) -> Node:
    return nodes.cast(nodes.text(moment.isoformat(sep=" ", timespec="seconds")), "timestamp")


def _cells(row: Row) -> dict[str, Node]:
    year, since, until, shift, back, begins = row
    return {
        "year": nodes.integer(year),
        "since": _moment(since),
        "until": _moment(until),
        "shift": nodes.integer(shift),
        "back": nodes.integer(back),
        "begins": _moment(begins or _LONG_AGO),
    }


def extracted(name: str, x: Node) -> Node:
    return exp.Extract(this=exp.Var(this=name), expression=x)


def moved(time: Node, amount: Node, unit: str) -> Node:
    return nodes.binary(exp.Add, time, nodes.call("NUMTODSINTERVAL", amount, nodes.text(unit)))


def day_of(time: Node) -> Node:
    return nodes.call("TRUNC", time)


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, day_of(local))


def _truncated(day: Node, unit: str) -> Node:
    is_cut = isinstance(day, exp.Anonymous) and day.name == "TRUNC" and len(day.expressions) == 1
    return nodes.call("TRUNC", day.expressions[0] if is_cut else day, nodes.text(unit))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        days = cut.days_after_week_start
        later = nodes.binary(exp.Add, day, nodes.integer(days)) if days else day
        monday = _truncated(later, "IW")
        return nodes.binary(exp.Sub, monday, nodes.integer(days)) if days else monday
    months = cut.month_of_anchor(rule) % rule.count
    unit = {1: "MM", 3: "Q", 12: "YYYY"}[rule.count]
    if months:
        earlier = nodes.call("ADD_MONTHS", day, nodes.integer(-months))
        return nodes.call("ADD_MONTHS", _truncated(earlier, unit), nodes.integer(months))
    return _truncated(day, unit)


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    if not is_date:
        return moved(time, amount, "DAY")
    if isinstance(amount, exp.Neg):
        return nodes.binary(exp.Sub, time, amount.this)
    return nodes.binary(exp.Add, time, amount)


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    day = time if is_date else day_of(time)
    first = nodes.call("ADD_MONTHS", _truncated(day, "MM"), amount)
    into = nodes.binary(exp.Sub, extracted("DAY", time.copy()), nodes.integer(1))
    same = nodes.binary(exp.Add, first, exp.Paren(this=into))
    moved_day = nodes.call("LEAST", same, nodes.call("LAST_DAY", first.copy()))
    if is_date:
        return moved_day
    days = nodes.binary(exp.Sub, moved_day, day_of(time.copy()))
    return moved(time.copy(), days, "DAY")


def _elapsed(end: Node, start: Node) -> Node:
    between = nodes.binary(exp.Sub, end, start)
    seconds: Node | None = None
    for name, size in _PARTS_OF_A_DAY:
        part = extracted(name, between.copy())
        part = part if size == 1 else nodes.binary(exp.Mul, part, nodes.integer(size))
        seconds = part if seconds is None else nodes.binary(exp.Add, seconds, part)
    assert seconds is not None
    return seconds


def _whole(value: Node, size: Node) -> Node:
    return nodes.call("TRUNC", nodes.binary(exp.Div, value, size))


def _to_microseconds(seconds: Node, type: Type) -> Node:  # noqa: ARG001
    return nodes.call("ROUND", nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS)))


def _add_microseconds(time: Node, amount: Node) -> Node:
    return moved(time, nodes.binary(exp.Div, amount, nodes.integer(_MICROSECONDS)), "SECOND")


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit == "DAY" and count == 1:
        return nodes.binary(exp.Sub, last, first)
    return _whole(_elapsed(last, first), nodes.integer(count * _SECONDS_OF[unit]))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    amount = steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count))
    return _add_days(first, amount, is_date=True) if unit == "DAY" else moved(first, amount, unit)


def numbers_of_levels(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 1 to the greatest number of steps and one; there is always a first."""
    level = exp.Column(this=exp.Identifier(this="LEVEL", quoted=False))
    last = nodes.binary(exp.Add, steps, nodes.integer(1))
    read = last.find(exp.Column)
    if read is not None:
        # What stands in FROM does not see what stands beside it.
        rows = exp.Table(this=exp.Identifier(this=read.table, quoted=False))
        greatest = exp.Select(expressions=[exp.Max(this=last)], from_=exp.From(this=rows))
        last = exp.Subquery(this=greatest)
    query = exp.Select(
        expressions=[nodes.alias(level, column)],
        connect=exp.Connect(connect=nodes.compare(exp.LTE, level.copy(), last), nocycle=False),
    )
    return nodes.subquery(query, name)


ORACLE_NUMBERS = Numbers(_steps, _after, numbers_of_levels)

ORACLE_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.binary(exp.Sub, end, start),
    months_between=months_between(lambda x: extracted("MONTH", x), lambda x: extracted("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=lambda end, start: nodes.call("TRUNC", _elapsed(end, start)),
    add_days=_add_days,
    add_months=_add_months,
    add_months_to_first=lambda day, amount: nodes.call("ADD_MONTHS", day, amount),
    add_microseconds=_add_microseconds,
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=_to_microseconds,
    whole_part=_whole,
)
