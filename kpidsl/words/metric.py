"""A metric or KPI in words: every sentence comes from the bound formula and its facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kpidsl.compiler import PlannedQuery
from kpidsl.model.definitions import Metric
from kpidsl.model.types import Kind
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Filtered,
    MetricRef,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import FormulaFacts, aggregates_of, facts_of
from kpidsl.semantics.printing import constant
from kpidsl.semantics.reads import time_of, until_of
from kpidsl.semantics.terms import NO_DEMANDS
from kpidsl.semantics.unit_facts import text_of
from kpidsl.semantics.walks import conjuncts, joins_of
from kpidsl.syntax import print_formula
from kpidsl.words.forms import forms_section, usual_query
from kpidsl.words.joins import join_phrase
from kpidsl.words.language import Language, code
from kpidsl.words.names import Named
from kpidsl.words.nulls import may_be_null
from kpidsl.words.page import Line, Page, Section
from kpidsl.words.phrases import Speaker
from kpidsl.words.windows import length
from kpidsl.words.written import spoken, type_name, unit_name

_COUNTS = frozenset({"count", "count_distinct"})
_ENDS = frozenset({"first", "last"})


def metric_page(
    project: CheckedProject, name: str, language: Language, planned: PlannedQuery | None = None
) -> Page:
    """Return the page of a metric or KPI; how it is computed as in a plan, by default as usually asked."""
    return _MetricPage(project, name, language).page(planned or usual_query(project, name))


class _MetricPage:
    def __init__(self, project: CheckedProject, name: str, language: Language) -> None:
        self.project = project
        self.language = language
        self.metric = project.metrics[name].definition
        self.bound = project.metrics[name].bound
        self.facts: FormulaFacts = facts_of(self.bound, project)
        self.speaker = Speaker(project, language)
        self.aggregates = tuple(dict.fromkeys(aggregates_of(self.bound, project)))
        self.filters = tuple(dict.fromkeys(_filters(self.bound, project)))

    def page(self, planned: PlannedQuery | None) -> Page:
        language, metric = self.language, self.metric
        computed = self._computed()
        sections = (
            Section(language.say("computed"), tuple(computed)),
            Section(language.say("left out"), tuple(self._left_out())),
            Section(language.say("nulls"), tuple(_items(dict.fromkeys(self._nulls())))),
            Section(language.say("added up"), (Line(language.say(self.facts.additivity.value)),)),
            Section(language.say("asked by"), tuple(_items(self._asked_by()))),
            Section(language.say("sample"), (Line(self._sample()),)),
            *(() if planned is None else (forms_section(planned, language),)),
            Section(language.say("about"), tuple(Line(line) for line in about(self, language))),
        )
        return Page(_title(metric, language), spoken(metric.description, language), sections)

    # What is computed.

    def _computed(self) -> Iterator[Line]:
        language = self.language
        yield Line(_sentence(self.speaker.formula(self.bound)))
        for name in self.facts.metrics:
            yield Line(
                f"{self.speaker.metric(name)}{language.colon}"
                f"{self.speaker.formula(self.project.metrics[name].bound)}",
                1,
            )
        told_already: set[tuple[str, str]] = set()
        while len(told_already) < len(self.speaker.used):
            for key, named in tuple(self.speaker.used.items()):
                if key not in told_already:
                    told_already.add(key)
                    value = self.speaker.definition(named)
                    own = code(named.text if named.column is None else named.column)
                    yield Line(self._meaning(own, named, value), 1)
        assert self.metric.formula.expr is not None
        yield Line(f"{language.say('formula')}{language.colon}{print_formula(self.metric.formula.expr)}")

    def _meaning(self, own: str, named: Named, value: str) -> str:
        said = self.language.say("on each row", own, code(named.dataset), value)
        if named.column is None:
            return said
        description = self.project.project.datasets[named.dataset].columns[named.column].description
        return f"{said}. {description}" if description else said

    # What is left out.

    def _left_out(self) -> Iterator[Line]:
        language = self.language
        for dataset in self.facts.keys:
            own = [a for a in self.aggregates if a.dataset == dataset]
            common = _common([() if a.condition is None else conjuncts(a.condition) for a in own])
            always = self.project.datasets[dataset].condition
            lines = [
                language.say("leaves out always", code(dataset), self.speaker.negated(part, dataset))
                for part in (() if always is None else conjuncts(always))
            ]
            lines.extend(
                language.say("leaves out", code(dataset), self.speaker.negated(part, dataset))
                for part in common
            )
            if any(a.condition is not None and set(conjuncts(a.condition)) - set(common) for a in own):
                lines.append(f"{code(dataset)}{language.colon}{language.say('each its own')}")
            for at in dict.fromkeys(a.at for a in own if a.at is not None):
                lines.append(
                    language.say("leaves out timeless", code(dataset), self.speaker.value(at, dataset))
                )
            lines.extend(
                language.say("leaves out of", self.speaker.value(filtered.operand), negated)
                for filtered in self.filters
                if dataset in self._under(filtered)
                for negated in [self.speaker.negated(filtered.condition)]
            )
            for line in lines or [language.say("nothing left out", code(dataset))]:
                yield Line(line, 1)

    def _under(self, filtered: Filtered) -> set[str]:
        return {aggregate.dataset for aggregate in aggregates_of(filtered.operand, self.project)}

    # Nulls and zeros.

    def _nulls(self) -> Iterator[str]:
        language = self.language
        for aggregate in self.aggregates:
            yield from self._nulls_of(aggregate)
        operations = set(_operations(self.bound, self.project))
        if "/" in operations:
            yield language.say("denominator")
        if operations & {"+", "-", "*"} and may_be_null(self.bound, self.project):
            yield language.say("arithmetic")
        for aggregate in self.aggregates:
            yield from self._partners(aggregate)
        for dataset in dict.fromkeys(a.dataset for a in self.aggregates if a.at is None):
            time, until = self.project.datasets[dataset].time, self.project.datasets[dataset].until
            if time is None:
                yield language.say("no time", code(dataset))
            elif until is not None:
                ends = (self.speaker.value(end, dataset) for end in (time, until))
                yield language.say("open ends", code(dataset), *ends)
            elif may_be_null(time, self.project):
                yield language.say("timeless", code(dataset), self.speaker.value(time, dataset))

    def _nulls_of(self, aggregate: Aggregate) -> Iterator[str]:
        language, argument = self.language, aggregate.argument
        what = self.speaker.aggregate(aggregate)
        rows = code(aggregate.dataset)
        for value in aggregate.required:
            yield language.say("required", rows, self.speaker.value(value, aggregate.dataset), what)
        skipped = [] if argument is None else [argument, *aggregate.others]
        if aggregate.function in _ENDS:
            time = time_of(aggregate, self.project)
            skipped += [] if time is None else [time]
            keys = self.project.project.datasets[aggregate.dataset].key
            yield language.say("ties", rows, " + ".join(map(code, keys)))
        for part in skipped:
            if part not in aggregate.required and may_be_null(part, self.project):
                missing = self.speaker.value(part, aggregate.dataset)
                alone = sum(other.dataset == aggregate.dataset for other in self.aggregates) == 1
                yield (
                    language.say("skipped", rows, missing)
                    if alone
                    else language.say("skipped by", rows, missing, what)
                )
        if aggregate.function in ("stddev", "variance"):
            yield language.say("single null", what)
        if aggregate.function == "weighted_avg":
            yield language.say("weights null", what)
        if aggregate.function not in _COUNTS | {"sum"}:
            yield language.say("other null", what)
        else:
            yield language.say("sum null" if aggregate.empty_is_null else "sum zero")

    def _partners(self, aggregate: Aggregate) -> Iterator[str]:
        for path in joins_of(aggregate):
            before = at = self.project.project.datasets[aggregate.dataset]
            for step in path:
                before, at = at, self.project.project.datasets[at.joins[step].target]
            if before.joins[path[-1]].nearest is not None:
                yield join_phrase(self.project, before, path[-1], self.speaker)
            yield self.language.say("partner", code(aggregate.dataset), code(at.name))
            condition = self.project.datasets[at.name].condition
            if condition is not None:
                without = self.speaker.negated(condition, at.name)
                yield self.language.say("nobody's partner", code(at.name), without)

    # What it can be asked by.

    def _asked_by(self) -> Iterator[str]:
        language, facts = self.language, self.facts
        if not facts.keys:
            yield language.say("anything")
            return
        for dataset, key in facts.keys.items():
            yield language.say("one row", code(dataset), " + ".join(map(code, key)))
        if facts.grains:
            grains = ", ".join(language.grains.get(name, code(name)) for name in facts.grains)
            for dataset, time in facts.times:
                assert time is not None
                parts = [self.speaker.value(time, dataset), code(dataset), grains]
                checked, row = self.project.datasets[dataset], "grains"
                if checked.until is not None and time == checked.time and dataset in self._held():
                    row = "held grains"
                    parts.append(self.speaker.value(checked.until, dataset))
                if time.type.kind is Kind.DATE:
                    yield language.say(row, *parts)
                else:
                    yield language.say(f"{row} in zone", *parts, self.project.project.timezone)
        else:
            yield language.say("no grains")
        if facts.dimensions:
            yield language.say("by dimensions", ", ".join(map(self._dimension, facts.dimensions)))
        else:
            yield language.say("no dimensions")
        demands = self.project.demands.get(self.metric.name, NO_DEMANDS)
        for row, members in (("requires", demands.requires), ("forbids", demands.forbids)):
            for member, by in members.items():
                said = language.say(row, code(member.text))
                yield said if by == self.metric.name else f"{said} ({language.say('says', code(by))})"

    def _held(self) -> set[str]:
        """Return the datasets of which some aggregate reads what holds at an instant."""
        return {a.dataset for a in self.aggregates if until_of(a, self.project) is not None}

    def _dimension(self, name: str) -> str:
        label = spoken(self.project.project.dimensions[name].label, self.language)
        return code(name) if label is None else f"{label} ({code(name)})"

    def _sample(self) -> str:
        if self.facts.sample is None:
            return _sentence(self.language.say("no sample"))
        return _sentence(self.speaker.value(self.facts.sample))


def about(page: _MetricPage, language: Language) -> Iterator[str]:
    """Yield what people wrote about a metric, each fact on its line."""
    metric, facts = page.metric, page.facts
    synonyms = metric.synonyms.get(language.code) or metric.synonyms.get("") or ()
    others = [word for key, words in metric.synonyms.items() if key != language.code for word in words]
    unit = text_of(page.bound.unit)
    found: dict[str, str | None] = {
        "unit": None if unit is None else unit_name(unit, language),
        "type": type_name(facts.type, language),
        "bounds": _bounds(metric, language),
        "maturity": _maturity(page),
        "better": None if metric.direction is None else language.say(metric.direction),
        "deprecated": _deprecated(metric, language),
        "variant": None if metric.terms.variant_of is None else code(metric.terms.variant_of),
        "owner": metric.owner,
        "synonyms": ", ".join(dict.fromkeys((*synonyms, *others))) or None,
        "stage": metric.stage,
        "tags": ", ".join(metric.tags) or None,
        "references": ", ".join(metric.references) or None,
        "reads": language.semicolon(
            [f"{name} ({', '.join(columns)})" for name, columns in facts.reads.items()]
        ),
        "parameters": language.semicolon([_parameter(page, name) for name in facts.parameters]),
        "tests": _tests(metric, language),
    }
    for key, value in found.items():
        if value:
            yield f"{language.say(key)}{language.colon}{value}"


def _parameter(page: _MetricPage, name: str) -> str:
    language = page.language
    values = ", ".join(map(constant, page.project.defaults.get(name, ())))
    default = language.say("default", code(values)) if values else language.say("no default")
    return f"{code(name)} ({default})"


def _bounds(metric: Metric, language: Language) -> str | None:
    bounds = metric.terms.bounds
    if bounds is None:
        return None
    ends = [("at least", bounds.low), ("at most", bounds.high)]
    return language.both([language.say(row, language.figure(end)) for row, end in ends if end is not None])


def _maturity(page: _MetricPage) -> str | None:
    found = page.project.metrics[page.metric.name].maturity
    return None if found is None else page.language.say("once old", length(found, page.language))


def _deprecated(metric: Metric, language: Language) -> str | None:
    deprecated = metric.terms.deprecated
    if deprecated is None:
        return None
    parts = [
        language.say("deprecated since", deprecated.since) if deprecated.since else None,
        language.say("deprecated use", code(deprecated.use)) if deprecated.use else None,
    ]
    return language.semicolon([part for part in parts if part]) or language.say("true")


def _tests(metric: Metric, language: Language) -> str:
    if not metric.tests:
        return language.say("no tests")
    return f"{len(metric.tests)} ({language.semicolon([test.name for test in metric.tests])})"


def _title(metric: Metric, language: Language) -> str:
    label = spoken(metric.label, language)
    kind = language.say(metric.kind)
    version = "" if metric.version is None else ", " + language.say("version", metric.version)
    if label is None:
        return f"{code(metric.name)} ({kind}{version})"
    return f"{label} ({kind} {code(metric.name)}{version})"


def _items(lines: Iterable[str]) -> list[Line]:
    return [Line(line, 1) for line in lines]


def _sentence(text: str) -> str:
    """Return a phrase with a capital and a full stop."""
    return (text[:1].upper() + text[1:] if text[:1].islower() else text) + "."


def _common(lists: Sequence[tuple[Bound, ...]]) -> tuple[Bound, ...]:
    first, *rest = lists
    return tuple(part for part in first if all(part in other for other in rest))


def _operations(bound: Bound, project: CheckedProject) -> Iterator[str]:
    if isinstance(bound, MetricRef):
        yield from _operations(project.metrics[bound.name].bound, project)
    elif not isinstance(bound, Aggregate):
        if isinstance(bound, Apply):
            yield bound.op
        for child in children(bound):
            yield from _operations(child, project)


def _filters(bound: Bound, project: CheckedProject) -> Iterator[Filtered]:
    if isinstance(bound, MetricRef):
        yield from _filters(project.metrics[bound.name].bound, project)
    elif not isinstance(bound, Aggregate):
        if isinstance(bound, Filtered):
            yield bound
        for child in children(bound):
            yield from _filters(child, project)
