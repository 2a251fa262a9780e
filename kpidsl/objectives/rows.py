"""The rows of an objective's targets: whom each is for, and which of them says most.

A row says more than another where it names more members, or as many and a period too. Two rows of
which none says more must not be for the same group and day, unless a third says what holds for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kpidsl.diagnostics import Sink
from kpidsl.model.grains import bucket_of_day
from kpidsl.model.objectives import Effective, Objective, TargetRow
from kpidsl.model.promises import OF_ROWS
from kpidsl.objectives import row_errors as errors
from kpidsl.objectives.periods import day_asked
from kpidsl.objectives.row_members import member_of, members_told
from kpidsl.objectives.targets import Targets
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.excluded import excludes
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.members import Member
from kpidsl.semantics.objectives import CheckedTarget
from kpidsl.semantics.periods import Window, parse_period
from kpidsl.semantics.prepared import both
from kpidsl.source import SourceText, Span


@dataclass(frozen=True, slots=True)
class Rows:
    """Checks the rows of one objective."""

    objective: Objective
    by: Mapping[str, Grouped]
    grain: str | None
    effective: Window
    where: Bound | None
    project: CheckedProject
    sink: Sink
    is_whole: bool = True
    """Whether `by` has all members that the objective names."""

    def checked(self, targets: Targets) -> tuple[CheckedTarget, ...]:
        """Return the rows that can be used, those that say most first, and the objective's own target."""
        found = [target for row in self.objective.targets if (target := self._row(row, targets)) is not None]
        self._apart(found)
        ordered = sorted(found, key=_says, reverse=True)
        own = targets.aim(self.objective)
        if own is None:
            return tuple(ordered)
        due = "range" if self.objective.kind == "within" else "target"
        place = self.objective.place("target_from" if self.objective.target_from is not None else due)
        everywhere = CheckedTarget((), None, own.target, own.low, own.high, own.fade, place)
        return (*ordered, everywhere)

    def _row(self, row: TargetRow, targets: Targets) -> CheckedTarget | None:
        before = self.sink.errors
        key, other = ("range", "target") if self.objective.kind == "within" else ("target", "range")
        if (row.range if key == "range" else row.target) is None:
            self.sink.report(errors.nothing(row.span, key))
        elif (row.target if key == "range" else row.range) is not None:
            self.sink.report(errors.also(row.span, other, self.objective.kind))
        if row.period is not None and row.days is not None:
            self.sink.report(errors.period_and_days(row.days.span))
        if not row.members and row.period is None and row.days is None:
            self.sink.report(errors.says_nothing(row.span))
        read = [
            member_of(text, self.by, self.project, OF_ROWS, self.sink, is_whole=self.is_whole)
            for text in row.members
        ]
        members = [found for found in read if found is not None]
        if excludes(self.where, dict(members)):
            told = members_told(dict(members))
            self.sink.report(errors.left_out(row.span, told, self.objective.place("where")))
        period = None if row.period is None else self._period(row.period)
        if row.days is not None:
            period = self._days(row.days)
        aim = targets.aim(row)
        if aim is None or self.sink.errors > before:
            return None
        return CheckedTarget(tuple(members), period, aim.target, aim.low, aim.high, aim.fade, row.span)

    # When a row is for.

    def _period(self, part: SourceText) -> Window | None:
        text = part.text.strip()
        span = Span.of(part)
        window = parse_period(text)
        if window is not None and window.is_empty:
            window = None
        if self.grain is None or window is None or not self._is_whole(window, text):
            self._refuse_period(span, text)
            return None
        return window if self._is_inside(window, text, span) else None

    def _refuse_period(self, span: Span, text: str) -> None:
        example, is_of_whole = _EXAMPLES.get(self.grain or ""), self.objective.allocate is not None
        self.sink.report(errors.no_period(span, text, self.grain, example, is_of_whole=is_of_whole))

    def _days(self, written: Effective) -> Window | None:
        """Return the days of a row that says from when on it holds, or until when."""
        days: list[date | None] = []
        for part in (written.start, written.end):
            if part is None:
                days.append(None)
                continue
            day = day_asked(part, self.sink)
            if day is None:
                return None
            if self.grain is None or not self._begins(day):
                self._refuse_period(Span.of(part), part.text.strip())
                return None
            days.append(day)
        found = Window(*days)
        if found.is_empty:
            self.sink.report(errors.no_days(written.span))
            return None
        text = "..".join("" if day is None else day.isoformat() for day in days)
        return found if self._is_inside(found, text, written.span) else None

    def _is_inside(self, window: Window, text: str, span: Span) -> bool:
        """Tell whether the objective holds on some of the days, and report where it does not."""
        start, end = self.effective.start, self.effective.end
        if not both(window, self.effective).is_empty:
            return True
        since = "" if start is None else f"from {start} on"
        until = "" if end is None else f"{' ' if since else ''}before {end}"
        self.sink.report(errors.outside(span, text, since, until))
        return False

    def _begins(self, day: date) -> bool:
        """Tell whether a bucket of the grain begins on a day, as far as that is known."""
        assert self.grain is not None
        rule = self.project.project.grains[self.grain]
        return rule.calendar is not None or bucket_of_day(rule, day, self.project.project.cut) == day

    def _is_whole(self, window: Window, text: str) -> bool:
        """Tell whether days are one bucket of the objective's grain, or were written as days of several."""
        assert self.grain is not None
        rule, cut = self.project.project.grains[self.grain], self.project.project.cut
        if rule.calendar is not None:
            return ".." in text
        assert window.start is not None
        assert window.end is not None
        last = window.end - timedelta(days=1)
        if bucket_of_day(rule, window.start, cut) != window.start:
            return False
        if bucket_of_day(rule, window.end, cut) != window.end:
            return False
        return ".." in text or bucket_of_day(rule, last, cut) == window.start

    # Rows against each other.

    def _apart(self, found: Sequence[CheckedTarget]) -> None:
        """Report rows for the same groups and days of which none says more."""
        for place, row in enumerate(found):
            for first in found[:place]:
                if _says(first) != _says(row):
                    continue
                if dict(first.members) == dict(row.members) and first.period == row.period:
                    self.sink.report(errors.same(row.span, first.span))
                    break
                both = _both(first, row)
                more = (other for other in found if _says(other) > _says(row))
                if both is not None and not any(_covers(other, *both) for other in more):
                    self.sink.report(errors.overlap(row.span, first.span, _told(*both)))
                    break


_EXAMPLES = {
    "day": "2026-12-24",
    "week": "2026-W31",
    "month": "2026-12",
    "quarter": "2026-Q4",
    "year": "2026",
}

_Group = Mapping[Member, Constant]


def _says(row: CheckedTarget) -> tuple[int, bool]:
    return len(row.members), row.period is not None


def _both(a: CheckedTarget, b: CheckedTarget) -> tuple[_Group, Window | None] | None:
    """Return the groups and days that two rows are both for, or None where there are none."""
    mine, theirs = dict(a.members), dict(b.members)
    if any(mine[member] != value for member, value in theirs.items() if member in mine):
        return None
    if a.period is None or b.period is None:
        return mine | theirs, a.period or b.period
    shared = both(a.period, b.period)
    return None if shared.is_empty else (mine | theirs, shared)


def _covers(row: CheckedTarget, members: _Group, period: Window | None) -> bool:
    """Tell whether a row is for exactly these members and for all of these days."""
    if dict(row.members) != members:
        return False
    if row.period is None:
        return True
    if period is None:
        return False
    return both(row.period, period) == period


def _told(members: _Group, period: Window | None) -> str:
    parts = [members_told(members)] if members else []
    if period is not None and period.start is not None and period.end is not None:
        parts.append(f"`period: {period.start}..{period.end}`")
    elif period is not None:
        parts.append(f"`from: {period.start}`" if period.end is None else f"`until: {period.end}`")
    return " and ".join(parts)
