"""Arithmetic on numbers: in types that hold a result, and with casts where an engine would cut one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from kpidsl.contexts.leaves import AnyLeaf
from kpidsl.contexts.magnitudes import Largest, largest
from kpidsl.model.types import FLOAT, MOST_DIGITS, Kind, Type
from kpidsl.semantics.bound import Apply, Constant
from kpidsl.sql import errors, nodes
from kpidsl.sql.decimal_digits import FEWER_DIGITS, Digits, fitted, fitted_together
from kpidsl.sql.nodes import Node
from kpidsl.sql.on_calendars import CalendarExpressions
from kpidsl.sql.products import Value, Widths
from kpidsl.sql.whole_numbers import combined

_EXACT: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
ARITHMETIC = (*_EXACT, "/")


class NumberExpressions(CalendarExpressions):
    """Lowers arithmetic on numbers; a subclass lowers everything else."""

    @property
    def narrow(self) -> frozenset[str]:
        """The operations on integers whose results the engine holds in no more bits than what goes in."""
        return self.dialect.narrow

    has_declared_columns = True
    """Whether columns are those of tables, as wide as they are declared."""

    def leaf_of(self, atom: Value) -> AnyLeaf | None:  # noqa: ARG002
        """Return the leaf whose value an atom is, if it is one's."""
        return None

    def size_of_atom(self, atom: Value) -> Largest | None:  # noqa: ARG002
        """Return an atom's largest value where more is known of it than its type; see `magnitudes`."""
        return None

    def size(self, value: Value) -> Largest | None:
        """Return the largest value of an expression; None: no exact number, or the dialect need not know."""
        rows = self.dialect.rows_added_up
        return None if rows is None else largest(value, rows, self.size_of_atom)

    def largest_decimals(self, named: Mapping[str, Value]) -> dict[str, Largest]:
        """Return the largest values of those that are decimals: an integer has 64 bits."""
        found = {name: self.size(value) for name, value in named.items() if value.type.kind is Kind.DECIMAL}
        return {name: size for name, size in found.items() if size is not None}

    def refuse(self, value: Value, construct: str, reason: str, help: str) -> Node:
        span = value.span if isinstance(value, Apply) and value.span is not None else self.span
        self.sink.report(errors.unsupported(span, construct, self.dialect.name, reason, help))
        return exp.Null()

    def compared(self, args: Sequence[Value], sides: Sequence[Node]) -> list[Node]:
        """Return the sides of a comparison so that none of them is rounded, or stops for want of digits."""
        found = list(sides)
        is_exact = all(arg.type.is_exact or arg.type.kind is Kind.NULL for arg in args)
        if not is_exact or not any(arg.type.kind is Kind.DECIMAL for arg in args):
            return found
        place = self._widths().narrow_beside(args)
        if place is not None:
            found[place] = nodes.cast(found[place], f"decimal({MOST_DIGITS}, {args[place].type.scale})")
        room = self.dialect.room_to_compare
        casts = [None] * len(args) if room is None else fitted_together(args, room, self.size)
        if isinstance(casts, str):
            first = next(arg for arg in args if arg.type.kind is Kind.DECIMAL)
            return [self.refuse(first, "a comparison of these decimals", casts, FEWER_DIGITS), *found[1:]]
        return [_cast(side, digits) for side, digits in zip(found, casts, strict=True)]

    def _widths(self) -> Widths:
        return Widths(self.dialect, self.narrow, self.leaf_of, self.has_declared_columns)

    def on_numbers(self, value: Value, op: str, args: tuple[Value, ...], type: Type) -> Node:
        """Return the arithmetic of a value: `op` over its arguments."""
        if op == "/":
            above, below = (self.as_type(arg, FLOAT) for arg in args)
            if isinstance(args[0], Constant) and args[0].value is not None:
                above = above if self.dialect.has_float_literals else nodes.cast(above, "double")
            is_some = isinstance(args[1], Constant) and bool(args[1].value)
            if not is_some:
                below = exp.Nullif(this=below, expression=nodes.integer(0))
            return nodes.binary(exp.Div, above, below)
        room = self.dialect.room
        how = None if room is None else fitted(op, args, room, self.size)
        if isinstance(how, str):
            return self.refuse(value, f"`{op}` of these decimals", how, FEWER_DIGITS)
        if op == "*" and type.kind is Kind.DECIMAL:
            # A product of scaled integers has the scales added: each side keeps its own.
            sides = [self.value(arg) for arg in args]
        else:
            sides = [self.as_type(arg, type) for arg in args]
        casts = (None, None) if how is None else how.casts
        left, right = (_cast(side, digits) for side, digits in zip(sides, casts, strict=True))
        wider = self._widths().widening(op, args, type)
        if wider is not None:
            kind, neutral = (exp.Mul, 1) if op == "*" else (exp.Add, 0)
            left = nodes.binary(kind, left, nodes.cast(nodes.integer(neutral), wider))
        return combined(_EXACT[op], left, right, (0, 0) if how is None else how.shifts)


def _cast(node: Node, digits: Digits | None) -> Node:
    return node if digits is None else nodes.cast(node, "decimal({}, {})".format(*digits))
