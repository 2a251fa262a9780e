"""`kpidsl fmt`: definition files in their canonical layout."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpidsl.cli.options import format_option, project_option, show_diagnostics
from kpidsl.cli.single_options import Command

if TYPE_CHECKING:
    from kpidsl.formatting.files import FormattedFile


@click.command("fmt", cls=Command)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[PATH...]")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; end with 1 where a file would change."
)
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@project_option
@format_option("text", "json")
def command(paths: tuple[Path, ...], only_check: bool, diff: bool, folder: Path, format: str) -> int:
    """Lay out the project's files, or the files and folders PATH. Nothing but their layout changes."""
    from kpidsl.formatting.choosing import chosen

    files = chosen(paths, folder)
    mistakes = [mistake for file in files for mistake in file.mistakes]
    changed = [file for file in files if file.is_changed]
    if not only_check and not diff:
        for file in changed:
            _write(file)
    if format == "json":
        click.echo(json.dumps([_facts(file) for file in files], ensure_ascii=False, indent=2))
    elif diff:
        click.echo("".join(_difference(changed)), nl=False)
    else:
        for file in changed:
            click.echo(f"{'would be formatted' if only_check else 'formatted'}: {file.shown}")
    show_diagnostics(sorted(mistakes, key=lambda d: d.sort_key()), "text", sys.stderr)
    for file in files:
        if file.why:
            click.echo(f"error: {file.shown} is left alone: {file.why}", err=True)
    failed = any(file.after is None for file in files)
    return 1 if failed or (only_check and changed) else 0


def _write(file: FormattedFile) -> None:
    """Replace a file as a whole; what it may be used for stays as it was."""
    assert file.after is not None
    path = file.path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(file.after)
        os.chmod(name, path.stat().st_mode & 0o7777)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _difference(files: list[FormattedFile]) -> Iterator[str]:
    from difflib import unified_diff

    from kpidsl.diagnostics.render_text import visible

    for file in files:
        assert file.after is not None
        before, after = (data.decode("utf-8").splitlines() for data in (file.before, file.after))
        for line in unified_diff(before, after, file.shown, file.shown, lineterm=""):
            yield visible(line) + "\n"


def _facts(file: FormattedFile) -> dict[str, object]:
    from kpidsl.diagnostics.render_json import as_json

    return {
        "file": file.shown,
        "changed": file.is_changed,
        "mistakes": as_json(file.mistakes),
        "left_alone": file.why or None,
    }
