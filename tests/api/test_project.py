"""The Python interface: load, ask, compile, run, and every shape of a result."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import kpidsl
from kpidsl.engines.errors import EngineError
from tests.cli.running import call, fill, write

NAMES = ["month", "revenue", "orders_placed", "conversion"]
SHOWN = [*NAMES, "_partial"]
"""What a query by month shows where it is run: it may be cut at the present instant."""
ROWS = [
    {
        "month": date(2026, 1, 1),
        "revenue": Decimal("50.00"),
        "orders_placed": 2,
        "conversion": 0.4,
        "_partial": False,
    },
    {
        "month": date(2026, 2, 1),
        "revenue": Decimal("9.90"),
        "orders_placed": 2,
        "conversion": 2 / 3,
        "_partial": False,
    },
    {"month": None, "revenue": Decimal("1.00"), "orders_placed": 1, "conversion": None, "_partial": False},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write(tmp_path_factory.mktemp("shop"))
    fill(made)
    return made


@pytest.fixture(scope="module")
def project(folder: Path) -> kpidsl.Project:
    return kpidsl.load(folder)


@pytest.fixture
def query(project: kpidsl.Project) -> Any:
    return project.query(["revenue", "orders_placed", "conversion"], by=["month"])


def test_a_path_may_be_text_or_a_path(folder: Path) -> None:
    assert kpidsl.load(str(folder)).name == kpidsl.load(folder).name == "shop"


def test_the_current_folder_is_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert kpidsl.load().name == "shop"


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_the_sql_is_that_of_the_command(folder: Path, query: Any, dialect: str) -> None:
    command = call("compile", *NAMES[1:], "--by", "month", "--dialect", dialect, cwd=folder)
    assert query.sql(dialect).rstrip("\n") == command.out.rstrip("\n")
    assert isinstance(query.sql(dialect), str)


def test_the_columns_are_known_before_anything_runs(folder: Path, query: Any) -> None:
    found = [{"name": c.name, "type": str(c.type), "unit": c.unit} for c in query.columns()]
    command = call("compile", *NAMES[1:], "--by", "month", "--format", "json", cwd=folder)
    assert found == json.loads(command.out)["columns"]
    assert [column["name"] for column in found] == NAMES


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_rows(folder: Path, query: Any, engine: str) -> None:
    rows = query.run(f"{engine}:///{folder}/shop.{engine}").rows()
    assert rows == ROWS
    assert [list(map(type, row.values())) for row in rows[:2]] == [[date, Decimal, int, float, bool]] * 2


def test_without_a_connection_the_projects_own_is_used(query: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert query.run().rows() == ROWS


def test_arrow(query: Any) -> None:
    table = query.run().arrow()
    assert isinstance(table, pa.Table)
    assert table.schema.names == SHOWN
    assert table.schema.types == [pa.date32(), pa.decimal128(38, 2), pa.int64(), pa.float64(), pa.bool_()]
    assert table.to_pylist() == ROWS


def test_pandas(query: Any) -> None:
    frame = query.run().pandas()
    assert list(frame.columns) == SHOWN
    assert frame["revenue"].tolist() == [Decimal("50.00"), Decimal("9.90"), Decimal("1.00")]
    assert frame["orders_placed"].tolist() == [2, 2, 1]
    assert frame["month"].isna().tolist() == [False, False, True]
    assert frame["conversion"].isna().tolist() == [False, False, True]


def test_polars(query: Any) -> None:
    frame = query.run().polars()
    assert frame.columns == SHOWN
    assert frame.to_dicts() == ROWS


def test_a_notebook_sees_a_table_with_escaped_texts(project: kpidsl.Project) -> None:
    attack = "bad = revenue where channel = '<script>alert(1)</script>'"
    shown = project.query(["revenue", attack], by="channel").run()._repr_html_()
    assert shown.startswith("<table")
    assert shown.count("<tr>") == 1 + 4
    assert "49.80" in shown
    assert "it&#x27;s" in shown
    assert "it's" not in shown


def test_members_are_escaped_in_the_notebook(tmp_path: Path) -> None:
    import duckdb

    write(tmp_path)
    fill(tmp_path)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("update orders set channel = '<script>alert(1)</script>'")
    shown = kpidsl.load(tmp_path).query("revenue", by="channel").run()._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_every_part_of_a_query(project: kpidsl.Project) -> None:
    query = project.query(
        ["revenue", "mean = revenue / orders_placed"],
        by=["channel"],
        where="channel != 'search'",
        period="2026",
        order=["-revenue"],
        limit=1,
    )
    assert query.run().rows() == [{"channel": "email", "revenue": Decimal("49.80"), "mean": 24.9}]


def test_single_texts_stand_for_lists(project: kpidsl.Project) -> None:
    short = project.query("revenue", by="channel", order="-revenue")
    assert short.sql("duckdb") == project.query(["revenue"], by=["channel"], order=["-revenue"]).sql("duckdb")


def test_one_query_runs_on_several_engines(folder: Path, query: Any) -> None:
    duck, lite = (query.run(f"{engine}:///{folder}/shop.{engine}") for engine in ("duckdb", "sqlite"))
    assert duck.arrow().equals(lite.arrow())


def test_queries_of_one_project_do_not_touch_each_other(project: kpidsl.Project) -> None:
    first = project.query("revenue", by="month")
    before = first.sql("duckdb")
    project.query("conversion", by="channel", where="channel = 'a'").sql("sqlite")
    assert first.sql("duckdb") == before


def test_a_wrong_project_raises_one_exception_with_every_mistake(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "definitions" / "a.yml").write_text(
        "metrics:\n  a: sum(orders.nope)\n  b: sum(orders.amount\n  c: {formla: count(orders)}\n",
        encoding="utf-8",
    )
    with pytest.raises(kpidsl.DefinitionError) as raised:
        kpidsl.load(tmp_path)
    command = json.loads(call("check", "--format", "json", cwd=tmp_path).out)
    assert [d.code for d in raised.value.diagnostics] == [d["code"] for d in command]
    assert {d["line"] for d in command} == {2, 3, 4}
    for line in (2, 3, 4):
        assert f"definitions/a.yml:{line}:" in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_a_folder_without_a_project_raises_the_same(tmp_path: Path) -> None:
    with pytest.raises(kpidsl.DefinitionError, match=r"kpidsl\.yml"):
        kpidsl.load(tmp_path)


@pytest.mark.parametrize(
    "asked",
    [
        {"kpis": "revenu"},
        {"kpis": []},
        {"kpis": "revenue", "by": "nope"},
        {"kpis": "revenue", "where": "nope = 1"},
        {"kpis": "revenue", "where": ""},
        {"kpis": "revenue", "period": "soon"},
        {"kpis": "revenue", "order": "-nope"},
        {"kpis": ["revenue", "revenue"]},
        {"kpis": "a = sum(orders.amont)"},
        {"kpis": "conversion", "by": "country"},
    ],
    ids=str,
)
def test_a_wrong_query_raises_when_it_is_made(project: kpidsl.Project, asked: dict[str, Any]) -> None:
    with pytest.raises(kpidsl.DefinitionError) as raised:
        project.query(asked.pop("kpis"), **asked)
    assert raised.value.diagnostics
    assert "error[" in str(raised.value)


def test_several_mistakes_of_a_query_come_together(project: kpidsl.Project) -> None:
    with pytest.raises(kpidsl.DefinitionError) as raised:
        project.query("revenu", by="nope", where="nothing = 1", period="soon")
    assert len(raised.value.diagnostics) == 4


@pytest.mark.parametrize("dialect", ["oracel", "", "DuckDB"])
def test_a_dialect_that_is_not_known(query: Any, dialect: str) -> None:
    with pytest.raises(kpidsl.DefinitionError) as raised:
        query.sql(dialect)
    assert [d.code for d in raised.value.diagnostics] == ["dialect/unknown"]


@pytest.mark.parametrize("url", ["duckdb:///nope.duckdb", "mysql://ann:hunter2@h/d", "hunter2", "sqlite://"])
def test_a_connection_that_fails(query: Any, url: str) -> None:
    with pytest.raises(EngineError) as raised:
        query.run(url)
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = [
        "sqlglot",
        "lark",
        "duckdb",
        "pyarrow",
        "pandas",
        "polars",
        "rich",
        "jsonschema",
        "yaml",
        "click",
    ]
    program = f"import kpidsl, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_loading_a_project_needs_no_engine(folder: Path) -> None:
    heavy = ["duckdb", "pyarrow", "pandas", "polars", "rich"]
    program = (
        f"import kpidsl, sys; p = kpidsl.load({str(folder)!r}); p.query('revenue').sql('duckdb'); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_package_tells_its_names_and_its_version() -> None:
    from importlib.metadata import version

    assert kpidsl.__version__ == version("kpidsl")
    assert {"load", "Project", "Query", "Result", "DefinitionError", "EngineError"} <= set(kpidsl.__all__)
    assert all(hasattr(kpidsl, name) for name in kpidsl.__all__)
    with pytest.raises(AttributeError):
        kpidsl.nothing  # noqa: B018
