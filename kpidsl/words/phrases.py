"""Bound formulas to phrases. One speaker tells one formula, and remembers which names it used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kpidsl.model.types import BOOLEAN
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Children,
    Constant,
    Derived,
    Earliest,
    Filtered,
    InSet,
    InValues,
    KeyValue,
    MemberValue,
    MetricRef,
    Moved,
    OrderedBy,
    ParameterRef,
    Partner,
    PerEntity,
    ResultValue,
    Ripe,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import NEIGHBOURS
from kpidsl.semantics.reads import until_of
from kpidsl.semantics.unit_rules import exact_number
from kpidsl.semantics.units import Unit, named
from kpidsl.semantics.walks import conjuncts
from kpidsl.words.entities import over_entities
from kpidsl.words.language import Language, code
from kpidsl.words.names import Named, RowNaming
from kpidsl.words.nulls import OF_ANY_TYPE, may_be_null
from kpidsl.words.patterns import pattern_in_words
from kpidsl.words.sequences import sequence_in_words
from kpidsl.words.windows import compared, of_window, rows_in_words
from kpidsl.words.written import spoken

_SIGNS = frozenset({"+", "-", "*", "/"})
_ORDERED = frozenset({"<", "<=", ">", ">="})
_USUAL_TIMES = ("day", "hour", "minute", "second", "year", "month")


class Speaker:
    """Tells bound formulas in one language.

    `used` collects the derived columns and dimensions that were told by name, in order.
    """

    def __init__(self, project: CheckedProject, language: Language, naming: RowNaming | None = None) -> None:
        self.project = project
        self.language = language
        self.naming = naming or RowNaming(project)
        self.used: dict[tuple[str, str], Named] = {}
        self._defining: Named | None = None

    # Values.

    def value(self, expr: Bound, home: str = "") -> str:
        """Return what a formula's or a row's value is, as a noun phrase."""
        named = self._named(expr, home)
        if named is not None:
            return named
        match expr:
            case Constant():
                return self.constant(expr)
            case RowColumn(path=path, column=column):
                return code(".".join((*path, column)))
            case Derived():
                return self._over_history(expr)
            case Partner(value=inner):
                return self.value(inner, home)
            case MemberValue(member=member):
                return code(member.text)
            case ResultValue(name=name) | ParameterRef(name=name):
                return code(name)
            case MetricRef(name=name):
                return self.metric(name)
            case Ripe(operand=x):
                return self.tight(x, home)  # how old rows are is told of the metric
            case Aggregate():
                return self.aggregate(expr)
            case Filtered(operand=x, condition=condition):
                return self.language.say("filtered", self.tight(x, home), self.condition(condition))
            case Total(operand=x, across=None):
                return self.language.say("total", self.tight(x, home))
            case Total(operand=x, across=across):
                return self.language.say("total across", self.tight(x, home), self._members(across))
            case RowSequence() | InValues():
                return self.other_rows(expr, home)
            case PerEntity():
                return over_entities(expr, self)
            case Moved() | WindowEdge() | KeyValue():
                return of_window(expr, lambda x: self.tight(x, home), self.language)
            case Apply() if told := compared(expr, lambda x: self.tight(x, home), self.language):
                return told
            case InSet() | Earliest():
                raise AssertionError(f"{expr} in a formula")
            case Apply(op=op, type=type) if type == BOOLEAN and op not in OF_ANY_TYPE:
                return self._unnamed_condition(expr, home)
            case Apply():
                return self._operation(expr, home)

    def other_rows(self, expr: RowSequence | InValues, home: str, *, negated: bool = False) -> str:
        """Return a sequence, or whether a value is in a set, as a clause."""
        if isinstance(expr, InValues):
            return self._sought(expr, home, negated=negated)
        return sequence_in_words(expr, home, self.language, self.condition, self.quantity, negated=negated)

    def formula(self, expr: Bound) -> str:
        """Return what a whole formula computes; its outermost quotient is told in words."""
        match expr:
            case Apply(op="/", args=(a, Total(operand=x, across=across, is_share=True))) if a == x:
                if across is None:
                    return self.language.say("share of all", self.tight(a, ""))
                return self.language.say("share", self.tight(a, ""), self._members(across))
            case Apply(op="/", args=(a, b)):
                return self.language.say("quotient", self.tight(a, ""), self.tight(b, ""))
            case _:
                return self.value(expr)

    def metric(self, name: str) -> str:
        """Return a metric by its label, and by its name."""
        label = spoken(self.project.project.metrics[name].label, self.language)
        return code(name) if label is None else self.language.say("labelled", label, code(name))

    def constant(self, constant: Constant) -> str:
        match constant.value:
            case None:
                return self.language.say("null")
            case bool() as truth:
                return self.language.say("true" if truth else "false")
            case str() as text:
                return self.language.quoted(text)
            case datetime() as instant:
                return instant.isoformat(sep=" ")
            case date() as day:
                return day.isoformat()
            case int() | Decimal() | float() as figure:
                unit = None if constant.unit is None else constant.unit.unit
                if unit is None or unit.is_fraction or isinstance(figure, float):
                    return self.language.figure(figure)
                return self.quantity(Fraction(figure), unit)

    def quantity(self, figure: Fraction, unit: Unit) -> str:
        """Return a number with its unit; a time in the largest of the usual units that leaves no rest."""
        name = str(unit)
        if unit.is_time and figure:
            whole = figure * unit.scale
            usual = [time for time in _USUAL_TIMES if named(time).is_convertible(unit)]
            name = next((time for time in usual if (whole / named(time).scale).denominator == 1), name)
            figure *= unit.factor(named(name))
        exact = exact_number(figure)
        assert exact is not None
        shown = self.language.figure(exact)
        if not unit.is_time:
            return f"{shown} {name}"
        return self.language.say(f"one {name}" if abs(figure) == 1 else f"some {name}", shown)

    def aggregate(self, aggregate: Aggregate, is_history: bool = False, is_ordered: bool = False) -> str:
        """Return an aggregate with the rows that it reads; `is_ordered` by more than time."""
        language, function, argument = self.language, aggregate.function, aggregate.argument
        rows = self.rows(aggregate, is_history=is_history)
        if argument is None:
            return language.fill(language.aggregates[function], rows=rows)
        row = language.aggregates.get(f"{function} of", language.aggregates[function])
        if argument.type.is_time:
            row = language.of_times.get(function, row)
        if is_ordered:
            row = language.aggregates.get(f"{function} in order", row)
        if function == "count_distinct" and aggregate.others:
            row = language.aggregates["count_distinct of several"]
        parts = (argument, *aggregate.others)
        return language.fill(row, *(self.tight(part, aggregate.dataset) for part in parts), rows=rows)

    def _over_history(self, derived: Derived) -> str:
        """Return a value over the rows that lead to a row, or over those that share a key with it."""
        language, form, home = self.language, derived.form, derived.form.aggregate.dataset
        found = form.aggregate
        if isinstance(form, Children):
            said = language.say("per row", self.aggregate(found), code(derived.dataset))
            return language.say("history", said)
        is_neighbour = found.function in NEIGHBOURS
        said = self._neighbour(found) if is_neighbour else self.aggregate(found, True, bool(form.order))
        if form.keys:
            said = language.say("per", said, language.both([self.value(key, home) for key in form.keys]))
        if form.order:
            order = [self._ordered_by(by, home) for by in form.order]
            said = language.say("in order" if is_neighbour else "up to", said, language.both(order))
        return language.say("history", said)

    def _neighbour(self, found: Aggregate) -> str:
        rows = self.rows(found, is_history=True)
        if found.argument is None:
            return self.language.say(found.function, rows)
        value = self.tight(found.argument, found.dataset)
        if not found.others:
            return self.language.say(found.function, value, rows)
        return self.language.say(f"{found.function} by", value, rows, self.value(found.others[0]))

    def _ordered_by(self, by: OrderedBy, home: str) -> str:
        shown = self.value(by.value, home)
        return self.language.say("descending", shown) if by.descending else shown

    def _sought(self, expr: InValues, home: str, *, negated: bool = False) -> str:
        values = f"({self.value(expr.set)})"
        told = self.language.say(
            "not in set" if negated else "in set", self._side(expr.operand, home), values
        )
        if expr.includes_null:
            return self.language.say("with null", told)
        return self._or_missing(told, (expr.operand,)) if negated else told

    def rows(self, aggregate: Aggregate, *, is_history: bool = False) -> str:
        """Return the rows of an aggregate: its dataset, its conditions, its time where it names one."""
        holds = not is_history and until_of(aggregate, self.project) is not None
        return rows_in_words(aggregate, self.language, self.condition, self.value, holds=holds)

    def _members(self, members: tuple[object, ...] | None) -> str:
        return self.language.both([code(str(getattr(member, "text", member))) for member in members or ()])

    def _named(self, expr: Bound, home: str) -> str | None:
        found = self.naming.of(expr, home, self._defining) if home else None
        if found is None:
            return None
        self.used[found.dataset, found.text if found.column is None else found.column] = found
        return code(found.text)

    def tight(self, expr: Bound, home: str) -> str:
        """Return a value that can stand beside a sign: in brackets where it has parts of its own."""
        shown = self.value(expr, home)
        is_phrase = isinstance(expr, Apply | Filtered | Total | Moved | PerEntity)
        is_loose = is_phrase and not shown.endswith(")") and " " in shown
        is_loose = is_loose or (isinstance(expr, Apply) and expr.op in _SIGNS)
        return f"({shown})" if is_loose and self._named(expr, home) is None else shown

    def _operation(self, expr: Apply, home: str) -> str:
        language = self.language
        if expr.op == "case":
            return self._case(expr, home)
        if expr.op in _SIGNS:
            parts = [self._beside(expr.op, place, arg, home) for place, arg in enumerate(expr.args)]
        else:
            parts = [self.tight(arg, home) for arg in expr.args]
        row = "round to" if expr.op == "round" and len(parts) == 2 else expr.op
        return language.fill(language.functions[row], *parts)

    def _beside(self, op: str, place: int, arg: Bound, home: str) -> str:
        """Return an operand; `a + b + c` and `a * b * c` need no brackets."""
        if isinstance(arg, Apply) and arg.op == op and (place == 0 or op in "+*"):
            return self.value(arg, home)
        if isinstance(arg, Aggregate):
            return f"({self.value(arg, home)})"
        return self.tight(arg, home)

    def _case(self, expr: Apply, home: str) -> str:
        *pairs, otherwise = expr.args
        branches = [
            self.language.say("branch", self.condition(c, home), self.value(v, home))
            for c, v in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        branches.append(self.language.say("otherwise", self.value(otherwise, home)))
        return self.language.semicolon(branches)

    def definition(self, named: Named) -> str:
        """Return what a derived column or dimension stands for on its dataset's row."""
        outer, self._defining = self._defining, named
        said = self._definition(named)
        self._defining = outer
        return said

    def _definition(self, named: Named) -> str:
        value = named.value
        if isinstance(value, RowSequence):
            return self.other_rows(value, named.dataset)
        if not isinstance(value, Apply):
            return self.value(value, named.dataset)
        if value.op == "as_type" and isinstance(value.args[0], Apply):
            value = value.args[0]
        assert isinstance(value, Apply)
        if value.type == BOOLEAN and value.op not in OF_ANY_TYPE:
            return self._unnamed_condition(value, named.dataset)
        return self._operation(value, named.dataset)

    # Conditions.

    def condition(self, expr: Bound, home: str = "") -> str:
        """Return a condition as a clause that fits after “where”."""
        match expr:
            case Constant():
                return self.constant(expr)
            case RowSequence() | InValues() if self._named(expr, home) is None:
                return self.other_rows(expr, home)
            case Apply(type=type) if type == BOOLEAN and expr.op not in OF_ANY_TYPE:
                named = self._named(expr, home)
                if named is not None:
                    return self.language.say("boolean", named)
                return self._unnamed_condition(expr, home)
            case _:
                return self.language.say("boolean", self._plain(expr, home))

    def _unnamed_condition(self, expr: Apply, home: str) -> str:
        match expr:
            case Apply(op="and", args=(Apply(op=">=", args=(x, low)), Apply(op="<=", args=(y, high)))) if (
                x == y
            ):
                return self.language.say("between", *(self.tight(part, home) for part in (x, low, high)))
            case Apply(op="and" | "or" as op):
                return self._logic(expr, op, home)
            case Apply(op="not", args=(inner,)):
                return self.negated(inner, home)
            case _:
                return self._comparison(expr, home, self.language.functions)

    def negated(self, expr: Bound, home: str = "") -> str:
        """Return the condition that holds where `expr` does not; what is missing satisfies it too."""
        language = self.language
        named = self._named(expr, home)
        if named is not None:
            return language.fill(language.negated["boolean"], named)
        match expr:
            case RowSequence() | InValues():
                return self.other_rows(expr, home, negated=True)
            case Apply(op="not", args=(inner,)):
                return self.condition(inner, home)
            case Apply(op="and", args=(Apply(op=">=", args=(x, low)), Apply(op="<=", args=(y, high)))) if (
                x == y
            ):
                parts = [self.tight(part, home) for part in (x, low, high)]
                return self._or_missing(language.fill(language.negated["between"], *parts), (x, low, high))
            case Apply(op="and" | "or" as op, args=args):
                word = language.either if op == "and" else language.both
                return word([_among(self.negated(arg, home), arg, "") for arg in args])
            case Apply(op="is_null"):
                return self._comparison(expr, home, language.negated)
            case Apply(op=op) if op in language.negated or (op == "like"):
                return self._or_missing(self._comparison(expr, home, language.negated), expr.args)
            case Apply(type=type) if type == BOOLEAN and expr.op not in OF_ANY_TYPE:
                return language.fill(language.functions["not"], self.condition(expr, home))
            case _:
                return language.fill(language.negated["boolean"], self._plain(expr, home))

    def _plain(self, expr: Bound, home: str) -> str:
        """Return a boolean value by name; one that has parts of its own stands in brackets."""
        if isinstance(expr, Apply):
            named = self._named(expr, home)
            return named if named is not None else f"({self._operation(expr, home)})"
        return self.value(expr, home)

    def _logic(self, expr: Apply, op: str, home: str) -> str:
        args = conjuncts(expr) if op == "and" else expr.args
        parts = [_among(self.condition(arg, home), arg, op) for arg in args]
        return (self.language.both if op == "and" else self.language.either)(parts)

    def _comparison(self, expr: Apply, home: str, table: Mapping[str, str]) -> str:
        parts = [self._side(arg, home) for arg in expr.args]
        op = expr.op
        if op == "like":
            op, parts = pattern_in_words(expr, parts, self.language)
        elif op == "in" and len(parts) == 2:
            op = "="
        if op == "=" and not isinstance(expr.args[1], Constant):
            op = "= of two"
        if table is self.language.functions:
            if op in _ORDERED and expr.args[0].type.is_time:
                table = self.language.of_times
            elif op in ("prefix", "suffix"):
                table = self.language.sentences
        elif op in _ORDERED and expr.args[0].type.is_time:
            op = f"{op} of times"
        return self.language.fill(table[op], *parts)

    def _side(self, expr: Bound, home: str) -> str:
        """Return a side of a comparison; only branches need brackets there."""
        loose = isinstance(expr, Apply) and expr.op == "case" and self._named(expr, home) is None
        return f"({self.value(expr, home)})" if loose else self.value(expr, home)

    def _or_missing(self, clause: str, args: tuple[Bound, ...]) -> str:
        nullable = [arg for arg in args if may_be_null(arg, self.project)]
        row = "or missing" if len(nullable) == 1 else "or one missing"
        return self.language.say(row, clause) if nullable else clause


def _among(clause: str, expr: Bound, op: str) -> str:
    """Return a clause of a list: in brackets where it is, or holds, a list of its own."""
    is_list = isinstance(expr, Apply) and expr.op in ("and", "or") and expr.op != op
    return f"({clause})" if is_list or "," in clause else clause
