"""Connection URLs: of a file, `duckdb:///relative.duckdb`, `duckdb:////absolute.duckdb`, `duckdb://` (in
memory); of a server, `postgresql://user:${PGPASSWORD}@host:5432/database`; `chdb://`, in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from kpidsl.diagnostics import did_you_mean
from kpidsl.engines.errors import (
    OPEN,
    URL,
    EngineError,
    no_such_variable,
    one_line,
    password_in_url,
    secret_in_url,
    unreadable_server,
)
from kpidsl.engines.url_options import KNOWN, Server, options_of, refuse_other_values

FILES = ("duckdb", "sqlite")
SERVERS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "clickhouse": "clickhouse",
    "bigquery": "bigquery",
    "trino": "trino",
    "snowflake": "snowflake",
    "redshift": "redshift",
    "databricks": "databricks",
    "sqlserver": "sqlserver",
    "mssql": "sqlserver",
    "spark": "spark",
}
"""The schemes of servers, and the engine of each."""
_IN_MEMORY = "chdb"
ENGINES = (
    *FILES,
    "postgresql",
    "mysql",
    "clickhouse",
    "bigquery",
    "trino",
    "snowflake",
    "redshift",
    "databricks",
    "sqlserver",
    "spark",
    _IN_MEMORY,
)
_JDBC = re.compile(r"(?i)jdbc:(\w+):")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_FILE = re.compile(r"(?:[\w./-]|(?<=\w) )+\.(?:duckdb|ddb|db|sqlite3?)", re.IGNORECASE)
_SHAPES = "`{0}:///file.{0}`, `{0}:////absolute/file.{0}` or `{0}://` (in memory)"
_SERVER = re.compile(
    r"(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^@/?#]*))?@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:@/?#\[\]]*)(?::(?P<port>\d+|\$\{\w+\}))?"
    r"(?:/(?P<dbname>[^/?#]*)(?:/(?P<schema>[^/?#]*))?)?(?:\?(?P<options>[^#]*))?"
)
_PORT = re.compile(r"[0-9]{1,5}")
_PORTS = 65_536
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_SPARK = re.compile(
    r"(?P<host>local(?=[\[/?]|$)|[^:@/?#\[\]]+)(?:\[(?P<cores>\d+|\*)\])?(?::(?P<port>\d+|\$\{\w+\}))?/?(?:\?(?P<options>[^#]*))?"
)
_OF_ONE_OWN = ("warehouse", "statement_timeout")


@dataclass(frozen=True, slots=True)
class FileAddress:
    """An engine and its file; no file means in memory. `shown` is the file as the user wrote it."""

    engine: str
    file: Path | None
    shown: str


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server's engine and what its driver is told. `shown` holds nothing that could be a secret."""

    engine: str
    parts: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    shown: str

    def without_secrets(self, text: str) -> str:
        """Return a driver's own message without what came from the environment."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return text


def parse_url(url: str, base: Path) -> FileAddress | ServerAddress:
    """Return what a URL points at; relative files start at `base`. No part of a refused URL but
    its scheme is ever shown, because the rest may hold a password."""
    match = _URL.fullmatch(url)
    if match is None:
        raise EngineError(URL, "the connection is not a URL", help=_for_file(url, base))
    scheme, rest = match[1].lower(), match[2]
    if scheme == "spark":
        return _spark(rest, base)
    if scheme in SERVERS:
        return _server(SERVERS[scheme], rest)
    if scheme == _IN_MEMORY and not rest:
        return FileAddress(scheme, None, "memory")
    if scheme == _IN_MEMORY:
        raise EngineError(URL, "the `chdb` connection is in memory", help="write `chdb://`")
    if scheme not in FILES:
        known = ", ".join(f"`{name}`" for name in ENGINES[:-1]) + f" and `{ENGINES[-1]}`"
        base_scheme = scheme.partition("+")[0]
        with_driver = base_scheme in SERVERS or base_scheme in FILES
        meant = f"write `{base_scheme}://…`: the driver is not named" if with_driver else None
        help = meant or did_you_mean(scheme, ENGINES) or f"the engines are {known}"
        raise EngineError(URL, f"no engine is known for `{scheme}` connections", help=help)
    if "?" in rest:
        help = f"leave out what follows `?`: {_SHAPES.format(scheme)}"
        raise EngineError(URL, f"the `{scheme}` connection has options, and files take none", help=help)
    if (rest and not rest.startswith("/")) or rest == "/" or "\0" in rest:
        shapes = f"`{scheme}:///{rest}`" if _FILE.fullmatch(rest) else _SHAPES.format(scheme)
        raise EngineError(URL, f"the `{scheme}` connection does not name a file", help=f"write {shapes}")
    if not rest:
        return FileAddress(scheme, None, "memory")
    return FileAddress(scheme, base / rest[1:], one_line(rest[1:]))


def _server(engine: str, rest: str) -> ServerAddress:
    known = KNOWN[engine]
    match = _SERVER.fullmatch(rest)
    if match is None or not rest.isprintable() or (match["schema"] is not None and not known.has_schema):
        raise unreadable_server(engine, f"does not name {known.host or 'a server'}", known.shape)
    names = ("user", "password", "host", "port", "dbname", *(("schema",) if known.has_schema else ()))
    written = {name: match[name] or "" for name in names}
    written["host"] = written["host"].strip("[]")
    written |= options_of(engine, match["options"])
    _refuse_secrets(engine, known, written)
    if known.host is not None and not written["host"]:
        raise unreadable_server(engine, f"does not name {known.host}", known.shape)
    if not known.has_login and any(written[name] for name in ("user", "password", "port")):
        raise unreadable_server(engine, "has a user, a password or a port, and takes none", known.shape)
    secrets: list[str] = []
    parts = {name: _filled(engine, text, secrets) for name, text in written.items()}
    _refuse_strange_parts(engine, written, parts["port"])
    refuse_other_values(engine, parts)
    shown = one_line(":".join(filter(None, (written["host"] or "localhost", written["port"]))))
    name = one_line(unquote(written["dbname"]))
    return ServerAddress(engine, parts, tuple(filter(None, secrets)), f"{shown}/{name}")


def _refuse_secrets(engine: str, known: Server, written: Mapping[str, str]) -> None:
    """Raise where a secret is written out."""
    if not _VARIABLE.fullmatch(written.get("password") or "${X}"):
        raise password_in_url(engine, known.password)
    for name in known.secrets:
        if not _VARIABLE.fullmatch(written.get(name) or "${X}"):
            raise secret_in_url(engine, name, known.password)


def _refuse_strange_parts(engine: str, written: Mapping[str, str], port: str) -> None:
    """Raise where a port is none, or a part has characters that no name has."""
    if port and not all(_PORT.fullmatch(one) and 0 < int(one) < _PORTS for one in port.split(",")):
        raise unreadable_server(engine, "has a port that is none", f"ports are from 1 to {_PORTS - 1}")
    if not all(unquote(text).isprintable() for text in written.values()):
        raise unreadable_server(engine, "holds a control character", KNOWN[engine].shape)


def _spark(rest: str, base: Path) -> ServerAddress:
    """Return what a URL of Spark points at: a session of this process's own, or a server of Spark Connect."""
    known = KNOWN["spark"]
    match = _SPARK.fullmatch(rest)
    is_local = match is not None and match["host"] == "local"
    if match is None or not rest.isprintable() or is_local == bool(match["port"]):
        raise unreadable_server("spark", "names neither `local` nor a server", known.shape)
    written = {"host": match["host"], "port": match["port"] or "", "cores": match["cores"] or "2"}
    written |= options_of("spark", match["options"])
    _refuse_secrets("spark", known, written)
    others = [name for name in known.options if name in written and (name in _OF_ONE_OWN) != is_local]
    others = [name for name in others if name != "statement_timeout"]
    if others:
        where = "a server" if is_local else "`spark://local`"
        raise unreadable_server("spark", f"has an option, `{others[0]}`, that is for {where}", known.shape)
    secrets: list[str] = []
    parts = {name: _filled("spark", text, secrets) for name, text in written.items()}
    refuse_other_values("spark", parts)
    if parts.get("warehouse"):
        folder = base / parts["warehouse"]
        if not folder.is_dir():
            start = f"relative folders start at `{one_line(base)}`"
            raise EngineError(URL, f"`{one_line(parts['warehouse'])}` is no directory", help=start)
        parts["warehouse"] = str(folder.resolve())
    shown = one_line(":".join(filter(None, (parts["host"], parts["port"]))))
    return ServerAddress("spark", parts, tuple(filter(None, secrets)), shown)


def _filled(engine: str, text: str, secrets: list[str]) -> str:
    """Return a part of a URL with what the environment has for the variables that it names."""
    pieces = _VARIABLE.split(text)
    for place in range(1, len(pieces), 2):
        value = os.environ.get(pieces[place])
        if value is None:
            raise no_such_variable(engine, pieces[place])
        secrets.append(value)
        pieces[place] = value
    pieces[::2] = map(unquote, pieces[::2])
    return "".join(pieces)


def _for_file(text: str, base: Path) -> str:
    """Return the URL of a file that is there; nothing else is shown of what may hold a password."""
    path = text.removeprefix("./")
    jdbc = _JDBC.match(text)
    if jdbc is not None and jdbc[1].lower() in SERVERS:
        return KNOWN[SERVERS[jdbc[1].lower()]].shape
    if not _FILE.fullmatch(path) or not (base / path).is_file():
        return f"a connection is {_SHAPES.format('duckdb')}; for a server, {KNOWN['postgres'].shape}"
    ending = path.rpartition(".")[2].lower()
    engines = ("sqlite",) if ending.startswith("sqlite") else FILES if ending == "db" else ("duckdb",)
    return "write " + " or ".join(f"`{engine}:///{path}`" for engine in engines)


def refuse_what_is_no_file(address: FileAddress, base: Path, read_only: bool) -> None:
    """Raise unless the address's file is there, or can be created and may be."""
    file = address.file
    if file is None:
        return
    if file.is_dir():
        raise EngineError(OPEN, f"`{address.shown}` is a directory, not a {address.engine} file")
    if file.exists():
        return
    if read_only or not file.parent.is_dir():
        start = f"relative files start at `{one_line(base)}`"
        raise EngineError(OPEN, f"`{address.shown}` does not exist", help=start)
