"""What stands in for a SQL warehouse of Databricks: Thrift over HTTP on loopback, by the driver's own definition of it.

The service's calls and structures are those that the driver was generated with (`TCLIService`); its rows are
written down here, as Arrow.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from tests.engines.warehouses.common import COLUMNS, FIRST, MOMENT, SECOND, StandIn, Warehouse
from tests.servers.loopback import Answer, Asked, serving

PATH = "/sql/1.0/warehouses/abc123"

_TYPES = [
    pa.bool_(),
    pa.int64(),
    pa.decimal128(12, 2),
    pa.decimal128(38, 2),
    pa.float64(),
    pa.string(),
    pa.date32(),
    pa.timestamp("us"),
    pa.timestamp("us", "Etc/UTC"),
]
_EVERYTHING = pa.table(
    {
        column.name: pa.array([first, second, None], type_)
        for column, type_, first, second in zip(
            COLUMNS,
            _TYPES,
            [*FIRST.values(), MOMENT],
            [{**SECOND, "f": float("nan")}.get(column.name) for column in COLUMNS],
            strict=True,
        )
    }
)
_ORDERS = pa.table(
    {
        "col_name": ["id", "Amount", "at", "local", "t", "# Partition Information", "# col_name", "id"],
        "data_type": [
            "bigint",
            "decimal(12,2)",
            "timestamp",
            "timestamp_ntz",
            "string collate UTF8_LCASE",
            "",
            "data_type",
            "bigint",
        ],
        "comment": [None] * 8,
    }
)
_TABLES = pa.table(
    {
        "TABLE_CAT": ["sales", "sales", "sales"],
        "TABLE_SCHEM": ["shop", "crm", "information_schema"],
        "TABLE_NAME": ["orders", "leads", "tables"],
    }
)
_NAMESPACE = pa.table({"current_catalog()": ["sales"], "current_schema()": ["shop"]})


class Service:
    """A session and its operations, as a warehouse keeps them."""

    def __init__(self) -> None:
        self.types = import_module("databricks.sql.thrift_api.TCLIService.ttypes")
        processor = import_module("databricks.sql.thrift_api.TCLIService.TCLIService").Processor
        self._processor = processor(self)
        self._operations: dict[bytes, str] = {}
        self._fetched: set[bytes] = set()
        self.asked: list[Asked] = []
        self.sessions: list[Any] = []
        self.statements: list[Any] = []
        self.closed = 0
        self.cancelled = threading.Event()

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        transport = import_module("thrift.transport.TTransport").TMemoryBuffer
        protocol = import_module("thrift.protocol.TBinaryProtocol").TBinaryProtocol
        written = transport()
        self._processor.process(protocol(transport(asked.body)), protocol(written))
        return Answer(written.getvalue(), headers={"Content-Type": "application/x-thrift"})

    def _well(self) -> Any:
        return self.types.TStatus(statusCode=self.types.TStatusCode.SUCCESS_STATUS)

    def _handle(self, what: str) -> Any:
        number = uuid4().bytes
        self._operations[number] = what
        named = self.types.THandleIdentifier(guid=number, secret=b"s3cret")
        kind = self.types.TOperationType.EXECUTE_STATEMENT
        return self.types.TOperationHandle(operationId=named, operationType=kind, hasResultSet=True)

    # The names of the protocol's calls.

    def OpenSession(self, told: Any) -> Any:  # noqa: N802
        self.sessions.append(told)
        named = self.types.THandleIdentifier(guid=uuid4().bytes, secret=b"s3cret")
        return self.types.TOpenSessionResp(
            status=self._well(),
            serverProtocolVersion=self.types.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V7,
            sessionHandle=self.types.TSessionHandle(sessionId=named),
            canUseMultipleCatalogs=True,
        )

    def CloseSession(self, told: Any) -> Any:  # noqa: ARG002, N802
        self.closed += 1
        return self.types.TCloseSessionResp(status=self._well())

    def ExecuteStatement(self, told: Any) -> Any:  # noqa: N802
        self.statements.append(told)
        return self.types.TExecuteStatementResp(
            status=self._well(), operationHandle=self._handle(told.statement)
        )

    def GetTables(self, told: Any) -> Any:  # noqa: N802
        assert told.catalogName == "sales"
        handle = self._handle("TABLES")
        return self.types.TGetTablesResp(status=self._well(), operationHandle=handle)

    def GetOperationStatus(self, told: Any) -> Any:  # noqa: N802
        sql = self._operations[told.operationHandle.operationId.guid]
        states = self.types.TOperationState
        found = self.types.TGetOperationStatusResp(status=self._well(), operationState=states.FINISHED_STATE)
        if "SLOW" in sql:
            is_over = self.cancelled.is_set()
            found.operationState = states.CANCELED_STATE if is_over else states.RUNNING_STATE
        elif "missing" in sql or "nowhere" in sql or "SELEC 1" in sql:
            found.operationState = states.ERROR_STATE
            what = "[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'."
            if "SELEC 1" not in sql:
                kind = "SCHEMA" if "nowhere" in sql else "TABLE_OR_VIEW"
                what = f"[{kind}_NOT_FOUND] `missing` cannot be found."
            found.displayMessage = f"{what} SQLSTATE: 42000\n== SQL =="
            found.diagnosticInfo = "org.apache.spark.s3cret"
        return found

    def GetResultSetMetadata(self, told: Any) -> Any:  # noqa: N802
        table = self._table(told.operationHandle)
        return self.types.TGetResultSetMetadataResp(
            status=self._well(),
            schema=self.types.TTableSchema(
                columns=[self._column(table, at) for at in range(len(table.schema))]
            ),
            resultFormat=self.types.TSparkRowSetType.ARROW_BASED_SET,
            lz4Compressed=False,
            arrowSchema=table.schema.serialize().to_pybytes(),
        )

    def FetchResults(self, told: Any) -> Any:  # noqa: N802
        number = told.operationHandle.operationId.guid
        table = self._table(told.operationHandle)
        # Two pages: one row, then the rest.
        is_first = number not in self._fetched
        self._fetched.add(number)
        page = table.slice(0, 1) if is_first else table.slice(1)
        batches = [
            self.types.TSparkArrowBatch(batch=batch.serialize().to_pybytes(), rowCount=batch.num_rows)
            for batch in page.to_batches()
        ]
        rows = self.types.TRowSet(startRowOffset=0 if is_first else 1, rows=[], arrowBatches=batches)
        return self.types.TFetchResultsResp(
            status=self._well(),
            hasMoreRows=is_first and len(table) > 1,
            results=rows,
            resultSetMetadata=self.GetResultSetMetadata(told),
        )

    def CancelOperation(self, told: Any) -> Any:  # noqa: ARG002, N802
        self.cancelled.set()
        return self.types.TCancelOperationResp(status=self._well())

    def CloseOperation(self, told: Any) -> Any:  # noqa: ARG002, N802
        return self.types.TCloseOperationResp(status=self._well())

    def _table(self, handle: Any) -> pa.Table:
        sql = self._operations[handle.operationId.guid]
        if sql == "TABLES":
            return _TABLES
        if "CURRENT_CATALOG" in sql:
            return _NAMESPACE
        if "EMPTY" in sql:
            return _EVERYTHING.slice(0, 0)
        if sql.startswith("DESCRIBE QUERY"):
            return _ORDERS.slice(0, len(ORDERS))
        return _ORDERS if sql.startswith("DESCRIBE") else _EVERYTHING

    def _column(self, table: pa.Table, at: int) -> Any:
        kinds = self.types.TTypeId
        type_ = table.schema.field(at).type
        qualifiers = None
        kind = kinds.STRING_TYPE
        if pa.types.is_decimal(type_):
            kind = kinds.DECIMAL_TYPE
            value = self.types.TTypeQualifierValue
            told = {"precision": value(i32Value=type_.precision), "scale": value(i32Value=type_.scale)}
            qualifiers = self.types.TTypeQualifiers(qualifiers=told)
        elif pa.types.is_timestamp(type_):
            kind = kinds.TIMESTAMP_TYPE
        entry = self.types.TPrimitiveTypeEntry(type=kind, typeQualifiers=qualifiers)
        described = self.types.TTypeDesc(types=[self.types.TTypeEntry(primitiveEntry=entry)])
        return self.types.TColumnDesc(
            columnName=table.schema.field(at).name, typeDesc=described, position=at + 1
        )


@contextmanager
def serving_databricks(service: Service) -> Iterator[str]:
    with serving(service) as port:
        endpoint = f"endpoint=http://127.0.0.1:{port}"
        yield f"databricks://shop.example/sales/shop?warehouse=abc123&{endpoint}&connect_timeout=1"


@contextmanager
def stands_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:  # noqa: ARG001
    service = Service()
    with ExitStack() as stack:
        url = stack.enter_context(serving_databricks(service))
        yield StandIn(url, lambda: len(service.asked), service.cancelled, stack.close)


ORDERS = (
    ("id", "bigint"),
    ("Amount", "decimal(12,2)"),
    ("at", "timestamp_ltz"),
    ("local", "timestamp_ntz"),
    ("t", "string collate utf8_lcase"),
)

WAREHOUSE = Warehouse(
    "databricks",
    "databricks",
    driver="databricks-sql-connector",
    modules=("databricks", "databricks.sql"),
    plain_url="databricks://h/sales?warehouse=a",
    refused=(
        ("databricks:///sales", "the `databricks` connection does not name a workspace"),
        ("databricks://h/a/b/c", "the `databricks` connection does not name a workspace"),
        ("databricks://token:s3cret@h/a", "the `databricks` connection holds a password"),
        (
            "databricks://ann@h/a",
            "the `databricks` connection has a user, a password or a port, and takes none",
        ),
        ("databricks://h/a?token=s3cret", "the `databricks` connection holds a secret, its `token`"),
        ("databricks://h/a?http_path=s3cret", "the `databricks` connection has an option that is not known"),
        (
            "databricks://h/a?token=${NOT_THERE}",
            "the `databricks` connection names `${NOT_THERE}`, which the environment does not have",
        ),
        (
            "databricks://h/a?statement_timeout=s3cret",
            "the `databricks` connection has a timeout that is none",
        ),
    ),
    stands_in=stands_in,
    writes=("OPTIMIZE t", "SET ansi_mode = false", "USE CATALOG other", "COPY INTO t FROM 's3://x'"),
    failing=(
        "SELECT 1 FROM (SELECT 2) WHERE SELEC 1",
        "[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'. SQLSTATE: 42000",
    ),
    tables=("crm.leads", "orders"),
    described=(
        (("orders",), ORDERS),
        (("shop", "orders"), ORDERS),
        (("sales", "shop", "orders"), ORDERS),
        (("missing",), None),
        (("nowhere", "orders"), None),
    ),
    described_select=ORDERS,
)
