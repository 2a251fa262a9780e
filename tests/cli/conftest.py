"""A shop with its data, for every command."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from .running import fill, write


@pytest.fixture(scope="session")
def _shop_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("shop"))
    fill(folder)
    return folder


@pytest.fixture
def filled(_shop_made_once: Path, tmp_path: Path) -> Path:
    """A project in a folder with `shop.duckdb` and `shop.sqlite` beside it."""
    return Path(copytree(_shop_made_once, tmp_path / "shop"))
