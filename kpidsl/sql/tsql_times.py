"""Times of SQL Server: dates and `DATETIME2`, none of whose functions hang on the session here.

Its AT TIME ZONE takes the names that Windows has for zones, and what it knows of them: so the changes of
zones are written out. DATEDIFF counts the boundaries between two times, never the whole units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.elapsed import TimeArithmetic, months_between
from kpidsl.sql.looked_up_times import LookedUpTimes, Row
from kpidsl.sql.nodes import Node
from kpidsl.sql.series import Numbers

_MICROSECONDS = 1_000_000
_LONG_AGO = datetime(1, 1, 1)
_MONDAY = date(1, 1, 8)
_ROWS = "constants"
_MOMENTS = ("since", "until", "begins")
_SECONDS_OF = {"DAY": 86_400, "HOUR": 3_600, "MINUTE": 60}


class TsqlTimes(LookedUpTimes):
    def shifted(self, time: Node, shift: Node) -> Node:
        return moved(time, shift, "SECOND")

    def moment(self, moment: datetime) -> Node:
        return nodes.cast(nodes.text(_iso(moment)), "timestamp")

    def floor(self, rule: GrainRule, time: Node) -> Node:
        return nodes.call("DATETRUNC", exp.Var(this=rule.name.upper()), time)

    def later(self, left: Node, right: Node) -> Node:
        is_later = nodes.compare(exp.GTE, left, right)
        return nodes.case([(is_later, left.copy())], right.copy())

    def year(self, time: Node) -> Node:
        return nodes.call("YEAR", time)

    def table(self, wanted: str, header: Sequence[str], rows: Sequence[Row]) -> str:
        cells = [_cells(row) for row in rows]
        values = exp.Values(
            expressions=[exp.Tuple(expressions=[row[name] for name in header]) for row in cells],
            alias=exp.TableAlias(
                this=exp.Identifier(this=_ROWS, quoted=False),
                columns=[exp.Identifier(this=name, quoted=False) for name in header],
            ),
        )
        columns = [_typed(nodes.column(_ROWS, name), name) for name in header]
        return self.tables.equal(wanted, exp.Select(expressions=columns, from_=exp.From(this=values)))

    def failing(self, text: str, time: Node) -> Node:
        # No number is written like that: the message of the failed conversion shows the text.
        shown = nodes.cast(time, "nvarchar(max)")
        told = nodes.binary(exp.Add, exp.National(this=text), shown)
        return moved(time.copy(), nodes.cast(told, "int"), "SECOND")

    def stopped(self, failing: Node, form: Callable[[Node], Node]) -> Node:
        return form(failing)

    def shown(self, instant: Node) -> Node:
        return instant


def _cells(row: Row) -> dict[str, Node]:
    year, since, until, shift, back, begins = row
    return {
        "year": nodes.integer(year),
        "since": nodes.text(_iso(since)),
        "until": nodes.text(_iso(until)),
        "shift": nodes.integer(shift),
        "back": nodes.integer(back),
        "begins": nodes.text(_iso(begins or _LONG_AGO)),
    }


def _iso(moment: datetime) -> str:
    # With a blank in the place of the T its reading may hang on the session.
    return moment.isoformat(timespec="seconds")


def _typed(column: Node, name: str) -> Node:
    return nodes.alias(nodes.cast(column, "timestamp"), name) if name in _MOMENTS else column


def moved(time: Node, amount: Node, unit: str) -> Node:
    return nodes.call("DATEADD", exp.Var(this=unit), amount, time)


def between(unit: str, end: Node, start: Node, *, big: bool = False) -> Node:
    return nodes.call("DATEDIFF_BIG" if big else "DATEDIFF", exp.Var(this=unit), start, end)


def day_of(time: Node) -> Node:
    return nodes.cast(time, "date")


def bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    return bucket_of_date(rule, cut, day_of(local))


def bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        # DATETRUNC(WEEK, …) hangs on the session.
        first = nodes.cast(nodes.text((_MONDAY - timedelta(cut.days_after_week_start)).isoformat()), "date")
        into = nodes.binary(exp.Mod, between("DAY", day, first), nodes.integer(7))
        return moved(day.copy(), exp.Neg(this=exp.Paren(this=into)), "DAY")
    months = cut.month_of_anchor(rule) % rule.count
    unit = exp.Var(this=rule.name.removeprefix("fiscal_").upper())
    if months:
        earlier = moved(day, nodes.integer(-months), "MONTH")
        return moved(nodes.call("DATETRUNC", unit, earlier), nodes.integer(months), "MONTH")
    return nodes.call("DATETRUNC", unit, day)


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Mul, between("MICROSECOND", end, start, big=True), exp.Literal.number("0.000001"))


def _whole_seconds(end: Node, start: Node) -> Node:
    microseconds = between("MICROSECOND", end, start, big=True)
    return nodes.binary(exp.Div, microseconds, nodes.integer(_MICROSECONDS))


def _to_microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is Kind.DECIMAL:
        # Wide enough for the product, whatever the column's own digits.
        seconds = nodes.cast(seconds, "decimal(24, 6)")
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(nodes.call("ROUND", scaled, nodes.integer(0)), "bigint")


def _add_microseconds(time: Node, amount: Node) -> Node:
    # DATEADD takes 32 bits.
    size = nodes.integer(_MICROSECONDS)
    seconds, rest = (nodes.binary(kind, amount.copy(), size.copy()) for kind in (exp.Div, exp.Mod))
    return moved(moved(time, seconds, "SECOND"), rest, "MICROSECOND")


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit == "DAY" and count == 1:
        return between("DAY", last, first)
    seconds = between("SECOND", last, first, big=True)
    return nodes.cast(nodes.binary(exp.Div, seconds, nodes.integer(count * _SECONDS_OF[unit])), "int")


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    amount = steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count))
    return moved(first, amount, unit)


def _numbers(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 1 to the number of steps and one; below 0 and for null there are none."""
    last = nodes.binary(exp.Add, steps, nodes.integer(1))
    numbers = nodes.call("GENERATE_SERIES", nodes.integer(1), last, nodes.integer(1))
    value = nodes.alias(exp.Column(this=exp.Identifier(this="value", quoted=False)), column)
    query = exp.Select(expressions=[value], from_=exp.From(this=exp.Table(this=numbers)))
    return nodes.subquery(query, name)


TSQL_NUMBERS = Numbers(_steps, _after, _numbers)

TSQL_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.cast(between("DAY", end, start), "bigint"),
    months_between=months_between(
        lambda x: nodes.cast(nodes.call("MONTH", x), "bigint"),
        lambda x: nodes.cast(nodes.call("YEAR", x), "bigint"),
    ),
    elapsed=_elapsed,
    seconds_between=_whole_seconds,
    add_days=lambda time, amount, _: moved(time, amount, "DAY"),
    add_months=lambda time, amount, _: moved(time, amount, "MONTH"),
    add_microseconds=_add_microseconds,
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=_to_microseconds,
    whole_part=lambda value, size: nodes.binary(exp.Div, value, size),
)
