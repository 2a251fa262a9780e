"""What all tests share: engines that were started are stopped when they are done."""

from __future__ import annotations

import pytest

from tests import servers
from tests.servers import drivers


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what asks an engine, or a driver, that this run does not ask: `make test-engines` does."""
    left_out = [
        item
        for item in items
        if any(not _is_asked(mark) for mark in item.iter_markers("asks"))
        or any(not drivers.is_there(mark.args[0]) for mark in item.iter_markers("drives"))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_asked(mark: pytest.Mark) -> bool:
    assert mark.args[0] in servers.ENGINES, mark
    return mark.args[0] in servers.ASKED


def pytest_sessionfinish() -> None:
    servers.stop_all()
