"""What tests know of an engine: whether it is there, how an empty one is had, how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kpidsl.engines.connection import Connection


@dataclass(frozen=True, slots=True)
class EngineUnderTest:
    """An engine that the cases are asked of."""

    name: str
    dialect: str
    """The dialect that it is sent; another name than its own where it stands in for a relative."""
    empty: Callable[[], Connection]
    """Return an empty engine that can be written to; what is written is gone when it is closed."""
    missing: str | None = None
    """Why it cannot be asked here."""
    stop: Callable[[], None] = lambda: None
    """Stop what was started for this process."""
    stored: Callable[[str], str] = lambda name: name
    """Return a name as the engine has it where nobody quotes it without need."""
