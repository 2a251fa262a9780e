"""Which definitions name which word in their formulas, as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Formula, Metric, Project
from kpidsl.semantics import errors
from kpidsl.semantics.functions import AGGREGATES, VALUES
from kpidsl.syntax import tree


def mentions(project: Project) -> Mapping[str, frozenset[str]]:
    """Return, for each short name in a formula or condition, the definitions that name it."""
    found: dict[str, set[str]] = {}
    for owner, formula in _formulas(project):
        if formula.expr is None:
            continue
        for node in tree.walk(formula.expr):
            if isinstance(node, tree.Name) and len(node.parts) == 1:
                found.setdefault(node.parts[0], set()).add(owner)
    return {name: frozenset(owners) for name, owners in found.items()}


def _formulas(project: Project) -> Iterator[tuple[str, Formula]]:
    for dataset in project.datasets.values():
        if dataset.where is not None:
            yield dataset.name, dataset.where
        for column in dataset.columns.values():
            if column.expr is not None:
                yield f"{dataset.name}.{column.name}", column.expr
        for join in dataset.joins.values():
            for formula in () if join.nearest is None else (join.nearest.within, join.nearest.where):
                if formula is not None:
                    yield f"{dataset.name}.{join.name}", formula
    for dimension in project.dimensions.values():
        for source in dimension.sources.values():
            yield dimension.name, source
    for named in project.filters.values():
        yield named.name, named.condition
    for metric in project.metrics.values():
        yield metric.name, metric.formula


def in_order(project: Project, sink: Sink) -> Iterable[str]:
    """Yield the metrics so that each comes after those it rests on; circles are reported once.

    Iterative, since a chain of metrics may be longer than Python's stack.
    """
    needs = {name: _mentioned(metric, project) for name, metric in project.metrics.items()}
    done: dict[str, bool] = {}
    for root in project.metrics:
        if root in done:
            continue
        trail: list[str] = [root]
        on_trail = {root}
        pending = [iter(needs[root])]
        while trail:
            step = next(pending[-1], None)
            if step is None:
                name = trail.pop()
                on_trail.discard(name)
                pending.pop()
                if name not in done:
                    done[name] = True
                    yield name
            elif step in on_trail:
                circle = trail[trail.index(step) :]
                sink.report(errors.cycle(circle, [project.metrics[name].span for name in circle]))
                done.update(dict.fromkeys(circle, False))
            elif step not in done:
                trail.append(step)
                on_trail.add(step)
                pending.append(iter(needs[step]))


def _mentioned(metric: Metric, project: Project) -> tuple[str, ...]:
    expr = metric.formula.expr
    if expr is None:
        return ()
    found: dict[str, None] = {}
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Name) and node.text in project.metrics:
            found[node.text] = None
        # Inside an aggregate, and in a condition, names are columns, datasets and dimensions.
        if isinstance(node, tree.Where):
            stack.append(node.operand)
        elif isinstance(node, tree.Call) and (node.function in AGGREGATES or node.function == VALUES.name):
            stack.extend(_formulas_in(node))
        else:
            stack.extend(reversed(tree.children(node)))
    return tuple(found)


def _formulas_in(aggregate: tree.Call) -> Iterator[tree.Expr]:
    """Yield what in an aggregate is a formula itself: values of entities, what `having` tests, sets."""
    if any(modifier.word == "per" for modifier in aggregate.modifiers):
        yield from aggregate.arguments
    for modifier in aggregate.modifiers:
        if modifier.word == "having":
            yield from modifier.arguments
    for argument in aggregate.arguments:
        yield from (node.set for node in tree.walk(argument) if isinstance(node, tree.InSet))
