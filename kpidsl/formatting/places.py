"""What stands where in a definition file: the order of keys, and which texts are formulas.

A kind of mapping is a row; a new key needs a word in `keys`, or it stands behind the known ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of value. `keys` are in canonical order; other keys follow, in the order written.

    `inside` names the kinds of values by key, `each` that of every value (of a list's items too).
    """

    keys: tuple[str, ...] = ()
    inside: Mapping[str, str] = field(default_factory=dict)
    each: str | None = None
    is_formula: bool = False
    is_block: bool = False
    """Never written in brackets."""
    is_row: bool = False
    """Written in brackets, it stays on its line however long: rows are read as tables."""

    def under(self, key: str | None) -> str:
        """Return the kind of the value under a key, or of a list's item."""
        return self.each or ("anything" if key is None else self.inside.get(key, "anything"))


def _words(*lines: str) -> tuple[str, ...]:
    return tuple(" ".join(lines).split())


PLACES: dict[str, Place] = {
    "anything": Place(each="anything"),
    "formula": Place(is_formula=True),
    "project": Place(
        _words(
            "project language version include use bind connection timezone zone_years week_start",
            "fiscal_year_start currency locale",
        ),
        {"bind": "bindings"},
        is_block=True,
    ),
    "bindings": Place(each="binding"),
    "binding": Place(
        _words("table sql dialect columns own where lacks"),
        {"columns": "bound_columns", "own": "columns", "where": "formula"},
    ),
    "bound_columns": Place(each="bound_column"),
    "bound_column": Place(
        _words("column expr sql dialect type timezone unit"), {"expr": "formula"}, is_formula=True
    ),
    "definitions": Place(
        _words("datasets calendars dimensions parameters filters metrics kpis objectives scorecards"),
        {
            "datasets": "datasets",
            "calendars": "calendars",
            "parameters": "parameters",
            "dimensions": "dimensions",
            "filters": "filters",
            "metrics": "figures",
            "kpis": "figures",
            "objectives": "objectives",
            "scorecards": "scorecards",
        },
        is_block=True,
    ),
    "datasets": Place(each="dataset", is_block=True),
    "dataset": Place(
        _words(
            "override label description table sql dialect key time settles_after plan known_at where unit",
            "columns joins",
        ),
        {"where": "formula", "columns": "columns", "joins": "joins"},
    ),
    "calendars": Place(each="calendar", is_block=True),
    "calendar": Place(
        _words("description table sql dialect day columns grains comparable"), {"columns": "columns"}
    ),
    "parameters": Place(each="parameter", is_block=True),
    "parameter": Place(_words("override label description type unit list default")),
    "columns": Place(each="column"),
    "column": Place(
        _words("type timezone unit values required label description column expr sql dialect"),
        {"expr": "formula"},
    ),
    "joins": Place(each="join"),
    "join": Place(
        (
            *("to", "using", "match", "before", "at or before", "after", "at or after", "within", "where"),
            *("between", "at", "closed"),
        ),
        {"where": "formula"},
    ),
    "dimensions": Place(each="dimension", is_block=True),
    "dimension": Place(("override", "label", "description", "type", "from"), {"from": "sources"}),
    "sources": Place(each="formula"),
    "filters": Place(each="filter", is_block=True),
    "filter": Place(
        ("override", "label", "description", "condition"), {"condition": "formula"}, is_formula=True
    ),
    "figures": Place(each="figure", is_block=True),
    "figure": Place(
        _words(
            "override version label synonyms description formula unit format direction bounds empty maturity",
            "variant_of requires forbids stage owner tags references deprecated history tests",
        ),
        {"formula": "formula", "tests": "tests"},
        is_formula=True,
    ),
    "objectives": Place(each="objective", is_block=True),
    "objective": Place(
        _words(
            "override version label description kpi kind by where period effective due each times missing",
            "target among share segment reference side usual run trend range tolerance fade against relative",
            "base targets target_from allocate reconcile",
            "baseline levels trajectory checkpoints too_early forecast error_budget guardrails",
            "status min_sample weight owner override_direction",
        ),
        {
            **dict.fromkeys(
                _words("where target share segment reference tolerance fade baseline too_early"), "formula"
            ),
            "range": "formulas",
            "effective": "effective",
            "levels": "levels",
            "guardrails": "formulas",
            "targets": "targets",
            "target_from": "target_from",
            "usual": "usual",
            "allocate": "allocate",
            "reconcile": "reconcile",
            "checkpoints": "checkpoints",
            "status": "bands",
        },
    ),
    "scorecards": Place(each="scorecard", is_block=True),
    "scorecard": Place(
        _words(
            "override version label description objectives policy veto clamp missing min_weight",
            "status weight owner",
        ),
        {"clamp": "formulas", "min_weight": "formula", "status": "bands"},
    ),
    "effective": Place(("from", "until")),
    "targets": Place(each="target"),
    "target_from": Place(("dataset", "value", "take", "rival", "max_age", "min_rivals")),
    "usual": Place(("from", "until", "last", "spread", "times", "min_points")),
    "allocate": Place(
        ("over", "by", "across", "weights", "round"), {"weights": "weights", "round": "formula"}
    ),
    "reconcile": Place(("with", "tolerance"), {"tolerance": "formula"}),
    "weights": Place(each="weight"),
    "weight": Place(is_row=True),
    "checkpoints": Place(each="checkpoint"),
    "checkpoint": Place(("at", "share"), {"share": "formula"}, is_row=True),
    "target": Place(is_row=True),
    "bands": Place(("of", "on_track", "at_risk"), {"on_track": "formula", "at_risk": "formula"}),
    "levels": Place(("threshold", "stretch"), each="formula"),
    "formulas": Place(each="formula"),
    "tests": Place(each="test"),
    "test": Place(
        ("name", "rows", "query", "expect"), {"rows": "tables", "query": "query", "expect": "table"}
    ),
    "tables": Place(each="table"),
    "table": Place(each="row"),
    "row": Place(is_row=True),
    "query": Place(
        _words("by where having period order limit top totals fill null_label as_of partial set"),
        {"where": "formula", "having": "formula"},
    ),
}
