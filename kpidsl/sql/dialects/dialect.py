"""What a dialect is able to say, and how: an entry of the capability table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kpidsl.model.grains import Cut
from kpidsl.model.types import MOST_DIGITS, Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room
from kpidsl.sql.dialects.declared import Declared
from kpidsl.sql.elapsed import TimeArithmetic
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import Refusal
from kpidsl.sql.series import Numbers
from kpidsl.sql.times import BucketForm, LookupTables, Times

Form = Callable[..., Node]
Lookups = Literal["selects", "maps", "joins"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one dialect can do."""

    name: str
    times: Callable[[Cut, BucketForm, LookupTables], Times]
    arithmetic: TimeArithmetic
    forms: Mapping[str, Form]
    """Scalar functions and buckets; what is not here is refused where a formula uses it."""
    aggregates: Mapping[str, Form]
    """What it has beyond sums, counts and extremes; `tuples` counts different tuples. What is not here
    is made from window functions."""
    over_windows: frozenset[str]
    """Which aggregates, of all that it has, it also has over windows."""
    series: Callable[[Node, Node, int, str], Node] | None
    """All times from one to another in steps of so many of a unit, a row each, and days as dates; none: by
    recursion, with the form `following`."""
    in_code_point_order: Callable[[Node], Node] | None
    """A column of texts so that it compares by exact characters, where the engine's own order differs."""
    has_exact_text_equality: bool = False
    """Whether texts equal each other by exact characters even so, whatever their order."""
    numbers: Numbers | None = None
    """How times are made from their numbers, where a recursion over the times themselves may be cut short."""
    keys_as_values: bool = False
    """Whether joins must ask for exact texts too: the columns as they stand may compare in another way."""
    text_literal: Callable[[str], Node] = nodes.text
    """A text that compares by exact characters, whatever it stands beside."""
    shown_text: Callable[[Node], Node] | None = None
    """A text of the result, where it is held in another form that compares by exact characters."""
    text_type: str = "text"
    timestamp_type: str = "timestamp"
    """The types of texts and timestamps in casts, as sqlglot reads them."""
    cast_digits: int | None = None
    """How many digits a cast to a decimal asks for, where one of too few would cut the number in silence."""
    scaled_decimals: bool = False
    """Decimals are held as integers of the last digit."""
    times_are_text: bool = False
    """It has no types for times and booleans: a table may declare what it likes."""
    narrow: frozenset[str] = frozenset()
    """The operations for which it holds a result in no more bits than the integers that go in."""
    narrow_judged: frozenset[str] | None = None
    """The same where objectives are judged, over counts, ranks and targets; none: as elsewhere."""
    narrow_decimals: frozenset[str] = frozenset()
    """The operations for which it holds a result of decimals in no more digits than these have room for."""
    wider_product: Callable[[Type], str | None] | None = None
    """The type of the 1 that makes a product exact, by the product's own; none where it is so by itself."""
    narrow_digits: int = 18
    """The most digits for which it surely has room in the result of narrow decimals."""
    room: Room | None = None
    """What it has room for in decimals; none: of too many digits an error comes, by itself or by `narrow`."""
    narrow_digits_compared: int = MOST_DIGITS
    """How many digits there are to compare narrow decimals in, where a side of more would give more."""
    room_to_compare: Room | None = None
    """What it has room for where decimals are compared, if it rounds them to a common type beyond that; none:
    it compares them as they are, or an error comes by itself."""
    inexact_aggregate: Callable[[str, Type], tuple[str, str] | None] | None = None
    """Why an aggregate of values of a type would not be exact, and what to do instead; none: it always is."""
    integers_wrap: bool = False
    """Integers that grow beyond their bits turn around without a word."""
    wide_sum: Callable[[Node, Type], Node] | None = None
    """What is added up, in a type that holds the sum; none: sums are of a wider type by themselves."""
    roundable: Callable[[Node, Type], Node] = lambda node, _: node
    """A number in a type with room for a digit more, where rounding would fail that gains one."""
    rounded: Callable[[Node, Type, int], Node] | None = None
    """A decimal, or an integer to tens, rounded half away from zero; none: ROUND does so."""
    has_decimal_literals: bool = True
    """`0.5` is a decimal, not a float."""
    has_float_literals: bool = True
    """`5e-1` is a float, not a decimal."""
    has_boolean_extremes: bool = True
    has_forced_ctes: bool = True
    """Whether a CTE can be told to be computed as such."""
    has_subqueries_in_joins: bool = True
    """Whether the condition of a join can hold a query about the rows on its left."""
    has_outer_names_in_depth: bool = True
    """Whether a query can name what stands around the query around it."""
    lookups: Lookups = "selects"
    """How what a calendar tells is found: by a query about the row that asks, in a map, or in joined rows."""
    float_key: Callable[[Node], Node] | None = None
    """A float in a form that windows can be by; none: they can be by floats themselves."""
    has_filters: bool = True
    """Whether an aggregate can have a condition of its own."""
    has_outer_names_in_from: bool = True
    """Whether a subquery in a FROM can read what stands around the query that it is in."""
    has_selects_in_aggregates: bool = True
    """Whether an aggregate may read a select, whatever that reads itself."""
    has_selects_in_groups: bool = True
    """Whether what rows are grouped by may read a select."""
    has_places_in_groups: bool = True
    """Whether groups can be named by their places."""
    counts_code_units: bool = False
    """Whether a character beyond U+FFFF is two in a pattern."""
    lacks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Why it has no form of a function, and what to do instead, where more is to be said than that."""
    has_empty_texts: bool = True
    """Whether the empty text is another than null."""
    has_null_order: bool = True
    """Whether an order says where nulls stand."""
    groups_by_place: bool = False
    """Whether groups are named by their places, as it may not know an expression again."""
    most_ctes: int | None = None
    """How many CTEs a statement should have, as far as some can be left out."""
    has_no_more_ctes: bool = False
    """Whether the engine refuses more than those."""
    most_inside: int | None = None
    """How many CTEs, joins and selects may stand inside one another, each CTE inside the one before it."""
    most_readings: int | None = None
    """How often tables may be read, where the engine puts a CTE in wherever it is read."""
    has_semi_joins: bool = False
    indexes_steps: bool = False
    """Whether what each row looks up is found by an index only in a step that is computed as such."""
    packs_bits: bool = False
    """Whether it puts the bits of many rows into one number, and joins null with null as fast as values: the
    buckets that a value is in are then found from such numbers."""
    has_correlated_selects: bool = True
    """Whether a select may read the row that it stands beside, wherever it stands."""
    has_asof_join: bool = False
    """Whether it joins each row with the one row before or after a time, and exactly so."""
    columns: Mapping[Kind, Form] = field(default_factory=dict)
    """A table's column in the form in which the dialect computes with it, by what it is declared to be."""
    has_declared_types: bool = True
    """Whether a table's columns are of the types that they are declared to be; else each is cast to it."""
    other_types: Mapping[Kind, Sequence[str]] = field(default_factory=dict)
    """Words in the types of columns that do not compare as what they are declared to be, by what that is."""
    declared_instead: Mapping[Kind, Declared] = field(default_factory=dict)
    """How such a column is declared to be read as what it is."""
    times_are_instants: bool = False
    """Its timestamps are, or may be, instants: whatever zone they are shown in, they are read in UTC."""
    too_deep: Callable[[str], str | None] | None = None
    """What the engine's own parser says of a statement that nests too deep for it; none: it has no bound."""
    drops_limits: bool = False
    """Whether its optimizer may remove a LIMIT that stands alone, above a join with an empty table."""
    tells_capitals: bool = False
    """Whether a table is found only by the capitals that it has."""
    folds_names: bool = False
    """Names without quotes are in small letters, those in quotes as they are written."""
    finished: Callable[[Node], Node] | None = None
    """A whole statement as the dialect takes it, where something differs all over it."""
    refuses: Callable[[Node], Refusal | None] | None = None
    """What it cannot say in a whole statement, where that shows only there."""
    name_bytes: int | None = None
    """The longest name that it takes; it would cut a longer one without a word."""

    @property
    def rows_added_up(self) -> int | None:
        """Return how many rows are added up at most, where how large a number can be decides on its form."""
        known = self.room or self.room_to_compare
        return None if known is None else known.rows

    def window_key(self, node: Node, type: Type) -> Node:
        """Return what a window is by, for rows of one value."""
        return self.float_key(node) if self.float_key is not None and type.kind is Kind.FLOAT else node

    def compares_otherwise(self, kind: Kind, engine_type: str) -> bool:
        """Tell whether a column of an engine's type compares otherwise than what is declared of a kind."""
        return any(word in engine_type for word in self.other_types.get(kind, ()))
