"""GoogleSQL's reference implementation, which stands in for BigQuery: the language, without the service.

Its catalogue and its rows go with every statement, so nothing has to be cleared away. What of its language
BigQuery does not have is switched off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.connection import ClosedAtTheEnd, Connection
from kpidsl.engines.errors import statement_failed, unexpected_width
from kpidsl.engines.rows import READERS, table_of
from kpidsl.model.types import Kind, Type
from tests.servers.engine import EngineUnderTest

if TYPE_CHECKING:
    import pyarrow as pa

IS_THERE = all(find_spec(name) is not None for name in ("zetasql", "wasmtime"))
WHY_NOT = "the package zetasql is not installed"

_EPOCH = date(1970, 1, 1)
_EXACT = Context(prec=100)
_NOT_IN_BIGQUERY = (
    "AGGREGATE_FILTERING",
    "MULTILEVEL_AGGREGATION",
    "LATERAL_JOIN",
    "CORRESPONDING",
    "CORRESPONDING_FULL",
    "BY_NAME",
    "ARRAY_EQUALITY",
    "ARRAY_ORDERING",
    "GROUP_BY_STRUCT",
    "GROUP_BY_ARRAY",
    "INLINE_LAMBDA_ARGUMENT",
    "ARRAY_FIND_FUNCTIONS",
    "ARRAY_AGGREGATION_FUNCTIONS",
    "CONCAT_MIXED_TYPES",
    "LITERAL_CONCATENATION",
    "CHAINED_FUNCTION_CALLS",
    "WITH_EXPRESSION",
    "MATCH_RECOGNIZE",
    "LIMIT_OFFSET_EXPRESSIONS",
    "TIMESTAMP_NANOS",
    "TIMESTAMP_PICOS",
    "ENFORCE_MICROS_MODE_IN_INTERVAL_TYPE",
    "DECIMAL_ALIAS",
)


@cache
def _client() -> Any:
    from tests.servers.googlesql_module import Client

    return Client()


@cache
def _options(zone: str = "UTC") -> Any:
    from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
    from zetasql.wasi._pb2.zetasql.proto import options_pb2 as messages
    from zetasql.wasi._pb2.zetasql.public import options_pb2 as public

    most = _client().call_grpc_func(
        "ZetaSqlLocalService_GetLanguageOptions",
        service.LanguageOptionsRequest(maximum_features=True),
        messages.LanguageOptionsProto,
    )
    off = {public.LanguageFeature.Value(f"FEATURE_{name}") for name in _NOT_IN_BIGQUERY}
    language = messages.LanguageOptionsProto(
        product_mode=public.PRODUCT_EXTERNAL,
        name_resolution_mode=public.NAME_RESOLUTION_DEFAULT,
        enabled_language_features=[f for f in most.enabled_language_features if f not in off],
        reserved_keywords=["QUALIFY"],
    )
    return messages.AnalyzerOptionsProto(language_options=language, default_timezone=zone)


class GoogleSql(ClosedAtTheEnd):
    """An empty catalogue of tables, and statements over it."""

    dialect = "bigquery"

    def __init__(self) -> None:
        self._stored: dict[tuple[str, ...], tuple[Sequence[tuple[str, Type]], list[list[object]]]] = {}
        self._number: int | None = None
        self.zone = "UTC"
        """What the service takes for the zone of a statement."""

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        width, rows = self._query(sql)
        if width != len(columns):
            raise unexpected_width(self.dialect, len(columns), width)
        return table_of(rows, columns, READERS)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self._query(sql)[1]

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        found = self._stored.get(parts)
        if found is None:
            return None
        return tuple((name, _type_name(type_)) for name, type_ in found[0])

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        from zetasql.wasi._pb2.zetasql.public import type_pb2 as types

        named = (
            (c.name, types.TypeKind.Name(c.type.type_kind)) for c in self._answered(sql).prepared.columns
        )
        return tuple((name, kind.removeprefix("TYPE_")) for name, kind in named)

    def tables(self) -> tuple[str, ...]:
        return tuple(sorted(".".join(parts) for parts in self._stored))

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        self._forget()
        self._stored[parts] = (columns, tables.stored_rows(columns, rows))

    def close(self) -> None:
        self._forget()
        self._stored.clear()

    def _query(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        answer = self._answered(sql)
        rows = [tuple(map(_read, row.cell)) for row in answer.content.table_data.row]
        return len(answer.prepared.columns), rows

    def _answered(self, sql: str) -> Any:
        from zetasql.core.exceptions import ServerError
        from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service

        for parts in self._stored:
            sql = _under_one_name(sql, parts)
        request = service.EvaluateQueryRequest(
            sql=sql, options=_options(self.zone), registered_catalog_id=self._registered()
        )
        try:
            return _client().call_grpc_func(
                "ZetaSqlLocalService_EvaluateQuery", request, service.EvaluateQueryResponse
            )
        except ServerError as error:
            raise statement_failed(self.dialect, error) from None

    def _registered(self) -> int:
        """Return the number under which the service knows the tables and their rows."""
        from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service

        if self._number is None:
            request = service.RegisterCatalogRequest()
            catalog = request.simple_catalog
            catalog.name = "catalog"
            catalog.builtin_function_options.language_options.CopyFrom(_options().language_options)
            for parts, (columns, rows) in self._stored.items():
                # Only the tables of the outermost catalogue may have rows.
                key = ".".join(parts)
                table = catalog.table.add(name=key)
                for name, type_ in columns:
                    table.column.add(name=name, is_writable_column=True).type.type_kind = _kind(type_)
                contents = request.table_content[key].table_data
                contents.SetInParent()
                for row in rows:
                    cells = contents.row.add()
                    for (_, type_), value in zip(columns, row, strict=True):
                        _write(cells.cell.add(), type_, value)
            answer = _client().call_grpc_func(
                "ZetaSqlLocalService_RegisterCatalog", request, service.RegisterResponse
            )
            self._number = answer.registered_id
        return self._number

    def _forget(self) -> None:
        from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service

        if self._number is not None:
            request = service.UnregisterRequest(registered_id=self._number)
            _client().call_grpc_func("ZetaSqlLocalService_UnregisterCatalog", request)
            self._number = None


def _under_one_name(sql: str, parts: tuple[str, ...]) -> str:
    """Return a statement in which a table of a dataset is called by one name, as `dataset.table`."""
    if len(parts) == 1:
        return sql
    path = r"\.".join(rf"`?{re.escape(part)}`?" for part in parts)

    def one_name(found: re.Match[str]) -> str:
        name = f"`{'.'.join(parts)}`"
        return name if found["alias"] else f"{name} AS `{parts[-1]}`"

    return re.sub(rf"(?<![\w`.]){path}(?![\w`.])(?=(?P<alias>\s+AS\b)?)", one_name, sql)


def _kind(type_: Type) -> int:
    from zetasql.wasi._pb2.zetasql.public import type_pb2 as types

    return int(types.TypeKind.Value(f"TYPE_{_type_name(type_).replace('FLOAT64', 'DOUBLE')}"))


def _type_name(type_: Type) -> str:
    match type_.kind:
        case Kind.BOOLEAN:
            return "BOOL"
        case Kind.INTEGER:
            return "INT64"
        case Kind.DECIMAL:
            is_narrow = type_.scale <= 9 and type_.precision - type_.scale <= 29
            return "NUMERIC" if is_narrow else "BIGNUMERIC"
        case Kind.FLOAT:
            return "FLOAT64"
        case Kind.TEXT:
            return "STRING"
        case Kind.DATE:
            return "DATE"
        case Kind.TIMESTAMP:
            return "DATETIME"
        case _:
            raise ValueError(f"no column has the type {type_}")


def _write(cell: Any, type_: Type, value: Any) -> None:
    if value is None:
        return
    match type_.kind:
        case Kind.BOOLEAN:
            cell.bool_value = value
        case Kind.INTEGER:
            cell.int64_value = value
        case Kind.DECIMAL:
            name = _type_name(type_)
            units = int(value.scaleb(9 if name == "NUMERIC" else 38, _EXACT))
            setattr(cell, f"{name.lower()}_value", _little(units))
        case Kind.FLOAT:
            cell.double_value = value
        case Kind.TEXT:
            cell.string_value = value
        case Kind.DATE:
            cell.date_value = (value - _EPOCH).days
        case _:
            packed = value.year
            for part, bits in (("month", 4), ("day", 5), ("hour", 5), ("minute", 6), ("second", 6)):
                packed = packed << bits | getattr(value, part)
            cell.datetime_value.bit_field_datetime_seconds = packed
            cell.datetime_value.nanos = value.microsecond * 1000


def _read(cell: Any) -> Any:
    kind = cell.WhichOneof("value")
    if kind is None:
        return None
    value = getattr(cell, kind)
    match kind:
        case "bool_value" | "int64_value" | "double_value" | "string_value":
            return value
        case "numeric_value" | "bignumeric_value":
            units = int.from_bytes(value, "little", signed=True)
            number = Decimal(units).scaleb(-9 if kind == "numeric_value" else -38, _EXACT)
            return Decimal(format(number.normalize(_EXACT), "f"))
        case "date_value":
            return _EPOCH + timedelta(days=value)
        case "datetime_value":
            parts, rest = [], value.bit_field_datetime_seconds
            for bits in (6, 6, 5, 5, 4):
                parts.append(rest & ((1 << bits) - 1))
                rest >>= bits
            return datetime(rest, *reversed(parts), value.nanos // 1000)
        case "timestamp_value":
            # Not the package's own reading, which is wrong for times before 1970.
            seconds = timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
            return datetime(1970, 1, 1, tzinfo=UTC) + seconds
        case _:
            raise ValueError(f"a result has a {kind}")


def _little(units: int) -> bytes:
    return units.to_bytes((units.bit_length() // 8) + 1, "little", signed=True)


def _empty() -> Connection:
    return GoogleSql()


def _stop() -> None:
    """Let the module go, while there is still somebody to free it."""
    _options.cache_clear()
    _client.cache_clear()


ENGINE = EngineUnderTest("googlesql", "bigquery", _empty, missing=None if IS_THERE else WHY_NOT, stop=_stop)
