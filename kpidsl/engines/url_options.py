"""What the URLs of servers may say, engine by engine, and the options behind their `?`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kpidsl.diagnostics import did_you_mean
from kpidsl.engines.errors import password_in_url, unreadable_server

_TIMEOUT = re.compile(r"(\d{1,12})(ms|s|min|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_WHOLE = re.compile(r"[0-9]{1,18}")
_YES_OR_NO = ("secure", "encrypt", "trust_server_certificate", "use_ssl")
_LONGEST = 7 * 24 * 3600
"""Seconds: what is longer, one driver or the other does not take."""


@dataclass(frozen=True, slots=True)
class Server:
    """What is known of the URLs of an engine's servers."""

    shape: str
    """How such a URL is written, for help."""
    password: str
    """The variable that is shown where a password is to stand."""
    options: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    """The options that are secrets, and so stand in the environment."""
    host: str | None = None
    """What must stand where others name a host; none: a host, by itself this machine."""
    has_login: bool = True
    """Whether a user, a password and a port may stand beside the host."""
    has_schema: bool = False
    """Whether a schema may follow the database."""
    sslmodes: tuple[str, ...] = ()
    """What `sslmode` may be. A driver may take another word for less than was meant."""


_ENCRYPTED = ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey")
_TIMEOUTS = ("connect_timeout", "statement_timeout")
_OF_LIBPQ = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_OF_MYSQL = ("disable", "prefer", "require", "verify-ca", "verify-full")
KNOWN = {
    "postgres": Server(
        "write `postgresql://user:${PGPASSWORD}@host:5432/database`",
        "PGPASSWORD",
        (*_ENCRYPTED, *_TIMEOUTS),
        sslmodes=_OF_LIBPQ,
    ),
    "mysql": Server(
        "write `mysql://user:${MYSQL_PASSWORD}@host:3306/database`",
        "MYSQL_PASSWORD",
        (*_ENCRYPTED, *_TIMEOUTS),
        sslmodes=_OF_MYSQL,
    ),
    "clickhouse": Server(
        "write `clickhouse://user:${CLICKHOUSE_PASSWORD}@host:8443/database`",
        "CLICKHOUSE_PASSWORD",
        ("secure", "ca_cert", *_TIMEOUTS),
    ),
    "bigquery": Server(
        "write `bigquery://project/dataset`, or `bigquery://project`",
        "GOOGLE_APPLICATION_CREDENTIALS",
        ("key_file", "location", "maximum_bytes_billed", "endpoint", *_TIMEOUTS),
        secrets=("key_file",),
        host="a project",
        has_login=False,
    ),
    "trino": Server(
        "write `trino://user:${TRINO_PASSWORD}@host:443/catalog/schema`",
        "TRINO_PASSWORD",
        ("token", "secure", "ca_cert", *_TIMEOUTS),
        secrets=("token",),
        has_schema=True,
    ),
    "snowflake": Server(
        "write `snowflake://user:${SNOWFLAKE_PASSWORD}@account/database/schema?warehouse=name`",
        "SNOWFLAKE_PASSWORD",
        ("warehouse", "role", "token", "key_file", *_TIMEOUTS),
        secrets=("token", "key_file"),
        host="an account",
        has_schema=True,
    ),
    "redshift": Server(
        "write `redshift://user:${REDSHIFT_PASSWORD}@host:5439/database`",
        "REDSHIFT_PASSWORD",
        (*_ENCRYPTED, *_TIMEOUTS),
        sslmodes=_OF_LIBPQ,
    ),
    "databricks": Server(
        "write `databricks://host/catalog/schema?warehouse=id&token=${DATABRICKS_TOKEN}`",
        "DATABRICKS_TOKEN",
        ("warehouse", "token", "endpoint", *_TIMEOUTS),
        secrets=("token",),
        host="a workspace",
        has_login=False,
        has_schema=True,
    ),
    "sqlserver": Server(
        "write `sqlserver://user:${MSSQL_PASSWORD}@host:1433/database`",
        "MSSQL_PASSWORD",
        ("encrypt", "trust_server_certificate", *_TIMEOUTS),
    ),
    "spark": Server(
        "write `spark://local?warehouse=folder`, `spark://local[4]` or `spark://host:15002`",
        "SPARK_TOKEN",
        ("warehouse", "catalog", "database", "user", "token", "use_ssl", "statement_timeout"),
        secrets=("token",),
    ),
}


def options_of(engine: str, written: str | None) -> dict[str, str]:
    """Return the options of a URL as they are written; raises where one is not known."""
    found: dict[str, str] = {}
    known = KNOWN[engine]
    for option in filter(None, (written or "").split("&")):
        name, _, value = option.partition("=")
        if name == "password":
            raise password_in_url(engine, known.password)
        if name not in known.options:
            # What it is may be a part of a secret: it is not shown.
            listed = "the options are " + ", ".join(known.options)
            help = did_you_mean(name, known.options) or listed
            raise unreadable_server(engine, "has an option that is not known", help)
        found[name] = value
    return found


def refuse_other_values(engine: str, parts: Mapping[str, str]) -> None:
    """Raise where an option cannot be what it is."""
    for name in _YES_OR_NO:
        if parts.get(name, "true") not in ("true", "false"):
            help = f"write `{name}=false`, or `true`"
            raise unreadable_server(engine, f"has a `{name}` that is neither", help)
    modes = KNOWN[engine].sslmodes
    mode = parts.get("sslmode") or "disable"
    if modes and mode not in modes:
        help = did_you_mean(mode, modes) or "the modes are " + ", ".join(modes)
        raise unreadable_server(engine, "has an `sslmode` that is none", help)
    if not _WHOLE.fullmatch(parts.get("maximum_bytes_billed") or "1"):
        raise unreadable_server(
            engine, "has a number that is none", "write `maximum_bytes_billed=10000000000`"
        )
    seconds = parts.get("connect_timeout") or "1"
    if not _WHOLE.fullmatch(seconds) or not 0 < int(seconds) <= _LONGEST:
        raise unreadable_server(engine, "has a timeout that is none", "write `connect_timeout=10`: seconds")
    timeout = parts.get("statement_timeout") or "1s"
    if not _TIMEOUT.fullmatch(timeout) or not 0 < seconds_of(timeout) <= _LONGEST:
        help = "write `statement_timeout=30s`, or `ms`, `min`, `h`: a week at most"
        raise unreadable_server(engine, "has a timeout that is none", help)


def seconds_of(timeout: str) -> float:
    """Return how long a timeout is; a bare number is of milliseconds."""
    match = _TIMEOUT.fullmatch(timeout)
    assert match is not None
    return int(match[1]) * _SECONDS[match[2] or "ms"]
