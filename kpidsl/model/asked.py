"""The queries and rows of tests inside definitions, read from YAML."""

from __future__ import annotations

from kpidsl.loading.yaml_nodes import Mapping, Scalar, Sequence, YamlNode
from kpidsl.model.definitions import QueryText, TestRow
from kpidsl.model.reading import part, text
from kpidsl.model.vocabulary import given_values
from kpidsl.source import SourceText


def query_text(node: Mapping | None) -> QueryText:
    """Return the parts of a test's query."""
    if node is None:
        return QueryText()
    return QueryText(
        by=_parts(node.get("by")),
        where=part(node.get("where")),
        periods=_parts(node.get("period")),
        having=part(node.get("having")),
        top=part(node.get("top")),
        totals=part(node.get("totals")),
        fill=part(node.get("fill")),
        as_of=part(node.get("as_of")),
        partial=part(node.get("partial")),
        order=_parts(node.get("order")),
        limit=part(node.get("limit")),
        null_label=part(node.get("null_label")),
        parameters=given_values(node.get("set")),
    )


def test_rows(node: YamlNode | None) -> tuple[TestRow, ...]:
    """Return rows of a test, given or expected."""
    rows = []
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping):
            cells = {e.key.text: text(e.value) for e in item if isinstance(e.value, Scalar)}
            rows.append(
                TestRow(
                    cells,
                    {e.key.text: e.value.span for e in item},
                    {e.key.text: e.key.span for e in item},
                    item.span,
                )
            )
    return tuple(rows)


def whole_number(node: YamlNode | None) -> int | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, int) else None


def _parts(node: YamlNode | None) -> tuple[SourceText, ...]:
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(found for found in map(part, nodes) if found is not None)
