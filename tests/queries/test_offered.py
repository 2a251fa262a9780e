"""What a help offers is right: pasted in place of the mistake, it is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.test_rows import check_tests

from .asking import messages, refused, shop

_PASTED = re.compile(r"`([^`]+)`")


def offered(text: str) -> list[str]:
    """Return what a help offers in backticks."""
    return _PASTED.findall(text.splitlines()[1])


@pytest.mark.parametrize(
    "formula",
    [
        "revenue / 3",
        "3 * revenue",
        "3",
        "-revenue",
        "revenue / traffic",
        "revenue + traffic / 3",
        "(revenue + traffic) / 3",
        "revenue - (revenue - traffic)",
        "revenue > 3",
        "case when revenue > 3 then 1 else 2 end",
    ],
)
def test_each_reading_of_a_loose_condition_is_accepted(formula: str, tmp_path: Path) -> None:
    project = shop(tmp_path)
    told = messages(project, f"x = {formula} where channel = 'email'")
    assert told
    for reading in offered(told):
        sink = Sink()
        assert compile_query(project, query_text(f"x = {reading}"), "duckdb", sink) is not None, reading


def test_having_beside_periods_is_offered_the_columns_that_there_are(tmp_path: Path) -> None:
    project = shop(tmp_path)
    periods = ["2025", "2026"]
    for column in offered(messages(project, "revenue", period=periods, having="revenue > 3")):
        query = query_text("revenue", period=periods, having=f"{column} > 3")
        assert compile_query(project, query, "duckdb", Sink()) is not None


@pytest.mark.parametrize("unit", ["EUR", "order", "page_view", "order/day"])
def test_a_quantity_is_offered_in_the_unit_of_the_other_side(unit: str, tmp_path: Path) -> None:
    project = shop(tmp_path, f"metrics:\n  points:\n    formula: sum(orders.minutes)\n    unit: {unit}\n")
    *_, right = offered(messages(project, "points", having="points > 3 seconds"))
    query = query_text("points", having=f"points > {right}")
    assert compile_query(project, query, "duckdb", Sink()) is not None


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("weekday = 'Monday'", ["1"]),
        ("weekday in ('sat.', 'dimanche')", ["6", "7"]),
        ("month_of_year = 'août'", ["8"]),
        ("weekday = 'm'", ["'1'", "1"]),
    ],
)
def test_days_and_months_by_name(condition: str, numbers: list[str], tmp_path: Path) -> None:
    assert offered(messages(shop(tmp_path), "revenue", where=condition)) == numbers


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year", "fiscal_year", "hour"])
def test_a_grain_in_a_condition_is_offered_a_period(grain: str, tmp_path: Path) -> None:
    project = shop(tmp_path)
    assert refused(project, "revenue", where=f"{grain} = 1") == ["filter/not-a-dimension"]
    option, *parts = offered(messages(project, "revenue", where=f"{grain} = 1"))
    query = query_text("revenue", period=option.removeprefix("--period "))
    assert compile_query(project, query, "duckdb", Sink()) is not None
    for part in parts:
        assert refused(project, "revenue", where=f"{part} = 'x'") in (
            ["type/mismatch"],
            ["time/no-time-of-day"],
        )


@pytest.mark.parametrize(
    "word", ["week", "month", "quarter", "year", "weekday", "day_of_month", "fiscal_year"]
)
def test_a_time_word_in_a_row_formula_is_offered_its_function(word: str, tmp_path: Path) -> None:
    project = shop(tmp_path)
    for written in offered(messages(project, f"x = count(orders where {word} = 1)")):
        query = query_text(f"x = max({written.replace('ordered_on', 'orders.ordered_on')})")
        assert compile_query(project, query, "duckdb", Sink()) is not None


def test_numbers_with_marks_between_their_thousands(tmp_path: Path) -> None:
    project = shop(tmp_path)
    for written, right in (
        ("60 000", ["60000"]),
        ("1 234 567", ["1234567"]),
        ("60\u202f000", ["60000"]),
        ("60,000", ["60000", "60.000"]),
        ("1,5", ["1.5"]),
    ):
        assert offered(messages(project, "revenue", having=f"revenue > {written}")) == right


def test_parts_of_a_query_are_pointed_at_where_they_stand(tmp_path: Path) -> None:
    test = "    tests:\n      - {name: a, rows: {}, query: {by: [channel], fill: true}, expect: []}\n"
    more = f"kpis:\n  n:\n    formula: count(orders)\n    label: N\n    direction: up\n    owner: me\n{test}"
    sink = Sink()
    check_tests(shop(tmp_path, more), sink)
    (told,) = sink.diagnostics()
    place = told.primary.span.location()
    assert (told.code, place.path, place.line) == ("query/fill", "definitions/more.yml", 8)
    assert told.primary.span.excerpt() == "true"
    sink = Sink()
    assert compile_query(shop(tmp_path), query_text("revenue", limit=0), "duckdb", sink) is None
    assert sink.diagnostics()[0].primary.span.location().path == "--limit"


def test_a_value_that_changes_nothing_is_warned_of(tmp_path: Path) -> None:
    more = "parameters:\n  least: {type: integer, default: 1}\n  most: {type: integer, default: 9}\n"
    more += "metrics:\n  large: count(orders where amount > least)\n"
    project = shop(tmp_path, more)

    def warned(**parts: object) -> list[str]:
        sink = Sink()
        query = query_text("large", parameters={"least": 2, "most": 3}, **parts)  # type: ignore[arg-type]
        assert compile_query(project, query, "duckdb", sink) is not None
        return [told.message for told in sink.warnings if told.code == "parameter/no-effect"]

    assert ["`most`" in message for message in warned()] == [True]
    assert warned(having="large < most") == []


def test_a_span_of_time_in_a_condition_is_one_mistake(tmp_path: Path) -> None:
    project = shop(tmp_path)
    span = "month >= 2026-01-01 and month < 2026-03-01"
    assert refused(project, "revenue", where=span) == ["filter/not-a-dimension"]
    assert refused(project, "revenue", where=f"{span} and week = 1") == ["filter/not-a-dimension"] * 2
    unknown = refused(project, "revenue", where="month >= first_one and month < last_one")
    assert sorted(unknown) == ["filter/not-a-dimension", "name/unknown", "name/unknown"]
