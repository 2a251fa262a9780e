"""Text from data and files, made safe to show."""

from __future__ import annotations

from unicodedata import category

LONGEST = 200


def shown_text(text: str) -> str:
    """Return text with whatever is not visible written as its escape.

    Control characters, terminal escapes, changes of writing direction and characters of no width
    come out as `\\n`, `\\x1b`, `\\u202e`; spaces of any width stay. What is longer than 200
    characters is cut, and ends with `…`.
    """
    if text.isascii() and text.isprintable():
        visible = text
    else:
        visible = "".join(character if _is_visible(character) else _escape(character) for character in text)
    return visible if len(visible) <= LONGEST else visible[: LONGEST - 1] + "…"


def _is_visible(character: str) -> bool:
    return character.isprintable() or category(character) == "Zs"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
