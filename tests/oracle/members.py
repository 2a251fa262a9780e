"""Members: what a query groups by and what conditions on a context name."""

from __future__ import annotations

from dataclasses import dataclass

from .buckets import PARTS
from .definitions import Definitions
from .table import OracleRefuses


@dataclass(frozen=True, slots=True)
class Member:
    """A dimension or path (`parts`), perhaps cut by a grain or a date part; without `parts`, of the time."""

    text: str
    parts: tuple[str, ...]
    grain: str | None = None
    part: str | None = None

    @property
    def is_bucket(self) -> bool:
        """Tell whether it is a grain of the default time."""
        return not self.parts and self.grain is not None

    @property
    def is_of_time(self) -> bool:
        """Tell whether it is made of the default time."""
        return not self.parts


def member_of(text: str, definitions: Definitions) -> Member:
    """Read a member as written: `channel`, `month`, `weekday`, `customers.country`, `signup.month`."""
    parts = tuple(text.split("."))
    last = parts[-1]
    grain = last if last in definitions.grains else None
    part = last if last in PARTS else None
    is_column = definitions.column_of(parts) is not None
    if (grain or part) and not is_column:
        return Member(text, parts[:-1], grain, part)
    return Member(text, parts)


def is_text(member: Member, definitions: Definitions) -> bool:
    """Tell whether a member's values are texts."""
    if member.grain or member.part:
        return False
    if len(member.parts) == 1:
        return definitions.dimension_types.get(member.parts[0]) == "text"
    column = definitions.column_of(member.parts)
    if column is None:
        raise OracleRefuses(f"`{member.text}` is no column")
    return column.type == "text"
