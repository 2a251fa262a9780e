"""Long formulas over several lines.

The text is that of the printer with line breaks for blanks, so it reads as the same formula. A part
that fits stays on its line; one that doesn't is broken at its outermost construct:

    coalesce(                         revenue
      case                            - cost
        when a = 1 then 'x'           - fees
        else 'y'
      end,                            status in (
      b)                                'paid', 'sent')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import cast

from kpidsl.source import Span
from kpidsl.syntax import printer, tree
from kpidsl.syntax.printer import number
from kpidsl.syntax.tree import Expr

_STEP = "  "
_LONGEST_SPELLING = 400
_NUMBER = re.compile(r"[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)

Lines = list[str]


def lay_out(expr: Expr, width: int) -> Lines:
    """Return a formula's lines, of at most `width` characters where it can be broken so far.

    Numbers keep their spelling (`1_000`, `1e5`), which the printer does not know.
    """
    return _lay(cast(Expr, _spelled(expr)), printer.WHERE, width)


def _spelled(node: object) -> object:
    """Return a tree in which the author's spelling of each number stands as a name."""
    if isinstance(node, tuple):
        return tuple(map(_spelled, node))
    if isinstance(node, tree.Number):
        return tree.Name((as_written(node.value, node.span, node.suffix) + node.suffix,), node.span)
    if isinstance(node, tree.Quantity):
        return tree.Name((f"{as_written(node.value, node.span, node.unit)} {node.unit}",), node.span)
    if not is_dataclass(node) or isinstance(node, type | Span):
        return node
    if (
        isinstance(node, tree.Where)
        and not node.loose
        and isinstance(node.operand, tree.Number | tree.Quantity)
    ):
        # A name needs no brackets before `where`, and a number does: without them the checker refuses it.
        bare = cast(tree.Name, _spelled(node.operand))
        bracketed = tree.Name((f"({bare.text})",), bare.span)
        return replace(node, operand=bracketed, condition=cast(Expr, _spelled(node.condition)))
    return replace(node, **{field.name: _spelled(getattr(node, field.name)) for field in fields(node)})


def as_written(value: int | Decimal | float, span: Span, after: str) -> str:
    """Return a number in the author's spelling (`1_000`, `1e5`), where the span holds that."""
    text = span.excerpt().removesuffix(after).strip()
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST_SPELLING:
        return number(value)
    read = _read(text.replace("_", ""))
    is_same = type(read) is type(value) and read == value and number(read) == number(value)
    return text if is_same else number(value)


def _read(spelled: str) -> int | Decimal | float:
    if "e" in spelled.lower():
        return float(spelled)
    return Decimal(spelled) if "." in spelled else int(spelled)


def _lay(expr: Expr, least: int, width: int, used: int = 0) -> Lines:
    """Return the lines of a part; `used` characters follow on its last line or stand before the first."""
    flat, level = printer.printed(expr)
    brackets = level < least
    if len(flat) + 2 * brackets + used <= width and not _is_table(expr):
        return [f"({flat})" if brackets else flat]
    if brackets:
        inner = _broken(expr, width - len(_STEP) - used)
        if len(inner) == 1:
            return [f"({flat})"]
        return ["(", *_indented(inner[:-1]), f"{_STEP}{inner[-1]})"]
    return _broken(expr, width - used)


def _is_table(expr: Expr) -> bool:
    """Tell whether a `case` with several branches is in it, which is read line by line."""
    return any(isinstance(node, tree.Case) and len(node.branches) > 1 for node in tree.walk(expr))


def _flat(expr: Expr, least: int) -> str:
    text, level = printer.printed(expr)
    return text if level >= least else f"({text})"


def _broken(expr: Expr, width: int) -> Lines:
    match expr:
        case tree.Call():
            return _call(expr, width)
        case tree.Case():
            return _case(expr, width)
        case tree.Logic(op=op, operands=operands):
            level = (printer.OR if op == "or" else printer.AND) + 1
            return _chain([(op if place else "", x, level) for place, x in enumerate(operands)], width)
        case tree.Arithmetic():
            return _chain(_sum(expr), width)
        case tree.Where(operand=x, condition=c):
            operand = _lay(x, printer.operand_level(expr), width)
            return [*operand, *_after("where", _lay(c, printer.OR, width - len("where ")))]
        case tree.Not(operand=x):
            return _after("not", _lay(x, printer.NOT, width - len("not ")))
        case tree.In(operand=x, items=items, negated=negated):
            word = "not in (" if negated else "in ("
            *before, last = _lay(x, printer.SUM, width, len(word) + 1)
            listed = _filled([_flat(item, printer.SUM) for item in items], width - len(_STEP))
            return [*before, f"{last} {word}", *_indented(listed[:-1]), f"{_STEP}{listed[-1]})"]
        case tree.Compare(op=op, left=a, right=b):
            left = _lay(a, printer.SUM, width)
            return [*left, *_after(op, _lay(b, printer.SUM, width - len(op) - 1))]
        case _:
            return [printer.printed(expr)[0]]


def _call(expr: tree.Call, width: int) -> Lines:
    inner = width - len(_STEP)
    lines: Lines = []
    for argument in expr.arguments:
        if lines:
            lines[-1] += ","
        lines.extend(_lay(argument, printer.WHERE, inner, 1))
    for modifier in expr.modifiers:
        lines.extend(_modifier(modifier, inner))
    if not lines:
        return [printer.printed(expr)[0]]
    return [f"{expr.function}(", *_indented(lines[:-1]), f"{_STEP}{lines[-1]})"]


def _modifier(modifier: tree.Modifier, width: int) -> Lines:
    flat = printer.modifier(modifier)
    if modifier.word not in ("having", "then") or len(flat) <= width:
        return [flat]
    (condition,) = modifier.arguments
    least = printer.OR if modifier.word == "having" else printer.WHERE
    return _after(modifier.word, _lay(condition, least, width - len(modifier.word) - 1))


def _case(expr: tree.Case, width: int) -> Lines:
    inner = width - len(_STEP)
    lines: Lines = []
    for condition, value in expr.branches:
        shown, then = printer.printed(condition)[0], printer.printed(value)[0]
        fits = not _is_table(condition) and not _is_table(value)
        if fits and len(shown) + len(then) + len("when  then ") <= inner:
            lines.append(f"when {shown} then {then}")
        else:
            lines.extend(_after("when", _lay(condition, printer.WHERE, inner - len("when "))))
            lines.extend(_after("then", _lay(value, printer.WHERE, inner - len("then "))))
    if expr.otherwise is not None:
        lines.extend(_after("else", _lay(expr.otherwise, printer.WHERE, inner - len("else "))))
    return ["case", *_indented(lines), "end"]


def _sum(expr: tree.Arithmetic) -> list[tuple[str, Expr, int]]:
    """Return the parts of a chain of operators that bind alike, each with the operator before it."""
    level = printer.SUM if expr.op in "+-" else printer.PRODUCT
    parts: list[tuple[str, Expr, int]] = []
    node: Expr = expr
    while isinstance(node, tree.Arithmetic) and (node.op in "+-") is (expr.op in "+-"):
        parts.append((node.op, node.right, level + 1))
        node = node.left
    parts.append(("", node, level))
    return parts[::-1]


def _chain(parts: Sequence[tuple[str, Expr, int]], width: int) -> Lines:
    lines: Lines = []
    for operator, part, level in parts:
        taken = len(operator) + 1 if operator else 0
        laid = _lay(part, level, width - taken)
        lines.extend(_after(operator, laid) if operator else laid)
    return lines


def _after(word: str, lines: Lines) -> Lines:
    """Return lines with a word before the first; the others are indented below it."""
    first, *rest = lines
    return [f"{word} {first}", *_indented(rest)]


def _indented(lines: Lines) -> Lines:
    return [_STEP + line for line in lines]


def _filled(items: Sequence[str], width: int) -> Lines:
    """Return items with commas, as many on a line as fit."""
    lines: Lines = []
    for place, item in enumerate(items):
        shown = item + ("," if place < len(items) - 1 else "")
        if lines and len(lines[-1]) + 1 + len(shown) <= width:
            lines[-1] += " " + shown
        else:
            lines.append(shown)
    return lines
