"""Times of MySQL and MariaDB.

Their CONVERT_TZ is null where the server has not been given the zones, leaves a time before 1970 or after
2038 as it is, and takes for a local time that exists twice whatever instant it comes to: so the changes of
zones are written out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.elapsed import TimeArithmetic, months_between
from kpidsl.sql.looked_up_times import LookedUpTimes, Row
from kpidsl.sql.nodes import Node
from kpidsl.sql.series import Numbers
from kpidsl.sql.times import written

_MICROSECONDS = 1_000_000
_LARGEST = 2**64 - 1
_LONG_AGO = datetime(1000, 1, 1)
_CONSTANTS = "constants"
_CELLS = dict.fromkeys(("since", "until", "begins"), "datetime")
_CELLS |= dict.fromkeys(("year", "shift", "back"), "int")


class MysqlTimes(LookedUpTimes):
    def shifted(self, time: Node, shift: Node) -> Node:
        return moved(time, shift, "SECOND")

    def moment(self, moment: datetime) -> Node:
        return nodes.cast(nodes.text(written(moment)), "datetime")

    def floor(self, rule: GrainRule, time: Node) -> Node:
        pattern = "%Y-%m-%d %H:00:00" if rule.name == "hour" else "%Y-%m-%d %H:%i:00"
        return nodes.cast(formatted(time, pattern), "datetime")

    def later(self, left: Node, right: Node) -> Node:
        return nodes.call("GREATEST", left, right)

    def year(self, time: Node) -> Node:
        return nodes.call("YEAR", time)

    def table(self, wanted: str, header: Sequence[str], rows: Sequence[Row]) -> str:
        cells = [[_cells(row)[name] for name in header] for row in rows]
        columns = [
            exp.JSONColumnDef(
                this=exp.Identifier(this=name, quoted=False),
                kind=exp.DataType.build(_CELLS[name]),
                path=nodes.text(f"$[{place}]"),
            )
            for place, name in enumerate(header)
        ]
        constants = exp.JSONTable(
            this=nodes.text(json.dumps(cells)),
            path=nodes.text("$[*]"),
            schema=exp.JSONSchema(expressions=columns),
        )
        source = exp.Table(this=constants, alias=nodes.table_alias(_CONSTANTS))
        query = exp.Select(
            expressions=[nodes.column(_CONSTANTS, name) for name in header],
            from_=exp.From(this=source),
            # Else it would be read anew for each row that looks something up.
            distinct=exp.Distinct(),
        )
        return self.tables.equal(wanted, query)

    def failing(self, text: str, time: Node) -> Node:
        # Nothing has room for a number above the largest; the message of that shows the text.
        told = nodes.call("LENGTH", nodes.call("CONCAT", nodes.text(text), time))
        too_many = nodes.binary(exp.Add, nodes.integer(_LARGEST), told)
        return moved(time.copy(), too_many, "SECOND")

    def stopped(self, failing: Node, form: Callable[[Node], Node]) -> Node:
        # Else the engine makes texts of a number that stands beside a time.
        return form(failing)

    def shown(self, instant: Node) -> Node:
        return instant


def _cells(row: Row) -> dict[str, int | str]:
    year, since, until, shift, back, begins = row
    return {
        "year": year,
        "since": written(since),
        "until": written(until),
        "shift": shift,
        "back": back,
        "begins": written(begins or _LONG_AGO),
    }


def formatted(time: Node, pattern: str) -> Node:
    return nodes.call("DATE_FORMAT", time, nodes.text(pattern))


def moved(time: Node, amount: Node, unit: str) -> Node:
    interval = exp.Interval(this=_amount(amount), unit=exp.Var(this=unit))
    return nodes.binary(exp.Add, time, interval)


def _amount(amount: Node) -> Node:
    is_plain = isinstance(amount.this if isinstance(amount, exp.Neg) else amount, exp.Literal | exp.Column)
    return amount if is_plain else exp.Paren(this=amount)


def day_of(time: Node) -> Node:
    # A cast to DATE may round a time to the next day.
    return nodes.call("DATE", time)


def _first_day(time: Node, pattern: str) -> Node:
    return nodes.cast(formatted(time, pattern), "date")


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day":
        return day_of(local)
    if rule.anchor == "week_start":
        weekday = nodes.call("WEEKDAY", local)
        days = cut.days_after_week_start
        if days:
            later = nodes.binary(exp.Add, weekday, nodes.integer(days))
            weekday = nodes.binary(exp.Mod, later, nodes.integer(7))
        return nodes.binary(
            exp.Sub, day_of(local.copy()), exp.Interval(this=_amount(weekday), unit=exp.Var(this="DAY"))
        )
    if rule.count == 1:
        return _first_day(local, "%Y-%m-01")
    months = cut.month_of_anchor(rule) % rule.count
    earlier = moved(local, nodes.integer(-months), "MONTH") if months else local
    first = _first_day(earlier, "%Y-01-01")
    if rule.count == 3:
        quarters = nodes.binary(exp.Sub, nodes.call("QUARTER", earlier.copy()), nodes.integer(1))
        first = moved(first, quarters, "QUARTER")
    return moved(first, nodes.integer(months), "MONTH") if months else first


def _between(unit: str, end: Node, start: Node) -> Node:
    return nodes.call("TIMESTAMPDIFF", exp.Var(this=unit), start, end)


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Mul, _between("MICROSECOND", end, start), exp.Literal.number("0.000001"))


def _to_microseconds(seconds: Node, type: Type) -> Node:
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(scaled if type.kind is Kind.DECIMAL else nodes.call("ROUND", scaled), "bigint")


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit == "DAY":
        return nodes.call("DATEDIFF", last, first)
    between = _between(unit, last, first)
    return between if count == 1 else nodes.binary(exp.IntDiv, between, nodes.integer(count))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    amount = steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count))
    return moved(first, amount, unit)


MYSQL_NUMBERS = Numbers(_steps, _after)

MYSQL_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.call("DATEDIFF", end, start),
    months_between=months_between(lambda x: nodes.call("MONTH", x), lambda x: nodes.call("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=lambda end, start: _between("SECOND", end, start),
    add_days=lambda time, amount, _: moved(time, amount, "DAY"),
    add_months=lambda time, amount, _: moved(time, amount, "MONTH"),
    add_microseconds=lambda time, amount: moved(time, amount, "MICROSECOND"),
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=_to_microseconds,
    whole_part=lambda value, size: nodes.binary(exp.IntDiv, value, size),
)
