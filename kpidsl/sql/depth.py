"""How large a statement is for engines that do not compute each step of a WITH by itself, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from kpidsl.sql import nodes


def depth(query: exp.Expr) -> int:
    """Return how many steps, joins and selects stand inside one another where they are most.

    A step is inside all that are before it, and the outermost select inside the last.
    """
    clause = query.args.get("with_")
    steps = [] if clause is None else [cte.this for cte in clause.expressions]
    places = [place + _inside(step) for place, step in enumerate(steps, 1)]
    return max(*places, len(steps) + _inside(query), 0)


def readings(query: exp.Expr) -> int:
    """Return how often tables are read where a step is put in wherever it is read, and not computed once."""
    clause = query.args.get("with_")
    steps = [] if clause is None else clause.expressions
    found: dict[str, int] = {}
    for step in steps:
        found[step.alias] = _readings(step.this, found)
    return _readings(query, found)


def _readings(query: exp.Expr, steps: Mapping[str, int]) -> int:
    """Return how often a select reads tables, without the steps that stand before it."""
    tables = (node for node in query.walk(prune=_is_with) if isinstance(node, exp.Table))
    return sum(1 if table.args.get("db") else steps.get(table.name, 1) for table in tables)


def _is_with(node: exp.Expr) -> bool:
    return isinstance(node, exp.With)


def _inside(query: exp.Expr) -> int:
    """Return how many joins and selects stand inside one another in a select or a union."""
    if isinstance(query, exp.SetOperation):
        return 1 + max(map(_inside, _parts(query)))
    own = len(query.args.get("joins") or ())
    if query.args.get("order") or query.args.get("limit"):
        own += 1
    return own + max((1 + _inside(select) for select in _selects(query)), default=0)


def _parts(query: exp.SetOperation) -> Iterator[exp.Expr]:
    """Yield what a union is of, however many: a union of unions of one kind is one."""
    stack: list[exp.Expr] = [query]
    while stack:
        part = stack.pop()
        if type(part) is type(query):
            stack.extend((part.args["this"], part.args["expression"]))
        else:
            yield part


def _selects(query: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the selects and unions that stand in one, not those in these."""
    stack = [part for part in nodes.branches(query) if not isinstance(part, exp.With)]
    while stack:
        part = stack.pop()
        if isinstance(part, (exp.Select, exp.SetOperation)):
            yield part
        else:
            stack.extend(nodes.branches(part))
