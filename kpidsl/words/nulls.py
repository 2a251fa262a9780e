"""Whether a value can be null, as far as the definitions say."""

from __future__ import annotations

from kpidsl.model.types import BOOLEAN
from kpidsl.semantics.bound import (
    Aggregate,
    Apply,
    Bound,
    Children,
    Constant,
    Derived,
    Earliest,
    Filtered,
    InSet,
    InValues,
    KeyValue,
    MemberValue,
    MetricRef,
    Moved,
    ParameterRef,
    Partner,
    PerEntity,
    ResultValue,
    Ripe,
    RowColumn,
    RowSequence,
    Total,
    WindowEdge,
)
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.functions import ZERO_OF_NOTHING

OF_ANY_TYPE = frozenset({"case", "coalesce", "nullif", "as_type", "least", "greatest"})
"""Operations that give a value of their arguments' type, conditions among them."""


def may_be_null(expr: Bound, project: CheckedProject) -> bool:
    """Tell whether a value can be null, as far as the definitions say."""
    match expr:
        case Constant(value=value):
            return value is None
        case ParameterRef() | RowSequence():
            return False
        case Derived(path=path, form=Children(aggregate=aggregate)):
            return bool(path) or may_be_null(aggregate, project)
        case RowColumn(path=path, dataset=dataset, column=column):
            return bool(path) or column not in project.project.datasets[dataset].key
        case Aggregate(function=function, empty_is_null=empty, required=required):
            return function not in ZERO_OF_NOTHING or empty or bool(required)
        case Apply(op=op, type=type) if type == BOOLEAN and op not in OF_ANY_TYPE:
            return False
        case Apply(op="coalesce", args=args):
            return all(may_be_null(arg, project) for arg in args)
        case Apply(op="case", args=args):
            values = (*args[1:-1:2], args[-1])
            return any(may_be_null(value, project) for value in values)
        case Apply(op="/" | "nullif"):
            return True
        case Apply(args=args):
            return any(may_be_null(arg, project) for arg in args)
        case MetricRef(name=name):
            return may_be_null(project.metrics[name].bound, project)
        case PerEntity(function=function, empty_is_null=empty, among=among):
            lacks = among is not None and bool(among.required)
            return function not in ZERO_OF_NOTHING or empty or lacks
        case WindowEdge() | InValues() | InSet():
            return False
        case Derived() | Partner() | MemberValue() | ResultValue():
            return True
        case Filtered() | Total() | Moved() | Ripe() | KeyValue() | Earliest():
            return True
