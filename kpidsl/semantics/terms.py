"""On what terms metrics and KPIs may be asked: variants, what they require and forbid, what is deprecated.

A KPI's demands are those that it states and those of every metric and KPI in its formula. They are
demands on the query, so `share(k across channel)` is fine by channel though its total drops it; a
condition in the formula that fixes a dimension meets the demand for it, and so does `per`: each of
its values is asked of one member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.model.definitions import Metric, Project
from kpidsl.model.grains import Cut, GrainRule, bucket_of_day
from kpidsl.model.types import NULL, UNKNOWN
from kpidsl.semantics import query_errors, terms_errors
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Constant,
    Filtered,
    Grain,
    Member,
    MemberValue,
    MetricRef,
    ParameterRef,
    PerEntity,
    Total,
    children,
)
from kpidsl.semantics.near_metrics import unknown_metric
from kpidsl.semantics.periods import Window
from kpidsl.semantics.walks import conjuncts, sets_inside
from kpidsl.source import SourceText, Span
from kpidsl.syntax import parse_formula, tree


@dataclass(frozen=True, slots=True)
class Demands:
    """Members that must be grouped by or fixed, and members that must not be grouped by.

    Each comes with the metric or KPI that says so.
    """

    requires: Mapping[Member, str]
    forbids: Mapping[Member, str]


NO_DEMANDS = Demands({}, {})


def own_demands(metric: Metric, member_of: Callable[[tree.Name], Member | None], sink: Sink) -> Demands:
    """Return what a metric itself requires and forbids; names that are no members are reported."""

    def members(parts: Sequence[SourceText]) -> dict[Member, str]:
        found: dict[Member, str] = {}
        for part in parts:
            expr = parse_formula(part, sink)
            if isinstance(expr, tree.Name):
                member = member_of(expr)
                if member is not None:
                    found[member] = metric.name
            elif expr is not None:
                sink.report(query_errors.no_member(expr))
        return found

    found = Demands(members(metric.terms.requires), members(metric.terms.forbids))
    for member in found.requires:
        if member in found.forbids:
            sink.report(terms_errors.both_ways(metric.span, metric.name, member.text))
    return found


def demands_of(
    bound: Bound,
    of_metric: Callable[[str], Demands],
    project: Project,
    sink: Sink,
    own: Demands = NO_DEMANDS,
) -> Demands:
    """Return the demands of a formula, its metrics' and its own, without those that the formula meets.

    What the formula asks of its metrics `per` a member that they forbid is reported.
    """
    requires, forbids = dict(own.requires), dict(own.forbids)
    stack = [(bound, Frame(project, (), frozenset(), ()))]
    while stack:
        node, frame = stack.pop()
        if isinstance(node, MetricRef):
            inner = of_metric(node.name)
            for member, name in inner.requires.items():
                if not frame.meets(member):
                    requires.setdefault(member, name)
            for member, name in inner.forbids.items():
                forbids.setdefault(member, name)
                if member in frame.by:
                    sink.report(terms_errors.forbids_per(node.span, node.name, name, member.text))
            continue
        if isinstance(node, Filtered):
            fixed = frame.fixed.union(fixed_by(node.condition))
            stack.append((node.operand, replace(frame, fixed=fixed)))
        elif isinstance(node, Total):
            stack.append((node.operand, replace(frame, by=tuple(_kept(frame.by, node)))))
        elif isinstance(node, PerEntity):
            # Only what is asked of each entity is grouped by it, not what it is looked for in.
            stack.append((node.operand, replace(frame, by=(*frame.by, *node.members))))
            stack.extend((child, frame) for child in children(node) if child is not node.operand)
        else:
            inside = sets_inside(node) if isinstance(node, Aggregate) else children(node)
            stack.extend((child, frame) for child in inside)
    return Demands(requires, forbids)


def _kept(members: Iterable[Member], total: Total) -> Iterator[Member]:
    """Yield the members by which a total is still grouped."""
    for member in members:
        if isinstance(member, Grain) if total.across is None else member not in total.across:
            yield member


def fixed_by(condition: Bound | None) -> Iterator[Member]:
    """Yield the members that have one value only where a condition holds."""
    for part in () if condition is None else conjuncts(condition):
        match part:
            case Apply(op="=", args=(MemberValue(member=member), other)) if _is_value(other):
                yield member
            case Apply(op="=", args=(other, MemberValue(member=member))) if _is_value(other):
                yield member
            case Apply(op="in", args=(MemberValue(member=member), other)) if _is_value(other):
                yield member
            case Apply(op="is_null", args=(MemberValue(member=member),)):
                yield member
            case _:
                pass


def _is_value(bound: Bound) -> bool:
    return isinstance(bound, Constant) or (isinstance(bound, ParameterRef) and not bound.is_list)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a query, or a part of a formula, groups by and fixes."""

    project: Project
    by: tuple[Member, ...]
    fixed: frozenset[Member]
    windows: tuple[Window, ...]

    def meets(self, member: Member) -> bool:
        """Tell whether each row of the result, or each entity, has one value of a member."""
        if member in self.by or member in self.fixed:
            return True
        if not isinstance(member, Grain):
            return False
        rule = self.project.grains[member.name]
        cut = self.project.cut
        grouped = (self.project.grains[other.name] for other in self.by if isinstance(other, Grain))
        if any(_lies_within(grain, rule, cut) for grain in grouped):
            return True
        return bool(self.windows) and all(_in_one_bucket(window, rule, cut) for window in self.windows)


def _lies_within(finer: GrainRule, coarser: GrainRule, cut: Cut) -> bool:
    """Tell whether each bucket of a grain lies inside one bucket of another."""
    if finer.calendar is not None or coarser.calendar is not None:
        return False
    if finer.is_instant:
        return not coarser.is_instant or (finer.unit == "minute" and coarser.unit == "hour")
    if finer.unit == "day":
        return finer.count == 1 and not coarser.is_instant
    if coarser.unit != "month" or coarser.count % finer.count:
        return False
    return (cut.month_of_anchor(finer) - cut.month_of_anchor(coarser)) % finer.count == 0


def _in_one_bucket(window: Window, rule: GrainRule, cut: Cut) -> bool:
    if window.start is None or window.end is None or rule.calendar is not None or rule.is_instant:
        return False
    last = window.end - timedelta(days=1)
    return bucket_of_day(rule, window.start, cut) == bucket_of_day(rule, last, cut)


def check_demands(name: str, span: Span, demands: Demands, frame: Frame, sink: Sink) -> None:
    """Report what a KPI of a query demands and the query does not do."""
    for member, owner in demands.requires.items():
        if not frame.meets(member):
            is_grain = isinstance(member, Grain)
            sink.report(terms_errors.requires(span, name, owner, member.text, is_grain=is_grain))
    for member, owner in demands.forbids.items():
        if member in frame.by:
            sink.report(terms_errors.forbids(span, name, owner, member.text))


def check_terms(
    project: Project,
    bounds: Mapping[str, Bound],
    member_of: Callable[[tree.Name], Member | None],
    sink: Sink,
) -> Mapping[str, Demands]:
    """Return the demands of each metric and KPI; terms that cannot be are reported.

    Needs: `bounds` has every metric after those in its formula.
    """
    found: dict[str, Demands] = {}
    for name, bound in bounds.items():
        metric = project.metrics[name]
        own = own_demands(metric, member_of, sink)
        found[name] = demands_of(bound, found.__getitem__, project, sink, own)
        _check_rest(metric, bound, project, sink)
    return found


def _check_rest(metric: Metric, bound: Bound, project: Project, sink: Sink) -> None:
    terms = metric.terms
    taken = project.metrics.get(terms.variant_of or "")
    if taken is not None and terms.variant_span is not None:
        told = terms_errors.variant_name(terms.variant_span, metric.name, taken.name, taken.span)
        sink.report(told)
    deprecated = terms.deprecated
    if deprecated is not None and deprecated.use is not None and deprecated.use not in project.metrics:
        sink.report(unknown_metric(deprecated.span, deprecated.use, project))
    if terms.bounds is not None and not bound.type.is_numeric and bound.type not in (NULL, UNKNOWN):
        sink.report(terms_errors.bounds_type(terms.bounds.span, metric.name))


def everyday_name(project: Project, name: str, span: Span) -> Diagnostic | None:
    """Return what to say of an everyday name that KPIs share, or None where it is none."""
    found = [metric for metric in project.metrics.values() if metric.terms.variant_of == name]
    missing = [
        kpi
        for (section, kpi), lack in project.lacking.items()
        if section == "kpis" and lack.variant_of == name
    ]
    if not found and not missing:
        return None
    named = [(metric.name, tuple(dict.fromkeys(metric.label.values()))) for metric in found]
    return terms_errors.variants(span, name, named, missing)


def named_metrics(bound: Bound) -> Iterator[MetricRef]:
    """Yield the metrics and KPIs that a formula itself names."""
    stack = [bound]
    while stack:
        node = stack.pop()
        if isinstance(node, MetricRef):
            yield node
        inside = sets_inside(node) if isinstance(node, Aggregate) else children(node)
        stack.extend(reversed(inside))


def warn_of_deprecated(found: Iterable[tuple[str, Span]], project: Project, sink: Sink) -> None:
    """Warn of each deprecated metric or KPI among those found, once."""
    told: set[str] = set()
    for name, span in found:
        deprecated = project.metrics[name].terms.deprecated
        if deprecated is not None and name not in told:
            told.add(name)
            sink.report(terms_errors.deprecated(span, name, deprecated.since, deprecated.use))
