"""Formulas: tree to text, with no more brackets than needed. `parse(print(e)) == e`."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from kpidsl.syntax import tree
from kpidsl.syntax.tree import Expr

# What binds tighter has the higher number.
_WHERE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _ATOM = range(9)


def print_formula(expr: Expr) -> str:
    """Return the canonical text of a formula."""
    return _print(expr, _WHERE)


def _print(expr: Expr, least: int) -> str:
    text, level = _text(expr)
    return text if level >= least else f"({text})"


def _text(expr: Expr) -> tuple[str, int]:
    match expr:
        case tree.Number(value=value, suffix=suffix):
            return number(value) + suffix, _ATOM
        case tree.Quantity(value=value, unit=unit):
            return f"{number(value)} {unit}", _ATOM
        case tree.Text(value=value):
            return quote(value), _ATOM
        case tree.Date(value=value):
            return value.isoformat(), _ATOM
        case tree.Boolean(value=value):
            return ("true" if value else "false"), _ATOM
        case tree.Null():
            return "null", _ATOM
        case tree.Name():
            return expr.text, _ATOM
        case tree.Call():
            return _call(expr), _ATOM
        case tree.Case():
            return _case(expr), _ATOM
        case tree.Negative(operand=x):
            return "-" + _print(x, _UNARY), _UNARY
        case tree.Arithmetic(op=op, left=a, right=b):
            level = _SUM if op in "+-" else _PRODUCT
            return f"{_print(a, level)} {op} {_print(b, level + 1)}", level
        case tree.Not(operand=x):
            return f"not {_print(x, _NOT)}", _NOT
        case tree.Logic(op=op, operands=xs):
            level = _OR if op == "or" else _AND
            return f" {op} ".join(_print(x, level + 1) for x in xs), level
        case tree.Where(operand=x, condition=c):
            operand = _print(x, _ATOM)
            return f"{operand} where {_print(c, _OR)}", _WHERE
        case _:
            return _comparison(expr), _COMPARE


def _comparison(expr: tree.Compare | tree.In | tree.Between | tree.Like | tree.IsNull) -> str:
    if isinstance(expr, tree.Compare):
        return f"{_print(expr.left, _SUM)} {expr.op} {_print(expr.right, _SUM)}"
    operand = _print(expr.operand, _SUM)
    negation = "not " if expr.negated else ""
    match expr:
        case tree.In(items=items):
            return f"{operand} {negation}in ({', '.join(_print(item, _SUM) for item in items)})"
        case tree.Between(low=low, high=high):
            return f"{operand} {negation}between {_print(low, _SUM)} and {_print(high, _SUM)}"
        case tree.Like(pattern=pattern):
            return f"{operand} {negation}like {quote(pattern)}"
        case tree.IsNull():
            return f"{operand} is {negation}null"
    assert_never(expr)


def _call(expr: tree.Call) -> str:
    inside = ", ".join(_print(argument, _WHERE) for argument in expr.arguments)
    for modifier in expr.modifiers:
        inside += f" {modifier.word} " + ", ".join(name.text for name in modifier.names)
    return f"{expr.function}({inside})"


def _case(expr: tree.Case) -> str:
    branches = " ".join(f"when {_print(c, _WHERE)} then {_print(v, _WHERE)}" for c, v in expr.branches)
    otherwise = "" if expr.otherwise is None else f" else {_print(expr.otherwise, _WHERE)}"
    return f"case {branches}{otherwise} end"


def quote(value: str) -> str:
    """Return text as the language writes it."""
    return "'" + value.replace("'", "''") + "'"


def number(value: int | Decimal | float) -> str:
    """Return a number as the language writes it; a float always has an exponent."""
    if isinstance(value, float):
        text = repr(value)
        return text if "e" in text else text + "e0"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
