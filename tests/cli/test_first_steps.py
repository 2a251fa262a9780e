"""What a beginner runs into, on a shop with data: each answer tells what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import DEFINITIONS, SETTINGS, call, write

ENGINES = ("duckdb", "sqlite")


def changed(folder: Path, *replaced: tuple[str, str]) -> Path:
    """Write the shop's definitions with texts replaced; its data stay."""
    text = DEFINITIONS
    for before, after in replaced:
        assert before in text
        text = text.replace(before, after)
    return write(folder, text)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("table", "help"),
    [
        ("raw.orders", "write `table: orders` for `orders`, or check the connection"),
        ("ordres", "write `table: orders` for `orders`, or check the connection"),
        (
            "xyzzy",
            "mend `table:` of `orders`, or check the connection: it has `customers`, `orders`, `visits`",
        ),
    ],
)
def test_a_missing_table_is_told_with_its_dataset(filled: Path, engine: str, table: str, help: str) -> None:
    changed(filled, ("table: orders", f"table: {table}"))
    done = call("run", "revenue", "--connection", f"{engine}:///shop.{engine}", cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert " ".join(done.err.split()) == (
        f"error[connection/statement]: `orders` (definitions/shop.yml:2) reads the table `{table}`, "
        f"and the connection has none of that name help: {help}"
    )
    checked = call("check", "--connection", f"{engine}:///shop.{engine}", cwd=filled)
    assert (checked.code, help in checked.err) == (1, True)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_column_is_told_with_its_dataset(filled: Path, engine: str) -> None:
    changed(filled, ("amount", "amont"))
    done = call("run", "revenue", "--connection", f"{engine}:///shop.{engine}", cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert " ".join(done.err.split()) == (
        "error[connection/statement]: `orders` (definitions/shop.yml:2) reads the column `amont` of `orders`, "
        "which has none of that name help: did you mean `amount`?"
    )
    assert call("run", "orders_placed", "--connection", f"{engine}:///shop.{engine}", cwd=filled).code == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_connection_is_told(filled: Path, engine: str) -> None:
    done = call("run", "revenue", "--connection", f"{engine}://", cwd=filled)
    assert done.code == 3
    assert "help: the connection holds no table at all: check it, or mend `table:` of `orders`" in done.err


def test_a_view_and_a_schema_are_tables_too(filled: Path) -> None:
    import duckdb

    with duckdb.connect(str(filled / "shop.duckdb")) as data:
        data.execute("create schema raw; create view raw.order_view as select * from orders")
    changed(filled, ("table: orders", "table: order_view"))
    done = call("run", "revenue", cwd=filled)
    assert "write `table: raw.order_view` for `orders`" in done.err


def test_the_data_is_said_to_be_as_declared(filled: Path) -> None:
    said = "shop: 3 datasets, 2 dimensions, 4 metrics, 1 KPI, no mistakes"
    assert call("check", cwd=filled).out == f"{said}\n"
    for given in (["--connection", "duckdb:///shop.duckdb"], ["--connection"]):
        assert call("check", *given, cwd=filled).out == f"{said}; the data is as declared\n"
    write(filled, settings=SETTINGS.replace("connection: duckdb:///shop.duckdb\n", ""))
    done = call("check", "--connection", cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert "the project names none" in done.err


def test_the_projects_own_connection_starts_at_its_folder(filled: Path) -> None:
    done = call("check", "--project", filled.name, "--connection", cwd=filled.parent)
    assert done.out.endswith("; the data is as declared\n")


def test_an_answer_without_rows_says_so(filled: Path) -> None:
    done = call("run", "revenue", "--by", "month", "--period", "2025", cwd=filled)
    assert (done.code, done.err) == (0, "note: no rows answer this\n")
    assert "revenue" in done.out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["revenue"], "note: no chart, because a chart needs a group: add `--by`\n"),
        (["last_day", "--by", "channel"], "note: no chart, because there are no numbers to draw\n"),
        (["revenue", "--by", "channel"], ""),
    ],
    ids=["no group", "no numbers", "a chart"],
)
def test_a_chart_that_cannot_be_says_why(filled: Path, asked: list[str], said: str) -> None:
    done = call("run", *asked, "--chart", cwd=filled)
    assert (done.code, done.err) == (0, said)


@pytest.mark.parametrize("line", [0, 2, 3])
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_blank_that_is_missing_behind_a_key(tmp_path: Path, line: int, end: str) -> None:
    lines = ["project: shop", "language: 1", "timezone: UTC"]
    lines.insert(line, "connection:duckdb:///shop.duckdb")
    write(tmp_path, settings="\n".join(lines) + end)
    done = call("check", cwd=tmp_path)
    assert done.code == 1
    assert "a blank is missing behind `connection:`" in done.err
    assert "= help: write `connection: duckdb:///shop.duckdb`" in done.err


def test_long_failures_are_broken_where_the_terminal_ends(filled: Path) -> None:
    changed(filled, ("table: orders", f"table: {'long_' * 15}orders"))
    done = call("run", "revenue", cwd=filled)
    assert max(map(len, done.err.splitlines())) <= 100
    assert len(done.err.splitlines()) > 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("{order_id: 1, channel: test}, {order_id: 1, channel: web}", 0),
        ("{order_id: 1, channel: web}, {order_id: 1, channel: web}", 1),
        ("{channel: web}, {channel: web}", 0),
    ],
    ids=["one is left out", "both are kept", "without a key"],
)
def test_a_key_stands_once_among_the_rows_that_count(
    tmp_path: Path, engine: str, rows: str, code: int
) -> None:
    kept = ("    key: order_id\n", "    key: order_id\n    where: channel != 'test'\n")
    given = (
        "orders: [{order_id: 1, day: 2026-01-03}]",
        f"orders: [{rows}, {{order_id: 3, day: 2026-01-03}}]",
    )
    changed(tmp_path, kept, given)
    done = call("test", "--engine", engine, cwd=tmp_path)
    told = "two rows of `orders` that its `where` keeps have the key `order_id: 1`"
    assert (told in " ".join(done.err.split())) is bool(code)
    if code:
        assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("lead", ["", "./", "/"])
def test_a_files_path_is_offered_as_a_connection(filled: Path, engine: str, lead: str) -> None:
    path = str(filled / f"shop.{engine}") if lead == "/" else f"{lead}shop.{engine}"
    done = call("run", "revenue", "--connection", path, cwd=filled)
    assert (done.code, done.out) == (3, "")
    url = f"{engine}:///{path.removeprefix('./')}"
    assert (
        " ".join(done.err.split())
        == f"error[connection/url]: the connection is not a URL help: write `{url}`"
    )
    assert call("run", "revenue", "--connection", url, cwd=filled).code == 0
