"""Aggregates: taken apart, and worked out over the values of a context's rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kpidsl.syntax import tree as t

from .definitions import ARITIES, Definitions
from .table import OracleRefuses, Value
from .values import compare, exact_sum, number


@dataclass(frozen=True, slots=True)
class Leaf:
    """An aggregate: its home, what it aggregates (nothing: rows), its `where`, its time.

    `share` is the second argument of a percentile; `until` the column at which a row ceases to hold, where
    what counts is what holds at the window's last instant.
    """

    function: str
    home: str
    arguments: tuple[t.Expr, ...]
    share: t.Expr | None
    wheres: tuple[t.Expr, ...]
    time: tuple[str, ...] | None
    has_at: bool
    until: str | None


def leaf_of(call: t.Call, definitions: Definitions) -> Leaf:
    """Take an aggregate apart. Its home is the first dataset that its first argument names."""
    arity = ARITIES[call.function]
    if not call.arguments or (arity is not None and len(call.arguments) != arity):
        raise OracleRefuses(f"`{call.function}` takes {arity} arguments")
    home = _home(call, definitions)
    wheres = tuple(x.condition for x in call.arguments if isinstance(x, t.Where))
    arguments = tuple(x.operand if isinstance(x, t.Where) else x for x in call.arguments)
    share = None
    if call.function == "percentile":
        arguments, share = arguments[:1], arguments[1]
    first = arguments[0]
    if isinstance(first, t.Name) and len(first.parts) == 1 and call.function == "count":
        arguments = ()
    at = [name.parts for m in call.modifiers if m.word == "at" for name in m.names]
    time = at[0] if at else definitions.datasets[home].time
    if call.function in ("first", "last") and time is None:
        raise OracleRefuses(f"`{home}` has no time, and `{call.function}` needs one")
    until = None if at else definitions.datasets[home].until
    return Leaf(call.function, home, arguments, share, wheres, time, bool(at), until)


def _of_the_row(expr: t.Expr) -> Iterator[t.Expr]:
    """Yield an expression and what is in it, but for what is said of other rows."""
    yield expr
    match expr:
        case t.InSet(operand=x):
            yield from _of_the_row(x)
        case t.Call(function="followed_by" | "preceded_by"):
            pass
        case _:
            for inner in t.children(expr):
                yield from _of_the_row(inner)


def _home(call: t.Call, definitions: Definitions) -> str:
    for node in _of_the_row(call.arguments[0]):
        if not isinstance(node, t.Name) or node.parts[0] not in definitions.datasets:
            continue
        if len(node.parts) > 1 or call.function == "count":
            return node.parts[0]
    raise OracleRefuses(f"`{call.function}` names no dataset")


def aggregated(function: str, values: Sequence[Value]) -> Value:
    """Aggregate values that are not null; a sum or count of nothing is 0, all else of nothing null."""
    match function:
        case "count":
            return len(values)
        case "count_distinct":
            return len(set(values))
        case "sum":
            return exact_sum([number(v) for v in values])
        case "avg":
            return float(exact_sum([number(v) for v in values])) / len(values) if values else None
        case "median":
            return percentile([number(v) for v in values], 0.5)
        case "variance":
            return variance([float(number(v)) for v in values])
        case "stddev":
            spread = variance([float(number(v)) for v in values])
            return None if spread is None else math.sqrt(spread)
        case "min" | "max":
            best = values[0] if values else None
            for v in values[1:]:
                if compare("<" if function == "min" else ">", v, best):
                    best = v
            return best
        case _:
            raise AssertionError(function)


def percentile(values: Sequence[int | float | object], share: float) -> float | None:
    """Return the value that lies `share` of the way through the sorted values, interpolated."""
    if not 0 <= share <= 1:
        raise OracleRefuses(f"a percentile lies between 0 and 1, not at {share}")
    if not values:
        return None
    line = sorted(float(v) for v in values)  # type: ignore[arg-type]
    place = share * (len(line) - 1)
    below = math.floor(place)
    above = min(below + 1, len(line) - 1)
    return line[below] + (line[above] - line[below]) * (place - below)


def variance(values: Sequence[float]) -> float | None:
    """Return the variance of a sample; one value tells none."""
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)


def weighted_average(pairs: Sequence[tuple[Value, Value]]) -> float | None:
    """Return sum(x * w) / sum(w) of pairs without a null; null where the weights sum to 0."""
    known = [(float(number(x)), float(number(w))) for x, w in pairs]
    weights = exact_sum([number(w) for _, w in pairs])
    return None if not weights else math.fsum(x * w for x, w in known) / float(weights)
