"""What is told of an objective before any data is asked: one line for each rule and its neighbours."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from textwrap import indent

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.objectives.numbers import known
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import CheckedObjective
from kpidsl.semantics.printing import print_bound
from tests.cli.running import call

PROJECT = """
project: shop
language: 1
"""
DEFINITIONS = """
datasets:
  sessions:
    table: shop.sessions
    key: session_id
    time: started_at
    unit: session
    columns:
      session_id: integer
      started_at: timestamp
      channel: {type: text, values: [email, search, direct]}
      country: text
      shop_number: integer
      is_order: boolean
      is_new: boolean
      amount: {type: "decimal(12,2)", unit: EUR}
      cost: {type: "decimal(12,2)", unit: EUR}
      seconds: {type: integer, unit: second}
      score: integer
      opened: date
  mails:
    table: shop.mails
    key: id
    time: sent
    columns: {id: integer, sent: date, is_read: boolean, clicks: integer, stars: integer, cost: integer}
dimensions:
  channel: {from: {sessions: channel}}
  country: {from: {sessions: country}}
  shop_number: {from: {sessions: shop_number}}
parameters:
  ambition: {type: "decimal(6,4)", default: 1.1}
metrics:
  orders: count(sessions where is_order)
  visits: count(sessions)
kpis:
  conversion_rate: {label: C, owner: a, direction: up, formula: orders / visits}
  new_rate: {label: C, owner: a, direction: none, formula: sum(sessions.score) / 5, unit: percent}
  bounce_rate: {label: C, owner: a, direction: down, formula: 1 - orders / visits, unit: percent}
  revenue: {label: R, owner: a, direction: up, formula: sum(sessions.amount)}
  roas: {label: R, owner: a, direction: up, formula: sum(sessions.amount) / sum(sessions.cost), format: "0.0"}
  nps: {label: N, owner: a, direction: up, formula: avg(sessions.score), bounds: [-100, 100]}
  mean_score: {label: N, owner: a, direction: up, formula: avg(sessions.score)}
  spread: {label: N, owner: a, direction: up, formula: 100 * (orders - count(sessions where is_new)) / visits, bounds: [-100, 100]}
  in_percent: {label: N, owner: a, direction: up, formula: 100 * orders / visits}
  read_rate: {label: N, owner: a, direction: up, formula: 1 - count(mails where not is_read) / count(mails)}
  click_rate: {label: N, owner: a, direction: up, formula: sum(mails.clicks) / sum(mails.cost) * 2}
  read_mean: {label: N, owner: a, direction: up, formula: avg(case when mails.is_read then 1 else 0 end)}
  mails_sent: {label: N, owner: a, direction: up, formula: count(mails)}
  stars: {label: N, owner: a, direction: up, formula: sum(mails.stars) / count(mails)}
  hundredfold: {label: N, owner: a, direction: up, formula: orders / visits * 100, format: "0"}
  per_visit: {label: N, owner: a, direction: up, formula: visits / orders, format: "0.0"}
  visit_count: {label: V, owner: a, direction: up, formula: count(sessions)}
  lost: {label: V, owner: a, direction: down, formula: count(sessions where not is_order)}
  time_spent: {label: V, owner: a, direction: range, formula: avg(sessions.seconds)}
  first_day: {label: V, owner: a, direction: none, formula: min(sessions.opened)}
  daily: {label: V, owner: a, direction: up, formula: count(sessions), requires: [day]}
  whole: {label: V, owner: a, direction: up, formula: count(sessions), forbids: [channel]}
objectives:
"""


def written(name: str, text: str) -> str:
    keys = dict(line.split(": ", 1) for line in text.split("; "))
    if "period" not in keys and "effective" not in keys:
        keys["period"] = "month"
    lines = "\n".join(f"{key}: {value}" for key, value in keys.items() if value)
    return f"  {name}:\n" + indent(f"{lines}\nowner: a\n", "    ")


def checked(folder: Path, *objectives: str) -> tuple[CheckedProject, list[str]]:
    (folder / "definitions").mkdir(exist_ok=True)
    (folder / "kpidsl.yml").write_text(PROJECT)
    body = "".join(written(f"o{place}", text) for place, text in enumerate(objectives))
    (folder / "definitions" / "all.yml").write_text(DEFINITIONS + body)
    sink = Sink()
    found = load(folder, sink)
    assert found is not None
    return found, [d.code for d in sink.diagnostics()]


def one(folder: Path, text: str) -> CheckedObjective:
    found, codes = checked(folder, text)
    assert codes == []
    return found.objectives["o0"]


RIGHT = [
    "kpi: conversion_rate; kind: at_least; target: 5%",
    "kpi: conversion_rate; kind: at_least; target: 0.05",
    "kpi: conversion_rate; kind: at_least; target: prior(conversion_rate, 1 year) * 110%",
    "kpi: conversion_rate; kind: at_least; target: prior(conversion_rate, 1 year) * ambition",
    "kpi: conversion_rate; kind: at_least; target: prior(conversion_rate, 1 year) + 2pp",
    "kpi: conversion_rate; kind: at_least; target: 5%; baseline: 2%",
    "kpi: revenue; kind: at_least; target: 5000",
    "kpi: revenue; kind: at_least; target: 5000 EUR",
    "kpi: revenue; kind: at_least; target: -200",
    "kpi: revenue; kind: at_least; target: -200; baseline: -500",
    "kpi: revenue; kind: more_than; target: 0; baseline: -500",
    "kpi: roas; kind: at_least; target: 4",
    "kpi: roas; kind: at_least; target: 400%",
    "kpi: nps; kind: at_least; target: 40",
    "kpi: time_spent; kind: within; range: [2 minutes, 300]",
    "kpi: time_spent; kind: at_least; target: 30",
    "kpi: bounce_rate; kind: at_most; target: 40%; baseline: 60%",
    "kpi: lost; kind: at_most; target: 0; baseline: 100",
    "kpi: bounce_rate; kind: less_than; target: 0; baseline: 50%",
    "kpi: lost; kind: at_least; target: 10; override_direction: a stress test",
    "kpi: visit_count; kind: on_target; target: 12; tolerance: 0; fade: 3",
    "kpi: visit_count; kind: on_target; target: 12; tolerance: 5%",
    "kpi: conversion_rate; kind: on_target; target: 12%; tolerance: 1pp",
    "kpi: revenue; kind: change; target: 10%; against: 1 year",
    "kpi: revenue; kind: change; target: 500 EUR; against: 52 weeks",
    "kpi: revenue; kind: change; target: 10%; against: 1 period; base: abs",
    "kpi: conversion_rate; kind: change; target: 2pp; against: 1 year",
    "kpi: conversion_rate; kind: change; target: 2%; relative: true; against: 1 year",
    "kpi: lost; kind: change; target: -10%; against: 1 year",
    "kpi: revenue; kind: steady; against: 1 month; tolerance: 10%",
    "kpi: revenue; kind: steady; against: 1 month; tolerance: 50 EUR; fade: 100",
    "kpi: conversion_rate; kind: steady; against: 1 year; tolerance: 1pp",
    "kpi: revenue; kind: at_least; target: 100; levels: {threshold: 80, stretch: 120 EUR}",
    "kpi: bounce_rate; kind: at_most; target: 0; levels: {threshold: 20%, stretch: -1%}",
    "kpi: nps; kind: at_most; target: 40; override_direction: a stress test",
    "kpi: nps; kind: within; range: [-10, 0%]",
    "kpi: nps; kind: on_target; target: 40; tolerance: 5%",
    "kpi: per_visit; kind: at_least; target: 150%",
    "kpi: spread; kind: at_least; target: 40",
    "kpi: in_percent; kind: at_least; target: 40",
    "kpi: read_rate; kind: at_least; target: 40%",
    "kpi: read_mean; kind: at_least; target: 40%",
    "kpi: click_rate; kind: at_least; target: 40%",
    "kpi: lost; kind: rank; by: [channel]; target: 3",
    "kpi: lost; kind: rank; by: [channel]; share: 30%; override_direction: none is to be spared",
    "kpi: conversion_rate; kind: at_least; target: 99%; error_budget: true",
    "kpi: bounce_rate; kind: at_most; target: 1%; error_budget: true",
    "kpi: daily; kind: at_least; target: 10; period: day",
    "kpi: visit_count; kind: at_least; target: 10; effective: {from: 2026-01-01, until: 2027-01-01}",
    "kpi: revenue; kind: at_least; target: 9; status: {of: gap, on_track: 0, at_risk: -100 EUR}",
    "kpi: lost; kind: at_most; target: 9; status: {of: value, on_track: 9, at_risk: 12}",
    "kpi: conversion_rate; kind: at_least; target: 9%; status: {of: gap, on_track: 0pp, at_risk: -1pp}",
]

WRONG = {
    # names, keys
    "kpi: conversion_rat; kind: at_least; target: 5%": "name/unknown",
    "kpi: visits; kind: at_least; target: 5": "objective/not-a-kpi",
    "kpi: first_day; kind: at_least; target: 5": "objective/not-a-kpi",
    "kpi: revenue; kind: at_least": "objective/keys",
    "kpi: revenue; kind: within; target: 5": "objective/keys",
    "kpi: revenue; kind: at_least; target: 5; tolerance: 2": "objective/keys",
    "kpi: visit_count; kind: on_target; target: 5": "objective/keys",
    "kpi: revenue; kind: change; target: 5%": "objective/keys",
    "kpi: revenue; kind: at_least; target: 5; effective: {from: 2026-01-01}": "objective/keys",
    "kpi: revenue; kind: at_least; target: 5; by: [month]": "objective/by",
    "kpi: revenue; kind: at_least; target: 5; by: [channel, channel]": "objective/by",
    "kpi: revenue; kind: at_least; target: 5; by: [chanel]": "name/unknown",
    "kpi: daily; kind: at_least; target: 5": "objective/by",
    "kpi: whole; kind: at_least; target: 5; by: [channel]": "objective/by",
    "kpi: revenue; kind: at_least; target: 5; where: chanel = 'email'": "name/unknown",
    "kpi: revenue; kind: at_least; target: revenu * 2": "name/unknown",
    "kpi: revenue; kind: at_least; target: \"'5'\"": "objective/no-number",
    "kpi: revenue; kind: steady; against: 1 month": "objective/keys",
    "kpi: revenue; kind: steady; tolerance: 10%": "objective/keys",
    "kpi: revenue; kind: steady; against: 1 month; tolerance: 10%; target: 5": "objective/keys",
    "kpi: revenue; kind: steady; against: 1 month; tolerance: 10%; targets: [{period: 2026-12, target: 1}]": (
        "objective/keys"
    ),
    "kpi: conversion_rate; kind: steady; against: 1 month; tolerance: 10%": "objective/fraction",
    "kpi: revenue; kind: steady; against: 1 month; tolerance: 0": "objective/range",
    "kpi: revenue; kind: at_least; target: 100; levels: {threshold: 120, stretch: 80}": "objective/levels",
    "kpi: lost; kind: at_most; target: 100; levels: {threshold: 80, stretch: 120}": "objective/levels",
    "kpi: revenue; kind: at_least; target: 100; levels: {threshold: 80, stretch: 100}": "objective/levels",
    "kpi: revenue; kind: at_least; target: 100; baseline: 50; levels: {threshold: 80, stretch: 120}": (
        "objective/levels"
    ),
    "kpi: revenue; kind: at_least; target: revenue; levels: {threshold: 80, stretch: 120}": "objective/levels",
    "kpi: time_spent; kind: within; range: [1, 2]; levels: {threshold: 80, stretch: 120}": "objective/keys",
    "kpi: revenue; kind: at_least; target: 100; error_budget: true": "objective/error-budget",
    "kpi: bounce_rate; kind: at_most; target: 0; baseline: 50%; error_budget: true": "objective/error-budget",
    # E1 zero targets
    "kpi: revenue; kind: at_least; target: 0": "objective/zero-target",
    "kpi: lost; kind: at_most; target: 2 - 2": "objective/zero-target",
    # E4 baselines
    "kpi: revenue; kind: at_least; target: 50; baseline: 50": "objective/baseline",
    "kpi: revenue; kind: at_least; target: 50; baseline: 60": "objective/baseline",
    "kpi: lost; kind: at_most; target: 50; baseline: 40": "objective/baseline",
    "kpi: time_spent; kind: within; range: [1, 2]; baseline: 4": "objective/baseline",
    "kpi: revenue; kind: at_least; target: 50; baseline: 49": "objective/short-way",
    # E11 fractions
    "kpi: conversion_rate; kind: at_least; target: 5": "objective/fraction",
    "kpi: conversion_rate; kind: at_least; target: 1": "objective/fraction",
    "kpi: conversion_rate; kind: at_least; target: 5pp": "objective/fraction",
    "kpi: bounce_rate; kind: at_most; target: 40": "objective/fraction",
    "kpi: conversion_rate; kind: on_target; target: 12%; tolerance: 5%": "objective/fraction",
    "kpi: revenue; kind: at_least; target: 9; status: {on_track: 100, at_risk: 90}": "objective/fraction "
    "objective/fraction",
    # E12 points and percent
    "kpi: conversion_rate; kind: change; target: 2%; against: 1 year": "objective/change",
    "kpi: conversion_rate; kind: change; target: 2; against: 1 year": "objective/change",
    "kpi: revenue; kind: change; target: 10; against: 1 year": "objective/change",
    "kpi: revenue; kind: change; target: 10%; against: 1 year; relative: true": "objective/change",
    "kpi: revenue; kind: change; target: -10%; against: 1 year": "objective/change",
    "kpi: lost; kind: change; target: 10%; against: 1 year": "objective/change",
    # E13 and other units
    "kpi: revenue; kind: at_least; target: 5000 USD": "objective/unit",
    "kpi: revenue; kind: at_least; target: 5%": "objective/unit",
    "kpi: revenue; kind: at_least; target: visit_count": "objective/unit",
    "kpi: time_spent; kind: at_least; target: 1 month": "objective/unit",
    # E14 ranges
    "kpi: time_spent; kind: within; range: [300, 120]": "objective/range",
    "kpi: time_spent; kind: within; range: [2 minutes, 120]": "objective/range",
    "kpi: conversion_rate; kind: on_target; target: 12%; tolerance: 0": "objective/range",
    "kpi: visit_count; kind: on_target; target: 12; tolerance: -1": "objective/range",
    "kpi: visit_count; kind: on_target; target: 12; tolerance: 0": "objective/keys",
    "kpi: time_spent; kind: within; range: [120, 300]; fade: 0": "objective/range",
    # E15 natural bounds
    "kpi: conversion_rate; kind: at_least; target: 120%": "objective/bounds",
    "kpi: nps; kind: at_least; target: 101": "objective/bounds",
    "kpi: nps; kind: more_than; target: 100": "objective/bounds",
    "kpi: nps; kind: at_least; target: 40%": "objective/fraction",
    "kpi: nps; kind: at_least; target: 40pp": "objective/fraction",
    "kpi: nps; kind: within; range: [10%, 20]": "objective/fraction",
    "kpi: nps; kind: on_target; target: 40; tolerance: 2pp": "objective/fraction",
    "kpi: nps; kind: at_least; target: 40; status: {of: value, on_track: 40, at_risk: 30%}": "objective/fraction",
    "kpi: nps; kind: change; target: 2pp; against: 1 year": "objective/fraction",
    "kpi: mean_score; kind: at_least; target: 40%": "objective/fraction",
    "kpi: spread; kind: at_least; target: 40%": "objective/fraction",
    "kpi: hundredfold; kind: at_least; target: 40%": "objective/fraction",
    "kpi: stars; kind: at_least; target: 40%": "objective/fraction",
    "kpi: in_percent; kind: at_least; target: 40%": "objective/fraction",
    "kpi: lost; kind: less_than; target: 0; baseline: 100": "objective/bounds",
    "kpi: lost; kind: at_most; target: -3": "objective/bounds",
    "kpi: lost; kind: at_most; target: 0; levels: {threshold: 20, stretch: -1}": "objective/bounds",
    "kpi: lost; kind: rank; by: [channel]; share: 30%": "objective/direction",
    "kpi: nps; kind: at_least; target: 100": "objective/at-bound",
    "kpi: nps; kind: at_least; target: -100": "objective/at-bound",
    # E24 directions
    "kpi: lost; kind: at_least; target: 10": "objective/direction",
    "kpi: revenue; kind: at_most; target: 10": "objective/direction",
    "kpi: revenue; kind: at_least; target: 10; override_direction: so": "objective/direction",
    "kpi: time_spent; kind: change; target: 10%; against: 1 year": "objective/direction",
    # days
    "kpi: revenue; kind: at_least; target: 10; period: mnth": "name/unknown",
    "kpi: revenue; kind: at_least; target: 10; period: 2026": "objective/period",
    "kpi: revenue; kind: at_least; target: 10; period: hour": "objective/period",
    "kpi: revenue; kind: at_least; target: 10; period: month; effective: {from: 2026}": "objective/effective",
    "kpi: revenue; kind: at_least; target: 10; effective: {from: 2026-02-01, until: 2026-02-01}": "objective/"
    "effective",
    "kpi: revenue; kind: at_least; target: 10; period: week; effective: {from: 2026-01-01}": "objective/"
    "cut-period",
    # bands
    "kpi: revenue; kind: at_least; target: 9; status: {on_track: 90%, at_risk: 100%}": "objective/bands",
    "kpi: revenue; kind: at_least; target: 9; status: {on_track: 90%, at_risk: 90%}": "objective/bands",
    "kpi: lost; kind: at_most; target: 9; status: {of: value, on_track: 12, at_risk: 9}": "objective/bands",
    "kpi: time_spent; kind: within; range: [1, 2]; status: {of: gap, on_track: 2, at_risk: 1}": "objective/bands",
    "kpi: revenue; kind: at_least; target: 9; status: {on_track: revenue, at_risk: 90%}": "objective/unit",
    "kpi: revenue; kind: at_least; target: 9; status: {of: value, on_track: revenue, at_risk: 9}": "objective/bands",
}


@pytest.mark.parametrize("text", RIGHT)
def test_right(text: str, tmp_path: Path) -> None:
    found, codes = checked(tmp_path, text)
    assert codes == []
    assert list(found.objectives) == ["o0"]


@pytest.mark.parametrize(("text", "expected"), WRONG.items(), ids=list(WRONG))
def test_wrong(text: str, expected: str, tmp_path: Path) -> None:
    found, codes = checked(tmp_path, text)
    assert " ".join(codes) == expected
    assert (list(found.objectives) == ["o0"]) == (expected in WARNINGS)


WARNINGS = ("objective/short-way", "objective/at-bound", "objective/cut-period")

ROWS = "kpi: revenue; kind: at_least; by: [channel, country, shop_number]; effective: {from: 2026-01-01}; period: month; "
OF_ROWS = {
    "{channel: email, target: 1}": "",
    "{channel: null, target: 1}": "",
    "{shop_number: 12, period: 2026-12, target: 1}": "",
    "{period: 2026-07-01..2026-10-01, target: 1}": "",
    "{channel: email, target: 1}, {channel: email, period: 2026-12, target: 2}": "",
    "{channel: email, target: 1}, {country: FR, target: 2}, {channel: email, country: FR, target: 3}": "",
    "{channel: emial, target: 1}": "objective/row",
    "{chanel: email, target: 1}": "objective/row",
    "{month: 1, target: 1}": "objective/row",
    "{shop_number: twelve, target: 1}": "objective/row",
    "{channel: email, taget: 1}": "objective/row objective/row",
    "{channel: email, range: [1, 2]}": "objective/row",
    "{channel: email, target: 3, range: [1, 2]}": "objective/row",
    "{target: 3}": "objective/row",
    "{channel: email, period: 2025-12, target: 1}": "objective/row",
    "{channel: email, period: 2026, target: 1}": "objective/row",
    "{channel: email, period: 2026-12-01, target: 1}": "objective/row",
    "{channel: email, period: 2026-12-01..2026-12-15, target: 1}": "objective/row",
    "{channel: email, period: december, target: 1}": "objective/row",
    "{channel: email, target: 1 USD}": "objective/unit",
    "{channel: email, target: 0}": "objective/zero-target",
    "{channel: email, target: 1}, {channel: email, target: 2}": "objective/rows",
    "{channel: email, target: 1}, {country: FR, target: 2}": "objective/rows",
    "{channel: email, period: 2026-12, target: 1}, {period: 2026-11-01..2027-01-01, target: 2}": "",
    "{period: 2026-12, target: 1}, {period: 2026-11-01..2027-01-01, target: 2}": "objective/rows",
    "{period: 2026-10, target: 1}, {period: 2026-11-01..2027-01-01, target: 2}": "",
}


@pytest.mark.parametrize(("rows", "expected"), OF_ROWS.items(), ids=list(OF_ROWS))
@pytest.mark.parametrize("own", ["target: 9; ", ""])
def test_rows_of_targets(rows: str, expected: str, own: str, tmp_path: Path) -> None:
    _, codes = checked(tmp_path, f"{ROWS}{own}targets: [{rows}]")
    assert " ".join(codes) == expected


def test_a_row_of_the_one_period_has_no_period(tmp_path: Path) -> None:
    text = "kpi: revenue; kind: at_least; effective: {from: 2026-01-01, until: 2027-01-01}; target: 3; "
    _, codes = checked(tmp_path, text + "targets: [{period: 2026-12, target: 1}]")
    assert codes == ["objective/row"]


def test_rows_that_say_most_stand_first(tmp_path: Path) -> None:
    rows = (
        "{channel: email, target: 1}, {channel: email, country: FR, target: 2}, {period: 2026-12, target: 3}, "
        "{channel: email, period: 2026-12, target: 4}"
    )
    found = one(tmp_path, f"{ROWS}target: 9; targets: [{rows}]")
    assert [known(row.target) for row in found.targets] == [2, 4, 1, 3, 9]


def test_values_come_in_the_unit_of_the_kpi(tmp_path: Path) -> None:
    found = one(tmp_path, "kpi: time_spent; kind: within; range: [2 minutes, 0.1 hours]")
    (row,) = found.targets
    assert (known(row.low), known(row.high), known(row.fade)) == (120, 360, 120)


def test_a_tolerance_is_written_out(tmp_path: Path) -> None:
    (row,) = one(tmp_path, "kpi: revenue; kind: on_target; target: -200; tolerance: 5%").targets
    assert (known(row.low), known(row.high), known(row.fade)) == (-210, -190, 10)
    (row,) = one(
        tmp_path, "kpi: conversion_rate; kind: on_target; target: 4%; tolerance: 1pp; fade: 2pp"
    ).targets
    assert (known(row.low), known(row.high)) == (Fraction(3, 100), Fraction(5, 100))
    assert known(row.fade) == Fraction(2, 100)


CHANGES = {
    "kpi: revenue; kind: change; target: 10%; against: 1 year": "case(prior(revenue:decimal(38,2), 1 year) > 0, "
    "prior(revenue:decimal(38,2), 1 year) * 1.1, null)",
    "kpi: revenue; kind: change; target: 10%; base: abs; against: 1 year": "prior(revenue:decimal(38,2), 1 year)"
    " + (0.1 * abs(prior(revenue:decimal(38,2), 1 year)))",
    "kpi: conversion_rate; kind: change; target: 2pp; against: 1 year": "prior(conversion_rate:float, 1 year)"
    " + 0.02",
    "kpi: revenue; kind: change; target: 500 EUR; against: 1 month": "prior(revenue:decimal(38,2), 1 month) + 500",
}


@pytest.mark.parametrize(("text", "target"), CHANGES.items(), ids=list(CHANGES))
def test_a_change_is_written_out(text: str, target: str, tmp_path: Path) -> None:
    found = one(tmp_path, text)
    assert found.targets[0].target is not None
    assert print_bound(found.targets[0].target) == target
    assert found.baseline is not None


def test_objectives_that_promise_the_same(tmp_path: Path) -> None:
    text = "kpi: revenue; kind: at_least; target: 1"
    for other, is_same in {
        "kpi: revenue; kind: at_least; target: 2": True,
        "kpi: revenue; kind: more_than; target: 2": False,
        "kpi: revenue; kind: at_least; target: 2; by: [channel]": False,
        "kpi: revenue; kind: at_least; target: 2; where: country = 'FR'": False,
        "kpi: revenue; kind: at_least; target: 2; period: week": False,
        "kpi: revenue; kind: at_least; target: 2; period: month; effective: {from: 2026-01-01}": True,
    }.items():
        _, codes = checked(tmp_path, text, other)
        assert codes == ["objective/twice"] * is_same, other


def test_objectives_that_follow_each_other(tmp_path: Path) -> None:
    text = "kpi: revenue; kind: at_least; target: 1; period: month; effective: "
    _, codes = checked(tmp_path, text + "{until: 2026-07-01}", text + "{from: 2026-07-01}")
    assert codes == []


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = "kpi: lost; kind: at_least; by: [chanel]; period: hour; target: 5 USD; baseline: 3%"
    _, codes = checked(tmp_path, text)
    assert codes == [
        "objective/direction",
        "name/unknown",
        "objective/period",
        "objective/unit",
        "objective/unit",
    ]


def test_nobody_is_blamed_for_a_kpi_that_is_wrong(tmp_path: Path) -> None:
    checked(tmp_path)
    text = DEFINITIONS.replace("formula: avg(sessions.score), bounds", "formula: avg(sessions.scor), bounds")
    body = written("o0", "kpi: nps; kind: at_least; target: 40")
    (tmp_path / "definitions" / "all.yml").write_text(text + body)
    sink = Sink()
    found = load(tmp_path, sink)
    assert found is not None
    assert [d.code for d in sink.diagnostics()] == ["name/unknown"]
    assert not found.objectives


def told_by_check(folder: Path, *objectives: str) -> str:
    checked(folder, *objectives)
    return call("check", cwd=folder).err


def test_what_the_plan_alone_can_tell(tmp_path: Path) -> None:
    text = "kpi: revenue; kind: change; target: 10%; period: week; against: "
    assert "window/week-by-months" in told_by_check(tmp_path, text + "1 year")
    assert "error" not in told_by_check(tmp_path, text + "52 weeks")


def test_members_that_a_dataset_does_not_reach(tmp_path: Path) -> None:
    checked(tmp_path)
    alone = "  returns: {table: shop.returns, key: id, time: day, columns: {id: integer, day: date}}\n"
    kpi = "  returned: {label: R, owner: a, direction: down, formula: count(returns)}\n"
    text = DEFINITIONS.replace("dimensions:\n", alone + "dimensions:\n").replace("kpis:\n", "kpis:\n" + kpi)
    body = written("o0", "kpi: returned; kind: at_most; target: 4; by: [channel]")
    (tmp_path / "definitions" / "all.yml").write_text(text + body)
    shown = call("check", cwd=tmp_path)
    assert shown.code == 1
    assert "definitions/all.yml" in shown.err
