"""Plans as text, for `explain --stage plan` and the case files: the last step first."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.contexts.leaves import LeafValue, Operation, Scalar
from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Filter,
    Lookup,
    Measure,
    Nothing,
    Rows,
    Scan,
    Slot,
    Sort,
    Stack,
    Within,
)
from kpidsl.semantics.bound import Bound, Constant
from kpidsl.semantics.printing import constant, operation, print_bound


def print_plan(plan: Sort) -> str:
    """Return the plan as an indented tree."""
    asked = [("-" if o.descending else "") + o.name for o in plan.order]
    asked.extend(g.name for g in plan.input.by if g.name not in {o.name for o in plan.order})
    limit = "" if plan.limit is None else f" limit {plan.limit}"
    having = "" if plan.having is None else f" having {print_bound(plan.having)}"
    lines = [f"Sort {', '.join(asked) or '-'}{having}{limit}"]
    kpis = [f"{column.name} = {_scalar(column.value, plan.input.slots)}" for column in plan.input.columns]
    lines.append("  Compute " + "; ".join(kpis))
    lines.extend("    " + line for line in _rows(plan.input.input))
    return "\n".join(lines) + "\n"


def _rows(rows: Rows) -> Iterator[str]:
    match rows:
        case Aggregate():
            yield from _aggregate(rows)
        case Stack(inputs=inputs):
            yield "Stack"
            for aggregate in inputs:
                yield from _indented(_aggregate(aggregate))
        case Within(input=inner, totals=totals):
            shown = [
                f"{t.slot.name} = {t.function}({t.source.name}) within ({_names(t.keys)})" for t in totals
            ]
            yield "Within " + "; ".join(shown)
            yield from _indented(_rows(inner))
        case Attach(input=inner, total=total):
            yield "Attach"
            yield from _indented(_aggregate(total))
            yield from _indented(_rows(inner))
        case Nothing():
            yield "Nothing"


def _aggregate(aggregate: Aggregate) -> Iterator[str]:
    keys = [f"{key.slot.name} = {print_bound(key.value)}" for key in aggregate.keys]
    yield f"Aggregate by ({'; '.join(keys)})"
    for measure in aggregate.measures:
        yield "  " + _measure(measure, aggregate.dataset)
    yield from _indented(_source(aggregate.input))


def _measure(measure: Measure, dataset: str) -> str:
    inside = dataset
    if measure.argument is not None:
        inside = ", ".join(map(print_bound, (measure.argument, *measure.others)))
    where = "" if not measure.conditions else f" where {_all(measure.conditions)}"
    empty = " empty null" if measure.empty_is_null else ""
    return f"{measure.slot.name} = {measure.function}({inside}{where}){empty}"


def _source(rows: Scan | Lookup | Filter) -> Iterator[str]:
    match rows:
        case Scan(dataset=dataset):
            yield f"Scan {dataset}"
        case Lookup(input=inner, paths=paths):
            yield "Lookup " + ", ".join(".".join(path) for path in paths)
            yield from _indented(_source(inner))
        case Filter(input=inner, all_of=all_of, any_of=any_of):
            parts = [print_bound(c) for c in all_of]
            if any_of:
                parts.append(" or ".join(f"({_all(group)})" for group in any_of))
            yield "Filter " + " and ".join(f"({part})" for part in parts)
            yield from _indented(_source(inner))


def _all(conditions: tuple[Bound, ...]) -> str:
    return operation("and", [print_bound(condition) for condition in conditions])


def _names(slots: tuple[Slot, ...]) -> str:
    return ", ".join(slot.name for slot in slots)


def _scalar(value: Scalar, slots: tuple[Slot, ...]) -> str:
    match value:
        case Constant():
            return constant(value)
        case LeafValue(index=index):
            return slots[index].name
        case Operation(op=op, args=args):
            return operation(op, [_scalar(arg, slots) for arg in args])


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return ("  " + line for line in lines)
