"""What the case files ask: which construct around or inside which formula, by what.

A cell is (construct, inner formula, by a grain or not, by a member or not). It is there where some heading of
a case file has a query, answered or refused, in which the construct meets the formula: the formula stands in
the construct, or, for what stands inside an aggregate, the construct stands in the formula. Metrics and KPIs
are written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from kpidsl.diagnostics import Sink
from kpidsl.source import SourceFile
from kpidsl.syntax import parse_formula
from kpidsl.syntax import tree as t
from tests.cases.reader import Case, Tree, read_case

AROUND = (
    "prior",
    "change",
    "growth",
    "rolling",
    "to_date",
    "cumulative",
    "opening",
    "during",
    "total",
    "share",
    "where",
)
"""Constructs in which a formula stands; `where` is one on a formula, not on rows."""
OVER = ("per entity", "per day")
BESIDE = ("period_start", "period_end")
INSIDE = ("having", "followed_by", "values")
OF_QUERY = ("as_of",)
CONSTRUCTS = (*AROUND, *OVER, *BESIDE, *INSIDE, *OF_QUERY)
FORMULAS = ("sum", "ratio", "distinct count", "median", "several datasets")

GRAINS = frozenset(
    {"minute", "hour", "day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"}
)
AGGREGATES = frozenset(
    {"sum", "avg", "min", "max", "count", "count_distinct", "median", "percentile", "stddev", "variance"}
    | {"first", "last", "weighted_avg"}
)
_KIND_OF = {"sum": "sum", "count_distinct": "distinct count", "median": "median", "percentile": "median"}
_PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind) if not field.name.endswith("span"))
    for kind in vars(t).values()
    if isinstance(kind, type) and is_dataclass(kind)
}
"""What the nodes of each kind are made of, but for where they stand."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    construct: str
    formula: str
    by_grain: bool
    by_member: bool

    def __str__(self) -> str:
        by = [name for name, is_there in (("grain", self.by_grain), ("member", self.by_member)) if is_there]
        return f"{self.construct} × {self.formula} by {' and '.join(by) or 'nothing'}"


ALL = frozenset(
    Cell(construct, formula, grain, member)
    for construct, formula, grain, member in product(CONSTRUCTS, FORMULAS, (True, False), (True, False))
    if construct != "share" or member or grain
)
"""A share is one across a member or a grain that is asked for."""


def cells_of(path: Path) -> frozenset[Cell]:
    """Return the cells that a case file fills."""
    case = read_case(path)
    named, datasets = _named(case), _datasets(case)
    grains = GRAINS | _own_grains(case)
    known: dict[str, tuple[set[tuple[str, str]], frozenset[str]]] = {}
    found: set[Cell] = set()
    for asked in case.queries:
        by = _texts(asked.query.get("by"))
        by_grain = any(name in grains for name in by)
        by_member = any(name not in grains for name in by)
        for text in _texts(asked.query.get("kpis")):
            name, is_ad_hoc, formula = text.partition(" = ")
            expr = _parsed(formula) if is_ad_hoc else named.get(name.partition("@")[0])
            if expr is None:
                continue
            if text not in known:
                written = _written_out(expr, named)
                known[text] = set(_met(written, datasets)), _kinds(written, datasets)
            met, kinds = known[text]
            if "as_of" in asked.query:
                met = met | {("as_of", kind) for kind in kinds}
            found |= {Cell(construct, kind, by_grain, by_member) for construct, kind in met}
    return frozenset(found)


def _met(expr: t.Expr, datasets: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each construct with the kinds of formula that it meets."""
    for node in _walk(expr):
        kinds = _kinds(node, datasets)
        match node:
            case t.Call(function=word, modifiers=modifiers):
                inner = _kinds(node.arguments[0], datasets) if node.arguments else frozenset()
                if word in AROUND:
                    yield from ((word, kind) for kind in inner)
                pers = [name for m in modifiers if m.word == "per" for name in m.arguments]
                if pers and word in AGGREGATES and inner:
                    grains = any(isinstance(name, t.Name) and name.parts[-1] in GRAINS for name in pers)
                    yield from (("per day" if grains else "per entity", kind) for kind in inner)
                tests = [test for m in modifiers if m.word == "having" for test in m.arguments]
                yield from (("having", kind) for test in tests for kind in _kinds(test, datasets))
            case t.Where(operand=operand):
                if not _is_of_rows(operand, datasets):
                    yield from (("where", kind) for kind in _kinds(operand, datasets))
            case _:
                pass
        for construct in _stands_in(node):
            yield from ((construct, kind) for kind in kinds)


def _stands_in(expr: t.Expr) -> Iterator[str]:
    """Yield the constructs inside aggregates, and those that name a window, that an expression holds."""
    for node in _walk(expr):
        match node:
            case t.Call(function="followed_by" | "preceded_by"):
                yield "followed_by"
            case t.InSet():
                yield "values"
            case t.Name(parts=(("period_start" | "period_end") as word,)):
                yield word
            case _:
                pass


def _kinds(expr: t.Expr, datasets: frozenset[str]) -> frozenset[str]:
    """Return what kinds of formula are in an expression, each of which stands in every construct around."""
    found: set[str] = set()
    for node in _walk(expr):
        match node:
            case t.Call(function=word) if word in _KIND_OF and _homes(node, datasets):
                found.add(_KIND_OF[word])
            case t.Arithmetic(left=left, right=right) if _homes(left, datasets) and _homes(right, datasets):
                if node.op == "/":
                    found.add("ratio")
            case _:
                pass
    if len(_homes(expr, datasets)) > 1:
        found.add("several datasets")
    return frozenset(found)


def _homes(expr: t.Expr, datasets: frozenset[str]) -> frozenset[str]:
    """Return the datasets whose rows the aggregates of an expression read."""
    found: set[str] = set()
    for node in _walk(expr):
        if isinstance(node, t.Call) and node.function in AGGREGATES and node.arguments:
            inner = node.arguments[0]
            if any(isinstance(n, t.Call) and n.function in AGGREGATES for n in _walk(inner)):
                continue
            names = [n.parts[0] for n in _walk(inner) if isinstance(n, t.Name) and n.parts[0] in datasets]
            found.update(names[:1])
    return frozenset(found)


def _is_of_rows(expr: t.Expr, datasets: frozenset[str]) -> bool:
    """Tell whether a condition after an expression is one on rows: it stands in an aggregate's argument."""
    return not _homes(expr, datasets)


def _walk(expr: object) -> Iterator[t.Expr]:
    """Yield an expression and all that is in it."""
    if isinstance(expr, tuple):
        for part in expr:
            yield from _walk(part)
    elif names := _PARTS.get(type(expr)):
        if not isinstance(expr, t.Modifier):
            yield expr  # type: ignore[misc]
        for name in names:
            yield from _walk(getattr(expr, name))


def _written_out(expr: t.Expr, named: Mapping[str, t.Expr], depth: int = 0) -> t.Expr:
    """Return a formula with the metrics and KPIs that it names written out."""

    def changed(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(changed, value))
        if isinstance(value, t.Name) and len(value.parts) == 1 and value.parts[0] in named and depth < 20:
            return _written_out(named[value.parts[0]], named, depth + 1)
        parts = {name: getattr(value, name) for name in _PARTS.get(type(value), ())}
        if not parts:
            return value
        return replace(value, **{name: changed(part) for name, part in parts.items()})

    found: t.Expr = changed(expr)
    return found


@cache
def _parsed(text: str) -> t.Expr | None:
    return parse_formula(SourceFile("formula", text), Sink())


def _named(case: Case) -> dict[str, t.Expr]:
    found: dict[str, t.Expr] = {}
    for section in ("metrics", "kpis"):
        bodies = case.project.get(section)
        for name, body in (bodies if isinstance(bodies, dict) else {}).items():
            text = body.get("formula") if isinstance(body, dict) else body
            expr = _parsed(text) if isinstance(text, str) else None
            if expr is not None:
                found[name] = expr
    return found


def _datasets(case: Case) -> frozenset[str]:
    found = case.project.get("datasets")
    return frozenset(found if isinstance(found, dict) else ())


def _own_grains(case: Case) -> frozenset[str]:
    found: set[str] = set()
    calendars = case.project.get("calendars")
    for body in (calendars if isinstance(calendars, dict) else {}).values():
        grains = body.get("grains") if isinstance(body, dict) else None
        found |= set(grains if isinstance(grains, dict) else ())
    return frozenset(found)


def _texts(value: Tree) -> list[str]:
    """Return the texts of a list, or of a list written as one text."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []
