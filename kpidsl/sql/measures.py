"""Aggregates of rows in SQL, each as one expression over the rows.

What a dialect lacks is made in steps instead: see `steps`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from kpidsl.contexts.magnitudes import Largest, largest_of_leaf, summed
from kpidsl.model.types import FLOAT, Kind
from kpidsl.plan.nodes import Measure
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.conditions import is_present
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import FEWER_DIGITS, too_long_a_sum
from kpidsl.sql.dialects import Dialect
from kpidsl.sql.expressions import Expressions
from kpidsl.sql.nodes import Node
from kpidsl.sql.whole_numbers import added_up

_EVERYWHERE = frozenset(("sum", "min", "max", "count", "count_distinct"))


def kind_of(measure: Measure) -> str:
    return "tuples" if measure.function == "count_distinct" and measure.others else measure.function


def is_everywhere(measure: Measure) -> bool:
    """Tell whether every dialect has the aggregate."""
    return kind_of(measure) in _EVERYWHERE


def is_native(measure: Measure, dialect: Dialect) -> bool:
    return is_everywhere(measure) or kind_of(measure) in dialect.aggregates


def is_over_windows(measure: Measure, dialect: Dialect) -> bool:
    """Tell whether the dialect has the aggregate over windows too."""
    return kind_of(measure) in dialect.over_windows


def direct(rows: Expressions, measure: Measure, *, zero: bool) -> Node:
    """Return the aggregate over the rows that satisfy the measure's conditions; see `settled`."""
    return settled(filtered(rows, measure), measure, zero=zero)


def filtered(rows: Expressions, measure: Measure) -> Node:
    """Return the aggregate over the rows of the measure's conditions, as the engine has it of nothing."""
    node = _function(rows, measure)
    conditions = tuple(dict.fromkeys((*measure.conditions, *map(is_present, needed(measure)))))
    if conditions:
        has_filters = rows.dialect.has_filters
        node = nodes.aggregated_where(node, all_hold(rows, conditions), has_filters=has_filters)
    taken = rows.dialect.aggregates.get(f"{kind_of(measure)}_taken")
    return node if taken is None else taken(node)


def settled(node: Node, measure: Measure, *, zero: bool) -> Node:
    """Return the aggregate as the language has it of nothing: 0 (where `zero` asks for it) or null."""
    if measure.empty_is_null and measure.function in ("count", "count_distinct"):
        return exp.Nullif(this=node, expression=nodes.integer(0))
    if measure.function == "sum" and not measure.empty_is_null and zero:
        return exp.Coalesce(this=node, expressions=[nodes.integer(0)])
    return node


def needed(measure: Measure) -> tuple[Bound, ...]:
    """Return what a row must have for the aggregate not to skip it, where the function does not see to it."""
    argument = measure.argument
    match kind_of(measure):
        case "tuples" if argument is not None:
            return (argument, *measure.others)
        case "first" | "last" if argument is not None:
            return (argument, measure.others[0])
        case _:
            return ()


def all_hold(rows: Expressions, conditions: Sequence[Bound]) -> Node:
    return nodes.all_of([rows.holds(condition) for condition in conditions])


def input_of(rows: Expressions, measure: Measure) -> Node:
    """Return the argument in the form in which the function takes it."""
    assert measure.argument is not None
    why = _inexact(rows, measure, measure.argument)
    if why is not None:
        construct = f"`{measure.function}` of {measure.argument.type.kind.value}s"
        return rows.refuse(measure.argument, construct, *why)
    match measure.function:
        case "count" | "count_distinct":
            return rows.value(measure.argument)
        case "percentile" | "stddev" | "variance":
            # An engine's own quantiles of decimals may be cut to the decimals' digits.
            return rows.as_type(measure.argument, FLOAT)
        case _:
            return rows.as_type(measure.argument, measure.slot.type)


def _inexact(rows: Expressions, measure: Measure, argument: Bound) -> tuple[str, str] | None:
    """Return why the engine would not have an aggregate exactly, and what to do instead; None: it has."""
    found, room = rows.dialect.inexact_aggregate, rows.dialect.room
    if found is not None:
        return found(measure.function, argument.type)
    due = _largest_sum(rows, measure)
    long = None if due is None or room is None else too_long_a_sum(due, room)
    return None if long is None else (long, FEWER_DIGITS)


def _largest_sum(rows: Expressions, measure: Measure) -> Largest | None:
    """Return the largest value of a sum of decimals, where the dialect must know it."""
    room, argument = rows.dialect.room, measure.argument
    if room is None or measure.function != "sum":
        return None
    if argument is None or argument.type.kind is not Kind.DECIMAL:
        return None
    leaf, one = measure.slot.leaf, rows.size(argument)
    if leaf is not None and leaf.function == "sum":
        return largest_of_leaf(leaf, room.rows)
    return None if one is None else summed(one, room.rows)


def fraction_of(measure: Measure) -> Node:
    (fraction,) = measure.others
    assert isinstance(fraction, Constant)
    return exp.Literal.number(f"{fraction.value:f}")


def simple_function(rows: Expressions, measure: Measure, value: Node) -> Node:
    """Return one of the aggregates that every dialect has."""
    dialect = rows.dialect
    match measure.function:
        case "count":
            return exp.Count(this=value)
        case "count_distinct":
            return exp.Count(this=exp.Distinct(expressions=[value]))
        case "sum" if dialect.wide_sum is not None:
            return exp.Sum(this=dialect.wide_sum(value, measure.slot.type))
        case "sum":
            return exp.Sum(this=added_up(value, _largest_sum(rows, measure), dialect))
        case _:
            kinds: dict[str, type[exp.Expr]] = {"min": exp.Min, "max": exp.Max}
            return kinds[measure.function](this=value)


def _function(rows: Expressions, measure: Measure) -> Node:
    if measure.argument is None:
        return exp.Count(this=exp.Star())
    value = input_of(rows, measure)
    if is_everywhere(measure):
        return simple_function(rows, measure, value)
    kind = kind_of(measure)
    form = rows.dialect.aggregates[kind]
    if kind == "percentile":
        return form(value, fraction_of(measure))
    return form(value, *(rows.value(other) for other in measure.others))
