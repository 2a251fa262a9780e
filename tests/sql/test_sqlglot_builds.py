"""sqlglot comes as Python and compiled: `make test-compiled` must not ask the one for the other."""

from __future__ import annotations

import os

from sqlglot import generator


def test_the_build_is_the_one_that_is_meant() -> None:
    is_python = (generator.__file__ or "").endswith(".py")
    assert is_python != (os.environ.get("KPIDSL_SQLGLOT") == "compiled")
