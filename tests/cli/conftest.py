"""A shop with its data, for every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import fill, write


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A project in a folder with `shop.duckdb` and `shop.sqlite` beside it."""
    write(tmp_path)
    fill(tmp_path)
    return tmp_path
