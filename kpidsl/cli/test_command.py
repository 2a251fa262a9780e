"""`kpidsl test`: the tests that stand inside definitions."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kpidsl.cli.options import called_so, checked_project, format_option, leave_with, project_option
from kpidsl.cli.single_options import Command


@click.command("test", cls=Command)
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "sqlite"]),
    default=None,
    help="Where to run, in memory. [default: duckdb]",
)
@click.option(
    "--connection",
    metavar="URL",
    help="Where to run instead: any engine; no table there is read or changed.",
)
@project_option
@format_option("text", "json")
def command(
    names: tuple[str, ...], engine: str | None, connection: str | None, folder: Path, format: str
) -> int:
    """Run the tests inside definitions: all of them, or those of some NAMEs."""
    from kpidsl.diagnostics import Sink, did_you_mean
    from kpidsl.testing import run_tests

    if engine is not None and connection is not None:
        raise click.UsageError("`--engine` and `--connection` both say where to run: give one of them")
    checked = checked_project(folder, format)
    for name in names:
        if name not in checked.metrics:
            defined = [metric.definition for metric in checked.metrics.values()]
            variants = ", ".join(f"`{one.name}`" for one in defined if one.terms.variant_of == name)
            meant = called_so(name, checked, "metric", "kpi") or did_you_mean(name, checked.metrics)
            hint = f"its variants are {variants}" if variants else meant
            raise click.UsageError(f"there is no metric or KPI `{name}`" + (f"; {hint}" if hint else ""))
    if not any(checked.metrics[name].definition.tests for name in names or checked.metrics):
        whose = " and ".join(f"`{name}`" for name in names) or "the project"
        has = "have" if len(names) > 1 else "has"
        raise click.UsageError(
            f"{whose} {has} no tests, so nothing was tested; they stand under `tests:` of a metric or KPI, "
            "and `kpidsl explain test/value` shows one"
        )
    sink = Sink()
    outcomes = run_tests(checked, names, connection or f"{engine or 'duckdb'}://", sink)
    if sink.has_errors:
        leave_with(sink.diagnostics(), format)
    failed = [outcome for outcome in outcomes if outcome.difference]
    if format == "json":
        shown = [
            {
                "kpi": o.metric,
                "test": o.test,
                "place": o.place,
                "passed": not o.difference,
                "difference": list(o.difference),
            }
            for o in outcomes
        ]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for outcome in outcomes:
            if outcome.difference:
                click.echo(f"FAILED  {outcome.metric}: {outcome.test} ({outcome.place})")
            else:
                click.echo(f"passed  {outcome.metric}: {outcome.test}")
            for line in outcome.difference:
                click.echo(f"        {line}")
        click.echo(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0
