"""Suites of drawn worlds: their first block is of every run, `make test-drawn` asks the others, as CI does."""

from __future__ import annotations

import pytest


def blocks(count: int) -> list[object]:
    """Return the numbers of a suite's blocks, as parameters."""
    return [0, *(pytest.param(block, marks=pytest.mark.drawn) for block in range(1, count))]
