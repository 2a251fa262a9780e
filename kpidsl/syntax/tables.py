"""The parser's tables, worked out beforehand: building them from the grammar takes 0.2 s.

`python -m kpidsl.syntax.tables` writes them again after a change of the grammar; a test tells when
they are stale. They belong to one version of Lark; with another one the parser is built anew.
"""

from __future__ import annotations

import io
import pickle
from hashlib import sha256
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
    if stored["made_for"] != made_for():
        return built(transformer)
    found = stored["tables"]
    # What Lark's own stand-alone parsers call; `Lark.load` takes no transformer.
    parser: Lark = Lark._load_from_dict(  # type: ignore[no-untyped-call]
        found["data"], found["memo"], transformer=transformer
    )
    return parser


def made_for() -> tuple[str, str]:
    """Return what tables depend on: the version of Lark and the grammar."""
    return lark.__version__, sha256(grammar().encode()).hexdigest()


def tables() -> dict[str, Any]:
    """Return what is stored: the tables, and the version of Lark and the grammar that they are for."""
    out = io.BytesIO()
    built().save(out)
    return {"made_for": made_for(), "tables": pickle.loads(out.getvalue())}


def main() -> None:
    path = Path(__file__).parent / _STORED
    path.write_bytes(pickle.dumps(tables(), protocol=5))
    print(f"{path.name}: {path.stat().st_size:,} bytes for Lark {lark.__version__}")


if __name__ == "__main__":
    main()
