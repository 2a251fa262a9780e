"""Times computed by the engines, against Python's own calendar: many drawn rows, two zones, every plan."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import answers

DEFINITIONS = """
datasets:
  jobs:
    table: jobs
    key: id
    columns:
      id: integer
      a: timestamp
      b: timestamp
      u: {type: timestamp, timezone: UTC}
      v: {type: timestamp, timezone: America/New_York}
      d: date
      e: date
      days: {type: integer, unit: day}
      months: {type: integer, unit: month}
      seconds: {type: "decimal(16,6)", unit: second}
"""
COLUMNS = [
    ("id", "integer"), ("a", "timestamp"), ("b", "timestamp"), ("u", "timestamp"), ("v", "timestamp"),
    ("d", "date"), ("e", "date"), ("days", "integer"), ("months", "integer"), ("seconds", "decimal(16,6)"),
]  # fmt: skip
Row = dict[str, Any]
CLOCK_CHANGES = [
    datetime(2026, 3, 29, 2),
    datetime(2026, 10, 25, 2),
    datetime(2026, 3, 8, 2),
    datetime(2026, 11, 1, 1),
]


def rows(zone: str) -> list[Row]:
    dice = random.Random(7)

    def moment() -> datetime:
        if dice.random() < 0.5:
            start = dice.choice(CLOCK_CHANGES) + timedelta(minutes=dice.randrange(-180, 180))
        else:
            start = datetime(1971, 1, 1) + timedelta(seconds=dice.randrange(2_100_000_000))
        if zone == "UTC" and dice.random() < 0.1:
            start = datetime(1931, 5, 6, 7, 8, 9)
        return start + timedelta(
            microseconds=dice.choice([0, 1, 500_000, 999_999, dice.randrange(1_000_000)])
        )

    def day() -> date:
        return date(2023, 12, 25) + timedelta(days=dice.randrange(800))

    found: list[Row] = []
    for number in range(300):
        row: Row = {
            "id": number,
            "a": moment(),
            "b": moment(),
            "u": moment(),
            "v": moment(),
            "d": day(),
            "e": day(),
        }
        row |= {
            "days": dice.randrange(-40, 40),
            "months": dice.randrange(-30, 30),
            "seconds": Decimal(dice.randrange(-(10**9), 10**9)).scaleb(-dice.choice([0, 3, 6])),
        }
        found.append(row)
    nulls: Row = dict.fromkeys(row, None)
    return [*found, nulls | {"id": 300}, found[0] | {"id": 301, "a": None, "d": None, "days": None}]


def instant(moment: object, zone: str) -> datetime:
    """Return a local time as an instant: the earlier of two; one that does not exist shifts forward."""
    assert isinstance(moment, datetime)
    return moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def months_later(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    last = (date(at // 12 + (at % 12 == 11), (at + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return day.replace(day=1).replace(year=at // 12, month=at % 12 + 1, day=min(day.day, last))


def elapsed(end: datetime, start: datetime) -> Decimal:
    return Decimal((end - start) // timedelta(microseconds=1)).scaleb(-6)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


Truth = Callable[[Row, str], object]

FORMULAS: dict[str, Truth] = {
    "jobs.b - a": lambda r, z: elapsed(instant(r["b"], z), instant(r["a"], z)),
    "jobs.u - a": lambda r, z: elapsed(instant(r["u"], "UTC"), instant(r["a"], z)),
    "jobs.v - u": lambda r, _: elapsed(instant(r["v"], "America/New_York"), instant(r["u"], "UTC")),
    "jobs.a - d": lambda r, z: elapsed(
        instant(r["a"], z), instant(datetime.combine(r["d"], datetime.min.time()), z)
    ),
    "jobs.e - d": lambda r, _: (r["e"] - r["d"]).days,
    "jobs.d + 3 days": lambda r, _: r["d"] + timedelta(days=3),
    "jobs.d + days": lambda r, _: r["d"] + timedelta(days=r["days"]),
    "jobs.d - days": lambda r, _: r["d"] - timedelta(days=r["days"]),
    "jobs.d + 1 month": lambda r, _: months_later(r["d"], 1),
    "jobs.d - 1 year": lambda r, _: months_later(r["d"], -12),
    "jobs.d + months": lambda r, _: months_later(r["d"], r["months"]),
    "jobs.a + 2 days": lambda r, _: r["a"] + timedelta(days=2),
    "jobs.a - days": lambda r, _: r["a"] - timedelta(days=r["days"]),
    "jobs.a + 1 month": lambda r, _: datetime.combine(months_later(r["a"].date(), 1), r["a"].time()),
    "jobs.a - months": lambda r, _: datetime.combine(
        months_later(r["a"].date(), -r["months"]), r["a"].time()
    ),
    "jobs.a + 90 minutes": lambda r, z: local(instant(r["a"], z) + timedelta(minutes=90), z),
    "jobs.a - 0.5 seconds": lambda r, z: local(instant(r["a"], z) - timedelta(seconds=0.5), z),
    "jobs.a + seconds": lambda r, z: local(
        instant(r["a"], z) + timedelta(microseconds=int(r["seconds"].scaleb(6))),
        z,
    ),
    "jobs.u + 3 hours": lambda r, z: local(instant(r["u"], "UTC") + timedelta(hours=3), z),
    "jobs.d + 6 hours": lambda r, z: local(
        instant(datetime.combine(r["d"], datetime.min.time()), z) + timedelta(hours=6),
        z,
    ),
    "date_diff(day, jobs.a, b)": lambda r, _: (r["b"].date() - r["a"].date()).days,
    "date_diff(day, jobs.u, a)": lambda r, z: (r["a"].date() - local(instant(r["u"], "UTC"), z).date()).days,
    "date_diff(week, jobs.d, e)": lambda r, _: (monday(r["e"]) - monday(r["d"])).days // 7,
    "date_diff(month, jobs.a, e)": lambda r, _: (
        (r["e"].year - r["a"].year) * 12 + r["e"].month - r["a"].month
    ),
    "date_diff(quarter, jobs.d, e)": lambda r, _: (
        (r["e"].year - r["d"].year) * 4 + (r["e"].month - 1) // 3 - (r["d"].month - 1) // 3
    ),
    "date_diff(year, jobs.d, e)": lambda r, _: r["e"].year - r["d"].year,
    "date_trunc(month, jobs.a)": lambda r, _: r["a"].date().replace(day=1),
    "date_trunc(week, jobs.d)": lambda r, _: monday(r["d"]),
}
"""Each formula with what it must give, over rows whose values are all there."""


@pytest.mark.parametrize("engine", answers.ENGINES_HERE)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris"])
def test_times_are_those_of_the_calendar(tmp_path: Path, zone: str, engine: str) -> None:
    settings = f"timezone: {zone}\nzone_years: 1900..2100\n"
    project = answers.checked(answers.write_project(tmp_path, settings, DEFINITIONS))
    drawn = rows(zone)
    types = [(name, answers.type_named(kind)) for name, kind in COLUMNS]
    table = (("jobs",), types, [[row[name] for name, _ in COLUMNS] for row in drawn])
    kpis = [f"k{n} = max({formula})" for n, formula in enumerate(FORMULAS)]
    for strategy in answers.STRATEGIES:
        compiled, wrong = answers.ask(project, {"kpis": kpis, "by": ["jobs.id"]}, engine, strategy)
        assert compiled is not None, [d.message for d in wrong]
        with answers.loaded(engine, [table]) as connection:
            _, found = answers.answer(compiled, connection)
        for row, (number, *values) in zip(drawn, found, strict=True):
            assert row["id"] == number
            for value, (formula, truth) in zip(values, FORMULAS.items(), strict=True):
                assert value == _true(truth, row, zone), (formula, row)


def _true(truth: Truth, row: Row, zone: str) -> object:
    try:
        return truth(row, zone)
    except (TypeError, AttributeError, AssertionError):
        return None
