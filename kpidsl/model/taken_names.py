"""Names that definitions do not get: nothing could read them, or a query would read something else."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.loading import yaml_nodes
from kpidsl.loading.yaml_nodes import Entry, Scalar
from kpidsl.model import errors
from kpidsl.model.grains import EDGES, GRAINS, PARTS
from kpidsl.syntax.keywords import OPENING

_FIGURES = ("metric", "KPI")
_SHOWN = (*_FIGURES, "dimension", "filter", "parameter", "grain")
"""What a query names by one word; datasets, joins and columns have a word before or behind them."""
_ENDINGS = {"dataset": "rows", "join": "joined", "dimension": "name", "filter": "given", "parameter": "given"}


def taken(what: str, entry: Entry) -> Diagnostic | None:
    """Return the report of a definition whose name means something else, None where the name is free.

    `what` is a metric, KPI, dimension, filter, parameter, dataset, column, join or grain.
    """
    name = entry.key.text
    if name in OPENING:
        why = "a word of the formula language, and no formula would read it as a name"
        return errors.reserved(name, entry.key.span, why, _otherwise(what, entry))
    if what not in _SHOWN:
        return None
    if name in GRAINS or name in PARTS:
        kind = "a time grain" if name in GRAINS else "a date part"
        return errors.reserved(name, entry.key.span, kind, _otherwise(what, entry, "name"))
    if name in EDGES:
        why = f"{EDGES[name]} in every formula"
        return errors.reserved(name, entry.key.span, why, _otherwise(what, entry, "given"))
    return None


def _otherwise(what: str, entry: Entry, ending: str = "") -> str:
    name = entry.key.text
    if what == "grain":
        return f"name the grain otherwise, for example `retail_{name}`"
    if what in _FIGURES:
        ending = "value"
    other = f"{name}_{ending or _ENDINGS.get(what, 'value')}"
    if what == "column" and (written := _renamed(entry)):
        return f"name the column otherwise, and say how the table calls it: `{other}: {written}`"
    return f"name the {what} otherwise, for example `{other}`"


def _renamed(entry: Entry) -> str:
    """Return how a column of a table is declared under another name; nothing where it says its source."""
    node, physical = entry.value, entry.key.text
    if physical in ("true", "false", "null"):
        physical = f'"{physical}"'
    if isinstance(node, Scalar):
        type_ = f'"{node.text}"' if "," in node.text else node.text
        return f"{{column: {physical}, type: {type_}}}"
    if isinstance(node, yaml_nodes.Mapping) and not node.entries.keys() & {"column", "expr", "sql"}:
        return f"{{column: {physical}, …}}"
    return ""


def withhold_formulas(sink: Sink) -> None:
    """Take back that formulas do not read where they have a name that is refused where it is defined."""
    refused = {
        told.primary.span.excerpt().strip("'\"") for told in sink.reported if told.rule is errors.RESERVED
    }
    if not refused & OPENING:
        return
    name = re.compile(rf"\b(?:{'|'.join(sorted(refused & OPENING))})\b")
    sink.reported[:] = [
        told
        for told in sink.reported
        if not told.rule.code.startswith("formula/") or not name.search(told.primary.span.source.text)
    ]
