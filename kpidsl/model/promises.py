"""Objectives and scorecards, read from their sections."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.model.objectives import (
    AllocationText,
    BandsText,
    ChangeText,
    CheckpointText,
    EachText,
    Effective,
    LevelsText,
    MemberText,
    Missing,
    MissingPart,
    Objective,
    ObjectiveKind,
    ParityText,
    RangeText,
    ReconcileText,
    Scorecard,
    Side,
    SignalsText,
    Spread,
    TargetRow,
    TargetsOf,
    TrajectoryText,
    UsualText,
    WeightText,
)
from kpidsl.model.reading import formula, is_true, label, mapping, part, text
from kpidsl.model.written import Formula

OF_ROWS = ("period", "from", "until", "target", "range")
"""The keys of a row of targets that name no member."""

OF_WEIGHTS = ("weight",)
"""The same of a row of weights."""


def objective(entry: Entry, version: str | None, sink: Sink) -> Objective:
    """Return an objective; what does not read is reported and left out."""
    node = entry.value
    assert isinstance(node, Mapping)
    kpi = part(node.get("kpi"))
    assert kpi is not None
    return Objective(
        name=entry.key.text,
        version=version,
        label=label(node.get("label")),
        description=label(node.get("description")),
        owner=text(node.get("owner")),
        kpi=kpi,
        kind=cast(ObjectiveKind, text(node.get("kind"))),
        by=tuple(found for item in _items(node.get("by")) if (found := part(item)) is not None),
        where=formula(node.get("where"), sink),
        period=part(node.get("period")),
        effective=_effective(mapping(node.get("effective"))),
        due=part(node.get("due")),
        target=formula(node.get("target"), sink),
        range=_range(node.get("range"), sink),
        tolerance=formula(node.get("tolerance"), sink),
        fade=formula(node.get("fade"), sink),
        targets=tuple(_row(item, sink) for item in _items(node.get("targets")) if isinstance(item, Mapping)),
        target_from=_targets_of(mapping(node.get("target_from")), sink),
        allocate=_allocation(mapping(node.get("allocate")), sink),
        reconcile=_reconciled(mapping(node.get("reconcile")), sink),
        baseline=formula(node.get("baseline"), sink),
        change=ChangeText(
            against=part(node.get("against")),
            is_relative=is_true(node.get("relative")),
            takes_size=text(node.get("base")) == "abs",
        ),
        trajectory=TrajectoryText(
            shape=part(node.get("trajectory")),
            checkpoints=tuple(_checkpoints(node.get("checkpoints"), sink)),
            too_early=formula(node.get("too_early"), sink),
            forecast=part(node.get("forecast")),
        ),
        each=_each(node),
        levels=_levels(mapping(node.get("levels")), sink),
        has_budget=is_true(node.get("error_budget")),
        among=tuple(found for item in _items(node.get("among")) if (found := part(item)) is not None),
        share=formula(node.get("share"), sink),
        parity=ParityText(formula(node.get("segment"), sink), formula(node.get("reference"), sink)),
        signals=_signals(node, sink),
        side=cast("Side | None", text(node.get("side"))),
        guardrails=tuple(_formulas(node.get("guardrails"), sink)),
        status=_bands(mapping(node.get("status")), sink),
        min_sample=_whole(node.get("min_sample")),
        weight=_weight(node.get("weight")),
        override_direction=text(node.get("override_direction")),
        key_spans={e.key.text: e.key.span for e in node},
        span=entry.key.span,
    )


def _items(node: YamlNode | None) -> tuple[YamlNode, ...]:
    if isinstance(node, Sequence):
        return node.items
    return () if node is None else (node,)


def _formulas(node: YamlNode | None, sink: Sink) -> Iterator[Formula]:
    for item in _items(node):
        found = formula(item, sink)
        if found is not None:
            yield found


def _targets_of(node: Mapping | None, sink: Sink) -> TargetsOf | None:
    dataset, value = (None if node is None else part(node.get(key)) for key in ("dataset", "value"))
    if node is None or dataset is None or value is None:
        return None
    return TargetsOf(
        dataset=dataset,
        value=value,
        take=part(node.get("take")),
        rival=part(node.get("rival")),
        max_age=formula(node.get("max_age"), sink),
        min_rivals=_whole(node.get("min_rivals")),
        key_spans={e.key.text: e.key.span for e in node},
        span=node.span,
    )


def _checkpoints(node: YamlNode | None, sink: Sink) -> Iterator[CheckpointText]:
    for item in _items(node):
        at = part(item.get("at")) if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and at is not None:
            yield CheckpointText(at, formula(item.get("share"), sink), item.span)


def _effective(node: Mapping | None) -> Effective | None:
    return None if node is None else Effective(part(node.get("from")), part(node.get("until")), node.span)


def _range(node: YamlNode | None, sink: Sink) -> RangeText | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        return None
    low, high = (None if text(item) is None else formula(item, sink) for item in node.items)
    return RangeText(low, high, node.span)


def _members(node: Mapping, others: tuple[str, ...]) -> tuple[MemberText, ...]:
    """Return the members that a row names, beside its other keys."""
    return tuple(
        MemberText(e.key.content, e.value.content if text(e.value) is not None else None, e.value.span)
        for e in node
        if e.key.text not in others and not e.key.text.startswith("x-") and isinstance(e.value, Scalar)
    )


def _allocation(node: Mapping | None, sink: Sink) -> AllocationText | None:
    if node is None:
        return None
    weights = node.get("weights")
    return AllocationText(
        over=part(node.get("over")),
        by=part(node.get("by")),
        across=tuple(found for item in _items(node.get("across")) if (found := part(item)) is not None),
        weights=tuple(
            WeightText(_members(item, OF_WEIGHTS), formula(item.get("weight"), sink), item.span)
            for item in weights.items
            if isinstance(item, Mapping)
        )
        if isinstance(weights, Sequence)
        else None,
        round=formula(node.get("round"), sink),
        key_spans={e.key.text: e.key.span for e in node},
        span=node.span,
    )


def _reconciled(node: Mapping | None, sink: Sink) -> ReconcileText | None:
    whole = None if node is None else part(node.get("with"))
    if node is None or whole is None:
        return None
    return ReconcileText(whole, formula(node.get("tolerance"), sink), node.span)


def _row(node: Mapping, sink: Sink) -> TargetRow:
    return TargetRow(
        members=_members(node, OF_ROWS),
        period=part(node.get("period")),
        days=_effective(node) if {"from", "until"} & {e.key.text for e in node} else None,
        target=formula(node.get("target"), sink),
        range=_range(node.get("range"), sink),
        span=node.span,
    )


def _bands(node: Mapping | None, sink: Sink) -> BandsText | None:
    if node is None:
        return None
    return BandsText(
        of=part(node.get("of")),
        on_track=formula(node.get("on_track"), sink),
        at_risk=formula(node.get("at_risk"), sink),
        span=node.span,
    )


def _levels(node: Mapping | None, sink: Sink) -> LevelsText | None:
    if node is None:
        return None
    threshold, stretch = formula(node.get("threshold"), sink), formula(node.get("stretch"), sink)
    return LevelsText(threshold, stretch, node.span)


def _each(node: Mapping) -> EachText:
    missing = node.get("missing")
    word = missing.text if isinstance(missing, Scalar) and missing.text else "not_met"
    return EachText(part(node.get("each")), part(node.get("times")), cast(MissingPart, word))


def _signals(node: Mapping, sink: Sink) -> SignalsText:
    return SignalsText(
        _usual(mapping(node.get("usual")), sink), _whole(node.get("run")), _whole(node.get("trend"))
    )


def _usual(node: Mapping | None, sink: Sink) -> UsualText | None:
    if node is None:
        return None
    return UsualText(
        start=part(node.get("from")),
        end=part(node.get("until")),
        last=_whole(node.get("last")),
        spread=cast(Spread, text(node.get("spread")) or "moving_range"),
        times=formula(node.get("times"), sink),
        min_points=_whole(node.get("min_points")),
        key_spans={e.key.text: e.key.span for e in node},
        span=node.span,
    )


def _whole(node: YamlNode | None) -> int | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, int) else None


def _weight(node: YamlNode | None) -> Decimal | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, int | float):
        return None
    return Decimal(str(node.value))


def scorecard(entry: Entry, version: str | None, sink: Sink) -> Scorecard:
    """Return a scorecard; what does not read is reported and left out."""
    node = entry.value
    assert isinstance(node, Mapping)
    missing = node.get("missing")
    word = missing.text if isinstance(missing, Scalar) and missing.text else "redistribute"
    return Scorecard(
        name=entry.key.text,
        version=version,
        label=label(node.get("label")),
        description=label(node.get("description")),
        owner=text(node.get("owner")),
        objectives=tuple(
            found for item in _items(node.get("objectives")) if (found := part(item)) is not None
        ),
        policy=part(node.get("policy")),
        veto=tuple(found for item in _items(node.get("veto")) if (found := part(item)) is not None),
        weight=_weight(node.get("weight")),
        clamp=_range(node.get("clamp"), sink),
        missing=cast(Missing, word),
        min_weight=formula(node.get("min_weight"), sink),
        status=_bands(mapping(node.get("status")), sink),
        key_spans={e.key.text: e.key.span for e in node},
        span=entry.key.span,
    )
