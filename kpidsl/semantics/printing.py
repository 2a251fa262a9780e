"""Bound formulas as text, for `explain --stage checked` and for the stages after it."""

from __future__ import annotations

from dataclasses import replace

from kpidsl.semantics.bound import (
    Aggregate,
    Amount,
    Apply,
    Bound,
    Children,
    Constant,
    Cumulative,
    Derived,
    During,
    Earliest,
    Filtered,
    InSet,
    InValues,
    KeyValue,
    Lapse,
    MemberValue,
    MetricRef,
    Move,
    Moved,
    Opening,
    ParameterRef,
    Partner,
    PerEntity,
    Prior,
    PushedSet,
    ResultValue,
    Ripe,
    Rolling,
    RowColumn,
    RowSequence,
    Siblings,
    Step,
    ToDate,
    Total,
    ValueSet,
    WindowEdge,
)
from kpidsl.syntax.printer import number, quote

_INFIX = {"+", "-", "*", "/", "=", "<", "<=", ">", ">=", "and", "or"}


def operation(op: str, args: list[str]) -> str:
    """Return an operation over printed arguments, each in brackets where it needs them."""
    if op in _INFIX:
        return f" {op} ".join(arg if _is_simple(arg) else f"({arg})" for arg in args)
    return f"{op}({', '.join(args)})"


def _is_simple(text: str) -> bool:
    """Tell whether a printed text is one word, one text in quotes, or stands in brackets."""
    if " " not in text:
        return True
    depth, is_quoted = 0, False
    for at, character in enumerate(text):
        if character == "'":
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (character in "([") - (character in ")]")
            if depth == 0 and (character == " " or (character == ")" and at < len(text) - 1)):
                return False
    return True


def constant(value: Constant) -> str:
    raw = value.value
    if value.parameter is not None and value.unit is not None and value.unit.unit is not None:
        shown = str(value.unit.unit)
        many = "s" if value.unit.unit.is_time and raw != 1 else ""
        return f"{constant(replace(value, unit=None))} {shown}{many}"
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return quote(raw)
    return number(raw) if not hasattr(raw, "isoformat") else raw.isoformat()


def move_text(move: Move) -> str:
    """Return a change of the window as it is written, without what it is around: `prior 1 year`."""
    return " ".join((_move_name(move), *_move_arguments(move)))


def moved_text(what: str, move: Move) -> str:
    """Return a change of the window around a formula, as it is written: `prior(revenue, 1 year)`."""
    return f"{_move_name(move)}({', '.join((what, *_move_arguments(move)))})"


def _move_name(move: Move) -> str:
    match move:
        case Prior():
            return "prior"
        case Rolling():
            return "rolling"
        case ToDate():
            return "to_date"
        case Cumulative():
            return "cumulative"
        case Opening():
            return "opening"
        case During():
            return "during"


def _move_arguments(move: Move) -> tuple[str, ...]:
    match move:
        case Prior(amount=amount) | Rolling(amount=amount):
            return (amount.text if isinstance(amount, Amount) else amount.name,)
        case ToDate(grain=grain):
            return (grain,)
        case Cumulative() | Opening():
            return ()
        case During(start=start, end=end):
            return (start.isoformat(), end.isoformat())


def print_set(values: PushedSet) -> str:
    """Return a set in its own context in one line."""
    if not isinstance(values, ValueSet):
        return str(values)
    parts = [print_bound(values.value)]
    if values.includes_null:
        parts.append("including null")
    if values.conditions:
        parts.append("where " + operation("and", [print_bound(c) for c in values.conditions]))
    if values.window is not None:
        parts.append(f"window {print_bound(values.window)}")
    if values.keys:
        parts.append("by " + ", ".join(f"{m.text} = {print_bound(value)}" for m, value in values.keys))
    return f"{{{' '.join(parts)}}}"


def print_bound(expr: Bound) -> str:
    """Return a bound formula in one line: every name with its dataset, every metric with its type."""
    match expr:
        case Constant():
            return constant(expr)
        case RowColumn(path=path, dataset=dataset, column=column):
            return ".".join((*path, column)) if path else f"{dataset}.{column}"
        case Derived(path=path, form=form):
            return ".".join((*path, f"[{_form(form)}]"))
        case Partner(path=path, value=value):
            return f"if_found({'.'.join(path)}, {print_bound(value)})"
        case Apply(op=op, args=args):
            return operation(op, [print_bound(arg) for arg in args])
        case RowSequence():
            return _sequence(expr)
        case MemberValue(member=member):
            return member.text
        case ResultValue(name=name) | ParameterRef(name=name):
            return name
        case MetricRef(name=name, type=type):
            return f"{name}:{type}"
        case Ripe(operand=operand, metric=metric):
            return f"({print_bound(operand)} as old as {metric})"
        case Filtered(operand=operand, condition=condition):
            return f"({print_bound(operand)} where {print_bound(condition)})"
        case Total(operand=operand, across=across):
            members = "" if across is None else " across " + ", ".join(member.text for member in across)
            return f"total({print_bound(operand)}{members})"
        case Moved(operand=operand, move=move):
            return moved_text(print_bound(operand), move)
        case PerEntity(function=function, operand=operand, members=members):
            inside = ", ".join(map(print_bound, (operand, *expr.others)))
            null = " including null" if expr.including_null else ""
            among = "" if expr.among is None else f" among {print_bound(expr.among)}"
            return f"{function}({inside} per {', '.join(m.text for m in members)}{null}{among})"
        case WindowEdge(which=which):
            return which
        case KeyValue(member=member):
            return f"key({member.text})"
        case InValues(operand=operand, set=values, includes_null=includes_null):
            null = " including null" if includes_null else ""
            return f"{print_bound(operand)} in {print_bound(values)}{null}"
        case InSet(operand=operand, set=values, at=at):
            places = zip(values.members, at, strict=True)
            where = ", ".join(f"{member.text} = {print_bound(value)}" for member, value in places)
            return f"{print_bound(operand)} in {print_set(values)}" + (f" at {where}" if where else "")
        case Earliest():
            return "earliest"
        case Aggregate(function=function, dataset=dataset, argument=argument, condition=condition, at=at):
            inside = dataset if argument is None else ", ".join(map(print_bound, (argument, *expr.others)))
            where = "" if condition is None else f" where {print_bound(condition)}"
            by = "" if at is None else f" at {print_bound(at)}"
            required = f" required {', '.join(map(print_bound, expr.required))}" if expr.required else ""
            return f"{function}({inside}{where}{by}{required})"


def _form(form: Children | Siblings) -> str:
    """Return what a derived value is over: rows that lead here, or rows of the same keys in an order."""
    aggregate = print_bound(form.aggregate)
    if isinstance(form, Children):
        return f"{aggregate} to {', '.join(map(print_bound, form.keys))}"
    per = f" per {', '.join(map(print_bound, form.keys))}" if form.keys else ""
    nulls = " including null" if form.including_null else ""
    shown = [("-" if by.descending else "") + print_bound(by.value) for by in form.order]
    order = f" order by {', '.join(shown)}" if shown else ""
    return f"{aggregate}{per}{nulls}{order}"


def _sequence(sequence: RowSequence) -> str:
    keys = ", ".join(print_bound(key) for key in sequence.keys)
    null = " including null" if sequence.includes_null else ""
    time = print_bound(sequence.time)
    side = "after" if sequence.function == "followed_by" else "before"
    other = f" but ({', '.join(map(print_bound, sequence.own))})" if sequence.own else ""
    steps = " then ".join(map(_step, sequence.steps))
    return f"{sequence.function}({steps} per {keys}{null} {side} {time}{_window(sequence)}{other})"


def _step(step: Step) -> str:
    keys = ", ".join(map(print_bound, step.keys))
    where = "" if step.condition is None else f" where {print_bound(step.condition)}"
    return f"{step.dataset} by {keys} at {print_bound(step.time)}{where}"


def _window(sequence: RowSequence) -> str:
    if sequence.start is None:
        return "" if sequence.end is None else f" within {lapse(sequence.end)}"
    to = "" if sequence.end is None else f" to {lapse(sequence.end)}"
    return f" from {lapse(sequence.start)}{to}"


def lapse(found: Lapse | ParameterRef) -> str:
    """Return how far a sequence looks, as written."""
    if isinstance(found, ParameterRef):
        return found.name
    amount = found.amount
    unit = None if amount.unit is None else amount.unit.unit
    shown = constant(replace(amount, parameter=None))
    if unit is None:
        return shown
    return f"{shown} {unit}" + ("" if amount.value == 1 else "s")
