"""How a metric's values are computed, in words: the form that each leaf has in the plan of a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kpidsl.contexts.leaves import AnyLeaf, Leaf
from kpidsl.contexts.windows import InBucket
from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import QueryText
from kpidsl.plan.forms import Form, Way, forms_of, searches_of
from kpidsl.planning import PlannedQuery, plan_query
from kpidsl.semantics.bound import (
    Aggregate,
    Bound,
    ColumnMember,
    Member,
    MetricRef,
    PerEntity,
    Total,
    children,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import facts_of
from kpidsl.semantics.printing import moved_text
from kpidsl.semantics.terms import NO_DEMANDS
from kpidsl.source import SourceFile
from kpidsl.words.data import Facts
from kpidsl.words.language import Language, code
from kpidsl.words.page import Line, Section
from kpidsl.words.phrases import Speaker

_USUAL = "month"


@dataclass(frozen=True, slots=True)
class Made:
    """A figure of a plan as the language writes it, and how it is made.

    `dataset` is what it reads; a figure over `entities` has those of their values, `inner`, instead.
    """

    figure: str
    conditions: tuple[Bound, ...]
    dataset: str
    forms: tuple[Form, ...]
    entities: tuple[str, ...] = ()
    inner: tuple[Made, ...] = ()
    holds: bool = False
    """Whether it reads the rows that hold at the end of a window."""


def usual_query(project: CheckedProject, name: str) -> PlannedQuery | None:
    """Return the plan of the question that a metric is usually asked: by month where it has months, and by
    what it demands; None where it cannot be asked without more."""
    facts = facts_of(project.metrics[name].bound, project)
    demands = project.demands.get(name, NO_DEMANDS)
    forbidden = {member.text for member in demands.forbids}
    needed = [member.text for member in demands.requires]
    needed += shared_members(project.metrics[name].bound, project)
    grains = [grain for grain in facts.grains if grain not in forbidden]
    usual = [_USUAL] if _USUAL in grains else grains[:1]
    for by in (list(dict.fromkeys([*usual, *needed])), needed):
        text = QueryText(kpis=(SourceFile("KPI", name),), by=tuple(SourceFile("--by", m) for m in by))
        for instant in (None, SourceFile("--as-of", "2000-01-01")):
            planned = plan_query(project, replace(text, as_of=instant), Sink())
            if planned is not None:
                return planned
    return None


def shared_members(bound: Bound, project: CheckedProject) -> list[str]:
    """Return the members that a question must be grouped by for the shares in a formula."""
    if isinstance(bound, MetricRef):
        return shared_members(project.metrics[bound.name].bound, project)
    own = [m.text for m in bound.across or ()] if isinstance(bound, Total) and bound.is_share else []
    return own + [text for child in children(bound) for text in shared_members(child, project)]


def figures(planned: PlannedQuery) -> tuple[Made, ...]:
    """Return the figures that a query's plan makes, in their order."""
    leaves, forms = planned.leaves, forms_of(planned.plan)
    every = tuple(grouped.member.text for grouped in leaves.by)
    found = zip(planned.plan.compute.slots, leaves.leaves, strict=False)
    made = (
        _made(leaf, forms[slot], every, planned.query.project)
        for slot, leaf in found
        if slot in forms and leaf.makes_rows
    )
    return tuple(dict.fromkeys(made))


def _made(leaf: AnyLeaf, forms: tuple[Form, ...], around: Sequence[str], project: CheckedProject) -> Made:
    figure = _figure(leaf, around, project)
    if isinstance(leaf, Leaf):
        return Made(figure, leaf.conditions, leaf.dataset, forms, holds=leaf.is_held)
    added = tuple(key.member.text for key in leaf.added)
    entities = tuple(_called(key.member) for key in leaf.added)
    inner = (
        _made(leaf.inner[place], ways, (*around, *added), project)
        for form in forms
        for place, ways in form.inner
    )
    return Made(figure, (), "", forms, entities, tuple(inner))


def _called(member: Member) -> str:
    """Return what an entity's key is called on its own rows."""
    return member.text.removeprefix(f"{member.dataset}.") if isinstance(member, ColumnMember) else member.text


def _figure(leaf: AnyLeaf, around: Sequence[str], project: CheckedProject) -> str:
    """Return a leaf as a formula: its metric or its aggregate, with what changes its context."""
    shown = " ".join(leaf.span.excerpt().split())
    own = Aggregate if isinstance(leaf, Leaf) else PerEntity
    metric = None if leaf.metric is None else project.metrics.get(leaf.metric)
    if metric is not None and isinstance(metric.bound, own):
        shown = metric.definition.name
    if isinstance(leaf, Leaf):
        for move in reversed(leaf.moves):
            shown = shown if isinstance(move, InBucket) else moved_text(shown, move)
    kept = {member.text for member in leaf.members}
    gone = [text for text in around if text not in kept]
    return f"total({shown} across {', '.join(gone)})" if gone else shown


def forms_section(planned: PlannedQuery, language: Language) -> Section:
    """Return how the values of a query are computed."""
    by = language.both([code(grouped.member.text) for grouped in planned.leaves.by])
    title = language.say("how made by", by) if by else language.say("how made")
    teller = _Teller(planned.query.project, language)
    lines = [*teller.figures(figures(planned), 1)]
    for search, dataset in searches_of(planned.plan):
        lines.append(Line(language.say(f"search {search.value}", code(dataset)), 1))
    return Section(title, tuple(lines))


class _Teller:
    def __init__(self, project: CheckedProject, language: Language) -> None:
        self.speaker = Speaker(project, language)
        self.language = language

    def figures(self, made: Sequence[Made], depth: int) -> Iterator[Line]:
        """Yield a line for each figure; those of one read of a dataset stand together."""
        reads: dict[object, list[Made]] = {}
        for place, one in enumerate(made):
            read = next((form.read for form in one.forms if form.read is not None), None)
            reads.setdefault(place if read is None else (read, one.dataset), []).append(one)
        for same in reads.values():
            told = {self.told(one, same): one for one in same}
            if len(told) > 1:
                heading = self.language.say("in one read", code(same[0].dataset))
                yield Line(f"{heading}{self.language.colon.rstrip()}", depth)
            below = depth + (len(told) > 1)
            for line, one in told.items():
                yield Line(line, below)
                yield from self.figures(one.inner, below + 1)

    def told(self, one: Made, beside: Sequence[Made]) -> str:
        """Return a figure with how it is made; `beside` are those that it must be told from."""
        alike = [other for other in beside if other.figure == one.figure]
        own = [c for c in one.conditions if not all(c in other.conditions for other in alike)]
        shown = code(one.figure)
        if own:
            where = self.language.both([self.speaker.condition(c, one.dataset) for c in own])
            shown = self.language.say("filtered", shown, where)
        ways = dict.fromkeys(self.way(form, one) for form in one.forms)
        return f"{shown}{self.language.colon}{self.language.semicolon(list(ways))}"

    def way(self, form: Form, one: Made) -> str:
        language = self.language
        row = f"form {form.way.value}"
        if form.way is Way.ENTITIES:
            return language.say(row, language.both([code(text) for text in one.entities]))
        if form.way is Way.ROWS and not form.keys:
            row = "form rows whole"
        if form.way is Way.WINDOWS and one.holds:
            row = "form rows held"
        grain = "" if form.grain is None else language.grains.get(form.grain, code(form.grain))
        return language.say(row, grain)


def forms_facts(planned: PlannedQuery) -> Facts:
    """Return how the values of a query are computed as data."""
    return {
        "by": [grouped.member.text for grouped in planned.leaves.by],
        "figures": [_facts(one) for one in figures(planned)],
        "sets": [{"of": of, "way": search.value} for search, of in searches_of(planned.plan)],
    }


def _facts(one: Made) -> Facts:
    found: Facts = {
        "figure": one.figure,
        "ways": [form.way.value for form in one.forms],
        "grain": next((form.grain for form in one.forms if form.grain is not None), None),
    }
    if one.entities:
        found |= {"entities": list(one.entities), "over": [_facts(inner) for inner in one.inner]}
    return found
