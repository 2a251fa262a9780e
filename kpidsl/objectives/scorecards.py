"""The scorecards of a project, checked: their objectives, how these are put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from kpidsl.diagnostics import Sink
from kpidsl.model.objectives import Scorecard
from kpidsl.model.types import decimal
from kpidsl.model.written import Formula
from kpidsl.objectives import scorecard_errors as errors
from kpidsl.objectives.alike import narrows, rows_of, told
from kpidsl.objectives.bands import USUAL, are_apart, part_of_way
from kpidsl.objectives.numbers import known, percent_of
from kpidsl.objectives.values import plain_number
from kpidsl.semantics import errors as name_errors
from kpidsl.semantics.bound import Constant
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.objectives import Bands, CheckedObjective, CheckedScorecard, Policy, PolicyWord
from kpidsl.semantics.periods import EVERYTHING, Window
from kpidsl.source import Span

_COUNT = re.compile(r"(\d{1,4}) +of +(\d{1,4})")
_PART = decimal(3, 2)
_WORDS: dict[str, PolicyWord] = {word: word for word in get_args(PolicyWord) if word != "count"}


def check_scorecards(project: CheckedProject, sink: Sink) -> CheckedProject:
    """Return the project with its scorecards; everything that is wrong with them goes to the sink.

    Needs: its objectives have been checked.
    """
    cards = _Cards(project, sink)
    found = {name: cards.named(name) for name in project.project.scorecards}
    return replace(project, scorecards={name: card for name, card in found.items() if card is not None})


class _Cards:
    """The scorecards that are checked so far: each is checked when it is asked for first."""

    def __init__(self, project: CheckedProject, sink: Sink) -> None:
        self.project = project
        self.sink = sink
        self.under_way: list[str] = []
        self._found: dict[str, CheckedScorecard | None] = {}

    def named(self, name: str) -> CheckedScorecard | None:
        if name not in self._found:
            self.under_way.append(name)
            self._found[name] = _Check(self, self.project.project.scorecards[name]).checked()
            self.under_way.pop()
        return self._found[name]


class _Check:
    def __init__(self, cards: _Cards, scorecard: Scorecard) -> None:
        self.cards = cards
        self.project = cards.project
        self.scorecard = scorecard
        self.sink = cards.sink

    def checked(self) -> CheckedScorecard | None:
        before = self.sink.errors
        names = self._names()
        policy = self._policy(len(self.scorecard.objectives))
        low, high = self._clamp()
        min_weight = self._min_weight()
        bands = self._bands(high)
        veto = self._veto([name for name, _ in names])
        spans = dict(names)
        children = [child for name in spans if (child := self._child(name)) is not None]
        effective = self._alike(
            [(one, spans[child.name]) for child in children for one in _objectives_of(child)]
        )
        if (
            policy is not None
            and policy.word in ("weighted", "geometric")
            and children
            and not any(c.weight for c in children)
        ):
            place = self.scorecard.place("objectives")
            self.sink.report(errors.weightless(place, self.scorecard.name))
        for child in children:
            if isinstance(child, CheckedScorecard):
                continue
            if child.each is not None:
                self.sink.report(errors.part_by_part(spans[child.name], child.name))
        is_whole = len(children) == len(self.scorecard.objectives)
        if self.sink.errors > before or not is_whole or policy is None or bands is None or min_weight is None:
            return None
        return CheckedScorecard(
            definition=self.scorecard,
            children=tuple(children),
            policy=policy,
            low=low,
            high=high,
            min_weight=min_weight,
            bands=bands,
            effective=effective,
            veto=veto,
        )

    def _on(self, name: str) -> str | None:
        """Return the help for a KPI's name where an objective is due."""
        if name not in self.project.metrics:
            return None
        objectives = self.project.project.objectives.values()
        on = [one.name for one in objectives if one.kpi.text.strip() == name]
        return (
            f"`{name}` is a KPI; there is {name_errors.listed(on[:3])} on it"
            if on
            else f"`{name}` is a KPI, on which no objective is set: add one under `objectives:`"
        )

    def _names(self) -> list[tuple[str, Span]]:
        """Return the objectives that are named, each once."""
        project, found = self.project.project, list[tuple[str, Span]]()
        own = self.scorecard.name
        for part in self.scorecard.objectives:
            name, span = part.text.strip(), Span.of(part)
            if any(name == other for other, _ in found):
                self.sink.report(errors.again(span, name))
            elif name in project.objectives:
                found.append((name, span))
            elif name in self.cards.under_way:
                way = self.cards.under_way
                self.sink.report(errors.circle(span, (*way[way.index(name) :], name)))
            elif name in project.scorecards:
                found.append((name, span))
            elif not {("objectives", name), ("scorecards", name)} & project.rejected:
                known = (*project.objectives, *(card for card in project.scorecards if card != own))
                help = self._on(name)
                self.sink.report(name_errors.unknown(span, "objective", name, known, help))
        return found

    def _child(self, name: str) -> CheckedObjective | CheckedScorecard | None:
        if name in self.project.project.objectives:
            return self.project.objectives.get(name)
        return self.cards.named(name)

    def _alike(self, children: Sequence[tuple[CheckedObjective, Span]]) -> Window:
        """Return the days on which all objectives hold, having reported those that are judged otherwise.

        Milestones have days of their own. Where there is nothing else the days are those of all of them.
        """
        if not children:
            return EVERYTHING
        periodic = [one for one in children if one[0].kind != "milestone"]
        first = (periodic or children)[0][0]
        fitting = [(child, span) for child, span in children if self._fits(child, first, span)]
        if not periodic:
            return _around([child.effective for child, _ in fitting])
        days = first.effective
        for child, span in fitting:
            if child.kind == "milestone":
                continue
            days = _shared(days, child.effective)
            if days.is_empty or (first.grain is None and child.effective != first.effective):
                self.sink.report(errors.apart(span, child.name))
                return EVERYTHING
        return days

    def _fits(self, child: CheckedObjective, first: CheckedObjective, span: Span) -> bool:
        """Tell whether an objective is judged in the rows of another; where it is not that is reported."""
        if child.kind == "milestone" and first.grain is not None:
            self.sink.report(errors.milestone(span, child.name, first.name, told(first)))
            return False
        if rows_of(child) != rows_of(first):
            self.sink.report(errors.unlike(span, child.name, told(child), first.name, told(first)))
            return False
        if child.where != first.where and (narrows(child) or narrows(first)):
            self.sink.report(errors.other_rows(span, child.name, first.name))
            return False
        return True

    def _veto(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the objectives that have a veto, each once."""
        found: list[str] = []
        for part in self.scorecard.veto:
            name, span = part.text.strip(), Span.of(part)
            if name not in names:
                self.sink.report(errors.vetoes_nothing(span, name, names))
            elif name in found:
                self.sink.report(errors.again(span, name))
            else:
                found.append(name)
        return tuple(found)

    def _policy(self, there: int) -> Policy | None:
        part = self.scorecard.policy
        if part is None:
            return Policy("weighted")
        text, span = part.text.strip(), Span.of(part)
        if text in _WORDS:
            return Policy(_WORDS[text])
        counted = _COUNT.fullmatch(text)
        if counted is None:
            self.sink.report(errors.policy(span, text, tuple(_WORDS)))
            return None
        wanted, of = int(counted[1]), int(counted[2])
        if of != there or not 1 <= wanted <= of:
            self.sink.report(errors.count(span, wanted, of, there))
        for key in ("clamp", "min_weight", "missing", "status"):
            if key in self.scorecard.key_spans:
                self.sink.report(errors.useless(self.scorecard.key_spans[key], key))
        return Policy("count", wanted)

    def _clamp(self) -> tuple[Constant, Constant]:
        usual = Constant(Decimal("0.00"), _PART), Constant(Decimal("1.20"), _PART)
        written = self.scorecard.clamp
        if written is None:
            return usual
        low, high = self._part("clamp", written.low), self._part("clamp", written.high)
        least, most = known(low), known(high)
        if low is None or high is None or least is None or most is None:
            return usual
        part = self.scorecard.policy
        if least < 0 and part is not None and part.text.strip() == "geometric":
            self.sink.report(errors.below_zero(written.span))
        if not least < 1 <= most:
            self.sink.report(errors.clamp(written.span))
        return low, high

    def _min_weight(self) -> Constant | None:
        written = self.scorecard.min_weight
        if written is None:
            return Constant(Decimal("0.50"), _PART)
        found = self._part("min_weight", written)
        number = known(found)
        if number is not None and not 0 <= number <= 1:
            self.sink.report(errors.min_weight(written.span, written.text.strip()))
        missing, policy = self.scorecard.missing, self.scorecard.policy
        is_count = policy is not None and _COUNT.fullmatch(policy.text.strip()) is not None
        if missing != "redistribute" and not is_count:
            self.sink.report(errors.no_weight_missing(written.span, missing))
        return found

    def _bands(self, most: Constant) -> Bands | None:
        written = self.scorecard.status
        if written is None:
            return USUAL
        on_track, at_risk = self._part("on_track", written.on_track), self._part("at_risk", written.at_risk)
        if on_track is None or at_risk is None:
            return None
        begins, end = known(on_track), known(most)
        if begins is not None and end is not None and begins > end:
            assert written.on_track is not None
            told = errors.beyond_clamp(written.on_track.span, written.on_track.text.strip(), percent_of(end))
            self.sink.report(told)
            return None
        bands = Bands("attainment", on_track, at_risk)
        return bands if are_apart(bands, written, self.sink, upwards=True) else None

    def _part(self, key: str, formula: Formula | None) -> Constant | None:
        """Return a part of a whole that is written as a number."""
        if formula is None:
            return None
        value = part_of_way(formula, plain_number(self.project, key, formula, self.sink), self.sink)
        if value is not None and not isinstance(value, Constant):
            self.sink.report(errors.not_constant(formula.span))
            return None
        return value


def _objectives_of(child: CheckedObjective | CheckedScorecard) -> tuple[CheckedObjective, ...]:
    return child.objectives if isinstance(child, CheckedScorecard) else (child,)


def _around(windows: Sequence[Window]) -> Window:
    """Return the days from the first to the last of some windows that have both ends."""
    starts, ends = zip(*((one.start, one.end) for one in windows), strict=True)
    return Window(min(filter(None, starts)), max(filter(None, ends)))


def _shared(a: Window, b: Window) -> Window:
    starts = [day for day in (a.start, b.start) if day is not None]
    ends = [day for day in (a.end, b.end) if day is not None]
    return Window(max(starts, default=None), min(ends, default=None))
