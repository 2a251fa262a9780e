"""Trino's scalar functions by Velox, which has Presto's: `make test-velox`. It has no SQL, so statements are not asked.

Each form is the dialect's own, over a column or two, and what it should give is told by Python. Velox knows no TIMESTAMP(6):
it is asked for TIMESTAMP, and shows milliseconds. What it does not have is listed, and fails here once it does.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from kpidsl.model.grains import GRAINS, WEEKDAYS, Cut, bucket_of_day
from kpidsl.model.zones import known
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.nodes import Node
from kpidsl.sql.presto_times import PRESTO_TIME_ARITHMETIC, PrestoTimes, clock
from kpidsl.sql.times import LookupTables
from tests.sql.test_converted_times import CHANGES, RARE, around

PYTHON = os.environ.get("KPIDSL_VELOX", "")
TRINO = DIALECTS["trino"]
FORMS, TIMES = TRINO.forms, TRINO.arithmetic
Columns = dict[str, list[Any]]
Check = tuple[str, Columns, list[Any]]

_DAYS = [date(2019, 12, 27) + timedelta(days=11 * n) for n in range(140)]
_ENDS = [date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 31), date(2024, 3, 30)]
_TEXTS = ["Zoé", "", "EU ", "a_b%", "ÀÉ", "😀x"]
_NUMBERS = [2.5, -2.5, 0.125, -0.125, 1e17, 0.0]


def column(name: str) -> Node:
    return exp.Column(this=exp.Identifier(this=name, quoted=False))


X, Y = column("x"), column("y")
DAY, OTHER = nodes.cast(X, "date"), nodes.cast(Y, "date")
MOMENT, END = nodes.cast(X, "timestamp"), nodes.cast(Y, "timestamp")
_MOMENTS = ["2024-02-29 10:11:12.123", "2024-03-31 23:59:59.999", "1969-12-31 23:59:59.5"]


def written(node: Node) -> str:
    return node.sql("trino").replace("TIMESTAMP(6)", "TIMESTAMP")


def as_text(node: Node) -> Node:
    return nodes.cast(node, "text")


def days(values: Sequence[date]) -> Columns:
    return {"x": [str(value) for value in values]}


def check(node: Node, columns: Columns, expected: Sequence[Any]) -> Check:
    return written(node), columns, list(expected)


def _plus_months(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    first_after = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return date(months // 12, months % 12 + 1, min(day.day, (first_after - timedelta(days=1)).day))


def buckets() -> dict[str, Check]:
    cuts = [(grain, Cut()) for grain, rule in GRAINS.items() if not rule.is_instant]
    cuts += [("week", Cut(week_start=day)) for day in WEEKDAYS]
    cuts += [
        (grain, Cut(fiscal_year_start=n)) for grain in ("fiscal_quarter", "fiscal_year") for n in (2, 4, 12)
    ]
    return {
        f"{grain}, {cut.week_start}, {cut.fiscal_year_start}": check(
            as_text(FORMS["bucket_of_date"](GRAINS[grain], cut, DAY)),
            days(_DAYS),
            [str(bucket_of_day(GRAINS[grain], day, cut)) for day in _DAYS],
        )
        for grain, cut in cuts
    }


def parts() -> dict[str, Check]:
    told = {
        "year": lambda day: day.year,
        "quarter": lambda day: (day.month + 2) // 3,
        "month": lambda day: day.month,
        "day": lambda day: day.day,
        "weekday": lambda day: day.isoweekday(),
        "day_of_year": lambda day: day.timetuple().tm_yday,
        "week_of_year": lambda day: day.isocalendar().week,
    }
    return {name: check(FORMS[name](DAY), days(_DAYS), map(tell, _DAYS)) for name, tell in told.items()}


def moved_days() -> dict[str, Check]:
    found = {
        f"{count} months": check(
            as_text(TIMES.add_months(DAY, nodes.integer(count), True)),
            days(_ENDS),
            [str(_plus_months(day, count)) for day in _ENDS],
        )
        for count in (-12, -1, 1, 3, 12)
    }
    found["days"] = check(
        as_text(TIMES.add_days(DAY, nodes.integer(-40), True)),
        days(_ENDS),
        [str(day - timedelta(days=40)) for day in _ENDS],
    )
    pair = days(_ENDS) | {"y": [str(day) for day in reversed(_ENDS)]}
    apart = [(a - b).days for a, b in zip(_ENDS, reversed(_ENDS), strict=True)]
    found["days between"] = check(TIMES.days_between(DAY, OTHER), pair, apart)
    months = [(a.year - b.year) * 12 + a.month - b.month for a, b in zip(_ENDS, reversed(_ENDS), strict=True)]
    found["months between"] = check(TIMES.months_between(DAY, OTHER), pair, months)
    return found


def moments() -> dict[str, Check]:
    given: Columns = {"x": _MOMENTS}
    hour = nodes.call("DATE_TRUNC", nodes.text("hour"), MOMENT)
    hours = [f"{text[:13]}:00:00.000" for text in _MOMENTS]
    return {
        "hour": check(as_text(hour), given, hours),
        "hour of the day": check(FORMS["hour"](MOMENT), given, [10, 23, 23]),
        "day of a moment": check(
            as_text(FORMS["bucket"](GRAINS["day"], Cut(), MOMENT)), given, [text[:10] for text in _MOMENTS]
        ),
        "seconds later": check(
            as_text(TIMES.add_seconds(MOMENT, nodes.integer(-86_400))),
            given,
            ["2024-02-28 10:11:12.123", "2024-03-30 23:59:59.999", "1969-12-30 23:59:59.500"],
        ),
        "half a second later": check(
            as_text(TIMES.add_microseconds(MOMENT, nodes.integer(1_500_000))),
            given,
            ["2024-02-29 10:11:13.623", "2024-04-01 00:00:01.499", "1970-01-01 00:00:01.000"],
        ),
        "whole seconds between": check(
            nodes.call("DATE_DIFF", nodes.text("second"), MOMENT, END),
            {
                "x": ["2024-02-29 10:11:12", "2024-02-29 10:11:12"],
                "y": ["2024-03-01 10:11:12", "2024-02-29 09:11:12"],
            },
            [86_400, -3_600],
        ),
    }


def texts() -> dict[str, Check]:
    given: Columns = {"x": _TEXTS}
    return {
        "lower": check(FORMS["lower"](X), given, map(str.lower, _TEXTS)),
        "upper": check(FORMS["upper"](X), given, map(str.upper, _TEXTS)),
        "length": check(FORMS["length"](X), given, map(len, _TEXTS)),
        "substring": check(
            FORMS["substring"](X, nodes.integer(2), nodes.integer(2)), given, [text[1:3] for text in _TEXTS]
        ),
        "starts with": check(
            FORMS["starts_with"](X, nodes.text("a_")), given, [text.startswith("a_") for text in _TEXTS]
        ),
        "contains": check(FORMS["contains"](X, nodes.text("_")), given, ["_" in text for text in _TEXTS]),
        "contains nothing": check(FORMS["contains"](X, nodes.text("")), given, [True for _ in _TEXTS]),
        "like": check(FORMS["like"](X, "a\\_%"), given, [text.startswith("a_") for text in _TEXTS]),
        "order": check(nodes.compare(exp.LT, X, nodes.text("a")), given, [text < "a" for text in _TEXTS]),
    }


def numbers() -> dict[str, Check]:
    given: Columns = {"x": _NUMBERS}
    return {
        "round": check(FORMS["round_float"](X, 0), given, [3.0, -3.0, 0.0, 0.0, 1e17, 0.0]),
        "round to hundredths": check(FORMS["round_float"](X, 2), given, [2.5, -2.5, 0.13, -0.13, 1e17, 0.0]),
        "floor": check(FORMS["floor_float"](X), given, [2.0, -3.0, 0.0, -1.0, 1e17, 0.0]),
        "ceil": check(FORMS["ceil_float"](X), given, [3.0, -2.0, 1.0, 0.0, 1e17, 0.0]),
        "whole part": check(TIMES.whole_part(X, nodes.integer(3)), {"x": [7, -7, 6]}, [2, -2, 2]),
        "product of decimals": check(
            as_text(nodes.binary(exp.Mul, nodes.cast(X, "decimal(10, 2)"), nodes.cast(Y, "decimal(12, 6)"))),
            {"x": ["1.25", "-0.01"], "y": ["2.500001", "0.000001"]},
            ["3.12500125", "-0.00000001"],
        ),
        "decimal cut by a cast": check(
            as_text(nodes.cast(X, "decimal(10, 2)")), {"x": ["2.345", "-2.345"]}, ["2.35", "-2.35"]
        ),
    }


def presto_zones() -> dict[str, Check]:
    """Return checks of local times and of UTC where clocks change: Presto's times have milliseconds, as Velox shows."""
    found: dict[str, Check] = {}
    for zone, day in CHANGES + RARE:
        times, place = around(day), known(zone)
        made = PrestoTimes(Cut(zone=zone), lambda *_: exp.Null(), LookupTables())
        given: Columns = {"x": [shown(time) for time in times]}
        in_utc = [shown(time.replace(tzinfo=place).astimezone(UTC)) for time in times]
        local = [shown(time.replace(tzinfo=UTC).astimezone(place)) for time in times]
        found[f"{zone}, {day:%Y-%m}, to UTC"] = check(as_text(made.utc(MOMENT, zone)), given, in_utc)
        found[f"{zone}, {day:%Y-%m}, local"] = check(as_text(made.local(MOMENT, "UTC", None)), given, local)
    return found


def shown(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.") + f"{time.microsecond // 1000:03}"


def presto_times() -> dict[str, Check]:
    given: Columns = {
        "x": _MOMENTS,
        "y": ["2024-02-29 10:11:13", "2024-04-01 00:00:00", "1970-01-01 00:00:01.25"],
    }
    return {
        "Presto's clock": check(
            clock(MOMENT), given, ["10:11:12.123000", "23:59:59.999000", "23:59:59.500000"]
        ),
        "Presto's whole seconds between": check(
            PRESTO_TIME_ARITHMETIC.seconds_between(END, MOMENT), given, [0, 0, 1]
        ),
        "Presto's microseconds between": check(
            PRESTO_TIME_ARITHMETIC.elapsed(END, MOMENT).this, given, [877_000, 1_000, 1_750_000]
        ),
    }


CHECKS = (
    buckets() | parts() | presto_zones() | presto_times() | moved_days() | moments() | texts() | numbers()
)

LACKS: dict[str, tuple[Node, Columns]] = {
    "with_timezone": (nodes.call("WITH_TIMEZONE", MOMENT, nodes.text("UTC")), {"x": _MOMENTS}),
    "from_unixtime_nanos": (nodes.call("FROM_UNIXTIME_NANOS", X), {"x": [1]}),
    "||": (FORMS["concat"](X, nodes.text("x")), {"x": _TEXTS}),
    "is distinct from": (FORMS["null_safe"](X, Y), {"x": [1], "y": [1]}),
    "nullif": (exp.Nullif(this=X, expression=nodes.integer(0)), {"x": [1.0]}),
    "round of a decimal": (
        nodes.call("ROUND", nodes.cast(X, "decimal(10, 3)"), nodes.integer(2)),
        {"x": ["2.345"]},
    ),
}
"""What Trino's manual alone tells of."""


@cache
def _answers() -> dict[str, dict[str, Any]]:
    asked = {name: (text, columns) for name, (text, columns, _) in CHECKS.items()}
    asked |= {name: (written(node), columns) for name, (node, columns) in LACKS.items()}
    script = Path(__file__).with_name("velox.py")
    done = subprocess.run(
        [PYTHON, str(script)],
        input=json.dumps(list(asked.values())),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(asked, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", CHECKS)
def test_velox_gives_what_python_does(name: str) -> None:
    assert _answers()[name] == {"values": CHECKS[name][2]}, CHECKS[name][0]


@pytest.mark.parametrize("name", LACKS)
def test_what_velox_lacks_is_known(name: str) -> None:
    assert "error" in _answers()[name]
