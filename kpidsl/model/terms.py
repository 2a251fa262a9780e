"""The terms on which a metric or KPI may be asked, read from its keys."""

from __future__ import annotations

from decimal import Context, Decimal

from kpidsl.diagnostics import Sink
from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode
from kpidsl.model import errors
from kpidsl.model.definitions import Bounds, Deprecated, Terms
from kpidsl.model.reading import mapping, part, text
from kpidsl.source import SourceText
from kpidsl.syntax import parse_formula, tree

_EXACT = Context(prec=200)


def terms(keys: Mapping, sink: Sink) -> Terms:
    """Return the terms; what does not read is reported and left out."""
    variant = keys.get("variant_of")
    return Terms(
        variant_of=text(variant),
        variant_span=None if variant is None else variant.span,
        requires=_names(keys.get("requires")),
        forbids=_names(keys.get("forbids")),
        bounds=_bounds(keys.get("bounds"), sink),
        maturity=part(keys.get("maturity")),
        deprecated=_deprecated(mapping(keys.get("deprecated"))),
    )


def _names(node: YamlNode | None) -> tuple[SourceText, ...]:
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(item.content for item in nodes if isinstance(item, Scalar))


def _deprecated(node: Mapping | None) -> Deprecated | None:
    if node is None:
        return None
    use = node.get("use")
    return Deprecated(text(node.get("since")), text(use), node.span if use is None else use.span)


def _bounds(node: YamlNode | None, sink: Sink) -> Bounds | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        return None
    low, high = (_bound(item, sink) for item in node.items)
    if low is not None and high is not None and low > high:
        sink.report(errors.bounds_crossed(node.span, low, high))
        return None
    return Bounds(low, high, node.span)


def _bound(node: YamlNode, sink: Sink) -> Decimal | None:
    if not isinstance(node, Scalar) or text(node) is None:
        return None
    expr = parse_formula(node.content, sink)
    negative = isinstance(expr, tree.Negative)
    if isinstance(expr, tree.Negative):
        expr = expr.operand
    if not isinstance(expr, tree.Number):
        if expr is not None:
            sink.report(errors.bad_bound(node.span, node.text))
        return None
    value = Decimal(expr.value) if not isinstance(expr.value, float) else Decimal(repr(expr.value))
    if expr.suffix:
        value = _EXACT.scaleb(value, -2)
    value = value.normalize(_EXACT)
    return _EXACT.minus(value) if negative else value
