"""Names of a warehouse as the language has names."""

from __future__ import annotations

import re
import unicodedata


def plain(name: str) -> str:
    """Return a name in small letters, bare of accents, with `_` between its words: `OrderID` is order_id."""
    spread = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")
