"""The texts that a value can be, where columns list them (`values:`)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Project
from kpidsl.model.types import Kind
from kpidsl.semantics import errors
from kpidsl.semantics.bound import Aggregate, Apply, Bound, Constant, Partner, RowColumn
from kpidsl.source import Span

_OF_ROWS = ("first", "last", "min", "max")
"""Aggregates that give one of the values that they read."""


def listed_values(
    value: Bound, project: Project, computed: Mapping[Bound, tuple[str, ...]]
) -> tuple[str, ...] | None:
    """Return the texts that a value can be beside null, or None where no column lists them.

    `computed` holds the values of columns with formulas that list their own. A formula that gives texts
    of its own alone is not looked through: nobody has said that it gives no others.
    """
    lists: list[tuple[str, ...] | None] = []
    is_declared = False
    for one in _given(value, computed):
        match one:
            case Constant(value=None):
                lists.append(())
            case Constant(value=str() as text, parameter=None):
                lists.append((text,))
            case RowColumn(dataset=dataset, column=column):
                is_declared = True
                lists.append(project.datasets[dataset].columns[column].values or None)
            case _:
                is_declared = is_declared or one in computed
                lists.append(computed.get(one))
    return union(lists) if is_declared else None


def _given(value: Bound, computed: Container[Bound]) -> Iterator[Bound]:
    """Yield what gives a value: each of the values that it may be."""
    choices: tuple[Bound, ...] = ()
    match value:
        case _ if value in computed:
            pass
        case Partner(value=inner):
            choices = (inner,)
        case Apply(op="case", args=args):
            choices = (*args[1::2], args[-1])
        case Apply(op="coalesce", args=args):
            choices = args
        case Aggregate(function=function, argument=argument) if function in _OF_ROWS and argument is not None:
            choices = (argument,)
    if not choices:
        yield value
    for choice in choices:
        yield from _given(choice, computed)


def union(lists: Iterable[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """Return all texts of some lists; None where one of them is not known."""
    found: dict[str, None] = {}
    for listed in lists:
        if listed is None:
            return None
        found |= dict.fromkeys(listed)
    return tuple(found)


def misspelt(
    value: Bound, listed: tuple[str, ...] | None, beside: Iterable[tuple[Bound, Span]], shown: str, sink: Sink
) -> bool:
    """Report, and tell, whether a value is compared with texts that it never is."""
    if listed is None or value.type.kind is not Kind.TEXT:
        return False
    wrong = [(text, span) for text, span in _texts(beside) if text not in listed]
    for text, span in wrong:
        sink.report(errors.never_equal(span, shown, text, listed))
    return bool(wrong)


def _texts(values: Iterable[tuple[Bound, Span]]) -> Iterator[tuple[str, Span]]:
    for value, span in values:
        if isinstance(value, Constant) and isinstance(value.value, str) and value.parameter is None:
            yield value.value, span
