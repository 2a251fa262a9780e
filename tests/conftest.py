"""What all tests share: engines that were started are stopped when they are done."""

from __future__ import annotations

import gc
import os
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

from tests import servers
from tests.servers import drivers

# No test fails for being slow: where other work has the cores, each would at times.
settings.register_profile("kpidsl", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kpidsl")

SHARE = int(os.environ.get("KPIDSL_SHARE", "1"))
"""Of what slow engines are asked, one test of so many is kept: the same ones in every run."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what asks an engine, or a driver, that this run does not ask, as `make test-engines` does, and
    what is not of the share of a slow engine."""
    left_out = [
        item
        for item in items
        if any(not _is_asked(mark) for mark in item.iter_markers("asks"))
        or any(not drivers.is_there(mark.args[0]) for mark in item.iter_markers("drives"))
        or not _is_of_the_share(item)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, not among the tests, and as seldom as the command line does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def _is_asked(mark: pytest.Mark) -> bool:
    assert mark.args[0] in servers.ENGINES, mark
    return mark.args[0] in servers.ASKED


def _is_of_the_share(item: pytest.Item) -> bool:
    asked = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return asked.get("engine") not in servers.SLOW or crc32(item.nodeid.encode()) % SHARE == 0


def pytest_sessionfinish() -> None:
    servers.stop_all()
