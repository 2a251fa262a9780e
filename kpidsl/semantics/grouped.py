"""Members that results are grouped by."""

from __future__ import annotations

from dataclasses import dataclass

from kpidsl.model.types import Type
from kpidsl.semantics.members import Member
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class Grouped:
    """A member of `by` with its type."""

    member: Member
    type: Type
    span: Span

    @property
    def name(self) -> str:
        return self.member.text
