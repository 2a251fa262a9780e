"""What holds of every warehouse's connection: URLs, secrets, types, only queries, what is late, what fails.

None of the services can be had. What stands in for one answers the real driver over the service's own protocol, or is
a fake of the driver (`tests/engines/warehouses`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest

from kpidsl.engines import Connection, EngineError, ResultColumn, connect
from kpidsl.model.types import DATE, INTEGER, Type
from tests.answers import type_named
from tests.engines.warehouses import bigquery, databricks, redshift, snowflake, sqlserver, trino
from tests.engines.warehouses.common import (
    COLUMNS,
    FIRST,
    HERE,
    MOMENT,
    SECOND,
    StandIn,
    Warehouse,
    refused,
)

WAREHOUSES = (
    bigquery.WAREHOUSE,
    databricks.WAREHOUSE,
    redshift.WAREHOUSE,
    snowflake.WAREHOUSE,
    sqlserver.WAREHOUSE,
    trino.WAREHOUSE,
)


@pytest.fixture(
    params=[
        pytest.param(
            found,
            id=f"{found.name}{'' if found in WAREHOUSES else ', over its protocol'}",
            marks=[pytest.mark.drives(found.name)] if found.needs_driver else [],
        )
        for found in (*WAREHOUSES, snowflake.SERVED)
        if found.stands_in is not None
    ]
)
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    found: Warehouse = request.param
    return found


@pytest.fixture
def there(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    assert warehouse.stands_in is not None
    with warehouse.stands_in(monkeypatch) as found:
        yield found


@pytest.fixture
def opened(there: StandIn) -> Iterator[Connection]:
    with connect(there.url, base=HERE) as connection:
        yield connection


# URLs


@pytest.mark.parametrize(
    ("url", "message"),
    [pytest.param(*row, id=row[0]) for found in WAREHOUSES for row in found.refused],
)
def test_a_url_that_is_refused(url: str, message: str) -> None:
    told = refused(url)
    assert told.message == message
    assert told.help


@pytest.mark.parametrize("found", WAREHOUSES, ids=lambda found: found.name)
def test_a_missing_driver_says_what_to_install(found: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in found.modules:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"kpidsl.engines.{found.name}", raising=False)
    told = refused(found.plain_url)
    assert told.message == (
        f"{found.name} connections need the driver `{found.driver}`, which is not installed"
    )
    assert told.help == f"install it: pip install 'kpidsl[{found.name}]'"


# what is asked


def test_only_queries_are_sent(warehouse: Warehouse, opened: Connection, there: StandIn) -> None:
    before = there.asked()
    only_reads = rf"^the connection to {warehouse.dialect} only reads: the statement is no query$"
    for sql in (*warehouse.writes, "DELETE FROM t", "CREATE TABLE t (n int)", "SELECT 1; DROP TABLE t"):
        with pytest.raises(EngineError, match=only_reads):
            opened.fetch(sql)
    with pytest.raises(EngineError, match=only_reads):
        opened.create_table(("t",), [("n", INTEGER)], [(1,)])
    assert there.asked() == before


# what is read


def test_values_keep_their_types(warehouse: Warehouse, opened: Connection) -> None:
    assert opened.dialect == warehouse.dialect
    found = opened.run("SELECT everything", COLUMNS)
    assert found.schema.field("b").type.precision == 38
    first, second, third = found.to_pylist()
    assert first == {**FIRST, "moment": first["moment"]}
    assert first["moment"].astimezone(UTC) == MOMENT
    assert first["moment"].utcoffset().total_seconds() == 3600
    assert {name: second[name] for name in SECOND} == SECOND
    assert set(third.values()) == {None}


@pytest.mark.parametrize(
    ("place", "type_"),
    [
        (1, type_named("decimal(4,2)")),
        (2, type_named("decimal(4,0)")),
        (2, type_named("decimal(12,0)")),
        (3, type_named("decimal(30,2)")),
        (4, INTEGER),
        (5, INTEGER),
        (5, DATE),
        (7, DATE),
        (8, DATE),
    ],
)
def test_what_does_not_fit_is_an_error(opened: Connection, place: int, type_: Type) -> None:
    columns = list(COLUMNS)
    columns[place] = ResultColumn(columns[place].name, type_)
    with pytest.raises(EngineError, match=f"column `{columns[place].name}`"):
        opened.run("SELECT everything", columns)


def test_a_result_of_another_width_is_an_error(warehouse: Warehouse, opened: Connection) -> None:
    with pytest.raises(EngineError, match=f"{warehouse.dialect} returned 9 columns where 1 are due"):
        opened.run("SELECT everything", COLUMNS[:1])


def test_tables_are_described_and_listed(warehouse: Warehouse, opened: Connection) -> None:
    for parts, columns in warehouse.described:
        assert opened.describe(parts) == columns, parts
    assert opened.tables() == warehouse.tables


def test_a_select_is_described(warehouse: Warehouse, opened: Connection) -> None:
    assert opened.describe_select("SELECT everything\n") == warehouse.described_select
    with pytest.raises(EngineError, match="only reads: the statement is no query"):
        opened.describe_select("DELETE FROM orders")


# what fails


def test_a_failing_statement_is_one_line(warehouse: Warehouse, opened: Connection) -> None:
    sql, told = warehouse.failing
    with pytest.raises(EngineError) as caught:
        opened.fetch(sql)
    assert caught.value.message == f"{warehouse.dialect} refused the statement: {told}"
    assert caught.value.__cause__ is None


def test_a_statement_that_is_late_is_stopped(warehouse: Warehouse, there: StandIn) -> None:
    joined = "&" if "?" in there.url else "?"
    late = rf"^{warehouse.dialect} was stopped: .* statement_timeout=200ms$"
    with (
        connect(f"{there.url}{joined}statement_timeout=200ms", base=HERE) as connection,
        pytest.raises(EngineError, match=late),
    ):
        connection.fetch("SELECT SLOW")
    assert there.cancelled.is_set()


def test_a_statement_is_cancelled(warehouse: Warehouse, opened: Any, there: StandIn) -> None:
    timer = threading.Timer(0.3, opened.cancel)
    timer.start()
    with pytest.raises(EngineError, match=rf"^{warehouse.dialect} refused the statement: .*[Cc]ancel"):
        opened.fetch("SELECT SLOW")
    timer.join()
    assert there.cancelled.is_set()
    # There is nothing to cancel any more.
    opened.cancel()


def test_a_service_that_goes_away(warehouse: Warehouse, there: StandIn) -> None:
    opened = connect(there.url, base=HERE)
    there.go_away()
    closed = f"^the connection to {warehouse.dialect} is closed"
    with pytest.raises(EngineError, match=f"{closed}: ") as caught:
        opened.fetch("SELECT LOST")
    assert caught.value.message.isprintable()
    assert "s3cret" not in caught.value.message
    opened.close()
    with pytest.raises(EngineError, match=f"{closed}$"):
        opened.fetch("SELECT 1")
