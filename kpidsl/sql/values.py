"""The form of values: constants, and what stands where one type is due and another is at hand.

Decimals are native, or (where a dialect has none) integers that count units of the last digit, so
that sums stay exact. Every change of form goes through `coerce`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Context, Decimal

from sqlglot import exp

from kpidsl.model.types import Kind, Type
from kpidsl.model.zones import in_zone, known
from kpidsl.semantics.bound import Constant
from kpidsl.sql import nodes
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.nodes import Node

_SQL_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
    Kind.FLOAT: "double",
    Kind.DATE: "date",
}

EXACT = Context(prec=200)
"""Python's own context would round a literal of more than 28 digits."""


def constant(value: Constant, due: Type, dialect: Dialect, project_zone: str) -> Node:
    """Return a constant in the form of the type that is due at its place."""
    raw = value.value
    if raw is None:
        return typed_null(due, dialect)
    if isinstance(raw, bool):
        return exp.Boolean(this=raw)
    if isinstance(raw, str):
        return dialect.text_literal(raw)
    if isinstance(raw, date):
        return _time(raw, due, dialect, project_zone)
    return _number(raw, due, dialect)


def sql_type(type: Type, dialect: Dialect) -> str:
    """Return a type's name as sqlglot reads it."""
    if type.kind is Kind.DECIMAL:
        return decimal_type(type.precision, type.scale, dialect)
    if type.kind is Kind.TIMESTAMP:
        return dialect.timestamp_type
    return _SQL_TYPES.get(type.kind, dialect.text_type)


def as_declared(column: Node, type: Type, dialect: Dialect) -> Node:
    """Return a table's column as what it is declared to be, where the table may have it in another type."""
    if dialect.has_declared_types or type.kind is Kind.TEXT:
        return column
    return nodes.cast(column, sql_type(type, dialect))


def decimal_type(precision: int, scale: int, dialect: Dialect) -> str:
    return f"decimal({dialect.cast_digits or precision}, {scale})"


def typed_null(type: Type, dialect: Dialect) -> Node:
    """Return a null with its type, which it needs where nothing beside it has one: in a UNION, a CASE."""
    is_untyped = dialect.scaled_decimals or type.kind in (Kind.NULL, Kind.UNKNOWN)
    return exp.Null() if is_untyped else nodes.cast(exp.Null(), sql_type(type, dialect))


def is_null(node: Node) -> bool:
    """Tell whether a node is a null, with a type or without."""
    return isinstance(node.this if isinstance(node, exp.Cast) else node, exp.Null)


def beside_types(found: Sequence[Node]) -> list[Node]:
    """Return values that meet in one place: the type of a null need not be said where another has it."""
    has_type = any(not is_null(node) for node in found)
    return [exp.Null() if has_type and is_null(node) else node for node in found]


def beside_texts(found: Sequence[Node]) -> list[Node]:
    """Return the sides of a comparison: a text beside another need not say again how it compares."""
    if all(isinstance(node, exp.Introducer) for node in found):
        return list(found)
    return [node.expression if isinstance(node, exp.Introducer) else node for node in found]


def _number(raw: int | Decimal | float, due: Type, dialect: Dialect) -> Node:
    literal: Node
    if due.kind is Kind.FLOAT:
        written = f"{Decimal(repr(abs(float(raw)))).normalize():e}"
        literal = exp.Literal.number(written.replace("+", ""))
    elif due.kind is Kind.DECIMAL and dialect.scaled_decimals:
        literal = exp.Literal.number(int(EXACT.scaleb(EXACT.abs(Decimal(raw)), due.scale)))
    else:
        literal = exp.Literal.number(format(EXACT.abs(Decimal(raw)), "f"))
        if due.kind is Kind.DECIMAL and not dialect.has_decimal_literals:
            digits = max(due.scale, _digits_after_point(raw))
            literal = nodes.cast(nodes.text(literal.name), f"decimal(38, {digits})")
    return exp.Neg(this=literal) if raw < 0 else literal


def _digits_after_point(raw: int | Decimal | float) -> int:
    return max(0, -int(Decimal(raw).as_tuple().exponent))


def _time(raw: date, due: Type, dialect: Dialect, project_zone: str) -> Node:
    if due.kind is Kind.TIMESTAMP:
        moment = raw if isinstance(raw, datetime) else datetime.combine(raw, time())
        if moment.tzinfo is not None:
            moment = moment.astimezone(known(due.zone or project_zone)).replace(tzinfo=None)
        elif due.zone is not None and due.zone != project_zone:
            moment = in_zone(moment, project_zone, due.zone)
        written = nodes.text(moment.isoformat(sep=" "))
        return written if dialect.times_are_text else nodes.cast(written, dialect.timestamp_type)
    written = nodes.text(raw.isoformat())
    return written if dialect.times_are_text else nodes.cast(written, "date")


def coerce(node: Node, found: Type, due: Type, dialect: Dialect) -> Node:
    """Return a value of type `found` in the form of type `due` (zones are the caller's affair)."""
    if found.kind is due.kind and (found.kind is not Kind.DECIMAL or found.scale == due.scale):
        return node
    if due.kind is Kind.FLOAT and found.is_exact:
        return as_double(node, found, dialect)
    if due.kind is Kind.DECIMAL and found.is_exact and dialect.scaled_decimals:
        factor = 10 ** (due.scale - found.scale)
        return node if factor == 1 else nodes.binary(exp.Mul, node, nodes.integer(factor))
    if due.kind is Kind.TIMESTAMP and found.kind is Kind.DATE:
        if dialect.times_are_text:
            return nodes.binary(exp.DPipe, node, nodes.text(" 00:00:00"))
        return nodes.cast(node, dialect.timestamp_type)
    return node


def as_double(node: Node, found: Type, dialect: Dialect) -> Node:
    if found.kind is Kind.FLOAT:
        return node
    double = nodes.cast(node, "double")
    if found.kind is Kind.DECIMAL and dialect.scaled_decimals and found.scale:
        return nodes.binary(exp.Div, double, exp.Literal.number(f"1e{found.scale}"))
    return double


def written_decimal(node: Node, scale: int) -> Node:
    """Return a scaled integer as decimal text, exactly: -5 of scale 2 is '-0.05'.

    An overflow has turned the value into a REAL; it is written with an exponent, which no decimal
    text has, so that it is never taken for an exact number. Of a CASE each branch is written on its own.
    """
    if isinstance(node, exp.Case):
        ifs = [(branch.this, _written_branch(branch.args["true"], scale)) for branch in node.args["ifs"]]
        default = node.args.get("default")
        return nodes.case(ifs, None if default is None else _written_branch(default, scale))
    power = nodes.integer(10**scale)
    sign = nodes.case([(nodes.compare(exp.LT, node, nodes.integer(0)), nodes.text("-"))], nodes.text(""))
    whole = nodes.binary(exp.Div, nodes.call("ABS", node.copy()), power)
    rest = nodes.binary(exp.Mod, nodes.call("ABS", node.copy()), power.copy())
    digits = nodes.call("PRINTF", nodes.text(f"%d.%0{scale}d"), whole, rest)
    exact = nodes.binary(exp.DPipe, sign, digits)
    kind = nodes.call("TYPEOF", node.copy())
    inexact = nodes.compare(exp.EQ, kind, nodes.text("real"))
    shown = nodes.call(
        "PRINTF", nodes.text("%.15e"), nodes.binary(exp.Div, node.copy(), exp.Literal.number(f"1e{scale}"))
    )
    missing = nodes.is_null(node.copy())
    return nodes.case([(missing, exp.Null()), (inexact, shown)], exact)


def _written_branch(node: Node, scale: int) -> Node:
    return node if isinstance(node, exp.Null) else written_decimal(nodes.atom(node), scale)
