"""Expressions of the language to sqlglot nodes of one dialect.

Conditions are two-valued: a comparison with null is false, and its negation is true. SQL's are
three-valued, so a condition is lowered towards what is wanted of it: `holds` gives SQL that is true
exactly where the condition is, `fails` SQL that is true exactly where it is not; where they are not
true they may be false or null, which a WHERE and a CASE do not tell apart.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping

from sqlglot import exp

from kpidsl.contexts.compared import COMPARED_DAY, COMPARED_MOMENT, ON_OTHER_DAYS
from kpidsl.contexts.leaves import Operation
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import GRAINS, PARTS
from kpidsl.model.types import INTEGER, TEXT, TIMESTAMP, Kind, Type
from kpidsl.semantics.bound import Apply, Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import CONDITIONS, TIME_OPERATIONS, common
from kpidsl.semantics.periods import Window
from kpidsl.source import Span
from kpidsl.sql import nodes, values
from kpidsl.sql.beside_times import compared_in
from kpidsl.sql.buckets import DAY, MOMENT
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.dialects.common import has_wildcard_of_one
from kpidsl.sql.nodes import Node
from kpidsl.sql.numbers import ARITHMETIC, NumberExpressions
from kpidsl.sql.on_calendars import OF_CALENDARS, OF_COMPARED_DAYS
from kpidsl.sql.products import Value
from kpidsl.sql.rounding import scaled_rounding
from kpidsl.sql.times import LookupTables

_COMPARISONS: dict[str, type[exp.Expr]] = {
    "=": exp.EQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_OPPOSITES: dict[str, type[exp.Expr]] = {"=": exp.NEQ, "<": exp.GTE, "<=": exp.GT, ">": exp.LTE, ">=": exp.LT}
_CONDITIONS = CONDITIONS | ON_OTHER_DAYS


class Expressions(NumberExpressions):
    """Lowers values and conditions; a subclass says what the atoms are."""

    def __init__(
        self, project: CheckedProject, dialect: Dialect, tables: LookupTables, sink: Sink, span: Span
    ) -> None:
        cut = project.project.cut
        self.project = project
        self.dialect = dialect
        self.cut = cut
        self.tables = tables
        self.project_zone = cut.zone
        self.arithmetic = dialect.arithmetic
        self.times = dialect.times(cut, dialect.forms["bucket"], tables)
        self.bounds: Mapping[Value, Window] = {}
        """The local days in which a time lies wherever its value is needed, where that is known."""
        self.elsewhere: str | None = None
        """The step with the days and times at which rows are read on other days, where there is one."""
        self.in_pieces = False
        """Whether buckets are pieces of windows: they are found in the fastest way, not in the plainest."""
        self.sink = sink
        self.span = span
        self._lowered: dict[int, tuple[Value, Node]] = {}
        """What values have become, by the identity of each."""

    @abstractmethod
    def atom(self, value: Value) -> Node:
        """Return an atom's node, in the form of its own type."""

    # values

    def as_type(self, value: Value, due: Type) -> Node:
        """Return a value in the form of the type that is due: timestamps become local, or instants in UTC."""
        if isinstance(value, Constant):
            return self._constant(value, due if due.kind is not Kind.NULL else value.type)
        found = value.type
        if found.kind is Kind.NULL:
            return values.typed_null(due, self.dialect)
        if found.is_time and due.zone is not None and due.zone != found.zone:
            return self.instant(value)
        node = self.value(value)
        zone = self.times.other_zone(found) if found.kind is Kind.TIMESTAMP else None
        if zone is not None and due.zone is None:
            node = self.times.local(node, zone, self.bounds.get(value))
        return values.coerce(node, found, due, self.dialect)

    def _constant(self, value: Constant, due: Type) -> Node:
        if value.value == "" and not self.dialect.has_empty_texts:
            help = (
                "ask whether it `is null`, as no column holds an empty text there; `nullif(x, '')` is taken"
            )
            return self.refuse(value, "the empty text", "it is null there", help)
        return values.constant(value, due, self.dialect, self.project_zone)

    def as_one_of(self, value: Value, due: Type) -> Node:
        """Return a value where several forms of one value meet, as in CASE and UNION.

        DuckDB gives a CASE of DECIMAL(38,0) and 1.5 the type DECIMAL(38,0), and rounds: so native
        decimals are cast to the digits that the checker fixed.
        """
        node = self.as_type(value, due)
        found = value.type
        if due.kind is not Kind.DECIMAL or self.dialect.scaled_decimals or isinstance(value, Constant):
            return node
        if found.kind is Kind.DECIMAL and found.scale == due.scale:
            return node
        return nodes.cast(node, values.decimal_type(due.precision, due.scale, self.dialect))

    def value(self, value: Value) -> Node:
        if not self.times.has_steps or not isinstance(value, Apply):
            return self.placed(self._value(value), value)
        # Ends of windows have others in them, several times each: the same object is lowered once.
        known = self._lowered.get(id(value))
        if known is None or known[0] is not value:
            node = self.placed(self._value(value), value)
            known = self._lowered[id(value)] = value, self.times.once(node) if nodes.is_long(node) else node
        return known[1].copy()

    def _value(self, value: Value) -> Node:
        if isinstance(value, Constant):
            return self._constant(value, value.type)
        if not isinstance(value, (Apply, Operation)):
            if value in (COMPARED_DAY, COMPARED_MOMENT):
                days = self.elsewhere or self.comparable_days()
                return nodes.column(days, DAY if value == COMPARED_DAY else MOMENT)
            return self.atom(value)
        op, args, type = value.op, value.args, value.type
        if op in _CONDITIONS:
            return nodes.case([(self.holds(value), exp.true())], exp.false())
        if type.kind is Kind.NULL:
            return exp.Null()
        if op in ARITHMETIC:
            return self.on_numbers(value, op, args, type)
        if op == "as_type":
            return self.as_one_of(args[0], type)
        if op == "none":
            some = nodes.compare(exp.GT, self.value(args[0]), nodes.integer(0))
            return nodes.case([(some, exp.Null())], nodes.integer(0))
        if op == "negative":
            return exp.Neg(this=nodes.atom(self.value(args[0])))
        if op == "case":
            conditions = [self.holds(condition) for condition in args[:-1:2]]
            found = [self.as_one_of(result, type) for result in (*args[1:-1:2], args[-1])]
            *results, last = values.beside_types(found)
            branches = list(zip(conditions, results, strict=True))
            return nodes.case(branches, None if values.is_null(last) else last)
        return self._function(value, op, args, type)

    def _function(self, value: Apply | Operation, op: str, args: tuple[Value, ...], type: Type) -> Node:
        if op not in ("coalesce", "nullif") and any(arg.type.kind is Kind.NULL for arg in args):
            return values.typed_null(type, self.dialect)
        if op in ("round", "floor", "ceil"):
            return self._rounding(value, op, args)
        if op == "bucket":
            return self._bucket(args)
        if op in OF_CALENDARS:
            return self.of_calendar(op, args)
        if op in TIME_OPERATIONS:
            return self.on_times(op, args, type)
        if op == "nullif" and args[1] == Constant("", TEXT) and not self.dialect.has_empty_texts:
            return self.as_type(args[0], type)
        if op == "nullif":
            shared = common([arg.type for arg in args]) or type
            sides = self.compared(args, [self.as_type(arg, shared) for arg in args])
            equal = nodes.compare(exp.EQ, *sides)
            return nodes.case([(equal, exp.Null())], self.as_type(args[0], type))
        if op == "coalesce":
            first, *rest = values.beside_types([self.as_one_of(arg, type) for arg in args])
            return exp.Coalesce(this=first, expressions=rest) if rest else first
        if op == "substring" and not self._has_plain_bounds(args):
            return self.refuse(
                value,
                "`substring`",
                "engines differ on such positions",
                "give the start as a number from 1 on, the length as one from 0 on",
            )
        of_integers = self.dialect.forms.get(f"{op}_integer") if type.kind is Kind.INTEGER else None
        form = of_integers or self.dialect.forms.get(op)
        if form is None:
            return self._lacking(value, op)
        if op in _PARTS:
            return self._part(form, args[0])
        if op in ("least", "greatest"):
            return form(*(self.as_one_of(arg, type) for arg in args))
        return form(*map(self.value, args))

    def _lacking(self, value: Value, op: str) -> Node:
        reason, help = self.dialect.lacks.get(op) or (
            _REASONS.get(op, "it has no such function"),
            _HELPS.get(op, "leave it out"),
        )
        return self.refuse(value, f"`{op}`", reason, help)

    def _has_plain_bounds(self, args: tuple[Value, ...]) -> bool:
        return all(
            isinstance(arg, Constant) and isinstance(arg.value, int) and arg.value >= least
            for arg, least in zip(args[1:], (1, 0), strict=True)
        )

    def _rounding(self, value: Value, op: str, args: tuple[Value, ...]) -> Node:
        digits = args[1] if len(args) > 1 else Constant(0, INTEGER)
        if (
            not isinstance(digits, Constant)
            or not isinstance(digits.value, int)
            or not -18 <= digits.value <= 18
        ):
            return self.refuse(
                value, "`round`", "the digits are not a plain number", "write a number from -18 to 18"
            )
        found = args[0].type
        node = self.value(args[0])
        if found.kind is Kind.FLOAT:
            form = self.dialect.forms["round_float" if op == "round" else f"{op}_float"]
            return form(node, digits.value) if op == "round" else form(node)
        if found.kind is Kind.INTEGER and (op != "round" or digits.value >= 0):
            return node
        if self.dialect.scaled_decimals:
            return scaled_rounding(node, op, found.scale, digits.value)
        if op != "round":
            return nodes.call(op.upper(), node)
        if self.dialect.rounded is not None:
            rounded = self.dialect.rounded(node, found, digits.value)
        else:
            rounded = nodes.call("ROUND", self.dialect.roundable(node, found), nodes.integer(digits.value))
        # DuckDB's ROUND to tens still has the type's digits, and to none fewer: the checker's are written.
        kept = value.type
        if kept.kind is Kind.DECIMAL:
            return nodes.cast(rounded, values.decimal_type(kept.precision, kept.scale, self.dialect))
        whole = "bigint" if self.dialect.cast_digits is None else f"decimal({self.dialect.cast_digits}, 0)"
        return nodes.cast(rounded, whole)

    def _bucket(self, args: tuple[Value, ...]) -> Node:
        grain, time = args
        assert isinstance(grain, Constant)
        rule = GRAINS.get(str(grain.value))
        if rule is None:
            day = self._bucket((Constant("day", TEXT), time))
            return self.bucket_at(str(grain.value), day)
        month_of_day = self.dialect.forms.get("month_of_day")
        if self.in_pieces and rule.name == "month" and month_of_day is not None:
            return month_of_day(self._bucket((Constant("day", TEXT), time)))
        if time.type.kind is Kind.DATE:
            form = self.dialect.forms.get("bucket_of_date", self.dialect.forms["bucket"])
            return form(rule, self.cut, self.value(time))
        return self.times.bucket(rule, self.value(time), time.type, self.bounds.get(time))

    def _part(self, form: Callable[[Node], Node], time: Value) -> Node:
        node = self.value(time)
        if time.type.kind is not Kind.TIMESTAMP:
            return form(node)
        return self.times.of_local(node, self.times.other_zone(time.type), self.bounds.get(time), form)

    # conditions

    def holds(self, condition: Value) -> Node:
        """Return SQL that is true exactly where the condition is true."""
        if isinstance(condition, Constant):
            return exp.true() if condition.value is True else exp.false()
        if not isinstance(condition, Apply | Operation) or condition.op not in _CONDITIONS:
            return self.value(condition)
        op, args = condition.op, condition.args
        if op == "not":
            return self.fails(args[0])
        if op in ("and", "or"):
            combine = nodes.all_of if op == "and" else nodes.any_of
            return combine([self.holds(arg) for arg in args])
        if op == "is_null":
            return nodes.is_null(self._any_order(self.value(args[0])))
        return self.placed(self._test(op, args), condition)

    def fails(self, condition: Value) -> Node:
        """Return SQL that is true exactly where the condition is not true."""
        if isinstance(condition, Constant):
            return exp.false() if condition.value is True else exp.true()
        if not isinstance(condition, Apply | Operation) or condition.op not in _CONDITIONS:
            node = self.value(condition)
            return nodes.any_of([nodes.not_(node), nodes.is_null(node.copy())])
        op, args = condition.op, condition.args
        if op == "not":
            return self.holds(args[0])
        if op in ("and", "or"):
            combine = nodes.any_of if op == "and" else nodes.all_of
            return combine([self.fails(arg) for arg in args])
        if op == "is_null":
            return nodes.is_not_null(self._any_order(self.value(args[0])))
        if op in OF_COMPARED_DAYS:
            return nodes.any_of([nodes.not_(self._test(op, args)), nodes.is_null(self.value(args[0]))])
        test = self._test(op, args)
        if op in _OPPOSITES:
            test = _OPPOSITES[op](this=test.this, expression=test.expression)
        else:
            test = nodes.not_(test)
        missing = [
            nodes.is_null(self._any_order(self.value(arg)))
            for arg in dict.fromkeys(args)
            if not _is_present(arg)
        ]
        return self.placed(nodes.any_of([test, *missing]), condition)

    def _test(self, op: str, args: tuple[Value, ...]) -> Node:
        if op in _COMPARISONS:
            left, right = self._comparable(args)
            if op == "=" and isinstance(args[1], Constant):
                left = self._any_order(left)
            return nodes.compare(_COMPARISONS[op], left, right)
        if op == "in":
            first, *items = self._comparable(args)
            if all(isinstance(arg, Constant) for arg in args[1:]):
                first = self._any_order(first)
            return exp.In(this=nodes.operand(first, 4), expressions=items)
        if op in self.dialect.lacks:
            self._lacking(args[0], op)
            return exp.false()
        if op == "like":
            pattern = args[1]
            assert isinstance(pattern, Constant)
            assert isinstance(pattern.value, str)
            if self.dialect.counts_code_units and has_wildcard_of_one(pattern.value):
                return self.refuse(
                    args[0],
                    "`_` in a pattern",
                    "it takes some characters, like emoji, for two",
                    "use `%`, `starts_with` or `contains`",
                )
            return self.dialect.forms["like"](self._any_order(self.value(args[0])), pattern.value)
        if op in OF_COMPARED_DAYS:
            return self.is_compared(op, args)
        if op == "clock_before":
            clock = self.dialect.forms["clock"](self.as_type(args[0], TIMESTAMP))
            return nodes.compare(exp.LT, clock, self.value(args[1]))
        if any(arg.type.kind is Kind.NULL for arg in args):
            return exp.false()
        form = self.dialect.forms[op]
        return form(*map(self.value, args))

    def _any_order(self, node: Node) -> Node:
        """Return a text without what only its order needs."""
        is_ordered = isinstance(node, exp.Collate) and self.dialect.has_exact_text_equality
        return node.this if is_ordered else node

    def _comparable(self, args: tuple[Value, ...]) -> list[Node]:
        """Return the sides of a comparison in one form."""
        due = compared_in(args, self.project_zone, self.times.other_zone)
        sides = self.compared(args, [self.as_type(arg, due) for arg in args])
        return values.beside_texts(values.beside_types(sides))


def _is_present(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is not None


_PARTS = frozenset({"year", *PARTS.values()})

_REASONS = dict.fromkeys(("lower", "upper"), "it changes only the letters a to z")
_HELPS = dict.fromkeys(
    ("lower", "upper"), "compare with `in (…)`, or use a column that holds the text in one case"
)
