"""Source text and places in it: the lowest room, which knows nothing of YAML or formulas."""

from kpidsl.source.text import Embedded, Location, SourceFile, SourceText, Span

__all__ = ["Embedded", "Location", "SourceFile", "SourceText", "Span"]
