"""`kpidsl explain`: a definition in words or stage by stage, or what a diagnostic's code means."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpidsl.cli.options import (
    checked_project,
    format_option,
    leave_with,
    project_option,
    query_part_options,
    query_parts,
    refuse_parts_of_kpis,
    width,
)
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from kpidsl.compiler import CompiledQuery
    from kpidsl.model.definitions import Project
    from kpidsl.planning import PlannedQuery
    from kpidsl.project import QueryParts
    from kpidsl.semantics.check import CheckedProject
    from kpidsl.semantics.objectives import Promise
    from kpidsl.words.finding import Candidate
    from kpidsl.words.language import Locale

_OF_QUERIES = ("leaves", "plan", "sql")
_STAGES = ("yaml", "formula", "checked", *_OF_QUERIES)
_KINDS = (
    "metric",
    "kpi",
    "dataset",
    "dimension",
    "filter",
    "parameter",
    "calendar",
    "objective",
    "scorecard",
)


@click.command("explain", cls=Command)
@click.argument("name", metavar="NAME_OR_CODE")
@click.option("--locale", type=click.Choice(["en", "fr"]), help="The language. [default: the project's]")
@click.option("--kind", type=click.Choice(_KINDS), help="Which one, where several bear the name.")
@click.option("--stage", type=click.Choice(_STAGES), help="Show one stage of the compiler.")
@click.option(
    "--dialect", default="duckdb", show_default=True, metavar="D", help="The dialect, for the stage sql."
)
@query_part_options
@project_option
@format_option("text", "json")
def command(
    name: str,
    locale: Locale | None,
    kind: str | None,
    stage: str | None,
    dialect: str,
    folder: Path,
    format: str,
    **parts: Any,
) -> int:
    """Explain a definition in words, or a code such as grain/fan-out.

    NAME is the name, label or synonym of a metric, KPI, dataset, dimension, filter or parameter, or a word of
    time such as week, weekday or signup.month. With the parts of a query the page says how that query is
    computed, and the stages leaves, plan and sql show it.
    """
    if "/" in name and _is_code(name):
        return _explain_code(name, format)
    from kpidsl.diagnostics.render_text import visible
    from kpidsl.words.explaining import explained, facts
    from kpidsl.words.written import locale_of

    checked = checked_project(folder, format)
    found = _found(checked.project, name, kind)
    if stage is not None:
        shown = _staged(checked, found, stage, query_parts(parts), dialect, format)
        answer: dict[str, Any] = {"name": found.name, "stage": stage, "text": shown}
    else:
        columns = 100 if format == "json" else width(sys.stdout)
        planned = _planned(checked, found, query_parts(parts), format)
        shown = explained(checked, found, locale or locale_of(checked), columns, planned)
        answer = {"name": found.name, "stage": stage, "text": shown}
        if format == "json":
            answer |= facts(checked, found, planned)
    click.echo(
        json.dumps(answer, ensure_ascii=False, indent=2)
        if format == "json"
        else "\n".join(map(visible, shown.rstrip("\n").split("\n")))
    )
    if kind is None:
        _tell_namesakes(checked.project, found)
    return 0


def _tell_namesakes(project: Project, found: Candidate) -> None:
    """Tell what else bears the name of what is explained, and how it is asked for."""
    from kpidsl.words.finding import namesakes

    for other in namesakes(project, found.name):
        if other.kind != found.kind and other.kind in _KINDS:
            asked = f"`kpidsl explain {other.name} --kind {other.kind}`"
            article = "an" if other.kind == "objective" else "a"
            click.echo(f"note: there is {article} {other.kind} `{other.name}` too: {asked}", err=True)


def _is_code(name: str) -> bool:
    """Tell whether a name with a `/` is like a code; labels have blanks or capitals around it."""
    return re.fullmatch(r"\s*[a-z-]*/[a-z-]*\s*", name) is not None


def _found(project: Project, name: str, kind: str | None) -> Candidate:
    """Return the one definition that is called so, of a kind if one is given, or end with 2."""
    from kpidsl.words.finding import close, find, namesakes, unavailable_called

    found = find(project, name)
    if kind is not None:
        found = tuple(one for one in namesakes(project, name) or found if one.kind == kind)
        if not found:
            raise click.UsageError(f"there is no {kind} `{name}`; see `kpidsl list`")
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"`{one.name}` ({one.kind})" for one in found)
        raise click.UsageError(f"`{name}` is what several definitions are called: {listed}")
    lack = project.lacking.get(("kpis", name))
    if lack is not None:
        from kpidsl.semantics.unavailable import help_for, told

        raise click.UsageError(f"`{name}` is not available: {told(lack)}; {help_for(lack)}")
    gone = unavailable_called(project, name)
    if gone:
        listed = ", ".join(f"`{one}`" for one in gone)
        tell = "`kpidsl list unavailable` tells what is missing"
        raise click.UsageError(f"what is called `{name}` is not available: {listed}; {tell}")
    near = " or ".join(f"`{one.name}`" for one in close(project, name))
    hint = f"did you mean {near}?" if near else "see `kpidsl list`"
    raise click.UsageError(f"nothing is called `{name}`; {hint}")


def _planned(
    checked: CheckedProject, found: Candidate, parts: QueryParts, format: str
) -> PlannedQuery | None:
    """Return the plan of the question that the parts of a query ask of a metric; without parts none."""
    from kpidsl.diagnostics import Sink
    from kpidsl.planning import plan_query
    from kpidsl.project import query_text

    if not any(parts.values()):
        return None
    if found.kind not in ("metric", "kpi"):
        raise click.UsageError(f"`{found.name}` is computed by no query: its page takes no parts of one")
    sink = Sink()
    planned = plan_query(checked, query_text(found.name, **parts), sink)
    if planned is None:
        leave_with(sink.diagnostics(), format)
    return planned


def _staged(
    checked: CheckedProject, found: Candidate, stage: str, parts: QueryParts, dialect: str, format: str
) -> str:
    if found.kind in ("metric", "kpi"):
        return _stage(checked, found.name, stage, parts, dialect, format)
    promise = _promise(checked, found)
    if promise is not None and stage in _OF_QUERIES:
        return _stage_of_promise(checked, promise, stage, parts, dialect, format)
    if found.span is None:
        raise click.UsageError(f"`{found.name}` is a word of the language, which no file defines")
    if stage != "yaml":
        stages = "its stages are yaml, leaves, plan, sql" if promise is not None else "its only stage is yaml"
        raise click.UsageError(f"`{found.name}` has no formula of its own; {stages}")
    return _source(found.span)


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


def _stage(
    checked: CheckedProject, name: str, stage: str, parts: QueryParts, dialect: str, format: str
) -> str:
    from kpidsl.compiler import compile_query
    from kpidsl.diagnostics import Sink
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
    compiled = compile_query(checked, query_text(name, **parts), dialect, sink)
    if compiled is None:
        leave_with(sink.diagnostics(), format)
        return ""
    return _printed(compiled, stage)


def _promise(checked: CheckedProject, found: Candidate) -> Promise | None:
    """Return the objective or scorecard that was found, if it is one."""
    if found.kind == "objective":
        return checked.objectives.get(found.name)
    return checked.scorecards.get(found.name) if found.kind == "scorecard" else None


def _stage_of_promise(
    checked: CheckedProject, promise: Promise, stage: str, parts: QueryParts, dialect: str, format: str
) -> str:
    from kpidsl.compiler import compile_objective
    from kpidsl.diagnostics import Sink
    from kpidsl.project import query_text

    refuse_parts_of_kpis((), parts)
    sink = Sink()
    compiled = compile_objective(checked, promise, query_text((), **parts), dialect, sink)
    if compiled is None:
        leave_with(sink.diagnostics(), format)
        return ""
    return _printed(compiled, stage)


def _printed(compiled: CompiledQuery, stage: str) -> str:
    from kpidsl.contexts.printing import print_leaves
    from kpidsl.plan.printing import print_plan

    if stage == "leaves":
        return print_leaves(compiled.leaves)
    return print_plan(compiled.plan) if stage == "plan" else compiled.sql
