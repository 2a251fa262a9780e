"""Where an aggregate's rows lie: its context's window as conditions on its rows.

Without a time grain in the group a window is two constants, however it was moved, and a row is in it
or not. With one, an unmoved window is the bucket of the row's own time; a moved one is the window of
another bucket than the row's, so a row may count in several: `LeafWindow` says in which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import dropwhile

from kpidsl.contexts.bounds import OPEN, Bounds, day, local_day, operands
from kpidsl.contexts.days_apart import begun_by_now
from kpidsl.contexts.inside import LeafWindow, Placed, within
from kpidsl.contexts.short_hours import HoursBack, ShortHours
from kpidsl.contexts.windows import Change, InBucket, Windows, is_fixed
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import GRAINS, GrainRule, bucket_seconds
from kpidsl.model.types import BOOLEAN, DATE
from kpidsl.semantics import move_errors
from kpidsl.semantics.bound import (
    COMPARABLE,
    Amount,
    Apply,
    Bound,
    Constant,
    Cumulative,
    Grain,
    KeyValue,
    Opening,
    Prior,
    Rolling,
    ToDate,
)
from kpidsl.semantics.mapped import map_children
from kpidsl.semantics.periods import Window
from kpidsl.semantics.printing import move_text
from kpidsl.semantics.times import of_time
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the window, with its place in the formula."""

    move: Change
    span: Span = field(compare=False, repr=False)


LENGTHS = ("second", "day", "month")
"""Units in which a window can be moved wherever it is; others are buckets of a calendar."""

NOWHERE = Constant(None, DATE)
"""Stands for the time of no row."""


def of_query(grains: Sequence[Grain]) -> tuple[Grain, ...]:
    """Return the grains that are the query's own, not those that `per` adds."""
    return tuple(grain for grain in grains if not grain.depth)


def is_moved(steps: Sequence[Step]) -> bool:
    """Tell whether some step moves or widens the window, and does not only cut it into buckets."""
    return any(not isinstance(step.move, InBucket) for step in steps)


@dataclass(frozen=True, slots=True)
class Placing:
    """Places aggregates in the windows of one query."""

    windows: Windows
    asked: tuple[Grain, ...]
    """The query's grains: a period to move by is one bucket of the shortest of these."""
    sink: Sink

    def placed(
        self,
        time: Bound,
        grains: tuple[Grain, ...],
        steps: tuple[Step, ...],
        period: Window,
        *,
        is_cut: bool,
        reaches_ahead: bool = False,
    ) -> Placed | None:
        """Return where an aggregate's rows lie, or None after reporting a window that there is not.

        `is_cut`: the dataset's windows end at `as_of` at the latest; `reaches_ahead`: buckets may follow it.
        """
        resolved = self._resolved(grains, steps, period)
        if resolved is None:
            return None
        whole, as_of = self._period(period, resolved, is_cut=is_cut)
        if not grains:
            return self._in_period(time, resolved, whole, as_of)
        base = of_query(grains)
        if not is_moved(resolved):
            edges = partial(self._of_row, time, base, resolved, whole)
            own = self._within(time, self.windows.cut(whole, as_of))
            if not (is_cut or reaches_ahead) and self.windows.as_of is not None:
                start = edges().start
                if start is not None:
                    # Rows may lie ahead, but no bucket of the result does.
                    added = (step.move.grain for step in resolved if isinstance(step.move, InBucket))
                    own = (*own, *self._begun_by_now(time, start, period, (*base, *added)))
            return Placed(own, None, edges)
        moves = tuple(step.move for step in resolved)
        if base:
            return self._in_buckets(time, base, moves, whole, as_of)
        placed = self._in_period(NOWHERE, resolved, whole, as_of)
        if placed is None:
            return None
        return Placed((), self._leaf_window(time, placed.bounds or OPEN, moves), placed.edges)

    def _begun_by_now(
        self, time: Bound, start: Bound, period: Window, grains: tuple[Grain, ...]
    ) -> tuple[Bound, ...]:
        """Return the conditions that a row's bucket, which begins at `start`, has begun by `as_of`."""
        begins, days = begun_by_now(self.windows, start, grains, period)
        return (*begins, *(self._of_rows(one, time) for one in days))

    def _period(
        self, period: Window, steps: Sequence[Step], *, is_cut: bool
    ) -> tuple[Bounds, Constant | None]:
        """Return the query's period, and where it and its buckets, or a fixed window, are cut, if at all."""
        whole, as_of = self.windows.of_period(period), self.windows.as_of if is_cut else None
        if is_fixed([step.move for step in steps]):
            return whole, as_of
        if self.windows.cut(whole, as_of) == whole and whole.end is not None:
            as_of = None
        return whole, as_of

    def _in_period(
        self, time: Bound, steps: tuple[Step, ...], period: Bounds, as_of: Constant | None
    ) -> Placed | None:
        start = period
        for step in steps:
            if start.end is not None:
                break
            match step.move:
                case Rolling() | ToDate() if self.windows.as_of is not None:
                    start = Bounds(None, self.windows.as_of)
                case Prior() | Rolling() | ToDate() as move:
                    needs_instant = not isinstance(move, Prior)
                    self.sink.report(move_errors.unbounded(step.span, _name(step), as_of=needs_instant))
                    return None
                case Cumulative():
                    continue
                case _:
                    break
        moves = tuple(step.move for step in steps)
        bounds = self.windows.moved(start, moves, as_of)
        return Placed(self._within(time, bounds), None, partial(self._uncut, start, moves), bounds)

    def _uncut(self, bounds: Bounds, moves: tuple[Change, ...]) -> Bounds:
        """Return a window after its changes, cut nowhere."""
        return self.windows.settled(self.windows.moved(bounds, moves, None))

    def _within(self, time: Bound, bounds: Bounds) -> tuple[Bound, ...]:
        """Return the conditions for a row's time to lie in a window."""
        return within(time, bounds, self.windows.exactly(time, (bounds.start, bounds.end)))

    def _of_row(
        self, time: Bound, grains: tuple[Grain, ...], steps: tuple[Step, ...], period: Bounds
    ) -> Bounds:
        """Return the window of a row's own buckets."""
        own = self._clipped(grains, period) if grains else period
        found = self.windows.moved(own, [step.move for step in steps], None)
        start, end = (None if x is None else self._of_rows(x, time) for x in (found.start, found.end))
        return Bounds(start, end)

    def _of_rows(self, bound: Bound, time: Bound) -> Bound:
        """Return an expression over buckets as one over those of a row's own time."""
        if isinstance(bound, KeyValue) and isinstance(bound.member, Grain):
            return of_time(self.windows.project, bound.member, time)
        return map_children(bound, lambda part: self._of_rows(part, time))

    def own_edges(
        self, time: Bound, grains: tuple[Grain, ...], steps: tuple[Step, ...], period: Window
    ) -> Bounds:
        """Return the window of a row's own buckets, in which nothing is moved."""
        resolved = self._resolved(grains, steps, period)
        assert resolved is not None
        return self._of_row(time, of_query(grains), resolved, self.windows.of_period(period))

    def _clipped(self, grains: tuple[Grain, ...], period: Bounds) -> Bounds:
        """Return the window of buckets in a period; bounds on buckets' own bounds cut none."""
        bounds = self.windows.of_buckets(grains, period)
        return self.windows.clipped(
            bounds,
            Bounds(
                period.start if self.windows.cuts(period.start, grains) else None,
                period.end if self.windows.cuts(period.end, grains) else None,
            ),
        )

    def _in_buckets(
        self,
        time: Bound,
        grains: tuple[Grain, ...],
        moves: tuple[Change, ...],
        period: Bounds,
        as_of: Constant | None,
    ) -> Placed:
        windows = self.windows
        base = self._clipped(grains, period)
        whole = windows.moved(base, moves, None)
        edges = partial(windows.settled, whole)
        rules = [windows.rule(grain) for grain in grains]
        if is_fixed(moves):
            return Placed((), self._leaf_window(time, windows.moved(base, moves, as_of), moves), edges)
        if as_of is None or not windows.cuts(as_of, grains):
            return Placed((), self._leaf_window(time, whole, moves), edges)
        if not windows.is_instant(as_of) or any(rule.is_instant for rule in rules):
            return Placed((), self._leaf_window(time, windows.moved(base, moves, as_of), moves), edges)
        end = windows.of_buckets(grains, period).end
        assert end is not None
        is_cut = Apply(">", (end, day(local_day(as_of, windows.project))), BOOLEAN)
        own = self._cut_bucket(grains, base, as_of)
        cut_window = windows.moved(Bounds(own, as_of, base.only), moves, as_of)
        if windows.whole and any(isinstance(move, Prior) for move in moves):
            cut_window = windows.moved(Bounds(own, base.end, base.only), moves, as_of)
        return Placed((), self._leaf_window(time, whole, moves, is_cut, cut_window), edges)

    def _leaf_window(
        self,
        time: Bound,
        bounds: Bounds,
        moves: tuple[Change, ...],
        is_cut: Bound | None = None,
        cut: Bounds | None = None,
    ) -> LeafWindow:
        ends = [end for one in (bounds, cut) if one is not None for end in (one.start, one.end)]
        exact = self.windows.exactly(time, ends)
        return LeafWindow(time, bounds, is_cut, cut, moves, exact=None if exact == time else exact)

    def _cut_bucket(self, grains: tuple[Grain, ...], base: Bounds, as_of: Constant) -> Bound | None:
        """Return where the bucket begins that `as_of` cuts: a day where it is known by now."""
        windows = self.windows
        rules = [windows.rule(grain) for grain in grains]
        if any(rule.calendar is not None for rule in rules):
            return base.start
        today = day(local_day(as_of, windows.project))
        starts: list[Bound] = [windows.bucket_of(rule, today) for rule in rules]
        if base.start is not None:
            starts.extend(bound for bound in operands(base.start, "greatest") if isinstance(bound, Constant))
        return windows.greatest(starts)

    def _resolved(
        self, grains: tuple[Grain, ...], steps: tuple[Step, ...], period: Window
    ) -> tuple[Step, ...] | None:
        """Return the changes with every amount in seconds, days or months, and all of history only once."""
        found: list[Step] = []
        grains = of_query(grains)
        if not (grains or period.is_bounded):
            # Where there is no window, it is everything already.
            steps = tuple(dropwhile(lambda step: isinstance(step.move, Cumulative), steps))
        is_bucket, whole = bool(grains), self._calendar_grain(grains)
        hours, around, first, back = self._hours(grains), self.windows.of_period(period), 0, 0
        has_window = is_bucket or period.is_bounded
        begins = is_bucket or period.start is not None
        for step in steps:
            move = step.move
            if isinstance(move, Opening) and not begins:
                told = move_errors.no_beginning(step.span)
                if not has_window:
                    told = move_errors.unbounded(step.span, _name(step), as_of=False)
                self.sink.report(told)
                return None
            begins = begins if isinstance(move, Prior) else not isinstance(move, Cumulative | Opening)
            has_window = has_window or begins
            if isinstance(move, InBucket):
                grains = (*grains, move.grain) if is_bucket else (move.grain,)
                is_bucket, whole = True, self._calendar_grain((move.grain,))
                found.append(step)
                if hours is None or back or self.windows.rule(move.grain).is_instant:
                    hours, around = self._hours((move.grain,)), OPEN
                first, back = len(found), 0
                continue
            hours, back = (hours if (periods := _periods(move)) else None), back + periods
            if isinstance(move, Prior | Rolling):
                assert isinstance(move.amount, Amount)
                amount = self._amount(step, move.amount, period)
                if amount is None:
                    return None
                if isinstance(move, Prior) and amount.unit not in (*LENGTHS, COMPARABLE, whole):
                    self.sink.report(move_errors.calendar(step.span, amount.text, amount.unit))
                    return None
                if is_bucket and isinstance(move, Prior) and not self._fits(step, amount, grains):
                    return None
                move = replace(move, amount=amount)
            if hours is not None and (among := self._among_short(hours, around, back)) is not None:
                # Periods add up: what is left of a bucket is laid into the earliest one alone.
                move = among
                del found[first:]
            is_bucket = is_bucket and isinstance(move, Prior)
            whole = self._buckets_after(move, whole)
            found.append(replace(step, move=move))
        return tuple(found)

    def _hours(self, grains: tuple[Grain, ...]) -> Grain | None:
        """Return the query's grain where it is of instants and the windows are its buckets, if they are."""
        shortest = self._shortest
        if shortest is None or not shortest.is_instant:
            return None
        fine = [grain for grain in grains if self.windows.rule(grain).is_instant]
        finest = min(fine, key=lambda grain: bucket_seconds(self.windows.rule(grain)), default=None)
        return finest if finest is not None and finest.name == shortest.name else None

    @property
    def _shortest(self) -> GrainRule | None:
        """The query's grain whose buckets are the shortest, whatever the order of grains; None: unknown.

        How long those of a calendar's own grain are, its rows say: only days and less are sure to be shorter.
        """
        rules = [self.windows.rule(grain) for grain in self.asked]
        known = [rule for rule in rules if rule.calendar is None]
        shortest = min(known, key=lambda rule: rule.length, default=None)
        if len(known) == len(rules) or (shortest is not None and shortest.length <= GRAINS["day"].length):
            return shortest
        return rules[0] if len(rules) == 1 else None

    def _among_short(self, grain: Grain, period: Bounds, count: int) -> HoursBack | None:
        """Return the move back by so many buckets of hours, where clocks cut some of them short."""
        seconds = count * bucket_seconds(self.windows.rule(grain))
        amount = Amount(seconds, "second", f"{count} period{'s' if count > 1 else ''}")
        move = HoursBack(amount, grain, period, count)
        return move if ShortHours(self.windows, move).are_there else None

    def _calendar_grain(self, grains: tuple[Grain, ...]) -> str | None:
        """Return the grain of a calendar whose buckets the windows are, if they are."""
        rules = [self.windows.rule(grain) for grain in grains]
        return rules[0].name if len(rules) == 1 and rules[0].calendar is not None else None

    def _buckets_after(self, move: Change, whole: str | None) -> str | None:
        """Return the grain of a calendar of whose buckets a window is after a change, `whole` before it."""
        match move:
            case Prior(amount=Amount(unit=unit)):
                return whole if unit == whole else None
            case Rolling(amount=Amount(unit=unit)) | ToDate(grain=unit):
                return unit if self.windows.is_own(unit) else None
            case _:
                return None

    def _amount(self, step: Step, amount: Amount, period: Window) -> Amount | None:
        if amount.unit != "period":
            return amount
        if self.asked:
            rule = self._shortest
            if rule is None:
                names = [grain.name for grain in self.asked]
                self.sink.report(move_errors.no_one_period(step.span, amount.text, names))
                return None
            if rule.calendar is not None:
                return replace(amount, unit=rule.name)
            size = {"minute": 60, "hour": 3600}.get(rule.unit, rule.count)
            unit = "second" if rule.is_instant else rule.unit
            return replace(amount, count=amount.count * size, unit=unit)
        if period.start is None or period.end is None:
            self.sink.report(move_errors.unbounded(step.span, _name(step), as_of=False))
            return None
        if period.start.day == 1 and period.end.day == 1:
            months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
            return replace(amount, count=amount.count * months, unit="month")
        return replace(amount, count=amount.count * (period.end - period.start).days, unit="day")

    def _fits(self, step: Step, amount: Amount, grains: tuple[Grain, ...]) -> bool:
        """Tell, and report otherwise, whether a bucket moved so lies where buckets of its kind lie."""
        for grain in grains:
            rule = self.windows.rule(grain)
            if amount.unit == "month" and rule.unit == "day" and rule.count == 7 and rule.calendar is None:
                weeks = round(amount.count * 365.25 / 12 / 7)
                self.sink.report(move_errors.week_by_months(step.span, amount.text, grain.name, weeks))
                return False
        return True


def _periods(move: Change) -> int:
    """Return by how many periods a move goes back: none if it goes by anything else."""
    match move:
        case Prior(amount=Amount(unit="period", count=count)):
            return count
        case _:
            return 0


def _name(step: Step) -> str:
    assert not isinstance(step.move, InBucket)
    return move_text(step.move).partition(" ")[0]
