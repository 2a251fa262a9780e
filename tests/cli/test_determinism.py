"""The same bytes of SQL for the same input: whatever the hash seed, the files and their order."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from pyarrow import ipc

from .running import Ran, call, in_one_process, write
from .test_contract import DEFINITIONS as FEW_DEFINITIONS

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


SEEDS = ("0", "1", "99", "4711")
COMPILED = {dialect: ("compile", *QUERY, "--dialect", dialect) for dialect in ("duckdb", "sqlite")}
FEW = ("compile", "revenue", "n", "s = share(revenue across channel)", "--by", "month,channel")
MISTAKES = "metrics: {a: b, b: c, c: a, d: sum(orders.nope), e: revenu, f: ordes_placed}\nkpis: {g: {x: 1}}\n"


@pytest.fixture(scope="module")
def by_seed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Ran]]:
    """What each command leaves behind under each hash seed."""
    right, wrong, few = (write(tmp_path_factory.mktemp(name)) for name in ("right", "wrong", "few"))
    (wrong / "definitions" / "b.yml").write_text(MISTAKES, encoding="utf-8")
    (few / "definitions" / "shop.yml").write_text(FEW_DEFINITIONS, encoding="utf-8")
    commands = {
        **COMPILED,
        "few": (*FEW, "--project", str(few)),
        "mistakes": ("check", "--format", "json", "--project", str(wrong)),
    }
    found: dict[str, list[Ran]] = {name: [] for name in commands}
    for seed in SEEDS:
        done = in_one_process(*commands.values(), cwd=right, PYTHONHASHSEED=seed)
        for name, ran in zip(commands, done, strict=True):
            found[name].append(ran)
    return found


@pytest.mark.parametrize("dialect", COMPILED)
def test_the_hash_seed_changes_nothing(filled: Path, by_seed: dict[str, list[Ran]], dialect: str) -> None:
    assert {ran.bytes for ran in by_seed[dialect]} == {call(*COMPILED[dialect], cwd=filled).bytes}


def test_the_hash_seed_changes_nothing_of_few_definitions(by_seed: dict[str, list[Ran]]) -> None:
    assert {ran.code for ran in by_seed["few"]} == {0}
    assert len({ran.bytes for ran in by_seed["few"]}) == 1


def test_the_hash_seed_changes_no_diagnostic(by_seed: dict[str, list[Ran]]) -> None:
    found = {ran.bytes for ran in by_seed["mistakes"]}
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
