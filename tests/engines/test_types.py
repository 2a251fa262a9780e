"""Both engines return the types that the checker fixed, exactly, or refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Type, decimal

COLUMNS = (
    ("paid", BOOLEAN),
    ("units", INTEGER),
    ("amount", decimal(10, 2)),
    ("weight", FLOAT),
    ("name", TEXT),
    ("day", DATE),
    ("at", TIMESTAMP),
)
ROWS = (
    (True, 2**63 - 1, Decimal("-0.05"), 0.1, "é'\"; --", date(2026, 1, 31), datetime(2026, 1, 1, 2, 3, 4, 5)),
    (None,) * 7,
    (False, -(2**63), Decimal("99999999.99"), -1e300, "", date(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)),
)
ARROW = pa.schema(
    [
        ("paid", pa.bool_()),
        ("units", pa.int64()),
        ("amount", pa.decimal128(10, 2)),
        ("weight", pa.float64()),
        ("name", pa.string()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us")),
    ]
)
# SQLite's results carry decimals as exact text: the statement writes them so.
READ = {
    "duckdb": "SELECT * FROM shop.orders",
    "sqlite": """SELECT paid, units, PRINTF('%.2f', amount + 0.0) || SUBSTR('', 1, amount IS NULL) AS amount,
                 weight, name, day, at FROM shop.orders WHERE amount IS NOT NULL
                 UNION ALL SELECT * FROM shop.orders WHERE amount IS NULL""",
}


@pytest.fixture(params=["duckdb", "sqlite"])
def memory(request: pytest.FixtureRequest) -> Iterator[Connection]:
    with connect(f"{request.param}://", base=Path("/")) as connection:
        yield connection


def one(connection: Connection, sql: str, type_: Type) -> object:
    table = connection.run(sql, [ResultColumn("kpi", type_)])
    return table.column(0)[0].as_py()


def test_every_type_comes_back_as_it_was_stored(memory: Connection) -> None:
    memory.create_table(("shop", "orders"), COLUMNS, ROWS)
    table = memory.run(READ[memory.dialect], [ResultColumn(*column) for column in COLUMNS])
    assert table.schema == ARROW
    returned = [tuple(row.values()) for row in table.to_pylist()]
    assert sorted(returned, key=repr) == sorted(ROWS, key=repr)


def test_a_result_without_rows_has_its_types(memory: Connection) -> None:
    memory.create_table(("orders",), COLUMNS, [])
    table = memory.run("SELECT * FROM orders", [ResultColumn(*column) for column in COLUMNS])
    assert table.num_rows == 0
    assert table.schema == ARROW


def test_thousands_of_rows(memory: Connection) -> None:
    memory.create_table(("numbers",), [("n", INTEGER)], ((n,) for n in range(20_000)))
    assert memory.fetch("SELECT COUNT(*), SUM(n) FROM numbers") == [(20_000, 199_990_000)]


def test_columns_are_matched_by_position_and_renamed(memory: Connection) -> None:
    table = memory.run("SELECT 1 AS a, 2 AS b", [ResultColumn("b", INTEGER), ResultColumn("a", FLOAT)])
    assert table.to_pylist() == [{"b": 1, "a": 2.0}]


def test_describe(memory: Connection) -> None:
    memory.create_table(("shop", "orders"), COLUMNS, [])
    described = memory.describe(("shop", "orders"))
    assert described is not None
    assert [name for name, _ in described] == [name for name, _ in COLUMNS]
    assert dict(described)["amount"] == "DECIMAL(10,2)"
    assert memory.describe(("shop", "missing")) is None
    assert memory.describe(("nowhere", "orders")) is None


def test_names_are_quoted_and_values_are_parameters(memory: Connection) -> None:
    name = 'x"; DROP TABLE t; --'
    memory.create_table((name,), [(name, TEXT), ("?", TEXT)], [("'); DROP TABLE t; --", "%s")])
    assert memory.describe((name,)) is not None
    assert memory.fetch('SELECT * FROM "x""; DROP TABLE t; --"') == [("'); DROP TABLE t; --", "%s")]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (INTEGER, 2**63),
        (INTEGER, "1"),
        (INTEGER, True),
        (decimal(10, 2), Decimal("0.001")),
        (decimal(4, 2), Decimal("100")),
        (decimal(4, 2), Decimal("NaN")),
        (decimal(4, 2), 0.1),
        (BOOLEAN, 1),
        (TEXT, "\ud800"),
        (DATE, datetime(2026, 1, 1)),
        (DATE, "2026-01-01"),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_refused(
    memory: Connection, type_: Type, value: object
) -> None:
    with pytest.raises(EngineError, match="column `cell`"):
        memory.create_table(("t",), [("cell", type_)], [(value,)])


def test_sqlite_refuses_a_decimal_that_a_double_would_change() -> None:
    with connect("sqlite://", base=Path("/")) as memory, pytest.raises(EngineError, match="keeps exactly"):
        memory.create_table(("t",), [("cell", decimal(38, 2))], [(Decimal("12345678901234567.89"),)])


def test_sums_beyond_64_bits_are_refused() -> None:
    with connect("duckdb://", base=Path("/")) as duck:
        huge = "SELECT SUM(x) FROM (VALUES (9223372036854775807), (1)) AS t(x)"
        with pytest.raises(
            EngineError, match="column `kpi` has values that the engine cannot hold exactly as integer"
        ):
            one(duck, huge, INTEGER)
        assert one(duck, huge, decimal(38, 0)) == Decimal(2**63)
    with connect("sqlite://", base=Path("/")) as lite:
        with pytest.raises(EngineError, match="integer overflow"):
            one(lite, "SELECT SUM(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1)", INTEGER)
        with pytest.raises(
            EngineError, match="column `kpi` has values that the engine cannot hold exactly as integer"
        ):
            one(lite, "SELECT 9223372036854775807 + 1", INTEGER)
        for overflowed in ("9.3e18", "'9.300000000000000e+18'", "'9.3e18'", "'-inf'"):
            with pytest.raises(EngineError, match=r"the engine cannot hold exactly as decimal\(38,2\)"):
                one(lite, f"SELECT {overflowed}", decimal(38, 2))


def test_decimals_are_exact() -> None:
    with connect("sqlite://", base=Path("/")) as lite:
        assert one(lite, "SELECT '-0.05'", decimal(38, 2)) == Decimal("-0.05")
        assert one(lite, "SELECT '92233720368547758.07'", decimal(38, 2)) == Decimal("92233720368547758.07")
        assert str(one(lite, "SELECT 7", decimal(38, 2))) == "7.00"
    with connect("duckdb://", base=Path("/")) as duck:
        text = "999999999999999999999999999999999999.99"
        assert one(duck, f"SELECT {text}::DECIMAL(38,2)", decimal(38, 2)) == Decimal(text)
        assert str(one(duck, "SELECT 7", decimal(10, 2))) == "7.00"
        assert str(one(duck, "SELECT 7.5::DECIMAL(4,1)", decimal(38, 2))) == "7.50"


@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("SELECT 0.5::DOUBLE", decimal(38, 2)),
        ("SELECT 1::DOUBLE", INTEGER),
        ("SELECT 1.25::DECIMAL(4,2)", decimal(38, 1)),
        ("SELECT 100::DECIMAL(5,0)", decimal(4, 2)),
        ("SELECT 1.5::DECIMAL(2,1)", INTEGER),
        ("SELECT 170141183460469231731687303715884105727::HUGEINT", decimal(38, 0)),
        ("SELECT TIMESTAMP '2026-01-01 10:00:00'", DATE),
        ("SELECT DATE 'infinity'", DATE),
        ("SELECT TIMESTAMP '-infinity'", TIMESTAMP),
        ("SELECT 1", BOOLEAN),
        ("SELECT 1", TEXT),
        ("SELECT 'a'", INTEGER),
        ("SELECT 'a'::BLOB", TEXT),
        ("SELECT [1]", INTEGER),
    ],
)
def test_duckdb_never_rounds_or_cuts(sql: str, type_: Type) -> None:
    with connect("duckdb://", base=Path("/")) as duck, pytest.raises(EngineError, match="column `kpi`"):
        one(duck, sql, type_)


@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("SELECT 2", BOOLEAN),
        ("SELECT '1'", INTEGER),
        ("SELECT 'abc'", decimal(38, 2)),
        ("SELECT '1.255'", decimal(38, 2)),
        ("SELECT '0.5'", FLOAT),
        ("SELECT 5", TEXT),
        ("SELECT x'00'", TEXT),
        ("SELECT '2026-02-30'", DATE),
        ("SELECT '2026-01-01 00:00:00'", DATE),
        ("SELECT 20260101", DATE),
        ("SELECT '2026-01-01 24:00:01'", TIMESTAMP),
        ("SELECT '2026-01-01 00:00:00+02:00'", TIMESTAMP),
    ],
)
def test_sqlite_never_guesses(sql: str, type_: Type) -> None:
    with connect("sqlite://", base=Path("/")) as lite, pytest.raises(EngineError, match="column `kpi`"):
        one(lite, sql, type_)


def test_duckdb_types_that_stand_for_another() -> None:
    with connect("duckdb://", base=Path("/")) as duck:
        assert one(duck, "SELECT 'a'::ENUM('a', 'b')", TEXT) == "a"
        assert one(duck, "SELECT DATE_TRUNC('month', DATE '2026-03-09')", DATE) == date(2026, 3, 1)
        assert one(duck, "SELECT TIMESTAMP_NS '2026-03-09 01:02:03'", TIMESTAMP) == datetime(
            2026, 3, 9, 1, 2, 3
        )
        assert one(duck, "SELECT TIMESTAMPTZ '2026-03-09 01:00:00+02'", TIMESTAMP) == datetime(2026, 3, 8, 23)
        assert one(duck, "SELECT 9007199254740993::BIGINT", FLOAT) == 9007199254740992.0
        assert one(duck, "SELECT NULL", decimal(38, 2)) is None


def test_time_zones_need_no_network() -> None:
    with connect("duckdb://", base=Path("/")) as duck:
        local = "SELECT (TIMESTAMP '2026-07-01' AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Paris'"
        assert one(duck, local, TIMESTAMP) == datetime(2026, 7, 1, 2)
        assert duck.fetch("SELECT current_setting('autoinstall_known_extensions')") == [(False,)]


def test_no_float_is_a_zero_below_zero(memory: Connection) -> None:
    found = one(memory, "SELECT CAST(-1 AS DOUBLE) * CAST(0 AS DOUBLE)", FLOAT)
    assert str(found) == "0.0"
