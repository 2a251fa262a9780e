"""`kpidsl schema`: the JSON Schemas by which editors complete, explain and check definition files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from kpidsl.cli.options import format_option, project_option, show_diagnostics
from kpidsl.cli.single_options import Command


@click.command("schema", cls=Command)
@project_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write them there. [default: .kpidsl/schemas in the project's folder]",
)
@format_option("text", "json")
def command(folder: Path, output: Path | None, format: str) -> int:
    """Write the JSON Schemas that editors read, and tell which files do not name theirs.

    Run it again after an update of kpidsl.
    """
    from kpidsl.diagnostics import Sink
    from kpidsl.loading.documents import load_documents
    from kpidsl.loading.editor_schemas import first_line, names_a_schema, write_schemas
    from kpidsl.loading.errors import NO_PROJECT
    from kpidsl.loading.schema_copies import FOLDER

    sink = Sink()
    documents = load_documents(folder, sink)
    missing = [diagnostic for diagnostic in sink.diagnostics() if diagnostic.rule is NO_PROJECT]
    if output is None and missing:
        show_diagnostics(missing, format, sys.stdout if format == "json" else sys.stderr)
        return 1
    target = folder / FOLDER if output is None else output
    written = write_schemas(target)
    files = [("project", documents.project)] if documents.project is not None else []
    files += [("definitions", document) for document in documents.definitions]
    lines = {
        document.file.path: first_line(target.absolute(), (folder / document.file.path).absolute(), kind)
        for kind, document in files
        if not names_a_schema(document.file.text, folder / document.file.path)
    }
    others = {document.file.path for _, document in files if names_a_schema(document.file.text)}
    if format == "json":
        needed = [{"file": file, "line": line} for file, line in lines.items()]
        click.echo(json.dumps({"written": [str(path) for path in written], "lines_to_add": needed}))
        return 0
    for path in written:
        click.echo(f"wrote {path}")
    for line in sorted(set(lines.values())):
        for is_other, said in (
            (False, "add as the first line"),
            (True, "put in the place of the first line"),
        ):
            found = [file for file, due in lines.items() if due == line and (file in others) == is_other]
            if found:
                click.echo(f"\n{said}:\n  {line}\n{'of' if is_other else 'to'}")
            for file in found:
                click.echo(f"  {file}")
    return 0
