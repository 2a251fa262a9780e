"""Arithmetic on times: how it is lowered, and what each dialect says for it.

Differences are of instants: a time that is not held in UTC is brought there first. Days and months are
added to local times.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlglot import exp

from kpidsl.contexts.bounds import is_month_start
from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation
from kpidsl.model.grains import Cut
from kpidsl.model.types import DATE, TIMESTAMP, Kind, Type
from kpidsl.model.zones import is_utc
from kpidsl.semantics.bound import Apply, Bound, Constant, KeyValue
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import Times

_MICROSECONDS = 1_000_000

Form = Callable[[Node, Node], Node]
_Value = Bound | LeafValue | LevelValue | Operation


@dataclass(frozen=True, slots=True)
class TimeArithmetic:
    """How a dialect computes with times: timestamps are naive, and where instants meet, in UTC.

    `elapsed` gives seconds as the dialect holds decimals of six digits. `microseconds` makes whole
    microseconds of a number of seconds; days and months are whole numbers.
    """

    days_between: Callable[[Node, Node], Node]
    months_between: Callable[[Node, Node], Node]
    elapsed: Callable[[Node, Node], Node]
    seconds_between: Callable[[Node, Node], Node]
    add_days: Callable[[Node, Node, bool], Node]
    add_months: Callable[[Node, Node, bool], Node]
    add_seconds: Callable[[Node, Node], Node]
    add_microseconds: Callable[[Node, Node], Node]
    microseconds: Callable[[Node, Type], Node]
    whole_part: Callable[[Node, Node], Node]
    add_between: Callable[[Node, Node, Node], Node] | None = None
    """A time moved by what lies between an end and a start, where none is moved by any microseconds."""
    add_months_to_first: Form | None = None
    """A month's first day moved by months, where another day needs more than that."""


class TimeExpressions(ABC):
    """Lowers arithmetic on times; a subclass lowers everything else."""

    cut: Cut
    times: Times
    arithmetic: TimeArithmetic

    @abstractmethod
    def value(self, value: _Value) -> Node: ...

    @abstractmethod
    def as_type(self, value: _Value, due: Type) -> Node: ...

    def on_times(self, op: str, args: tuple[_Value, ...], type: Type) -> Node:
        first, second = args
        match op:
            case "elapsed":
                return self.arithmetic.elapsed(self.instant(first), self.instant(second))
            case "seconds_between":
                return self.arithmetic.seconds_between(self.instant(first), self.instant(second))
            case "days_between":
                return self.arithmetic.days_between(self.value(first), self.value(second))
            case "months_between":
                return self.arithmetic.months_between(self.value(first), self.value(second))
            case "whole_part":
                return self.arithmetic.whole_part(self.value(first), self.value(second))
            case "add_days":
                return self.arithmetic.add_days(self.as_type(first, type), self.value(second), type is DATE)
            case "add_months":
                return self._add_months(first, second, type)
            case _:
                return self._add_seconds(first, second)

    def instant(self, time: _Value) -> Node:
        """Return a time in UTC; a date is its local midnight."""
        held_in = time.type.zone or self.cut.zone
        is_constant = isinstance(time, Constant) and time.type.zone is None
        is_local = time.type.kind is Kind.DATE or is_constant
        node = self.as_type(time, TIMESTAMP) if is_local else self.value(time)
        return node if is_utc(held_in) else self.times.utc(node, held_in)

    def _add_months(self, time: _Value, months: _Value, type: Type) -> Node:
        moved, amount = self.as_type(time, type), self.value(months)
        add_to_first = self.arithmetic.add_months_to_first
        is_first = isinstance(time, Apply | Constant | KeyValue) and is_month_start(time)
        if add_to_first is not None and type is DATE and is_first:
            return add_to_first(moved, amount)
        return self.arithmetic.add_months(moved, amount, type is DATE)

    def _add_seconds(self, time: _Value, amount: _Value) -> Node:
        moment = self.instant(time)
        if isinstance(amount, Constant) and amount.value == 0:
            return moment
        if amount.type.kind is Kind.INTEGER:
            return self.arithmetic.add_seconds(moment, self.value(amount))
        if isinstance(amount, Constant) and not isinstance(amount.value, str | bool | date | None):
            whole = round(Decimal(amount.value) * _MICROSECONDS)
            return self.arithmetic.add_microseconds(moment, nodes.integer(whole))
        add_between = self.arithmetic.add_between
        if isinstance(amount, Apply | Operation) and amount.op == "elapsed" and add_between is not None:
            end, start = map(self.instant, amount.args)
            return add_between(moment, end, start)
        microseconds = self.arithmetic.microseconds(self.value(amount), amount.type)
        return self.arithmetic.add_microseconds(moment, microseconds)


def _minus(left: Node, right: Node) -> Node:
    return nodes.binary(exp.Sub, left, right)


def is_literal(node: Node) -> bool:
    return isinstance(node.this if isinstance(node, exp.Neg) else node, exp.Literal)


def months_between(month_of: Callable[[Node], Node], year_of: Callable[[Node], Node]) -> Form:
    def form(end: Node, start: Node) -> Node:
        years = nodes.binary(exp.Mul, _minus(year_of(end), year_of(start)), nodes.integer(12))
        return _minus(nodes.binary(exp.Add, years, month_of(end.copy())), month_of(start.copy()))

    return form


# DuckDB


def _duckdb_days(end: Node, start: Node) -> Node:
    return _minus(end, start)


def rounded_microseconds(seconds: Node, type: Type) -> Node:
    """Return the whole microseconds of a number of seconds, where ROUND of a float is the nearest integer."""
    if type.kind is Kind.DECIMAL:
        scaled = nodes.binary(exp.Mul, nodes.cast(seconds, "decimal(24, 6)"), nodes.integer(_MICROSECONDS))
        return nodes.cast(scaled, "bigint")
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(nodes.call("ROUND", scaled), "bigint")


def _duckdb_microseconds(end: Node, start: Node) -> Node:
    return _minus(nodes.call("EPOCH_US", end), nodes.call("EPOCH_US", start))


def _duckdb_elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Mul, _duckdb_microseconds(end, start), exp.Literal.number("0.000001"))


def _duckdb_whole(value: Node, size: Node) -> Node:
    return nodes.binary(exp.IntDiv, value, size)


def _duckdb_moved(function: str) -> Callable[[Node, Node, bool], Node]:
    def form(time: Node, amount: Node, is_date: bool) -> Node:
        narrow = amount if is_literal(amount) else nodes.cast(amount, "int")
        if is_date and function == "TO_DAYS":
            return nodes.binary(exp.Add, time, narrow)
        moved = nodes.binary(exp.Add, time, nodes.call(function, narrow))
        return nodes.cast(moved, "date") if is_date else moved

    return form


def _duckdb_add_microseconds(time: Node, amount: Node) -> Node:
    return nodes.binary(exp.Add, time, nodes.call("TO_MICROSECONDS", amount))


def _duckdb_add_seconds(time: Node, amount: Node) -> Node:
    if is_literal(amount):
        return nodes.binary(exp.Add, time, nodes.call("TO_SECONDS", amount))
    scaled = nodes.binary(exp.Mul, nodes.cast(amount, "bigint"), nodes.integer(_MICROSECONDS))
    return _duckdb_add_microseconds(time, scaled)


def _duckdb_to_microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is Kind.DECIMAL:
        # Wide enough for the product, whatever the column's own digits.
        wide = nodes.cast(seconds, "decimal(24, 6)")
        return nodes.cast(nodes.binary(exp.Mul, wide, nodes.integer(_MICROSECONDS)), "bigint")
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(nodes.call("ROUND", scaled), "bigint")


DUCKDB_TIME_ARITHMETIC = TimeArithmetic(
    days_between=_duckdb_days,
    months_between=months_between(lambda x: nodes.call("MONTH", x), lambda x: nodes.call("YEAR", x)),
    elapsed=_duckdb_elapsed,
    seconds_between=lambda end, start: _duckdb_whole(
        _duckdb_microseconds(end, start), nodes.integer(_MICROSECONDS)
    ),
    add_days=_duckdb_moved("TO_DAYS"),
    add_months=_duckdb_moved("TO_MONTHS"),
    add_microseconds=_duckdb_add_microseconds,
    add_seconds=_duckdb_add_seconds,
    microseconds=_duckdb_to_microseconds,
    whole_part=_duckdb_whole,
)

# SQLite


def _part(time: Node, start: int, length: int | None = None) -> Node:
    ends = () if length is None else (nodes.integer(length),)
    return nodes.call("SUBSTR", time.copy(), nodes.integer(start), *ends)


def _sqlite_seconds(time: Node) -> Node:
    # Its date functions round to milliseconds, so they see whole seconds only.
    return nodes.call("UNIXEPOCH", _part(time, 1, 19))


def _sqlite_microseconds(time: Node) -> Node:
    digits = nodes.binary(exp.DPipe, _part(time, 21), nodes.text("000000"))
    fraction = nodes.cast(nodes.call("SUBSTR", digits, nodes.integer(1), nodes.integer(6)), "bigint")
    whole = nodes.binary(exp.Mul, _sqlite_seconds(time), nodes.integer(_MICROSECONDS))
    return nodes.binary(exp.Add, whole, fraction)


def _sqlite_number(code: str) -> Callable[[Node], Node]:
    return lambda day: nodes.cast(nodes.call("STRFTIME", nodes.text(code), day), "bigint")


def _sqlite_days(end: Node, start: Node) -> Node:
    return nodes.cast(_minus(nodes.call("JULIANDAY", end), nodes.call("JULIANDAY", start)), "bigint")


def _sqlite_elapsed(end: Node, start: Node) -> Node:
    return _minus(_sqlite_microseconds(end), _sqlite_microseconds(start))


def _sqlite_seconds_between(end: Node, start: Node) -> Node:
    return _minus(_sqlite_seconds(end), _sqlite_seconds(start))


def _modifier(amount: Node, unit: str) -> Node:
    if isinstance(amount, exp.Literal):
        return nodes.text(f"+{amount.name} {unit}")
    if isinstance(amount, exp.Neg) and isinstance(amount.this, exp.Literal):
        return nodes.text(f"-{amount.this.name} {unit}")
    return nodes.binary(exp.DPipe, nodes.atom(amount.copy()), nodes.text(f" {unit}"))


def _sqlite_add_days(time: Node, amount: Node, is_date: bool) -> Node:
    if is_date:
        return nodes.call("DATE", time, _modifier(amount, "days"))
    moved = nodes.call("DATE", _part(time, 1, 10), _modifier(amount, "days"))
    return nodes.binary(exp.DPipe, moved, _part(time, 11))


def _sqlite_add_months(time: Node, amount: Node, is_date: bool) -> Node:
    """Return the same day of another month, or that month's last day: SQLite itself would run over."""
    day = time if is_date else _part(time, 1, 10)
    first = nodes.text("start of month")
    into = _minus(_sqlite_number("%d")(day.copy()), nodes.integer(1))
    same = nodes.call(
        "DATE",
        day,
        first,
        _modifier(amount, "months"),
        nodes.binary(exp.DPipe, exp.Paren(this=into), nodes.text(" days")),
    )
    months = _modifier(amount, "months")
    last = nodes.call(
        "DATE", day.copy(), first.copy(), months, nodes.text("+1 months"), nodes.text("-1 days")
    )
    moved = nodes.call("MIN", same, last)
    return moved if is_date else nodes.binary(exp.DPipe, moved, _part(time, 11))


def _sqlite_add_seconds(time: Node, amount: Node) -> Node:
    moved = nodes.call("DATETIME", _part(time, 1, 19), _modifier(amount, "seconds"))
    return nodes.binary(exp.DPipe, moved, _part(time, 20))


def _sqlite_to_microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is Kind.DECIMAL and type.scale <= 6:
        factor = 10 ** (6 - type.scale)
        return seconds if factor == 1 else nodes.binary(exp.Mul, seconds, nodes.integer(factor))
    size = nodes.integer(10 ** (type.scale - 6)) if type.kind is Kind.DECIMAL else None
    scaled = (
        nodes.binary(exp.Mul, seconds, exp.Literal.number("1e6"))
        if size is None
        else nodes.binary(exp.Div, nodes.cast(seconds, "double"), size)
    )
    return nodes.cast(nodes.call("ROUND", scaled), "bigint")


def _sqlite_add_microseconds(time: Node, amount: Node) -> Node:
    """Return a timestamp moved by microseconds, with its fraction of a second where it has one."""
    size = nodes.integer(_MICROSECONDS)
    moved = nodes.binary(exp.Add, _sqlite_microseconds(time), amount)
    rest = nodes.binary(
        exp.Mod, nodes.binary(exp.Add, nodes.binary(exp.Mod, moved, size), size.copy()), size.copy()
    )
    seconds = nodes.binary(exp.Div, _minus(moved.copy(), rest), size.copy())
    whole = nodes.call("DATETIME", seconds, nodes.text("unixepoch"))
    fraction = nodes.case(
        [(nodes.compare(exp.EQ, rest.copy(), nodes.integer(0)), nodes.text(""))],
        nodes.call("PRINTF", nodes.text(".%06d"), rest.copy()),
    )
    return nodes.binary(exp.DPipe, whole, fraction)


SQLITE_TIME_ARITHMETIC = TimeArithmetic(
    days_between=_sqlite_days,
    months_between=months_between(_sqlite_number("%m"), _sqlite_number("%Y")),
    elapsed=_sqlite_elapsed,
    seconds_between=_sqlite_seconds_between,
    add_days=_sqlite_add_days,
    add_months=_sqlite_add_months,
    add_microseconds=_sqlite_add_microseconds,
    add_seconds=_sqlite_add_seconds,
    microseconds=_sqlite_to_microseconds,
    whole_part=lambda value, size: nodes.binary(exp.Div, value, size),
)
