"""What can be wrong with bindings, and what is said of what they leave out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.binding_errors import TWICE
from kpidsl.model.lexicons import Lack
from kpidsl.model.types import Type
from kpidsl.semantics.errors import close_or_all, listed
from kpidsl.semantics.unavailable import help_for, told
from kpidsl.source import Span

NO_LEXICON = rule("bind/no-lexicon", "a binding in a project that uses no lexicon")
DATASET = rule("bind/dataset", "a binding of a dataset that no lexicon has")
COLUMN = rule("bind/column", "a binding of a column that the lexicon's dataset does not have")
OWN_COLUMN = rule("bind/own-column", "a row formula of a binding that reads a column whose type is not told")
KEY = rule("bind/key", "a key column that a binding does not give")
LEFT_OUT = rule("bind/left-out", "a definition of one's own that reads what is not bound", severity="warning")


def no_lexicon(span: Span) -> Diagnostic:
    return Diagnostic(
        NO_LEXICON,
        "the project uses no lexicon whose datasets could be bound",
        Label(span, "nothing to bind"),
        help="add `use: [marketing]`; a dataset of your own has its table under `datasets:`",
    )


def no_dataset(span: Span, name: str, candidates: Iterable[str], *, is_own: bool) -> Diagnostic:
    own = f"write its table under `datasets:`, where `{name}` is defined"
    return Diagnostic(
        DATASET,
        f"`{name}` is the project's own dataset" if is_own else f"no lexicon has a dataset `{name}`",
        Label(span, "not a lexicon's" if is_own else "unknown dataset"),
        help=own if is_own else close_or_all(name, candidates),
    )


def no_column(span: Span, dataset: str, name: str, candidates: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        COLUMN,
        f"the lexicon's dataset `{dataset}` has no column `{name}`",
        Label(span, "unknown column"),
        help=close_or_all(name, candidates),
    )


def lacking_formula(span: Span, dataset: str, name: str) -> Diagnostic:
    return Diagnostic(
        COLUMN,
        f"`{dataset}.{name}` is computed by the lexicon, so no table lacks it",
        Label(span, "computed"),
        help=f"remove `{name}`; what its formula reads may be lacking",
    )


def own_column(
    span: Span, name: str, candidates: Iterable[str], likely: str, *, is_elsewhere: bool
) -> Diagnostic:
    """`is_elsewhere`: the lexicon's column of that name is bound to something else; `likely` is a type."""
    known = tuple(candidates)
    close = close_or_all(name, known) if known else ""
    type = f'"{likely}"' if "," in likely else likely
    told = f"tell its type beside `columns:`, such as `own: {{{name}: {type}}}`"
    return Diagnostic(
        OWN_COLUMN,
        f"the type of the table's column `{name}` is not told",
        Label(span, "not told"),
        help=f"{close}; or {told}" if close.startswith("did you mean") and not is_elsewhere else told,
    )


def read_as_two(second: Span, first: Span, own: str, types: tuple[Type, Type]) -> Diagnostic:
    return Diagnostic(
        TWICE,
        f"the table's column `{own}` is bound twice, as {types[0]} and as {types[1]}",
        Label(second, f"as {types[1]}"),
        (Label(first, f"as {types[0]}"),),
        help="bind one of the two to another column",
    )


def key_lacking(span: Span, dataset: str, column: str, key: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        KEY,
        f"`{column}` is part of the key of `{dataset}`, so its table must have it",
        Label(span, "part of the key"),
        help=f"bind {listed(key)} to the columns that make a row unique, or a select that gives them: `sql:`",
    )


def key_computed(span: Span, dataset: str, column: str, text: str | None, table: str) -> Diagnostic:
    """`text` is the constant that was written, None for another formula."""
    select = f"select *, {text or '…'} as {column} from {table}"
    return Diagnostic(
        KEY,
        f"`{column}` is part of the key of `{dataset}`, and a key is no formula",
        Label(span, "part of the key"),
        help=f"let a select give it: take `{column}` out of `columns:`, and write `sql: {select}` "
        "and `dialect: …` in place of `table:`",
    )


def left_out(span: Span, name: str, lack: Lack) -> Diagnostic:
    return Diagnostic(
        LEFT_OUT,
        f"`{name}` is left out: {told(lack)}",
        Label(span, "left out"),
        help=f"{help_for(lack)}; or remove `{name}`",
    )
