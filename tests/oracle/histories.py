"""Window forms in derived columns: a row among the others of its key, in an order, over the whole history."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from kpidsl.syntax import tree as t

from .aggregates import aggregated, percentile
from .compute import compute
from .contexts import after
from .definitions import AGGREGATES
from .rows import Rows
from .table import OracleRefuses, Value
from .values import compare, number

NEIGHBOURS = ("row_number", "lag", "lead")


class Histories:
    """Works window forms out, each once for all rows."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._found: dict[tuple[int, str], dict[int, Value]] = {}

    def is_one(self, call: t.Call, home: str) -> bool:
        """Tell a window form from an aggregate of rows that reach this one."""
        if call.function in NEIGHBOURS:
            return True
        if call.function not in AGGREGATES:
            return False
        ordered = after(call, "order by") is not None
        others = any(
            isinstance(node, t.Name)
            and node.parts[0] != home
            and node.parts[0] in self.rows.definitions.datasets
            for argument in call.arguments[:1]
            for node in t.walk(argument)
        )
        return ordered or (after(call, "per") is not None and not others)

    def value(self, call: t.Call, home: str, place: int) -> Value:
        key = (id(call), home)
        if key not in self._found:
            self._found[key] = self._worked_out(call, home)
        return self._found[key].get(place)

    def _worked_out(self, call: t.Call, home: str) -> dict[int, Value]:
        keys = after(call, "per") or ()
        with_null = after(call, "including null") is not None
        parts: dict[tuple[Value, ...], list[int]] = {}
        for i in self.rows.kept(home):
            own = tuple(self.rows.in_row(key, home, i) for key in keys)
            if with_null or None not in own:
                parts.setdefault(own, []).append(i)
        found: dict[int, Value] = {}
        for part in parts.values():
            line = self._in_order(part, after(call, "order by") or (), home)
            found |= self._along(call, line, home, is_ordered=after(call, "order by") is not None)
        return found

    def _in_order(self, part: list[int], order: tuple[t.Expr, ...], home: str) -> list[int]:
        """Sort rows as asked, nulls last, ties by the key."""
        keys = self.rows.definitions.datasets[home].key

        def told(i: int) -> list[tuple[Value, bool]]:
            out: list[tuple[Value, bool]] = []
            for x in order:
                down = isinstance(x, t.Negative)
                out.append((self.rows.in_row(x.operand if isinstance(x, t.Negative) else x, home, i), down))
            return [*out, *((self.rows.column(home, i, key), False) for key in keys)]

        def follows(i: int, j: int) -> int:
            for (x, down), (y, _) in zip(told(i), told(j), strict=True):
                if (x is None) != (y is None):
                    return 1 if x is None else -1
                if x is not None and not compare("=", x, y):
                    return -1 if compare("<", x, y) != down else 1
            return 0

        return sorted(part, key=cmp_to_key(follows))

    def _along(self, call: t.Call, line: list[int], home: str, *, is_ordered: bool) -> dict[int, Value]:
        match call.function:
            case "row_number":
                return {i: n for n, i in enumerate(line, 1)}
            case "lag" | "lead":
                x, step = call.arguments[0], _step(call)
                values = [self.rows.in_row(x, home, i) for i in line]
                sign = -1 if call.function == "lag" else 1
                there = [n + sign * step for n in range(len(line))]
                return {
                    i: values[at] if 0 <= at < len(line) else None for i, at in zip(line, there, strict=True)
                }
            case _:
                return {
                    i: self._aggregate(call, line[: n + 1] if is_ordered else line, home)
                    for n, i in enumerate(line)
                }

    def _aggregate(self, call: t.Call, rows: list[int], home: str) -> Value:
        """Aggregate this row and those before it, or all."""
        x, condition = call.arguments[0], None
        for argument in call.arguments:
            if isinstance(argument, t.Where):
                condition = argument.condition
        if isinstance(x, t.Where):
            x = x.operand
        kept = [i for i in rows if condition is None or self.rows.holds_in_row(condition, home, i)]
        if call.function == "count" and isinstance(x, t.Name) and x.parts == (home,):
            return len(kept)
        values = [v for i in kept if (v := self.rows.in_row(x, home, i)) is not None]
        if call.function == "percentile":
            share = compute(call.arguments[1], _no_name)
            return percentile([number(v) for v in values], float(number(share)))
        if call.function in ("first", "last"):
            return None if not values else values[0 if call.function == "first" else -1]
        return aggregated(call.function, values)


def _step(call: t.Call) -> int:
    return int(number(compute(call.arguments[1], _no_name))) if len(call.arguments) > 1 else 1


def _no_name(node: t.Expr) -> Any:
    raise OracleRefuses(f"a constant is wanted, not {node}")
