"""The command line called in this process or as installed, and a shop to call it on."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpidsl.cli.main import main

KPIDSL = str(Path(sys.executable).parent / "kpidsl")

SETTINGS = "project: shop\nlanguage: 1\ntimezone: UTC\nconnection: duckdb:///shop.duckdb\n"
DEFINITIONS = """\
datasets:
  orders:
    description: One row per order
    table: orders
    key: order_id
    time: day
    columns:
      order_id: integer
      customer_id: integer
      day: date
      channel: text
      amount: decimal(12,2)
    joins:
      customer: {to: customers, using: customer_id}
  customers:
    table: customers
    key: customer_id
    columns: {customer_id: integer, country: text}
  visits:
    table: visits
    key: visit_id
    time: day
    columns: {visit_id: integer, day: date, channel: text}

dimensions:
  channel:
    label: Sales channel
    from: {orders: channel, visits: channel}
  country: {from: {orders: customer.country}}

metrics:
  revenue: {label: Revenue, formula: sum(orders.amount), unit: EUR}
  orders_placed: count(orders)
  visits_seen: count(visits)
  last_day: max(orders.day)

kpis:
  conversion:
    version: 1.2.0
    label: Conversion
    formula: orders_placed / visits_seen
    direction: up
    owner: shop@example.com
    tests:
      - name: one visit in two orders
        rows:
          orders: [{order_id: 1, day: 2026-01-03}]
          visits: [{visit_id: 1, day: 2026-01-03}, {visit_id: 2, day: 2026-01-04}]
        query: {by: [month]}
        expect: [{month: 2026-01-01, conversion: 0.5}]
"""
ORDERS = [
    (1, 10, "2026-01-03", "email", "40.10"),
    (2, 10, "2026-01-20", "search", "9.90"),
    (3, 11, "2026-02-03", None, "0.20"),
    (4, 12, "2026-02-04", "email", "9.70"),
    (5, None, None, "it's", "1.00"),
]
CUSTOMERS = [(10, "FR"), (11, "BE"), (12, None)]
VISITS = [(n, "2026-01-05" if n < 6 else "2026-02-05", "email" if n % 2 else "search") for n in range(1, 9)]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    bytes: bytes
    err: str

    @property
    def out(self) -> str:
        return self.bytes.decode("utf-8")


def call(*arguments: str, cwd: Path) -> Ran:
    """Call the command line in this process, from a folder; it must never show a traceback."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
        main(list(arguments))
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    found = Ran(int(left.value.code or 0), out.buffer.getvalue(), err.getvalue())
    assert_no_crash(found, arguments)
    return found


def read_together(*arguments: str, cwd: Path) -> str:
    """Call the command line as `call` does, and return both its streams as a terminal shows them."""
    both = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with chdir(cwd), redirect_stdout(both), redirect_stderr(both), pytest.raises(SystemExit) as left:
        main(list(arguments))
    assert isinstance(both.buffer, io.BytesIO)
    shown = both.buffer.getvalue().decode("utf-8")
    assert_no_crash(Ran(int(left.value.code or 0), b"", shown), arguments)
    return shown


def installed(*arguments: str, cwd: Path, **environment: str) -> Ran:
    """Call the installed command."""
    done = subprocess.run(
        [KPIDSL, *arguments], cwd=cwd, env={**os.environ, **environment}, capture_output=True, timeout=60
    )
    found = Ran(done.returncode, done.stdout, done.stderr.decode("utf-8"))
    assert_no_crash(found, arguments)
    return found


ONE_AFTER_THE_OTHER = """
import json, os, sys
from kpidsl.cli.main import main
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, b"\\x1e")
    os.write(2, b"\\x1e%d\\x1e" % code)
"""
"""A program that calls the command line several times; a mark on both streams ends what each call writes."""


def program(commands: Sequence[Sequence[str]]) -> list[str]:
    """Return how to call a process that does all the commands, one after the other."""
    return [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps([list(command) for command in commands])]


def in_one_process(*commands: Sequence[str], cwd: Path, **environment: str) -> list[Ran]:
    """Call the command line several times in one process of its own, for what is the same in all of a process.

    What that is: its environment, its hash seed, the encoding and the kind of its streams.
    """
    done = subprocess.run(
        program(commands), cwd=cwd, env={**os.environ, **environment}, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    outs, errs = done.stdout.split(b"\x1e"), done.stderr.decode("utf-8").split("\x1e")
    assert (outs.pop(), errs.pop()) == (b"", "")
    found = [Ran(int(code), out, err) for out, err, code in zip(outs, errs[::2], errs[1::2], strict=True)]
    for ran, command in zip(found, commands, strict=True):
        assert_no_crash(ran, tuple(command))
    return found


def assert_no_crash(found: Ran, arguments: tuple[str, ...]) -> None:
    shown = found.bytes.decode("utf-8", "replace") + found.err
    assert "Traceback" not in shown, (arguments, shown)
    assert "kpidsl itself failed" not in shown, (arguments, shown)
    assert found.code in (0, 1, 2, 3), (arguments, shown)


def write(folder: Path, definitions: str = DEFINITIONS, settings: str = SETTINGS) -> Path:
    """Write a project."""
    (folder / "definitions").mkdir(parents=True, exist_ok=True)
    (folder / "kpidsl.yml").write_text(settings, encoding="utf-8")
    (folder / "definitions" / "shop.yml").write_text(definitions, encoding="utf-8")
    return folder


def fill(folder: Path) -> None:
    """Write the shop's rows as a DuckDB and as a SQLite file."""
    with duckdb.connect(str(folder / "shop.duckdb")) as duck:
        duck.execute(
            "create table orders (order_id bigint, customer_id bigint, day date, channel varchar, amount decimal(12,2))"
        )
        duck.execute("create table customers (customer_id bigint, country varchar)")
        duck.execute("create table visits (visit_id bigint, day date, channel varchar)")
        duck.executemany("insert into orders values (?, ?, ?, ?, ?)", ORDERS)
        duck.executemany("insert into customers values (?, ?)", CUSTOMERS)
        duck.executemany("insert into visits values (?, ?, ?)", VISITS)
    lite = sqlite3.connect(folder / "shop.sqlite")
    lite.execute(
        "create table orders (order_id integer, customer_id integer, day text, channel text, amount decimal(12,2))"
    )
    lite.execute("create table customers (customer_id integer, country text)")
    lite.execute("create table visits (visit_id integer, day text, channel text)")
    lite.executemany("insert into orders values (?, ?, ?, ?, ?)", ORDERS)
    lite.executemany("insert into customers values (?, ?)", CUSTOMERS)
    lite.executemany("insert into visits values (?, ?, ?)", VISITS)
    lite.commit()
    lite.close()


def found_in(folder: Path, engine: str) -> list[dict[str, Any]]:
    """Return what `check --connection` tells of the data in an engine's file."""
    checked = call("check", "--connection", f"{engine}:///shop.{engine}", "--format", "json", cwd=folder)
    diagnostics: list[dict[str, Any]] = json.loads(checked.out)
    has_errors = any(d["severity"] == "error" for d in diagnostics)
    assert (checked.code, checked.err) == (1 if has_errors else 0, "")
    return diagnostics
