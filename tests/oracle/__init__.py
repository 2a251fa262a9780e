"""The oracle: what a query must give, computed row by row in plain Python.

It is written from the language's description alone and shares only the formula's tree with the
compiler, so that a mistake in one is not a mistake in both.
"""

from .evaluate import evaluate
from .table import OracleRefuses, Table

__all__ = ["OracleRefuses", "Table", "evaluate"]
