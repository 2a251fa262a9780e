"""Forms that dialects share."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.dialects.dialect import Form
from kpidsl.sql.nodes import Node


def extreme(name: str) -> Form:
    def form(*args: Node) -> Node:
        # LEAST and GREATEST pass over nulls; arithmetic with null is null here.
        missing = nodes.any_of([nodes.is_null(x.copy()) for x in args])
        return nodes.case([(missing, exp.Null())], nodes.call(name, *args))

    return form


def extreme_or_null(name: str) -> Form:
    """Return the form of LEAST or GREATEST where it is null by itself as soon as an argument is."""
    return lambda *args: nodes.call(name, *args)


def round_float(x: Node, digits: int) -> Node:
    factor = exp.Literal.number(f"1e{digits}")
    scaled = nodes.binary(exp.Mul, nodes.call("ABS", x), factor)
    half_up = nodes.call("FLOOR", nodes.binary(exp.Add, scaled, exp.Literal.number("5e-1")))
    return nodes.binary(exp.Div, nodes.binary(exp.Mul, nodes.call("SIGN", x.copy()), half_up), factor.copy())


def like(x: Node, pattern: str) -> Node:
    like = exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern))
    return exp.Escape(this=like, expression=nodes.text("\\")) if "\\" in pattern else like


def has_wildcard_of_one(pattern: str) -> bool:
    """Tell whether a pattern has a `_` that stands for any one character."""
    return "_" in re.sub(r"\\.", "", pattern, flags=re.DOTALL)


def null_safe(a: Node, b: Node) -> Node:
    return exp.NullSafeEQ(this=a, expression=b)


def concat(*args: Node) -> Node:
    whole = args[0]
    for part in args[1:]:
        whole = nodes.binary(exp.DPipe, whole, part)
    return whole


def asked_in_where(query: Node, is_asked: Callable[[Node], bool]) -> None:
    """Put conditions of inner joins into WHERE, those of which an engine says that they stand in no join."""
    for select in query.find_all(exp.Select):
        joins = select.args.get("joins") or ()
        # A full join after it would bring back what its condition leaves out.
        if any(join.side in ("FULL", "RIGHT") for join in joins):
            continue
        for join in joins:
            on = join.args.get("on")
            if on is not None and not (join.side or join.kind) and is_asked(on):
                join.set("on", None)
                join.set("kind", "CROSS")
                nodes.also_where(select, on)


COMMON: dict[str, Form] = {
    "abs": lambda x: nodes.call("ABS", x),
    "ln": lambda x: exp.Ln(this=x),
    "exp": lambda x: exp.Exp(this=x),
    "trim": lambda x: nodes.call("TRIM", x),
    "length": lambda x: nodes.call("LENGTH", x),
    "concat": concat,
    "null_safe": null_safe,
}
