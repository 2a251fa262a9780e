"""DuckDB's texts that compare otherwise than by their characters are refused, and read by what is said instead."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.engines import EngineError
from kpidsl.project import Project
from kpidsl.verifying.verify import verify
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: TABLE
    key: id
    columns: {id: integer, channel: CHANNEL}
dimensions:
  channel: {from: {orders: channel}}
metrics:
  orders: count(orders)
  channels: count_distinct(orders.channel)
  last_one: max(orders.channel)
  of_web: count(orders where channel = 'web')
  before_c: count(orders where channel < 'c')
"""
ALL = ["orders", "channels", "last_one", "of_web", "before_c"]
COLLATIONS = {
    # Rows, and what the language says of them: texts by their characters, in the order of code points.
    "nocase": (["web", "WEB", "app"], (3, 3, "web", 1, 2)),
    "noaccent": (["café", "cafe", "web"], (3, 3, "web", 1, 0)),
    "nfc": (["caf\u00e9", "cafe\u0301", "web"], (3, 3, "web", 1, 0)),
    "nocase.noaccent": (["web", "WÉB", "app"], (3, 3, "web", 1, 2)),
}


def project(folder: Path, channel: str, *made: str, table: str = "orders") -> Project:
    with duckdb.connect(str(folder / "shop.duckdb")) as file:
        for statement in made:
            file.execute(statement)
    sink = Sink()
    text = DEFINITIONS.replace("CHANNEL", channel).replace("TABLE", table)
    found = load(answers.write_project(folder, "", text), sink)
    assert found is not None
    assert not sink.has_errors, sink.diagnostics()
    return Project(found)


def rows(texts: list[str]) -> str:
    return ", ".join(f"({number}, '{text}')" for number, text in enumerate(texts, start=1))


def refusal(shop: Project, folder: Path) -> str:
    """Return what stands in the place of a refused type; `check --connection` refuses it, too."""
    with pytest.raises(EngineError, match="declares `channel` text, and it is") as told:
        shop.query(["orders"], by=["channel"]).run(f"duckdb:///{folder}/shop.duckdb")
    sink = Sink()
    verify(shop.checked, "duckdb:///shop.duckdb", folder, sink)
    assert [found.code for found in sink.diagnostics()] == ["data/column-type"]
    help = str(told.value.help)
    assert help == sink.diagnostics()[0].help
    return help.removeprefix("declare `channel: ").removesuffix("`")


def answer(shop: Project, folder: Path) -> tuple[object, ...]:
    sink = Sink()
    verify(shop.checked, "duckdb:///shop.duckdb", folder, sink)
    assert not sink.diagnostics()
    (row,) = shop.query(ALL).run(f"duckdb:///{folder}/shop.duckdb").rows()
    return tuple(row[name] for name in ALL)


@pytest.mark.parametrize("collation", COLLATIONS)
def test_a_column_with_a_collation_is_refused_and_read_by_its_characters_instead(
    collation: str, tmp_path: Path
) -> None:
    texts, expected = COLLATIONS[collation]
    made = f"create table orders (id integer, channel varchar collate {collation})"
    shop = project(tmp_path, "text", made, f"insert into orders values {rows(texts)}")
    instead = refusal(shop, tmp_path)
    assert answer(project(tmp_path, instead), tmp_path) == expected


def test_a_view_of_such_a_column_is_refused(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        "text",
        "create table orders (id integer, own varchar collate nocase)",
        "create view of_orders as select id, own as channel from orders",
        table="of_orders",
    )
    refusal(shop, tmp_path)


def test_members_of_an_enum_are_refused_as_they_stand_in_the_order_of_their_list(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        "text",
        "create type channel as enum ('web', 'app', 'café')",
        "create table orders (id integer, channel channel)",
        "insert into orders values (1, 'app'), (2, 'web'), (3, 'café')",
    )
    instead = refusal(shop, tmp_path)
    assert answer(project(tmp_path, instead), tmp_path) == (3, 3, "web", 1, 1)


def test_long_enums_are_cut(tmp_path: Path) -> None:
    members = ", ".join(f"'member {number}'" for number in range(200))
    shop = project(tmp_path, "text", f"create table orders (id integer, channel enum ({members}))")
    with pytest.raises(EngineError, match=r"it is ENUM\('member 0', .*… in the table") as told:
        shop.query(["orders"]).run(f"duckdb:///{tmp_path}/shop.duckdb")
    assert len(told.value.message) < 200


def test_texts_by_their_characters_are_taken(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        "text",
        'create table orders (id integer, channel varchar, other varchar collate "C", uuid uuid)',
        "insert into orders values (1, 'web', '', null), (2, 'WEB', '', null), (3, null, '', null)",
    )
    assert answer(shop, tmp_path) == (3, 2, "web", 1, 1)
