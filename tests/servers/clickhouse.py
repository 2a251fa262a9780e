"""ClickHouse in the tests' own process, by chdb, with columns as warehouses have them there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from typing import Any

from kpidsl.engines.connection import Connection
from kpidsl.model.types import Kind, Type
from tests.servers.engine import EngineUnderTest

IS_THERE = find_spec("chdb") is not None


@cache
def _driver() -> Any:
    import chdb

    connection = chdb.connect(":memory:")
    # Naive plans of many KPIs are longer, and of more steps, than what it takes by itself.
    connection.query(f"SET max_query_size = {2**22}, query_plan_max_optimizations_to_apply = {2**20}")
    return connection


def empty() -> Connection:
    """Return an empty database, whose columns are no wider than their values and nullable only by need."""
    from kpidsl.engines.chdb import Chdb
    from kpidsl.engines.clickhouse_tables import type_name

    class Narrow(Chdb):
        def column_type(self, type_: Type, values: Sequence[object]) -> str:
            present = [value for value in values if value is not None]
            is_full = bool(values) and len(present) == len(values)
            name = type_name(type_)
            if type_.kind is Kind.DATE and all(map(_is_short, present)):
                name = "Date"
            if type_.kind is Kind.TIMESTAMP and all(map(_is_short, present)):
                name = "DateTime('UTC')"
            if type_.kind is Kind.TEXT:
                return "LowCardinality(String)" if is_full else "LowCardinality(Nullable(String))"
            return name if is_full else f"Nullable({name})"

    return Narrow(_driver())


def _is_short(value: object) -> bool:
    if isinstance(value, datetime):
        return 1970 <= value.year <= 2105 and value.microsecond == 0
    return isinstance(value, date) and 1970 <= value.year <= 2148


WHY_NOT = "the package chdb is not installed"
ENGINE = EngineUnderTest("clickhouse", "clickhouse", empty, missing=None if IS_THERE else WHY_NOT)
