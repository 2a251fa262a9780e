"""Bindings to a project: a lexicon's datasets on one's own tables.

A column that is bound to one of the table's columns is read under that name. One that is bound to a row
formula is computed by it; what the formula reads of the table stands beside the lexicon's columns under
names that nobody else has, so that a table's `amount` and the lexicon's may be two things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kpidsl.binding import errors
from kpidsl.binding.likely import likely_types
from kpidsl.binding.renaming import renamed, short_names
from kpidsl.diagnostics import Sink
from kpidsl.model.bindings import Binding, BoundColumn, OwnColumn
from kpidsl.model.definitions import Column, Dataset, Formula, Identifier, Project
from kpidsl.model.plain_names import plain
from kpidsl.model.types import UNKNOWN, Kind, Type
from kpidsl.semantics import binding_errors
from kpidsl.source import Span
from kpidsl.syntax import tree


def apply(project: Project, bindings: Mapping[str, Binding], sink: Sink) -> Project:
    """Return the project with its lexicons' datasets where the bindings say; their mistakes are reported."""
    of_lexicons = [
        name
        for name in project.datasets
        if ("datasets", name) in project.origins or name in project.overridden
    ]
    datasets = {
        name: _of_any_number(dataset) if name in of_lexicons else dataset
        for name, dataset in project.datasets.items()
    }
    for binding in bindings.values():
        name = binding.dataset
        if name not in of_lexicons:
            if not project.lexicons:
                sink.report(errors.no_lexicon(binding.span))
            elif ("datasets", name) not in project.rejected:
                is_own = name in datasets
                sink.report(errors.no_dataset(binding.span, name, of_lexicons, is_own=is_own))
            continue
        if not binding.is_absent:
            datasets[name] = _Bound(project, datasets[name], binding, sink).dataset()
    return replace(project, datasets=datasets)


class _Bound:
    """A dataset of a lexicon that is being bound."""

    def __init__(self, project: Project, dataset: Dataset, binding: Binding, sink: Sink) -> None:
        self.project = project
        self.definition = dataset
        self.binding = binding
        self.sink = sink
        self.columns = dict(dataset.columns)
        self.read: dict[str, str] = {}
        """The names under which formulas read the table's columns."""
        self._likely: Mapping[str, str] = {}
        """What the names of the formula that is being read are likely to be, for messages."""

    def dataset(self) -> Dataset:
        self._look_for_strangers()
        for bound in self.binding.columns.values():
            column = self.columns.get(bound.name) if bound.name in self.definition.columns else None
            if column is not None and not self._is_computed_key(bound):
                self.columns[bound.name] = self._column(column, bound)
        self._read_as_two()
        where = self._where()
        source = self.binding
        found = replace(self.definition, columns=self.columns, where=where, bound_at=source.span)
        if source.table is None and source.sql is None:
            return found
        return replace(found, table=source.table, sql=source.sql, table_span=source.table_span)

    def _where(self) -> Formula | None:
        """Return the lexicon's condition together with those of the binding."""
        conditions = [self._of_table(formula, None) for formula in self.binding.where]
        if self.definition.where is not None:
            conditions.insert(0, self.definition.where)
        if len(conditions) < 2:
            return conditions[0] if conditions else None
        read = tuple(one.expr for one in conditions if one.expr is not None)
        text = " and ".join(f"({one.text})" for one in conditions)
        expr = tree.Logic("and", read, conditions[-1].span) if len(read) == len(conditions) else None
        return Formula(text, expr, conditions[-1].span)

    def _look_for_strangers(self) -> None:
        """Report what is bound or lacking and no column of the dataset, or may not be so."""
        name, known = self.definition.name, self.definition.columns
        for bound in self.binding.columns.values():
            if bound.name not in known:
                self.sink.report(errors.no_column(bound.span, name, bound.name, known))
            elif self._is_computed_key(bound):
                self.sink.report(errors.key_computed(bound.span, name, bound.name, *self._select(bound)))
        for column, at in self.binding.lacks.items():
            if column not in known:
                self.sink.report(errors.no_column(at, name, column, known))
            elif column in self.definition.key:
                self.sink.report(errors.key_lacking(at, name, column, self.definition.key))
            elif known[column].expr is not None:
                self.sink.report(errors.lacking_formula(at, name, column))

    def _select(self, bound: BoundColumn) -> tuple[str | None, str]:
        """Return the constant that a column is bound to, and the table that it is to stand beside."""
        is_constant = bound.formula is not None and isinstance(bound.formula.expr, tree.Text | tree.Number)
        table = self.binding.table or (() if self.binding.sql is not None else self.definition.table) or ()
        text = bound.formula.text.strip() if bound.formula is not None and is_constant else None
        return text, ".".join(part.text for part in table) or "…"

    def _is_computed_key(self, bound: BoundColumn) -> bool:
        return bound.name in self.definition.key and bound.own is None

    def _column(self, column: Column, bound: BoundColumn) -> Column:
        plain = replace(column, expr=None, sql=None, span=bound.span)
        if bound.sql is not None:
            return replace(plain, sql=bound.sql)
        if bound.own is not None:
            return self._from_column(plain, bound.own, bound.value_span)
        if bound.formula is None or bound.formula.expr is None:
            return plain
        read = self._of_table(bound.formula, column.type)
        return replace(plain, expr=read, is_any_number=True, bound_at=bound.formula.span)

    def _of_table(self, formula: Formula, declared: Type | None) -> Formula:
        """Return a row formula in which the table's columns have the names that they have here.

        `declared` is the type that it is to have.
        """
        if formula.expr is None:
            return formula
        others = self.project.datasets.keys() - self.binding.own.keys() - self.definition.joins.keys()
        read = list(short_names(formula.expr, others))
        self._likely = likely_types(formula.expr, declared)
        names = {name.text: own for name in read if (own := self._own(name.text, name.span))}
        return replace(formula, expr=renamed(formula.expr, names, others))

    def _from_column(self, column: Column, own: OwnColumn, span: Span) -> Column:
        """Return a column that has its values in one of the table's."""
        told = self.binding.own.get(own.name)
        if told is not None and (own.type, own.zone, own.unit) == (None, None, None):
            own = told
        found = _type_of(own, column)
        if found is None:
            assert own.type is not None
            self.sink.report(binding_errors.bound_type(span, column.name, column.type, own.type))
            return column
        in_unit = own.unit is not None and column.unit is not None and own.unit.text != column.unit.text
        if not in_unit:
            stored = None if own.type is None or own.type.kind is found.kind else own.type
            return replace(column, physical=own.physical, type=found, stored=stored, span=own.span)
        # Converted by a formula that only names the column.
        name = self._beside(replace(own, type=own.type or column.type))
        read = Formula(own.name, tree.Name((name,), own.span), own.span)
        return replace(column, expr=read, is_any_number=True, bound_at=span)

    def _own(self, name: str, at: Span) -> str | None:
        """Return the name under which a formula reads a column of the table, None for its own name."""
        if name in self.read:
            return self.read[name]
        told = self.binding.own.get(name)
        if told is not None:
            return self._beside(told, name)
        column = self.definition.columns.get(name)
        is_same = column is not None and column.expr is None and column.sql is None
        if is_same and name not in self.binding.columns and name not in self.binding.lacks:
            return None
        if column is None and name in self.project.parameters:
            return None
        bound = self._bound_as(name)
        if bound is not None:
            return self._beside(bound, name)
        known = (*self.binding.own, *(n for n in self.definition.columns if n not in self.binding.columns))
        self.sink.report(
            errors.own_column(at, name, known, self._likely[name], is_elsewhere=column is not None)
        )
        # So that nothing else is said of it.
        return self._beside(OwnColumn(name, Identifier(name, False), UNKNOWN, None, None, at), name)

    def _bound_as(self, name: str) -> OwnColumn | None:
        """Return a column of the table as another one of the lexicon reads it; its type is known by that.

        Names have no capitals, accents and blanks in formulas: `Frais de port` is frais_de_port.
        """
        read = [
            (bound.own, column)
            for bound in self.binding.columns.values()
            if bound.own is not None and (column := self.definition.columns.get(bound.name)) is not None
        ]
        for shape in (str, plain):
            named = [(own, column) for own, column in read if shape(own.physical.text) == name]
            if len({own.physical.text for own, _ in named}) == 1:
                own, column = named[0]
                type = own.type or (_type_of(own, column) or column.type)
                return replace(own, name=name, type=type, unit=own.unit or column.unit)
        return None

    def _beside(self, own: OwnColumn, name: str | None = None) -> str:
        """Add a column of the table under a name that is free, and return that."""
        name = name or own.name
        if name in self.read:
            return self.read[name]
        free = f"own_{name}"
        taken = (self.columns, self.definition.joins, self.project.dimensions, self.project.parameters)
        while any(free in names for names in (*taken, self.project.filters, self.project.metrics)):
            free += "_"
        type = own.type or UNKNOWN
        added = Column(free, type, own.physical, None, None, own.unit, (), {}, {}, own.span, is_beside=True)
        self.columns[free] = added
        self.read[name] = free
        return free

    def _read_as_two(self) -> None:
        """Report a column of the table that two columns of the lexicon read as two types."""
        first: dict[str, tuple[Type, Span]] = {}
        for bound in self.binding.columns.values():
            column = self.columns.get(bound.name)
            if bound.own is None or column is None or column.expr is not None:
                continue
            type = column.as_stored.type
            known = first.setdefault(bound.own.physical.text, (type, bound.value_span))
            if known[0].kind is not type.kind:
                types = (known[0], type)
                self.sink.report(
                    errors.read_as_two(bound.value_span, known[1], bound.own.physical.text, types)
                )


def _of_any_number(dataset: Dataset) -> Dataset:
    """Return a dataset whose computed numbers may be of another kind, as what they are computed from may."""
    columns = {
        name: column if column.expr is None else replace(column, is_any_number=True)
        for name, column in dataset.columns.items()
    }
    return replace(dataset, columns=columns)


def _type_of(own: OwnColumn, column: Column) -> Type | None:
    """Return the type that a bound column has, None where the table's is another than the lexicon can read.

    Numbers may be of another kind: what the lexicon does with them is checked with the type that they have.
    Identifiers that the lexicon has as texts may be integers, and are read as texts.
    """
    if own.type is None or own.type is UNKNOWN or column.type is UNKNOWN:
        is_told = own.zone is not None and column.type.kind is Kind.TIMESTAMP
        return replace(column.type, zone=own.zone) if is_told else column.type
    same = own.type.kind is column.type.kind
    numbers = own.type.is_numeric and column.type.is_numeric
    identifier = own.type.kind is Kind.INTEGER and column.type.kind is Kind.TEXT
    if identifier:
        return column.type
    return own.type if same or numbers else None
