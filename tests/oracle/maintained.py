"""Objectives that are judged part by part: each day, week or month of a period by itself, then how many are met.

Every part is looked at as such: nothing is counted by arithmetic on days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

from .evaluate import tuples_follow
from .judge import judge
from .moments import Moment
from .table import Table, Value

Day = Callable[[date], date]
COLUMNS = (
    "value",
    "target",
    "sample",
    "met",
    "gap",
    "gap_relative",
    "attainment",
    "parts",
    "parts_met",
    "parts_left",
    "budget_left",
    "status",
    "reason",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a period, with what it counts as: `open` where it is not over, `waiting` where it is not settled."""

    first: date
    counts_as: str


@dataclass(frozen=True, slots=True)
class Times:
    """How many parts are to be met: a share, so many of the last, or so many in a row."""

    share: Fraction | None = None
    count: int = 0
    last: int | None = None

    @staticmethod
    def read(text: str) -> Times:
        if text == "all":
            return Times(Fraction(1))
        if found := re.fullmatch(r"(\d+) of (\d+)", text):
            return Times(count=int(found[1]), last=int(found[2]))
        if found := re.fullmatch(r"(\d+) in a row", text):
            return Times(count=int(found[1]))
        number = Fraction(text.rstrip("% "))
        return Times(number / 100 if text.endswith("%") else number)

    def value(self, judged: Sequence[bool]) -> Fraction:
        if self.share is not None:
            return Fraction(sum(judged), len(judged))
        if self.last is not None:
            return Fraction(sum(judged[-self.last :]))
        return Fraction(max(map(len, "".join("x" if one else " " for one in judged).split()), default=0))

    @property
    def target(self) -> Fraction:
        return Fraction(self.count) if self.share is None else self.share

    def is_met(self, judged: Sequence[bool]) -> bool:
        return self.value(judged) >= self.target

    def is_enough(self, judged: Sequence[bool]) -> bool:
        """Tell whether it goes well so far."""
        if self.share is not None:
            return self.is_met(judged)
        if self.last is None:
            return judged[-1]
        recent = judged[-self.last :]
        return Fraction(sum(recent), len(recent)) >= Fraction(self.count, self.last)


@dataclass(frozen=True, slots=True)
class Whole:
    """A period: its parts that have begun, in order, how many it has, and whether it is over."""

    parts: tuple[Part, ...]
    count: int
    not_over: int
    is_over: bool
    has_begun: bool = True


def stands(whole: Whole, times: Times, missing: str, *, has_budget: bool) -> dict[str, Value]:
    """Return the columns of a period."""
    counted = [part.counts_as for part in whole.parts]
    kinds = {"met": True, "missed": False}
    if missing == "not_met":
        kinds |= {"no_data": False, "small": False}
    judged = [kinds[one] for one in counted if one in kinds]
    is_unknown = missing == "null" and ("no_data" in counted or "small" in counted)
    left = whole.not_over + counted.count("settling") + counted.count("not_loaded")
    status, reason = _status(whole, counted, judged, left, times, is_missing=is_unknown)
    found: dict[str, Value] = dict.fromkeys(COLUMNS)
    found |= {
        "target": float(times.target),
        "sample": len(judged),
        "parts": whole.count,
        "parts_met": counted.count("met"),
        "parts_left": left,
        "status": status,
        "reason": reason,
    }
    if judged and not is_unknown:
        value = times.value(judged)
        attainment = value / times.target
        found |= {
            "value": float(value),
            "met": times.is_met(judged),
            "gap": float(value - times.target),
            "gap_relative": float((value - times.target) / times.target),
            "attainment": float(attainment if times.share is not None else min(attainment, Fraction(1))),
        }
        if has_budget and times.share is not None:
            allowed = (1 - times.share) * whole.count
            found["budget_left"] = float(1 - judged.count(False) / allowed)
    return found


def _status(
    whole: Whole, counted: Sequence[str], judged: Sequence[bool], left: int, times: Times, *, is_missing: bool
) -> tuple[str, str]:
    if not whole.has_begun:
        return "not_started", "not_begun"
    for why in ("settling", "not_loaded"):
        if whole.is_over and why in counted:
            return "immature", why
    if "met" not in counted and "missed" not in counted:
        for kind, told in _NOTHING.items():
            if kind in counted:
                return told
        return ("no_data", "no_rows") if whole.is_over else ("too_early", "none_over")
    if is_missing:
        return "insufficient_data", "part_missing"
    if whole.is_over:
        return ("met", "target_met") if times.is_met(judged) else ("missed", "target_not_met")
    if not times.is_met([*judged, *[True] * left]):
        return "off_track", "out_of_reach"
    if times.is_met([*judged, *[False] * left]):
        return "on_track", "secured"
    return ("on_track", "enough_so_far") if times.is_enough(judged) else ("at_risk", "too_few_so_far")


_NOTHING = {
    "small": ("insufficient_data", "small_sample"),
    "no_data": ("no_data", "no_value"),
    "no_target": ("target_missing", "no_target"),
}


# Which parts there are


def parts_between(start: date, end: date, bucket: Day) -> list[tuple[date, date]]:
    """Return the parts that lie within days, each from its first day until before another."""
    found: list[tuple[date, date]] = []
    day = start
    while day < end:
        first = bucket(day)
        following = day
        while bucket(following) == first:
            following += timedelta(days=1)
        if first >= start and following <= end:
            found.append((first, following))
        day = following
    return found


def cut_part(start: date, bucket: Day) -> list[tuple[date, date]]:
    """Return the part that a first day cuts, if it cuts one."""
    first = bucket(start)
    following = start
    while bucket(following) == first:
        following += timedelta(days=1)
    return [(first, following)] if first < start else []


def table_of(
    objective: Any, contexts: Iterable[Any], body: Mapping[str, Any], first: date, until: date
) -> Table:
    """Return the table of an objective whose parts are judged by another one, `objective`, with rows by part.

    It holds from `first` on, until before `until`.
    """
    calendar, zone = objective.interpreter.calendar, objective.interpreter.definitions.zone

    def bucket_of(grain: str) -> Day:
        return lambda day: calendar.bucket(Moment.midnight(day, zone), grain)

    of_part, period = bucket_of(body["each"]), body.get("period")
    every = parts_between(first, until, of_part)
    today = objective.query.as_of.day
    of_period: dict[date | None, list[tuple[date, date]]] = {}
    for start, end in every:
        key = None if period is None else bucket_of(period)(end - timedelta(days=1))
        of_period.setdefault(key, []).append((start, end))
    counted: dict[tuple[date | None, tuple[Value, ...]], list[Part]] = {}
    for context in contexts:
        (_, start), *rest = context.members
        part = _part(objective, context, start)
        is_cut = start < first
        ends = (end for one, end in (*cut_part(first, of_part), *every) if one == start)
        key = None if period is None else bucket_of(period)(next(ends) - timedelta(days=1))
        if key is not None and not Moment.midnight(key, zone) < objective.query.as_of:
            continue
        if part is not None and is_cut:
            part = Part(start, "cut")
        if part is not None:
            counted.setdefault((key, tuple(value for _, value in rest)), []).append(part)
    by = [member.text for member in objective.query.members][1:]
    if period is None and not by:
        counted.setdefault((None, ()), [])
    times = Times.read(str(body.get("times", "all")))
    columns = (*((period,) if period else ()), *by, *COLUMNS, "data_through", "as_of")
    told = (objective.data_through(), objective.as_of)
    lines = []
    for (key, members), parts in sorted(counted.items(), key=cmp_to_key(_follow)):
        own = of_period.get(key, [])
        over = _end(key, period, bucket_of, until)
        whole = Whole(
            tuple(parts),
            len(own),
            sum(end > today for _, end in own),
            over <= today,
            _has_begun(key, first, objective),
        )
        cells = stands(
            whole, times, str(body.get("missing") or "not_met"), has_budget=bool(body.get("error_budget"))
        )
        lines.append((*((key,) if period else ()), *members, *(cells[name] for name in COLUMNS), *told))
    return Table(columns, lines)  # type: ignore[arg-type]


def _follow(a: Any, b: Any) -> int:
    (key, members), (other, others) = a[0], b[0]
    return (key > other) - (key < other) if key != other else tuples_follow(members, others)


def _has_begun(key: date | None, first: date, objective: Any) -> bool:
    begins = Moment.midnight(first, objective.interpreter.definitions.zone)
    return key is not None or bool(begins < objective.query.as_of)


def _end(key: date | None, period: str | None, bucket_of: Callable[[str], Day], until: date) -> date:
    if key is None or period is None:
        return until
    day = key
    while bucket_of(period)(day) == key:
        day += timedelta(days=1)
    return min(day, until)


def _part(objective: Any, context: Any, start: date) -> Part | None:
    """Return what a part counts as, None where it has neither rows nor a target."""
    if not objective.is_shown(context):
        return None
    (cells,) = objective.judged([context])
    standing = objective.standing(context)
    promise = objective._promise(context)
    least = objective._min_sample()
    has_target = (promise.low if promise.kind == "within" else promise.target) is not None
    if not standing.is_over:
        kind = "open"
    elif not standing.has_settled:
        kind = "settling"
    elif not standing.is_loaded:
        kind = "not_loaded"
    elif not has_target:
        kind = "no_target"
    elif cells["value"] is None:
        kind = "no_data"
    elif least is not None and (cells["sample"] or 0) < least:
        kind = "small"
    else:
        kind = "met" if judge(cells["value"], promise).met else "missed"
    return Part(start, kind)
