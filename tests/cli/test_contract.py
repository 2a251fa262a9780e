"""The spellings that scripts rely on: commands, formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.ipc
import pyarrow.parquet
import pytest

from kpidsl.cli.main import main

DEFINITIONS = """
datasets:
  orders:
    table: shop.orders
    key: id
    time: day
    columns: {id: integer, day: date, channel: text, amount: "decimal(12,2)"}
dimensions:
  channel: {from: {orders: channel}}
metrics:
  revenue: {formula: sum(orders.amount), unit: EUR}
  n: count(orders)
  first_day: min(orders.day)
"""


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open the shop's file, whose name is that of a schema in it, as DuckDB itself wants it."""
    connection = duckdb.connect()
    connection.execute(f"attach '{folder / 'shop.duckdb'}' as d")
    connection.execute("use d")
    return connection


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "kpidsl.yml").write_text(
        "project: shop\nlanguage: 1\nconnection: duckdb:///shop.duckdb\n", encoding="utf-8"
    )
    (tmp_path / "definitions" / "shop.yml").write_text(DEFINITIONS, encoding="utf-8")
    with opened(tmp_path) as connection:
        connection.execute("create schema d.shop")
        connection.execute(
            "create table d.shop.orders (id bigint, day date, channel varchar, amount decimal(12,2))"
        )
        connection.execute(
            "insert into d.shop.orders values (1, '2026-01-03', 'email', 40.10), (2, '2026-02-03', null, 0.20), "
            "(3, '2026-02-04', '', 9.70), (4, null, 'it''s', 1.00)"
        )
    return tmp_path


def call(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return int(left.value.code or 0), captured.out, captured.err


def test_compile_prints_sql_and_nothing_else(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call("compile", "revenue", "--by", "channel", "--project", str(shop), capsys=capsys)
    assert (code, err) == (0, "")
    with opened(shop) as connection:
        assert len(connection.execute(out).fetchall()) == 4


def test_compile_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (
        "compile",
        "revenue",
        "mean = revenue / n",
        "--by",
        "month",
        "--dialect",
        "sqlite",
        "--format",
        "json",
    )
    code, out, _ = call(*arguments, "--project", str(shop), capsys=capsys)
    found = json.loads(out)
    assert code == 0
    assert found["dialect"] == "sqlite"
    assert found["sql"].startswith("WITH")
    assert found["columns"] == [
        {"name": "month", "type": "date", "unit": None},
        {"name": "revenue", "type": "decimal(38,2)", "unit": "EUR"},
        {"name": "mean", "type": "float", "unit": None},
    ]


def test_csv_tells_null_from_empty(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("run", "revenue", "first_day", "--by", "channel", "--order", "-revenue", "--format", "csv")
    code, out, err = call(*arguments, "--project", str(shop), capsys=capsys)
    assert (code, err) == (0, "")
    assert (
        out
        == 'channel,revenue,first_day\nemail,40.10,2026-01-03\n"",9.70,2026-02-04\nit\'s,1.00,\n,0.20,2026-02-03\n'
    )
    assert list(csv.reader(io.StringIO(out)))[1] == ["email", "40.10", "2026-01-03"]


def test_json_rows_have_decimals_as_texts(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("run", "revenue", "n", "--by", "month", "--period", "2026-02", "--format", "json")
    code, out, _ = call(*arguments, "--project", str(shop), capsys=capsys)
    assert code == 0
    assert json.loads(out)["rows"] == [{"month": "2026-02-01", "revenue": "9.90", "n": 2}]


@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_files_have_the_checkers_types(shop: Path, format: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = shop / f"out.{format}"
    arguments = (
        "run",
        "revenue",
        "n",
        "mean = revenue / n",
        "--by",
        "month",
        "--format",
        format,
        "--output",
        str(target),
    )
    assert call(*arguments, "--project", str(shop), capsys=capsys)[0] == 0
    table = (
        pyarrow.parquet.read_table(target)
        if format == "parquet"
        else pyarrow.ipc.open_file(target).read_all()
    )
    assert [str(field.type) for field in table.schema] == [
        "date32[day]",
        "decimal128(38, 2)",
        "int64",
        "double",
        "bool",
    ]
    assert table.column("revenue").to_pylist() == [Decimal("40.10"), Decimal("9.90"), Decimal("1.00")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check"], 0),
        (["check", "--connection", "duckdb:///shop.duckdb"], 0),
        (["list"], 0),
        (["list", "metrics", "--format", "json"], 0),
        (["explain", "revenue"], 0),
        (["explain", "grain/fan-out"], 0),
        (["test"], 2),
        (["run", "revenue"], 0),
        (["run", "revenu"], 1),
        (["compile", "revenue", "--dialect", "oracel"], 1),
        (["compile", "revenue", "--period", "soon"], 1),
        (["compile"], 2),
        (["compile", "revenue", "--limit", "0"], 2),
        (["list", "things"], 2),
        (["nothing"], 2),
        (["explain", "no/such-code"], 2),
        (["test", "nope"], 2),
        (["run", "revenue", "--connection", "duckdb:///nope.duckdb"], 3),
        (["run", "revenue", "--connection", "mysql://u:secret@h/d"], 3),
        (["run", "revenue", "--connection", "duckdb:///kpidsl.yml"], 3),
        (["run", "revenue", "--connection", "sqlite:///kpidsl.yml"], 3),
    ],
)
def test_exit_codes(
    shop: Path,
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shop)
    found, out, err = call(*arguments, capsys=capsys)
    assert found == code, (out, err)
    assert (err == "") == (code == 0)
    assert "secret" not in out + err


@pytest.mark.parametrize("stage", ["yaml", "formula", "checked", "leaves", "plan", "sql"])
def test_every_stage_can_be_shown(shop: Path, stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call("explain", "revenue", "--stage", stage, "--project", str(shop), capsys=capsys)
    assert code == 0
    assert "amount" in out


def test_diagnostics_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "definitions" / "bad.yml").write_text(
        "metrics:\n  a: sum(orders.amont)\n  revenue: 1\n", encoding="utf-8"
    )
    code, out, _ = call("check", "--format", "json", "--project", str(shop), capsys=capsys)
    first, second = json.loads(out)
    assert code == 1
    assert first == {
        "code": "name/unknown",
        "severity": "error",
        "message": "there is no column of `orders` called `amont`",
        "file": "definitions/bad.yml",
        "line": 2,
        "column": 17,
        "end_line": 2,
        "end_column": 22,
        "help": "did you mean `amount`?",
        "related": [],
    }
    assert second["code"] == "name/duplicate"
    assert [place["file"] for place in (second, *second["related"])] == [
        "definitions/shop.yml",
        "definitions/bad.yml",
    ]


def test_check_looks_at_the_data(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(shop) as connection:
        connection.execute("insert into d.shop.orders values (1, null, null, 1), (null, null, null, 1)")
        connection.execute("alter table d.shop.orders alter channel type integer using 1")
    url = f"duckdb:///{shop}/shop.duckdb"
    code, out, _ = call(
        "check", "--connection", url, "--format", "json", "--project", str(shop), capsys=capsys
    )
    assert code == 1
    assert sorted(d["code"] for d in json.loads(out)) == [
        "data/column-type",
        "data/duplicate-key",
        "data/null-key",
    ]


def test_init_gives_a_project_that_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "new"
    for arguments in (
        ("init", str(target)),
        ("check", "--project", str(target)),
        ("test", "--project", str(target)),
    ):
        assert call(*arguments, capsys=capsys)[0] == 0
    assert call("init", str(target), capsys=capsys)[0] == 2


def test_a_failed_test_is_shown_and_ends_with_1(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "definitions" / "tested.yml").write_text(
        "metrics:\n  tested:\n    formula: count(orders)\n    tests:\n"
        "      - name: two\n        rows: {orders: [{id: 1}]}\n        expect: [{tested: 2}]\n",
        encoding="utf-8",
    )
    code, out, _ = call("test", "--project", str(shop), capsys=capsys)
    assert code == 1
    assert "row 1, tested: expected 2, found 1" in out


def test_the_package_is_a_program_too() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "kpidsl", "--version"], capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("kpidsl, version ")


def test_importing_the_package_is_light() -> None:
    heavy = ("sqlglot", "lark", "duckdb", "pyarrow", "pandas", "polars", "rich", "jsonschema", "yaml")
    program = f"import kpidsl, sys; print([m for m in {heavy!r} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
    program = f"import kpidsl.cli.main, sys; print([m for m in {heavy!r} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


@pytest.mark.parametrize(
    "where",
    [
        "channel = 'x'' or 1=1 --'",
        "channel = '; drop table shop.orders; --'",
        "channel in ('a', 'b)')",
        "channel = 'é–\u200b'",
    ],
)
def test_texts_that_look_like_sql_are_texts(
    shop: Path, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(
        "run", "n", "--where", where, "--format", "csv", "--project", str(shop), capsys=capsys
    )
    assert (code, out) == (0, "n\n0\n")
    assert call("run", "n", "--format", "csv", "--project", str(shop), capsys=capsys)[1] == "n\n4\n"


def test_a_wrongly_declared_type_is_never_rounded(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop / "definitions" / "shop.yml"
    path.write_text(path.read_text(encoding="utf-8").replace('"decimal(12,2)"', "integer"), encoding="utf-8")
    for formula in (
        "min(orders.amount)",
        "sum(orders.amount where channel = 'email')",
        "max(orders.amount * 3) + 1",
    ):
        code, out, err = call("run", f"x = {formula}", "--project", str(shop), capsys=capsys)
        assert (code, out) == (3, ""), formula
        assert "cannot hold exactly as integer" in err or "should be integer" in err


def test_a_mistake_in_a_question_is_a_diagnostic_of_run_too(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call("run", "revenu", "--project", str(shop), capsys=capsys)
    assert (code, out) == (1, "")
    assert "error[name/unknown]" in err
    code, out, err = call("run", "revenue = n", "--format", "json", "--project", str(shop), capsys=capsys)
    assert (code, err) == (1, "")
    assert [d["code"] for d in json.loads(out)] == ["query/shadows"]
