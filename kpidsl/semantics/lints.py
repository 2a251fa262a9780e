"""What is worth a second look in a checked project; nothing here stops anything."""

from __future__ import annotations

import re
from collections.abc import Container

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Dataset, Metric, Project
from kpidsl.semantics import lint_errors, null_lints
from kpidsl.semantics.bound import Aggregate, Bound, RowColumn
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.facts import has_dimension
from kpidsl.semantics.fixed_zones import fixed_zone
from kpidsl.semantics.mentions import mentions
from kpidsl.semantics.own_key_lints import own_keys, own_keys_of_columns
from kpidsl.semantics.rate_lints import rates
from kpidsl.semantics.scale_lints import scaled_fractions
from kpidsl.semantics.terms import named_metrics, warn_of_deprecated
from kpidsl.semantics.walks import inside
from kpidsl.source import Span
from kpidsl.syntax import print_formula, tree

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def lint(project: CheckedProject, sink: Sink) -> None:
    """Warn of what is allowed and yet likely to be a slip."""
    fixed_zone(project.project, sink)
    _same_formulas(project, sink)
    told: set[Span] = set()
    for metric in project.metrics.values():
        refs = ((ref.name, ref.span) for ref in named_metrics(metric.bound))
        warn_of_deprecated(refs, project.project, sink)
        requires = [word for part in metric.definition.terms.requires for word in _WORD.findall(part.text)]
        expr = metric.definition.formula.expr
        lint_formula(expr, metric.bound, project, told, sink, requires, metric.definition)
    own_keys_of_columns(project, sink)
    _unused(project, sink)


def lint_formula(
    expr: tree.Expr | None,
    bound: Bound,
    project: CheckedProject,
    told: set[Span],
    sink: Sink,
    requires: Container[str] = (),
    metric: Metric | None = None,
) -> None:
    """Warn of what is likely to be a slip in a formula; negations that are `told` are told once.

    `requires` are the members without which it is not asked, `metric` is what the formula defines.
    """
    nodes = tuple(inside(bound))
    aggregates = [node for node in nodes if isinstance(node, Aggregate)]
    for aggregate in aggregates:
        if aggregate.function == "sum" and expr is not None:
            _repeated_parent(aggregate, expr, project, sink)
    for aggregate in aggregates:
        null_lints.null_keys(aggregate, project, told, sink)
    own_keys(nodes, project, sink)
    rates(nodes, project, requires, sink)
    if expr is not None:
        scaled_fractions(bound, expr, metric, sink)


def _same_formulas(project: CheckedProject, sink: Sink) -> None:
    first: dict[Bound, Metric] = {}
    for metric in project.metrics.values():
        if metric.definition.kind == "kpi":
            other = first.setdefault(metric.bound, metric.definition)
            if other is not metric.definition:
                sink.report(lint_errors.same_formula(metric.definition, other))


def _repeated_parent(total: Aggregate, expr: tree.Expr, project: CheckedProject, sink: Sink) -> None:
    """Warn of a sum over a column of a parent, whose value each of its children would add."""
    if total.argument is None:
        return
    columns = [node for node in inside(total.argument) if isinstance(node, RowColumn)]
    # A parent without a time of its own (prices, rates) is looked up: each row has its value.
    if not columns or not all(c.path and project.datasets[c.dataset].time is not None for c in columns):
        return
    call = _sum_at(total.span, expr)
    if call is None:
        return
    argument = call.arguments[0]
    if isinstance(argument, tree.Where):
        argument = argument.operand
    names = [node for node in tree.walk(argument) if isinstance(node, tree.Name)]
    home = project.datasets[total.dataset].definition
    if all(_walks(name, home) for name in names):
        parent = columns[0].dataset
        written = print_formula(argument)
        own = None
        if len(names) == 1 and _ends_at(names[0], home, project) == parent:
            own = f"sum({parent}.{names[0].parts[-1]})"
        sink.report(lint_errors.repeated_parent(argument.span, written, parent, home.name, own))


def _sum_at(span: Span, expr: tree.Expr) -> tree.Call | None:
    """Return the sum that is written at a place of a formula; it may stand in a metric that this names."""
    for node in tree.walk(expr):
        if isinstance(node, tree.Call) and node.function == "sum" and node.span == span:
            return node
    return None


def _walks(name: tree.Name, home: Dataset) -> bool:
    """Tell whether a name is written as a path over a join."""
    steps = name.parts[1:] if name.parts[0] == home.name else name.parts
    return len(steps) > 1


def _ends_at(name: tree.Name, home: Dataset, project: CheckedProject) -> str:
    """Return the dataset whose column a path names; what that is computed from may be another's."""
    at = home
    for step in name.parts[name.parts[0] == home.name : -1]:
        at = project.project.datasets[at.joins[step].target]
    return at.name


def _unused(project: CheckedProject, sink: Sink) -> None:
    defined = project.project
    named = _words_named(defined) if defined.parameters or defined.filters else frozenset()
    for parameter in defined.parameters.values():
        if parameter.name not in named:
            sink.report(lint_errors.unused(parameter.span, "parameter", parameter.name))
    for one in defined.filters.values():
        if one.name not in named:
            sink.report(lint_errors.unused(one.span, "filter", one.name))
    read = {dataset for metric in project.metrics.values() for dataset in metric.datasets}
    for dimension in defined.dimensions.values():
        if read and not any(has_dimension(dataset, dimension.name, project) for dataset in read):
            sink.report(lint_errors.unreached(dimension.span, dimension.name))


def _words_named(defined: Project) -> frozenset[str]:
    """Return the words of formulas and conditions, and of the questions of tests."""
    parts = (
        part
        for metric in defined.metrics.values()
        for test in metric.tests
        for part in (test.query.where, test.query.having, *test.query.kpis)
    )
    asked = (word for part in parts if part is not None for word in _WORD.findall(part.text))
    return frozenset((*mentions(defined), *asked))
