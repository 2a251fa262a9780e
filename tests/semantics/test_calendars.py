"""Calendars: names that are taken, columns that are not there, days that are missing or stand twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpidsl.checking import load
from kpidsl.cli.main import main
from kpidsl.diagnostics import Sink
from kpidsl.engines import connect
from kpidsl.model.types import DATE, INTEGER, TEXT, Type
from kpidsl.testing import run_tests
from tests import answers

DEFINITIONS = """
calendars:
  retail:
    table: ref.retail_days
    day: calendar_date
    columns: {calendar_date: date, week_key: text, period_key: {type: text, column: Period}}
    grains: {retail_week: week_key, retail_month: period_key}
datasets:
  orders:
    table: orders
    key: id
    time: ordered_on
    columns: {id: integer, ordered_on: date, shipped_on: date}
dimensions:
  shipping:
    type: date
    from: {orders: shipped_on}
metrics:
  ids:
    formula: sum(orders.id)
    tests:
      - name: by retail week
        rows:
          retail:
            - {calendar_date: 2026-01-31, week_key: a}
            - {calendar_date: 2026-02-01, week_key: a}
          orders:
            - {id: 1, ordered_on: 2026-02-01}
            - {id: 2, ordered_on: 2026-02-02}
        query: {by: [retail_week]}
        expect:
          - {retail_week: 2026-01-31, ids: 1}
          - {ids: 2}
"""


def codes(folder: Path, definitions: str) -> list[str]:
    sink = Sink()
    load(answers.write_project(folder, "", definitions), sink)
    return [d.code for d in sink.diagnostics()]


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ("retail_week: week_key", "week: week_key", "name/reserved"),
        ("retail_week: week_key", "weekday: week_key", "name/reserved"),
        ("retail_week: week_key", "shipping: week_key", "name/duplicate"),
        ("retail_week: week_key", "retail_week: week_kye", "name/unknown"),
        ("day: calendar_date", "day: calendar_day", "name/unknown"),
        ("day: calendar_date", "day: week_key", "calendar/day"),
        ("  retail:\n", "  orders:\n", "name/duplicate"),
        ("calendar_date: date,", "calendar_date: dat,", "type/unknown"),
        ("    table: ref.retail_days\n", "", "dataset/source"),
        ("    table: ref.retail_days\n", "    table: a.b.c.d\n", "dataset/table-name"),
        ("    grains: {retail_week: week_key, retail_month: period_key}\n", "", "calendar/no-grains"),
        ("    grains: {", "    comparable: week_key\n    grains: {", "calendar/day"),
        ("    grains: {", "    comparable: other\n    grains: {", "name/unknown"),
        ("sum(orders.id)", '"prior(sum(orders.id), 1 year comparable)"', "window/no-comparable-days"),
    ],
)
def test_what_is_wrong_with_a_calendar(written: str, instead: str, code: str, tmp_path: Path) -> None:
    assert codes(tmp_path, DEFINITIONS.replace(written, instead, 1))[0] == code


def test_two_calendars_share_no_grain(tmp_path: Path) -> None:
    other = "  other:\n    table: o\n    day: d\n    columns: {d: date}\n    grains: {retail_week: d}\ndatasets:\n"
    assert codes(tmp_path, DEFINITIONS.replace("datasets:\n", other, 1)) == ["name/duplicate"]


def test_comparable_days_are_those_of_one_calendar(tmp_path: Path) -> None:
    first = DEFINITIONS.replace("    grains: {", "    comparable: calendar_date\n    grains: {", 1)
    other = "  other:\n    table: o\n    day: d\n    comparable: d\n    columns: {d: date}\ndatasets:\n"
    assert codes(tmp_path, first) == []
    assert codes(tmp_path, first.replace("datasets:\n", other, 1)) == ["calendar/second-comparable"]


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("prior(sum(orders.id), 2 years comparable)", "window/amount"),
        ("prior(sum(orders.id), 12 months comparable)", "window/amount"),
        ("prior(sum(orders.id), 1.0 year comparable)", "window/amount"),
        ("rolling(sum(orders.id), 1 year comparable)", "function/modifier"),
        ("sum(orders.id comparable)", "function/modifier"),
        ("prior(sum(orders.id), 1 year comparable comparable)", "function/modifier"),
    ],
)
def test_where_comparable_days_mean_nothing(formula: str, code: str, tmp_path: Path) -> None:
    definitions = DEFINITIONS.replace("    grains: {", "    comparable: calendar_date\n    grains: {", 1)
    assert codes(tmp_path, definitions.replace("sum(orders.id)", f'"{formula}"', 1)) == [code]


def told_of_days(
    folder: Path,
    engine: str,
    days: list[list[date | str | None]],
    capsys: pytest.CaptureFixture[str],
    *more: tuple[str, Type],
) -> tuple[object, str]:
    """Return how `check --connection` ends on a calendar of these days, and what it says."""
    url = f"{engine}:///{folder / f'data.{engine}'}"
    with connect(url, base=folder, read_only=False) as connection:
        columns = [("calendar_date", DATE), ("week_key", TEXT), ("Period", TEXT), *more]
        connection.create_table(("retail_days",), columns, days)
        orders = [("id", INTEGER), ("ordered_on", DATE), ("shipped_on", DATE)]
        connection.create_table(("orders",), orders, [])
    with pytest.raises(SystemExit) as ended:
        main(["check", "--project", str(folder), "--connection", url])
    shown = capsys.readouterr()
    return ended.value.code, " ".join((shown.out + shown.err).split())


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_check_warns_of_comparable_days(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definitions = DEFINITIONS.replace("ref.retail_days", "retail_days")
    definitions = definitions.replace("    grains: {", "    comparable: like\n    grains: {", 1)
    definitions = definitions.replace("{calendar_date: date, ", "{calendar_date: date, like: date, ", 1)
    folder = answers.write_project(tmp_path, "", definitions)
    like = [None, 1, 2, None, 2, 3, None]
    days = [
        [date(2026, 1, place), "w", "p", None if day is None else date(2025, 1, day)]
        for place, day in enumerate(like, 1)
    ]
    code, text = told_of_days(folder, engine, days, capsys, ("like", DATE))
    assert code == 0
    assert "warning[data/no-comparable-day]: 1 day of the calendar `retail` compares with none" in text
    assert "for example 2026-01-04" in text
    assert "warning[data/shared-comparable-day]: 1 comparable day of the calendar `retail`" in text
    assert "for example 2025-01-02" in text


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_tests_of_definitions_give_the_calendar_rows(engine: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    sink = Sink()
    (outcome,) = run_tests(project, (), f"{engine}://", sink)
    assert outcome.difference == ()


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_two_grains_and_a_role_of_one_calendar(engine: str, tmp_path: Path) -> None:
    """A bucket is its first day in the calendar, whoever asks for it."""
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    days = [
        [date(2026, 1, 30), "w1", "p1"],
        [date(2026, 1, 31), "W1", "p1"],
        [date(2026, 2, 1), "W1", "p2"],
        [date(2026, 2, 2), "w1", None],
        [None, "w1", "p1"],
    ]
    orders = [
        [2**n, date(2026, 1, 30 + n) if n < 2 else date(2026, 2, n - 1), day]
        for n, day in enumerate(
            [date(2026, 2, 1), date(2026, 1, 31), None, date(2026, 2, 2), date(2026, 2, 9)]
        )
    ]
    tables = [
        (("ref", "retail_days"), [("calendar_date", DATE), ("week_key", TEXT), ("Period", TEXT)], days),
        (("orders",), [("id", INTEGER), ("ordered_on", DATE), ("shipped_on", DATE)], orders),
    ]
    with answers.loaded(engine, tables) as connection:

        def rows(**query: object) -> object:
            compiled, wrong = answers.ask(project, {"kpis": ["ids"], **query}, engine)
            assert compiled is not None, wrong
            return answers.answer(compiled, connection)[1]

        # w1 and W1 are two weeks: text compares by exact characters.
        assert rows(by=["retail_week"]) == [(date(2026, 1, 30), 9), (date(2026, 1, 31), 6), (None, 16)]
        assert rows(by=["retail_month", "retail_week"]) == [
            (date(2026, 1, 30), date(2026, 1, 30), 1),
            (date(2026, 1, 30), date(2026, 1, 31), 2),
            (date(2026, 2, 1), date(2026, 1, 31), 4),
            (None, date(2026, 1, 30), 8),
            (None, None, 16),
        ]
        assert rows(by=["shipping.retail_week"]) == [
            (date(2026, 1, 30), 8),
            (date(2026, 1, 31), 3),
            (None, 20),
        ]
        assert rows(where="shipping.retail_week = 2026-01-31") == [(3,)]


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_check_tells_of_missing_and_double_days(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = answers.write_project(tmp_path, "", DEFINITIONS.replace("ref.retail_days", "retail_days"))
    days = [[date(2026, 1, day), "w", "p"] for day in (1, 2, 2, 5, 7)] + [[None, "w", "p"]]
    code, text = told_of_days(folder, engine, days, capsys)
    assert code == 1
    assert "data/duplicate-day" in text
    assert "for example 2026-01-02" in text
    assert "data/missing-day" in text
    assert "3 days between the first and the last" in text
    assert "for example 2026-01-03" in text


@pytest.mark.parametrize("engine", answers.ENGINES)
def test_check_warns_of_days_that_are_left_out(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A day without a row is warned of; one whose grains are null is left out on purpose."""
    folder = answers.write_project(tmp_path, "", DEFINITIONS.replace("ref.retail_days", "retail_days"))
    days = [[date(2026, 1, 1), "w", "p"], [date(2026, 1, 2), None, None], [date(2026, 1, 4), "w", "p"]]
    code, text = told_of_days(folder, engine, days, capsys)
    assert code in (None, 0)
    assert "warning[data/missing-day]: 1 day between the first and the last is not" in text
    assert "for example 2026-01-03" in text
    assert "with a null `week_key`" in text


def test_weeks_of_comparable_days_are_moved_by_no_months(tmp_path: Path) -> None:
    definitions = DEFINITIONS.replace("    grains: {", "    comparable: calendar_date\n    grains: {", 1)
    project = answers.checked(answers.write_project(tmp_path, "", definitions))
    formula = "before = prior(prior(ids, 1 month), 1 year comparable)"
    _, told = answers.ask(project, {"kpis": [formula], "by": ["week"], "period": "2026"}, "duckdb")
    assert [d.code for d in told] == ["window/week-by-months"]
