"""Objectives as written: what a KPI should be, for whom, when, and how that is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from kpidsl.model.written import Formula, Label
from kpidsl.source import SourceText, Span

Missing = Literal["redistribute", "zero", "null"]
MissingPart = Literal["not_met", "skip", "null"]
Side = Literal["both", "worse"]
Spread = Literal["moving_range", "deviation", "absolute_deviation"]
ObjectiveKind = Literal[
    "at_least",
    "more_than",
    "at_most",
    "less_than",
    "within",
    "on_target",
    "change",
    "steady",
    "rank",
    "parity",
    "no_signal",
    "milestone",
]


@dataclass(frozen=True, slots=True)
class RangeText:
    """The least and the greatest value that are right, both included; None where nothing is written."""

    low: Formula | None
    high: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MemberText:
    """A member's value in a row of targets as written, None for the null member."""

    name: SourceText
    value: SourceText | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Effective:
    """The days on which an objective holds: from the first on, until before the last."""

    start: SourceText | None
    end: SourceText | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target for some members, and perhaps for one period."""

    members: tuple[MemberText, ...]
    period: SourceText | None
    days: Effective | None
    """From which day on it holds, and before which; None where neither is written."""
    target: Formula | None
    range: RangeText | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BandsText:
    """From which value on the status is `on_track`, and from which on `at_risk`; `of` says which value."""

    of: SourceText | None
    on_track: Formula | None
    at_risk: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LevelsText:
    """What is just acceptable, and what is more than was asked for: on either side of the target."""

    threshold: Formula | None
    stretch: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TargetsOf:
    """The dataset whose rows hold targets, and the column that does.

    `take` says which figure of rivals' values is the target.
    """

    dataset: SourceText
    value: SourceText
    take: SourceText | None
    rival: SourceText | None
    """The column that tells the rivals apart."""
    max_age: Formula | None
    min_rivals: int | None
    key_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WeightText:
    """What some members weigh beside others."""

    members: tuple[MemberText, ...]
    weight: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AllocationText:
    """How a target of more days, or of more members, is made those of parts."""

    over: SourceText | None
    """The grain whose target is given; None for all of the objective's days."""
    by: SourceText | None
    across: tuple[SourceText, ...]
    """The members that a target is of all together."""
    weights: tuple[WeightText, ...] | None
    """None where the members weigh what they had last year."""
    round: Formula | None
    key_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)

    def place(self, key: str) -> Span:
        """Return where a key stands, or else the whole."""
        return self.key_spans.get(key, self.span)


@dataclass(frozen=True, slots=True)
class ReconcileText:
    """The objective whose target those of the members add up to, and how nearly."""

    whole: SourceText
    tolerance: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """Which part of the target should be there when a day begins."""

    at: SourceText
    share: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TrajectoryText:
    """How a target is reached in the course of a period, before which part of it is too early, and what
    tells what is yet to come."""

    shape: SourceText | None
    checkpoints: tuple[CheckpointText, ...]
    too_early: Formula | None
    forecast: SourceText | None


@dataclass(frozen=True, slots=True)
class EachText:
    """The parts of a period that are judged one by one: their grain, and how many of them are to be met.

    `missing` is what becomes of a part that cannot be judged.
    """

    grain: SourceText | None
    times: SourceText | None
    missing: MissingPart


@dataclass(frozen=True, slots=True)
class ChangeText:
    """What a `change` or a `steady` compares with: the base lies `against` back."""

    against: SourceText | None
    is_relative: bool
    """A fraction changes by a part of itself, where it would change by points."""
    takes_size: bool
    """A negative base counts by its size."""


@dataclass(frozen=True, slots=True)
class ParityText:
    """What a `parity` compares with what: a `segment`, or each member, with a reference."""

    segment: Formula | None
    reference: Formula | None
    """A condition, or one of the words that are no condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualText:
    """What is usual of a KPI: the days that tell it, or how many periods before each do."""

    start: SourceText | None
    end: SourceText | None
    last: int | None
    spread: Spread
    times: Formula | None
    min_points: int | None
    key_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SignalsText:
    """What is a signal beside a value that is not usual: so many in a row on one side, or ever worse."""

    usual: UsualText | None
    run: int | None
    trend: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A promise about a KPI."""

    name: str
    version: str | None
    label: Label
    description: Label
    owner: str | None
    kpi: SourceText
    kind: ObjectiveKind
    by: tuple[SourceText, ...]
    where: Formula | None
    period: SourceText | None
    effective: Effective | None
    due: SourceText | None
    """The last day on which a milestone is reached in time."""
    target: Formula | None
    range: RangeText | None
    tolerance: Formula | None
    fade: Formula | None
    targets: tuple[TargetRow, ...]
    target_from: TargetsOf | None
    allocate: AllocationText | None
    reconcile: ReconcileText | None
    baseline: Formula | None
    change: ChangeText
    trajectory: TrajectoryText
    each: EachText
    levels: LevelsText | None
    has_budget: bool
    """Whether it tells what is left of the misses that the target allows."""
    among: tuple[SourceText, ...]
    """The members that are compared with each other."""
    share: Formula | None
    parity: ParityText
    signals: SignalsText
    side: Side | None
    """On which side of a reference, or of what is usual, a value counts."""
    guardrails: tuple[Formula, ...]
    """Names of objectives, and conditions on KPIs, that have to hold beside it."""
    status: BandsText | None
    min_sample: int | None
    weight: Decimal | None
    override_direction: str | None
    key_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)

    def place(self, key: str) -> Span:
        """Return where a key stands, or else the objective's name."""
        return self.key_spans.get(key, self.span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Objectives that are judged together."""

    name: str
    version: str | None
    label: Label
    description: Label
    owner: str | None
    objectives: tuple[SourceText, ...]
    policy: SourceText | None
    veto: tuple[SourceText, ...]
    weight: Decimal | None
    clamp: RangeText | None
    missing: Missing
    min_weight: Formula | None
    status: BandsText | None
    key_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)

    def place(self, key: str) -> Span:
        """Return where a key stands, or else the scorecard's name."""
        return self.key_spans.get(key, self.span)
