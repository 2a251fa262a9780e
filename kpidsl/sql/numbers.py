"""Arithmetic on numbers: in types that hold a result, and with casts where an engine would cut one."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.contexts.leaves import AnyLeaf
from kpidsl.contexts.magnitudes import Largest, largest
from kpidsl.model.types import FLOAT, Kind, Type
from kpidsl.semantics.bound import Apply, Constant
from kpidsl.sql import errors, nodes
from kpidsl.sql.decimal_digits import FEWER_DIGITS, fitted
from kpidsl.sql.nodes import Node
from kpidsl.sql.on_calendars import CalendarExpressions
from kpidsl.sql.products import Value, Widths

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
        """Return the largest value of an expression, or None where it is no exact number."""
        room = self.dialect.room
        assert room is not None
        return largest(value, room.rows, self.size_of_atom)

    def refuse(self, value: Value, construct: str, reason: str, help: str) -> Node:
        span = value.span if isinstance(value, Apply) and value.span is not None else self.span
        self.sink.report(errors.unsupported(span, construct, self.dialect.name, reason, help))
        return exp.Null()

    def on_numbers(self, value: Value, op: str, args: tuple[Value, ...], type: Type) -> Node:
        """Return the arithmetic of a value: `op` over its arguments."""
        if op == "/":
            above, below = (self.as_type(arg, FLOAT) for arg in args)
            if isinstance(args[0], Constant) and args[0].value is not None:
                above = above if self.dialect.has_float_literals else nodes.cast(above, "double")
            return nodes.binary(exp.Div, above, exp.Nullif(this=below, expression=nodes.integer(0)))
        room = self.dialect.room
        how = None if room is None else fitted(op, args, room, self.size)
        if isinstance(how, str):
            return self.refuse(value, f"`{op}` of these decimals", how, FEWER_DIGITS)
        if op == "*" and type.kind is Kind.DECIMAL:
            # A product of scaled integers has the scales added: each side keeps its own.
            sides = [self.value(arg) for arg in args]
        else:
            sides = [self.as_type(arg, type) for arg in args]
        left, right = (
            side if digits is None else nodes.cast(side, "decimal({}, {})".format(*digits))
            for side, digits in zip(sides, (None, None) if how is None else how.casts, strict=True)
        )
        widths = Widths(self.dialect, self.narrow, self.leaf_of, self.has_declared_columns)
        wider = widths.widening(op, args, type)
        if wider is not None:
            kind, neutral = (exp.Mul, 1) if op == "*" else (exp.Add, 0)
            left = nodes.binary(kind, left, nodes.cast(nodes.integer(neutral), wider))
        return nodes.binary(_EXACT[op], left, right)
