"""The same bytes of SQL for the same input: whatever the hash seed, the files and their order."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from pyarrow import ipc

from .running import call, installed, write

QUERY = (
    "conversion",
    "revenue",
    "s = share(revenue across channel)",
    "some = revenue where channel in ('b', 'a', 'c')",
    "--by",
    "month,channel",
    "--where",
    "channel != 'x'",
    "--order",
    "-revenue",
)
# one definition a file, for the files to be put in any order
PIECES = [
    "datasets:\n  orders:\n    table: orders\n    key: order_id\n    time: day\n"
    "    columns: {order_id: integer, day: date, channel: text, amount: 'decimal(12,2)'}\n",
    "datasets:\n  visits:\n    table: visits\n    key: visit_id\n    time: day\n"
    "    columns: {visit_id: integer, day: date, channel: text}\n",
    "dimensions:\n  channel: {from: {orders: channel, visits: channel}}\n",
    "metrics:\n  revenue: {formula: sum(orders.amount), unit: EUR}\n",
    "metrics:\n  orders_placed: count(orders)\n",
    "metrics:\n  visits_seen: count(visits)\n",
    "kpis:\n  conversion: {formula: orders_placed / visits_seen, label: c, direction: up, owner: a@b.c}\n",
]


def split_over_files(folder: Path, seed: int) -> Path:
    """Write the pieces into files and folders whose order is that of the seed."""
    random = Random(seed)
    pieces = random.sample(PIECES, len(PIECES))
    write(folder, "")
    (folder / "definitions" / "shop.yml").unlink()
    for number, piece in enumerate(pieces):
        place = folder / "definitions" / random.choice(["", "a", "b/c"]) / f"{number}.yml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(piece, encoding="utf-8")
    return folder


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_the_hash_seed_changes_nothing(filled: Path, dialect: str) -> None:
    found = {
        installed("compile", *QUERY, "--dialect", dialect, cwd=filled, PYTHONHASHSEED=seed).bytes
        for seed in ("0", "1", "4711")
    }
    assert len(found) == 1
    assert found == {call("compile", *QUERY, "--dialect", dialect, cwd=filled).bytes}


def test_the_hash_seed_changes_no_diagnostic(filled: Path) -> None:
    (filled / "definitions" / "b.yml").write_text(
        "metrics: {a: b, b: c, c: a, d: sum(orders.nope), e: revenu, f: ordes_placed}\nkpis: {g: {x: 1}}\n",
        encoding="utf-8",
    )
    found = {
        installed("check", "--format", "json", cwd=filled, PYTHONHASHSEED=seed).bytes
        for seed in ("0", "2", "99")
    }
    assert len(found) == 1
    assert len(json.loads(found.pop())) >= 5


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_the_files_and_their_order_change_nothing(tmp_path: Path, dialect: str) -> None:
    found = {
        call("compile", *QUERY, "--dialect", dialect, cwd=split_over_files(tmp_path / str(seed), seed)).bytes
        for seed in range(6)
    }
    assert len(found) == 1
    assert found.pop().startswith(b"WITH")


def test_compiling_twice_in_one_process_changes_nothing(filled: Path) -> None:
    first = call("compile", *QUERY, cwd=filled).bytes
    call("compile", "conversion", "--by", "year", cwd=filled)
    assert call("compile", *QUERY, cwd=filled).bytes == first


@pytest.mark.parametrize("format", ["csv", "json", "parquet", "arrow", "table"])
def test_the_same_bytes_of_an_answer(filled: Path, format: str) -> None:
    query = ("run", *QUERY[:4], "--by", "month,channel", "--format", format)
    first, second = call(*query, cwd=filled).bytes, call(*query, cwd=filled).bytes
    if format == "arrow":
        # What lies in memory under a null is written along and means nothing.
        assert ipc.open_file(first).read_all().equals(ipc.open_file(second).read_all())
    else:
        assert first == second


def test_where_the_project_stands_changes_nothing(tmp_path: Path) -> None:
    here = split_over_files(tmp_path / "here", 1)
    there = split_over_files(tmp_path / "some" / "where else", 1)
    assert call("compile", *QUERY, cwd=here).bytes == call("compile", *QUERY, cwd=there).bytes
    assert (
        call("compile", *QUERY, "--project", str(there), cwd=here).bytes
        == call("compile", *QUERY, cwd=there).bytes
    )
