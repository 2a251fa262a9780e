"""A warehouse's own names in SQL, and decimals that it holds as integers."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.definitions import Identifier
from kpidsl.semantics.check import CheckedProject
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.reserved import RESERVED

_RESERVED_WORD = "reserved_word"
_DIGITS_OF_64_BITS = 18


def identifier(name: Identifier) -> exp.Identifier:
    if not name.quoted and name.text.lower() in RESERVED:
        # As it was written, for engines that tell capitals; those that fold what is not quoted: `folded`.
        word = exp.Identifier(this=name.text, quoted=True)
        word.meta[_RESERVED_WORD] = True
        return word
    return exp.Identifier(this=name.text, quoted=name.quoted)


def is_reserved(name: exp.Identifier) -> bool:
    """Tell whether a name has quotes for being a word of SQL, and not from its author."""
    return bool(name.meta.get(_RESERVED_WORD))


def folded(tree: Node) -> Node:
    """Return a statement for an engine that folds names: quotes of words of SQL are not their author's."""
    for name in tree.find_all(exp.Identifier):
        if is_reserved(name):
            name.set("this", name.name.lower())
    return tree


def stored(name: Identifier, folds_names: bool) -> str:
    """Return a name as it is compared with those that an engine has, which may tell capitals in quotes."""
    return name.text if name.quoted and folds_names else name.text.lower()


def identifier_of(column: exp.Column) -> Identifier:
    """Return a column's name as a fragment of SQL has it."""
    return Identifier(column.name, bool(column.this.args.get("quoted")))


def named_table(project: CheckedProject, dataset: str) -> str | None:
    """Return the last part of the name of a dataset's table, if it has one."""
    parts = project.datasets[dataset].definition.table
    return None if parts is None else parts[-1].text.lower()


def physical(alias: str, name: Identifier) -> Node:
    return exp.Column(this=identifier(name), table=exp.Identifier(this=alias, quoted=False))


def table(parts: tuple[Identifier, ...], alias: str | None) -> exp.Table:
    """Return a table by its dotted name."""
    *outer, name = map(identifier, parts)
    node = exp.Table(this=name)
    for key, part in zip(("db", "catalog"), reversed(outer), strict=False):
        node.set(key, part)
    if alias is not None:
        node.set("alias", nodes.table_alias(alias))
    return node


def scaled(node: Node, precision: int, scale: int) -> Node:
    """Return a decimal as an integer of its last digit; one that 64 bits don't hold stays a REAL.

    A REAL makes every exact result that it goes into a REAL too, and those are refused.
    """
    shifted = nodes.binary(exp.Mul, node, nodes.integer(10**scale)) if scale else node
    whole = nodes.cast(nodes.call("ROUND", shifted), "bigint")
    if precision <= _DIGITS_OF_64_BITS:
        return whole
    fits = nodes.compare(exp.LT, nodes.call("ABS", shifted.copy()), exp.Literal.number("9e18"))
    real = nodes.binary(exp.Mul, shifted.copy(), exp.Literal.number("1e0"))
    return nodes.case([(fits, whole)], real)
