"""Where the folders are that travel with the package: beside it in a clone, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path


def shipped_folder(name: str) -> Path:
    """Return the folder `schemas` or `definitions`."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "_shipped" / name
    return shipped if shipped.is_dir() else package.parent / name
