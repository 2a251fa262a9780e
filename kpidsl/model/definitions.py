"""What a project defines, as written: names are not resolved, formulas are trees.

All values are frozen; mappings keep the written order within a file and files by path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kpidsl.model.grains import GRAINS, Cut, GrainRule
from kpidsl.model.lexicons import Lack, Lexicon
from kpidsl.model.types import Type
from kpidsl.model.written import Formula as Formula
from kpidsl.model.written import Label as Label
from kpidsl.source import SourceText, Span
from kpidsl.syntax import tree

if TYPE_CHECKING:
    # Most projects have none, and their classes are a tenth of all.
    from kpidsl.model.objectives import Objective, Scorecard


@dataclass(frozen=True, slots=True)
class UnitText:
    """A unit as written, with the text that messages about its parts point into."""

    text: str
    source: SourceText = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SqlFragment:
    """SQL of a named dialect, parsed when the project is checked, never pasted."""

    text: str
    dialect: str
    span: Span = field(compare=False, repr=False)
    dialect_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A part of a warehouse's name; quoted where the author quoted it or it needs quotes."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table (`physical`), or one computed from the row (`expr`, `sql`)."""

    name: str
    type: Type
    physical: Identifier
    expr: Formula | None
    sql: SqlFragment | None
    unit: UnitText | None
    values: tuple[str, ...]
    label: Label
    description: Label
    span: Span = field(compare=False, repr=False)
    is_required: bool = False
    """A row without it makes null every aggregate that reads the column."""
    stored: Type | None = None
    """The type in the table where that is another: integers that are identifiers, and read as texts."""
    bound_at: Span | None = field(default=None, compare=False, repr=False)
    """Where a binding says what the column is computed from."""
    is_any_number: bool = False
    """Whether its formula may give another kind of number than declared, as over columns that are bound."""
    is_beside: bool = False
    """Whether it only stands there since formulas of a binding read it; nobody is told to name it."""

    @property
    def as_stored(self) -> Column:
        """Return the column with the type that it has in the table."""
        return self if self.stored is None else replace(self, type=self.stored)

    @property
    def is_derived(self) -> bool:
        return self.expr is not None or self.sql is not None


@dataclass(frozen=True, slots=True)
class Interval:
    """When a join's target holds: from column `start` on until column `end`, tested at one's own `at`."""

    start: str
    end: str
    at: tree.Name
    closed: bool
    start_span: Span = field(compare=False, repr=False)
    end_span: Span = field(compare=False, repr=False)


Side = Literal["before", "at or before", "after", "at or after"]


@dataclass(frozen=True, slots=True)
class Nearest:
    """Which of the rows with equal keys is taken: the latest or earliest on one side of one's own moment.

    `within` says how far from the moment it may lie, `where` which rows of the target take part.
    """

    match: Literal["latest", "earliest"]
    side: Side
    moment: tree.Name
    within: Formula | None
    where: Formula | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Join:
    """A many-to-one step: `keys` pairs each column of the target's key with one's own column.

    With an `interval`, its start is the last column of that key, and the interval says which row.
    With `nearest` the columns need not be a key: of the rows that have them, one is taken.
    """

    name: str
    target: str
    keys: tuple[tuple[str, str], ...]
    interval: Interval | None
    nearest: Nearest | None
    is_understood: bool
    """False where an interval or a match was written that did not read: nobody judges the key then."""
    span: Span = field(compare=False, repr=False)
    target_span: Span = field(compare=False, repr=False)
    keys_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    description: Label
    label: Label
    table: tuple[Identifier, ...] | None
    sql: SqlFragment | None
    key: tuple[str, ...]
    time: tree.Name | None
    """The time of a row, or when it begins to hold."""
    until: tree.Name | None
    """Until when a row holds, for rows that hold over an interval."""
    where: Formula | None
    unit: UnitText | None
    settles_after: SourceText | None
    is_plan: bool
    known_at: tree.Name | None
    """When a row is known, which a query's instant asks in place of its time."""
    columns: Mapping[str, Column]
    joins: Mapping[str, Join]
    span: Span = field(compare=False, repr=False)
    key_span: Span = field(compare=False, repr=False)
    table_span: Span = field(compare=False, repr=False)
    bound_at: Span | None = field(default=None, compare=False, repr=False)
    """Where a lexicon's dataset is bound to its table."""

    @property
    def told_columns(self) -> Mapping[str, Column]:
        """Return the columns but for those that only formulas of a binding read."""
        return {name: column for name, column in self.columns.items() if not column.is_beside}

    @property
    def lies_ahead(self) -> bool:
        """Tell whether rows may lie ahead of a query's instant (plans, bookings)."""
        return self.is_plan or self.known_at is not None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A table of days: `grains` names the column whose values are each grain's buckets.

    `comparable` is the column that names, for each day, the day a year before with which it compares.
    """

    name: str
    table: tuple[Identifier, ...] | None
    sql: SqlFragment | None
    day: str
    columns: Mapping[str, Column]
    grains: Mapping[str, str]
    comparable: str | None
    span: Span = field(compare=False, repr=False)
    day_span: Span = field(compare=False, repr=False)
    grain_spans: Mapping[str, Span] = field(compare=False, repr=False)
    comparable_span: Span = field(compare=False, repr=False)
    table_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A word of the business that several datasets share; `sources` says how each gives it."""

    name: str
    label: Label
    description: Label
    type: Type | None
    sources: Mapping[str, Formula]
    source_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)
    lacking: Mapping[str, Lack] = field(default_factory=dict)
    """What datasets that give it lack for that."""

    @property
    def is_available(self) -> bool:
        """Tell whether any dataset gives it, of those that are meant to."""
        return bool(self.sources) or not self.lacking


@dataclass(frozen=True, slots=True)
class TestRow:
    """A row of a test: cells as written (None for null), with their places."""

    cells: Mapping[str, str | None]
    spans: Mapping[str, Span] = field(compare=False, repr=False)
    key_spans: Mapping[str, Span] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GivenValues:
    """What somebody wrote as a parameter's value; `is_listed` where each text is one value of a list."""

    name: str
    texts: tuple[SourceText, ...]
    is_listed: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a query may set: used by name in formulas and conditions, typed, never pasted."""

    name: str
    type: Type
    is_list: bool
    unit: UnitText | None
    default: GivenValues | None
    label: Label
    description: Label
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NamedFilter:
    """A condition on dimensions under a name."""

    name: str
    condition: Formula
    label: Label
    description: Label
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryText:
    """A query as somebody wrote it, each part a text with its place; nothing is parsed yet."""

    kpis: tuple[SourceText, ...] = ()
    by: tuple[SourceText, ...] = ()
    where: SourceText | None = None
    periods: tuple[SourceText, ...] = ()
    having: SourceText | None = None
    top: SourceText | None = None
    totals: SourceText | None = None
    fill: SourceText | None = None
    as_of: SourceText | None = None
    partial: SourceText | None = None
    order: tuple[SourceText, ...] = ()
    limit: SourceText | None = None
    null_label: SourceText | None = None
    parameters: tuple[GivenValues, ...] = ()


@dataclass(frozen=True, slots=True)
class DefinitionTest:
    """A test inside a definition: rows in, a query, rows expected."""

    name: str
    rows: Mapping[str, tuple[TestRow, ...]]
    row_spans: Mapping[str, Span] = field(compare=False, repr=False)
    query: QueryText
    expect: tuple[TestRow, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value that can be, both included; None where there is no end."""

    low: Decimal | None
    high: Decimal | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Deprecated:
    """Since when something is not to be used any more, and what to use."""

    since: str | None
    use: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a metric or KPI may be asked.

    `variant_of` is the everyday name that it shares with others.
    """

    variant_of: str | None = None
    variant_span: Span | None = field(default=None, compare=False, repr=False)
    requires: tuple[SourceText, ...] = ()
    forbids: tuple[SourceText, ...] = ()
    bounds: Bounds | None = None
    maturity: SourceText | None = None
    deprecated: Deprecated | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric or a KPI: both hold the same kind of formula."""

    name: str
    kind: Literal["metric", "kpi"]
    formula: Formula
    version: str | None
    label: Label
    synonyms: Mapping[str, tuple[str, ...]]
    description: Label
    unit: UnitText | None
    format: str | None
    direction: str | None
    empty: Literal["zero", "null"]
    owner: str | None
    stage: str | None
    tags: tuple[str, ...]
    references: tuple[str, ...]
    tests: tuple[DefinitionTest, ...]
    span: Span = field(compare=False, repr=False)
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Project:
    """A whole project as written."""

    name: str
    folder: Path
    timezone: str
    week_start: str
    fiscal_year_start: int
    zone_years: tuple[int, int]
    locale: str
    connection: str | None
    datasets: Mapping[str, Dataset]
    dimensions: Mapping[str, Dimension]
    metrics: Mapping[str, Metric]
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    grains: Mapping[str, GrainRule] = field(default_factory=lambda: GRAINS)
    """The grains that a query may name, those of calendars after the others."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    filters: Mapping[str, NamedFilter] = field(default_factory=dict)
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    rejected: frozenset[tuple[str, str]] = frozenset()
    """Definitions that could not be read, by section and name: whoever uses them is not blamed."""
    lexicons: tuple[Lexicon, ...] = ()
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The lexicons of definitions, by section and name; what is not there is the project's own."""
    overridden: frozenset[str] = frozenset()
    """Datasets of lexicons that others have taken the place of: tests of lexicons give rows of the former."""
    lacking: Mapping[tuple[str, str], Lack] = field(default_factory=dict)
    """What is left out since what it reads is not bound, by section (`kpis` for metrics, too) and name."""
    currency: str | None = None
    """What the unit `money` is, by its code of ISO 4217."""
    timezone_span: Span | None = field(default=None, compare=False, repr=False)
    unbound: Project | None = field(default=None, compare=False, repr=False)
    """The project with the datasets of its lexicons as these declare them: tests give rows of these."""

    @property
    def comparable(self) -> Calendar | None:
        """Return the calendar that says with which day of the year before each day compares."""
        return next((found for found in self.calendars.values() if found.comparable is not None), None)

    @property
    def cut(self) -> Cut:
        """Return where buckets are cut."""
        return Cut(self.timezone, self.week_start, self.fiscal_year_start, self.zone_years)
