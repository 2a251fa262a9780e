"""Settings of time, read from their documents: zones, and the years that are written out."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import YamlNode
from kpidsl.model import errors, time_errors
from kpidsl.model.grains import FIRST_YEAR, LAST_YEAR, ZONE_YEARS
from kpidsl.model.reading import text
from kpidsl.model.zones import zone, zone_help

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
