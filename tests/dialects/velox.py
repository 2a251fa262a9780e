"""Evaluates expressions on Velox, in a Python of its own: `python tests/dialects/velox.py < checks.json`.

Velox is a library with Presto's functions, from which Trino's come. It asks for a pyarrow of its own, so that it is kept out of
the environment of the tests. Each check is `[expression, {column: values}]`; the answer is the values, or why there are none.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pyvelox

_VELOX: Any = pyvelox.legacy


def evaluated(expression: str, columns: dict[str, list[Any]]) -> dict[str, Any]:
    vectors = [_VELOX.from_list(values) for values in columns.values()]
    try:
        found = list(_VELOX.Expression.from_string(expression).evaluate(list(columns), vectors))
    except (RuntimeError, TypeError) as error:
        return {"error": next((line for line in str(error).splitlines() if "Reason" in line), str(error))}
    return {"values": found}


def main() -> None:
    json.dump([evaluated(expression, columns) for expression, columns in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
