"""Spark: a session of this process's own, or one on a server by Spark Connect.

Only queries are sent. A session of one's own is one JVM for the process, which the first connection starts
and which lives as long as the process.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from pyspark.errors import PySparkException
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from kpidsl.engines import tables
from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.connection import ClosedAtTheEnd
from kpidsl.engines.errors import (
    EngineError,
    cannot_open,
    connection_closed,
    no_java,
    only_queries,
    statement_failed,
    too_slow,
    unexpected_width,
)
from kpidsl.engines.fitting import fitted_table
from kpidsl.engines.interruption import interruptible
from kpidsl.engines.spark_files import stored_tables, written_file
from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.urls import ServerAddress
from kpidsl.model.types import Kind, Type

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # A sum or product of many digits would be rounded to six after the point.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
}
"""What a statement's meaning rests on: set for every session, whatever the cluster's own are."""
_ASK_AGAIN = 0.2
_TRIES = 4
"""How often a server that cannot be reached is asked again, with longer and longer pauses: seconds in all."""
_BROADCAST = "spark.sql.autoBroadcastJoinThreshold"
_FOUND_IN_A_MAP = "TRY_ELEMENT_AT("
"""What a calendar tells is found so. Spark 4.3 fails on a broadcast join by a key that holds a query."""
_LOCAL = {
    "spark.app.name": "kpidsl",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "1",
}
_OF_A_CALL = re.compile(r'RPC that terminated with:\s.*?details = "(.*?)"$', re.DOTALL | re.MULTILINE)
"""What gRPC says of a call that failed, without the call."""
_GONE = (
    "Connection refused",
    "Connection reset",
    "UNAVAILABLE",
    "Answer from Java side is empty",
    "SESSION_CLOSED",
    "stopped SparkContext",
    'dagScheduler()" is null',
)


def open_spark(address: ServerAddress, read_only: bool) -> Spark:
    """Return a connection to a new session, which takes nothing but queries where it is to be read only."""
    parts = address.parts
    is_local = parts["host"] == "local"
    session: Any = None
    try:
        with _quietly():
            session = _local(parts) if is_local else _remote(parts)
            for name, value in _SETTINGS.items():
                session.conf.set(name, value)
            if parts.get("catalog"):
                session.catalog.setCurrentCatalog(parts["catalog"])
            if parts.get("database"):
                session.catalog.setCurrentDatabase(parts["database"])
    except _failures() as error:
        if session is not None and not is_local:
            _forget(session)
        raise cannot_open(address.shown, address.without_secrets(_told(error))) from None
    connection = Spark(
        session,
        is_remote=not is_local,
        read_only=read_only,
        timeout=parts.get("statement_timeout") or None,
    )
    if parts.get("warehouse"):
        connection.read_files(Path(parts["warehouse"]))
    return connection


def _local(parts: Mapping[str, str]) -> Any:
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise no_java()
    from pyspark.sql import SparkSession

    more = dict(_LOCAL)
    # What the session itself would leave in the folder that kpidsl is started from.
    more["spark.sql.warehouse.dir"] = str(Path(tempfile.gettempdir()) / "kpidsl-spark")
    with _no_server_by_itself(), _silent_child():
        builder = SparkSession.builder.master(f"local[{parts['cores']}]")
        for name, value in more.items():
            builder = builder.config(name, value)
        found = builder.getOrCreate()
    found.sparkContext.setLogLevel("OFF")
    # Its own databases and tables are those of one connection.
    return found.newSession()


def _remote(parts: Mapping[str, str]) -> Any:
    # The common builder would mark the process, and what it starts, as one that has no Spark of its own.
    from pyspark.sql.connect.session import SparkSession

    options = {"token": parts.get("token"), "use_ssl": parts.get("use_ssl"), "user_id": parts.get("user")}
    told = "".join(f";{name}={quote(value, safe='')}" for name, value in options.items() if value)
    port = parts["port"] or "15002"
    session = SparkSession.builder.remote(f"sc://{parts['host']}:{port}/{told}").create()
    from pyspark.sql.connect.client.retries import DefaultPolicy

    # By itself it asks again for ten minutes where nobody answers.
    session.client.set_retry_policies([DefaultPolicy(max_retries=_TRIES)])
    return session


def _forget(session: Any) -> None:
    """Leave a server that cannot be reached: it would be asked again and again to release the session."""
    session.release_session_on_close = False
    with _quietly():
        session.stop()


class Spark(ClosedAtTheEnd):
    """A connection to Spark."""

    dialect = "spark"

    def __init__(self, session: Any, *, is_remote: bool, read_only: bool, timeout: str | None = None) -> None:
        self._session = session
        self._read_only = read_only
        self._is_remote = is_remote
        self._timeout = timeout
        self._group = f"kpidsl-{id(self):x}"
        self._files: Path | None = None
        self._made: list[tuple[str, ...]] = []

    def run(self, sql: str, columns: Sequence[ResultColumn]) -> pa.Table:
        arrow = self._asked(sql)
        if arrow.num_columns != len(columns):
            raise unexpected_width(self.dialect, len(columns), arrow.num_columns)
        return fitted_table(arrow, columns)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        arrow = self._asked(sql)
        columns = [column.to_pylist() for column in arrow.columns]
        return list(zip(*columns, strict=True)) if columns else []

    def describe(self, parts: tuple[str, ...]) -> tuple[tuple[str, str], ...] | None:
        name = tables.table_node(parts).sql(self.dialect)
        with self._told_failures():
            if not self._session.catalog.tableExists(name):
                return None
            fields = self._session.table(name).schema.fields
        return _described(fields)

    def describe_select(self, sql: str) -> tuple[tuple[str, str], ...]:
        with self._told_failures():
            return _described(self._session.sql(sql).schema.fields)

    def tables(self) -> tuple[str, ...]:
        found: set[str] = set()
        with self._told_failures():
            catalog = self._session.catalog
            here = catalog.currentDatabase()
            for database in catalog.listDatabases():
                quoted = exp.Identifier(this=database.name, quoted=True).sql(self.dialect)
                for table in catalog.listTables(quoted):
                    is_bare = database.name == here or not table.namespace
                    found.add(table.name if is_bare else f"{database.name}.{table.name}")
        return tuple(sorted(found))

    def create_table(
        self, parts: tuple[str, ...], columns: Sequence[tuple[str, Type]], rows: Iterable[Sequence[object]]
    ) -> None:
        if self._files is None:
            self._files = Path(tempfile.mkdtemp(prefix="kpidsl-spark-"))
        folder = written_file(self._files, parts, columns, rows)
        typed = [(name, _type_node(type_)) for name, type_ in columns]
        self._put(parts, folder, typed)

    def read_files(self, warehouse: Path) -> None:
        """Make a table of each that a folder holds, as Spark lays them out: `shop.db/orders/*.parquet`."""
        for parts, folder in stored_tables(warehouse):
            self._put(parts, folder)

    def _put(
        self, parts: tuple[str, ...], folder: Path, columns: Sequence[tuple[str, exp.DataType]] = ()
    ) -> None:
        """Create a table over files; without columns it has those that the files say."""
        created = tables.create_table_node(parts, columns)
        if not columns:
            created.set("this", created.this.this)
        stored_as = exp.FileFormatProperty(this=exp.Var(this="PARQUET"))
        location = exp.LocationProperty(this=exp.Literal.string(str(folder)))
        properties = exp.Properties(expressions=[stored_as, location])
        created.set("properties", properties)
        with self._told_failures():
            if len(parts) > 1:
                self._session.sql(tables.create_schema_node(parts[:-1]).sql(self.dialect))
            self._session.sql(created.sql(self.dialect))
        self._made.append(parts)

    def close(self) -> None:
        """Forget the tables that this connection made: sessions of one process share them."""
        with suppress(EngineError), self._told_failures():  # a session that has ended took them with it
            for parts in reversed(self._made):
                dropped = exp.Drop(tables=[tables.table_node(parts)], kind="TABLE", exists=True)
                self._session.sql(dropped.sql(self.dialect))
        self._made.clear()
        if self._is_remote:
            with self._told_failures(), _quietly():
                self._session.stop()
        if self._files is not None:
            shutil.rmtree(self._files, ignore_errors=True)

    def _asked(self, sql: str) -> pa.Table:
        """Return the rows of a query: Spark has no sessions that only read, so anything else is not sent."""
        if self._read_only and not _is_query(sql):
            raise only_queries(self.dialect)
        with self._told_failures():
            if _FOUND_IN_A_MAP in sql:
                self._session.conf.set(_BROADCAST, "-1")
            else:
                self._session.conf.unset(_BROADCAST)
        return self._stoppable(lambda: self._session.sql(sql).toArrow())

    def _stoppable(self, work: Callable[[], T]) -> T:
        with self._told_failures():
            if self._timeout is None:
                return interruptible(lambda: self._told_of(work), self._interrupt)
            late, done = threading.Event(), threading.Event()
            watch = threading.Thread(target=self._stop_late, args=(late, done), daemon=True)
            watch.start()
            try:
                return interruptible(lambda: self._told_of(work), self._interrupt)
            except _failures():
                if late.is_set():
                    raise too_slow(self.dialect, self._timeout) from None
                raise
            finally:
                done.set()
                watch.join()

    def _stop_late(self, late: threading.Event, done: threading.Event) -> None:
        """Interrupt a statement that is late until it stops: before it has a job it does not hear of it."""
        assert self._timeout is not None
        if done.wait(seconds_of(self._timeout)):
            return
        late.set()
        while not done.wait(_ASK_AGAIN):
            self._interrupt()

    def _told_of(self, work: Callable[[], T]) -> T:
        """Do the work of a statement so that its jobs can be cancelled."""
        with _quietly():
            if not self._is_remote:
                # Rows are fetched by a thread of which the session knows nothing: it would not interrupt it.
                self._session.sparkContext.setJobGroup(self._group, "kpidsl")
            return work()

    def _interrupt(self) -> None:
        if self._is_remote:
            self._session.interruptAll()
        else:
            self._session.sparkContext.cancelJobGroup(self._group)

    @contextmanager
    def _told_failures(self) -> Iterator[None]:
        try:
            yield
        except _failures() as error:
            told = _told(error)
            if any(word in told for word in _GONE):
                if self._is_remote:
                    _forget(self._session)
                raise connection_closed(self.dialect) from None
            raise statement_failed(self.dialect, told) from None
        except UnicodeError as error:
            raise statement_failed(self.dialect, error) from None


def _failures() -> tuple[type[Exception], ...]:
    """Return what pyspark raises: its own, py4j's, and where it is a client of a server gRPC's."""
    from py4j.protocol import Py4JError

    grpc = sys.modules.get("grpc")
    return (PySparkException, Py4JError, OSError, *(() if grpc is None else (grpc.RpcError,)))


def _told(error: Exception) -> str:
    """Return what an error says: of one that Java raised, what it came of."""
    from py4j.protocol import Py4JJavaError

    rpc = _OF_A_CALL.search(str(error))
    if rpc is not None:
        return rpc[1]
    if isinstance(error, Py4JJavaError):
        cause = error.java_exception
        while cause.getCause() is not None:
            cause = cause.getCause()
        return str(cause.getMessage() or cause.toString())
    return str(error).strip() or type(error).__name__


def _is_query(sql: str) -> bool:
    try:
        return isinstance(parse_one(sql, dialect="spark"), exp.Query)
    except SqlglotError:
        # What Spark itself says of it is the better message.
        return sql.lstrip()[:6].upper().startswith(("SELECT", "WITH"))


def _type_node(type_: Type) -> exp.DataType:
    if type_.kind is Kind.TIMESTAMP:
        return exp.DataType(this=exp.DataType.Type.TIMESTAMPNTZ)
    return tables.type_node(type_)


def _described(fields: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, _type_text(field.dataType.simpleString())) for field in fields)


def _type_text(name: str) -> str:
    """Return a type's name; Spark calls an instant, which is shown in the session's zone, a timestamp."""
    return "timestamp_ltz" if name == "timestamp" else name


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep pyspark from warning of newer packages and from writing each failure to stderr as well."""
    import logging

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "pyspark.sql.connect.logging"):
        logging.getLogger(name).disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _no_server_by_itself() -> Iterator[None]:
    """Start a Spark of this process's own, whatever server the environment names."""
    names = ("SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_CONNECT_MODE_ENABLED", "SPARK_API_MODE")
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


@contextmanager
def _silent_child() -> Iterator[None]:
    """Start a JVM whose own messages are neither among results nor among ours."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(number, os.dup(number)) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, _ in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)
