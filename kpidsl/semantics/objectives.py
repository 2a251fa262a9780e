"""Checked objectives and scorecards: every name bound, every value in its KPI's unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from kpidsl.model.definitions import Project
from kpidsl.model.objectives import MissingPart, Objective, ObjectiveKind, Scorecard
from kpidsl.semantics.bound import Bound, Constant, Grain, MetricRef
from kpidsl.semantics.grouped import Grouped
from kpidsl.semantics.members import Member
from kpidsl.semantics.periods import Window
from kpidsl.semantics.times import type_of
from kpidsl.source import Span

Axis = Literal["attainment", "value", "gap", "pace"]
End = Literal["lower", "upper"]
Shape = Literal["linear", "business_days", "last_year", "checkpoints"]
PartRule = Literal["equal", "days", "business_days", "last_year", "copy"]
PolicyWord = Literal["weighted", "geometric", "worst", "best", "count"]


@dataclass(frozen=True, slots=True)
class CheckedTarget:
    """What holds for some members and some days: a target, or for `within` and `on_target` a range.

    `members` are what the group must equal, a null for the null member; `period` is whole buckets of the
    objective's grain. `low` and `high` are both included.
    """

    members: tuple[tuple[Member, Constant], ...]
    period: Window | None
    target: Bound | None
    low: Bound | None
    high: Bound | None
    fade: Bound | None
    """How far outside the range attainment falls from 1 to 0."""
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Levels:
    """Values on either side of the target: attainment is 0.5 at one and 1.5 at the other."""

    threshold: Bound
    stretch: Bound


@dataclass(frozen=True, slots=True)
class Bands:
    """From which value of the axis on the status is `on_track`, and from which on `at_risk`.

    On the axes `value` and `gap` of an objective whose sign is -1, from there on down.
    """

    axis: Axis
    on_track: Constant
    at_risk: Constant


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is yet to come: as much each day as in the last `days`, or without these what last year had."""

    days: int | None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Which part of the target should be there when.

    `checkpoints` are days with the parts that should be there when they begin, from 0 at the first day
    to 1 at the end, of a shape that has them. Without a `forecast` the pace tells what the whole will be.
    """

    shape: Shape
    checkpoints: tuple[tuple[date, Fraction], ...]
    too_early: Constant
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which part of a target is a row's: the targets are of `wholes`, and of the members `across` together.

    `rule` says how days share a whole, None where each row's target is its own period's. What is in the
    targets already, such as weights that are given, is not told here.
    """

    wholes: tuple[Window, ...]
    rule: PartRule | None
    across: tuple[Member, ...] = ()
    """Those that share by what they had last year."""


@dataclass(frozen=True, slots=True)
class Guardrail:
    """What has to hold beside an objective: another one, or a condition that is null where nobody knows."""

    text: str
    objective: CheckedObjective | None = None
    condition: Bound | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Times:
    """How many parts of a period are to be met.

    `share`: at least that share of those that are judged. `last`: `count` of the last `of`. `run`: `count`
    one after another.
    """

    word: Literal["share", "last", "run"]
    share: Fraction = Fraction(1)
    count: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Each:
    """The parts of a period that are judged one by one.

    `effective` are the days of the whole parts in which the objective holds: a part that they cut is none.
    """

    grain: str
    effective: Window
    times: Times
    missing: MissingPart


@dataclass(frozen=True, slots=True)
class Rivals:
    """The members that are compared with each other, and what is measured of them beside the KPI."""

    members: tuple[Grouped, ...]
    is_least_best: bool
    overall: Bound | None
    """The KPI of all of them together, where shares of it are promised."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is told of a target of rivals' values: how many rivals have one, and the day of the newest."""

    rivals: Bound
    newest: Bound
    least: int
    """How many of them there have to be."""


@dataclass(frozen=True, slots=True)
class Parity:
    """What each value is compared with, and how near to that it is to be."""

    members: tuple[Grouped, ...]
    """The members that are compared with each other."""
    segment: Bound | None
    """Whose value is judged, where it is not that of all."""
    reference: Bound | None
    """None where it is the best of the members."""
    reference_sample: Bound | None
    is_least_best: bool
    tolerance: Bound
    is_part: bool
    """Whether the tolerance is a part of the reference."""
    fade: Bound | None
    """Over which distance attainment falls to 0; None where it is the tolerance."""
    sides: tuple[End, ...]
    """On which sides a value may be too far away."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is usual of a KPI and what is a signal, with what is measured for that, by its columns."""

    measured: Mapping[str, Bound]
    """By the names of the columns."""
    times: Constant
    """How many times the spread the limits are from the center."""
    least_points: int
    run: int
    """How many in a row on one side are a signal; 0 where none are."""
    trend: int
    sides: tuple[End, ...]
    frozen: Window | None
    """The days that tell what is usual; None where the periods before each do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedObjective:
    """An objective with its formulas bound; parameters stand in them still."""

    definition: Objective
    value: MetricRef
    kind: ObjectiveKind
    sign: int
    """1 where more is better, -1 where less is, 0 where the target is the best."""
    by: tuple[Grouped, ...]
    where: Bound | None
    grain: str | None
    """The grain of its periods; None where `effective` is the one period."""
    effective: Window
    targets: tuple[CheckedTarget, ...]
    """The rows, those that say most first, and at the end what holds elsewhere, if anything does."""
    baseline: Bound | None
    """Where attainment is 0; of a `change` its base."""
    levels: Levels | None
    has_budget: bool
    bands: Bands
    min_sample: int | None
    sample: Bound | None
    """How many observations the value rests on, None where it observes nothing."""
    weight: Decimal
    trajectory: Trajectory | None = None
    each: Each | None = None
    """Where it is judged part by part; targets and samples are those of a part then."""
    target_rows: Bound | None = None
    """How many rows of a dataset give the target, where there must be one."""
    allocation: Allocation | None = None
    guardrails: tuple[Guardrail, ...] = ()
    reconciled: Reconciled | None = None
    rivals: Rivals | None = None
    parity: Parity | None = None
    benchmark: Benchmark | None = None
    signals: Signals | None = None

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def kpi(self) -> str:
        return self.value.name

    def grouped(self, project: Project) -> tuple[Grouped, ...]:
        """Return what its rows are by: its periods, where it has a grain, and its members."""
        if self.grain is None:
            return self.by
        grain = Grain(self.grain)
        return (Grouped(grain, type_of(project, grain), self.definition.place("period")), *self.by)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What the targets of an objective's members add up to, and the objective whose target that should be.

    `sums` are by days, as targets of no member; a `tolerance` that `is_part` is one of the total's size.
    """

    total: CheckedObjective
    sums: tuple[CheckedTarget, ...]
    tolerance: Bound
    is_part: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """How a scorecard's score is made of the attainments of its objectives.

    `count` is how many of them have to be met, where the word is `count`.
    """

    word: PolicyWord
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedScorecard:
    """A scorecard with its objectives and scorecards, which are judged by the same members and periods."""

    definition: Scorecard
    children: tuple[CheckedObjective | CheckedScorecard, ...]
    policy: Policy
    low: Constant
    high: Constant
    """What attainments are clamped to before they are put together."""
    min_weight: Constant
    """Which part of the weights must be there."""
    bands: Bands
    effective: Window
    """The days on which all its objectives hold."""
    veto: tuple[str, ...] = ()
    """The objectives without which it is not met, whatever the score."""

    @property
    def weight(self) -> Decimal:
        """How much it counts in another scorecard."""
        return Decimal(1) if self.definition.weight is None else self.definition.weight

    @property
    def objectives(self) -> tuple[CheckedObjective, ...]:
        """Its objectives and those of the scorecards in it, each once."""
        found: dict[str, CheckedObjective] = {}
        for child in self.children:
            for one in child.objectives if isinstance(child, CheckedScorecard) else (child,):
                found.setdefault(one.name, one)
        return tuple(found.values())

    @property
    def name(self) -> str:
        return self.definition.name


Promise = CheckedObjective | CheckedScorecard
