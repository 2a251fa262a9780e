"""One diagnostic, and the sink that collects them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kpidsl.diagnostics.rules import Rule
from kpidsl.source import Span


@dataclass(frozen=True, slots=True)
class Label:
    """A place with two to five words on it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A user's mistake: a fact in one line, the place, other places, and what would be right.

    `help` is text that can be pasted or followed as it stands.
    """

    rule: Rule
    message: str
    primary: Label
    related: tuple[Label, ...] = ()
    help: str | None = None

    @property
    def code(self) -> str:
        return self.rule.code

    def sort_key(self) -> tuple[str, int, int, str, str]:
        place = self.primary.span.location()
        return (place.path, place.line, place.column, self.rule.code, self.message)


@dataclass(slots=True)
class Sink:
    """Collects diagnostics; a stage reports here and goes on."""

    reported: list[Diagnostic] = field(default_factory=list)

    def report(self, diagnostic: Diagnostic) -> None:
        self.reported.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.reported.extend(diagnostics)

    @property
    def errors(self) -> int:
        """Return how many errors there are so far. A warning never stops anything."""
        # Asked around every step, and mostly there is nothing.
        return sum(d.rule.severity == "error" for d in self.reported) if self.reported else 0

    @property
    def has_errors(self) -> bool:
        return any(d.rule.severity == "error" for d in self.reported)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Return the warnings, by place."""
        return tuple(d for d in self.diagnostics() if d.rule.severity == "warning")

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what was reported, by place, each fact about a place once."""
        if not self.reported:
            return ()
        unique: dict[tuple[str, int, int, str, str], Diagnostic] = {}
        for diagnostic in self.reported:
            unique.setdefault(diagnostic.sort_key(), diagnostic)
        return tuple(unique[key] for key in sorted(unique))
