"""Calendars of a project's own, read from their documents."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Named
from dataclasses import dataclass, field

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, YamlNode
from kpidsl.model import errors, time_errors
from kpidsl.model.definitions import Calendar, Column, Dataset, Dimension, Identifier, Metric
from kpidsl.model.grains import GRAINS, GrainRule, of_calendar
from kpidsl.model.reading import column_name, label, mapping, place_of_table, sql_of, table_named, text
from kpidsl.model.taken_names import taken
from kpidsl.model.types import UNKNOWN, parse_type
from kpidsl.source import Span


@dataclass(slots=True)
class Calendars:
    """The calendars read so far, and all grains of the project."""

    datasets: Named[str, Dataset]
    dimensions: Named[str, Dimension]
    metrics: Named[str, Metric]
    sink: Sink
    found: dict[str, Calendar] = field(default_factory=dict)
    grains: dict[str, GrainRule] = field(default_factory=lambda: dict(GRAINS))

    def read(self, documents: Iterable[Mapping]) -> None:
        for document in documents:
            for entry in mapping(document.get("calendars")) or ():
                if _is_own(entry) and isinstance(entry.value, Mapping) and self._is_new(entry):
                    self.found[entry.key.text] = self._calendar(entry.key.text, entry.key.span, entry.value)

    def _is_new(self, entry: Entry) -> bool:
        name = entry.key.text
        for section, known in (("calendars", self.found), ("datasets", self.datasets)):
            first = known.get(name)
            if first is not None:
                self.sink.report(errors.duplicate_name(section, name, entry.key.span, first.span))
                return False
        return True

    def _calendar(self, name: str, span: Span, node: Mapping) -> Calendar:
        if ("table" in node.entries) == ("sql" in node.entries):
            self.sink.report(errors.no_source(span, name, "table" in node.entries, "calendar"))
        if "grains" not in node.entries and "comparable" not in node.entries:
            self.sink.report(time_errors.no_grains(span, name))
        day, comparable = node.get("day"), node.get("comparable")
        grains: dict[str, str] = {}
        spans: dict[str, Span] = {}
        for entry in mapping(node.get("grains")) or ():
            if _is_own(entry) and isinstance(entry.value, Scalar) and self._is_free(entry):
                grain = entry.key.text
                self.grains[grain] = of_calendar(grain, name)
                grains[grain], spans[grain] = entry.value.text, entry.value.span
        return Calendar(
            name=name,
            table=table_named(node.get("table"), self.sink),
            sql=sql_of(node, self.sink),
            day=text(day) or "",
            columns={e.key.text: self._column(e) for e in mapping(node.get("columns")) or () if _is_own(e)},
            grains=grains,
            comparable=self._comparable(comparable),
            span=span,
            day_span=span if day is None else day.span,
            grain_spans=spans,
            comparable_span=span if comparable is None else comparable.span,
            table_span=place_of_table(span, node),
        )

    def _comparable(self, node: YamlNode | None) -> str | None:
        """Return the column of comparable days; another calendar that has one is reported."""
        first = next((other for other in self.found.values() if other.comparable is not None), None)
        if node is not None and first is not None:
            self.sink.report(time_errors.second_comparable(node.span, first.name, first.comparable_span))
            return None
        return text(node)

    def _is_free(self, entry: Entry) -> bool:
        """Tell whether a grain's name means nothing else, having reported where it does."""
        name, span = entry.key.text, entry.key.span
        told = taken("grain", entry)
        if told is not None:
            self.sink.report(told)
            return False
        for other_section, known in (("dimensions", self.dimensions), ("metrics", self.metrics)):
            first_of = known.get(name)
            if first_of is not None:
                section = "kpis" if isinstance(first_of, Metric) and first_of.kind == "kpi" else other_section
                self.sink.report(errors.duplicate_name(section, name, span, first_of.span))
                return False
        other = self.grains.get(name)
        if other is not None and other.calendar is not None:
            holder = self.found.get(other.calendar)
            first = holder.grain_spans[name] if holder is not None else span
            self.sink.report(errors.duplicate_name("calendars", name, span, first))
            return False
        return True

    def _column(self, entry: Entry) -> Column:
        name, node = entry.key.text, entry.value
        keys = node if isinstance(node, Mapping) else Mapping({}, node.file, node.start, node.end)
        place = keys.get("type") if isinstance(node, Mapping) else node
        written = text(place)
        found = None if written is None else parse_type(written)
        if found is None and written is not None and place is not None:
            self.sink.report(errors.bad_type(place.span, written))
        physical = text(keys.get("column"))
        return Column(
            name=name,
            type=found or UNKNOWN,
            physical=Identifier(name, False) if physical is None else column_name(physical),
            expr=None,
            sql=None,
            unit=None,
            values=(),
            label={},
            description=label(keys.get("description")),
            span=entry.key.span,
        )


def _is_own(entry: Entry) -> bool:
    return not entry.key.text.startswith("x-")
