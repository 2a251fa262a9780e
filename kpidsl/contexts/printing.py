"""Leaves as text, for `explain --stage leaves`."""

from __future__ import annotations

from kpidsl.contexts.leaves import AnyLeaf, EntityLeaf, Leaf, LeafValue, LevelValue, Operation, Scalar
from kpidsl.contexts.pushed import Leaves
from kpidsl.contexts.windows import Change, InBucket
from kpidsl.semantics.bound import Constant, KeyValue
from kpidsl.semantics.printing import constant, move_text, operation, print_bound


def print_leaves(leaves: Leaves) -> str:
    """Return each leaf with its context, then each KPI as arithmetic over them."""
    lines: list[str] = []
    for index, leaf in enumerate(leaves.leaves):
        lines.extend(_leaf(index, leaf))
    for column in leaves.columns:
        lines.append(f"{column.name}: {column.type} = {print_scalar(column.value)}")
    if leaves.having is not None:
        lines.append(f"having: {print_bound(leaves.having)}")
    return "\n".join(lines) + "\n"


def _leaf(index: int, leaf: AnyLeaf) -> list[str]:
    if isinstance(leaf, EntityLeaf):
        return _over_entities(index, leaf)
    lines = [f"leaf {index}: {_call(leaf)}: {leaf.type}", f"  dataset  {leaf.dataset}"]
    lines.extend(f"  where    {print_bound(condition)}" for condition in leaf.conditions)
    lines.extend(f"  by       {key.member.text} = {print_bound(key.value)}" for key in leaf.keys)
    if leaf.window is not None:
        moves = " then ".join(map(_change, leaf.window.moves))
        if leaf.window.until is not None:
            moves = f"at the end of {moves}" if moves else "at its end"
        lines.append(f"  window   {moves}: {print_bound(leaf.window.condition)}")
    if leaf.empty_is_null:
        lines.append("  empty    null")
    return lines


def _call(leaf: Leaf) -> str:
    inside = leaf.dataset if leaf.argument is None else ", ".join(map(print_bound, leaf.arguments))
    return f"{leaf.function}({inside})"


def brief(leaf: AnyLeaf) -> str:
    """Return a leaf in one line: what it aggregates, of which rows, in which window."""
    if isinstance(leaf, EntityLeaf):
        return _inside(leaf)
    where = [print_bound(condition) for condition in leaf.conditions]
    shown = _call(leaf) + (f" where {operation('and', where)}" if where else "")
    return shown if leaf.window is None else f"{shown} window {print_bound(leaf.window.condition)}"


def _change(change: Change) -> str:
    return f"per {change.grain.text}" if isinstance(change, InBucket) else move_text(change)


def _over_entities(index: int, leaf: EntityLeaf) -> list[str]:
    lines = [f"leaf {index}: {_inside(leaf)}: {leaf.type}"]
    lines.extend(f"  by       {key.member.text}" for key in leaf.keys)
    lines.extend(f"  in each  {key.member.text}" for key in leaf.asked)
    if leaf.tested:
        lines.append(f"  without  null {', '.join(key.member.text for key in leaf.tested)}")
    if leaf.buckets is not None:
        ends = (leaf.buckets.first, leaf.buckets.last)
        shown = " to ".join("open" if end is None else print_bound(end) for end in ends)
        lines.append(f"  buckets  {shown}")
    if not leaf.makes_rows:
        lines.append("  rows     none: the value of nothing")
    for place, inner in enumerate(leaf.inner):
        lines.extend("  " + line for line in _leaf(place, inner))
    return lines


def _inside(leaf: EntityLeaf) -> str:
    inside = "rows" if leaf.value is None else print_scalar(leaf.value)
    inside = ", ".join((inside, *map(print_bound, leaf.others)))
    return f"{leaf.function}({inside} per {', '.join(key.member.text for key in leaf.added)})"


def print_scalar(value: Scalar) -> str:
    match value:
        case Constant():
            return constant(value)
        case LeafValue(index=index):
            return f"#{index}"
        case LevelValue(index=index):
            return f"own {index}"
        case KeyValue():
            return print_bound(value)
        case Operation(op=op, args=args):
            return operation(op, [print_scalar(arg) for arg in args])
