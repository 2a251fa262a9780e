"""Arithmetic on times as tables: types, units, what stands in the tree, and what is refused."""

from __future__ import annotations

import pytest

from kpidsl.diagnostics import Sink
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.printing import print_bound
from kpidsl.semantics.queries import check_query
from kpidsl.semantics.unit_facts import text_of
from tests import answers

DEFINITIONS = """
datasets:
  jobs:
    table: jobs
    key: id
    time: began
    columns:
      id: integer
      began: timestamp
      ended: timestamp
      logged: {type: timestamp, timezone: UTC}
      due: date
      paid: date
      lead: {type: integer, unit: day}
      terms: {type: integer, unit: month}
      wait: {type: "decimal(9,3)", unit: second}
      grace: {type: float, unit: hour}
      amount: {type: "decimal(12,2)", unit: EUR}
      plain: integer
      name: text
      took: {type: "decimal(18,6)", expr: ended - began}
      measured: {type: float, expr: ended - began, unit: minute}
metrics:
  longest: max(jobs.took)
  first_began: min(jobs.began)
  last_ended: max(jobs.ended)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    return answers.checked(answers.write_project(tmp_path_factory.mktemp("times"), "", DEFINITIONS))


@pytest.mark.parametrize(
    ("formula", "type_", "unit", "tree"),
    [
        ("max(jobs.ended - jobs.began)", "decimal(18,6)", "second", "max(elapsed(jobs.ended, jobs.began))"),
        ("sum(jobs.ended - jobs.began)", "decimal(38,6)", "second", "sum(elapsed(jobs.ended, jobs.began))"),
        ("avg(jobs.ended - jobs.began)", "float", "second", "avg(elapsed(jobs.ended, jobs.began))"),
        ("max(jobs.due - jobs.paid)", "integer", "day", "max(days_between(jobs.due, jobs.paid))"),
        ("max(jobs.ended - jobs.due)", "decimal(18,6)", "second", "max(elapsed(jobs.ended, jobs.due))"),
        (
            "last_ended - first_began",
            "decimal(18,6)",
            "second",
            "elapsed(last_ended:timestamp, first_began:timestamp)",
        ),
        ("max(jobs.due + 3 days)", "date", None, "max(add_days(jobs.due, 3))"),
        ("max(jobs.due - 2 weeks)", "date", None, "max(add_days(jobs.due, -14))"),
        ("max(3 days + jobs.due)", "date", None, "max(add_days(jobs.due, 3))"),
        ("max(jobs.due + 1 month)", "date", None, "max(add_months(jobs.due, 1))"),
        ("max(jobs.due - 2 years)", "date", None, "max(add_months(jobs.due, -24))"),
        ("max(jobs.due + 1 quarter)", "date", None, "max(add_months(jobs.due, 3))"),
        ("max(jobs.due + jobs.lead)", "date", None, "max(add_days(jobs.due, jobs.lead))"),
        ("max(jobs.due - jobs.lead)", "date", None, "max(add_days(jobs.due, negative(jobs.lead)))"),
        ("max(jobs.due + jobs.terms)", "date", None, "max(add_months(jobs.due, jobs.terms))"),
        ("max(jobs.due + 6 hours)", "timestamp", None, "max(add_seconds(jobs.due, 21600))"),
        ("max(jobs.due + 1.5 days)", "timestamp", None, "max(add_seconds(jobs.due, 129600))"),
        ("max(jobs.began + 3 days)", "timestamp", None, "max(add_days(jobs.began, 3))"),
        ("max(jobs.began + 90 minutes)", "timestamp", None, "max(add_seconds(jobs.began, 5400))"),
        ("max(jobs.began + 0.25 seconds)", "timestamp", None, "max(add_seconds(jobs.began, 0.25))"),
        ("max(jobs.began + jobs.wait)", "timestamp", None, "max(add_seconds(jobs.began, jobs.wait))"),
        (
            "max(jobs.began + jobs.grace)",
            "timestamp",
            None,
            "max(add_seconds(jobs.began, jobs.grace * 3600))",
        ),
        (
            "max(jobs.began + (jobs.ended - jobs.began))",
            "timestamp",
            None,
            "max(add_seconds(jobs.began, elapsed(jobs.ended, jobs.began)))",
        ),
        (
            "count(jobs where ended - began < 10 minutes)",
            "integer",
            None,
            "count(jobs where elapsed(jobs.ended, jobs.began) < 600)",
        ),
        (
            "count(jobs where due < 2026-03-31 - 1 month)",
            "integer",
            None,
            "count(jobs where jobs.due < 2026-02-28)",
        ),
        (
            "count(jobs where due - paid > 1 week)",
            "integer",
            None,
            "count(jobs where days_between(jobs.due, jobs.paid) > 7)",
        ),
        (
            "max((jobs.ended - jobs.began) / 2)",
            "float",
            "second",
            "max(elapsed(jobs.ended, jobs.began) / 2)",
        ),
        ("max(date_trunc(month, jobs.began))", "date", None, "max(bucket('month', jobs.began))"),
        ("max(date_trunc(hour, jobs.began))", "timestamp", None, "max(bucket('hour', jobs.began))"),
        (
            "date_diff(day, first_began, last_ended)",
            "integer",
            "day",
            "days_between(bucket('day', last_ended:timestamp), bucket('day', first_began:timestamp))",
        ),
        (
            "max(date_diff(month, jobs.due, jobs.began))",
            "integer",
            "month",
            "max(months_between(bucket('day', jobs.began), jobs.due))",
        ),
        (
            "max(date_diff(week, jobs.due, jobs.paid))",
            "integer",
            "week",
            "max(whole_part(days_between(bucket('week', jobs.paid), bucket('week', jobs.due)), 7))",
        ),
        (
            "max(date_diff(quarter, jobs.due, jobs.paid))",
            "integer",
            "quarter",
            "max(whole_part(months_between(bucket('quarter', jobs.paid), bucket('quarter', jobs.due)), 3))",
        ),
        (
            "max(date_diff(hour, jobs.began, jobs.ended))",
            "integer",
            "hour",
            "max(whole_part(seconds_between(bucket('hour', jobs.ended), bucket('hour', jobs.began)), 3600))",
        ),
    ],
)
def test_times_in_formulas(
    project: CheckedProject, formula: str, type_: str, unit: str | None, tree: str
) -> None:
    sink = Sink()
    query = check_query(project, query_text(f"x = {formula}"), sink)
    assert [d.message for d in sink.diagnostics()] == []
    assert query is not None
    asked = query.kpis[0]
    assert (str(asked.type), text_of(asked.bound.unit), print_bound(asked.bound)) == (type_, unit, tree)


@pytest.mark.parametrize(
    ("formula", "code", "place", "help"),
    [
        ("max(jobs.due + 3)", "unit/not-a-time", "jobs.due + 3", "write `3 days`"),
        ("max(jobs.due + jobs.plain)", "unit/not-a-time", None, "give it a `unit:` such as `day`"),
        ("max(jobs.due + 3 EUR)", "unit/not-a-time", None, "write a time such as `3 days` or `1 month`"),
        ("max(jobs.due + 1.5 months)", "unit/not-a-time", None, "write whole months, or days: `45 days`"),
        ("max(jobs.due + 99999999999 years)", "unit/not-a-time", None, "move it by less"),
        ("max(jobs.began - 9999999999 hours)", "unit/not-a-time", None, "move it by less"),
        (
            "count(jobs where due > 9999-12-31 + 1 day)",
            "unit/not-a-time",
            "9999-12-31 + 1 day",
            "move it by less",
        ),
        (
            "max(jobs.began + 0.0000001 seconds)",
            "unit/not-a-time",
            None,
            "write at most six digits of a second: `0.000001 seconds`",
        ),
        ("max(jobs.due + jobs.paid)", "type/mismatch", "jobs.due + jobs.paid", None),
        ("max(3 days - jobs.due)", "type/mismatch", None, None),
        ("max(jobs.due - jobs.name)", "type/mismatch", None, None),
        ("sum(jobs.amount + (jobs.ended - jobs.began))", "unit/mismatch", None, None),
        ("count(jobs where ended - began > 3 EUR)", "unit/mismatch", None, None),
        (
            "count(jobs where ended - began > 1 month)",
            "unit/mismatch",
            None,
            "months have no fixed number of days: compare both in days, or both in months",
        ),
        ("max(date_trunc(decade, jobs.due))", "name/unknown", "decade", None),
        ("max(date_trunc('month', jobs.due))", "name/unknown", "'month'", None),
        ("max(date_trunc(month, jobs.name))", "type/mismatch", "jobs.name", None),
        ("max(date_trunc(hour, jobs.due))", "type/mismatch", "jobs.due", None),
        ("max(date_diff(month, jobs.due))", "function/arguments", None, None),
        ("max(date_diff(month, jobs.due, jobs.plain))", "type/mismatch", "jobs.plain", None),
        ("max(date_diff(hour, jobs.due, jobs.began))", "type/mismatch", "jobs.due", None),
    ],
)
def test_times_that_are_refused(
    project: CheckedProject, formula: str, code: str, place: str | None, help: str | None
) -> None:
    sink = Sink()
    check_query(project, query_text(f"x = {formula}"), sink)
    (wrong,) = sink.diagnostics()
    assert wrong.code == code
    assert place in (None, wrong.primary.span.excerpt())
    assert help in (None, wrong.help)


def _told(project: CheckedProject, formula: str) -> list[tuple[str, str, str | None]]:
    sink = Sink()
    check_query(project, query_text(f"answer = {formula}"), sink)
    return [(found.rule.code, found.primary.span.excerpt(), found.help) for found in sink.diagnostics()]


@pytest.mark.parametrize(
    ("formula", "number", "units"),
    [
        ("count(jobs where ended - began < 2)", "2", "`2 days`, `2 hours`, `2 minutes` or `2 seconds`"),
        ("count(jobs where took > 2)", "2", "`2 days`, `2 hours`, `2 minutes` or `2 seconds`"),
        ("longest > 2", "2", "`2 days`, `2 hours`, `2 minutes` or `2 seconds`"),
        ("count(jobs where 1 >= ended - began)", "1", "`1 day`, `1 hour`, `1 minute` or `1 second`"),
        (
            "count(jobs where abs(ended - due) = 1.5)",
            "1.5",
            "`1.5 days`, `1.5 hours`, `1.5 minutes` or `1.5 seconds`",
        ),
        ("count(jobs where ended - began > -2)", "-2", "`-2 days`, `-2 hours`, `-2 minutes` or `-2 seconds`"),
        (
            "count(jobs where ended - began between 0 and 30)",
            "30",
            "`30 days`, `30 hours`, `30 minutes` or `30 seconds`",
        ),
        (
            "count(jobs where ended - began in (0, 30, 60))",
            "30",
            "`30 days`, `30 hours`, `30 minutes` or `30 seconds`",
        ),
        (
            "case when avg(jobs.ended - jobs.began) > 2 then 1 else 0 end",
            "2",
            "`2 days`, `2 hours`, `2 minutes` or `2 seconds`",
        ),
    ],
)
def test_a_number_without_a_unit_beside_an_elapsed_time_is_told(
    project: CheckedProject, formula: str, number: str, units: str
) -> None:
    assert _told(project, formula) == [
        ("unit/bare-seconds", number, f"say in which unit the number is: {units}")
    ]


@pytest.mark.parametrize(
    "condition",
    [
        "ended - began > 0",
        "ended - began < 2 days",
        "ended - began < lead",
        "due - paid > 2",
        "wait > 2",
        "plain > 2",
        "date_diff(day, began, ended) > 2",
        "(ended - began) / plain > 2",
        "(ended - began) / 60 > 2",
        "measured > 2",
    ],
)
def test_a_number_whose_unit_is_known_is_not_told(project: CheckedProject, condition: str) -> None:
    assert _told(project, f"count(jobs where {condition})") == []
