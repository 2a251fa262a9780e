"""What dialects refuse of a whole statement: the places in it that they cannot say, or not surely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from kpidsl.source import Span
from kpidsl.sql import nodes
from kpidsl.sql.converted_times import WITHIN_AN_HOUR
from kpidsl.sql.nodes import Node

_FORMULA, _LEAF = _KINDS = ("formula", "leaf")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a dialect cannot say, why, and what to do instead."""

    construct: str
    reason: str
    help: str
    node: Node | None = None
    """Where it stands in the statement; none: nowhere of its own."""

    def at(self, node: Node) -> Refusal:
        return replace(self, node=node)


_OPEN = "AN_OPEN_QUESTION"


def open_question(topic: str) -> Node:
    """Return what stands for something that a manual does not say, so that the statement is refused."""
    return nodes.call(_OPEN, nodes.text(topic))


def asked_of(call: exp.Anonymous) -> str | None:
    """Return the topic of an open question, or None where a call is of a function."""
    if call.name in _LAST and not _is_asked_by_day(call, call.name == _LAST_MILLISECOND):
        return FRACTIONS
    return str(call.expressions[0].name) if call.name == _OPEN else None


FRACTIONS = "fractions"
"""The open question of fractions of a second, where an engine does not move times by them."""
_LAST_BEFORE, _LAST_MILLISECOND = _LAST = ("LAST_BEFORE", "LAST_MILLISECOND_BEFORE")
_OF_ONE_TIME = frozenset(("SUBSTR", "AT_TIMEZONE", "CONVERT_TZ", "CONVERT_TIMEZONE"))
"""Functions that tell no more of a time than a zone's clocks do."""


def last_before(time: Node) -> Node:
    """Return what stands for the last instant before a time, on whose day it is.

    Where more than the day is asked of it, it is an open question.
    """
    return nodes.call(_LAST_BEFORE, time)


def last_millisecond_before(time: Node) -> Node:
    """Return the same where times have milliseconds: it also tells what is up to it, and what comes after."""
    return nodes.call(_LAST_MILLISECOND, time)


def settled(tree: Node) -> Node:
    """Return a tree that is not refused without what only refusals look at; the tree is used up."""
    for call in reversed(nodes.inside(tree)):
        if isinstance(call, exp.Anonymous) and call.name in _LAST:
            call.replace(call.expressions[0])
    return tree


def _is_asked_by_day(time: Node, in_milliseconds: bool) -> bool:
    here, around = time, time.parent
    while around is not None:
        match around:
            case exp.LTE(expression=last) | exp.GT(expression=last) if in_milliseconds and last is here:
                return True
            case exp.Anonymous(name="SEQUENCE", expressions=[_, last, _]) if last is here:
                return in_milliseconds
            case exp.Anonymous(name="DATE_TRUNC"):
                return in_milliseconds
            case exp.Cast() if around.to.this is exp.DataType.Type.DATE:
                return True
            case exp.Anonymous(name="DATE"):
                return True
            case exp.Cast():
                pass
            case exp.Anonymous(name=name) if name in _OF_ONE_TIME or (in_milliseconds and name == "LEAST"):
                pass
            case exp.Alias():
                readers = list(_readers(around))
                return bool(readers) and all(_is_asked_by_day(read, in_milliseconds) for read in readers)
            case _:
                return False
        here, around = around, around.parent
    return False


def _readers(column: exp.Alias) -> Iterator[Node]:
    """Yield where a column of a CTE is read."""
    query = column.parent
    cte = None if query is None else query.parent
    if not isinstance(cte, exp.CTE):
        return
    root = column.root()
    names = {table.alias_or_name for table in root.find_all(exp.Table) if table.name == cte.alias}
    for read in root.find_all(exp.Column):
        if read.name == column.alias and read.table in names:
            yield read


def come_from(node: Node, formula: Span | None, leaf: Span) -> Node:
    """Return a node that remembers what it comes from, part of a formula or a whole leaf; copies do, too."""
    if formula is None:
        node.meta.setdefault(_LEAF, leaf)
    else:
        node.meta.setdefault(_FORMULA, formula)
    return node


def place_of(node: Node) -> Span | None:
    """Return where in the formulas a part of a statement comes from.

    That is the smallest part of a formula that it stands in, else the leaf; of what no formula says, such as
    the bounds of a window, the first part or leaf in the smallest select around it.
    """
    for kind in _KINDS:
        around: Node | None = node
        while around is not None:
            if kind in around.meta:
                return _told(around, kind)
            around = around.parent
    select = node.find_ancestor(exp.Select)
    while select is not None:
        for kind in _KINDS:
            inner = next((one for one in select.find_all(exp.Expr) if kind in one.meta), None)
            if inner is not None:
                return _told(inner, kind)
        select = select.find_ancestor(exp.Select)
    return None


def _told(node: Node, kind: str) -> Span:
    place = node.meta[kind]
    assert isinstance(place, Span)
    return place


def reads_from_outside(tree: Node) -> Node | None:
    """Return a column of what stands around the select that reads it."""
    for select in tree.find_all(exp.Select):
        own = {source.alias_or_name for source in select.find_all(exp.Table, exp.Subquery, exp.Lateral)}
        for column in select.find_all(exp.Column):
            if column.table and column.table not in own:
                return column
    return None


def common_refusal(tree: Node) -> Refusal | None:
    """Return what is refused by dialects that take few selects inside expressions."""
    outer = reads_from_outside(tree)
    if outer is not None:
        return Refusal(
            "what is looked up for each row",
            "it does not surely take a select that reads the row beside it",
            "ask without comparable days and without grains of a calendar's own, or ask another engine",
            outer,
        )
    return jumps_refusal(tree)


def jumps_refusal(tree: Node) -> Refusal | None:
    """Return what is refused where zones are converted: hours that begin at a jump of clocks."""
    for call in tree.find_all(exp.Anonymous):
        if call.name == WITHIN_AN_HOUR:
            return Refusal(
                "hours in a zone whose clocks jump within an hour",
                "they begin at the jump, which it is not told",
                "ask for days, or for a period of two years at most",
                call,
            )
    return None
