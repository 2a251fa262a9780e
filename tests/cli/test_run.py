"""`kpidsl run`: every format, every connection, and what goes wrong."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from .running import SETTINGS, Ran, call, installed

QUERY = ("revenue", "orders_placed", "conversion", "last_day", "--by", "month,channel")
CSV = """\
month,channel,revenue,orders_placed,conversion,last_day,_partial
2026-01-01,email,40.10,1,0.3333333333333333,2026-01-03,false
2026-01-01,search,9.90,1,0.5,2026-01-20,false
2026-02-01,email,9.70,1,1.0,2026-02-04,false
2026-02-01,search,0.00,0,0.0,,false
2026-02-01,,0.20,1,,2026-02-03,false
,it's,1.00,1,,,false
"""
ROWS = [
    (date(2026, 1, 1), "email", Decimal("40.10"), 1, 1 / 3, date(2026, 1, 3), False),
    (date(2026, 1, 1), "search", Decimal("9.90"), 1, 0.5, date(2026, 1, 20), False),
    (date(2026, 2, 1), "email", Decimal("9.70"), 1, 1.0, date(2026, 2, 4), False),
    (date(2026, 2, 1), "search", Decimal("0.00"), 0, 0.0, None, False),
    (date(2026, 2, 1), None, Decimal("0.20"), 1, None, date(2026, 2, 3), False),
    (None, "it's", Decimal("1.00"), 1, None, None, False),
]
CONNECTIONS = ["duckdb:///shop.duckdb", "sqlite:///shop.sqlite"]


def answered(folder: Path, *arguments: str) -> Ran:
    done = call("run", *arguments, cwd=folder)
    assert (done.code, done.err) == (0, "")
    return done


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_csv(filled: Path, connection: str) -> None:
    assert answered(filled, *QUERY, "--format", "csv", "--connection", connection).out == CSV


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_json(filled: Path, connection: str) -> None:
    found = json.loads(answered(filled, *QUERY, "--format", "json", "--connection", connection).out)
    names = [column["name"] for column in found["columns"]]
    assert names == ["month", "channel", "revenue", "orders_placed", "conversion", "last_day", "_partial"]
    assert [column["type"] for column in found["columns"]] == [
        "date",
        "text",
        "decimal(38,2)",
        "integer",
        "float",
        "date",
        "boolean",
    ]
    assert found["columns"][2]["unit"] == "EUR"
    assert [list(row) for row in found["rows"]] == [names] * len(ROWS)
    assert found["rows"][0] == {
        "month": "2026-01-01",
        "channel": "email",
        "revenue": "40.10",
        "orders_placed": 1,
        "conversion": 1 / 3,
        "last_day": "2026-01-03",
        "_partial": False,
    }
    assert found["rows"][4]["channel"] is None
    assert found["rows"][4]["conversion"] is None


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("to_file", [True, False])
@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_parquet_and_arrow(filled: Path, format: str, connection: str, to_file: bool) -> None:
    output = ("--output", "out.bin") if to_file else ()
    done = answered(filled, *QUERY, "--format", format, "--connection", connection, *output)
    data = (filled / "out.bin").read_bytes() if to_file else done.bytes
    assert not (to_file and done.bytes)
    table = (
        pyarrow.parquet.read_table(io.BytesIO(data))
        if format == "parquet"
        else pa.ipc.open_file(data).read_all()
    )
    assert table.schema.names == [
        "month",
        "channel",
        "revenue",
        "orders_placed",
        "conversion",
        "last_day",
        "_partial",
    ]
    assert table.schema.types == [
        pa.date32(),
        pa.string(),
        pa.decimal128(38, 2),
        pa.int64(),
        pa.float64(),
        pa.date32(),
        pa.bool_(),
    ]
    assert [tuple(row.values()) for row in table.to_pylist()] == ROWS


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_table(filled: Path, connection: str) -> None:
    lines = answered(filled, *QUERY, "--connection", connection).out.splitlines()
    assert [line for line in lines if "email" in line and "40.10" in line and "0.333333" in line]
    assert len(lines) >= 2 + len(ROWS)
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_table_in_a_file_is_written_whole(filled: Path, connection: str) -> None:
    asked = ("run", "revenue", "--connection", connection, "--output")
    done = call(*asked, "nowhere/revenue.txt", cwd=filled)
    assert done.code != 0
    assert "nowhere/revenue.txt` could not be written" in done.err
    (filled / "revenue.txt").write_text("before")
    assert call(*asked, "revenue.txt", cwd=filled).code == 0
    assert (filled / "revenue.txt").read_text() != "before"
    assert not list(filled.glob(".revenue*"))


def test_the_table_is_the_default_and_the_projects_connection_too(filled: Path) -> None:
    assert (
        answered(filled, *QUERY).out
        == answered(filled, *QUERY, "--format", "table", "--connection", CONNECTIONS[0]).out
    )


def test_a_chart_only_where_it_is_asked_for(filled: Path) -> None:
    plain = answered(filled, "revenue", "--by", "month").out
    charted = answered(filled, "revenue", "--by", "month", "--chart").out
    assert charted.startswith(plain.rstrip("\n"))
    assert len(charted) > len(plain)


def test_the_language_of_labels_numbers_and_charts(filled: Path) -> None:
    asked = ("revenue", "--by", "month,channel", "--labels", "--chart")
    english = answered(filled, *asked).out
    french = answered(filled, *asked, "--locale", "fr").out
    assert "40.10" in english
    assert ", the latest on the right" in english
    assert "40,10" in french
    assert ", le plus récent à droite" in french
    assert french.splitlines()[1].split()[0] == "mois"
    assert answered(filled, *asked, "--locale", "en").out == english
    parts = answered(filled, "revenue", "--by", "weekday,month_of_year", "--labels", "--locale", "fr").out
    assert parts.splitlines()[1].startswith("jour de la semaine  mois de l’année")
    machine = answered(filled, *asked[:3], "--locale", "fr", "--format", "csv").out
    assert machine == answered(filled, *asked[:3], "--format", "csv").out


@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_an_answer_without_rows(filled: Path, format: str) -> None:
    none = ("revenue", "--by", "channel", "--where", "channel = 'no'")
    done = call("run", *none, "--format", format, cwd=filled)
    assert (done.code, done.err) == (0, "note: no rows answer this\n" if format == "table" else "")
    if format == "csv":
        assert done.out == "channel,revenue\n"
    elif format == "json":
        assert json.loads(done.out)["rows"] == []
    else:
        assert "revenue" in done.out


def test_csv_is_read_back_whatever_the_text(filled: Path) -> None:
    import duckdb

    texts = ["a,b", 'say "no"', "two\nlines", "", " ", "é", "=1+1", "\\", "it's", "\ttab"]
    with duckdb.connect(str(filled / "shop.duckdb")) as connection:
        connection.execute("delete from orders")
        connection.executemany(
            "insert into orders values (?, null, null, ?, 1)", [(n, text) for n, text in enumerate(texts)]
        )
    found = answered(filled, "orders_placed", "--by", "channel", "--format", "csv").out
    assert sorted(row[0] for row in list(csv.reader(io.StringIO(found, newline="")))[1:]) == sorted(texts)


@pytest.mark.parametrize("format", ["table", "csv", "json", "parquet", "arrow"])
def test_an_output_file_appears_whole(filled: Path, format: str) -> None:
    target = filled / "out.file"
    target.write_text("before", encoding="utf-8")
    before = {path.name for path in filled.iterdir()}
    arguments = ("run", "revenue", "--format", format, "--output", "out.file")
    failed = call(*arguments, "--connection", "duckdb:///nope.duckdb", cwd=filled)
    assert (failed.code, target.read_text(encoding="utf-8")) == (3, "before")
    assert call("run", "revenu", *arguments[2:], cwd=filled).code == 1
    assert target.read_text(encoding="utf-8") == "before"
    done = call(*arguments, cwd=filled)
    assert (done.code, done.bytes, done.err) == (0, b"", "")
    assert target.read_bytes() != b"before"
    assert {path.name for path in filled.iterdir()} == before


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        ("o.csv", b"revenue\n"),
        ("o.JSON", b'{"columns"'),
        ("o.parquet", b"PAR1"),
        ("o.arrow", b"ARROW1"),
        ("o.txt", b"revenue\n    EUR\n"),
    ],
)
def test_the_ending_of_a_file_says_its_format(filled: Path, target: str, begins: bytes) -> None:
    assert call("run", "revenue", "--output", target, cwd=filled).code == 0
    assert (filled / target).read_bytes().startswith(begins)
    assert call("run", "revenue", "--output", target, "--format", "csv", cwd=filled).code == 0
    assert (filled / target).read_bytes().startswith(b"revenue\n")


@pytest.mark.parametrize("format", ["csv", "json", "parquet", "table"])
@pytest.mark.parametrize("target", ["no/such/folder/out", "definitions", "kpidsl.yml/out"])
def test_an_output_that_cannot_be_written(filled: Path, format: str, target: str) -> None:
    done = call("run", "revenue", "--format", format, "--output", target, cwd=filled)
    assert (done.code, done.bytes) == (2, b"")
    assert done.err
    assert not (filled / "no").exists()


def test_the_connection_of_the_project_starts_at_the_project(filled: Path) -> None:
    elsewhere = filled / "definitions"
    assert call("run", "revenue", "--project", "..", cwd=elsewhere).code == 0
    assert call("run", "revenue", "--project", str(filled), cwd=elsewhere).code == 0


def test_a_connection_of_the_command_line_is_absolute_or_from_here(filled: Path) -> None:
    here = (filled / "definitions").resolve()
    arguments = ("run", "revenue", "--project", "..", "--connection")
    assert call(*arguments, f"duckdb:///{filled.resolve()}/shop.duckdb", cwd=here).code == 0
    assert call(*arguments, "sqlite:///../shop.sqlite", cwd=here).code == 0
    assert call(*arguments, "sqlite:///shop.sqlite", cwd=here).code == 3


def test_without_a_connection(filled: Path) -> None:
    (filled / "kpidsl.yml").write_text(SETTINGS.replace("connection", "# connection"), encoding="utf-8")
    done = call("run", "revenue", cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert "--connection" in done.err


@pytest.mark.parametrize(
    "url",
    [
        "duckdb:///nope.duckdb",
        "sqlite:///nope.sqlite",
        "duckdb:///kpidsl.yml",
        "sqlite:///kpidsl.yml",
        "duckdb:///definitions",
        "duckdb:///shop.sqlite.gone/x",
        "sqlite:///shop.duckdb",
        "duckdb:///empty.file",
        "duckdb://",
        "sqlite://",
        "postgresql://ann:hunter2@db.example.com/shop",
        "duckdb://ann:hunter2@host/shop.duckdb",
        "sqlite:///nope.sqlite?password=hunter2",
        "hunter2",
        "://hunter2",
        "",
        "duckdb:///\x1b[31m",
    ],
)
def test_a_connection_that_fails(filled: Path, url: str) -> None:
    (filled / "empty.file").write_bytes(b"")
    before = {path.name for path in filled.iterdir()}
    done = call("run", "revenue", "--connection", url, cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[connection/")
    assert "hunter2" not in done.err
    assert "\x1b" not in done.err
    assert {path.name for path in filled.iterdir()} == before


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_corrupt_file(filled: Path, engine: str) -> None:
    file = filled / f"shop.{engine}"
    content = file.read_bytes()
    file.write_bytes(content[:100] + bytes(len(content) - 100))
    done = call("run", *QUERY, "--connection", f"{engine}:///shop.{engine}", cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[connection/")


def test_a_secret_in_the_project_is_not_shown(filled: Path) -> None:
    (filled / "kpidsl.yml").write_text(
        SETTINGS.replace("duckdb:///shop.duckdb", "mysql://ann:hunter2@h/shop"), encoding="utf-8"
    )
    for command in (["run", "revenue"], ["check"], ["list"], ["explain", "revenue"], ["compile", "revenue"]):
        done = call(*command, cwd=filled)
        assert "hunter2" not in done.out + done.err
    assert call("run", "revenue", cwd=filled).code == 3


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_running_changes_no_byte_of_the_data(filled: Path, connection: str) -> None:
    file = filled / connection.rpartition("/")[2]
    before = file.read_bytes()
    answered(filled, *QUERY, "--connection", connection)
    assert file.read_bytes() == before


def test_a_missing_table_is_a_failure_of_the_engine(filled: Path) -> None:
    import sqlite3

    lite = sqlite3.connect(filled / "shop.sqlite")
    lite.execute("drop table visits")
    lite.commit()
    lite.close()
    done = call("run", "visits_seen", "--connection", "sqlite:///shop.sqlite", cwd=filled)
    assert (done.code, done.out) == (3, "")
    assert "visits" in done.err


def test_the_installed_command_writes_the_same_bytes(filled: Path) -> None:
    there = installed("run", *QUERY, "--format", "csv", cwd=filled)
    assert (there.code, there.out, there.err) == (0, CSV, "")
    table = installed("run", *QUERY, cwd=filled)
    assert (table.code, table.err) == (0, "")
    assert table.bytes == answered(filled, *QUERY).bytes


def test_a_null_label_that_a_member_bears_is_warned_of(filled: Path) -> None:
    asked = ("run", "revenue", "--by", "channel", "--format", "csv")
    done = call(*asked, "--null-label", "email", cwd=filled)
    assert done.code == 0
    assert done.out.count("email,") == 2
    assert "have the same members" in done.err
    for label in ("(none)", "Email"):
        assert call(*asked, "--null-label", label, cwd=filled).err == ""


def test_a_file_whose_name_tells_no_format_is_refused(filled: Path) -> None:
    done = call("run", "revenue", "--output", "revenue.xlsx", cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert "`.xlsx` names no format that is written: end the file's name with `.csv`" in done.err
    assert not (filled / "revenue.xlsx").exists()
    assert call("run", "revenue", "--output", "revenue.xlsx", "--format", "csv", cwd=filled).code == 0


@pytest.mark.parametrize("name", ["revenue.txt", "revenue"])
def test_a_table_in_a_file_ends_its_last_line(filled: Path, name: str) -> None:
    shown = answered(filled, *QUERY).out
    assert call("run", *QUERY, "--output", name, cwd=filled).code == 0
    assert (filled / name).read_text(encoding="utf-8") == shown
    assert shown.endswith("\n")
    assert not shown.endswith("\n\n")


def test_nothing_of_a_table_is_cut_or_wrapped_where_no_terminal_reads_it(filled: Path) -> None:
    names = [f"{'a' * 40}_{number} = sum(orders.amount) + {number}" for number in range(6)]
    lines = answered(filled, *names, "--by", "channel", "--where", "channel = 'it''s'").out.splitlines()
    assert len(lines) == 3
    assert all(f"{'a' * 40}_{number}" in lines[0] for number in range(6))


def test_a_chart_of_each_kpi(filled: Path) -> None:
    charted = answered(filled, "revenue", "visits_seen", "--by", "month", "--period", "2026", "--chart").out
    one, other = (
        answered(filled, name, "--by", "month", "--period", "2026", "--chart").out
        for name in ("revenue", "visits_seen")
    )
    drawn = [text.split("\n\n", 1)[1].rstrip("\n") for text in (one, other)]
    assert charted.split("\n\n", 1)[1] == "\n\n".join(drawn) + "\n"


@pytest.mark.parametrize("option", ["--chart", "--labels"])
@pytest.mark.parametrize("format", ["csv", "json", "parquet", "arrow"])
def test_what_only_tables_have_is_refused_elsewhere(filled: Path, option: str, format: str) -> None:
    done = call("run", "revenue", "--by", "month", option, "--output", f"o.{format}", cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert f"`{option}` is for tables, and {format} is none: leave it out" in done.err
