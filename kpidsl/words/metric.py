"""A metric or KPI in words: every sentence comes from the bound formula and its facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kpidsl.model.definitions import Metric
from kpidsl.model.types import Kind
from kpidsl.planning import PlannedQuery
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Filtered,
    MetricRef,
    Moved,
    Prior,
    Total,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import FormulaFacts, aggregates_of, facts_of
from kpidsl.semantics.printing import print_bound
from kpidsl.semantics.reads import time_of, until_of
from kpidsl.semantics.terms import NO_DEMANDS
from kpidsl.semantics.walks import conjuncts, joins_of
from kpidsl.syntax import print_formula
from kpidsl.words.about import about
from kpidsl.words.forms import forms_section, usual_query
from kpidsl.words.joins import join_phrase
from kpidsl.words.language import Language, code
from kpidsl.words.names import Named
from kpidsl.words.null_keys import days_compared, null_entities, null_keys
from kpidsl.words.nulls import may_be_null
from kpidsl.words.page import Line, Page, Section
from kpidsl.words.phrases import Speaker
from kpidsl.words.written import spoken

_COUNTS = frozenset({"count", "count_distinct"})
_ENDS = frozenset({"first", "last"})
_SAMPLES = {"least": "scarcest of", "+": "all of"}
"""How a sample that is made of several is introduced."""
_BRIEF = 60
"""How long a figure's words may be inside a sentence about it."""
_SENTENCE = 100
"""How long both sides of a quotient may be to stand in one sentence, as the compiler prints them."""


def metric_page(
    project: CheckedProject, name: str, language: Language, planned: PlannedQuery | None = None
) -> Page:
    """Return the page of a metric or KPI; how it is computed as in a plan, by default as usually asked."""
    return MetricPage(project, name, language).page(planned or usual_query(project, name))


class MetricPage:
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
            Section(language.say("sample"), tuple(self._sample())),
            *(() if planned is None else (forms_section(planned, language),)),
            Section(language.say("about"), tuple(Line(line) for line in about(self, language))),
        )
        return Page(_title(metric, language), spoken(metric.description, language), sections)

    # What is computed.

    def _computed(self) -> Iterator[Line]:
        language = self.language
        sides = self._sides(self.bound)
        yield Line(_sentence(language.say("ratio of") if sides else self.speaker.formula(self.bound)))
        yield from (Line(side, 1) for side in sides)
        for name in self.facts.metrics:
            bound = self.project.metrics[name].bound
            sides = self._sides(bound)
            said = language.say("ratio of") if sides else self.speaker.formula(bound)
            yield Line(f"{self.speaker.metric(name)}{language.colon}{said}", 1)
            yield from (Line(side, 2) for side in sides)
        told_already: set[tuple[str, str]] = set()
        while len(told_already) < len(self.speaker.used):
            for key, named in tuple(self.speaker.used.items()):
                if key not in told_already:
                    told_already.add(key)
                    value = self.speaker.definition(named)
                    own = code(named.text if named.column is None else named.column)
                    yield Line(self._meaning(own, named, value), 1)
        if any(move.is_compared for move in _priors(self.bound, self.project)):
            yield Line(days_compared(self.project, language), 1)
        assert self.metric.formula.expr is not None
        yield Line(f"{language.say('formula')}{language.colon}{print_formula(self.metric.formula.expr)}")

    def _sides(self, bound: Bound) -> list[str]:
        """Return both sides of a quotient that is too long for one sentence, each with what it is called."""
        match bound:
            case Apply(op="/", args=(_, Total(is_share=True))):
                return []
            case Apply(op="/", args=(above, below)):
                is_short = len(print_bound(above)) + len(print_bound(below)) <= _SENTENCE
                told = (self.speaker.value(above), self.speaker.value(below))
                # A clause between the two, or brackets in brackets, would leave it open where they part.
                is_clear = ", " not in told[0] and not any(side.startswith("(") for side in told)
                is_filtered = isinstance(above, Aggregate) and above.condition is not None
                if is_short and is_clear and not is_filtered:
                    return []
                rows = ("numerator", "denominator is")
                return [
                    f"{self.language.say(row)}{self.language.colon}{side}"
                    for row, side in zip(rows, told, strict=True)
                ]
            case _:
                return []

    def _meaning(self, own: str, named: Named, value: str) -> str:
        said = self.language.say("on each row", own, code(named.dataset), value)
        if named.column is None:
            return said
        column = self.project.project.datasets[named.dataset].columns[named.column]
        description = spoken(column.description, self.language)
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
            yield from null_keys(aggregate, self.speaker)
        yield from null_entities(self.bound, self.project, self.speaker)
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
        language = self.language
        what = self._brief(aggregate)
        rows = code(aggregate.dataset)
        for value in aggregate.required:
            yield language.say("required", rows, self.speaker.value(value, aggregate.dataset), what)
        skipped = self._skipped(aggregate)
        if aggregate.function in _ENDS:
            keys = self.project.project.datasets[aggregate.dataset].key
            yield language.say("ties", rows, " + ".join(map(code, keys)))
        for part in skipped:
            if part not in aggregate.required and may_be_null(part, self.project):
                missing = self.speaker.value(part, aggregate.dataset)
                same = [other for other in self.aggregates if other.dataset == aggregate.dataset]
                alone = all(part in self._skipped(other) for other in same)
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

    def _skipped(self, aggregate: Aggregate) -> list[Bound]:
        """Return the values without which an aggregate passes over a row."""
        skipped = [] if aggregate.argument is None else [aggregate.argument, *aggregate.others]
        time = time_of(aggregate, self.project) if aggregate.function in _ENDS else None
        return skipped if time is None else [*skipped, time]

    def _brief(self, aggregate: Aggregate) -> str:
        """Return an aggregate by the metric that it is, in words where these are few, or as it is written."""
        for name in self.facts.metrics:
            if self.project.metrics[name].bound == aggregate:
                return self.speaker.metric(name)
        told = self.speaker.aggregate(aggregate)
        return told if len(told) <= _BRIEF else code(" ".join(aggregate.span.excerpt().split()))

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

    def _sample(self) -> Iterator[Line]:
        """Yield what counts the observations; several figures have a line each."""
        sample = self.facts.sample
        if sample is None:
            yield Line(_sentence(self.language.say("no sample")))
            return
        if not isinstance(sample, Apply) or sample.op not in _SAMPLES:
            yield Line(_sentence(self.speaker.value(sample)))
            return
        yield Line(self.language.say(_SAMPLES[sample.op]))
        yield from (Line(self.speaker.value(part), 1) for part in dict.fromkeys(_flat(sample)))


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
    first = 1 if text.startswith("(") else 0
    return text[:first] + text[first : first + 1].upper() + text[first + 1 :] + "."


def _flat(sample: Apply) -> Iterator[Bound]:
    """Yield the parts of an operation, those of the same operation inside it in their stead."""
    for part in sample.args:
        if isinstance(part, Apply) and part.op == sample.op:
            yield from _flat(part)
        else:
            yield part


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


def _priors(bound: Bound, project: CheckedProject) -> Iterator[Prior]:
    """Yield the moves back in a formula."""
    if isinstance(bound, MetricRef):
        yield from _priors(project.metrics[bound.name].bound, project)
    if isinstance(bound, Moved) and isinstance(bound.move, Prior):
        yield bound.move
    for child in children(bound):
        yield from _priors(child, project)


def _filters(bound: Bound, project: CheckedProject) -> Iterator[Filtered]:
    if isinstance(bound, MetricRef):
        yield from _filters(project.metrics[bound.name].bound, project)
    elif not isinstance(bound, Aggregate):
        if isinstance(bound, Filtered):
            yield bound
        for child in children(bound):
            yield from _filters(child, project)
