"""The engines that tests ask, a module each for those that are not in memory.

`make test` asks those of `USUAL`, whose packages are of the extra `dev`. The others take longer to come and
to start: `KPIDSL_ENGINES=clickhouse,mariadb` in the environment names those to be asked instead, as
`make test-engines` does. An engine that is named and is not there is a failure, never a test left out.
"""

from __future__ import annotations

import os
from pathlib import Path

from kpidsl.engines import connect
from kpidsl.engines.connection import Connection
from tests.servers import clickhouse, googlesql, mariadb, postgres, spark
from tests.servers.engine import EngineUnderTest


def _in_memory(name: str) -> EngineUnderTest:
    def empty() -> Connection:
        return connect(f"{name}://", base=Path("."), read_only=False)

    return EngineUnderTest(name, name, empty)


ENGINES = {
    engine.name: engine
    for engine in (
        _in_memory("duckdb"),
        _in_memory("sqlite"),
        postgres.ENGINE,
        mariadb.ENGINE,
        clickhouse.ENGINE,
        googlesql.ENGINE,
        spark.ENGINE,
    )
}
IN_MEMORY = ("duckdb", "sqlite")
SLOW = ("googlesql", "spark")
USUAL = (*IN_MEMORY, "postgres")


def _asked() -> tuple[str, ...]:
    named = os.environ.get("KPIDSL_ENGINES")
    if named is None:
        return tuple(name for name in USUAL if ENGINES[name].missing is None)
    names = tuple(filter(None, named.split(",")))
    for name in names:
        if name not in ENGINES:
            raise LookupError(f"KPIDSL_ENGINES names `{name}`; the engines are {', '.join(ENGINES)}")
        if ENGINES[name].missing:
            raise LookupError(f"KPIDSL_ENGINES names `{name}`, but {ENGINES[name].missing}")
    return names


ASKED = _asked()
"""The engines of this run."""


def stop_all() -> None:
    """Stop every engine that this process started."""
    for engine in ENGINES.values():
        engine.stop()
