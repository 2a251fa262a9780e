"""Changes of zones that are joined, a row of each year: in the words of Teradata and Drill on PostgreSQL.

See `test_teradata` and `test_drill`. What is expected is that of Python's zones, as in `test_zones`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpidsl.compiler import CompiledQuery
from kpidsl.engines.errors import EngineError
from kpidsl.model.types import INTEGER, TIMESTAMP
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.dialects.reparsed import written
from tests.sql import test_drill, test_teradata
from tests.sql.test_zones import DEFINITIONS, PAIRS, Row, expected, hour_of, in_utc, local_of, rows_around

SPOKEN = {"teradata": test_teradata, "drill": test_drill}
MORE = [("UTC", "Africa/Casablanca"), ("America/New_York", "Africa/Casablanca"), (None, "Africa/Casablanca")]
# Its clocks changed four times in 2012.
CASABLANCA = ("2012-04-29", "2012-07-20", "2012-08-20", "2012-09-30", "2013-01-01")
BEFORE_1970 = ("1960-01-01", "1965-04-25", "1965-10-31", "1969-12-31")

in_each = pytest.mark.parametrize("dialect", SPOKEN)

Pair = tuple[str | None, str]


def asked(
    dialect: str, folder: Path, pair: Pair, rows: list[Row], *by: str, years: str = "2005..2030", **query: Any
) -> Iterator[list[Any]]:
    """Yield the sums of ids by each of some grains."""
    held, zone = pair
    declared = f", timezone: {held}" if held else ""
    settings = f"timezone: {zone}\nzone_years: {years}\n"
    project = answers.checked(answers.write_project(folder, settings, DEFINITIONS.format(held=declared)))
    table = (("visits",), [("id", INTEGER), ("seen_at", TIMESTAMP)], rows)
    with answers.loaded("postgres", [table]) as connection:
        for function in SPOKEN[dialect].FUNCTIONS:
            connection.fetch(function)
        for name in by:
            plan, wrong = answers.plan(project, {"kpis": ["ids"], "by": [name], **query})
            assert plan is not None, wrong
            found = written(plan, dialect)
            assert found is not None
            compiled = CompiledQuery(plan, DIALECTS["postgres"], SPOKEN[dialect].in_postgres(found[0]))
            yield [tuple(map(in_utc, row)) for row in answers.answer(compiled, connection)[1]]


def every_quarter(days: tuple[str, ...]) -> list[Row]:
    """Rows around days, with fractions of seconds at their edges, and one without a time."""
    found: list[datetime | None] = [None]
    for day in map(datetime.fromisoformat, days):
        for step in range(4 * 60):
            moment = day + timedelta(minutes=15 * step - 30 * 60)
            found += [moment, moment + timedelta(minutes=14, seconds=59, microseconds=999_999)]
    return list(enumerate(found, start=1))


def compare(dialect: str, folder: Path, pair: Pair, rows: list[Row], years: str = "2005..2030") -> None:
    days, hours, parts = asked(dialect, folder, pair, rows, "day", "hour", "hour_of_day", years=years)
    assert days == expected(rows, lambda m: local_of(m, *pair).date())
    assert hours == expected(rows, lambda m: hour_of(m, *pair))
    assert parts == expected(rows, lambda m: local_of(m, *pair).hour)


@pytest.mark.asks("postgres")
@in_each
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-to-{pair[1]}")
def test_days_and_hours_around_changes(dialect: str, pair: Pair, tmp_path: Path) -> None:
    compare(dialect, tmp_path, pair, rows_around(*pair))


@pytest.mark.asks("postgres")
@in_each
@pytest.mark.parametrize("pair", MORE, ids=lambda pair: f"{pair[0]}-to-{pair[1]}")
def test_several_changes_in_a_year(dialect: str, pair: Pair, tmp_path: Path) -> None:
    compare(dialect, tmp_path, pair, every_quarter(CASABLANCA))


@pytest.mark.asks("postgres")
@in_each
@pytest.mark.parametrize("pair", [("UTC", "America/New_York"), ("America/New_York", "Europe/Paris")])
def test_times_before_1970(dialect: str, pair: Pair, tmp_path: Path) -> None:
    compare(dialect, tmp_path, pair, every_quarter(BEFORE_1970), "1950..2030")


@pytest.mark.asks("postgres")
@in_each
def test_the_first_and_the_last_instant_of_the_years(dialect: str, tmp_path: Path) -> None:
    ends = datetime(2005, 1, 1), datetime(2030, 12, 31, 23, 59, 59, 999_999)
    rows: list[Row] = list(enumerate(ends, start=1))
    (days,) = asked(dialect, tmp_path, ("UTC", "Europe/Paris"), rows, "day")
    assert days == [(date(2005, 1, 1), 1), (date(2031, 1, 1), 2)]


@pytest.mark.asks("postgres")
@in_each
@pytest.mark.parametrize("by", ["day", "hour", "hour_of_day"])
# Kolkata's clocks do not change: its few pieces stand in a CASE.
@pytest.mark.parametrize(
    "pair", [("UTC", "Europe/Paris"), ("America/New_York", "Europe/Paris"), ("UTC", "Asia/Kolkata")]
)
@pytest.mark.parametrize("moment", [datetime(2004, 12, 31, 23, 59, 59, 999_999), datetime(2031, 1, 1)])
def test_an_instant_outside_the_years_fails(
    dialect: str, moment: datetime, pair: Pair, by: str, tmp_path: Path
) -> None:
    rows: list[Row] = [(1, datetime(2026, 1, 1, 12)), (2, moment)]
    with pytest.raises(EngineError, match="division by zero"):
        list(asked(dialect, tmp_path, pair, rows, by))
    assert [len(found) for found in asked(dialect, tmp_path, pair, rows, by, period="2026")] == [1]


@pytest.mark.asks("postgres")
@in_each
@pytest.mark.parametrize("period", ["2006-01-01..2031-01-01", "2006-01-01..2030-07-01"])
def test_many_years_of_a_period(dialect: str, period: str, tmp_path: Path) -> None:
    pair = ("UTC", "Europe/Paris")
    rows = [*rows_around(*pair), (-1, datetime(2005, 12, 31, 22, 59, 59)), (-2, datetime(1999, 1, 1))]
    inside = [(n, m) for n, m in rows if m is not None and n > 0]
    (days,) = asked(dialect, tmp_path, pair, rows, "day", period=period)
    assert days == expected(inside, lambda m: local_of(m, *pair).date())
