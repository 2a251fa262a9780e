"""The page of each code: what it means, a failing example, the corrected one, and why."""

from __future__ import annotations

import re
from importlib.resources import files

_CODE = re.compile(r"[a-z-]+/[a-z0-9-]+")


def page(code: str) -> str | None:
    """Return a code's page as Markdown, or None where there is no such code."""
    if not _CODE.fullmatch(code):
        return None
    path = files("kpidsl.diagnostics") / "pages" / f"{code}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else None
