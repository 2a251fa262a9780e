"""`kpidsl list`: what a project defines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpidsl.cli.options import checked_project, format_option, project_option, width

if TYPE_CHECKING:
    from kpidsl.semantics.check import CheckedProject

_KINDS = ("datasets", "dimensions", "metrics", "kpis")


@click.command("list")
@click.argument("kind", type=click.Choice(_KINDS), required=False)
@project_option
@format_option("text", "json")
def command(kind: str | None, folder: Path, format: str) -> int:
    """List what a project defines: all of it, or one KIND."""
    checked = checked_project(folder, format)
    rows = [row for k in ([kind] if kind else _KINDS) for row in _rows(checked, k)]
    if format == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    from kpidsl.report.listing import render_listing
    from kpidsl.report.text import shown_text

    shown = [
        {key: None if value is None else shown_text(value) for key, value in row.items()} for row in rows
    ]
    click.echo(render_listing(("kind", "name", "type", "label"), shown, width=width(sys.stdout)).rstrip("\n"))
    return 0


def _rows(checked: CheckedProject, kind: str) -> list[dict[str, str | None]]:
    project = checked.project
    locale = project.locale
    if kind == "datasets":
        return [
            _row("dataset", d.name, ", ".join(d.key), d.label or {"": d.description or ""}, locale)
            for d in project.datasets.values()
        ]
    if kind == "dimensions":
        return [
            _row("dimension", d.name, _dimension_type(checked, d.name), d.label, locale)
            for d in project.dimensions.values()
        ]
    wanted = "kpi" if kind == "kpis" else "metric"
    return [
        _row(wanted, m.definition.name, str(m.type), m.definition.label, locale)
        for m in checked.metrics.values()
        if m.definition.kind == wanted
    ]


def _dimension_type(checked: CheckedProject, name: str) -> str:
    from kpidsl.diagnostics import Sink
    from kpidsl.semantics.bound import DimensionMember

    return str(checked.types.of(DimensionMember(name), checked.project.dimensions[name].span, Sink()))


def _row(kind: str, name: str, type: str, label: object, locale: str) -> dict[str, str | None]:
    assert hasattr(label, "get")
    return {
        "kind": kind,
        "name": name,
        "type": type,
        "label": label.get(locale) or label.get("") or label.get("en"),
    }
