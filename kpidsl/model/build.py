"""Documents to a project: every definition read into its frozen form, formulas parsed.

Nothing is resolved here. What is wrong in one definition is reported and the rest is still built;
a definition that cannot be read at all is remembered in `Project.rejected`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.model import errors
from kpidsl.model.asked import query_text, test_rows, whole_number
from kpidsl.model.calendars import Calendars
from kpidsl.model.definitions import (
    Column,
    Dataset,
    DefinitionTest,
    Dimension,
    Formula,
    Identifier,
    Join,
    Metric,
    NamedFilter,
    Parameter,
    Project,
)
from kpidsl.model.joins import Partners
from kpidsl.model.lexicons import Lexicon
from kpidsl.model.number_formats import parse_format
from kpidsl.model.origins import Origins
from kpidsl.model.reading import (
    column_name,
    formula,
    is_true,
    label,
    mapping,
    part,
    place_of_table,
    sql,
    sql_of,
    synonyms,
    table_named,
    text,
    texts,
    type_of_formula,
    unit,
)
from kpidsl.model.taken_names import taken
from kpidsl.model.terms import terms
from kpidsl.model.time_settings import time_column, time_columns, zone_named, zone_years
from kpidsl.model.types import TIMESTAMP, UNKNOWN, Kind, Type, parse_type
from kpidsl.model.vocabulary import named_filter, parameter
from kpidsl.source import SourceFile, Span

if TYPE_CHECKING:
    from kpidsl.model.objectives import Objective, Scorecard

SECTIONS = (
    "datasets", "dimensions", "filters", "parameters", "metrics", "kpis", "objectives", "scorecards",
)  # fmt: skip
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def build(
    folder: Path,
    settings: Mapping | None,
    documents: Iterable[Mapping],
    rejected: frozenset[tuple[str, str]],
    sink: Sink,
    lexicons: Iterable[tuple[Lexicon, tuple[Mapping, ...]]] = (),
) -> Project:
    """Return the project that the documents define, with the documents of the lexicons that it uses.

    `rejected` names definitions (section, name) that the schema check refused.
    """
    builder = _Builder(sink, rejected, is_whole=settings is not None)
    used = tuple(lexicons)
    for lexicon, trees in used:
        builder.add(trees, lexicon.name)
    own = tuple(documents)
    builder.add(own, None)
    calendars = tuple(tree for _, trees in used for tree in trees)
    found = builder.project(folder, settings, (*calendars, *own))
    return replace(
        found,
        lexicons=tuple(lexicon for lexicon, _ in used),
        origins=builder.origins.found,
        overridden=frozenset(builder.origins.overridden),
    )


class _Builder:
    def __init__(self, sink: Sink, rejected: frozenset[tuple[str, str]], *, is_whole: bool) -> None:
        self.sink = sink
        self.rejected = set(rejected)
        self.datasets: dict[str, Dataset] = {}
        self.dimensions: dict[str, Dimension] = {}
        self.metrics: dict[str, Metric] = {}
        self.parameters: dict[str, Parameter] = {}
        self.filters: dict[str, NamedFilter] = {}
        self.objectives: dict[str, Objective] = {}
        self.scorecards: dict[str, Scorecard] = {}
        self.origins = Origins(self.rejected, is_whole, sink)

    def add(self, documents: tuple[Mapping, ...], lexicon: str | None) -> None:
        """Add the definitions of a lexicon, or of the project itself, to those that are there."""
        self.origins.lexicon = lexicon
        for document in documents:
            for section in SECTIONS:
                for entry in mapping(document.get(section)) or ():
                    if not entry.key.text.startswith("x-"):
                        self._definition(section, entry)
                        self.origins.tell(section, entry.key.text)

    def project(self, folder: Path, settings: Mapping | None, documents: tuple[Mapping, ...]) -> Project:
        calendars = Calendars(self.datasets, self.dimensions, self.metrics, self.sink)
        calendars.read(documents)
        keys = settings or Mapping({}, SourceFile("kpidsl.yml", ""), 0, 0)
        zone = keys.get("timezone")
        return Project(
            name=text(keys.get("project")) or folder.name,
            folder=folder,
            timezone=zone_named(zone, self.sink) or "UTC",
            timezone_span=None if zone is None else zone.span,
            week_start=text(keys.get("week_start")) or "monday",
            zone_years=zone_years(keys.get("zone_years"), self.sink),
            fiscal_year_start=whole_number(keys.get("fiscal_year_start")) or 1,
            locale=text(keys.get("locale")) or "en",
            connection=text(keys.get("connection")),
            currency=text(keys.get("currency")),
            datasets=self.datasets,
            dimensions=self.dimensions,
            metrics=self.metrics,
            calendars=calendars.found,
            grains=calendars.grains,
            parameters=self.parameters,
            filters=self.filters,
            objectives=self.objectives,
            scorecards=self.scorecards,
            rejected=frozenset(self.rejected),
        )

    def _definition(self, section: str, entry: Entry) -> None:
        name = entry.key.text
        if section == "datasets":
            if self.origins.is_new(section, entry, self.datasets) and isinstance(entry.value, Mapping):
                self._is_taken("dataset", entry)
                self.datasets[name] = self._dataset(name, entry.key.span, entry.value)
        elif section == "dimensions":
            if self.origins.is_new(section, entry, self.dimensions) and isinstance(entry.value, Mapping):
                self._dimension(entry, entry.value)
        elif section == "parameters":
            if self._is_taken("parameter", entry):
                self.rejected.add((section, name))
            elif self.origins.is_new(section, entry, self.parameters):
                self.parameters[name] = parameter(entry, self.sink)
        elif section == "filters":
            if self.origins.is_new(section, entry, self.filters):
                found = None if self._is_taken("filter", entry) else named_filter(entry, self.sink)
                if found is None:
                    self.rejected.add((section, name))
                else:
                    self.filters[name] = found
        elif section in ("objectives", "scorecards"):
            self._promise(section, entry)
        elif self.origins.is_new(section, entry, self.metrics):
            self._metric("kpi" if section == "kpis" else "metric", entry)

    def _promise(self, section: str, entry: Entry) -> None:
        # Loaded on use: most projects promise nothing.
        from kpidsl.model.promises import objective, scorecard

        found: dict[str, Any] = self.objectives if section == "objectives" else self.scorecards
        if not self.origins.is_new(section, entry, found) or not isinstance(entry.value, Mapping):
            return
        version = self._version(entry.value.get("version"))
        if section == "objectives":
            self.objectives[entry.key.text] = objective(entry, version, self.sink)
        else:
            self.scorecards[entry.key.text] = scorecard(entry, version, self.sink)

    # datasets

    def _dataset(self, name: str, span: Span, node: Mapping) -> Dataset:
        both = "table" in node.entries and "sql" in node.entries

        def without_dialect(at: Span) -> None:
            if not both:
                self.sink.report(errors.sql_dialect(at, "add `dialect: duckdb` beside it"))

        source = sql(node, without_dialect)
        table = table_named(node.get("table"), self.sink)
        if ("table" in node.entries) == ("sql" in node.entries):
            self.sink.report(errors.no_source(span, name, both))
        key = node.get("key")
        time, until = time_columns(node.get("time"), self.sink)
        return Dataset(
            name=name,
            description=label(node.get("description")),
            label=label(node.get("label")),
            table=table,
            sql=source,
            key=texts(key),
            time=time,
            until=until,
            where=formula(node.get("where"), self.sink),
            unit=unit(node.get("unit")),
            settles_after=part(node.get("settles_after")),
            is_plan=is_true(node.get("plan")),
            known_at=time_column(node.get("known_at"), "known_at", self.sink),
            columns={e.key.text: self._column(e) for e in mapping(node.get("columns")) or () if _is_own(e)},
            joins={
                e.key.text: j for e in mapping(node.get("joins")) or () if _is_own(e) and (j := self._join(e))
            },
            span=span,
            key_span=span if key is None else key.span,
            table_span=place_of_table(span, node),
        )

    def _column(self, entry: Entry) -> Column:
        name, node = entry.key.text, entry.value
        self._is_taken("column", entry)
        if isinstance(node, Scalar):
            return Column(
                name,
                self._type(node, None, name),
                Identifier(name, False),
                None,
                None,
                None,
                (),
                {},
                {},
                entry.key.span,
            )
        assert isinstance(node, Mapping)
        if sum(key in node.entries for key in ("expr", "sql", "column")) > 1:
            self.sink.report(errors.column_source(entry.key.span, name))
        physical = text(node.get("column"))
        return Column(
            name=name,
            type=self._type(node.get("type"), zone_named(node.get("timezone"), self.sink), name),
            physical=Identifier(name, False) if physical is None else column_name(physical),
            expr=formula(node.get("expr"), self.sink),
            sql=sql_of(node, self.sink),
            unit=unit(node.get("unit")),
            values=texts(node.get("values")),
            label=label(node.get("label")),
            description=label(node.get("description")),
            span=entry.key.span,
            is_required=is_true(node.get("required")),
        )

    def _type(self, node: YamlNode | None, zone: str | None, name: str | None) -> Type:
        written = text(node)
        if written is None or node is None:
            return UNKNOWN
        found = parse_type(written)
        if found is None:
            given = type_of_formula(written)
            if name is None or given is None or errors.is_type_of_sql(written):
                self.sink.report(errors.bad_type(node.span, written))
            else:
                self.sink.report(errors.formula_as_type(node.span, name, written.strip(), given))
            return UNKNOWN
        return Type(Kind.TIMESTAMP, zone=zone) if found is TIMESTAMP else found

    def _join(self, entry: Entry) -> Join | None:
        node = entry.value
        self._is_taken("join", entry)
        if not isinstance(node, Mapping):
            return None
        target, using = node.get("to"), node.get("using")
        if not isinstance(target, Scalar) or using is None:
            return None
        if isinstance(using, Mapping):
            keys = tuple((e.key.text, e.value.text) for e in using if isinstance(e.value, Scalar))
        else:
            keys = tuple((column, column) for column in texts(using))
        found = Partners(entry.key.span, node, self.sink)
        return Join(
            name=entry.key.text,
            target=target.text,
            keys=keys,
            interval=found.interval,
            nearest=found.nearest,
            is_understood=found.is_understood,
            span=entry.key.span,
            target_span=target.span,
            keys_span=using.span,
        )

    # dimensions, metrics, KPIs

    def _dimension(self, entry: Entry, node: Mapping) -> None:
        name, span = entry.key.text, entry.key.span
        if self._is_taken("dimension", entry):
            self.rejected.add(("dimensions", name))
            return
        sources: dict[str, Formula] = {}
        for e in mapping(node.get("from")) or ():
            read = formula(e.value, self.sink)
            if read is not None:
                sources[e.key.text] = read
        self.dimensions[name] = Dimension(
            name=name,
            label=label(node.get("label")),
            description=label(node.get("description")),
            type=self._type(node.get("type"), None, None) if "type" in node.entries else None,
            sources=sources,
            source_spans={e.key.text: e.key.span for e in mapping(node.get("from")) or ()},
            span=span,
        )

    def _is_taken(self, what: str, entry: Entry) -> bool:
        """Tell, and report, whether a definition bears a name that means something else."""
        told = taken(what, entry)
        if told is not None:
            self.sink.report(told)
        return told is not None

    def _metric(self, kind: Literal["metric", "kpi"], entry: Entry) -> None:
        name, node = entry.key.text, entry.value
        short = isinstance(node, Scalar)
        keys = node if isinstance(node, Mapping) else Mapping({}, node.file, node.start, node.end)
        read = formula(node if short else keys.get("formula"), self.sink)
        if self._is_taken("KPI" if kind == "kpi" else "metric", entry) or read is None:
            self.rejected.add(("kpis" if kind == "kpi" else "metrics", name))
            return
        self.metrics[name] = Metric(
            name=name,
            kind=kind,
            formula=read,
            version=self._version(keys.get("version")),
            label=label(keys.get("label")),
            synonyms=synonyms(keys.get("synonyms")),
            description=label(keys.get("description")),
            unit=unit(keys.get("unit")),
            format=self._format(keys.get("format")),
            direction=text(keys.get("direction")),
            empty="null" if "empty" in keys.entries else "zero",
            owner=text(keys.get("owner")),
            stage=text(keys.get("stage")),
            tags=texts(keys.get("tags")),
            references=texts(keys.get("references")),
            tests=tuple(self._tests(keys.get("tests"))),
            span=entry.key.span,
            terms=terms(keys, self.sink),
        )

    def _version(self, node: YamlNode | None) -> str | None:
        if isinstance(node, Scalar) and not _VERSION.fullmatch(node.text):
            self.sink.report(errors.bad_version(node.span, node.text))
        return text(node)

    def _format(self, node: YamlNode | None) -> str | None:
        written = text(node)
        if written is None or node is None:
            return None
        if parse_format(written) is None:
            self.sink.report(errors.bad_format(node.span, written))
            return None
        return written

    # tests inside definitions

    def _tests(self, node: YamlNode | None) -> Iterable[DefinitionTest]:
        for item in node.items if isinstance(node, Sequence) else ():
            if not isinstance(item, Mapping):
                continue
            tables = mapping(item.get("rows")) or ()
            yield DefinitionTest(
                name=text(item.get("name")) or "",
                rows={e.key.text: test_rows(e.value) for e in tables},
                row_spans={e.key.text: e.key.span for e in tables},
                query=query_text(mapping(item.get("query"))),
                expect=test_rows(item.get("expect")),
                span=item.span,
            )


def _is_own(entry: Entry) -> bool:
    return not entry.key.text.startswith("x-")
