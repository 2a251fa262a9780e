"""`kpidsl explain`: a definition, stage by stage, or what a diagnostic's code means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpidsl.cli.options import checked_project, format_option, leave_with, project_option, split

if TYPE_CHECKING:
    from kpidsl.semantics.check import CheckedMetric, CheckedProject

_STAGES = ("yaml", "formula", "checked", "leaves", "plan", "sql")


@click.command("explain")
@click.argument("name", metavar="NAME_OR_CODE")
@click.option("--stage", type=click.Choice(_STAGES), help="Show one stage of the compiler.")
@click.option("--by", multiple=True, metavar="A,B", help="Groups, for the stages leaves, plan and sql.")
@click.option(
    "--dialect", default="duckdb", show_default=True, metavar="D", help="The dialect, for the stage sql."
)
@project_option
@format_option("text", "json")
def command(
    name: str, stage: str | None, by: tuple[str, ...], dialect: str, folder: Path, format: str
) -> int:
    """Explain a metric, KPI, dataset or dimension, or a code such as grain/fan-out."""
    if "/" in name:
        return _explain_code(name, format)
    from kpidsl.diagnostics.render_text import visible

    checked = checked_project(folder, format)
    project = checked.project
    if name in checked.metrics:
        shown = _stage(checked, name, stage, split(by), dialect, format) if stage else _metric(checked, name)
    elif (name in project.datasets or name in project.dimensions) and stage in (None, "yaml"):
        definition = project.datasets.get(name) or project.dimensions[name]
        shown = _source(definition.span) if stage else _dataset_or_dimension(checked, name)
    elif name in project.datasets or name in project.dimensions:
        raise click.UsageError(f"`{name}` has no formula of its own; its only stage is yaml")
    else:
        from kpidsl.diagnostics import did_you_mean

        known = (*checked.metrics, *project.datasets, *project.dimensions)
        raise click.UsageError(
            f"nothing is called `{name}`; {did_you_mean(name, known) or 'see `kpidsl list`'}"
        )
    click.echo(
        json.dumps({"name": name, "stage": stage, "text": shown}, ensure_ascii=False, indent=2)
        if format == "json"
        else "\n".join(map(visible, shown.rstrip("\n").split("\n")))
    )
    return 0


def _explain_code(code: str, format: str) -> int:
    from kpidsl.diagnostics.pages import page
    from kpidsl.diagnostics.registry import all_rules

    rules = all_rules()
    text = page(code)
    if text is None:
        from kpidsl.diagnostics import did_you_mean

        raise click.UsageError(
            f"there is no code `{code}`; {did_you_mean(code, rules) or 'codes look like grain/fan-out'}"
        )
    click.echo(
        json.dumps({"code": code, "summary": rules[code].summary, "text": text}, ensure_ascii=False, indent=2)
        if format == "json"
        else text.rstrip("\n")
    )
    return 0


def _source(span: object) -> str:
    """Return a definition's YAML as it stands in the file: its key and everything indented below it."""
    from kpidsl.source import Span

    assert isinstance(span, Span)
    file = span.file()
    place = span.location()
    lines = file.text.splitlines()
    first = place.line - 1
    indent = len(lines[first]) - len(lines[first].lstrip())
    last = first + 1
    while last < len(lines) and (
        not lines[last].strip() or len(lines[last]) - len(lines[last].lstrip()) > indent
    ):
        last += 1
    body = "\n".join(line[indent:] for line in lines[first:last]).rstrip()
    return f"# {place.path}:{place.line}\n{body}\n"


def _stage(checked: CheckedProject, name: str, stage: str, by: list[str], dialect: str, format: str) -> str:
    from kpidsl.compiler import compile_query
    from kpidsl.contexts.printing import print_leaves
    from kpidsl.diagnostics import Sink
    from kpidsl.plan.printing import print_plan
    from kpidsl.project import query_text
    from kpidsl.semantics.printing import print_bound
    from kpidsl.syntax import print_formula

    metric = checked.metrics[name]
    if stage == "yaml":
        return _source(metric.definition.span)
    if stage == "formula":
        assert metric.definition.formula.expr is not None
        return print_formula(metric.definition.formula.expr)
    if stage == "checked":
        return f"{name}: {metric.type} = {print_bound(metric.bound)}"
    sink = Sink()
    compiled = compile_query(checked, query_text(name, by=by), dialect, sink)
    if compiled is None:
        leave_with(sink.diagnostics(), format)
        return ""
    if stage == "leaves":
        return print_leaves(compiled.leaves)
    return print_plan(compiled.plan) if stage == "plan" else compiled.sql


def _metric(checked: CheckedProject, name: str) -> str:
    from kpidsl.syntax import print_formula

    metric = checked.metrics[name]
    definition = metric.definition
    locale = checked.project.locale
    label = definition.label.get(locale) or definition.label.get("") or definition.label.get("en") or name
    version = f" {definition.version}" if definition.version else ""
    lines = [f"{label} ({definition.kind} {name}{version})"]
    description = (
        definition.description.get(locale)
        or definition.description.get("")
        or definition.description.get("en")
    )
    if description:
        lines.append(f"  {description}")
    assert definition.formula.expr is not None
    facts = {
        "formula": print_formula(definition.formula.expr),
        "type": str(metric.type),
        "unit": definition.unit,
        "better": {"up": "higher", "down": "lower", "range": "within a range"}.get(
            definition.direction or ""
        ),
        "owner": definition.owner,
        "reads": ", ".join(sorted(metric.datasets)) or "nothing",
        "rests on": ", ".join(_mentioned(metric)) or None,
        "groups by": ", ".join(_dimensions(checked, metric)) or "nothing",
        "tests": str(len(definition.tests)),
    }
    lines.extend(f"  {key:<10} {value}" for key, value in facts.items() if value)
    return "\n".join(lines)


def _mentioned(metric: CheckedMetric) -> list[str]:
    from kpidsl.semantics.bound import MetricRef, children

    found: dict[str, None] = {}
    stack = [metric.bound]
    while stack:
        node = stack.pop()
        if isinstance(node, MetricRef):
            found[node.name] = None
        stack.extend(reversed(children(node)))
    return list(found)


def _dimensions(checked: CheckedProject, metric: CheckedMetric) -> list[str]:
    """Return the grains and dimensions that every dataset of the metric reaches."""
    from kpidsl.diagnostics import Sink
    from kpidsl.semantics.bound import DimensionMember

    timed = metric.datasets and all(checked.datasets[name].time is not None for name in metric.datasets)
    fiscal = checked.project.fiscal_year_start != 1
    grains = [g for g, rule in checked.project.grains.items() if fiscal or rule.anchor != "fiscal_year"]
    found = grains if timed else []
    for name, dimension in checked.project.dimensions.items():
        sink = Sink()
        for dataset in metric.datasets:
            checked.rows.member(dataset, DimensionMember(name), dimension.span, sink, dimension.span)
        if metric.datasets and not sink.has_errors:
            found.append(name)
    return found


def _dataset_or_dimension(checked: CheckedProject, name: str) -> str:
    from kpidsl.semantics.printing import print_bound

    project = checked.project
    if name in project.datasets:
        dataset = project.datasets[name]
        source = ".".join(part.text for part in dataset.table) if dataset.table else "a select of its own"
        lines = [
            f"dataset {name}: {dataset.description or ''}".rstrip(": "),
            f"  source     {source}",
            f"  one row per {', '.join(dataset.key)}",
        ]
        time = checked.datasets[name].time
        if time is not None:
            lines.append(f"  time       {print_bound(time)}")
        condition = checked.datasets[name].condition
        if condition is not None:
            lines.append(f"  where      {print_bound(condition)}")
        lines.extend(f"  column     {column.name}: {column.type}" for column in dataset.columns.values())
        lines.extend(f"  join       {join.name} to {join.target}" for join in dataset.joins.values())
        return "\n".join(lines)
    dimension = project.dimensions[name]
    lines = [f"dimension {name}"]
    lines.extend(f"  on {dataset}: {formula.text}" for dataset, formula in dimension.sources.items())
    return "\n".join(lines)
