"""Values of buckets of which a group by a date part has only some: the others have the value of no rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kpidsl.contexts.leaves import AnyLeaf, EntityLeaf, LeafValue, Operation, Scalar, rows_of
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import BUCKETS_OF_PARTS, GRAINS, PARTS
from kpidsl.semantics import entity_errors
from kpidsl.semantics.bound import Bound, Constant, Grain, Member, MemberValue, Part, PerEntity
from kpidsl.semantics.times import of_time
from kpidsl.semantics.walks import inside

if TYPE_CHECKING:
    from kpidsl.contexts.contexts import Context
    from kpidsl.contexts.pushing import Pusher

_WHATEVER_IS_EMPTY = frozenset({"sum", "max"})
"""Functions of which a bucket's 0 more changes nothing, but for values below 0."""
_NULL_OF_NULL = frozenset({"+", "-", "*", "/", "negative", "as_type", "round", "abs"})


def warn_of_other_buckets(
    pusher: Pusher, expr: PerEntity, whole: EntityLeaf, grains: Collection[Grain], context: Context
) -> None:
    """Warn of values of all buckets where the group, or a condition around, has a part of their date."""
    if expr.function in _WHATEVER_IS_EMPTY or not grains or len(grains) < len(expr.members):
        return
    asked = [*context.group, *_in_conditions(context.filter)]
    members = [member for member in asked if not isinstance(member, Grain)]
    if not members or whole.value is None or _is_null_of_nothing(whole.value, whole.inner):
        return
    rules = [pusher.project.project.grains[grain.name] for grain in grains]
    if any(rule.calendar is not None for rule in rules):
        return
    shortest = min(rules, key=lambda rule: rule.length)
    for member in members:
        part = _part(pusher, member, whole, expr)
        if part is None:
            continue
        bucket, cycle = BUCKETS_OF_PARTS[part]
        if shortest.length < GRAINS[cycle].length:
            has_one = shortest.length >= GRAINS[bucket].length
            said = entity_errors.in_each_cycle if has_one else entity_errors.in_each_bucket
            wider = cycle if has_one else bucket
            pusher.sink.report(said(expr.span, expr.spans, member.text, shortest.name, wider))
            return


def _in_conditions(conditions: Collection[Bound]) -> Iterator[Member]:
    for condition in conditions:
        yield from (node.member for node in inside(condition) if isinstance(node, MemberValue))


def _part(pusher: Pusher, member: Member, whole: EntityLeaf, expr: PerEntity) -> str | None:
    """Return which part of the time by which rows are read a member is, whatever it is called."""
    if isinstance(member, Part) and member.member is None:
        return member.name
    project = pusher.project
    for dataset in dict.fromkeys(row.dataset for leaf in whole.inner for row in rows_of(leaf)):
        time = project.datasets[dataset].time
        if time is None:
            continue
        value = project.rows.member(dataset, member, expr.span, Sink(), expr.span)
        for part in PARTS:
            if value == of_time(project.project, Part(part), time):
                return part
    return None


def _is_null_of_nothing(value: Scalar, leaves: Collection[AnyLeaf]) -> bool:
    """Tell whether a value over leaves without rows is surely null."""
    match value:
        case Constant(value=found):
            return found is None
        case LeafValue(index=index):
            return not tuple(leaves)[index].is_zero_of_nothing
        case Operation(op=op, args=args) if op in _NULL_OF_NULL:
            is_divided_by_zero = op == "/" and _is_zero_of_nothing(args[1], leaves)
            return is_divided_by_zero or any(_is_null_of_nothing(arg, leaves) for arg in args)
        case _:
            return False


def _is_zero_of_nothing(value: Scalar, leaves: Collection[AnyLeaf]) -> bool:
    match value:
        case Constant(value=found):
            return found == 0
        case LeafValue(index=index):
            return tuple(leaves)[index].is_zero_of_nothing
        case Operation(op="+" | "-", args=args):
            return all(_is_zero_of_nothing(arg, leaves) for arg in args)
        case Operation(op="*", args=args):
            return any(_is_zero_of_nothing(arg, leaves) for arg in args)
        case _:
            return False
