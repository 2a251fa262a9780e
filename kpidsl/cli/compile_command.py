"""`kpidsl compile`: the SQL that answers a question, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpidsl.cli.options import (
    checked_project,
    format_option,
    leave_with,
    objective_named,
    project_option,
    query_options,
    query_parts,
    refuse_no_kpi,
    refuse_parts_of_kpis,
    scorecard_named,
    show_diagnostics,
)
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from kpidsl.semantics.objectives import Promise


@click.command("compile", cls=Command)
@query_options
@click.option("--objective", metavar="NAME", help="The SQL that evaluates an objective, in place of KPIs.")
@click.option("--scorecard", metavar="NAME", help="The SQL that evaluates a scorecard, in place of KPIs.")
@click.option("--dialect", default="duckdb", show_default=True, metavar="D", help="The SQL dialect.")
@project_option
@format_option("text", "json")
def command(
    kpis: tuple[str, ...],
    objective: str | None,
    scorecard: str | None,
    dialect: str,
    folder: Path,
    format: str,
    **parts: Any,
) -> int:
    """Print the SQL of one or several KPIs. A KPI is a name, or an ad-hoc `name = formula`."""
    from kpidsl.compiler import compile_objective, compile_query
    from kpidsl.diagnostics import Sink
    from kpidsl.project import query_text, result_columns, written_parameters

    if objective is not None and scorecard is not None:
        raise click.UsageError(
            "`--objective` and `--scorecard` ask for two statements: compile one, then the other"
        )
    checked = checked_project(folder, format)
    sink = Sink()
    text = query_text(kpis, **query_parts(parts))
    if objective is None and scorecard is None:
        refuse_no_kpi(kpis, checked, "compile")
        compiled = compile_query(checked, text, dialect, sink)
    else:
        if scorecard is not None:
            found: Promise = scorecard_named(scorecard, checked)
        else:
            assert objective is not None
            found = objective_named(objective, checked)
        refuse_parts_of_kpis(kpis, parts)
        compiled = compile_objective(checked, found, text, dialect, sink)
    if compiled is None:
        leave_with(sink.diagnostics(), format)
        return 1
    show_diagnostics(sink.warnings, "text", sys.stderr)
    if format == "json":
        columns = [{"name": c.name, "type": str(c.type), "unit": c.unit} for c in result_columns(compiled)]
        shown: dict[str, Any] = {"sql": compiled.sql, "dialect": dialect, "columns": columns}
        if compiled.planned.parameters:
            shown["parameters"] = written_parameters(compiled.planned.parameters)
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        click.echo(compiled.sql, nl=False)
    return 0
