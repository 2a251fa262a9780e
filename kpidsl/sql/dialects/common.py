"""Forms that dialects share."""

from __future__ import annotations

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


def round_float(x: Node, digits: int) -> Node:
    factor = exp.Literal.number(f"1e{digits}")
    scaled = nodes.binary(exp.Mul, nodes.call("ABS", x), factor)
    half_up = nodes.call("FLOOR", nodes.binary(exp.Add, scaled, exp.Literal.number("5e-1")))
    return nodes.binary(exp.Div, nodes.binary(exp.Mul, nodes.call("SIGN", x.copy()), half_up), factor.copy())


def like(x: Node, pattern: str) -> Node:
    like = exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern))
    return exp.Escape(this=like, expression=nodes.text("\\")) if "\\" in pattern else like


def null_safe(a: Node, b: Node) -> Node:
    return exp.NullSafeEQ(this=a, expression=b)


def concat(*args: Node) -> Node:
    whole = args[0]
    for part in args[1:]:
        whole = nodes.binary(exp.DPipe, whole, part)
    return whole


COMMON: dict[str, Form] = {
    "abs": lambda x: nodes.call("ABS", x),
    "trim": lambda x: nodes.call("TRIM", x),
    "length": lambda x: nodes.call("LENGTH", x),
    "concat": concat,
    "null_safe": null_safe,
}
