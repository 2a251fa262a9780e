"""The parser's tables, worked out beforehand: building them from the grammar takes 0.2 s.

`python -m kpidsl.syntax.tables` writes them again after a change of the grammar; a test tells when
they are stale. They belong to one version of Lark; with another one the parser is built anew.
"""

from __future__ import annotations

import io
import pickle
from importlib.resources import files
from pathlib import Path
from typing import Any

import lark
from lark import Lark

_OPTIONS: dict[str, Any] = {"parser": "lalr", "maybe_placeholders": False}
_STORED = "formula.tables"


def grammar() -> str:
    return (files("kpidsl.syntax") / "formula.lark").read_text(encoding="utf-8")


def built(transformer: Any = None) -> Lark:
    """Return a parser built from the grammar."""
    return Lark(grammar(), transformer=transformer, **_OPTIONS)


def formula_parser(transformer: Any) -> Lark:
    """Return the parser of formulas, from the stored tables where they fit this version of Lark."""
    stored = pickle.loads((files("kpidsl.syntax") / _STORED).read_bytes())
    if stored["lark"] != lark.__version__:
        return built(transformer)
    tables = stored["tables"]
    return Lark._load_from_dict(tables["data"], tables["memo"], transformer=transformer)


def tables() -> dict[str, Any]:
    """Return what is stored: the version of Lark and its tables for the grammar."""
    out = io.BytesIO()
    built().save(out)
    return {"lark": lark.__version__, "tables": pickle.loads(out.getvalue())}


def main() -> None:
    path = Path(__file__).parent / _STORED
    path.write_bytes(pickle.dumps(tables(), protocol=5))
    print(f"{path.name}: {path.stat().st_size:,} bytes for Lark {lark.__version__}")


if __name__ == "__main__":
    main()
