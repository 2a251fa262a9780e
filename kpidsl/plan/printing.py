"""Plans as text, for `explain --stage plan` and the case files: the last step first.

A step that several others read is shown where it is met first, with a number; then the number is
enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kpidsl.contexts.leaves import LeafValue, LevelValue, Operation, Scalar
from kpidsl.plan.nodes import (
    Aggregate,
    Attach,
    Completed,
    Crossed,
    EntityValues,
    Fill,
    Filter,
    Given,
    Held,
    InPieces,
    Inside,
    InWindows,
    Keep,
    Lookup,
    Marked,
    Measure,
    Nothing,
    OverEntities,
    Presences,
    Regroup,
    Rows,
    RowsOutside,
    Scan,
    Slot,
    SoughtIn,
    Source,
    Spine,
    Spread,
    Stack,
    Top,
    Traced,
    WindowSpine,
    Within,
)
from kpidsl.plan.printed_buckets import filled, in_windows, names_of
from kpidsl.plan.printed_layers import print_layer
from kpidsl.plan.results import Judge, Levels, Sort
from kpidsl.semantics.bound import Bound, Constant, KeyValue
from kpidsl.semantics.paths import Path
from kpidsl.semantics.printing import constant, operation, print_bound
from kpidsl.syntax.printer import quote

Step = Rows | Top | Given


def print_plan(plan: Sort) -> str:
    """Return the plan as an indented tree."""
    asked = [("-" if o.descending else "") + o.name for o in plan.order]
    asked.extend(g.name for g in plan.by if g.name not in {o.name for o in plan.order})
    limit = "" if plan.limit is None else f" limit {plan.limit}"
    label = "" if plan.null_label is None else f" nulls as {quote(plan.null_label)}"
    having = "" if plan.having is None else f" having {print_bound(plan.having)}"
    lines = [f"Sort {', '.join(asked) or '-'}{having}{limit}{label}"]
    kpis = [f"{column.name} = {_scalar(column.value, plan.compute.slots)}" for column in plan.compute.columns]
    if isinstance(plan.input, Judge):
        kept = plan.input.judgement.kept
        lines[0] += "" if kept is None else f" where {print_bound(kept)}"
        for layer in reversed(plan.input.judgement.layers):
            lines.append("  " + print_layer(layer))
    lines.append("  Compute " + "; ".join(kpis))
    rows = plan.compute.input
    if isinstance(rows, Levels):
        printer = _Printer([level.rows for level in rows.levels])
        lines.append("    Levels")
        for level in rows.levels:
            lines.append(f"      {level.name}" + _renamed(plan.compute.slots, level.values))
            lines.extend("        " + line for line in printer.step(level.rows))
    else:
        lines.extend("    " + line for line in _Printer([rows]).step(rows))
    return "\n".join(lines) + "\n"


def _renamed(slots: tuple[Slot, ...], values: tuple[Slot, ...]) -> str:
    """Return which of the plan's values a level has under the name of another."""
    pairs = zip(slots, values, strict=True)
    renamed = [f"{slot.name} = {value.name}" for slot, value in pairs if slot.name != value.name]
    return f" with {'; '.join(renamed)}" if renamed else ""


class _Printer:
    def __init__(self, steps: list[Rows]) -> None:
        self.uses: Counter[int] = Counter()
        self.numbers: dict[int, int] = {}
        for step in steps:
            self._count(step)

    def _count(self, step: Step) -> None:
        self.uses[id(step)] += 1
        if self.uses[id(step)] == 1:
            inside = (found.input for found in _entities(_sought_of(step)))
            for inner in (*inside, *_inputs(step)):
                self._count(inner)

    def step(self, step: Step) -> Iterator[str]:
        if self.uses[id(step)] == 1:
            yield from self._lines(step)
        elif id(step) in self.numbers:
            yield f"#{self.numbers[id(step)]}"
        else:
            number = self.numbers[id(step)] = len(self.numbers) + 1
            first, *rest = self._lines(step)
            yield f"#{number} {first}"
            yield from rest

    def _lines(self, step: Step) -> Iterator[str]:
        match step:
            case Aggregate():
                yield from self._aggregate(step)
            case InPieces(keys=keys, measures=measures, condition=condition):
                values = (f"{m.function}({m.source.name})" if m.function else m.source.name for m in measures)
                shown = [f"{m.slot.name} = {value}" for m, value in zip(measures, values, strict=True)]
                yield f"InPieces by ({names_of(keys)}) {'; '.join(shown)} where {print_bound(condition)}"
                if step.having_rows:
                    yield f"  of pieces{_having_rows(step.having_rows)}"
            case Held():
                yield from self._held(step)
            case Traced():
                yield from self._traced(step)
            case Regroup(keys=keys, measures=measures):
                shown = [f"{m.slot.name} = {m.function}({m.source.name})" for m in measures]
                yield f"Regroup by ({names_of(keys)}) " + "; ".join(shown) + _having_rows(step.having_rows)
                if step.outside is not None:
                    yield "  outside"
                    yield from _indented(_indented(self.step(step.outside)))
            case Stack():
                yield "Stack"
            case Given(keys=keys, rows=given):
                yield f"Given ({names_of(keys)}) {_tuples(given)}"
            case Nothing():
                yield "Nothing"
            case Within(totals=totals):
                shown = [
                    f"{t.slot.name} = {t.function}({t.source.name}) within ({names_of(t.keys)})"
                    for t in totals
                ]
                yield "Within " + "; ".join(shown)
            case Keep():
                yield "Keep"
            case OverEntities():
                yield from self._over_entities(step)
            case Completed(around=around):
                yield f"Completed in ({names_of(around)}){in_windows(step.within)}"
            case Inside(within=within):
                yield f"Inside{in_windows(within)}"
            case Spread(within=within):
                yield f"Spread{in_windows(within)}"
            case Crossed(around=around):
                yield f"Crossed in ({names_of(around)}){in_windows(step.within)}"
            case Fill(spine=spine, named=named):
                also = f" with {_tuples(named)}" if named else ""
                yield f"Fill {filled(spine)}{also}"
            case Attach():
                yield "Attach"
            case Top():
                sign = "-" if step.descending else ""
                by = f"{sign}{_scalar(step.value, step.slots)}{_having_rows(step.having_rows)}"
                yield f"Top {step.count} of ({names_of(step.keys)}) by {by}"
        for inner in _inputs(step):
            if not isinstance(step, Regroup) or inner is not step.outside:
                yield from _indented(self.step(inner))

    def _over_entities(self, step: OverEntities) -> Iterator[str]:
        yield f"OverEntities by ({names_of(step.keys)})"
        for measure in step.measures:
            inside = "rows" if measure.value is None else _scalar(measure.value, step.slots)
            inside = ", ".join((inside, *map(print_bound, measure.others)))
            tested = [f"{key.member.text} is there" for key in measure.tested]
            where = f" where {operation('and', tested)}" if tested else ""
            empty = " empty null" if measure.empty_is_null else ""
            yield f"  {measure.slot.name} = {measure.function}({inside}{where}){empty}"

    def _held(self, held: Held) -> Iterator[str]:
        rows = held.rows
        values = ", ".join(map(print_bound, rows.values))
        until = "from the first row" if held.once else "until the next row"
        empty = " empty null" if held.empty_is_null else ""
        where = f"where {print_bound(held.condition)}"
        value = f"{held.slot.name} = count_distinct({values}){empty} {until}"
        yield f"Held by ({names_of(held.keys)}) {value} {where}"
        if held.having_rows:
            yield f"  of pieces{_having_rows(held.having_rows)}"
        keys = [f"{key.slot.name} = {print_bound(key.value)}" for key in rows.keys]
        yield f"  Presences ({values}) by ({'; '.join(keys)}) at {print_bound(rows.piece)}"
        yield from _indented(_indented(self._sought(rows.sought)))
        yield from _indented(_indented(_source(rows.input)))

    def _traced(self, traced: Traced) -> Iterator[str]:
        rows, values = traced.rows, ", ".join(map(print_bound, traced.rows.values))
        moves = list(map(print_bound, traced.moves))
        yield f"Traced by ({names_of(traced.keys)}) {values} in {print_bound(traced.bucket.value)}"
        for trace in traced.traces:
            where = f" where {_all(trace.conditions)}" if trace.conditions else ""
            yield f"  {trace.slot.name} = buckets of rows{where}"
        for measure in traced.measures:
            parts = [measure.trace.name]
            for test in measure.tests:
                at = "" if test.move is None else f" at {moves[test.move]}"
                parts.append(f"{'' if test.is_in else 'not '}in {test.trace.name}{at}")
            function = "count" if measure.counts_rows else "count_distinct"
            empty = " empty null" if measure.empty_is_null else ""
            yield f"  {measure.slot.name} = {function} where {operation('and', parts)}{empty}"
        keys = [f"{key.slot.name} = {print_bound(key.value)}" for key in rows.keys]
        yield f"  Presences ({values}) by ({'; '.join(keys)}) at {print_bound(rows.piece)}"
        yield from _indented(_indented(_source(rows.input)))

    def _aggregate(self, aggregate: Aggregate) -> Iterator[str]:
        keys = [f"{key.slot.name} = {print_bound(key.value)}" for key in aggregate.keys]
        yield f"Aggregate by ({'; '.join(keys)})"
        for measure in aggregate.measures:
            yield "  " + _measure(measure, aggregate.dataset)
        yield from _indented(self._sought(aggregate.sought))
        yield from _indented(_source(aggregate.input))

    def _sought(self, sets: Sequence[SoughtIn]) -> Iterator[str]:
        for sought in sets:
            at = "; ".join(print_bound(value) for value, _ in sought.at)
            until = "" if sought.until is None else f" until {print_bound(sought.until)}"
            yield f"Sought {print_bound(sought.condition.operand)} at ({at}){until}"
            values = sought.values
            null = " including null" if values.includes_null else ""
            if isinstance(values, EntityValues):
                holds = _scalar(values.holds, values.slots)
                yield f"  Values {values.entity.name}{null} by ({names_of(values.keys)}) having {holds}"
                yield from _indented(_indented(self.step(values.input)))
                continue
            keys = "; ".join(f"{key.slot.name} = {print_bound(key.value)}" for key in values.keys)
            first = "" if values.first is None else f" with {values.first.slot.name}"
            yield f"  Values {print_bound(values.value.value)}{null} by ({keys}){first}"
            yield from _indented(_indented(self._sought(values.sought)))
            yield from _indented(_indented(_source(values.input)))


def _inputs(step: Step) -> tuple[Step, ...]:
    """Return what a step reads, in the order in which it is shown."""
    match step:
        case Aggregate(input=InWindows(input=RowsOutside(top=top), spine=spine)):
            return (top, *_of_days(spine))
        case Aggregate(input=InWindows(spine=spine)):
            return _of_days(spine)
        case Aggregate(input=RowsOutside(top=top)):
            return (top,)
        case Aggregate() | Traced() | Given() | Nothing():
            return ()
        case Held(pieces=inner, spine=spine) | InPieces(input=inner, spine=spine):
            return (inner, *_of_days(spine))
        case Regroup(input=inner, outside=outside):
            return (inner,) if outside is None else (outside, inner)
        case Stack(inputs=inputs):
            return inputs
        case OverEntities(input=inner):
            return (inner,)
        case Completed(input=inner, parts=parts):
            return (inner, *parts, *_of_days(step.within))
        case Inside(input=inner, within=within) | Spread(input=inner, within=within):
            return (inner, *_of_days(within))
        case Crossed(groups=groups, parts=parts):
            return (groups, *parts, *_of_days(step.within))
        case Within(input=inner) | Top(input=inner):
            return (inner,)
        case Fill(input=inner, spine=WindowSpine() as spine):
            return (inner, *_of_days(spine))
        case Fill(input=inner):
            return (inner,)
        case Keep(input=inner, top=top):
            return (top, inner)
        case Attach(input=inner, total=total):
            return (total, inner)


def _of_days(spine: Spine | WindowSpine | None) -> tuple[Step, ...]:
    if spine is None:
        return ()
    if isinstance(spine, WindowSpine):
        rows = () if spine.of.rows is None else (spine.of.rows,)
        return rows if spine.of.outer is None else (*rows, *_of_days(spine.of.outer))
    return () if spine.days.rows is None else (spine.days.rows,)


def _measure(measure: Measure, dataset: str) -> str:
    inside = dataset
    if measure.argument is not None:
        inside = ", ".join(map(print_bound, (measure.argument, *measure.others)))
    where = "" if not measure.conditions else f" where {_all(measure.conditions)}"
    empty = " empty null" if measure.empty_is_null else ""
    return f"{measure.slot.name} = {measure.function}({inside}{where}){empty}"


def _sought_of(step: Step) -> tuple[SoughtIn, ...]:
    match step:
        case Aggregate(sought=sought) | Held(rows=Presences(sought=sought)):
            return sought
        case _:
            return ()


def _entities(sets: Sequence[SoughtIn]) -> Iterator[EntityValues]:
    """Yield the sets of entities that rows, and those of sets, are asked of."""
    for sought in sets:
        if isinstance(sought.values, EntityValues):
            yield sought.values
        else:
            yield from _entities(sought.values.sought)


def _source(rows: Source) -> Iterator[str]:
    match rows:
        case InWindows(input=inner, condition=condition):
            yield f"InWindows where {print_bound(condition)}"
            yield from _indented(_source(inner))
        case RowsOutside(input=inner, values=values):
            yield f"Outside ({'; '.join(map(print_bound, values))})"
            yield from _indented(_source(inner))
        case Scan(dataset=dataset):
            yield f"Scan {dataset}"
        case Lookup(input=inner, paths=paths):
            yield "Lookup " + ", ".join(_path(path, rows) for path in paths)
            yield from _indented(_source(inner))
        case Marked(input=inner, at_once=False):
            yield from _source(inner)
        case Marked(input=inner, sequences=sequences):
            for sequence in sequences:
                yield f"Marked {print_bound(sequence)}"
            yield from _indented(_source(inner))
        case Filter(input=inner, all_of=all_of, any_of=any_of):
            parts = [print_bound(c) for c in all_of]
            if any_of:
                parts.append(" or ".join(f"({_all(group)})" for group in any_of))
            yield "Filter " + " and ".join(f"({part})" for part in parts)
            yield from _indented(_source(inner))


def _path(path: Path, lookup: Lookup) -> str:
    shown = ".".join(path)
    if path not in lookup.nearest:
        return shown
    return f"{shown} (nearest, {'in one pass' if lookup.in_one_pass else 'row by row'})"


def _all(conditions: tuple[Bound, ...]) -> str:
    return operation("and", [print_bound(condition) for condition in conditions])


def _having_rows(counts: tuple[Slot, ...]) -> str:
    return f" where {' or '.join(f'{slot.name} > 0' for slot in counts)}" if counts else ""


def _tuples(rows: Sequence[Sequence[Constant]]) -> str:
    return ", ".join(f"({', '.join(map(constant, row))})" for row in rows)


def _scalar(value: Scalar, slots: tuple[Slot, ...]) -> str:
    match value:
        case Constant():
            return constant(value)
        case LeafValue(index=index):
            return slots[index].name
        case LevelValue(index=index):
            return f"own {index}"
        case KeyValue():
            return print_bound(value)
        case Operation(op=op, args=args):
            return operation(op, [_scalar(arg, slots) for arg in args])


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return ("  " + line for line in lines)
