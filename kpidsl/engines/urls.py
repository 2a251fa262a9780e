"""Connection URLs: `duckdb:///relative.duckdb`, `duckdb:////absolute.duckdb`, `duckdb://` (memory)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from kpidsl.engines.errors import EngineError, one_line

ENGINES = ("duckdb", "sqlite")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_FILE = re.compile(r"(?:[\w./-]|(?<=\w) )+\.(?:duckdb|ddb|db|sqlite3?)", re.IGNORECASE)
_SHAPES = "`{0}:///file.{0}`, `{0}:////absolute/file.{0}` or `{0}://` (in memory)"


@dataclass(frozen=True, slots=True)
class Address:
    """An engine and its file; no file means in memory. `shown` is the file as the user wrote it."""

    engine: str
    file: Path | None
    shown: str


def parse_url(url: str, base: Path) -> Address:
    """Return what a URL points at; relative files start at `base`. No part of a refused URL but
    its scheme is ever shown, because the rest may hold a password."""
    match = _URL.fullmatch(url)
    if match is None:
        raise EngineError("the connection is not a URL", help=_for_file(url, base))
    scheme, rest = match[1].lower(), match[2]
    if scheme not in ENGINES:
        known = " and ".join(f"`{name}`" for name in ENGINES)
        raise EngineError(f"no engine is known for `{scheme}` connections", help=f"the engines are {known}")
    if "?" in rest or (rest and not rest.startswith("/")) or rest == "/" or "\0" in rest:
        shapes = _SHAPES.format(scheme)
        raise EngineError(f"the `{scheme}` connection does not name a file", help=f"write {shapes}")
    if not rest:
        return Address(scheme, None, "memory")
    return Address(scheme, base / rest[1:], one_line(rest[1:]))


def _for_file(text: str, base: Path) -> str:
    """Return the URL of a file that is there; nothing else is shown of what may hold a password."""
    path = text.removeprefix("./")
    if not _FILE.fullmatch(path) or not (base / path).is_file():
        return "a connection is " + _SHAPES.format("duckdb")
    ending = path.rpartition(".")[2].lower()
    engines = ("sqlite",) if ending.startswith("sqlite") else ENGINES if ending == "db" else ("duckdb",)
    return "write " + " or ".join(f"`{engine}:///{path}`" for engine in engines)


def refuse_what_is_no_file(address: Address, base: Path, read_only: bool) -> None:
    """Raise unless the address's file is there, or can be created and may be."""
    file = address.file
    if file is None:
        return
    if file.is_dir():
        raise EngineError(f"`{address.shown}` is a directory, not a {address.engine} file")
    if file.exists():
        return
    if read_only or not file.parent.is_dir():
        start = f"relative files start at `{one_line(base)}`"
        raise EngineError(f"`{address.shown}` does not exist", help=start)
