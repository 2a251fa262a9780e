"""Laws that hold of every query, whatever its numbers are: of drawn worlds, asked in two ways.

- A shorter period that cuts no bucket changes no value that it still shows (totals across time aside).
- One more KPI changes no other column.
- Where nothing is cut, `prior(x, 1 period)` in a bucket is `x` in the bucket before.
- To date in its own grain, or rolling over one bucket, `x` is `x`; a count in a bucket is what its cumulative grows by.
- A row of totals is the row of the same query without that member, and `x` frozen in the query's period is `x` there.
- The order of rows in the data changes nothing.
- A metric under another name changes nothing.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import answers
from tests.drawn import blocks

from .dice import SeededDice
from .features import EVERYTHING
from .test_worlds import same, stored_tables, written_project
from .worlds import World, draw_world

MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12}
BLOCKS = 6
FEATURES = EVERYTHING - {"top", "others", "null labels", "periods", "grains", "parts", "roles"}
Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with one grain over a period; `shorter` lies in it and cuts no bucket."""

    world: World
    query: dict[str, Any]
    grain: str
    shorter: tuple[date, date]

    @property
    def has_days(self) -> bool:
        return self.grain not in ("hour", "minute")

    @property
    def one_bucket(self) -> str:
        """Return the length of a bucket."""
        return f"{MONTHS[self.grain]} months" if self.grain in MONTHS else f"1 {self.grain}"

    @property
    def rest(self) -> list[str]:
        """Return what the query groups by beside the grain."""
        return [name for name in self.query["by"] if name != self.grain]

    @property
    def counted(self) -> str | None:
        """Return a dataset whose rows, each of one moment, the query's first formula aggregates."""
        named = self.query["kpis"][0]
        formula = str(self.world.project["kpis"].get(named, {"formula": named})["formula"])
        homes = re.findall(r"\b(?:sum|avg|min|max|count|count_distinct|median|first|last)\((\w+)", formula)
        return next((h for h in homes if h in self.world.project["datasets"] and h != "memberships"), None)

    def before(self, bucket: date) -> date:
        """Return the bucket before."""
        if self.grain in MONTHS:
            months = bucket.year * 12 + bucket.month - 1 - MONTHS[self.grain]
            return date(months // 12, months % 12 + 1, 1)
        return bucket - timedelta(days=7 if self.grain == "week" else 1)


def asked(seed: int) -> Asked | None:
    """Return a drawn query as the laws need it, or None where it has no grain of its own."""
    world = draw_world(SeededDice(seed), features=FEATURES)
    grains = [name for name in world.query["by"] if name in {*MONTHS, "day", "week", "hour", "minute"}]
    texts = json.dumps([world.project["metrics"], world.project["kpis"], world.query["kpis"]], default=str)
    if len(grains) != 1 or len(world.query["by"]) > 2 or re.search(rf"across [^)]*\b{grains[0]}\b", texts):
        return None
    (grain,) = grains
    whole, shorter = _periods(grain, world.project)
    query = {k: v for k, v in world.query.items() if k not in ("limit", "order", "partial")}
    query["period"] = _text(whole)
    if "as_of" in query:
        # Within a day the rules are those of worlds; here it is to lie in the shorter period.
        query["as_of"] = str(shorter[1] - timedelta(days=1))
    if query.get("fill"):
        query["fill"] = "true"
    return Asked(world, query, grain, shorter)


def _periods(grain: str, project: dict[str, Any]) -> tuple[tuple[date, date], tuple[date, date]]:
    """Return a period and a shorter one, both on bounds of buckets."""
    if grain in MONTHS:
        month = int(project.get("fiscal_year_start", 1)) if grain.startswith("fiscal") else 1
        return (date(2024, month, 1), date(2028, month, 1)), (date(2025, month, 1), date(2027, month, 1))
    if grain == "week":
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        start = date(2025, 12, 1) + timedelta(days=names.index(project.get("week_start", "monday")))
        at = [start + timedelta(weeks=n) for n in (0, 3, 15, 20)]
    elif grain == "day":
        at = [date(2026, 3, day) for day in (20, 25, 30)] + [date(2026, 4, 5)]
    else:
        at = [date(2025, 10, day) for day in (25, 26, 27, 28)]
    return (at[0], at[3]), (at[1], at[2])


def _text(period: tuple[date, date]) -> str:
    return f"{period[0]}..{period[1]}"


@cache
def drawn() -> list[Asked]:
    return [found for seed in range(51_120, 51_300) if (found := asked(seed)) is not None]


class Answers:
    """Answers of one world on one engine, as rows by their members, the bucket first."""

    def __init__(self, found: Asked, folder: Path, engine: str, connection: Any) -> None:
        self.found = found
        self.project = answers.checked(written_project(found.world, folder))
        self.engine = engine
        self.connection = connection

    def rows(self, query: dict[str, Any]) -> Rows:
        compiled, told = answers.ask(self.project, query, self.engine, "fast")
        wrong = [d.message for d in told if d.rule.severity == "error"]
        assert not wrong, wrong
        assert compiled is not None
        columns, rows = answers.answer(compiled, self.connection)
        size, grain = len(query["by"]) + ("_level" in columns), self.found.grain
        first = [columns.index(grain)] if grain in columns else []
        places = [*first, *(n for n in range(size) if n not in first)]
        return {
            tuple(row[n] for n in places): dict(zip(columns[size:], row[size:], strict=True)) for row in rows
        }


def _asking(found: Asked) -> Iterator[Answers]:
    for engine in answers.ENGINES:
        with (
            tempfile.TemporaryDirectory() as folder,
            answers.loaded(engine, stored_tables(found.world)) as connection,
        ):
            yield Answers(found, Path(folder), engine, connection)


def _agree(kept: Rows, shown: Rows, query: dict[str, Any]) -> None:
    """Assert that rows show what the others do, wherever both have a column."""
    for key, values in shown.items():
        assert key in kept, (query, key)
        for name, value in values.items():
            if name in kept[key]:
                assert same(kept[key][name], value), (query, key, name, kept[key][name], value)


@pytest.mark.parametrize("block", blocks(BLOCKS))
def test_what_one_asks_for_besides_changes_nothing(block: int) -> None:
    for found in drawn()[block::BLOCKS]:
        for ask in _asking(found):
            whole = ask.rows(found.query)
            _shorter_period(ask, whole)
            if found.has_days:
                _more_formulas(ask, whole)


def _shorter_period(ask: Answers, whole: Rows) -> None:
    """Assert that a shorter period shows its part of the rows, each with the same values."""
    query = {**ask.found.query, "period": _text(ask.found.shorter)}
    shown = {key: row for key, row in ask.rows(query).items() if key[0] is not None}
    within = {key for key in whole if _is_within(key[0], *ask.found.shorter)}
    assert set(shown) <= within, (query, set(shown) - within)
    if "fill" not in query:
        assert set(shown) == within, (query, within - set(shown))
    _agree(whole, shown, query)


def _is_within(bucket: date | None, first: date, end: date) -> bool:
    return bucket is not None and first <= date(bucket.year, bucket.month, bucket.day) < end


def _more_formulas(ask: Answers, whole: Rows) -> None:
    """Assert that more KPIs change no other, and what they are to each other in a bucket and in the one before."""
    found, query, named = ask.found, ask.found.query, ask.found.query["kpis"][0]
    if " = " in named or {"having", "fill"} & set(query):
        return
    kpis = [f"before = prior({named}, 1 period)", f"so_far = to_date({named}, {found.grain})"]
    if "as_of" not in query:
        kpis.append(f"rolled = rolling({named}, {found.one_bucket})")
        if found.counted is not None:
            kpis += [f"n = count({found.counted})", f"ever = cumulative(count({found.counted}))"]
    more = {**query, "kpis": [*query["kpis"], *kpis]}
    longer = ask.rows(more)
    _agree(longer, whole, more)
    if "totals" in query:
        return
    start = date.fromisoformat(query["period"][:10])
    for key, row in longer.items():
        for name in {"so_far", "rolled"} & set(row):
            assert same(row[name], row[named]), (more, key, name, row)
        earlier = (found.before(key[0]), *key[1:])
        if earlier not in longer or earlier[0] < start or "as_of" in query:
            continue
        assert same(row["before"], longer[earlier][named]), (more, key, row["before"], longer[earlier][named])
        assert row.get("ever", 0) - longer[earlier].get("ever", 0) == row.get("n", 0), (more, key, row)


@pytest.mark.parametrize("block", blocks(BLOCKS))
def test_totals_are_what_the_query_gives_without_the_member(block: int) -> None:
    for found in drawn()[block :: 3 * BLOCKS]:
        query = {k: v for k, v in found.query.items() if k not in ("having", "fill", "totals")}
        kpis = [name for name in query["kpis"] if " = " not in name]
        texts = json.dumps([found.world.project, query], default=str)
        if not kpis or re.search(r"\d periods?\b", texts):
            # One period is a bucket of the query's grain, and without a grain another length.
            continue
        level = f"by {', '.join(found.rest)}" if found.rest else "total"
        frozen = [f"frozen_{k} = during({k}, {query['period'].replace('..', ', ')})" for k in kpis]
        for ask in _asking(found):
            totals = ask.rows({**query, "totals": "cube"})
            without = ask.rows({**query, "by": found.rest, "kpis": [*query["kpis"], *frozen]})
            shown = {key[1:-1]: row for key, row in totals.items() if key[-1] == level}
            assert set(shown) == set(without), (query, level, set(shown) ^ set(without))
            _agree(without, shown, query)
            for key, row in without.items():
                for name in kpis:
                    assert same(row[name], row[f"frozen_{name}"]), (query, key, row)


@pytest.mark.parametrize("block", blocks(2))
def test_neither_the_order_of_rows_nor_the_name_of_a_metric_changes_anything(block: int) -> None:
    for found in drawn()[block::8]:
        turned = {name: rows[::-1] for name, rows in found.world.rows.items()}
        project = json.loads(re.sub(r"\bmetric_(\d)", r"measure_\1", json.dumps(found.world.project)))
        kpis = [re.sub(r"\bmetric_(\d)", r"measure_\1", text) for text in found.query["kpis"]]
        query = {**found.query, "kpis": kpis}
        other = replace(found, world=World(project, turned, query), query=query)
        for one, two in zip(_asking(found), _asking(other), strict=True):
            straight, again = one.rows(found.query), two.rows(query)
            assert len(straight) == len(again)
            _agree(straight, again, query)


@pytest.mark.drawn
def test_most_kinds_of_worlds_are_asked() -> None:
    """The laws say little where few worlds have what they are about."""
    texts = [json.dumps([f.world.project, f.query], default=str) for f in drawn()]
    for word in (
        "prior(",
        "rolling(",
        "cumulative(",
        "opening(",
        " per ",
        "having",
        "values(",
        "followed_by",
        "as_of",
    ):
        assert sum(word in text for text in texts) >= 3, word
