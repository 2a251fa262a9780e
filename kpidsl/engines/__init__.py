"""Engines: connections, execution, and results as Arrow with the types that the checker fixed."""

from kpidsl.engines.columns import ResultColumn
from kpidsl.engines.connecting import connect
from kpidsl.engines.connection import Connection
from kpidsl.engines.errors import EngineError

__all__ = ["Connection", "EngineError", "ResultColumn", "connect"]
