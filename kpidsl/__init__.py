"""KPIs and objectives as versioned YAML definitions, checked like code and compiled to exact SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["DefinitionError", "EngineError", "Project", "Query", "Result", "__version__", "load"]

if TYPE_CHECKING:
    from kpidsl.engines.errors import EngineError
    from kpidsl.project import DefinitionError, Project, Query, load
    from kpidsl.report.result import Result

_HOMES = {
    "DefinitionError": "kpidsl.project",
    "Project": "kpidsl.project",
    "Query": "kpidsl.project",
    "load": "kpidsl.project",
    "EngineError": "kpidsl.engines.errors",
    "Result": "kpidsl.report.result",
}


def __getattr__(name: str) -> Any:
    # `import kpidsl` stays light: the compiler and the engines load when they are used.
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'kpidsl' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
