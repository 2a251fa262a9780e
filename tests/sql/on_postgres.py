"""The statements of a dialect that nobody runs here, on a PostgreSQL to which its functions are added as documented.

That tells whether a statement means what it should if these functions do what is documented of them, and nothing
of the engine itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from kpidsl.compiler import CompiledQuery
from kpidsl.sql import nodes
from kpidsl.sql.dialects import DIALECTS
from tests import answers
from tests.cases.test_answers import stored_tables
from tests.cases.test_check_queries import answered_otherwise
from tests.dialects.catalogue import Exercise, asked, case_of, planned
from tests.dialects.reparsed import written

NO_BOOLEAN_EXTREMES = {
    "windows_grid/growth-of-rolling > By month and channel, in a period": "it has no MAX of booleans",
    "windows/active-users > By day": "it has no MAX of booleans",
    "windows_grid/opening > By month and channel, in a period": "it has no MAX of booleans",
}


def numbered(name: str, part: str) -> str:
    """Return a function that makes an integer of a part of a time."""
    return f"CREATE FUNCTION {name}(timestamp) RETURNS bigint LANGUAGE sql RETURN EXTRACT({part} FROM $1)"


def with_pipes(tree: exp.Expr) -> None:
    """Put texts together by `||`: PostgreSQL's CONCAT passes over nulls."""
    for call in reversed(list(tree.find_all(exp.Anonymous))):
        if call.name == "CONCAT":
            whole, *others = (arg.copy() for arg in call.expressions)
            for part in others:
                whole = nodes.binary(exp.DPipe, whole, part)
            call.replace(exp.Paren(this=whole))


def with_steps(tree: exp.Expr) -> None:
    """Add to times by intervals: the sum is a timestamp."""
    for call in reversed(list(tree.find_all(exp.DateAdd))):
        step = exp.Interval(this=nodes.text("1"), unit=call.args["unit"])
        later = nodes.binary(exp.Mul, nodes.operand(call.expression, 5), step)
        call.replace(exp.Paren(this=nodes.binary(exp.Add, nodes.cast(call.this, "timestamp"), later)))


def with_told_instants(tree: exp.Expr) -> None:
    """Tell an hour and a minute of the result with their zone."""
    assert isinstance(tree, exp.Select)
    for shown in tree.expressions:
        if shown.alias in ("hour", "minute"):
            shown.set("this", nodes.call("TIMEZONE", nodes.text("UTC"), shown.this))


def with_truth_values(tree: exp.Expr) -> None:
    """Tell what is true in the result by a boolean, not by a one."""
    assert isinstance(tree, exp.Select)
    for shown in tree.expressions:
        if shown.alias in ("met", "_partial", "_provisional"):
            shown.set("this", nodes.cast(shown.this, "boolean"))


def with_integer_parts(tree: exp.Expr) -> None:
    """Let a part of a time be an integer, but for its seconds."""
    for part in list(tree.find_all(exp.Extract)):
        if part.name == "SECOND":
            continue
        place = exp.Placeholder()
        part.replace(place)
        place.replace(nodes.cast(part, "bigint" if part.name == "EPOCH" else "int"))


def answers_as_it_should(
    exercise: Exercise, dialect: str, functions: Sequence[str], in_postgres: Callable[[exp.Expr], str]
) -> bool | None:
    """Tell whether the expected table comes out; None: the dialect refuses it."""
    found = written(planned(exercise), dialect)
    if found is None:
        return None
    query = asked(exercise)
    compiled = CompiledQuery(planned(exercise), DIALECTS["postgres"], in_postgres(found[0]))
    with answers.loaded("postgres", stored_tables(case_of(exercise.case))) as connection:
        for function in functions:
            connection.fetch(function)
        columns, rows = answers.answer(compiled, connection)
    assert answered_otherwise(query, columns, rows) == []
    return True
