"""Spark in local mode for tests: one JVM for each process that asks, with a core of its own.

Whoever asks for an empty one gets a connection that forgets its tables when it is closed. Statements are
many and small: code is not generated for them, and the JVM compiles without its slow optimizer.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kpidsl.engines import EngineError, connect
from kpidsl.engines.connection import Connection
from kpidsl.model.types import Type
from tests.servers.engine import EngineUnderTest

URL = "spark://local[1]"
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
_MEMORY = "3g"
"""Spark's parser remembers what it has read. After thousands of statements the 1 GB that Spark has by default were
collected over and over, and then not enough."""
_FOR_SMALL_STATEMENTS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.lightweightPlanChangeValidation": "false",
    "spark.sql.maxPlanStringLength": "0",
}


def _missing() -> str | None:
    if find_spec("pyspark") is None:
        return "the package pyspark is not installed"
    if shutil.which("java") is None:
        return "there is no `java`: apt-get install --no-install-recommends openjdk-17-jre-headless"
    return None


@cache
def _prepared() -> None:
    os.environ.setdefault("JDK_JAVA_OPTIONS", _JAVA)
    os.environ.setdefault("SPARK_DRIVER_MEMORY", _MEMORY)


def empty() -> Connection:
    """Return a connection to this process's Spark, which is started when it is first asked for."""
    _prepared()
    from kpidsl.engines.spark import Spark

    class Empty(Spark):
        def create_table(
            self,
            parts: tuple[str, ...],
            columns: Sequence[tuple[str, Type]],
            rows: Iterable[Sequence[object]],
        ) -> None:
            try:
                super().create_table(parts, columns, rows)
            except EngineError as error:
                # Without such a table the statements fail that read it, which a case's marker tells.
                if "INVALID_SCHEMA_OR_RELATION_NAME" not in error.message:
                    raise

    opened: Any = connect(URL, base=Path("."), read_only=False)
    connection = Empty(opened._session, is_remote=False, read_only=False)
    for name, value in _FOR_SMALL_STATEMENTS.items():
        connection._session.conf.set(name, value)
    return connection


def stop() -> None:
    """Stop the JVM, if this process has one."""
    if _prepared.cache_info().currsize:
        from pyspark.sql import SparkSession

        running = SparkSession.getActiveSession()
        if running is not None:
            running.stop()
        _prepared.cache_clear()


ENGINE = EngineUnderTest("spark", "spark", empty, missing=_missing(), stop=stop)
