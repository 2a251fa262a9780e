"""What the roastery wants of the lexicon's KPIs: objectives of many kinds and scorecards, on every engine."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kpidsl.engines import Connection

from .roastery import OTHERS, differences, found, project

ASKED = [{"objective": name, "as_of": "2026-09-21"} for name in project().objectives]
ASKED += [{"scorecard": name, "as_of": "2026-09-21"} for name in project().scorecards]
BY_HAND = {
    path.stem: path for path in sorted((Path(__file__).parent / "checks" / "objectives").glob("*.sql"))
}
STATUSES = {
    "at_risk", "immature", "insufficient_data", "met", "met_late", "missed", "no_data", "not_due", "not_started",
    "off_track", "on_track", "target_missing", "too_early",
}  # fmt: skip


def _name(asked: dict[str, str]) -> str:
    return next(iter(asked.values()))


def test_they_are_many_and_of_many_kinds_and_called_in_both_languages() -> None:
    objectives = project().project.objectives
    assert len(objectives) >= 10
    assert len({objective.kind for objective in objectives.values()}) >= 8
    for one in (*objectives.values(), *project().project.scorecards.values()):
        assert set(one.label) == {"en", "fr"}, one.name


@pytest.mark.parametrize("asked", ASKED, ids=_name)
def test_each_stands_somehow(asked: dict[str, str], large: Connection) -> None:
    columns, rows = found(asked, "duckdb", large)
    assert rows
    assert {row[columns.index("status")] for row in rows} <= STATUSES


@pytest.mark.parametrize("name", BY_HAND)
def test_an_objective_stands_as_the_hand_written_sql_says(
    name: str, large: Connection, large_by_hand: duckdb.DuckDBPyConnection
) -> None:
    written = large_by_hand.execute(BY_HAND[name].read_text(encoding="utf-8"))
    named = [column[0] for column in written.description or ()]
    expected = sorted(written.fetchall(), key=lambda row: str(row[0]))
    columns, rows = found({"objective": name, "as_of": "2026-09-21"}, "duckdb", large)
    shown = [tuple(row[columns.index(column)] for column in named) for row in rows]
    assert expected
    assert differences(named, shown, expected) == []


@pytest.mark.parametrize("asked", ASKED, ids=_name)
@pytest.mark.parametrize("engine", OTHERS, indirect=True)
def test_and_so_it_does_on_every_engine(
    asked: dict[str, str], small: Connection, engine: tuple[str, Connection]
) -> None:
    columns, expected = found(asked, "duckdb", small)
    _, rows = found(asked, *engine)
    assert differences(columns, rows, expected) == []
