"""Contexts: group, filter, window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from kpidsl.syntax import tree as t

from .members import Member
from .moments import Time
from .table import OracleRefuses, Value
from .values import compare
from .windows import Amount, Change, Comparable, Cumulative, Prior, Reach, Spread, Window

Tuple = tuple[Value, ...]


class Some(Enum):
    """A member's value while it is not known: whatever it is, or whatever it is but null."""

    ANYTHING = "anything"
    SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class Others:
    """A member of the group: the rest, every tuple of `members` that a top does not show."""

    members: tuple[Member, ...]
    shown: frozenset[Tuple]


@dataclass(frozen=True, slots=True)
class Entity:
    """A value that `having` tests: of the home's rows, those that `where` kept in which the columns have it."""

    home: str
    columns: tuple[t.Expr, ...]
    values: Tuple
    kept: frozenset[int]


@dataclass(frozen=True, slots=True)
class Owner:
    """The row whose derived column aggregates the rows that reach it."""

    dataset: str
    place: int


@dataclass(frozen=True, slots=True)
class Context:
    """`members` pairs each member of the group, buckets of the time too, with its value.

    The window is the buckets ∩ the period, to which `changes` are applied in order.
    """

    members: tuple[tuple[Member, Value | Some], ...]
    others: Others | None
    conditions: tuple[t.Expr, ...]
    period: Reach
    by: frozenset[str]
    """What the query groups by, whatever a `total` has removed since."""
    changes: tuple[Change, ...] = ()
    maturities: tuple[Amount, ...] = ()
    entities: tuple[Entity | Owner, ...] = ()
    dropped: frozenset[str] = frozenset()
    """Members that the group has lost: `per` may take them as keys, which makes no row of the result."""
    goes_through: bool = False
    """Whether its entities are gone through one by one: they tell of what, and how far, a window is spread."""
    part_of: tuple[Context, Member, Time] | None = None
    """The context of whose window this one is a bucket, and which."""

    @classmethod
    def of_row(cls, dataset: str, place: int) -> Context:
        """Return a row's own: its key, no filter, no window."""
        everything = Reach(Window(), Window())
        return cls((), None, (), everything, frozenset(), entities=(Owner(dataset, place),))

    def narrowed(self, condition: t.Expr) -> Context:
        return replace(self, conditions=(*self.conditions, condition))

    def changed(self, change: Change) -> Context:
        return replace(self, changes=(*self.changes, change))

    def ripened(self, maturity: Amount | None) -> Context:
        return self if maturity is None else replace(self, maturities=(*self.maturities, maturity))

    def joined(self, members: tuple[Member, ...], values: Sequence[Value | Some]) -> Context:
        """Add members to the group."""
        return replace(self, members=(*self.members, *zip(members, values, strict=True)))

    def refined(self, grain: Member, start: Time, reach: Reach) -> Context:
        """Return a bucket of this context's window, which is `reach`."""
        kept = tuple((m, v) for m, v in self.members if not (m.is_bucket and self.changes))
        return replace(
            self, members=(*kept, (grain, start)), period=reach, changes=(), part_of=(self, grain, start)
        )

    @property
    def is_changed(self) -> bool:
        """Tell whether the window is another than that of the buckets."""
        return any(not isinstance(change, Spread) for change in self.changes)

    @property
    def is_spread(self) -> bool:
        """Tell whether it is in buckets that are not told: a total may have dropped what they lie in."""
        return any(isinstance(change, Spread) for change in self.changes)

    @property
    def reads_everything(self) -> bool:
        """Tell whether the window begins with time itself, so that rows without a time column are in it."""
        made = [c for c in self.changes if not isinstance(c, Prior | Comparable | Spread)]
        return bool(made) and isinstance(made[-1], Cumulative)

    @property
    def buckets(self) -> tuple[tuple[Member, Value | Some], ...]:
        return tuple((m, v) for m, v in self.members if m.is_bucket)

    def without(self, removed: frozenset[str] | None) -> Context:
        """Remove members; None removes every one except buckets, which go only if named.

        A value that `having` tests goes as they do, and what `where` kept stays.
        """
        members = tuple(
            (member, value)
            for member, value in self.members
            if (member.is_bucket if removed is None else member.text not in removed)
        )
        gone = {m.text for m, _ in self.members} - {m.text for m, _ in members}
        spread = removed or frozenset()
        changes = tuple(c for c in self.changes if not (isinstance(c, Spread) and c.grain in spread))
        # A bucket of the query is no member any more of what has become a bucket of its window, and goes too.
        gone |= self.by & (removed or frozenset())
        return replace(
            self,
            members=members,
            changes=changes,
            others=self._others_without(removed),
            entities=self.entities if removed is not None else tuple(map(_anybody, self.entities)),
            dropped=self.dropped | gone,
        )

    def _others_without(self, removed: frozenset[str] | None) -> Others | None:
        """The rest is one member: it goes as a whole, unless what it gathers are buckets."""
        if self.others is None:
            return None
        if removed is None:
            return self.others if self.others.members[0].is_bucket else None
        gone = {m.text for m in self.others.members} & removed
        if gone and len(gone) < len(self.others.members):
            raise OracleRefuses(f"the rest of {[m.text for m in self.others.members]} without {sorted(gone)}")
        return None if gone else self.others

    def keeps(self, members: tuple[Member, ...], others: Others | None) -> bool:
        """Tell whether every one of the members is still in the group."""
        there = {m.text for m, _ in self.members} - self.dropped
        return all(m.text in there for m in members) and (others is None or self.others is not None)


def _anybody(entity: Entity | Owner) -> Entity | Owner:
    return replace(entity, columns=(), values=()) if isinstance(entity, Entity) else entity


def across(call: t.Call) -> frozenset[str] | None:
    """Return the names after `across`, or None where there are none."""
    names = [name.text for m in call.modifiers if m.word == "across" for name in m.names]
    return frozenset(names) if names else None


def after(call: t.Call, word: str) -> tuple[t.Expr, ...] | None:
    """Return what follows a modifier's word, or None where it is not written."""
    found = [x for m in call.modifiers if m.word == word for x in m.arguments]
    return tuple(found) if any(m.word == word for m in call.modifiers) else None


def same_member(a: Value, b: Value | Some) -> bool:
    """Return whether two members are one: null is null's like."""
    if isinstance(b, Some):
        return b is Some.ANYTHING or a is not None
    return (a is None and b is None) or compare("=", a, b)
