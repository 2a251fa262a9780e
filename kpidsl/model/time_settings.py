"""Settings of time, read from their documents: zones, and the years that are written out."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Sequence, YamlNode
from kpidsl.model import errors, time_errors
from kpidsl.model.grains import FIRST_YEAR, LAST_YEAR, ZONE_YEARS
from kpidsl.model.reading import formula, text
from kpidsl.model.zones import zone, zone_help
from kpidsl.syntax import tree

_YEARS = re.compile(r"\s*(\d{4})\s*\.\.\s*(\d{4})\s*")


def zone_named(node: YamlNode | None, sink: Sink) -> str | None:
    """Return the name of a zone that exists, or None."""
    name = text(node)
    if name is None or node is None:
        return None
    if zone(name) is None:
        sink.report(errors.bad_zone(node.span, name, zone_help(name)))
        return None
    return name


def zone_years(node: YamlNode | None, sink: Sink) -> tuple[int, int]:
    """Return the first and the last year over which zones are written out."""
    written = text(node)
    if written is None or node is None:
        return ZONE_YEARS
    match = _YEARS.fullmatch(written)
    first, last = (int(match[1]), int(match[2])) if match else (0, 0)
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        sink.report(time_errors.zone_years(node.span, written, FIRST_YEAR, LAST_YEAR))
        return ZONE_YEARS
    return first, last


def time_columns(node: YamlNode | None, sink: Sink) -> tuple[tree.Name | None, tree.Name | None]:
    """Return the column of a dataset's time, and that of its end where its rows hold over an interval."""
    if not isinstance(node, Sequence):
        return time_column(node, "time", sink), None
    ends = [time_column(item, "time", sink) for item in node.items]
    if len(ends) != 2 or None in ends:
        return None, None
    start, end = ends
    return start, end


def time_column(node: YamlNode | None, key: str, sink: Sink) -> tree.Name | None:
    """Return the column that a key names; a formula is reported."""
    found = formula(node, sink)
    if found is None or found.expr is None:
        return None
    if not isinstance(found.expr, tree.Name):
        sink.report(time_errors.not_a_column(found.span, key, found.text))
        return None
    return found.expr
