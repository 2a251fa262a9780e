"""`kpidsl scorecards`, and what other commands say of a scorecard."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.cli.running import call
from tests.objectives.test_scorecards import DEFINITIONS, KINDS, card, sales


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "kpidsl.yml").write_text("project: shop\nlanguage: 1\nconnection: duckdb:///shop.duckdb\n")
    text = DEFINITIONS + card("version: 1.0.0, label: Growth", ("sold", "refunded"))
    (tmp_path / "definitions" / "all.yml").write_text(text)
    connection = duckdb.connect(str(tmp_path / "shop.duckdb"))
    columns = ", ".join(f"{name} {'varchar' if kind == 'text' else kind}" for name, kind in KINDS.items())
    connection.execute(f"create table sales ({columns})")
    connection.executemany("insert into sales values (?, ?, ?, ?, ?, ?)", sales(3))
    connection.close()
    return tmp_path


def test_scores_with_their_objectives(shop: Path) -> None:
    shown = call("scorecards", "--as-of", "2026-04-12", cwd=shop)
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["Growth", "-", "-"]
    every = call("scorecards", "c", "--as-of", "2026-04-12", "--every-period", cwd=shop)
    assert len(every.out.splitlines()) > len(lines)


def test_for_programs(shop: Path) -> None:
    shown = call("scorecards", "--as-of", "2026-04-12", "--format", "json", cwd=shop)
    rows = json.loads(shown.out)["rows"]
    assert rows
    assert {tuple(row) for row in rows} == {
        (
            *("scorecard", "period", "members", "score", "judged", "weight", "status", "reason"),
            *("objectives", "scorecards", "as_of"),
        )
    }
    assert all(set(row["objectives"]) == {"sold", "refunded"} for row in rows)
    csv = call("scorecards", "--as-of", "2026-04-12", "--format", "csv", cwd=shop)
    head, *lines = (line.split(",") for line in csv.out.splitlines())
    assert ",".join(head) == "scorecard,inside,period,members,score,counted,judged,weight,status,reason,as_of"
    assert [line[1] for line in lines] == ["", "sold", "refunded"] * len(rows)


def test_what_counts_of_an_objective_on_its_way(tmp_path: Path) -> None:
    # A third of April is over on the 11th. 120 of 400 are there: 30 % of the target, and 90 % of what should be.
    settings = "project: shop\nlanguage: 1\ntimezone: UTC\nconnection: duckdb:///shop.duckdb\n"
    (tmp_path / "kpidsl.yml").write_text(settings)
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(ON_THE_WAY)
    connection = duckdb.connect(str(tmp_path / "shop.duckdb"))
    connection.execute(
        "create table sales as select 1 as id, date '2026-04-10' as day, 120.00::decimal(10,2) as amount"
    )
    connection.close()

    def told(*options: str) -> str:
        return call("scorecards", "--as-of", "2026-04-11", *options, cwd=tmp_path).out

    (row,) = json.loads(told("--format", "json"))["rows"]
    assert row["score"] == pytest.approx((0.9 + 1.2) / 2)  # one counts as 120 % at most
    by_days, whole = row["objectives"]["by_days"], row["objectives"]["whole"]
    assert (by_days["attainment"], by_days["counted"]) == (pytest.approx(0.3), pytest.approx(0.9))
    assert whole["attainment"] == whole["counted"] == pytest.approx(2)
    lines = [line.split(",") for line in told("--format", "csv").splitlines()]
    assert [float(line[5] or 0) for line in lines[1:]] == [0, pytest.approx(0.9), pytest.approx(2)]
    english, french = told().splitlines(), told("--locale", "fr").splitlines()
    assert "counted" in english[0]
    assert "compté" in french[0]
    assert english[2].split()[-4:] == ["30%", "90%", "at", "risk"]
    assert "90%" not in english[3]


ON_THE_WAY = """\
datasets:
  sales: {table: sales, key: id, time: day, columns: {id: integer, day: date, amount: "decimal(10,2)"}}
kpis:
  revenue: {label: Revenue, formula: sum(sales.amount), direction: up, owner: shop@example.com}
objectives:
  by_days: {kpi: revenue, kind: at_least, period: month, target: 400, trajectory: linear, owner: shop@example.com}
  whole: {kpi: revenue, kind: more_than, period: month, target: 60, owner: shop@example.com}
scorecards:
  card: {objectives: [by_days, whole], owner: shop@example.com}
"""


def test_signals_count_as_met_or_not(tmp_path: Path) -> None:
    # Months of 10, 12, 10, 12 are followed by 11 and by 30, far above the upper limit of 11 + 2.66 x 2.
    (tmp_path / "kpidsl.yml").write_text("project: shop\nlanguage: 1\nconnection: duckdb:///shop.duckdb\n")
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(SIGNALS)
    connection = duckdb.connect(str(tmp_path / "shop.duckdb"))
    connection.execute("create table sales (id integer, day date, amount decimal(10,2))")
    amounts = enumerate((10, 12, 10, 12, 11, 30, 1), 1)
    connection.executemany(
        "insert into sales values (?, ?, ?)", [(n, date(2026, n, 5), a) for n, a in amounts]
    )
    connection.close()

    def told(*options: str) -> str:
        return call("scorecards", "--as-of", "2026-07-06", "--every-period", *options, cwd=tmp_path).out

    rows = json.loads(told("--format", "json"))["rows"]
    assert [row["score"] for row in rows] == [1, 0, None]
    found = [row["objectives"]["usual"] for row in rows]
    assert [one["counted"] for one in found] == [1, 0, None]
    assert [one["status"] for one in found] == ["met", "missed", "too_early"]
    assert {one["attainment"] for one in found} == {None}
    assert "counted" in told().splitlines()[0]
    assert [line.split(",")[5] for line in told("--format", "csv").splitlines()[1:]] == [
        "",
        "1",
        "",
        "0",
        "",
        "",
    ]


SIGNALS = """\
datasets:
  sales: {table: sales, key: id, time: day, columns: {id: integer, day: date, amount: "decimal(10,2)"}}
kpis:
  revenue: {label: Revenue, formula: sum(sales.amount), direction: up, owner: shop@example.com}
objectives:
  usual:
    kpi: revenue
    kind: no_signal
    period: month
    effective: {from: 2026-05-01}
    usual: {from: 2026-01-01, until: 2026-05-01, min_points: 4}
    side: both
    owner: shop@example.com
scorecards:
  c: {objectives: [usual], owner: shop@example.com}
"""


def test_a_status_that_fails(shop: Path) -> None:
    rows = json.loads(call("scorecards", "--as-of", "2026-04-12", "--format", "json", cwd=shop).out)["rows"]
    is_bad = any(row["status"] in ("missed", "off_track", "at_risk") for row in rows)
    shown = call("scorecards", "--as-of", "2026-04-12", "--fail-on", "at_risk", cwd=shop)
    assert shown.code == int(is_bad)


def test_names(shop: Path) -> None:
    assert call("scorecards", "d", cwd=shop).code == 2
    assert "1 scorecard" in call("check", cwd=shop).out
    assert "Growth" in call("list", "scorecards", cwd=shop).out
    assert json.loads(call("explain", "c", "--format", "json", cwd=shop).out)["objectives"] == [
        "sold",
        "refunded",
    ]
    assert "tableau de bord" in call("explain", "c", "--locale", "fr", cwd=shop).out


def test_the_objectives_of_a_scorecard(shop: Path) -> None:
    outer = "  outer: {objectives: [c, won], owner: shop@example.com}\n"
    with (shop / "definitions" / "all.yml").open("a") as definitions:
        definitions.write(outer)
    assert objectives_shown(shop, "--scorecard", "c") == ["sold", "refunded"]
    assert objectives_shown(shop, "--scorecard", "outer") == ["sold", "refunded", "won"]
    assert objectives_shown(shop, "grown", "sold", "--scorecard", "c") == ["grown", "sold", "refunded"]
    wrong = call("objectives", "--scorecard", "d", "--as-of", "2026-04-12", cwd=shop)
    assert wrong.code == 2
    assert "there is no scorecard `d`" in wrong.err
    an_objective = call("objectives", "--scorecard", "sold", "--as-of", "2026-04-12", cwd=shop)
    assert an_objective.code == 2
    assert "`sold` is an objective" in an_objective.err


def objectives_shown(shop: Path, *asked: str) -> list[str]:
    shown = call("objectives", *asked, "--as-of", "2026-04-12", "--format", "json", cwd=shop)
    assert shown.code == 0, shown.err
    return list(dict.fromkeys(row["objective"] for row in json.loads(shown.out)["rows"]))


def test_sql(shop: Path) -> None:
    shown = call("compile", "--scorecard", "c", "--as-of", "2026-04-12", cwd=shop)
    assert "/* scorecard c 1.0.0 */" in shown.out
    assert call("compile", "--scorecard", "c", cwd=shop).code == 1
    assert call("compile", "--scorecard", "d", "--as-of", "2026-04-12", cwd=shop).code == 2
    leaves = call("explain", "c", "--stage", "leaves", "--as-of", "2026-04-12", cwd=shop)
    assert leaves.out.startswith("leaf 0")


def test_a_project_without_scorecards(shop: Path) -> None:
    (shop / "definitions" / "all.yml").write_text(DEFINITIONS)
    shown = call("scorecards", cwd=shop)
    assert shown.code == 2
    assert "no scorecards" in shown.err
