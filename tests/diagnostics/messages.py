"""Mistakes and the whole message of each, in `messages/good.md` and `messages/poor.md`.

A section is a `## ` heading, a fenced `yaml` block (definitions for the shop below; may be left out),
a `console` block with one command, and a `text` block with what it prints.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from kpidsl.cli.main import main

FOLDER = Path(__file__).parent / "messages"
SHOP = """\
datasets:
  orders:
    table: shop.orders
    key: order_id
    time: ordered_at
    unit: order
    columns:
      order_id: integer
      customer_id: integer
      ordered_at: timestamp
      shipped_at: timestamp
      status: text
      is_test: boolean
      amount: {type: "decimal(12,2)", unit: EUR}
    joins:
      customer: {to: customers, using: customer_id}
  order_lines:
    table: shop.order_lines
    key: line_id
    columns: {line_id: integer, order_id: integer, product: text, quantity: integer}
    joins:
      order: {to: orders, using: order_id}
  customers:
    table: shop.customers
    key: customer_id
    columns: {customer_id: integer, country: text}
dimensions:
  country:
    from: {customers: country}
metrics:
  revenue: sum(orders.amount where status = 'paid')
  orders_placed: count(orders)
"""

_SECTION = re.compile(r"^## (?P<title>[^\n]+)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(?P<info>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """A mistake and what is said about it."""

    title: str
    definitions: str
    command: str
    expected: str

    def shown(self) -> str:
        """Run the command in a new project and return what it prints."""
        with TemporaryDirectory() as folder, chdir(folder):
            Path("definitions").mkdir()
            Path("kpidsl.yml").write_text("project: shop\nlanguage: 1\n", encoding="utf-8")
            Path("definitions/shop.yml").write_text(SHOP, encoding="utf-8")
            if self.definitions:
                Path("definitions/mine.yml").write_text(self.definitions, encoding="utf-8")
            out = StringIO()
            with redirect_stdout(out), redirect_stderr(out), suppress(SystemExit):
                main(shlex.split(self.command)[1:])
        return out.getvalue().rstrip() + "\n"


def read(name: str) -> Iterator[Message]:
    """Yield the messages of one of the two files."""
    for section in _SECTION.finditer((FOLDER / name).read_text(encoding="utf-8")):
        blocks = {fence["info"]: fence["body"] for fence in _FENCE.finditer(section["body"])}
        command = blocks.get("console", "$ kpidsl check\n").strip().removeprefix("$ ")
        yield Message(section["title"], blocks.get("yaml", ""), command, blocks.get("text", ""))


def write(name: str) -> None:
    """Write a file's messages anew."""
    path = FOLDER / name
    head, *_ = re.split(r"^## ", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE)
    parts = [head]
    for message in read(name):
        parts.append(f"## {message.title}\n\n")
        if message.definitions:
            parts.append(f"```yaml\n{message.definitions}```\n\n")
        parts.append(f"```console\n$ {message.command}\n```\n\n```text\n{message.shown()}```\n\n")
    path.write_text("".join(parts).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    for file in ("good.md", "poor.md"):
        write(file)
