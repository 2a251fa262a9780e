"""`kpidsl check`: is everything in the project right, and with a connection its data too?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpidsl.cli.options import format_option, project_option, show_diagnostics
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from kpidsl.diagnostics import Sink
    from kpidsl.model.definitions import Project
    from kpidsl.semantics.check import CheckedProject

_OWN = "\0"
"""Stands for the project's own connection: a text that nobody can give."""


@click.command("check", cls=Command)
@click.argument("others", nargs=-1, metavar="")
@project_option
@format_option("text", "json")
@click.option(
    "--connection",
    is_flag=False,
    flag_value=_OWN,
    metavar="[URL]",
    help="Check keys, tables, columns and types on the data too. [the project's where no URL is given]",
)
@click.option(
    "--dialect",
    "dialects",
    multiple=True,
    metavar="D",
    help="Check that every definition can be said exactly in this SQL dialect too. Repeatable.",
)
def command(
    others: tuple[str, ...], folder: Path, format: str, connection: str | None, dialects: tuple[str, ...]
) -> int:
    """Check a project. With --connection also its data: keys unique, tables and columns as declared."""
    from kpidsl.checking import load
    from kpidsl.diagnostics import Sink
    from kpidsl.loading.errors import no_definitions
    from kpidsl.loading.schema_copies import warn_of_old_copies
    from kpidsl.source import SourceFile

    if others:
        raise click.UsageError(
            f"`check` reads the whole project, and not `{others[0]}` alone; "
            "a project in another folder is named with `--project DIR`"
        )
    sink = Sink()
    checked = load(folder, sink)
    if checked is not None and not sink.has_errors:
        _check_further(checked, sink)
        if not sink.reported and not _defines(checked.project):
            sink.report(no_definitions(SourceFile("kpidsl.yml", "")))
    if checked is not None and dialects and not sink.has_errors:
        from kpidsl.portability import check_dialect

        for dialect in dict.fromkeys(dialects):
            check_dialect(checked, dialect, sink)
    if checked is not None and connection is not None and not sink.has_errors:
        from kpidsl.running import connection_of
        from kpidsl.verifying.verify import verify

        url, base = connection_of(checked.project, None if connection == _OWN else connection)
        verify(checked, url, base, sink)
    if checked is not None and not sink.has_errors:
        from kpidsl.semantics.lints import lint

        found = Sink()
        lint(checked, found)
        # What a lexicon has beside what is bound is no slip of the project.
        theirs = frozenset[str]().union(*(lexicon.files for lexicon in checked.project.lexicons))
        sink.extend(one for one in found.reported if one.primary.span.location().path not in theirs)
        warn_of_old_copies(folder, sink)
    diagnostics = sink.diagnostics()
    show_diagnostics(diagnostics, format, sys.stdout if format == "json" else sys.stderr)
    if checked is None or sink.has_errors:
        return 1
    if format == "text":
        warnings = len(sink.warnings)
        also = f", {warnings} warning{'' if warnings == 1 else 's'}" if warnings else ""
        data = "; the data is as declared" if connection is not None else ""
        said = "".join(f"; {dialect} can say all of it" for dialect in dict.fromkeys(dialects))
        click.echo(f"{checked.project.name}: {_counted(checked.project)}, no mistakes{also}{said}{data}")
        for line in _of_lexicons(checked.project):
            click.echo(line)
    return 0


def _check_further(checked: CheckedProject, sink: Sink) -> None:
    """Report what is wrong with tests, and what hinders objectives from being evaluated."""
    from kpidsl.checking import unbound

    canonical = unbound(checked)
    if any(metric.definition.tests for metric in canonical.metrics.values()):
        from kpidsl.semantics.test_rows import check_tests

        check_tests(canonical, sink)
    if checked.objectives:
        from kpidsl.promises import check_promises

        check_promises(checked, sink)


def _counted(project: Project) -> str:
    """Return how much a project defines of each kind."""
    kpis = sum(metric.kind == "kpi" for metric in project.metrics.values())
    always = (
        (len(project.datasets), "dataset"),
        (sum(dimension.is_available for dimension in project.dimensions.values()), "dimension"),
        (len(project.metrics) - kpis, "metric"),
        (kpis, "KPI"),
    )
    some = ((len(project.calendars), "calendar"),) if project.calendars else ()
    more = ((len(project.objectives), "objective"), (len(project.scorecards), "scorecard"))
    counts = (*always[:1], *some, *always[1:], *(pair for pair in more if pair[0]))
    return ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)


def _of_lexicons(project: Project) -> Iterator[str]:
    """Yield for each lexicon that has KPIs how many of these are available."""
    known = (project.unbound or project).metrics
    for lexicon in project.lexicons:
        kpis = [
            name
            for (section, name), owner in project.origins.items()
            if section == "kpis" and owner == lexicon.name and known[name].kind == "kpi"
        ]
        left = sum(name in project.metrics for name in kpis)
        if kpis:
            called = lexicon.name if lexicon.version is None else f"{lexicon.name} {lexicon.version}"
            more = "" if left == len(kpis) else "; `kpidsl list unavailable` tells what the others lack"
            yield f"{called}: {left} of {len(kpis)} KPIs are available{more}"


def _defines(project: Project) -> bool:
    """Tell whether a project defines anything at all."""
    kinds = (project.datasets, project.calendars, project.dimensions)
    return any((*kinds, project.filters, project.parameters, project.metrics, project.objectives))
