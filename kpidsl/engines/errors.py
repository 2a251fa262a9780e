"""The failure of an engine or of a connection, in one line."""

from __future__ import annotations

import re

from kpidsl.diagnostics import Rule, rule

URL = rule("connection/url", "a connection that does not read, or that shows a secret")
OPEN = rule("connection/open", "a database that could not be opened, or whose driver is not there")
STATEMENT = rule("connection/statement", "a statement that the engine refused")
ANSWER = rule("connection/answer", "an answer that is not what the definitions say")

_CREDENTIALS = re.compile(r"(?<=://)[^\s/@'\"]*@")
_SECRET = re.compile(
    r"(?i)((?:password|passwd|pwd|token|secret|api_?key)\w*\s*=\s*)('[^']*'|\"[^\"]*\"|[^\s&;,'\"]+)"
)

_TOO_LARGE = ("overflow", "out of range")
_IN_RANGE = "a smaller unit, a smaller period or a `float` column keeps the numbers in range"


class EngineError(Exception):
    """A connection or a statement failed. `message` is one line; `help` says what would be right."""

    def __init__(self, rule: Rule, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.help = help
        if help is not None:
            # Who calls kpidsl from Python reads it below the message.
            self.add_note(f"help: {help}")

    def __str__(self) -> str:
        return self.message


def one_line(text: object) -> str:
    """Return the first line of an engine's own message, without credentials and control characters."""
    lines = str(text).strip().splitlines()
    line = _SECRET.sub(r"\1…", _CREDENTIALS.sub("…@", lines[0].strip() if lines else ""))
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def cannot_open(shown: str, error: object, help: str | None = None) -> EngineError:
    return EngineError(OPEN, f"`{one_line(shown)}` could not be opened: {one_line(error)}", help)


def statement_failed(engine: str, error: object) -> EngineError:
    line = one_line(error)
    is_too_large = any(word in line.lower() for word in _TOO_LARGE)
    return EngineError(
        STATEMENT, f"{engine} refused the statement: {line}", help=_IN_RANGE if is_too_large else None
    )


def connection_closed(engine: str, error: object = "") -> EngineError:
    told = one_line(error)
    reason = f": {told}" if told and "closed" not in told else ""
    return EngineError(OPEN, f"the connection to {engine} is closed{reason}")


def missing_driver(engine: str, driver: str) -> EngineError:
    return EngineError(
        OPEN,
        f"{engine} connections need the driver `{driver}`, which is not installed",
        help=f"install it: pip install 'kpidsl[{engine}]'",
    )


def other_letters(engine: str) -> EngineError:
    return EngineError(
        STATEMENT,
        f"{engine} cannot compute `lower` and `upper` in this database: its collation changes other letters",
        help="use a database whose collation is that of a language or `C.UTF-8`, or leave them out",
    )


def password_in_url(engine: str, variable: str) -> EngineError:
    return EngineError(
        URL,
        f"the `{engine}` connection holds a password",
        help=f"keep it in the environment and write its name in its place: `${{{variable}}}`",
    )


def secret_in_url(engine: str, option: str, variable: str) -> EngineError:
    return EngineError(
        URL,
        f"the `{engine}` connection holds a secret, its `{option}`",
        help=f"keep it in the environment and write its name in its place: `{option}=${{{variable}}}`",
    )


def no_such_variable(engine: str, name: str) -> EngineError:
    return EngineError(
        URL,
        f"the `{engine}` connection names `${{{name}}}`, which the environment does not have",
        help=f"set it before kpidsl is started: export {name}=…",
    )


def no_user(engine: str) -> EngineError:
    return EngineError(
        URL, f"the `{engine}` connection does not name a user", help=f"write `{engine}://user@host/…`"
    )


def no_warehouse(engine: str) -> EngineError:
    return EngineError(
        URL,
        f"the `{engine}` connection does not name a warehouse",
        help=f"write `{engine}://host/…?warehouse=` and the last part of the warehouse's HTTP path",
    )


def no_java() -> EngineError:
    return EngineError(
        OPEN,
        "a local Spark needs Java 17 or later, and there is no `java`",
        help="install it (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME",
    )


def only_queries(engine: str) -> EngineError:
    return EngineError(STATEMENT, f"the connection to {engine} only reads: the statement is no query")


def too_slow(engine: str, timeout: str) -> EngineError:
    return EngineError(
        STATEMENT, f"{engine} was stopped: the statement took longer than statement_timeout={timeout}"
    )


def unreadable_server(engine: str, what: str, help: str) -> EngineError:
    return EngineError(URL, f"the `{engine}` connection {what}", help=help)


def old_server(shown: str, found: str, tried: str) -> EngineError:
    return EngineError(
        OPEN,
        f"`{shown}` is {found}, which gives other numbers for dates",
        help=f"use a newer server: it was tried with {tried}",
    )


def too_large(column: str, type_name: str) -> EngineError:
    return EngineError(
        ANSWER,
        f"column `{one_line(column)}` has values that the engine cannot hold exactly as {type_name}",
        help=_IN_RANGE,
    )


def unexpected_value(column: str, type_name: str, found: str) -> EngineError:
    return EngineError(
        ANSWER,
        f"column `{one_line(column)}` should be {type_name}, but the engine returned {one_line(found)}",
    )


def unexpected_width(engine: str, due: int, found: int) -> EngineError:
    return EngineError(ANSWER, f"{engine} returned {found} columns where {due} are due")


def unstorable_value(column: str, type_name: str, value: object) -> EngineError:
    return EngineError(
        ANSWER, f"`{one_line(repr(value))}` is no {type_name}, the type of column `{one_line(column)}`"
    )


_OUTSIDE = re.compile(r"outside zone_years \d+\.\.\d+: [^'\"]*")


def outside_years(engine: str, error: object) -> EngineError | None:
    """Return what a statement's failure means where it met an instant of which it was told no zone."""
    found = _OUTSIDE.search(str(error))
    if found is None:
        return None
    return EngineError(
        ANSWER,
        f"{engine} met an instant whose local time it was not told: {one_line(found[0].rstrip(': '))}",
        help="widen `zone_years` in kpidsl.yml, or ask for a period",
    )
