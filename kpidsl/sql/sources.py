"""Where the rows of a select come from: a dataset's table, or a step that adds derived values to its rows.

A select reads the table until a value over the whole history is asked of it: then it reads the step of that
value's level. Steps are made when all selects are there, so that each holds what is asked of it and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from kpidsl.model.definitions import Identifier
from kpidsl.plan.slots import unique_name
from kpidsl.semantics.bound import Derived
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.physical import physical, table
from kpidsl.sql.reserved import RESERVED

Step = tuple[str, int]
"""A dataset, and how many steps are before those values can be known."""


class Source:
    """What an alias in a select stands for, and what the select reads of it."""

    def __init__(self, dataset: str, alias: str, node: Node, histories: Histories) -> None:
        self.dataset = dataset
        self.alias = alias
        self.node = node
        self.columns: dict[Identifier, None] = {}
        self.derived: dict[Derived, int] = {}
        self.has_all_rows = False
        """Whether the select tells by itself which rows exist at the instant, from what others hold too."""
        self._histories = histories
        self._step: exp.Select | None = None
        self._in_step: set[str] = set()

    def read(self, columns: Iterable[Identifier]) -> None:
        """Take note of physical columns that are read under the alias."""
        for column in columns:
            self.columns[column] = None
            if self._step is not None:
                self._have_in_step(physical(self.alias, column))

    def before(self, name: str, values: Iterable[Node], used: set[str]) -> exp.Select:
        """Return a step that adds values to the rows, which the select reads in their place from now on.

        The step has the columns that are used, those too that are asked for later.
        """
        alias = self.alias if self.alias != name else None
        self.node.replace(table((Identifier(name, False),), alias))
        self._step = exp.Select(from_=exp.From(this=self.node))
        for column in self.columns:
            if column.text in used:
                self._have_in_step(physical(self.alias, column))
        for derived in self.derived:
            if self._histories.column(derived) in used:
                self._have_in_step(nodes.column(self.alias, self._histories.column(derived)))
        for value in values:
            self._step.append("expressions", value)
        return self._step

    def _have_in_step(self, column: Node) -> None:
        if self._step is not None and column.name not in self._in_step:
            self._in_step.add(column.name)
            self._step.append("expressions", column)

    @property
    def level(self) -> int:
        return max(self.derived.values(), default=0)

    def ask(self, derived: Derived, level: int) -> str:
        """Return the column in which a derived value stands, having turned to a step that has it."""
        before = self.level
        self.derived[derived] = level
        if self.level > before:
            self._turn_to(self._histories.step(self))
        name = self._histories.column(derived)
        self._have_in_step(nodes.column(self.alias, name))
        return name

    def _turn_to(self, step: str) -> None:
        alias = self.alias if self.alias != step else None
        node = table((Identifier(step, False),), alias)
        if self.node.parent is not None:
            self.node.replace(node)
        self.node = node


class FilteredSource(Source):
    """A select of a dataset's rows under an alias; what is asked of it is asked of its own source."""

    def __init__(
        self, dataset: str, alias: str, node: Node, histories: Histories, inner: Callable[[Derived], Node]
    ) -> None:
        super().__init__(dataset, alias, node, histories)
        self._inner = inner
        self._asked: set[Derived] = set()

    def ask(self, derived: Derived, level: int) -> str:  # noqa: ARG002
        name = self._histories.column(derived)
        if derived not in self._asked:
            self._asked.add(derived)
            value = exp.Alias(this=self._inner(derived), alias=exp.Identifier(this=name, quoted=False))
            self.node.this.append("expressions", value)
        return name


class Histories:
    """The steps that the selects of one statement read, with the selects that read each."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self.names: dict[Step, str] = {}
        self.levels: dict[Derived, int] = {}
        self._sources: dict[int, Source] = {}
        self._columns: dict[str, dict[Derived, str]] = {}
        self._columns_taken: dict[str, set[str]] = {}

    def knows(self, dataset: str) -> bool:
        return dataset in self._columns_taken

    def set_apart(self, dataset: str, names: set[str]) -> None:
        """Take note of names that columns of a dataset have already."""
        self._columns_taken[dataset] = names
        self._columns[dataset] = {}

    def column(self, derived: Derived) -> str:
        """Return the name of a derived value among the columns of its dataset."""
        known = self._columns[derived.dataset]
        if derived not in known:
            word = f"{derived.column}_" if derived.column in RESERVED else derived.column
            known[derived] = unique_name(word, self._columns_taken[derived.dataset])
        return known[derived]

    def step(self, source: Source) -> str:
        """Return the name of the step that a source needs now."""
        self._sources[id(source)] = source
        step = (source.dataset, source.level)
        if step not in self.names:
            number = f"_{source.level}" if source.level > 1 else ""
            self.names[step] = unique_name(f"{source.dataset}_derived{number}", self._taken)
        return self.names[step]

    def asked_of(self, step: Step) -> tuple[tuple[Identifier, ...], tuple[Derived, ...]]:
        """Return what the selects read of a step: columns of the table, and derived values."""
        sources = [s for s in self._sources.values() if (s.dataset, s.level) == step]
        columns = dict.fromkeys(column for source in sources for column in source.columns)
        derived = dict.fromkeys(one for source in sources for one in source.derived)
        return tuple(columns), tuple(derived)

    def has_all_rows(self, step: Step) -> bool:
        """Tell whether some select reads the rows of a step too that do not exist at the instant."""
        return any(s.has_all_rows for s in self._sources.values() if (s.dataset, s.level) == step)

    def highest(self, made: set[Step]) -> Step | None:
        """Return a step of the highest level that is not made yet and that some select reads."""
        read = {(s.dataset, s.level) for s in self._sources.values()}
        left = [step for step in self.names if step in read and step not in made]
        return max(left, key=lambda step: step[1], default=None)
