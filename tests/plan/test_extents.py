"""For which days datasets are read where the period of moved windows is known."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.contexts.bounds import BoundArithmetic, Bounds, day, instant
from kpidsl.contexts.leaves import DAY, Leaf
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.grains import GRAINS, bucket_of_day
from kpidsl.model.types import IN_UTC, INTEGER, TEXT, TIMESTAMP
from kpidsl.model.zones import changes
from kpidsl.plan.extents import Extent, Extents
from kpidsl.plan.nodes import Days, KeySlot, Slot, Spine
from kpidsl.plan.printing import print_plan
from kpidsl.planning import plan_query
from kpidsl.project import query_text
from kpidsl.semantics.bound import Apply, Bound, Constant, Grain, KeyValue
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.elapsed import SECONDS, moved_date
from tests import answers

PROJECT = """
datasets:
  orders:
    table: orders
    key: id
    time: day
    columns: {id: integer, day: date, customer: integer, channel: text, amount: integer}
dimensions:
  channel: {from: {orders: channel}}
metrics:
  revenue: sum(orders.amount)
  middle: median(orders.amount)
  customers: count_distinct(orders.customer)
"""
FISCAL = "week_start: sunday\nfiscal_year_start: 4\n"
_END = re.compile(r"\(orders\.day (>=|<) (\d{4}-\d{2}-\d{2})\)")


def project(folder: Path, settings: str = "") -> CheckedProject:
    return answers.checked(answers.write_project(folder, settings, PROJECT))


def planned(of: CheckedProject, formula: str, **parts: Any) -> Any:
    sink = Sink()
    found = plan_query(of, query_text([f"x = {formula}"], **parts), sink)
    assert found is not None, [d.message for d in sink.diagnostics()]
    return found


def read(of: CheckedProject, formula: str, **parts: Any) -> set[tuple[str | None, str | None]]:
    """Return from which day on and before which day the plan reads orders, one pair for each filter."""
    lines = print_plan(planned(of, formula, **parts).plan).splitlines()
    found = set()
    for line in lines:
        if line.strip().startswith("Filter"):
            ends = dict(_END.findall(line))
            found.add((ends.get(">="), ends.get("<")))
    return found


@pytest.mark.parametrize(
    ("formula", "by", "period", "first", "end"),
    [
        # A year ago: the year's own length, 29 February among the days and not.
        ("prior(revenue, 1 year)", "month", "2026", "2025-01-01", "2026-01-01"),
        ("prior(revenue, 1 year)", "day", "2024-02-29", "2023-02-28", "2023-03-01"),
        ("prior(revenue, 1 year)", "day", "2025-02-28", "2024-02-28", "2024-02-29"),
        ("prior(revenue, 1 year)", "day", "2025-03-01", "2024-03-01", "2024-03-02"),
        ("prior(revenue, 1 year)", "month", "2025-02", "2024-02-01", "2024-03-01"),
        ("prior(revenue, 4 quarters)", "quarter", "2026-Q1", "2025-01-01", "2025-04-01"),
        ("prior(revenue, 1 period)", "quarter", "2026-Q1", "2025-10-01", "2026-01-01"),
        # Months of 31 days, and those that are shorter.
        ("prior(revenue, 1 month)", "day", "2026-03-29..2026-04-01", "2026-02-28", "2026-03-01"),
        ("prior(revenue, 1 month)", "day", "2026-03-31..2026-04-02", "2026-02-28", "2026-03-02"),
        ("prior(revenue, 1 month)", "month", "2026-03", "2026-02-01", "2026-03-01"),
        ("rolling(revenue, 1 month)", "day", "2026-03-31", "2026-03-01", "2026-04-01"),
        ("rolling(revenue, 1 month)", "day", "2026-03-30", "2026-02-28", "2026-03-31"),
        ("rolling(revenue, 28 days)", "month", "2026", "2026-01-04", "2027-01-01"),
        ("rolling(revenue, 31 days)", "month", "2026-02", "2026-01-29", "2026-03-01"),
        # Weeks across years.
        ("prior(revenue, 1 week)", "week", "2026-W01", "2025-12-22", "2025-12-29"),
        ("prior(revenue, 52 weeks)", "week", "2026-W01", "2024-12-30", "2025-01-06"),
        ("prior(revenue, 1 week)", "week", "2026-01", "2025-12-25", "2026-01-25"),
        ("rolling(revenue, 4 weeks)", "week", "2026-W02", "2025-12-15", "2026-01-12"),
        ("to_date(revenue, year)", "week", "2026-W02", "2026-01-01", "2026-01-12"),
        # Since the beginning, and for good.
        ("to_date(revenue, year)", "month", "2026-06", "2026-01-01", "2026-07-01"),
        ("to_date(revenue, month)", "day", "2026-06-15..2026-07-02", "2026-06-01", "2026-07-02"),
        ("cumulative(revenue)", "month", "2026-06", None, "2026-07-01"),
        ("opening(revenue)", "month", "2026-06", None, "2026-06-01"),
        ("during(revenue, 2024-03-05, 2024-04-01)", "month", "2026", "2024-03-05", "2024-04-01"),
        # One change inside another.
        ("prior(rolling(revenue, 3 months), 1 year)", "month", "2026-06", "2025-04-01", "2025-07-01"),
        ("rolling(prior(revenue, 1 year), 2 months)", "month", "2026-01", "2024-12-01", "2025-02-01"),
        ("prior(to_date(revenue, year), 1 year)", "day", "2024-02-29", "2023-01-01", "2023-03-01"),
        ("prior(cumulative(revenue), 1 month)", "month", "2026-06", None, "2026-06-01"),
        # A period that begins and ends within buckets cuts their windows.
        ("prior(revenue, 7 days)", "month", "2026-01-15..2026-03-10", "2026-01-08", "2026-03-03"),
        ("rolling(revenue, 7 days)", "month", "2026-01-15..2026-03-10", "2026-01-25", "2026-03-10"),
        # Rows that stand beside pieces, and values that are held.
        ("rolling(middle, 28 days)", "month", "2026", "2026-01-04", "2027-01-01"),
        ("prior(middle, 1 year)", "month", "2026", "2025-01-01", "2026-01-01"),
        ("rolling(customers, 28 days)", "month", "2026", "2026-01-04", "2027-01-01"),
        ("to_date(customers, year)", "month", "2026-06", "2026-01-01", "2026-07-01"),
        ("cumulative(customers)", "month", "2026-06", None, "2026-07-01"),
        ("prior(customers, 1 year)", "month", "2026-06", "2025-06-01", "2025-07-01"),
        # Buckets that `per` adds.
        ("avg(rolling(revenue, 28 days) per day)", "month", "2026-02", "2026-01-05", "2026-03-01"),
        (
            "count(orders where customer in rolling(values(orders.customer), 2 months))",
            "day",
            "2026-06-15",
            "2026-04-16",
            "2026-06-16",
        ),
    ],
)
def test_a_known_period_is_read_for_its_windows(
    tmp_path: Path, formula: str, by: str, period: str, first: str | None, end: str
) -> None:
    found = read(project(tmp_path), formula, by=by, period=period)
    assert (first, end) in found
    own = {("2026-06-15", "2026-06-16")} if "values" in formula else set()
    assert found - own == {(first, end)}


@pytest.mark.parametrize(
    ("formula", "by", "period", "first", "end"),
    [
        ("prior(revenue, 1 year)", "fiscal_quarter", "2026-04-01..2026-07-01", "2025-04-01", "2025-07-01"),
        ("prior(revenue, 1 year)", "fiscal_year", "2026-04-01..2027-04-01", "2025-04-01", "2026-04-01"),
        ("to_date(revenue, fiscal_year)", "month", "2026-02-01..2026-06-01", "2025-04-01", "2026-06-01"),
        ("to_date(revenue, fiscal_quarter)", "month", "2026-05", "2026-04-01", "2026-06-01"),
        # Weeks begin on Sunday: that of 1 January 2026 on 28 December.
        ("to_date(revenue, week)", "day", "2026-01-01", "2025-12-28", "2026-01-02"),
        ("prior(revenue, 1 week)", "week", "2025-12-28..2026-01-04", "2025-12-21", "2025-12-28"),
    ],
)
def test_buckets_are_cut_where_the_project_cuts_them(
    tmp_path: Path, formula: str, by: str, period: str, first: str, end: str
) -> None:
    assert read(project(tmp_path, FISCAL), formula, by=by, period=period) == {(first, end)}


def test_windows_that_share_pieces_are_read_together(tmp_path: Path) -> None:
    """Those that meet for all days of both, those that lie apart for no day in between."""
    of = project(tmp_path)
    asked = {"by": "day", "period": "2026-03-01..2026-04-01"}
    meeting = "rolling(revenue, 28 days) / prior(rolling(revenue, 28 days), 1 month)"
    assert read(of, meeting, **asked) == {("2026-01-05", "2026-04-01")}
    plan = print_plan(planned(of, "growth(rolling(revenue, 28 days), 1 year)", **asked).plan)
    (found,) = (line.strip() for line in plan.splitlines() if line.strip().startswith("Filter"))
    assert found == (
        "Filter (((orders.day >= 2025-02-02) and (orders.day < 2025-04-01)) "
        "or ((orders.day >= 2026-02-02) and (orders.day < 2026-04-01)))"
    )
    since = "rolling(revenue, 28 days) / cumulative(revenue)"
    assert read(of, since, **asked) == {(None, "2026-04-01")}


def test_what_begins_with_the_period_is_read_from_there(tmp_path: Path) -> None:
    of = project(tmp_path)
    assert read(of, "growth(revenue, 1 year)", by="month", period="2026-06") == {
        ("2026-06-01", "2026-07-01"),
        ("2025-06-01", "2025-07-01"),
    }


def test_without_a_period_all_is_read(tmp_path: Path) -> None:
    of = project(tmp_path)
    assert read(of, "growth(revenue, 1 year)", by="month") == set()
    assert read(of, "rolling(middle, 28 days)", by="month") == set()


def test_a_period_relative_to_the_instant_is_known(tmp_path: Path) -> None:
    of = project(tmp_path)
    asked: dict[str, Any] = {"by": "day", "period": "last 28 days", "as_of": "2026-08-15"}
    assert read(of, "prior(revenue, 1 week)", **asked) == {("2026-07-11", "2026-08-08")}


def test_the_bucket_that_is_cut_is_read_for_what_it_has(tmp_path: Path) -> None:
    """March has fourteen days, and is compared with as many of February."""
    of = project(tmp_path)
    asked: dict[str, Any] = {"by": "month", "period": "2026", "as_of": "2026-03-15"}
    assert read(of, "prior(revenue, 1 month)", **asked) == {("2025-12-01", "2026-02-15")}
    # That no row exists after the instant is known anyway.
    assert read(of, "rolling(revenue, 28 days)", **asked) == {("2026-01-04", None)}


def test_a_bucket_that_is_cut_within_a_day_is_read_beside_the_others(tmp_path: Path) -> None:
    of = project(tmp_path)
    asked: dict[str, Any] = {"by": "month", "period": "2026", "as_of": "2026-03-15 14:30"}
    plan = print_plan(planned(of, "prior(revenue, 1 month)", **asked).plan)
    found = [line.partition("Filter ")[2] for line in plan.splitlines() if "Filter" in line]
    exists = "(not(orders.day >= 2026-03-15T14:30:00+00:00)) and "
    assert found == [
        exists + "(orders.day >= 2025-12-01) and (orders.day < 2026-03-01)",
        exists + "(orders.day >= 2026-02-01) and (orders.day < 2026-02-15T14:30:00+00:00)",
    ]


# windows worked out bucket by bucket

MOVES = (
    "prior({}, 1 year)",
    "prior({}, 5 months)",
    "prior({}, 1 month)",
    "prior({}, 45 days)",
    "rolling({}, 28 days)",
    "rolling({}, 1 month)",
    "rolling({}, 2 years)",
    "to_date({}, month)",
    "to_date({}, year)",
    "to_date({}, fiscal_quarter)",
    "to_date({}, week)",
    "prior({}, 13 days)",
    "cumulative({})",
    "opening({})",
    "during({}, 2024-02-29, 2024-03-02)",
)


def test_as_each_bucket_has_it(tmp_path: Path) -> None:
    """No window of any bucket reaches further, and those of the first and the last one reach as far."""
    of, dice, exact = project(tmp_path, FISCAL), random.Random(318), 0
    for _ in range(400):
        grain = dice.choice(("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"))
        formula = dice.choice(("revenue", "middle", "customers"))
        for _ in range(dice.choice((1, 1, 2, 3))):
            formula = dice.choice(MOVES).format(formula)
        first = date(2023, 1, 1) + timedelta(days=dice.randrange(1200))
        end = first + timedelta(days=dice.choice((1, 2, 7, 30, 31, 59, 92, 365, 366)))
        sink = Sink()
        text = query_text([f"x = {formula}"], by=grain, period=f"{first}..{end}")
        found = plan_query(of, text, sink)
        if found is None:
            assert {d.code for d in sink.diagnostics()} <= {"window/week-by-months", "window/unbounded"}
            continue
        (leaf,) = found.leaves.leaves
        assert isinstance(leaf, Leaf)
        if leaf.window is None:
            continue
        bounds, project_of = leaf.window.bounds, of.project
        days = [first + timedelta(days=n) for n in range((end - first).days)]
        buckets = {bucket_of_day(GRAINS[grain], one, project_of.cut) for one in days}
        starts, ends = (
            [None if bound is None else _worked_out(bound, bucket, project_of) for bucket in buckets]
            for bound in (bounds.start, bounds.end)
        )
        lines = print_plan(found.plan).splitlines()
        filters = [dict(_END.findall(line)) for line in lines if line.strip().startswith("Filter")]
        assert filters, (formula, grain, first, end)
        for own in filters:
            told = (own.get(">="), own.get("<"))
            least = None if None in starts else str(min(one for one in starts if one is not None))
            greatest = str(max(one for one in ends if one is not None))
            where = (formula, grain, str(first), str(end), told, least, greatest)
            assert (told[0] is None) == (least is None), where
            assert told[0] is None or least is None or told[0] <= least, where
            assert told[1] is not None, where
            assert told[1] >= greatest, where
            if "case" not in _ops(bounds):
                exact += 1
                assert told == (least, greatest), where
    assert exact > 200


def _worked_out(bound: Bound, bucket: date, of: Project) -> date:
    """Return a bound in one bucket."""
    match bound:
        case Constant(value=date() as known):
            return known
        case KeyValue():
            return bucket
        case Apply(op="add_days" | "add_months" as op, args=(inner, Constant(value=int() as amount))):
            return moved_date(op, _worked_out(inner, bucket, of), amount)
        case Apply(op="bucket", args=(Constant(value=str() as grain), inner)):
            return bucket_of_day(GRAINS[grain], _worked_out(inner, bucket, of), of.cut)
        case Apply(op="least", args=args):
            return min(_worked_out(arg, bucket, of) for arg in args)
        case Apply(op="greatest", args=args):
            return max(_worked_out(arg, bucket, of) for arg in args)
        case Apply(op="case", args=(test, one, other)):
            return _worked_out(one if _holds(test, bucket, of) else other, bucket, of)
        case _:
            raise AssertionError(f"{bound} in a window of days")


def _holds(test: Bound, bucket: date, of: Project) -> bool:
    match test:
        case Apply(op="and", args=parts):
            return all(_holds(part, bucket, of) for part in parts)
        case Apply(op="=", args=(Apply(op="day", args=(inner,)), Constant(value=int() as wanted))):
            return _worked_out(inner, bucket, of).day == wanted
        case _:
            raise AssertionError(f"{test} in a window of days")


def _ops(bounds: Bounds) -> set[str]:
    found: set[str] = set()
    stack: list[Bound | None] = [bounds.start, bounds.end]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply):
            found.add(node.op)
            stack.extend(node.args)
    return found


# instants

ZONES = ("UTC", "Europe/Paris", "America/St_Johns", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata")


@pytest.mark.parametrize("zone", ZONES)
def test_instants_lie_between_midnights(tmp_path: Path, zone: str) -> None:
    """An instant, and what is later or a day further, lies between the midnights told, clocks or not."""
    of = project(tmp_path, f"timezone: {zone}\n").project
    extents, clock, dice = Extents(of), BoundArithmetic(of), random.Random(318)
    around = [change.at for change in changes(zone, 2004, 2012)] or [datetime(2009, 11, 1, tzinfo=UTC)]

    def check(extent: Extent, bound: Bound) -> None:
        assert isinstance(bound, Constant)
        moment = clock.moment(bound)
        assert extent.first is not None
        assert extent.last is not None
        assert clock.moment(day(extent.first)) <= moment <= clock.moment(day(extent.last)), (moment, extent)

    for _ in range(600):
        moment = dice.choice(around) + timedelta(
            minutes=dice.randrange(-2000, 2000), seconds=dice.randrange(60)
        )
        known = instant(moment)
        check(extents.of(known, {}), known)
        seconds = Decimal(dice.choice((1, -1, 3600, -3600, 86_400, -86_400, 100_000, -2_000_000))) - Decimal(
            "0.000001"
        )
        later = Apply("add_seconds", (known, Constant(seconds, SECONDS)), IN_UTC)
        check(extents.of(later, {}), instant(moment + timedelta(microseconds=int(seconds * 1_000_000))))
        # The hours of the local day that holds the instant are its keys.
        local = clock.day_of(known)
        assert isinstance(local, Constant)
        assert isinstance(local.value, date)
        hour = KeyValue(Grain("hour"), IN_UTC)
        spine = Spine(
            Days(local.value, local.value, None, (), 3600),
            (KeySlot(Slot("k_hour", IN_UTC), DAY),),
            (Grain("hour"),),
        )
        keys = extents._buckets(spine)
        check(keys[Grain("hour")], known)
        for op, amount in (("add_days", -7), ("add_days", 1), ("add_months", -1), ("add_months", -12)):
            moved = Apply(
                "add_seconds",
                (Apply(op, (hour, Constant(amount, INTEGER)), TIMESTAMP), Constant(0, INTEGER)),
                IN_UTC,
            )
            add = clock.add_days if op == "add_days" else clock.add_months
            check(extents.of(moved, keys), add(known, amount))
        month = Apply("bucket", (Constant("month", TEXT), hour), IN_UTC)
        found = extents.of(month, keys)
        assert found.first is not None
        assert found.last is not None
        assert found.first <= local.value.replace(day=1) <= found.last
