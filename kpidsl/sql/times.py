"""What a dialect does with times: local time of a column in another zone, and buckets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import Type
from kpidsl.model.zones import is_utc
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.sources import Histories

BucketForm = Callable[[GrainRule, Cut, Node], Node]


class LookupTables:
    """Small tables that a statement carries with it, as its first common table expressions."""

    def __init__(self, taken: set[str] | None = None) -> None:
        self.taken = set() if taken is None else taken
        self.no_tables: set[str] = set()
        """Of the names that are taken, those of datasets and schemas: nothing is read under them."""
        self.ctes: list[exp.CTE] = []
        self.histories = Histories(self.taken)
        self.kept: dict[tuple[object, ...], object] = {}
        """What else was made once, by what it is for and by the step that reads it."""
        self.step: tuple[str, int] | None = None
        """The step that is being made: what it reads may hold less than what others read."""
        self.found: list[tuple[str, exp.Query]] = []
        """What sequences find, each after what it reads: columns over the history among that."""
        self.computed: set[str] = set()
        """The names of rows that are computed as such, never written into what reads them."""
        self._names: dict[tuple[object, ...], str] = {}

    def query(self, wanted: str, make: Callable[[], exp.Query]) -> str:
        """Return the name of a query's rows; it is made when it is first wanted."""
        known = self._names.get((wanted,))
        if known is None:
            known = self._names[(wanted,)] = unique_name(wanted, self.taken)
            alias = nodes.table_alias(known)
            self.ctes.append(exp.CTE(this=make(), alias=alias))
        return known

    def marks(self, wanted: str, make: Callable[[], exp.Query], identity: tuple[object, ...]) -> str:
        """Return the name of the rows that a sequence finds; `identity` tells it from others of that name."""
        known = self._names.get((wanted, *identity))
        if known is None:
            known = self._names[(wanted, *identity)] = unique_name(wanted, self.taken)
            query = make()  # what it reads stands before it
            self.found.append((known, query))
        return known

    def indexed(self, wanted: str, query: exp.Query) -> str:
        """Return the name of rows that are computed as such, so that they can be looked up by an index."""
        identity = (wanted, query)
        known = self._names.get(identity)
        if known is None:
            known = self._names[identity] = unique_name(wanted, self.taken)
            self.found.append((known, query))
            self.computed.add(known)
        return known

    def put(self, wanted: str, query: exp.Query) -> str:
        """Add a query's rows and return their name."""
        name = unique_name(wanted, self.taken)
        alias = nodes.table_alias(name)
        self.ctes.append(exp.CTE(this=query, alias=alias))
        return name

    def equal(self, wanted: str, query: exp.Query) -> str:
        """Return the name of a query's rows; equal queries are one."""
        identity = (wanted, query)
        known = self._names.get(identity)
        if known is None:
            known = self._names[identity] = self.put(wanted, query)
        return known

    def constants(self, wanted: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
        """Return the name of a table of texts; equal tables are one."""
        return self.typed(wanted, columns, [tuple(map(nodes.text, row)) for row in rows])

    def typed(self, wanted: str, columns: Sequence[str], rows: Sequence[tuple[Node, ...]]) -> str:
        """Return the name of a table of constants; equal tables are one."""
        identity = (wanted, tuple(columns), tuple(rows))
        known = self._names.get(identity)
        if known is not None:
            return known
        name = self._names[identity] = unique_name(wanted, self.taken)
        values = exp.Values(expressions=[exp.Tuple(expressions=list(row)) for row in rows])
        headers = [exp.Identifier(this=column, quoted=False) for column in columns]
        alias = exp.TableAlias(this=exp.Identifier(this=name, quoted=False), columns=headers)
        self.ctes.append(exp.CTE(this=values, alias=alias))
        return name


class Times(ABC):
    """Local times and buckets. `days` bounds the rows for which a value is needed, in local days."""

    converts_in_steps = False
    """Whether steps convert what rows and buckets are joined by, since a join would do it for each pair."""

    def __init__(self, cut: Cut, bucket_of_days: BucketForm, tables: LookupTables) -> None:
        self.cut = cut
        self.bucket_of_days = bucket_of_days
        self.tables = tables
        self._step: Callable[[Node], Node] | None = None

    @property
    def has_steps(self) -> bool:
        """Tell whether a step before has room for what is read several times."""
        return self._step is not None

    def stage(self, step: Callable[[Node], Node] | None) -> None:
        """Let a step before hold what is read several times; None: there is no such step any more."""
        self._step = step

    def once(self, time: Node) -> Node:
        """Make a column of what is read several times, where a step before has room for it."""
        return time if self._step is None else self._step(time)

    @abstractmethod
    def local(self, time: Node, zone: str, days: Window | None) -> Node:
        """Return the local time of a time that is held in another zone, to the microsecond."""

    @abstractmethod
    def utc(self, time: Node, zone: str) -> Node:
        """Return in UTC, to the microsecond, a time that is held in another zone."""

    @abstractmethod
    def of_local(
        self, time: Node, zone: str | None, days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        """Return what a form makes of a timestamp's local time, which may lack its fraction of a second."""

    @abstractmethod
    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        """Return the first instant, in UTC, of the hour or minute of a timestamp."""

    @abstractmethod
    def shown(self, instant: Node) -> Node:
        """Return an instant as a result's column."""

    def other_zone(self, type: Type) -> str | None:
        """Return the zone that times are held in, or None where they are local as they are."""
        zone = type.zone
        if zone is None or zone == self.cut.zone or (is_utc(zone) and is_utc(self.cut.zone)):
            return None
        return zone

    def bucket(self, rule: GrainRule, time: Node, type: Type, days: Window | None) -> Node:
        """Return the bucket of a timestamp."""
        zone = self.other_zone(type)
        if rule.is_instant:
            return self.instant_bucket(rule, time, zone, days)
        return self.of_local(time, zone, days, lambda local: self.bucket_of_days(rule, self.cut, local))


def written(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
