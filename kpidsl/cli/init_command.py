"""`kpidsl init`: a first project, small and complete."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kpidsl.cli.options import format_option
from kpidsl.cli.single_options import Command

_PROJECT = """\
{schema}
# The project: kpidsl check, kpidsl list, kpidsl run revenue --by month
project: {name}
language: 1
timezone: UTC
# connection: duckdb:///data/shop.duckdb
"""

_DEFINITIONS = """\
{schema}
datasets:
  orders:
    description: One row per order
    table: orders
    key: order_id
    time: ordered_at
    columns:
      order_id: integer
      ordered_at: timestamp
      status: text
      amount: decimal(12,2)

dimensions:
  status:
    label: Status of the order
    from: {{orders: status}}

metrics:
  revenue:
    label: Revenue
    formula: sum(orders.amount where status = 'paid')
    unit: EUR
  orders_paid: count(orders where status = 'paid')

kpis:
  average_order_value:
    version: 1.0.0
    label: Average order value
    formula: revenue / orders_paid
    unit: EUR/order
    direction: up
    owner: shop@example.com
    tests:
      - name: refunds do not count
        rows:
          orders:
            - {{order_id: 1, ordered_at: 2026-01-03, status: paid, amount: 40}}
            - {{order_id: 2, ordered_at: 2026-01-04, status: refunded, amount: 99}}
        query: {{by: [month]}}
        expect:
          - {{month: 2026-01-01, average_order_value: 40}}
"""


@click.command("init", cls=Command)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False, metavar="[DIR]")
@click.option(
    "--project",
    "named",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The same as DIR. [default: the current folder]",
)
@format_option("text", "json")
def command(folder: Path | None, named: Path | None, format: str) -> int:
    """Write a small, complete project into a folder. No file of yours that is there is overwritten.

    The schemas that editors read go into .kpidsl/schemas: `kpidsl schema` tells of them.
    """
    if folder is not None and named is not None:
        raise click.UsageError("the folder is named twice: write it once, as DIR or with `--project`")
    folder = folder or named or Path(".")
    from kpidsl.loading.editor_schemas import first_line, write_schemas
    from kpidsl.loading.schema_copies import FOLDER

    settings, shop = Path("kpidsl.yml"), Path("definitions", "shop.yml")
    files = {
        folder / settings: _PROJECT.format(
            schema=first_line(FOLDER, settings, "project"), name=_project_name(folder)
        ),
        folder / shop: _DEFINITIONS.format(schema=first_line(FOLDER, shop, "definitions")),
    }
    present = [path for path in files if path.exists()]
    if present:
        raise click.UsageError(f"{present[0]} is there already; choose an empty folder")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    written = [str(path) for path in (*files, *write_schemas(folder / FOLDER))]
    if format == "json":
        click.echo(json.dumps({"written": written}))
        return 0
    for path in files:
        click.echo(f"wrote {path}")
    where = "" if folder == Path(".") else f" --project {folder}"
    click.echo(f"next: kpidsl check{where}, then kpidsl test{where}")
    return 0


def _project_name(folder: Path) -> str:
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in folder.resolve().name.lower()).strip(
        "_"
    )
    return letters if letters[:1].isalpha() else "shop"
