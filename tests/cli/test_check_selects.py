"""`kpidsl check --connection` of datasets that a select gives, or a view: columns, types, values that no cast takes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from .running import call, found_in

DEFINITIONS = """\
datasets:
  lines:
    sql: "SELECT"
    dialect: ENGINE
    key: line_id
    time: day
    columns:
      line_id: integer
      day: date
      shop: text
      amount: {type: "decimal(12,2)", column: Amount}
      double: {type: "decimal(13,2)", expr: amount * 2}
metrics:
  lines_sold: sum(lines.amount)
"""
RIGHT = {
    "line_id": "1",
    "day": "cast('2026-01-03' as date)",
    "shop": "cast('a' as varchar)",
    "amount": "cast(1.5 as decimal(12,2))",
}


def select(**other: str | None) -> str:
    columns = {**RIGHT, "day": "'2026-01-03'"} if other.pop("engine", None) == "sqlite" else RIGHT
    given = {**columns, **other}
    return "select " + ", ".join(f"{sql} as {name}" for name, sql in given.items() if sql is not None)


def write(folder: Path, sql: str, engine: str = "duckdb") -> None:
    text = DEFINITIONS.replace("SELECT", sql).replace("ENGINE", engine)
    (folder / "definitions" / "lines.yml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_select_as_declared_is_right(filled: Path, engine: str) -> None:
    write(filled, select(engine=engine), engine)
    assert found_in(filled, engine) == []


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    ("other", "code", "line", "said", "help"),
    [
        (
            {"shop": None},
            "data/missing-column",
            10,
            "the select of `lines` has no column `shop`",
            "columns are",
        ),
        (
            {"amount": None},
            "data/missing-column",
            11,
            "the select of `lines` has no column `Amount`",
            "are `line_id`",
        ),
        (
            {"amount": "missing.x"},
            "data/refused-select",
            3,
            "the select of `lines` does not run: ",
            "mend the select",
        ),
    ],
)
def test_a_select_that_lacks_something(
    filled: Path, engine: str, other: dict[str, str | None], code: str, line: int, said: str, help: str
) -> None:
    write(filled, select(engine=engine, **other), engine)
    (told,) = found_in(filled, engine)
    assert (told["code"], told["file"], told["line"]) == (code, "definitions/lines.yml", line)
    assert told["message"].startswith(said)
    assert help in told["help"]


@pytest.mark.parametrize(
    ("other", "line", "said", "help"),
    [
        (
            {"line_id": "'1'"},
            8,
            "`line_id` is declared integer and is VARCHAR in the select",
            "CAST(line_id AS BIGINT)",
        ),
        (
            {"day": "timestamp '2026-01-03 10:00'"},
            9,
            "`day` is declared date and is TIMESTAMP in",
            "`day: timestamp`",
        ),
        (
            {"amount": "cast(1.5 as double)"},
            11,
            "`amount` is declared decimal(12,2) and is DOUBLE in the select",
            "write `CAST(Amount AS DECIMAL(12, 2)) AS Amount` in the select",
        ),
        (
            {"amount": "1.005"},
            11,
            "`amount` is declared decimal(12,2) and is DECIMAL(4,3) in",
            "CAST(Amount AS",
        ),
    ],
)
def test_a_select_of_another_type(
    filled: Path, other: dict[str, str | None], line: int, said: str, help: str
) -> None:
    write(filled, select(**other))
    (told,) = found_in(filled, "duckdb")
    assert (told["code"], told["line"]) == ("data/column-type", line)
    assert told["message"].startswith(said)
    assert help in told["help"]


def test_what_the_help_says_is_right(filled: Path) -> None:
    write(
        filled,
        "select line_id, day, shop, CAST(Amount AS DECIMAL(12, 2)) AS Amount "
        "from (" + select(amount="cast(1.5 as double)") + ")",
    )
    assert found_in(filled, "duckdb") == []


def test_a_select_of_nothing_but_nulls_has_any_type(filled: Path) -> None:
    write(filled, select(day="null", shop="null", amount="null"))
    assert found_in(filled, "duckdb") == []


def test_values_on_sqlite_are_looked_at_in_selects(filled: Path) -> None:
    write(filled, select(engine="sqlite", day="'03/01/2026'", shop="7"), "sqlite")
    told = found_in(filled, "sqlite")
    assert [(one["code"], one["line"]) for one in told] == [
        ("data/unreadable-value", 9),
        ("data/unreadable-value", 10),
    ]


FILE = "line_id,day,shop,amount\n1,2026-01-03,a,1.50\n2,2026-01-04,b,AMOUNT\n"
OF_A_FILE = "select * from read_csv('lines.csv', header = true, types = {'amount': 'decimal(12,2)'})"


def test_a_file_as_declared_is_right(filled: Path) -> None:
    (filled / "lines.csv").write_text(FILE.replace("AMOUNT", "2"), encoding="utf-8")
    write(filled, OF_A_FILE)
    assert found_in(filled, "duckdb") == []


@pytest.mark.parametrize("is_view", [False, True])
def test_a_value_of_a_file_that_does_not_read(filled: Path, is_view: bool) -> None:
    (filled / "lines.csv").write_text(FILE.replace("AMOUNT", "two"), encoding="utf-8")
    write(filled, OF_A_FILE)
    if is_view:
        with duckdb.connect(str(filled / "shop.duckdb")) as file:
            path = (filled / "lines.csv").as_posix()
            file.execute(f"create view file_lines as {OF_A_FILE.replace('lines.csv', path)}")
        definitions = filled / "definitions" / "lines.yml"
        text = DEFINITIONS.replace(
            'sql: "SELECT"\n    dialect: ENGINE', "table: file_lines\n    where: amount > 0"
        )
        definitions.write_text(text, encoding="utf-8")
    (told,) = found_in(filled, "duckdb")
    assert (told["code"], told["line"]) == ("data/unreadable-value", 11)
    assert told["message"].startswith(
        "`lines` has values in `amount` that the connection cannot read: duckdb "
    )
    assert "CSV Error on Line: 3; Original Line: 2,2026-01-04,b,two; " in told["message"]
    run = call("run", "lines_sold", "--connection", "duckdb:///shop.duckdb", cwd=filled)
    assert run.code == 3
    assert is_view or "it is read as `amount` of `lines` (definitions/lines.yml:11)" in " ".join(
        run.err.split()
    )


def test_a_file_that_is_no_table_at_all(filled: Path) -> None:
    (filled / "lines.csv").write_text("line_id,day,shop,amount\n1,2026-01-03,a,1,2,3\n", encoding="utf-8")
    write(
        filled,
        OF_A_FILE.replace(
            "header = true",
            "header = true, auto_detect = false, columns = "
            "{'line_id': 'bigint', 'day': 'date', 'shop': 'text', 'amount': 'decimal(12,2)'}",
        ).replace(", types = {'amount': 'decimal(12,2)'}", ""),
    )
    (told,) = found_in(filled, "duckdb")
    assert (told["code"], told["line"]) == ("data/refused-select", 3)


def test_a_file_that_is_not_there(filled: Path) -> None:
    write(filled, OF_A_FILE)
    (told,) = found_in(filled, "duckdb")
    assert (told["code"], told["line"]) == ("data/refused-select", 3)
    assert "No files found" in told["message"]
    run = call("run", "lines_sold", "--connection", "duckdb:///shop.duckdb", cwd=filled)
    assert (run.code, run.out) == (3, "")
    assert "the select of `lines` (definitions/lines.yml:2) does not run: duckdb refused" in " ".join(
        run.err.split()
    )


def test_a_run_tells_columns_of_another_type(filled: Path) -> None:
    write(filled, select(amount="cast(1.5 as double)"))
    run = call("run", "lines_sold", "--connection", "duckdb:///shop.duckdb", cwd=filled)
    assert run.code == 3
    assert (
        "help: `amount` (definitions/lines.yml:11) is declared decimal(12,2) and is DOUBLE: write"
        in " ".join(run.err.split())
    )


def test_instants_of_a_select_are_refused(filled: Path) -> None:
    text = DEFINITIONS.replace("day: date", "day: timestamp").replace("ENGINE", "duckdb")
    sql = select(day="cast('2026-01-03 10:00+02' as timestamptz)")
    (filled / "definitions" / "lines.yml").write_text(text.replace("SELECT", sql), encoding="utf-8")
    (told,) = found_in(filled, "duckdb")
    assert (told["code"], told["line"]) == ("data/column-type", 9)
    run = call("run", "lines_sold", "--connection", "duckdb:///shop.duckdb", cwd=filled)
    assert run.code == 3
    assert "declares `day` timestamp, and it is TIMESTAMP WITH TIME ZONE in the select" in " ".join(
        run.err.split()
    )


CALENDAR = """\
calendars:
  trading:
    sql: "SELECT"
    dialect: duckdb
    day: day
    columns: {day: date, week_key: text}
    grains: {trading_week: week_key}
"""


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("select date '2026-01-01' as day, 'a' as week_key", []),
        ("select timestamp '2026-01-01' as day, 'a' as week_key", ["data/column-type"]),
        ("select date '2026-01-01' as day", ["data/missing-column"]),
        ("select nowhere.day", ["data/refused-select"]),
        (
            "select cast(x as date) as day, 'a' as week_key from (values ('no')) as v(x)",
            ["data/unreadable-value"],
        ),
    ],
)
def test_a_calendar_of_a_select(filled: Path, sql: str, codes: list[str]) -> None:
    text = CALENDAR.replace("SELECT", sql)
    (filled / "definitions" / "days.yml").write_text(text, encoding="utf-8")
    assert [told["code"] for told in found_in(filled, "duckdb")] == codes


def test_a_select_of_another_dialect_is_told_once(filled: Path) -> None:
    write(filled, select(amount="missing.x"), "duckdb")
    with sqlite3.connect(filled / "shop.sqlite"):
        assert [told["code"] for told in found_in(filled, "sqlite")] == ["dialect/unsupported"]
