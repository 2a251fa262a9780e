"""Sequences: whether some other rows come after a row, or before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol

from kpidsl.syntax import tree as t

from .definitions import Definitions
from .moments import Moment, Time
from .scalars import moved
from .table import OracleRefuses, Value
from .units import size_of
from .values import compare

SEQUENCES = ("followed_by", "preceded_by")
MONTHS = {"month": 1, "months": 1, "quarter": 3, "quarters": 3, "year": 12, "years": 12}


class Data(Protocol):
    """What is asked of rows."""

    definitions: Definitions

    def kept(self, dataset: str) -> list[int]: ...

    def in_row(self, expr: t.Expr, home: str, place: int) -> Any: ...

    def holds_in_row(self, expr: t.Expr, home: str, place: int) -> bool: ...

    def moment(self, home: str, place: int, column: tuple[str, ...]) -> Time | None: ...


@dataclass(frozen=True, slots=True)
class Step:
    dataset: str
    where: t.Expr | None


def outside_sequences(expr: t.Expr) -> Iterator[t.Expr]:
    """Yield a row formula and what is in it, but for what is said of other rows."""
    yield expr
    if not (isinstance(expr, t.Call) and expr.function in SEQUENCES):
        for inner in t.children(expr):
            yield from outside_sequences(inner)


def is_met(rows: Data, call: t.Call, home: str, place: int, time: Time | None) -> bool:
    """Tell whether a sequence holds for a row whose time is `time`.

    Some other row of each step's dataset has the same key, meets its condition and lies in the window;
    the steps come one strictly after another.
    """
    words = {modifier.word: modifier for modifier in call.modifiers}
    keys = words["per"].names
    own = [rows.in_row(key, home, place) for key in keys]
    with_null = "including null" in words
    if time is None or (None in own and not with_null):
        return False
    back = call.function == "preceded_by"
    steps = [_step(call.arguments[0]), *(_step(m.arguments[0]) for m in call.modifiers if m.word == "then")]

    def alike(dataset: str, other: int) -> bool:
        theirs = [rows.in_row(key, dataset, other) for key in keys]
        return all(
            (with_null and a is None and b is None) or compare("=", a, b)
            for a, b in zip(own, theirs, strict=True)
        )

    def times(step: Step) -> list[Time]:
        column = rows.definitions.datasets[step.dataset].time
        if column is None:
            raise OracleRefuses(f"`{step.dataset}` has no time")
        found = []
        for other in rows.kept(step.dataset):
            then = rows.moment(step.dataset, other, column)
            is_itself = step.dataset == home and other == place
            if then is None or is_itself or not alike(step.dataset, other):
                continue
            if step.where is None or rows.holds_in_row(step.where, step.dataset, other):
                found.append(then)
        return found

    inside = _window(call, time, back=back)
    found = [[then for then in times(step) if inside(then)] for step in steps]
    return any(_in_order(line) for line in _lines(found))


def _step(written: t.Expr) -> Step:
    where = written.condition if isinstance(written, t.Where) else None
    named = written.operand if isinstance(written, t.Where) else written
    if not isinstance(named, t.Name):
        raise OracleRefuses(f"no dataset: {named}")
    return Step(named.text, where)


def _lines(found: list[list[Time]]) -> Iterator[list[Time]]:
    if not found:
        yield []
        return
    for line in _lines(found[:-1]):
        yield from ([*line, last] for last in found[-1])


def _in_order(line: list[Time]) -> bool:
    return all(compare("<", a, b) for a, b in pairwise(line))


def _window(call: t.Call, time: Time, *, back: bool) -> Callable[[Time], bool]:
    """Return whether a time lies in the window: (t, t + w], or [t + a, t + b); mirrored where it looks back."""
    after, until = ("<", ">") if back else (">", "<")
    for modifier in call.modifiers:
        if modifier.word == "within":
            (end,) = modifier.arguments
            return lambda then: (
                compare(after, then, time) and compare(f"{until}=", then, _far(time, then, end, back=back))
            )
        if modifier.word == "from":
            start, *rest = modifier.arguments
            return lambda then: (
                compare(f"{after}=", then, _far(time, then, start, back=back))
                and all(compare(until, then, _far(time, then, x, back=back)) for x in rest)
            )
    return lambda then: compare(after, then, time)


def _far(time: Time, other: Time, amount: t.Expr, *, back: bool) -> Value:
    """Return the time so far away: between two dates by days of the calendar, else by days of 24 hours."""
    if not isinstance(amount, t.Quantity):
        raise OracleRefuses(f"no time: {amount}")
    many = Fraction(amount.value) * (-1 if back else 1)
    if amount.unit in MONTHS:
        start: Time = time
        if isinstance(other, Moment) and not isinstance(time, Moment):
            start = Moment.midnight(time, other.zone)
        return moved(start, int(many * MONTHS[amount.unit]), "month")
    unit = amount.unit.removesuffix("s")
    seconds = many * size_of({unit: 1})
    if isinstance(time, Moment) or isinstance(other, Moment):
        zone = time.zone if isinstance(time, Moment) else other.zone  # type: ignore[union-attr]
        instant = time if isinstance(time, Moment) else Moment.midnight(time, zone)
        return instant.later(timedelta(microseconds=int(seconds * 10**6)))
    assert isinstance(time, date)
    assert not isinstance(time, datetime)
    if (seconds / 86_400).denominator != 1:
        raise OracleRefuses("a part of a day between dates")
    return time + timedelta(days=int(seconds / 86_400))
