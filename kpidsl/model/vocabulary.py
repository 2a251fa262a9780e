"""Parameters and named filters, read from their sections; and the values that a query sets."""

from __future__ import annotations

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.model import errors
from kpidsl.model.definitions import GivenValues, NamedFilter, Parameter
from kpidsl.model.reading import formula, label, mapping, text, unit
from kpidsl.model.types import DURATION, TYPE_NAMES, UNKNOWN, Type, parse_type


def parameter(entry: Entry, sink: Sink) -> Parameter:
    """Return a parameter: a type alone, or a mapping with `type` and more."""
    node = entry.value
    keys = node if isinstance(node, Mapping) else Mapping({}, node.file, node.start, node.end)
    written = node if isinstance(node, Scalar) else keys.get("type")
    listed = keys.get("list")
    default = keys.get("default")
    return Parameter(
        name=entry.key.text,
        type=_type(written, sink),
        is_list=isinstance(listed, Scalar) and listed.value is True,
        unit=unit(keys.get("unit")),
        default=None if default is None else given(entry.key.text, default, default),
        label=label(keys.get("label")),
        description=label(keys.get("description")),
        span=entry.key.span,
    )


def _type(node: YamlNode | None, sink: Sink) -> Type:
    written = text(node)
    if written is None or node is None:
        return UNKNOWN
    found = DURATION if written == str(DURATION) else parse_type(written)
    if found is None:
        sink.report(errors.bad_type(node.span, written, (*TYPE_NAMES, str(DURATION))))
    return found or UNKNOWN


def named_filter(entry: Entry, sink: Sink) -> NamedFilter | None:
    """Return a named filter: a condition alone, or a mapping with `condition` and more."""
    node = entry.value
    keys = node if isinstance(node, Mapping) else Mapping({}, node.file, node.start, node.end)
    condition = formula(node if isinstance(node, Scalar) else keys.get("condition"), sink)
    if condition is None:
        return None
    return NamedFilter(
        name=entry.key.text,
        condition=condition,
        label=label(keys.get("label")),
        description=label(keys.get("description")),
        span=entry.key.span,
    )


def given_values(node: YamlNode | None) -> tuple[GivenValues, ...]:
    """Return the values that the `set:` of a test's query gives."""
    found = (given(e.key.text, e.key, e.value) for e in mapping(node) or ())
    return tuple(values for values in found if values is not None)


def given(name: str, key: YamlNode, node: YamlNode) -> GivenValues | None:
    if isinstance(node, Sequence):
        items = tuple(item.content for item in node.items if isinstance(item, Scalar))
        return GivenValues(name, items, True, key.span)
    if text(node) is None:
        return None
    assert isinstance(node, Scalar)
    return GivenValues(name, (node.content,), False, key.span)
