"""Source text and places in it: the lowest room, which knows nothing of YAML or formulas."""

from kpidsl.source.text import Embedded, Excerpt, Location, SourceFile, SourceText, Span

__all__ = ["Embedded", "Excerpt", "Location", "SourceFile", "SourceText", "Span"]
