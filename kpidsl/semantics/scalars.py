"""Binding of what all formulas share: literals, operators and scalar functions.

What a name or a call of another kind means depends on where the formula stands, so the three
binders (rows, formulas, conditions on a context) give those two answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import (
    BOOLEAN,
    DURATION,
    NULL,
    TEXT,
    UNKNOWN,
    Kind,
)
from kpidsl.semantics import (
    aggregate_errors,
    bare_seconds,
    elapsed,
    errors,
    midnights,
    parameter_errors,
    sequence_errors,
    set_errors,
    unit_rules,
    whole_days,
)
from kpidsl.semantics.bound import BROKEN, Apply, Bound, Constant, Listed, ParameterRef
from kpidsl.semantics.functions import (
    AGGREGATES,
    CONTEXTUAL,
    FUNCTIONS,
    NEIGHBOURS,
    OPERATORS,
    SEQUENCES,
    SET_FORMS,
    VALUES,
    Function,
)
from kpidsl.semantics.listed_values import misspelt
from kpidsl.semantics.literals import literal, negated_number, quantity
from kpidsl.semantics.misplaced import alternatives, exchanged_ends, misplaced, outside_columns
from kpidsl.semantics.named_examples import examples_of
from kpidsl.semantics.nested import nested
from kpidsl.semantics.rounded import rounded_type
from kpidsl.semantics.time_habits import number_of_word, without_quotes
from kpidsl.semantics.unit_facts import ONE
from kpidsl.semantics.unit_names import DeclaredUnits
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.other_functions import said_otherwise
from kpidsl.syntax.tree import Expr


class ScalarBinder(ABC):
    """Binds a tree; subclasses say what names and calls mean."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.in_values: InValuesBinding | None = None  # on rows of an aggregate, where sets have a context

    @property
    @abstractmethod
    def defined(self) -> Project:
        """Return the project whose names are bound."""

    @abstractmethod
    def name(self, expr: tree.Name) -> Bound: ...

    def knows(self, name: str) -> bool:  # noqa: ARG002
        """Tell whether a word may stand for something here, rightly or not."""
        return True

    def listed(self, value: Bound) -> tuple[str, ...] | None:  # noqa: ARG002
        """Return the texts that a value can be beside null, or None where nothing lists them."""
        return None

    def call(self, expr: tree.Call) -> Bound:
        """Return a call where each row has its value: aggregates are reported."""
        if expr.function in AGGREGATES or expr.function in CONTEXTUAL:
            self.sink.report(nested(expr, self.defined))
            return BROKEN
        return self.scalar_call(expr)

    def where(self, expr: tree.Where) -> Bound:
        """Return a value under a condition of its own: nothing but an aggregate or a formula has one."""
        self.sink.report(errors.misplaced_where(expr.span))
        return BROKEN

    def in_set(self, expr: tree.InSet) -> Bound:
        """Return whether a value is in a set: only the rows of an aggregate are asked that."""
        if self.in_values is not None:
            return self.in_values(self, expr)
        is_set = expr.set.function in SET_FORMS
        told = set_errors.elsewhere(expr.set.span) if is_set else set_errors.no_set(expr.set)
        self.sink.report(told)
        return BROKEN

    def bind(self, expr: Expr) -> Bound:
        """Return the bound form; what is wrong is reported and becomes `BROKEN`."""
        match expr:
            case tree.Number() | tree.Text() | tree.Date() | tree.Boolean() | tree.Null():
                return literal(expr)
            case tree.Quantity():
                return quantity(expr, self.sink, self.defined.currency)
            case tree.Name():
                found = self.name(expr)
                if isinstance(found, ParameterRef) and found.is_list:
                    self.sink.report(parameter_errors.outside_in(expr.span, found.name))
                    return BROKEN
                return found
            case tree.Call():
                return self.call(expr)
            case tree.Where():
                return self.where(expr)
            case tree.Negative(operand=x):
                if isinstance(x, tree.Number) and not x.suffix:
                    return literal(tree.Number(negated_number(x.value), "", expr.span))
                if isinstance(x, tree.Quantity):
                    negated = tree.Quantity(negated_number(x.value), x.unit, expr.span)
                    return quantity(negated, self.sink, self.defined.currency)
                return self.apply("negative", (self.bind(x),), expr.span)
            case tree.Arithmetic(op=op, left=a, right=b):
                return self.apply(op, (self.bind(a), self.bind(b)), expr.span)
            case tree.Not(operand=x):
                return self.apply("not", (self.condition(x),), expr.span)
            case tree.Logic() if (meant := alternatives(expr)) is not None:
                self.sink.report(errors.alternatives(expr.span, meant))
                return BROKEN
            case tree.Logic(op=op, operands=operands):
                return self.apply(op, tuple(map(self.condition, operands)), expr.span)
            case tree.Case():
                return self._case(expr)
            case tree.InSet():
                return self.in_set(expr)
            case tree.Compare() | tree.In() | tree.Between() | tree.Like() | tree.IsNull():
                return self._comparison(expr)

    def condition(self, expr: Expr) -> Bound:
        """Return the bound condition, having reported where it is none."""
        bound = self.bind(expr)
        if bound.type not in (BOOLEAN, UNKNOWN):
            self.sink.report(errors.not_condition(expr.span, bound.type, self.listed(bound)))
            return BROKEN
        return bound

    def apply(self, op: str, args: tuple[Bound, ...], span: Span) -> Bound:
        """Return the operation on bound arguments, typed by the table."""
        return self._typed(OPERATORS[op], args, span)

    def scalar_call(self, expr: tree.Call) -> Bound:
        """Return the call of a scalar function; every other name is reported."""
        function = FUNCTIONS.get(expr.function)
        if function is None:
            if expr.function in NEIGHBOURS:
                self.sink.report(outside_columns(expr, self.defined))
            elif expr.function in SEQUENCES:
                self.sink.report(sequence_errors.misplaced(expr.name_span, expr.function))
            elif expr.function == VALUES.name:
                self.sink.report(set_errors.outside_in(expr.name_span, print_formula(expr)))
            else:
                known = (*FUNCTIONS, *AGGREGATES, *CONTEXTUAL, *NEIGHBOURS, *SEQUENCES, VALUES.name)
                help = said_otherwise(expr, examples_of(self.defined))
                told = aggregate_errors.unknown_function(expr.name_span, expr.function, known, help)
                self.sink.report(told)
            return BROKEN
        for modifier in expr.modifiers:
            self.misplaced(modifier, expr)
        if not self.has_arity(expr, function):
            return BROKEN
        if expr.function in ("date_trunc", "date_diff"):
            return self._of_grain(expr)
        return self._typed(function, tuple(map(self.bind, expr.arguments)), expr.span)

    def misplaced(self, modifier: tree.Modifier, call: tree.Call) -> None:
        """Report a modifier that means nothing in a call."""
        self.sink.report(misplaced(modifier, call))

    def _of_grain(self, expr: tree.Call) -> Bound:
        """Return `date_trunc(grain, t)` or `date_diff(grain, a, b)`."""
        word, *rest = expr.arguments
        grains = elapsed.grains_of(self.defined)
        if not isinstance(word, tree.Name) or word.text not in grains:
            self.sink.report(errors.unknown(word.span, "time grain", print_formula(word), grains))
            return BROKEN
        times = [self.bind(argument) for argument in rest]
        for time, argument in zip(times, rest, strict=True):
            if time.type is UNKNOWN:
                return BROKEN
            is_day = grains[word.text].is_instant and time.type.kind is Kind.DATE
            if not time.type.is_time or is_day:
                example = FUNCTIONS[expr.function].example
                self.sink.report(errors.mismatch(argument.span, expr.function, (time.type,), example))
                return BROKEN
        if expr.function == "date_trunc":
            return elapsed.date_trunc(word.text, times[0], self.defined, expr.span)
        return elapsed.date_diff(word.text, times[0], times[1], self.defined, expr.span)

    def has_arity(self, expr: tree.Call, function: Function) -> bool:
        found = len(expr.arguments)
        if function.least <= found <= function.most:
            return True
        self.sink.report(aggregate_errors.arity(expr, function.least, function.most, function.example))
        return False

    def _typed(self, function: Function, args: tuple[Bound, ...], span: Span) -> Bound:
        if any(arg.type is UNKNOWN for arg in args):
            return BROKEN
        if function.name in ("+", "-"):
            timed = elapsed.time_arithmetic(function.name, args, self.defined, span, self.sink)
            if timed is not None:
                return timed
        found = unit_rules.measured(function.name, args, span, self.sink)
        if found is None:
            return BROKEN
        args, unit, factor = found
        types = tuple(arg.type for arg in args)
        result = function.typing(types)
        if result is None:
            if function.name == "*" and all(t.is_numeric for t in types):
                self.sink.report(errors.too_precise(span))
            else:
                shown = tuple(dict.fromkeys(types))
                op = _SHOWN.get(function.name, function.name)
                self.sink.report(errors.mismatch(span, op, shown, function.example, _words(args)))
            return BROKEN
        if function.name == "round":
            result = rounded_type(result, args)
        compared = midnights.as_instants(function.name, args, self.defined)
        value = Apply(function.name, compared, result, span, unit)
        if factor is ONE or factor == 1:
            return value
        return replace(unit_rules.convert(value, factor), unit=unit)

    def _case(self, expr: tree.Case) -> Bound:
        values = [self.bind(value) for _, value in expr.branches]
        conditions = [self.condition(condition) for condition, _ in expr.branches]
        otherwise = Constant(None, NULL) if expr.otherwise is None else self.bind(expr.otherwise)
        parts: tuple[Bound, ...] = (*values, otherwise)
        if any(part.type is UNKNOWN for part in (*parts, *conditions)):
            return BROKEN
        found = unit_rules.joined("case", parts, expr.span, self.sink)
        if found is None:
            return BROKEN
        parts, unit = found
        result = OPERATORS["case"].typing(tuple(part.type for part in parts))
        if result is None:
            shown = tuple(dict.fromkeys(part.type for part in parts))
            self.sink.report(errors.mismatch(expr.span, "case", shown, OPERATORS["case"].example))
            return BROKEN
        args = tuple(x for pair in zip(conditions, parts[:-1], strict=True) for x in pair)
        return Apply("case", (*args, parts[-1]), result, expr.span, unit)

    def _comparison(self, expr: tree.Compare | tree.In | tree.Between | tree.Like | tree.IsNull) -> Bound:
        span = expr.span
        match expr:
            case tree.Compare(op=op, left=a, right=b):
                for side, other in ((a, b), (b, a)):
                    if isinstance(side, tree.Null):
                        self.sink.report(errors.null_compared(side.span, print_formula(other)))
                        return BROKEN
                left = self.bind(a)
                right = self._beside(left, b)
                if op in ("=", "!="):
                    if self._misspelt((left, a), (right, b)):
                        return BROKEN
                    left, right = self._among(left, (right, b)), self._among(right, (left, a))
                sides = (left, right)
                self._tell_slips(sides, (a, b), expr)
                return (
                    self._not(self.apply("=", sides, span), span)
                    if op == "!="
                    else self.apply(op, sides, span)
                )
            case tree.In(operand=x, items=items, negated=negated):
                for item in items:
                    if isinstance(item, tree.Null):
                        self.sink.report(errors.null_compared(item.span, print_formula(x)))
                        return BROKEN
                left = self.bind(x)
                listed = tuple(self._beside(left, item, listed=True) for item in items)
                if self._misspelt((left, x), *zip(listed, items, strict=True)):
                    return BROKEN
                listed = tuple(self._among(item, (left, x)) for item in listed)
                self._tell_slips((left, *listed), (x, *items), expr)
                bound = self.apply("in", (left, *listed), span)
            case tree.Between(operand=x, low=low, high=high, negated=negated):
                operand, first, last = self.bind(x), self.bind(low), self.bind(high)
                if (told := exchanged_ends(expr)) is not None:
                    self.sink.report(told)
                else:
                    self._tell_slips((operand, first, last), (x, low, high), expr)
                least = self.apply(">=", (operand, first), span)
                most = self.apply("<=", (operand, last), span)
                bound = self.apply("and", (least, most), span)
            case tree.Like(operand=x, pattern=pattern, negated=negated):
                bound = self.apply("like", (self.bind(x), Constant(pattern, TEXT)), span)
            case tree.IsNull(operand=x, negated=negated):
                bound = self.apply("is_null", (self.bind(x),), span)
        return self._not(bound, span) if negated else bound

    def _tell_slips(
        self,
        values: tuple[Bound, ...],
        parts: tuple[Expr, ...],
        expr: tree.Compare | tree.In | tree.Between,
    ) -> None:
        """Warn where a day or a number beside a time is likely to be meant otherwise than it is read."""
        for told in (whole_days.beside_times(values, expr), bare_seconds.beside_elapsed(values, parts)):
            if told is not None:
                self.sink.report(told)

    def _beside(self, text: Bound, expr: Expr, *, listed: bool = False) -> Bound:
        """Return what a value is compared with; a word beside a text that names nothing lacks quotes.

        `listed` tells that it stands in the brackets of `in`, where alone a name may mean a list.
        """
        is_word = isinstance(expr, tree.Name) and len(expr.parts) == 1 and not self.knows(expr.text)
        if text.type is TEXT and is_word:
            self.sink.report(errors.bare_text(expr.span))
            return BROKEN
        return self.name(expr) if listed and isinstance(expr, tree.Name) else self.bind(expr)

    def _misspelt(self, first: tuple[Bound, Expr], *others: tuple[Bound, Expr]) -> bool:
        """Report, and tell, whether a value is compared with texts that it never is; on either side."""
        found = False
        for side, beside in ((first, others), *((other, (first,)) for other in others)):
            value, expr = side
            texts = [(other, one.span) for other, one in beside]
            if value.type.kind is Kind.TEXT and misspelt(
                value, self.listed(value), texts, print_formula(expr), self.sink
            ):
                found = True
        return found

    def _among(self, text: Bound, beside: tuple[Bound, Expr]) -> Bound:
        """Return a parameter with what it is compared with: its value is known when a query is asked."""
        value, expr = beside
        if not isinstance(text, ParameterRef) or TEXT not in (text.type, value.type):
            return text
        listed = self.listed(value)
        return text if listed is None else replace(text, beside=Listed(print_formula(expr), listed))

    def parameter(self, expr: tree.Name, units: DeclaredUnits) -> Bound | None:
        """Return the reference to a parameter of that name, or None where there is none."""
        found = units.project.parameters.get(expr.text)
        if found is None or found.type is UNKNOWN:
            return None if found is None else BROKEN
        is_duration = found.type is DURATION
        type_ = elapsed.SECONDS if is_duration else found.type
        unit = units.parameter(found)
        return ParameterRef(found.name, type_, found.is_list, expr.span, unit, is_duration)

    def _not(self, bound: Bound, span: Span) -> Bound:
        return self.apply("not", (bound,), span)


def _words(args: tuple[Bound, ...]) -> str | None:
    """Return the help where a number meets the name of a day or month, or a time one in quotes."""
    texts = [arg.value for arg in args if isinstance(arg, Constant) and isinstance(arg.value, str)]
    if any(arg.type.is_time for arg in args):
        return without_quotes(texts)
    return number_of_word(texts) if any(arg.type.kind is Kind.INTEGER for arg in args) else None


InValuesBinding = Callable[[ScalarBinder, tree.InSet], Bound]
_SHOWN = {"negative": "-", "is_null": "is null"}
