"""Sequences: whether some other row comes after, or came before, by the same key, within a stretch of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kpidsl.syntax import tree as t

from .contexts import after, same_member
from .moments import Moment, Time, instant_of
from .rows import Rows, Scope
from .table import OracleRefuses, Value
from .units import unit_of_quantity
from .windows import ELAPSED, Amount, ago, shifted_day


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of a dataset that meet a condition."""

    dataset: str
    condition: t.Expr | None


class Sequences:
    """Looks for rows around rows; each dataset is read whole."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.definitions = rows.definitions

    def holds(self, call: t.Call, home: str, place: int, scope: Scope | None) -> bool:
        """Tell whether the steps follow (or precede) a row in their order."""
        moment = None if scope is None else scope.moment
        time = self.definitions.datasets[home].time
        if moment is None and (scope is None or scope.context is None) and time is not None:
            moment = self.rows.moment(home, place, time)
        keys = tuple(x for x in after(call, "per") or ())
        own = tuple(self.rows.in_row(key, home, place) for key in keys)
        with_null = after(call, "including null") is not None
        if moment is None or (None in own and not with_null):
            return False
        steps = [_step(call.arguments[0]), *(_step(x) for x in after(call, "then") or ())]
        back = call.function == "preceded_by"
        return self._found(steps, keys, own, (home, place), moment, None, call, back=back)

    def _found(
        self,
        steps: list[Step],
        keys: tuple[t.Expr, ...],
        own: tuple[Value, ...],
        me: tuple[str, int],
        start: Time,
        latest: Time | None,
        call: t.Call,
        *,
        back: bool,
    ) -> bool:
        """Tell whether the steps that are left come after the last one found."""
        if not steps:
            return True
        for _, moment in self._rows(steps[0], keys, own, me):
            if not self._is_within(start, moment, call, back=back):
                continue
            if latest is not None and not self._is_later(moment, latest):
                continue
            if self._found(steps[1:], keys, own, me, start, moment, call, back=back):
                return True
        return False

    def _rows(
        self, step: Step, keys: tuple[t.Expr, ...], own: tuple[Value, ...], me: tuple[str, int]
    ) -> Iterator[tuple[int, Time]]:
        time = self.definitions.datasets[step.dataset].time
        if time is None:
            raise OracleRefuses(f"`{step.dataset}` has no time, and a sequence needs one")
        for i in self.rows.kept(step.dataset):
            moment = self.rows.moment(step.dataset, i, time)
            if moment is None or (step.dataset, i) == me:
                continue
            theirs = tuple(self.rows.in_row(key, step.dataset, i) for key in keys)
            if not all(map(same_member, theirs, own)):
                continue
            scope = Scope(None, moment)
            if step.condition is None or self.rows.holds_in_row(step.condition, step.dataset, i, scope):
                yield i, moment

    def _is_later(self, a: Time, b: Time) -> bool:
        zone = self.rows.calendar.zone
        return instant_of(a, zone) > instant_of(b, zone)

    def _is_within(self, start: Time, moment: Time, call: t.Call, *, back: bool) -> bool:
        """Tell whether a time lies in (t, t + w], or in [t + a, t + b); looking back, in their mirror."""
        sign = -1 if back else 1
        bounds = [_amount(x) for x in after(call, "from") or ()]
        within = [_amount(x) for x in after(call, "within") or ()]

        def order(amount: Amount | None) -> int:
            """How the time stands to the row's own plus an amount, seen in the direction of the search."""
            a, b = self._alike(moment, start, amount, sign)
            return sign * ((a > b) - (a < b))

        if bounds:
            return order(bounds[0]) >= 0 and (len(bounds) == 1 or order(bounds[1]) < 0)
        return order(None) > 0 and (not within or order(within[0]) <= 0)

    def _alike(self, moment: Time, start: Time, amount: Amount | None, sign: int) -> tuple[Moment, Moment]:
        """Return a time, and the start moved by an amount: between dates calendar days, else 24 hours each."""
        zone = self.rows.calendar.zone
        if isinstance(moment, date) and isinstance(start, date):
            if amount is not None and amount.unit in ELAPSED:
                raise OracleRefuses("a day has no hours")
            there = start if amount is None else shifted_day(start, amount, sign)
            return instant_of(moment, zone), instant_of(there, zone)
        there_at = instant_of(start, zone)
        if amount is not None:
            there_at = (
                ago(there_at, amount, elapsed=True)
                if sign < 0
                else ago(there_at, Amount(-amount.many, amount.unit), elapsed=True)
            )
        return instant_of(moment, zone), there_at


def _step(x: t.Expr) -> Step:
    condition = None
    if isinstance(x, t.Where):
        x, condition = x.operand, x.condition
    if not isinstance(x, t.Name) or len(x.parts) != 1:
        raise OracleRefuses(f"a sequence is of rows of a dataset, not of {x}")
    return Step(x.text, condition)


def _amount(x: t.Expr) -> Amount:
    if not isinstance(x, t.Quantity) or x.value != int(x.value):
        raise OracleRefuses(f"{x} is no whole amount of time")
    ((word, _),) = unit_of_quantity(x.unit).items()
    return Amount(int(x.value), word)
