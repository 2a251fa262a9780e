"""What all tests share: the embedded PostgreSQL is stopped when they are done."""

from __future__ import annotations

from tests import postgres


def pytest_sessionfinish() -> None:
    postgres.stop()
