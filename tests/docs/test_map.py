"""The map of the documentation has every page, once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| \[[^\]]+\]\(([^)#]+)\) \| \S.* \|$", re.M)


def test_every_page_is_on_the_map_with_a_line_of_its_own() -> None:
    listed = Counter(ROW.findall((DOCS / "README.md").read_text(encoding="utf-8")))
    pages = [DOCS / "tutorial.md", *DOCS.glob("reference/**/*.md"), *DOCS.glob("guides/**/*.md")]
    assert listed == Counter(page.relative_to(DOCS).as_posix() for page in pages)


def test_the_map_is_linked_from_the_readme() -> None:
    assert "](docs/README.md)" in (DOCS.parent / "README.md").read_text(encoding="utf-8")
