"""What dialects refuse of a whole statement: the places in it that they cannot say, or not surely."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from kpidsl.sql import nodes
from kpidsl.sql.converted_times import WITHIN_AN_HOUR
from kpidsl.sql.nodes import Node


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a dialect cannot say, why, and what to do instead."""

    construct: str
    reason: str
    help: str


_OPEN = "AN_OPEN_QUESTION"


def open_question(topic: str) -> Node:
    """Return what stands for something that a manual does not say, so that the statement is refused."""
    return nodes.call(_OPEN, nodes.text(topic))


def asked_of(call: exp.Anonymous) -> str | None:
    """Return the topic of an open question, or None where a call is of a function."""
    return str(call.expressions[0].name) if call.name == _OPEN else None


def reads_from_outside(tree: Node) -> bool:
    """Tell whether some select reads a column of what stands around it."""
    for select in tree.find_all(exp.Select):
        own = {source.alias_or_name for source in select.find_all(exp.Table, exp.Subquery, exp.Lateral)}
        if any(column.table and column.table not in own for column in select.find_all(exp.Column)):
            return True
    return False


def jumps_within_an_hour(tree: Node) -> bool:
    """Tell whether buckets are cut at jumps of clocks that are no whole hours or minutes."""
    return any(call.name == WITHIN_AN_HOUR for call in tree.find_all(exp.Anonymous))


def common_refusal(tree: Node) -> Refusal | None:
    """Return what is refused by dialects that take few selects inside expressions."""
    if reads_from_outside(tree):
        return Refusal(
            "what is looked up for each row",
            "it does not surely take a select that reads the row beside it",
            "ask without comparable days and without grains of a calendar's own, or ask another engine",
        )
    return jumps_refusal(tree)


def jumps_refusal(tree: Node) -> Refusal | None:
    """Return what is refused where zones are converted: hours that begin at a jump of clocks."""
    if jumps_within_an_hour(tree):
        return Refusal(
            "hours in a zone whose clocks jump within an hour",
            "they begin at the jump, which it is not told",
            "ask for days, or for a period of few years",
        )
    return None
