"""Columns over the whole history against what they mean, row by row in plain Python, on random rows."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests import answers

Row = dict[str, Any]
Form = tuple[str, str, Callable[[Sequence[Row], Row], Any]]

MEASURED = ("sum", "count", "min", "max", "avg", "first", "last", "count_distinct")
SPREAD = ("median", "stddev", "variance")


def placed(rows: Sequence[Row], descending: bool = False) -> list[Row]:
    """Return rows in time, those without one last, rows of one day by their key."""
    timed = sorted((r for r in rows if r["t"] is not None), key=lambda r: r["id"])
    timed.sort(key=lambda r: r["t"], reverse=descending)
    return timed + sorted((r for r in rows if r["t"] is None), key=lambda r: r["id"])


def siblings(rows: Sequence[Row], row: Row) -> list[Row]:
    return [r for r in rows if r["k"] == row["k"]]


def up_to(rows: Sequence[Row], row: Row, descending: bool = False) -> list[Row]:
    ordered = placed(siblings(rows, row), descending)
    return ordered[: ordered.index(row) + 1]


def measured(function: str, rows: Sequence[Row]) -> Any:
    values = [r["x"] for r in rows if r["x"] is not None]
    match function:
        case "sum":
            return sum(values)
        case "count":
            return len(values)
        case "count_distinct":
            return len(set(values))
        case "avg":
            return float(sum(values)) / len(values) if values else None
        case "median":
            return float(statistics.median(values)) if values else None
        case "stddev" | "variance":
            spread = statistics.stdev if function == "stddev" else statistics.variance
            return float(spread(values)) if len(values) > 1 else None
        case "first":
            return values[0] if values else None
        case "last":
            return values[-1] if values else None
        case _:
            return None if not values else min(values) if function == "min" else max(values)


def of_somebody(value: Callable[[Sequence[Row], Row], Any]) -> Callable[[Sequence[Row], Row], Any]:
    return lambda rows, row: None if row["k"] is None else value(rows, row)


def neighbour(rows: Sequence[Row], row: Row, by: int) -> Any:
    ordered = placed(siblings(rows, row))
    at = ordered.index(row) + by
    return ordered[at]["x"] if 0 <= at < len(ordered) else None


def type_of(function: str) -> str:
    return "float" if function in ("avg", *SPREAD) else "integer"


def forms() -> dict[str, Form]:
    found: dict[str, Form] = {
        "place": (
            "integer",
            "row_number(per k order by t)",
            of_somebody(lambda rows, row: len(up_to(rows, row))),
        ),
        "place_down": (
            "integer",
            "row_number(per k order by -t)",
            of_somebody(lambda rows, row: len(up_to(rows, row, descending=True))),
        ),
        "place_of_all": (
            "integer",
            "row_number(per k including null order by t)",
            lambda rows, row: len(up_to(rows, row)),
        ),
        "before": ("integer", "lag(x per k order by t)", of_somebody(lambda a, r: neighbour(a, r, -1))),
        "after": ("integer", "lead(x, 2 per k order by t)", of_somebody(lambda a, r: neighbour(a, r, 2))),
        "rows_of_all": (
            "integer",
            "count(facts per c including null)",
            lambda rows, row: len([r for r in rows if r["c"] == row["c"]]),
        ),
    }
    for function in SPREAD:
        found[f"of_k_{function}"] = (
            "float",
            f"{function}(x where c = 'a' per k)",
            of_somebody(
                lambda rows, row, f=function: measured(f, [r for r in siblings(rows, row) if r["c"] == "a"])
            ),
        )
        found[f"of_both_{function}"] = (
            "float",
            f"{function}(facts.x per k, c including null)",
            lambda rows, row, f=function: measured(f, [r for r in siblings(rows, row) if r["c"] == row["c"]]),
        )
    for function in MEASURED:
        found[f"run_{function}"] = (
            type_of(function),
            f"{function}(x per k order by t)",
            of_somebody(lambda rows, row, f=function: measured(f, up_to(rows, row))),
        )
        found[f"some_{function}"] = (
            type_of(function),
            f"{function}(x where c = 'a' per k order by t)",
            of_somebody(
                lambda rows, row, f=function: measured(f, [r for r in up_to(rows, row) if r["c"] == "a"])
            ),
        )
        timed = function in ("first", "last")
        found[f"all_{function}"] = (
            type_of(function),
            f"{function}(x per k)",
            of_somebody(
                lambda rows, row, f=function, t=timed: measured(
                    f, [r for r in placed(siblings(rows, row)) if not t or r["t"] is not None]
                )
            ),
        )
    return found


def parents() -> dict[str, Form]:
    found: dict[str, Form] = {
        "p_rows": ("integer", "count(facts)", lambda rows, row: len(siblings(rows, row))),
        "p_second": (
            "integer",
            "sum(facts.x where place = 2)",
            lambda rows, row: sum(r["x"] or 0 for r in placed(siblings(rows, row))[1:2]),
        ),
    }
    for function in (*MEASURED, *SPREAD):
        timed = function in ("first", "last")
        found[f"p_{function}"] = (
            type_of(function),
            f"{function}(facts.x)",
            lambda rows, row, f=function, t=timed: measured(
                f, [r for r in placed(siblings(rows, row)) if not t or r["t"] is not None]
            ),
        )
    return found


FORMS, PARENTS = forms(), parents()


def columns_of(described: dict[str, Form]) -> str:
    return "".join(
        f'      {name}: {{type: {type_}, expr: "{expr}"}}\n' for name, (type_, expr, _) in described.items()
    )


DEFINITIONS = f"""\
datasets:
  facts:
    table: facts
    key: id
    time: t
    where: not skipped
    columns:
      id: integer
      k: integer
      t: date
      x: integer
      c: text
      skipped: boolean
{columns_of(FORMS)}    joins:
      parent: {{to: parents, using: k}}
  parents:
    table: parents
    key: k
    columns:
      k: integer
{columns_of(PARENTS)}"""
STORED = {"id": "integer", "k": "integer", "t": "date", "x": "integer", "c": "text", "skipped": "boolean"}


def rows_of(seed: int) -> list[Row]:
    chance = random.Random(seed)
    days = [None, *(date(2026, 1, 1) + timedelta(days=n) for n in range(4))]
    return [
        {
            "id": number,
            "k": chance.choice([None, 1, 2, 3]),
            "t": chance.choice(days),
            "x": chance.choice([None, 1, 2, 2, 5]),
            "c": chance.choice([None, "a", "b"]),
            "skipped": chance.random() < 0.15,
        }
        for number in chance.sample(range(100), chance.randrange(1, 14))
    ]


def asked(table: str, key: str, described: dict[str, Form]) -> dict[str, Any]:
    shown = [f"{name} = max({table}.{name})" for name in described]
    return {"kpis": shown, "by": [f"{table}.{key}"]}


@pytest.mark.drawn
@pytest.mark.parametrize("engine", answers.ENGINES)
def test_columns_are_what_they_mean_on_random_rows(engine: str, tmp_path: Path) -> None:
    project = answers.checked(answers.write_project(tmp_path, "", DEFINITIONS))
    own, _ = answers.ask(project, asked("facts", "id", FORMS), engine)
    above, _ = answers.ask(project, asked("parents", "k", PARENTS), engine)
    assert own is not None
    assert above is not None
    for seed in range(40):
        rows = rows_of(seed)
        kept = [row for row in rows if not row["skipped"]]
        stored = [(name, answers.type_named(kind)) for name, kind in STORED.items()]
        owners = [{"k": 1}, {"k": 2}, {"k": 4}]
        tables = [
            (("facts",), stored, [tuple(row.values()) for row in rows]),
            (("parents",), stored[1:2], [tuple(row.values()) for row in owners]),
        ]
        with answers.loaded(engine, tables) as connection:
            compare(answers.answer(own, connection), kept, "id", kept, FORMS, seed)
            compare(answers.answer(above, connection), owners, "k", kept, PARENTS, seed)


def compare(
    found: tuple[tuple[str, ...], list[tuple[Any, ...]]],
    wanted: Sequence[Row],
    key: str,
    rows: Sequence[Row],
    described: dict[str, Form],
    seed: int,
) -> None:
    _, table = found
    by_key = {values[0]: dict(zip(described, values[1:], strict=True)) for values in table}
    assert by_key.keys() == {row[key] for row in wanted}
    for row in wanted:
        for name, (_, expr, meaning) in described.items():
            value, due = by_key[row[key]][name], meaning(rows, row)
            value = int(value) if isinstance(value, Decimal) else value
            assert value == (pytest.approx(due) if isinstance(due, float) else due), (seed, row, expr)
