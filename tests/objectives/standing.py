"""An objective over a few rows, evaluated on the engines in memory by both plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpidsl.checking import load
from kpidsl.compiler import compile_objective
from kpidsl.diagnostics import Sink
from kpidsl.diagnostics.render_text import render
from kpidsl.project import query_text
from tests import answers, servers

SALES = """\
datasets:
  sales:
    table: sales
    key: id
    time: day
    unit: sale
    columns: {id: integer, day: date, channel: text, amount: "decimal(10,2)", share: float, is_won: boolean}
dimensions:
  channel: {type: text, from: {sales: channel}}
metrics:
  won: count(sales where is_won)
kpis:
  revenue:
    label: Revenue
    formula: sum(sales.amount)
    direction: up
    owner: shop@example.com
  refunds:
    label: Refunds
    formula: sum(sales.amount where not is_won)
    direction: down
    owner: shop@example.com
  win_rate:
    label: Win rate
    formula: won / count(sales)
    direction: up
    owner: shop@example.com
  mean_amount:
    label: Mean amount
    formula: avg(sales.amount)
    direction: up
    owner: shop@example.com
  mean_share:
    label: Mean share
    formula: avg(sales.share)
    direction: up
    owner: shop@example.com
"""

Sale = tuple[str | None, str | None, float, bool]
"""A day, if there is one, a channel, an amount (its hundredth is the share), and whether the sale was won."""


def sale(day: str, amount: float, channel: str | None = "web", *, won: bool = True) -> Sale:
    return (day, channel, amount, won)


def codes(folder: Path, objective: str, beside: str = "", definitions: str = SALES) -> list[str]:
    """Return the codes of what is wrong with an objective, warnings too; `beside` are other objectives."""
    sink = Sink()
    load(answers.write_project(folder, "timezone: UTC\n", definitions + _section(objective) + beside), sink)
    return [diagnostic.code for diagnostic in sink.diagnostics()]


def stands(
    folder: Path,
    objective: str,
    sales: Sequence[Sale],
    definitions: str = SALES,
    beside: str = "",
    **asked: Any,
) -> list[dict[str, Any]]:
    """Return the rows of the objective `o`, which all engines and plans give alike; `beside` are others."""
    text = definitions + _section(objective) + beside
    project = answers.checked(answers.write_project(folder, "timezone: UTC\n", text))
    kinds = [
        ("id", "integer"),
        ("day", "date"),
        ("channel", "text"),
        ("amount", "decimal(10,2)"),
        ("share", "float"),
        ("is_won", "boolean"),
    ]
    stored = [
        (n, None if day is None else date.fromisoformat(day), channel, f"{amount:.2f}", amount / 100, won)
        for n, (day, channel, amount, won) in enumerate(sales, 1)
    ]
    typed = [(name, answers.type_named(kind)) for name, kind in kinds]
    rows = [
        tuple(_stored(value, kind) for value, (_, kind) in zip(row, kinds, strict=True)) for row in stored
    ]
    found: list[list[dict[str, Any]]] = []
    for engine in answers.ENGINES:
        with answers.loaded(engine, [(("sales",), typed, rows)]) as connection:
            for strategy in answers.STRATEGIES:
                sink = Sink()
                compiled = compile_objective(
                    project,
                    project.objectives["o"],
                    query_text((), **asked),
                    servers.ENGINES[engine].dialect,
                    sink,
                    strategy,
                )
                assert compiled is not None, render(sink.diagnostics(), width=100, color=False)
                names, answered = answers.answer(compiled, connection)
                found.append([dict(zip(names, row, strict=True)) for row in answered])
    first, *others = found
    assert all(_rounded(other) == _rounded(first) for other in others)
    return first


def _section(objective: str) -> str:
    lines = "".join(f"    {line}\n" for line in objective.strip().splitlines())
    return f"objectives:\n  o:\n    owner: shop@example.com\n{lines}"


def _stored(value: Any, kind: str) -> Any:
    return Decimal(value) if kind.startswith("decimal") else value


def _rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: round(cell, 9) if isinstance(cell, float) else cell for name, cell in row.items()}
        for row in rows
    ]
