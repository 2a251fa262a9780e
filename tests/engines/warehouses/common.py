"""What is asked of every warehouse's connection, and what stands in for a warehouse that cannot be had."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpidsl.engines import EngineError, ResultColumn, connect
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, instant
from tests.answers import type_named

HERE = Path(".")


COLUMNS = [
    ResultColumn("yes", BOOLEAN),
    ResultColumn("n", INTEGER),
    ResultColumn("m", type_named("decimal(12,2)")),
    ResultColumn("b", type_named("decimal(38,2)")),
    ResultColumn("f", FLOAT),
    ResultColumn("t", TEXT),
    ResultColumn("d", DATE),
    ResultColumn("at", TIMESTAMP),
    ResultColumn("moment", instant("Europe/Paris")),
]
FIRST = {
    "yes": True,
    "n": 2**63 - 1,
    "m": Decimal("12.50"),
    "b": Decimal(f"{'9' * 36}.99"),
    "f": 0.1,
    "t": "é\n'",
    "d": date(1, 1, 1),
    "at": datetime(2026, 3, 9, 1, 0, 0, 1),
}
SECOND = {
    "yes": False,
    "n": -1,
    "m": Decimal("-0.01"),
    "b": Decimal(0),
    "t": "",
    "d": date(9999, 12, 31),
    "at": datetime(9999, 12, 31, 23, 59, 59, 999999),
}
"""What `SELECT everything` gives on every stand-in; behind these two stands a row of nulls."""
MOMENT = datetime(2026, 3, 9, 0, 0, 0, 1, tzinfo=UTC)


def driver_rows() -> list[list[Any]]:
    """Return the three rows as a driver of Python's DB-API has them."""
    return [
        [*FIRST.values(), MOMENT.replace(tzinfo=None)],
        [False, Decimal(-1), Decimal("-0.01"), Decimal(0), 1, "", SECOND["d"], SECOND["at"], None],
        [None] * 9,
    ]


@dataclass
class StandIn:
    """A warehouse that a test has for itself."""

    url: str
    asked: Callable[[], int]
    """How much it has been asked so far."""
    cancelled: threading.Event
    go_away: Callable[[], None]
    """From now on it is not there any more, or says so."""


@dataclass(frozen=True)
class Warehouse:
    name: str
    dialect: str
    driver: str
    modules: Sequence[str]
    """The modules without which the driver is not there."""
    plain_url: str
    refused: Sequence[tuple[str, str]]
    """URLs, and what is said of them."""
    stands_in: Callable[[pytest.MonkeyPatch], AbstractContextManager[StandIn]] | None = None
    needs_driver: bool = True
    """Whether the real driver speaks to what stands in; otherwise that is a fake of the driver itself."""
    writes: Sequence[str] = ()
    failing: tuple[str, str] = ("", "")
    """A statement that is refused, and why."""
    tables: tuple[str, ...] = ()
    described: Sequence[tuple[tuple[str, ...], tuple[tuple[str, str], ...] | None]] = field(default=())
    """Names of tables, and their columns."""
    described_select: tuple[tuple[str, str], ...] = ()
    """The columns of `SELECT everything`, or what stands in for what tells of them."""


def refused(url: str) -> EngineError:
    """Return why a URL cannot be opened, which is told in one line, without secrets."""
    with pytest.raises(EngineError) as caught:
        connect(url, base=HERE)
    told = caught.value.message + (caught.value.help or "")
    assert "\n" not in told
    assert "s3cret" not in told
    assert caught.value.__cause__ is None
    return caught.value
