"""What the language has beyond its first form: worlds hold all of it, the oracle knows all of it."""

from __future__ import annotations

AGGREGATES = frozenset(
    {"median", "percentile", "stddev", "variance", "weighted_avg", "first", "last", "tuples", "required"}
)
TIME = frozenset({"fiscal", "parts", "roles", "hours", "calendars", "comparable", "time functions"})
QUERIES = frozenset(
    {"having", "filters", "parameters", "periods", "null labels", "top", "others", "totals", "fill"}
)
WINDOWS = frozenset(
    {"windows", "bounds", "as of", "partial", "settling", "plans", "all plans", "own windows"}
)
ENTITIES = frozenset(
    {"per", "per grains", "having of entities", "sets", "having of sets", "stretches", "maturity"}
)
COLUMNS = frozenset({"histories", "children", "as-of joins"})
REST = frozenset({"intervals", "units", "grains", "sequences"})
EVERYTHING = AGGREGATES | TIME | QUERIES | WINDOWS | ENTITIES | COLUMNS | REST
