"""Formulas: tree to text, with no more brackets than needed. `parse(print(e)) == e`."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from kpidsl.syntax import tree
from kpidsl.syntax.tree import Expr

# What binds tighter has the higher number.
WHERE, OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, ATOM = range(9)


_OF_MODIFIER = {"having": OR, "within": SUM, "from": SUM, "then": WHERE, "order by": UNARY}


def print_formula(expr: Expr) -> str:
    """Return the canonical text of a formula."""
    return _print(expr, WHERE)


def printed(expr: Expr) -> tuple[str, int]:
    """Return a formula's text, and how tightly it binds."""
    return _text(expr)


def modifier(modifier: tree.Modifier) -> str:
    """Return a modifier's text: `across channel, country`."""
    if not modifier.arguments:
        return modifier.word
    least = _OF_MODIFIER.get(modifier.word, ATOM)
    between = " to " if modifier.word == "from" else ", "
    return f"{modifier.word} " + between.join(_print(x, least) for x in modifier.arguments)


def operand_level(where: tree.Where) -> int:
    """Return how tightly a text binds that stands before `where`: only names and calls go bare there."""
    if where.loose:
        return OR
    return ATOM if isinstance(where.operand, tree.Name | tree.Call) else ATOM + 1


def _print(expr: Expr, least: int) -> str:
    text, level = _text(expr)
    return text if level >= least else f"({text})"


def _text(expr: Expr) -> tuple[str, int]:
    match expr:
        case tree.Number(value=value, suffix=suffix):
            return number(value) + suffix, ATOM
        case tree.Quantity(value=value, unit=unit):
            return f"{number(value)} {unit}", ATOM
        case tree.Text(value=value):
            return quote(value), ATOM
        case tree.Date(value=value):
            return value.isoformat(), ATOM
        case tree.Boolean(value=value):
            return ("true" if value else "false"), ATOM
        case tree.Null():
            return "null", ATOM
        case tree.Name():
            return expr.text, ATOM
        case tree.Call():
            return _call(expr), ATOM
        case tree.Case():
            return _case(expr), ATOM
        case tree.Negative(operand=x):
            # Without the blank it would be a remark of SQL.
            return ("- " if isinstance(x, tree.Negative) else "-") + _print(x, UNARY), UNARY
        case tree.Arithmetic(op=op, left=a, right=b):
            level = SUM if op in "+-" else PRODUCT
            return f"{_print(a, level)} {op} {_print(b, level + 1)}", level
        case tree.Not(operand=x):
            return f"not {_print(x, NOT)}", NOT
        case tree.Logic(op=op, operands=xs):
            level = OR if op == "or" else AND
            return f" {op} ".join(_print(x, level + 1) for x in xs), level
        case tree.Where(operand=x, condition=c):
            return f"{_print(x, operand_level(expr))} where {_print(c, OR)}", WHERE
        case _:
            return _comparison(expr), COMPARE


def _comparison(
    expr: tree.Compare | tree.In | tree.InSet | tree.Between | tree.Like | tree.IsNull,
) -> str:
    if isinstance(expr, tree.Compare):
        return f"{_print(expr.left, SUM)} {expr.op} {_print(expr.right, SUM)}"
    operand = _print(expr.operand, SUM)
    negation = "not " if expr.negated else ""
    match expr:
        case tree.In(items=items):
            return f"{operand} {negation}in ({', '.join(_print(item, SUM) for item in items)})"
        case tree.InSet(set=call):
            return f"{operand} {negation}in {_call(call)}"
        case tree.Between(low=low, high=high):
            return f"{operand} {negation}between {_print(low, SUM)} and {_print(high, SUM)}"
        case tree.Like(pattern=pattern):
            return f"{operand} {negation}like {quote(pattern)}"
        case tree.IsNull():
            return f"{operand} is {negation}null"
    assert_never(expr)


def _call(expr: tree.Call) -> str:
    inside = ", ".join(_print(argument, WHERE) for argument in expr.arguments)
    parts = [*([inside] if inside else []), *map(modifier, expr.modifiers)]
    return f"{expr.function}({' '.join(parts)})"


def _case(expr: tree.Case) -> str:
    branches = " ".join(f"when {_print(c, WHERE)} then {_print(v, WHERE)}" for c, v in expr.branches)
    otherwise = "" if expr.otherwise is None else f" else {_print(expr.otherwise, WHERE)}"
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
