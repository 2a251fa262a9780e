"""Leaves as text, for `explain --stage leaves`."""

from __future__ import annotations

from kpidsl.contexts.leaves import Leaf, LeafValue, Leaves, LevelValue, Operation, Scalar
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


def _leaf(index: int, leaf: Leaf) -> list[str]:
    inside = leaf.dataset if leaf.argument is None else ", ".join(map(print_bound, leaf.arguments))
    lines = [f"leaf {index}: {leaf.function}({inside}): {leaf.type}", f"  dataset  {leaf.dataset}"]
    lines.extend(f"  where    {print_bound(condition)}" for condition in leaf.conditions)
    lines.extend(f"  by       {key.member.text} = {print_bound(key.value)}" for key in leaf.keys)
    if leaf.window is not None:
        moves = " then ".join(map(move_text, leaf.window.moves))
        lines.append(f"  window   {moves}: {print_bound(leaf.window.condition)}")
    if leaf.empty_is_null:
        lines.append("  empty    null")
    return lines


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
