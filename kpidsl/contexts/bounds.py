"""Bounds of windows as expressions, and arithmetic on them: constants are worked out here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from kpidsl.model.definitions import Project
from kpidsl.model.grains import GrainRule, bucket_of_day, bucket_seconds
from kpidsl.model.types import BOOLEAN, DATE, IN_UTC, INTEGER, TEXT, TIMESTAMP, Kind, Type
from kpidsl.model.zones import cut_short, known
from kpidsl.semantics.bound import (
    Amount,
    Apply,
    Bound,
    Constant,
    Grain,
    KeyValue,
)
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.elapsed import SECONDS, moved_date

_MICROSECOND = Decimal("0.000001")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class InBuckets:
    """Only the days of a calendar's buckets, from a first to a last one, and none that lies between."""

    grain: str
    first: Bound
    last: Bound


@dataclass(frozen=True, slots=True)
class Bounds:
    """[start, end); None where a side has no bound.

    `only` are the days that alone are in it, each of them meeting all. With `compared` rows lie in it that
    would on another day, the one whose comparable day is their own: it is the zone on whose clocks they do.
    With `is_fine` it is made of hours or less, and keeps its length where it is moved.
    """

    start: Bound | None
    end: Bound | None
    only: tuple[InBuckets, ...] = ()
    compared: str | None = None
    is_fine: bool = False

    @property
    def is_open(self) -> bool:
        return self.start is None or self.end is None

    @property
    def is_constant(self) -> bool:
        return all(bound is None or isinstance(bound, Constant) for bound in (self.start, self.end))


OPEN = Bounds(None, None)


def day(value: date) -> Constant:
    return Constant(value, DATE)


def instant(value: datetime) -> Constant:
    return Constant(value.astimezone(UTC), IN_UTC)


@dataclass(frozen=True, slots=True)
class BoundArithmetic:
    """Moves bounds on a project's calendar and clock."""

    project: Project

    def earlier(self, bound: Bound, amount: Amount) -> Bound:
        """Return a bound moved back by an amount."""
        match amount.unit:
            case "second":
                return self.add_seconds(bound, -amount.count)
            case "day":
                return self.add_days(bound, -amount.count)
            case _:
                return self.add_months(bound, -amount.count)

    def add_days(self, bound: Bound, days: int) -> Bound:
        if days == 0:
            return bound
        match bound:
            case Apply(op="add_days", args=(inner, Constant(value=int() as before))) if is_day(bound):
                return self.add_days(inner, before + days)
            case _:
                return self._on_calendar("add_days", bound, days)

    def add_months(self, bound: Bound, months: int) -> Bound:
        if months == 0:
            return bound
        match bound:
            case Apply(op="add_months", args=(inner, Constant(value=int() as before))) if is_month_start(
                inner
            ):
                return self.add_months(inner, before + months)
            case _:
                return self._on_calendar("add_months", bound, months)

    def end_by_months(self, start: Bound | None, end: Bound, months: int) -> Bound:
        """Return the end of a window that is moved by months: one at a midnight ends after the last day."""
        if not is_day(end):
            return self._instant_by_months(start, end, months)
        as_bound = self.add_months(end, months)
        after_last = self.add_days(self.add_months(self.add_days(end, -1), months), 1)
        if is_month_start(end) and (start is None or is_month_start(start)):
            return as_bound
        if isinstance(end, Constant) and not is_month_start(end):
            return after_last
        if isinstance(start, Constant) and not is_month_start(start):
            return after_last
        if start is not None and end == self.add_days(start, 1):
            return after_last
        unknown = [bound for bound in (start, end) if bound is not None and not is_month_start(bound)]
        return Apply(
            "case",
            (conjunction([self._begins_month(bound) for bound in unknown]), as_bound, after_last),
            DATE,
        )

    def _instant_by_months(self, start: Bound | None, end: Bound, months: int) -> Bound:
        if isinstance(end, Constant):
            return self.add_months(end, months)
        cut_end = midnight_or_cut(end)
        if cut_end is not None:
            midnight, cut = cut_end
            is_midnight = Apply("<=", (midnight, day(local_day(cut, self.project))), BOOLEAN)
            moved = self.add_months(cut, months)
        else:
            midnight = self.day_of(end)
            is_midnight = Apply("=", (end, self.as_instant(midnight)), BOOLEAN)
            moved = self.add_months(end, months)
        whole = self.as_instant(self.end_by_months(start, midnight, months))
        return Apply("case", (is_midnight, whole, moved), IN_UTC)

    def _begins_month(self, bound: Bound) -> Bound:
        """Return the condition that a bound is the midnight with which a month begins."""
        if is_day(bound):
            return Apply("=", (Apply("day", (bound,), INTEGER), Constant(1, INTEGER)), BOOLEAN)
        month = Apply("bucket", (Constant("month", TEXT), bound), DATE)
        return Apply("=", (bound, self.as_instant(month)), BOOLEAN)

    def _on_calendar(self, op: str, bound: Bound, amount: int) -> Bound:
        count = Constant(amount, INTEGER)
        if isinstance(bound, Constant):
            if isinstance(bound.value, datetime):
                zone = known(self.project.timezone)
                local = bound.value.astimezone(zone)
                moved = _within_calendar(op, local.date(), amount)
                # A time that exists twice is the earlier instant, one that doesn't exist shifts forward.
                return instant(datetime.combine(moved, local.time(), zone))
            assert isinstance(bound.value, date)
            return day(_within_calendar(op, bound.value, amount))
        if is_day(bound):
            return Apply(op, (bound, count), DATE)
        return Apply("add_seconds", (Apply(op, (bound, count), TIMESTAMP), Constant(0, INTEGER)), IN_UTC)

    def add_seconds(self, bound: Bound, seconds: int) -> Bound:
        if isinstance(bound, Constant):
            return self._simplest(self.moment(bound) + timedelta(seconds=seconds))
        return Apply("add_seconds", (bound, Constant(seconds, INTEGER)), IN_UTC)

    def end_of_instants(self, rule: GrainRule, key: KeyValue, period: Bounds) -> Bound:
        """Return the end of the hour or minute that begins at a key: sooner where a change of clocks cuts it.

        Keys lie in the period; where that is open, the changes are those of the project's `zone_years`.
        """
        length = bucket_seconds(rule)
        found: dict[int, list[Constant]] = {}
        for begins, seconds in cut_short(self.project.timezone, length, *self.around(period)):
            found.setdefault(seconds, []).append(instant(begins))
        whole = self.add_seconds(key, length)
        if not found:
            return whole
        branches: list[Bound] = []
        for seconds, starts in sorted(found.items()):
            op = "=" if len(starts) == 1 else "in"
            branches += [Apply(op, (key, *starts), BOOLEAN), self.add_seconds(key, seconds)]
        return Apply("case", (*branches, whole), IN_UTC)

    def around(self, period: Bounds) -> tuple[datetime, datetime]:
        """Return the instants between which a period's buckets surely begin and end."""
        first, last = self.project.cut.zone_years
        start, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
        if isinstance(period.start, Constant):
            start = self.moment(period.start) - _DAY
            end = max(start, end)
        if isinstance(period.end, Constant):
            end = self.moment(period.end) + _DAY
        return start, end

    def _later(self, bound: Bound, length: Bound) -> Bound:
        if isinstance(bound, Constant) and isinstance(length, Constant):
            assert isinstance(length.value, Decimal)
            return self._simplest(
                self.moment(bound) + timedelta(microseconds=int(length.value / _MICROSECOND))
            )
        if isinstance(length, Apply) and length.op == "case":
            return _in_each(length, lambda branch: self._later(bound, branch), IN_UTC)
        return Apply("add_seconds", (bound, length), IN_UTC)

    def _length(self, start: Bound, end: Bound) -> Bound:
        if isinstance(start, Constant) and isinstance(end, Constant):
            length = self.moment(end) - self.moment(start)
            return Constant((length / timedelta(microseconds=1)).__int__() * _MICROSECOND, SECONDS)
        match end:
            case Apply(op="add_seconds", args=(inner, Constant() as seconds)) if inner == start:
                return seconds
            case Apply(op="case"):
                return _in_each(end, lambda branch: self._length(start, branch), SECONDS)
            case _:
                return Apply("elapsed", (end, start), SECONDS)

    def bucket_before(self, grain: str, end: Bound) -> Bound:
        """Return the first day of the bucket that holds a window's last instant."""
        last: Bound
        if isinstance(end, Constant) and isinstance(end.value, datetime):
            last = day(
                (end.value - timedelta(microseconds=1)).astimezone(known(self.project.timezone)).date()
            )
        elif is_day(end):
            last = self.add_days(end, -1)
        elif (comparable := _on_comparable_day(end)) is not None:
            last = comparable
        else:
            last = Apply("add_seconds", (end, Constant(-_MICROSECOND, SECONDS)), IN_UTC)
        rule = self.project.grains[grain]
        if isinstance(last, Constant) and rule.calendar is None:
            assert isinstance(last.value, date)
            return day(bucket_of_day(rule, last.value, self.project.cut))
        if rule.name == "day" and is_day(last):
            return last
        return Apply("bucket", (Constant(grain, TEXT), last), DATE)

    def day_of(self, moment: Bound) -> Bound:
        """Return the local day that an instant is in."""
        if isinstance(moment, Constant):
            return day(local_day(moment, self.project))
        return Apply("bucket", (Constant("day", TEXT), moment), DATE)

    def just_before(self, end: Bound) -> Bound:
        """Return the last instant before a bound."""
        return Apply("add_seconds", (self.as_instant(end), Constant(-_MICROSECOND, SECONDS)), IN_UTC)

    def greatest(self, bounds: Iterable[Bound]) -> Bound:
        return self._one_of("greatest", bounds)

    def least(self, bounds: Iterable[Bound]) -> Bound:
        return self._one_of("least", bounds)

    def _one_of(self, op: str, bounds: Iterable[Bound]) -> Bound:
        found = tuple(dict.fromkeys(bounds))
        constants = [bound for bound in found if isinstance(bound, Constant)]
        if len(constants) > 1:
            choose = max if op == "greatest" else min
            chosen = choose(constants, key=self.moment)
            found = (*(bound for bound in found if bound not in constants), chosen)
        if len(found) == 1:
            return found[0]
        type_ = DATE if all(map(is_day, found)) else IN_UTC
        if type_ is IN_UTC:
            found = tuple(self.as_instant(bound) for bound in found)
        return Apply(op, found, type_)

    def as_instant(self, bound: Bound) -> Bound:
        if isinstance(bound, Constant):
            return instant(self.moment(bound))
        return Apply("add_seconds", (bound, Constant(0, INTEGER)), IN_UTC)

    def moment(self, bound: Constant) -> datetime:
        """Return the instant of a constant bound, in UTC."""
        value = bound.value
        if isinstance(value, datetime):
            return value
        assert isinstance(value, date)
        return datetime.combine(value, datetime.min.time(), known(self.project.timezone)).astimezone(UTC)

    def _simplest(self, moment: datetime) -> Constant:
        """Return an instant as a day where it is a local midnight."""
        local = moment.astimezone(known(self.project.timezone))
        midnight = day(local.date())
        return midnight if self.moment(midnight) == moment else instant(moment)


def _in_each(case: Apply, form: Callable[[Bound], Bound], type_: Type) -> Bound:
    """Return a case with what a form makes of each of its results."""
    *branches, last = case.args
    formed = (
        part
        for test, result in zip(branches[::2], branches[1::2], strict=True)
        for part in (test, form(result))
    )
    return Apply("case", (*formed, form(last)), type_)


def local_day(as_of: Constant, project: Project) -> date:
    """Return the local day that `as_of` is in."""
    value = as_of.value
    if isinstance(value, datetime):
        return value.astimezone(known(project.timezone)).date()
    assert isinstance(value, date)
    return value


def _on_comparable_day(end: Bound) -> Bound | None:
    """Return the comparable day on which a window ends within the day, where it surely does."""
    match end:
        case Apply(op="comparable_instant", args=(_, of)):
            return Apply("comparable_day", (of,), DATE)
        case Apply(
            op="add_seconds",
            args=(
                Apply(op="add_days", args=(_, Apply(args=(Apply(op="comparable_day") as comparable, _)))),
                Constant(value=0),
            ),
        ):
            return comparable
        case _:
            return None


def _within_calendar(op: str, value: date, amount: int) -> date:
    """Return a day moved; beyond the calendar there are no rows, so its end will do."""
    try:
        return moved_date(op, value, amount)
    except (OverflowError, ValueError):
        return date.min if amount < 0 else date.max


def is_day(bound: Bound) -> bool:
    return bound.type.kind is Kind.DATE


def midnight_or_cut(end: Bound) -> tuple[Bound, Constant] | None:
    """Return the midnight at which a bucket ends and the instant that cuts it, of the earlier one of them."""
    match end:
        case Apply(
            op="least", args=(Apply(op="add_seconds", args=(midnight, Constant(value=0))), Constant() as cut)
        ) if is_day(midnight):
            return midnight, cut
        case _:
            return None


def is_month_start(bound: Bound) -> bool:
    """Tell whether a bound surely is the first day of a month."""
    match bound:
        case Constant(value=datetime()):
            return False
        case Constant(value=date(day=first)):
            return first == 1
        case KeyValue(member=Grain(name=name)):
            return name in _OF_MONTHS
        case Apply(op="add_months", args=(inner, _)):
            return is_month_start(inner)
        case Apply(op="bucket", args=(Constant(value=str() as name), _)):
            return name in _OF_MONTHS
        case Apply(op="case", args=(_, a, b)):
            return is_month_start(a) and is_month_start(b)
        case _:
            return False


_OF_MONTHS = ("month", "quarter", "year", "fiscal_quarter", "fiscal_year")


def operands(bound: Bound, op: str) -> tuple[Bound, ...]:
    """Return the bounds of which one is the least or the greatest, or a bound by itself."""
    return bound.args if isinstance(bound, Apply) and bound.op == op else (bound,)
