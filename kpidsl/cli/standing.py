"""What the commands share that show how things stand: objectives and scorecards."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpidsl.cli.options import (
    format_option,
    given_parameters,
    leave_with,
    project_option,
    set_option,
    show_diagnostics,
)

if TYPE_CHECKING:
    from kpidsl.project import Objective, ObjectiveParts, Project, Query, Scorecard
    from kpidsl.report.result import Result
    from kpidsl.words.language import Locale

WORSE = {
    "missed": ("missed",),
    "off_track": ("missed", "off_track"),
    "at_risk": ("missed", "off_track", "at_risk"),
}
"""The statuses with which a command fails, by the least of them."""

_OPTIONS = (
    click.option(
        "--as-of",
        metavar="T",
        help="The instant that is asked for: 2026-08-15, '2026-08-15 14:30'. [default: now]",
    ),
    click.option(
        "--period",
        metavar="P",
        help="Only whole periods that have a day of it: 2026, 2026-Q3, 2026-08, 2026-01-01..2026-04-01.",
    ),
    click.option("--where", metavar="COND", help="A condition on dimensions, for example: channel = 'email'"),
    click.option("--every-period", is_flag=True, help="A line for each period, not for the latest alone."),
    click.option(
        "--fail-on",
        type=click.Choice(tuple(WORSE)),
        help="End with 1 where a line shown has this status, or a worse one.",
    ),
    click.option(
        "--connection",
        metavar="URL",
        help="For example duckdb:///data/shop.duckdb. [default: the project's]",
    ),
    click.option(
        "--locale", type=click.Choice(["en", "fr"]), help="Of words and numbers. [default: the project's]"
    ),
    set_option,
    project_option,
    format_option("table", "csv", "json"),
)


@dataclass(frozen=True)
class Asked:
    """What is asked of how things stand, as the options say it."""

    as_of: str | None
    period: str | None
    where: str | None
    every_period: bool
    fail_on: str | None
    connection: str | None
    locale: Locale | None
    parameters: tuple[str, ...]
    folder: Path
    format: str

    @property
    def told_in(self) -> str:
        """The format of diagnostics."""
        return "json" if self.format == "json" else "text"

    @property
    def parts(self) -> ObjectiveParts:
        """What the queries are asked for."""
        return {
            "as_of": self.as_of,
            "period": self.period,
            "where": self.where,
            "parameters": given_parameters(self.parameters),
        }


def standing_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add what can be asked of how things stand; the command takes it as `asked`."""

    @wraps(command)
    def asked(**given: Any) -> int:
        options = {field.name: given.pop(field.name) for field in fields(Asked)}
        return command(**given, asked=Asked(**options))

    for option in reversed(_OPTIONS):
        asked = option(asked)
    return asked


def answers(
    project: Project, wanted: Sequence[Objective | Scorecard], asked: Asked
) -> list[tuple[Query, Result]] | None:
    """Return the queries of objectives or scorecards with their answers, all on one connection.

    None after telling what is wrong with a query. Without a connection it is the project's.
    """
    from kpidsl.engines import connect
    from kpidsl.project import DefinitionError, Query, query_text
    from kpidsl.report.progress import progress
    from kpidsl.running import connection_of, now, run_on

    try:
        parts: ObjectiveParts = {**asked.parts, "as_of": asked.as_of or now()}
        # Mistakes stand at the options of the command.
        queries = [Query(one.project, query_text((), **parts), objective=one.checked) for one in wanted]
        for query in queries:
            show_diagnostics(query.warnings, "text", sys.stderr)
        with progress("running"):
            url, start = connection_of(project.checked.project, asked.connection)
            with connect(url, base=start) as opened:
                return [(query, run_on(query, opened)) for query in queries]
    except DefinitionError as wrong:
        leave_with(wrong.as_typed, asked.told_in)
        return None


def tell(
    rows: Sequence[Mapping[str, Any]],
    table: Callable[[], str],
    asked: Asked,
    lines: Sequence[Mapping[str, Any]] | None = None,
) -> int:
    """Print how things stand, and return the command's exit code. `lines` are the rows as CSV has them."""
    if asked.format == "table":
        shown = table()
        click.echo(shown.rstrip("\n")) if shown else click.echo("note: no rows answer this", err=True)
    else:
        click.echo(_as_json(rows) if asked.format == "json" else _as_csv(lines or rows), nl=False)
    return _exit_code(rows, asked.fail_on)


def _exit_code(rows: Sequence[Mapping[str, Any]], fail_on: str | None) -> int:
    """Return 1 where a row has a status with which the command fails, having said so."""
    failing = WORSE.get(fail_on or "", ())
    found = [row["status"] for row in rows if row["status"] in failing]
    if found:
        click.echo(f"{len(found)} of the lines shown fail: {', '.join(sorted(set(found)))}", err=True)
    return 1 if found else 0


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as JSON; cells may be mappings."""
    return json.dumps({"rows": [_plain(row) for row in rows]}, ensure_ascii=False, indent=2) + "\n"


def _plain(cell: Any) -> Any:
    from kpidsl.report.write import json_value

    if isinstance(cell, Mapping):
        return {name: _plain(value) for name, value in cell.items()}
    return json_value(cell)


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV; members stand in one cell, other mappings are left out."""
    from kpidsl.report.write import csv_cell

    shown = [{name: _in_a_cell(name, cell) for name, cell in row.items()} for row in rows]
    kept = [{name: cell for name, cell in row.items() if not isinstance(cell, Mapping)} for row in shown]
    lines = [",".join(kept[0])] if kept else []
    lines += [",".join(csv_cell(cell) for cell in row.values()) for row in kept]
    return "".join(line + "\n" for line in lines)


def _in_a_cell(name: str, cell: Any) -> Any:
    if name != "members":
        return cell
    told = (f"{member} = {'' if value is None else value}" for member, value in cell.items())
    return ", ".join(told) or None
