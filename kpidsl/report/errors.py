"""The failure of writing a result, in one line."""

from __future__ import annotations


class ReportError(Exception):
    """A result could not be written. `message` is one line; `help` says what would be right."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
