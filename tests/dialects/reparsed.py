"""Is a statement read again as the tree that it was written from?

sqlglot's generator writes operators as they stand in the tree, without parentheses of its own, and nobody runs the SQL of some
dialects here. So the tree that the compiler made and the one that sqlglot reads from its text are compared:
which operators there are, and what each combines. Functions are compared by the operators inside them alone, as a
dialect has several names for one function; the kept text tells of those. What is not compared: orders, in which
the generator writes the place of nulls for the dialects that cannot say it, and what is inside an interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import sqlglot
from sqlglot import exp

from kpidsl import compiler
from kpidsl.diagnostics import Sink
from kpidsl.planning import PlannedQuery
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.emit import formatted

Shape = str | tuple["Shape", ...]

_OPERATORS = (exp.Binary, exp.Not, exp.Neg)
_NO_OPERATORS = (exp.Dot, exp.PropertyEQ, exp.JSONExtractScalar, exp.Collate, exp.IntDiv, exp.Mod)
"""Names with dots, the names that a struct's parts are given when it is read, and functions (MOD is one on BigQuery)."""
_NOT_COMPARED = (exp.Order, exp.Interval)


def written(planned: PlannedQuery, dialect: str) -> tuple[exp.Expr, str] | None:
    """Return a query's tree as it is handed to the generator, and its text; nothing where it is refused."""
    trees: list[exp.Expr] = []

    def keeping(tree: exp.Expr, entry: Dialect) -> str:
        trees.append(tree.copy())
        return formatted(tree, entry)

    with patch.object(compiler, "formatted", keeping):
        found = compiler.write_query(planned, dialect, Sink())
    return None if found is None else (trees[-1], found.sql)


def read_again(sql: str, dialect: str) -> exp.Expr:
    tree = sqlglot.parse_one(sql, read=dialect)
    if dialect == "bigquery":
        # What its DATE_ADD adds is an interval, of which the reader keeps the count and the unit.
        for added in list(tree.find_all(exp.IntervalOp)):
            added.set("expression", exp.Interval(this=added.expression))
    return tree


def shapes(tree: exp.Expr) -> list[Shape]:
    """Return every outermost operator of a tree with what it combines, in an order of their own."""
    return sorted((_shape(node) for node in _outermost(tree)), key=repr)


def _outermost(tree: exp.Expr) -> Iterator[exp.Expr]:
    for child in tree.iter_expressions():
        if isinstance(child, _NOT_COMPARED):
            continue
        if isinstance(tree, exp.TsOrDsAdd) and isinstance(child, exp.Mul):
            # sqlglot reads Spark's DATE_SUB as an addition of -1 times what is taken away.
            yield from _outermost(exp.Paren(this=child.this.copy()))
        elif _is_operator(child):
            yield child
        else:
            yield from _outermost(child)


def _is_operator(node: exp.Expr) -> bool:
    return isinstance(node, _OPERATORS) and not isinstance(node, _NO_OPERATORS)


def _shape(node: exp.Expr) -> Shape:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Is) and (isinstance(node.expression, exp.Not) or node.args.get("negate")):
        # `x IS NOT NULL`, which is written of one tree, and read as a NOT of a test or, on PostgreSQL, as a third.
        return ("Not", _shape(exp.Is(this=node.this.copy(), expression=exp.Null())))
    if _is_operator(node):
        return (type(node).__name__, *(_shape(child) for child in node.iter_expressions()))
    if isinstance(node, (exp.Column, exp.Literal, exp.Identifier, exp.Var)):
        return node.name
    return ("…",) if isinstance(node, _NOT_COMPARED) else ("…", *shapes(node))


def misread_tables(tree: exp.Expr) -> set[str]:
    """Return the tables that have the name of another one's alias in their select: ClickHouse reads that other one."""
    found = set()
    for select in tree.find_all(exp.Select):
        clauses = [select.args.get("from_"), *(select.args.get("joins") or ())]
        sources = [clause.this for clause in clauses if clause is not None]
        for table in sources:
            if isinstance(table, exp.Table) and table.name and not table.db:
                others = {other.alias.lower() for other in sources if other is not table}
                found.update({table.name.lower()} & others)
    return found
