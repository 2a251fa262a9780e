"""What all tests share: engines that were started are stopped when they are done."""

from __future__ import annotations

from tests import servers


def pytest_sessionfinish() -> None:
    servers.stop_all()
