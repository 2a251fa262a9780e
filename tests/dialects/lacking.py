"""What other dialects lack, taken from DuckDB's entry: it is asked in its own words, put together as theirs would be.

A statement for a dialect that no engine here takes is made of two things: how it is put together, which hangs on
what the dialect lacks (filters of aggregates, medians, queries about the row that they stand beside, groups by
place…), and how each piece is spelled. So the first can be executed all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlglot import exp

from kpidsl.model.grains import GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS, Dialect
from kpidsl.sql.joined_times import JoinedTimes
from kpidsl.sql.nodes import Node
from kpidsl.sql.series import Numbers
from kpidsl.sql.times import written

_ABILITIES = (
    "has_asof_join",
    "has_boolean_extremes",
    "has_correlated_selects",
    "has_filters",
    "has_forced_ctes",
    "has_null_order",
    "has_outer_names_in_depth",
    "has_outer_names_in_from",
    "has_places_in_groups",
    "has_selects_in_aggregates",
    "has_selects_in_groups",
    "has_semi_joins",
    "has_subqueries_in_joins",
    "packs_bits",
)
"""What a dialect has or has not, whatever its words for it are."""


class _JoinedTimes(JoinedTimes):
    """Zones as an engine has them that joins their changes, in DuckDB's words."""

    def year(self, time: Node) -> Node:
        return exp.Extract(this=exp.Var(this="YEAR"), expression=time)

    def shifted(self, time: Node, shift: Node) -> Node:
        return nodes.binary(exp.Add, time, nodes.call("TO_SECONDS", shift))

    def moment(self, moment: datetime) -> Node:
        return nodes.cast(nodes.text(written(moment)), "timestamp")

    def floor(self, rule: GrainRule, time: Node) -> Node:
        return nodes.call("DATE_TRUNC", nodes.text(rule.name), time)

    def shown(self, instant: Node) -> Node:
        return exp.AtTimeZone(this=nodes.atom(instant), zone=nodes.text("UTC"))


def _joins_zones(other: Dialect) -> bool:
    return isinstance(other.times, type) and issubclass(other.times, JoinedTimes)


def _lacking(other: Dialect) -> Mapping[str, Any]:
    """Return what DuckDB's entry has to become for it to have no more than the other's."""
    own = DIALECTS["duckdb"]
    return {
        **{name: getattr(own, name) and getattr(other, name) for name in _ABILITIES},
        "aggregates": {name: form for name, form in own.aggregates.items() if name in other.aggregates},
        # The maps of some are words of theirs.
        "lookups": "joins" if other.lookups == "joins" else own.lookups,
        "over_windows": own.over_windows & other.over_windows,
        **({"times": _JoinedTimes} if _joins_zones(other) else {}),
        **({} if other.series is not None else {"series": None, **_without_series(own, other)}),
    }


def _without_series(own: Dialect, other: Dialect) -> Mapping[str, Any]:
    """Return how days and hours are made by the other's way: by their numbers, or from each to the next."""
    if other.numbers is not None:
        return {"numbers": Numbers(_steps, _after, _numbers)}
    return {
        "forms": {
            **own.forms,
            "following": lambda time, count, unit: _moved(time, nodes.integer(count), unit),
        }
    }


def _moved(time: Node, amount: Node, unit: str) -> Node:
    """Return a time that is so many of a unit later, in DuckDB's words."""
    interval = nodes.call(f"TO_{unit}S", amount)
    later = nodes.binary(exp.Add, time, interval)
    return nodes.cast(later, "date") if unit == "DAY" else later


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    between = nodes.call("DATESUB", nodes.text(unit.lower()), first.copy(), last.copy())
    return nodes.binary(exp.IntDiv, between, nodes.integer(count))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    return _moved(first, nodes.binary(exp.Mul, steps, nodes.integer(count)), unit)


def _numbers(steps: Node, name: str, column: str) -> Node:
    last = nodes.binary(exp.Add, steps.copy(), nodes.integer(1))
    numbers = nodes.call("UNNEST", nodes.call("GENERATE_SERIES", nodes.integer(1), last))
    rows = exp.Select(expressions=[nodes.alias(numbers, column)])
    return exp.Subquery(this=rows, alias=nodes.table_alias(name))


def _told_apart() -> dict[str, Mapping[str, Any]]:
    found: dict[str, tuple[list[str], Mapping[str, Any]]] = {}
    for name, other in DIALECTS.items():
        lacking = _lacking(other)
        key = repr(
            {what: sorted(had) if isinstance(had, Collection) else had for what, had in lacking.items()}
        )
        found.setdefault(key, ([], lacking))[0].append(name)
    return {"+".join(names): lacking for names, lacking in found.values() if "duckdb" not in names}


LACKING = _told_apart()
"""What is lacking, each once, by the names of the dialects that lack it: `tsql+fabric`."""


@contextmanager
def duckdb_without(names: str) -> Iterator[None]:
    """Let DuckDB have no more than the dialects of one of the names in `LACKING`."""
    own = DIALECTS["duckdb"]
    DIALECTS["duckdb"] = replace(own, **LACKING[names])
    try:
        yield
    finally:
        DIALECTS["duckdb"] = own
