"""A small shop, and its answers: those of every engine and both plans, which must be one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpidsl.compiler import compile_query
from kpidsl.diagnostics import Sink
from kpidsl.model.types import parse_type
from kpidsl.project import query_text
from kpidsl.semantics.check import CheckedProject
from tests import answers, servers

SHOP = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_on
    columns:
      order_id: integer
      ordered_on: date
      channel: text
      country: text
      status: text
      amount: decimal(12,2)
      minutes: integer
  visits:
    table: visits
    key: visit_id
    time: visited_on
    columns: {visit_id: integer, visited_on: date, channel: text}
dimensions:
  channel: {from: {orders: channel, visits: channel}}
  country: {from: {orders: country}}
  status: {from: {orders: status}}
metrics:
  revenue: sum(orders.amount where status = 'paid')
  orders_placed: count(orders)
  traffic: count(visits)
"""

ORDERS = [
    (1, date(2025, 1, 10), "email", "FR", "paid", Decimal("10.10"), 5),
    (2, date(2025, 2, 10), "search", "FR", "paid", Decimal("20.20"), 15),
    (3, date(2025, 7, 1), None, "DE", "paid", Decimal("30.30"), 25),
    (4, date(2026, 1, 5), "email", "FR", "paid", Decimal("100.10"), 35),
    (5, date(2026, 1, 31), "email", "DE", "refunded", Decimal("5.00"), 45),
    (6, date(2026, 2, 1), "social", None, "paid", Decimal("0.30"), 55),
    (7, date(2026, 8, 8), None, "FR", None, Decimal("7.00"), None),
]
VISITS = [
    (1, date(2025, 3, 3), "email"),
    (2, date(2026, 1, 2), "email"),
    (3, date(2026, 1, 3), "search"),
    (4, date(2026, 2, 3), None),
    (5, date(2026, 2, 4), "direct"),
]


def shop(folder: Path, more: str = "", definitions: str = SHOP) -> CheckedProject:
    """Return the shop's project with more definitions in a file of their own."""
    answers.write_project(folder, "", definitions)
    if more:
        (folder / "definitions" / "more.yml").write_text(more, encoding="utf-8")
    return answers.checked(folder)


def codes_of(folder: Path, more: str) -> list[str]:
    """Return the codes of what is wrong with the shop and more definitions."""
    from kpidsl.checking import load

    answers.write_project(folder, "", SHOP)
    (folder / "definitions" / "more.yml").write_text(more, encoding="utf-8")
    sink = Sink()
    load(folder, sink)
    return [diagnostic.code for diagnostic in sink.diagnostics()]


def ask(project: CheckedProject, kpis: str | list[str], **parts: Any) -> list[tuple[Any, ...]]:
    """Return the rows, having seen that all engines and plans agree; floats are rounded to 9 digits."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for engine in answers.ENGINES_HERE:
        tables = _tables(project)
        dialect = servers.ENGINES[engine].dialect
        with answers.loaded(engine, tables) as connection:
            for strategy in answers.STRATEGIES:
                sink = Sink()
                compiled = compile_query(project, query_text(kpis, **parts), dialect, sink, strategy)
                assert compiled is not None, [d.message for d in sink.diagnostics()]
                _, rows = answers.answer(compiled, connection)
                found[f"{engine} {strategy}"] = [tuple(map(_rounded, row)) for row in rows]
    first = next(iter(found.values()))
    assert all(rows == first for rows in found.values()), found
    return first


def columns(project: CheckedProject, kpis: str | list[str], **parts: Any) -> list[str]:
    """Return the names of the result's columns."""
    from kpidsl.project import result_columns

    sink = Sink()
    compiled = compile_query(project, query_text(kpis, **parts), "duckdb", sink)
    assert compiled is not None, [d.message for d in sink.diagnostics()]
    return [column.name for column in result_columns(compiled)]


def refused(project: CheckedProject, kpis: str | list[str], **parts: Any) -> list[str]:
    """Return the codes that refuse a query."""
    sink = Sink()
    assert compile_query(project, query_text(kpis, **parts), "duckdb", sink) is None
    return [diagnostic.code for diagnostic in sink.diagnostics()]


def messages(project: CheckedProject, kpis: str | list[str], **parts: Any) -> str:
    """Return what is said about a query, message and help."""
    sink = Sink()
    compile_query(project, query_text(kpis, **parts), "duckdb", sink)
    return "\n".join(f"{d.message}\n{d.help}" for d in sink.diagnostics())


def _tables(project: CheckedProject) -> list[answers.StoredTable]:
    tables: list[answers.StoredTable] = []
    for name, rows in (("orders", ORDERS), ("visits", VISITS)):
        stored = [
            (c.name, parse_type(str(c.type)))
            for c in project.project.datasets[name].columns.values()
            if not c.is_derived
        ]
        tables.append(((name,), [(n, t) for n, t in stored if t is not None], rows))
    return tables


def _rounded(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value
