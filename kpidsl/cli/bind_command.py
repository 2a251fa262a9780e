"""`kpidsl bind`: a binding of a lexicon, proposed from the tables that a connection has."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kpidsl.cli.options import format_option, leave_with, project_option, width
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpidsl.model.definitions import Dataset
    from kpidsl.proposing.known import Known
    from kpidsl.proposing.matching import Match
    from kpidsl.proposing.propose import Proposal

_MOST = 10
"""How many of what is missing are listed, the most useful first."""


@click.command("bind", cls=Command)
@click.argument("lexicon", metavar="LEXICON")
@click.option(
    "--connection",
    metavar="URL",
    help="Whose tables are looked at, for example duckdb:///data/shop.duckdb. [default: the project's]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the binding into a new file in place of showing it.",
)
@click.option("--locale", type=click.Choice(["en", "fr"]), default="en", help="Of remarks. [default: en]")
@click.option(
    "--timezone",
    metavar="ZONE",
    help="Of times that are stored without a zone, for example Europe/Paris. [default: UTC, with a remark]",
)
@project_option
@format_option("text", "json")
def command(
    lexicon: str,
    connection: str | None,
    output: Path | None,
    locale: Literal["en", "fr"],
    timezone: str | None,
    folder: Path,
    format: str,
) -> int:
    """Propose where the datasets of a LEXICON are among the tables of a connection.

    Prints `use:` and `bind:` for kpidsl.yml, with a remark for each guess that is more than an equal name,
    and tells on stderr what it makes available and what it leaves open. Tables of schemas that many have
    (Shopify, Zendesk, Google Analytics …) are bound as kpidsl ships it. Nothing is bound for which two tables
    or two columns would do. No row is read.
    """
    from kpidsl.diagnostics import Sink
    from kpidsl.diagnostics.render_text import wrapped
    from kpidsl.engines import connect
    from kpidsl.formatting.files import format_text
    from kpidsl.loading.discovery import PROJECT_FILE
    from kpidsl.model.zones import zone, zone_help
    from kpidsl.proposing.propose import propose, tables_of
    from kpidsl.proposing.written import Writer
    from kpidsl.sql.dialects import DIALECTS

    if output is not None and output.exists():
        raise click.UsageError(f"{output} is there already; nothing of yours is overwritten")
    if timezone is not None and zone(timezone) is None:
        near = zone_help(timezone)
        raise click.UsageError(f"there is no time zone `{timezone}`{f'; {near}' if near else ''}")
    url, base = _connection(connection, folder, format)
    with connect(url, base=base) as opened:
        tables = tables_of(opened)
        writer = Writer(DIALECTS[opened.dialect], locale, timezone)
    sink = Sink()
    found = propose(folder, lexicon, tables, writer, sink)
    if found is None or sink.has_errors:
        leave_with(sink.diagnostics(), format)
        return 1
    text = found.text
    if not _has_text(folder / PROJECT_FILE):
        text = f"project: {_name(folder)}\nlanguage: 1\n{text}"
        text += f"connection: {url}\n" if connection is not None else ""
    text = format_text(text, "project") or text
    if output is not None:
        output.write_text(text, encoding="utf-8")
    if format == "json":
        click.echo(json.dumps(_as_json(found, text), ensure_ascii=False, indent=2))
        return 0
    if output is None:
        click.echo(text, nl=False)
    for line in _told(found, lexicon, locale):
        click.echo(wrapped(line, width(sys.stderr), "  "), err=True)
    return 0


def _connection(connection: str | None, folder: Path, format: str) -> tuple[str, Path]:
    """Return the URL that is looked at, and the folder from which it counts."""
    if connection is not None:
        return connection, Path.cwd()
    from kpidsl.checking import load_project
    from kpidsl.diagnostics import Sink
    from kpidsl.running import connection_of

    sink = Sink()
    project = load_project(folder, sink)
    if project is None:
        leave_with(sink.diagnostics(), format)
    assert project is not None
    return connection_of(project, None)


def _has_text(file: Path) -> bool:
    """Tell whether a file holds anything; a shell makes the one that it writes into before."""
    return file.is_file() and file.stat().st_size > 0


def _name(folder: Path) -> str:
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in folder.resolve().name.lower())
    name = letters.strip("_")
    return name if name[:1].isalpha() else "shop"


def _missing(found: Proposal) -> list[tuple[str, int]]:
    """Return what KPIs lack, datasets and columns, each with how many lack it: the most first."""
    counted = Counter(part for lack in found.lacking.values() for part in (*lack.datasets, *lack.columns))
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _told(found: Proposal, lexicon: str, locale: Literal["en", "fr"]) -> Iterator[str]:
    from kpidsl.proposing.matching import required
    from kpidsl.proposing.phrases import say

    if not (found.tables or found.schemas or found.open):
        yield say(locale, "nothing", lexicon)
    for one in found.schemas:
        yield _of_schema(one, locale)
    for name, matches in found.open.items():
        needed = required(found.lexicon.datasets[name])
        lacking = [one for one in needed if not (one in matches[0].found or one in matches[0].given)]
        if lacking:
            named = ", ".join(
                _perhaps(found.lexicon.datasets[name], matches[0], one, locale) for one in lacking
            )
            yield say(locale, "no_key", name, matches[0].table.name, named)
        else:
            yield say(locale, "several", name, ", ".join(f"`{one.table.name}`" for one in matches))
    if found.unused:
        shown = ", ".join(f"`{name}`" for name in found.unused[:_MOST])
        more = len(found.unused) - _MOST
        yield say(locale, "unused", say(locale, "more", shown, more) if more > 0 else shown)
    total = len(found.available) + len(found.lacking)
    yield say(locale, "available", len(found.available), total)
    missing = _missing(found)
    if missing:
        yield say(locale, "lacking")
    for part, count in missing[:_MOST]:
        yield f"  {say(locale, 'would' if count > 1 else 'would_one', part, count)}"


def _perhaps(dataset: Dataset, match: Match, column: str, locale: Literal["en", "fr"]) -> str:
    """Return a column that was not found, with those of the table that it may be."""
    from kpidsl.proposing.matching import may_be
    from kpidsl.proposing.phrases import say

    if column in match.mistyped:
        return f"`{column}`{say(locale, 'other_type', *match.mistyped[column])}"
    others = say(locale, "or").join(f"`{one}`" for one in may_be(dataset, match, column))
    return f"`{column}`{say(locale, 'perhaps', others) if others else ''}"


def _of_schema(known: Known, locale: Literal["en", "fr"]) -> str:
    """Return which datasets a schema that is known gives, or what its tables lack for it."""
    from kpidsl.proposing.phrases import say

    if known.bound:
        return say(locale, "schema", known.name, ", ".join(f"`{name}`" for name in known.bound))
    reasons = [
        say(locale, "needed", one.table.name, ", ".join(f"`{name}`" for name in one.needed))
        for one in known.found.values()
    ]
    reasons += [
        say(locale, "either", ", ".join(f"`{name}`" for name in them)) for them in known.several.values()
    ]
    return say(locale, "schema_not", known.name, "; ".join(reasons))


def _as_json(found: Proposal, text: str) -> dict[str, Any]:
    return {
        "yaml": text,
        "schemas": {
            known.name: {name: bound.table.name for name, bound in known.bound.items()}
            for known in found.schemas
        },
        "tables": {
            name: {
                "table": one.table.name,
                "by": one.ground,
                "columns": {column: {"column": g.own, "by": g.ground} for column, g in one.found.items()},
                "open": {column: list(owns) for column, owns in one.open.items()},
                "mistyped": {
                    column: {"column": own, "type": type} for column, (own, type) in one.mistyped.items()
                },
            }
            for name, one in found.tables.items()
        },
        "open": {name: [one.table.name for one in matches] for name, matches in found.open.items()},
        "unused": list(found.unused),
        "available": list(found.available),
        "unavailable": {name: [*lack.datasets, *lack.columns] for name, lack in found.lacking.items()},
    }
