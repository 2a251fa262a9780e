"""Values over the whole history as simple ones, and the steps in which they can be known.

    avg(x per k order by t)             sum(x per k order by t) / count(x per k order by t)
    last(x per k order by t)            max(x per k, count(x per k order by t)): one of these rows has an x
    first(x per k order by t)           max(x where count(x …) = 1 per k), from the row on that has it
    count_distinct(x per k order by t)  count(… where row_number(per k, x order by t) = 1 per k order by t)

What is left are sums, counts, extremes, quantiles and deviations, and the numbers and neighbours of rows.
"""

from __future__ import annotations

from dataclasses import replace

from kpidsl.contexts.parts import parts_of
from kpidsl.model.types import BOOLEAN, INTEGER, NULL
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Derived,
    OrderedBy,
    Siblings,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.conditions import conjunction, is_present
from kpidsl.semantics.histories import derived_in, rests_on
from kpidsl.semantics.mapped import map_children

_NOTHING, _ONE, _ZERO = Constant(None, NULL), Constant(1, INTEGER), Constant(0, INTEGER)


def in_simple_values(derived: Derived, project: CheckedProject) -> Bound:
    """Return a derived value on its own row as a formula over simple ones; a simple one is itself."""
    form = derived.form
    if not isinstance(form, Siblings):
        return derived
    aggregate = form.aggregate
    if aggregate.required:
        value = replace(derived, form=replace(form, aggregate=replace(aggregate, required=())))
        missing = parts_of(aggregate, ()).missing
        assert missing is not None
        lacking = Apply(">", (_like(derived, missing), _ZERO), BOOLEAN)
        return Apply("case", (lacking, _NOTHING, value), derived.type)
    match aggregate.function:
        case "avg" | "weighted_avg" | "median":
            return _over(parts_of(aggregate, ()).value, derived)
        case "first" | "last":
            return _end(derived, form, project)
        case "count_distinct":
            return _distinct(derived, form)
        case _:
            return derived


def level_of(derived: Derived, project: CheckedProject, known: dict[Derived, int]) -> int:
    """Return how many steps a derived value takes: one more than what must be known before it."""
    if derived not in known:
        simple = in_simple_values(derived, project)
        if simple is derived:
            before = rests_on(derived, project.datasets)
            known[derived] = 1 + max((level_of(one, project, known) for one in before), default=0)
        else:
            known[derived] = max(level_of(one, project, known) for one in derived_in(simple))
    return known[derived]


def _like(derived: Derived, aggregate: Aggregate, over: Siblings | None = None) -> Derived:
    """Return another aggregate over the same rows, or over those of another form."""
    form = replace(over or derived.form, aggregate=aggregate)
    return replace(derived, form=form, type=aggregate.type, unit=None)


def _over(value: Bound, derived: Derived) -> Bound:
    if isinstance(value, Aggregate):
        return _like(derived, value)
    return map_children(value, lambda part: _over(part, derived))


def _both(*conditions: Bound | None) -> Bound:
    return conjunction([condition for condition in conditions if condition is not None])


def _end(derived: Derived, form: Siblings, project: CheckedProject) -> Bound:
    """Return the first or the last value: up to this row in the order, or by time over all rows."""
    aggregate = form.aggregate
    x = aggregate.argument
    assert x is not None
    time = project.datasets[derived.dataset].time
    by_time = () if time is None else (OrderedBy(time, descending=False),)
    order = form.order or by_time
    has_value = _both(
        aggregate.condition, is_present(x), *(() if form.order or time is None else (is_present(time),))
    )
    counted = replace(
        aggregate, function="count", argument=None, condition=has_value, type=INTEGER, others=()
    )
    number = _like(derived, counted, replace(form, order=order))
    picked = replace(aggregate, function="max", condition=has_value)
    is_first = aggregate.function == "first"
    if form.order and not is_first:
        return _like(derived, picked, replace(form, keys=(*form.keys, number), order=()))
    wanted: Bound = _ONE if is_first else _like(derived, counted, replace(form, order=()))
    found = Apply("=", (number, wanted), BOOLEAN)
    ends = _like(derived, replace(picked, condition=_both(has_value, found)), replace(form, order=()))
    if not form.order:
        return ends
    begun = Apply(">", (number, _ZERO), BOOLEAN)
    return Apply("case", (begun, ends, _NOTHING), derived.type)


def _distinct(derived: Derived, form: Siblings) -> Bound:
    """Return the number of different values: of rows that are the first with theirs."""
    aggregate = form.aggregate
    assert aggregate.argument is not None
    values = (aggregate.argument, *aggregate.others)
    counts = _both(aggregate.condition, *map(is_present, values))
    numbered = replace(
        aggregate, function="row_number", argument=None, others=(), condition=None, type=INTEGER
    )
    flag = Apply("case", (counts, _ONE, _ZERO), INTEGER)
    number = _like(derived, numbered, replace(form, keys=(*form.keys, *values, flag), including_null=True))
    is_first = Apply("=", (number, _ONE), BOOLEAN)
    return _like(
        derived,
        replace(aggregate, function="count", argument=None, others=(), condition=_both(counts, is_first)),
    )
