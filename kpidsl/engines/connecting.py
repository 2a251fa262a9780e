"""Opening a connection by its URL."""

from __future__ import annotations

from pathlib import Path

from kpidsl.engines.connection import Connection
from kpidsl.engines.urls import parse_url, refuse_what_is_no_file


def connect(url: str, *, base: Path, read_only: bool = True) -> Connection:
    """Return an open connection; relative files start at `base`.

    A database in memory is always writable: it holds nothing but what this connection puts there.
    An engine's driver is imported when its first connection is opened.
    """
    address = parse_url(url, base)
    refuse_what_is_no_file(address, base, read_only)
    if address.engine == "sqlite":
        from kpidsl.engines.sqlite import open_sqlite

        return open_sqlite(address, read_only)
    from kpidsl.engines.duckdb import open_duckdb

    return open_duckdb(address, read_only)
