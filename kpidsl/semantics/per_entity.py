"""Aggregates of values that entities have: what is written, to bound nodes.

avg(sum(orders.amount) per customer_id)
count_distinct(orders.customer_id having count(orders) >= 2)
count_distinct(orders.customer_id including null)
… in values(orders.customer_id having count(orders) >= 2)

The last ones are of entities too: those that a condition holds for, or nobody among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidsl.model.types import BOOLEAN, INTEGER, NULL, UNKNOWN
from kpidsl.semantics import aggregate_errors, entity_errors, errors
from kpidsl.semantics.aggregates import is_fraction
from kpidsl.semantics.bound import (
    BROKEN,
    Aggregate,
    Apply,
    Bound,
    ColumnMember,
    Constant,
    DimensionMember,
    Grain,
    Member,
    MetricRef,
    ParameterRef,
    Part,
    PerEntity,
    Total,
    children,
)
from kpidsl.semantics.conditions import conjunction
from kpidsl.semantics.functions import AGGREGATES
from kpidsl.semantics.misplaced import having_inside
from kpidsl.semantics.nested import who_has
from kpidsl.semantics.rows import RowBinder
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.syntax import print_formula, tree
from kpidsl.syntax.keywords import AGGREGATES_OF_NUMBERS

if TYPE_CHECKING:
    from kpidsl.semantics.formulas import FormulaBinder

_OF_ONE_KIND = ("sum", "avg", "min", "max", "median", "percentile", "stddev")
_WORDS = frozenset({"per", "having", "including null"})


def is_of_entities(expr: tree.Call) -> bool:
    """Tell whether an aggregate's call is one over entities."""
    return any(modifier.word in _WORDS for modifier in expr.modifiers)


def of_entities(binder: FormulaBinder, expr: tree.Call) -> Bound:
    """Return an aggregate over entities; what is wrong is reported."""
    words = {modifier.word: modifier for modifier in expr.modifiers}
    if "per" in words:
        return _per(binder, expr, words["per"])
    if expr.function == "count_distinct":
        return _counted(binder, expr)
    if "having" in words:
        inside = having_inside(words["having"], expr) or who_has(expr, words["having"], binder.project)
        binder.sink.report(entity_errors.having(words["having"].span, expr.function, inside))
    else:
        binder.misplaced(words["including null"], expr)
    return BROKEN


def _per(binder: FormulaBinder, expr: tree.Call, per: tree.Modifier) -> Bound:
    names = per.names
    for modifier in expr.modifiers:
        if modifier is not per and modifier.word != "including null":
            binder.misplaced(modifier, expr)
            return BROKEN
    if expr.function not in AGGREGATES_OF_NUMBERS:
        binder.sink.report(entity_errors.function(expr.name_span, expr.function, AGGREGATES_OF_NUMBERS))
        return BROKEN
    if len(expr.arguments) != (count := 2 if expr.function == "percentile" else 1):
        fraction = ", 0.9" if count == 2 else ""
        example = f"{expr.function}(sum(orders.amount){fraction} per customer_id)"
        told = aggregate_errors.arity(expr, count, count, example)
        binder.sink.report(told)
        return BROKEN
    argument = expr.arguments[0]
    if _is_of_rows(argument, binder):
        told = entity_errors.of_rows(argument.span, print_formula(argument), *_written_out(expr, per, binder))
        binder.sink.report(told)
        return BROKEN
    x, *others = map(binder.bind, expr.arguments)
    members = _members(binder, names, x, expr)
    if members is None or any(value.type is UNKNOWN for value in (x, *others)):
        return BROKEN
    function = AGGREGATES[expr.function]
    found_type = function.typing((x.type, *(other.type for other in others)))
    if found_type is None:
        example = f"{expr.function}(sum(orders.amount) per customer_id)"
        binder.sink.report(errors.mismatch(argument.span, expr.function, (x.type,), example))
        return BROKEN
    fraction_known = not others or isinstance(others[0], ParameterRef)
    if not fraction_known and not is_fraction(others[0], expr.arguments[1].span, binder.sink):
        return BROKEN
    return PerEntity(
        expr.function,
        x,
        members,
        tuple(others),
        any(modifier.word == "including null" for modifier in expr.modifiers),
        None,
        binder.empty_is_null,
        found_type,
        expr.span,
        tuple(name.span for name in names),
        _unit(binder, expr.function, x, members),
    )


def _unit(binder: FormulaBinder, function: str, x: Bound, members: tuple[Member, ...]) -> UnitFact | None:
    """Return the unit of an aggregate over entities: that of their values, or what they are counted as."""
    if function == "count":
        keys = [member.value for member in members if isinstance(member, ColumnMember)]
        home = keys[0] if len(keys) == len(members) else None
        return None if home is None else binder.rows.units.of_aggregate("count_distinct", "", keys)
    if x.unit is None or x.unit.unit is None:
        return None
    if function == "variance":
        return replace(x.unit, unit=x.unit.unit**2, optional=None)
    return replace(x.unit, optional=None) if function in _OF_ONE_KIND else None


def _counted(binder: FormulaBinder, expr: tree.Call) -> Bound:
    """Return `count_distinct(… having …)`, or one that counts nobody too, as a count of entities."""
    found = those_with(binder, expr)
    if not isinstance(found, PerEntity):
        return found
    one = Constant(1, INTEGER)
    tested = found.operand
    x = one if isinstance(tested, Constant) else Apply("case", (tested, one, Constant(None, NULL)), INTEGER)
    return replace(found, function="count", operand=x)


def those_with(binder: FormulaBinder, expr: tree.Call) -> Bound:
    """Return the entities among an aggregate's values, and the condition that they are to meet."""
    rest = tuple(modifier for modifier in expr.modifiers if modifier.word not in ("having", "including null"))
    counted = binder.aggregate(replace(expr, modifiers=rest))
    if not isinstance(counted, Aggregate):
        return BROKEN
    assert counted.argument is not None
    values = (counted.argument, *counted.others)
    arguments = [x.operand if isinstance(x, tree.Where) else x for x in expr.arguments]
    members = tuple(
        ColumnMember(counted.dataset, value, print_formula(argument))
        for value, argument in zip(values, arguments, strict=True)
    )
    tested = [
        _tested(binder, modifier.arguments[0], members[0], counted)
        for modifier in expr.modifiers
        if modifier.word == "having"
    ]
    if any(condition.type is UNKNOWN for condition in tested):
        return BROKEN
    among = replace(
        counted, function="count", argument=None, others=(), empty_is_null=False, unit=None, type=INTEGER
    )
    return PerEntity(
        expr.function,
        conjunction(tested) if tested else Constant(True, BOOLEAN),
        members,
        (),
        any(modifier.word == "including null" for modifier in expr.modifiers),
        among,
        counted.empty_is_null,
        counted.type,
        expr.span,
        tuple(argument.span for argument in arguments),
        counted.unit,
    )


def _tested(binder: FormulaBinder, expr: tree.Expr, member: ColumnMember, counted: Aggregate) -> Bound:
    """Return the condition behind `having`, which may read the rows of the counted values alone."""
    condition = binder.condition(expr)
    strange = [name for name in datasets_of(condition, binder) if name != counted.dataset]
    if condition.type is not UNKNOWN and strange:
        told = entity_errors.having_of_others(expr.span, member.text, counted.dataset, strange[0])
        binder.sink.report(told)
        return BROKEN
    return condition


# what the values are of


def aggregates_in(bound: Bound, binder: FormulaBinder, without: Member | None = None) -> Iterator[Aggregate]:
    """Yield the aggregates of a formula with its metrics written out; not those that drop a member."""
    match bound:
        case Aggregate():
            yield bound
        case MetricRef(name=name):
            yield from aggregates_in(binder.bound_of(name), binder, without)
        case Total(across=across) if without is not None and (across is None or without in across):
            pass
        case _:
            for child in children(bound):
                yield from aggregates_in(child, binder, without)


def datasets_of(bound: Bound, binder: FormulaBinder, without: Member | None = None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.dataset for found in aggregates_in(bound, binder, without)))


def _is_of_rows(expr: tree.Expr, binder: FormulaBinder) -> bool:
    """Tell whether a formula reads columns or rows of a dataset outside an aggregate."""
    datasets = binder.project.datasets
    for node in _outside_aggregates(expr):
        if isinstance(node, tree.Name):
            name = node.parts[0]
            if name in datasets and (len(node.parts) > 1 or name not in binder.project.metrics):
                return True
    return False


def _outside_aggregates(expr: tree.Expr) -> Iterator[tree.Expr]:
    yield expr
    if isinstance(expr, tree.Where):
        yield from _outside_aggregates(expr.operand)
    elif not (isinstance(expr, tree.Call) and expr.function in AGGREGATES):
        for child in tree.children(expr):
            yield from _outside_aggregates(child)


def _written_out(expr: tree.Call, per: tree.Modifier, binder: FormulaBinder) -> tuple[str, str]:
    """Return what is aggregated for each entity, and the whole call with it."""
    argument = expr.arguments[0]
    text = print_formula(argument)
    whole = argument.operand if isinstance(argument, tree.Where) else argument
    inner = "sum" if expr.function not in ("sum", "min", "max", "avg", "median") else expr.function
    if isinstance(whole, tree.Name) and whole.text in binder.project.datasets:
        inner = "count"
    each = f"{inner}({text})"
    outer = "avg" if expr.function in ("count", "count_distinct") else expr.function
    rest = "".join(f", {print_formula(other)}" for other in expr.arguments[1:])
    keys = ", ".join(name.text for name in per.names)
    return each, f"{outer}({each}{rest} per {keys})"


# whose they are


def _members(
    binder: FormulaBinder, names: Iterable[tree.Name], x: Bound, expr: tree.Call
) -> tuple[Member, ...] | None:
    if x.type is UNKNOWN:
        return None
    datasets = datasets_of(x, binder)
    home = datasets[0] if len(datasets) == 1 else None
    found: list[Member] = []
    for name in names:
        member = _member(binder, name, home, frozenset(datasets))
        if member is None:
            return None
        if (
            not isinstance(member, ColumnMember)
            and binder.types.of(member, name.span, binder.sink) is UNKNOWN
        ):
            return None
        before = binder.sink.errors
        if not isinstance(member, Grain | ColumnMember) and not (
            isinstance(member, Part) and member.member is None
        ):
            for dataset in datasets_of(x, binder, member):
                binder.rows.member(dataset, member, name.span, binder.sink, expr.span)
        if binder.sink.errors > before:
            return None
        found.append(member)
    return tuple(dict.fromkeys(found))


def _member(binder: FormulaBinder, name: tree.Name, home: str | None, read: frozenset[str]) -> Member | None:
    """Return what a name in `per` stands for; a short one may be a column of the only dataset."""
    project = binder.project
    head = name.parts[0]
    if len(name.parts) == 1 and head in project.grains:
        return Grain(head)
    if home is not None:
        own = project.datasets[home]
        is_column = len(name.parts) == 1 and head in own.columns
        if is_column or (len(name.parts) > 1 and head in own.joins):
            value = RowBinder(binder.rows, home, binder.sink).name(name)
            if value.type is UNKNOWN:
                return None
            is_dimension = len(name.parts) == 1 and head in project.dimensions
            return DimensionMember(head) if is_dimension else ColumnMember(home, value, name.text)
    return binder.member_named(name, read)
