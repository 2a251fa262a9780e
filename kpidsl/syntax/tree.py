"""The formula's tree, as written: nothing is resolved yet.

Nodes are frozen; spans do not count in equality, so that `parse(print(e)) == e`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from kpidsl.source import Span

ArithmeticOp = Literal["+", "-", "*", "/"]
CompareOp = Literal["=", "!=", "<", "<=", ">", ">="]
ModifierWord = Literal[
    "at",
    "across",
    "per",
    "including null",
    "having",
    "within",
    "from",
    "then",
    "order by",
    "comparable",
]


@dataclass(frozen=True, slots=True)
class Number:
    """`12` is an int, `1.50` an exact Decimal, `1e5` a float.

    `suffix` is `%` or `pp` where one was written; `value` is still the number before it (`2.5%`
    has the value 2.5).
    """

    value: int | Decimal | float
    suffix: Literal["", "%", "pp"]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit: `62 EUR`, `28 days`."""

    value: int | Decimal | float
    unit: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Date:
    value: date
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Null:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """`revenue`, `orders.amount`, `customer.country`: one part or several."""

    parts: tuple[str, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    op: ArithmeticOp
    left: Expr
    right: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b and c` is one node with three operands; so is `or`."""

    op: Literal["and", "or"]
    operands: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    op: CompareOp
    left: Expr
    right: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class In:
    operand: Expr
    items: tuple[Expr, ...]
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Between:
    """`x between low and high`, both ends included."""

    operand: Expr
    low: Expr
    high: Expr
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Like:
    """`x like 'a%'`: `%` is any text, `_` any one character, `\\` escapes."""

    operand: Expr
    pattern: str
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    operand: Expr
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """`case when c then v … else w end`; without `else` the rest is null."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InSet:
    """`x in values(…)`: membership in a set; `set` is the call that gives it, whatever is around it."""

    operand: Expr
    set: Call
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Modifier:
    """`at shipped_at`, `across channel, country`: what follows a call's last argument.

    `order by` has names, or their negatives where the order is descending; `from` has one bound or two.
    """

    word: ModifierWord
    arguments: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def names(self) -> tuple[Name, ...]:
        """Return the names after `at`, `across`, `per`, or in `order by` without their signs."""
        found = (x.operand if isinstance(x, Negative) else x for x in self.arguments)
        return tuple(x for x in found if isinstance(x, Name))


@dataclass(frozen=True, slots=True)
class Call:
    """A function, aggregate or context construct: what it is, is for the checker to say."""

    function: str
    arguments: tuple[Expr, ...]
    modifiers: tuple[Modifier, ...]
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Where:
    """`x where c`. As an aggregate's argument it filters rows, elsewhere it narrows the context.

    `loose` tells that x is an operator's expression without parentheses (`a / b where c`), which
    is allowed only as an aggregate's argument.
    """

    operand: Expr
    condition: Expr
    loose: bool = field(compare=False)
    span: Span = field(compare=False, repr=False)


Expr = (
    Number
    | Quantity
    | Text
    | Date
    | Boolean
    | Null
    | Name
    | Negative
    | Not
    | Arithmetic
    | Logic
    | Compare
    | In
    | InSet
    | Between
    | Like
    | IsNull
    | Case
    | Call
    | Where
)


CONDITIONS = (Compare, Logic, In, Like, IsNull)
"""What people write as a second argument, or as a criterion, to say which rows count."""

_WITH_FORMULAS = ("having", "within", "from", "then")


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside `expr`, in written order.

    The names after `at`, `across`, `per` and `order by` are not among them: they are columns and members.
    """
    match expr:
        case Number() | Quantity() | Text() | Date() | Boolean() | Null() | Name():
            return ()
        case Negative(operand=x) | Not(operand=x) | Like(operand=x) | IsNull(operand=x):
            return (x,)
        case Arithmetic(left=a, right=b) | Compare(left=a, right=b):
            return (a, b)
        case Where(operand=a, condition=b):
            return (a, b)
        case Logic(operands=xs):
            return xs
        case In(operand=x, items=xs):
            return (x, *xs)
        case Between(operand=x, low=a, high=b):
            return (x, a, b)
        case Case(branches=branches, otherwise=otherwise):
            inner = tuple(e for branch in branches for e in branch)
            return inner if otherwise is None else (*inner, otherwise)
        case InSet(operand=x, set=call):
            return (x, call)
        case Call(arguments=xs, modifiers=modifiers):
            return (*xs, *(x for m in modifiers if m.word in _WITH_FORMULAS for x in m.arguments))


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield `expr` and everything inside it, outermost first, in written order."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))
