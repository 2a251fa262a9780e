"""The words of time that `by` may name, in words and as facts: grains, date parts, roles, calendars."""

from __future__ import annotations

from collections.abc import Iterator

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import Calendar, Project
from kpidsl.model.grains import PARTS, GrainRule
from kpidsl.semantics.bound import Bucketed, DimensionMember, Grain, Part
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.times import role
from kpidsl.source import SourceFile, Span
from kpidsl.syntax import tree
from kpidsl.words.data import Facts
from kpidsl.words.language import Language, code
from kpidsl.words.page import Line, Page, Section

_NOWHERE = Span(SourceFile("", ""), 0, 0)


def time_roles(project: CheckedProject) -> tuple[str, ...]:
    """Return the dimensions that hold a time, each of which has grains and date parts of its own."""
    found = []
    for name, dimension in project.project.dimensions.items():
        if project.types.of(DimensionMember(name), dimension.span, Sink()).is_time:
            found.append(name)
    return tuple(found)


def role_names(project: CheckedProject) -> tuple[str, ...]:
    """Return the time roles that dimensions have."""
    words = (*project.project.grains, *PARTS)
    return tuple(f"{name}.{word}" for name in time_roles(project) for word in words)


def type_of_word(project: CheckedProject, name: str) -> str:
    """Return the type of a grain's, a date part's or a role's values."""
    found = role_named(project.project, name) or (Part(name) if name in PARTS else Grain(name))
    return str(project.types.of(found, _NOWHERE, Sink()))


def role_named(project: Project, name: str) -> Bucketed | Part | None:
    """Return the time role of a dotted name such as `signup.month`, or None where it is none."""
    return role(tree.Name(tuple(name.split(".")), _NOWHERE), project, Sink())


def grain_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a time grain."""
    lines = (*_bucket(project.project, project.project.grains[name], language),)
    uses = (
        Line(language.say("grain used", code(f"--by {name}")), 1),
        Line(language.say("of another time", code(f"{_another(project)}.{name}")), 1),
        Line(language.say("grain in conditions"), 1),
    )
    return _page(name, "grain", lines, uses, language)


def part_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a date part."""
    said = language.fill(language.functions[PARTS[name]], language.say("default time"))
    lines = (Line(said, 1), Line(language.say("local number", project.project.timezone), 1))
    uses = (
        Line(language.say("part used", code(f"--by {name}"), code(f"where {name} = 1")), 1),
        Line(language.say("of another time", code(f"{_another(project)}.{name}")), 1),
    )
    return _page(name, "part", lines, uses, language)


def role_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a time role."""
    found = role_named(project.project, name)
    assert found is not None
    lines: tuple[Line, ...]
    match found:
        case Bucketed(member=member, grain=grain):
            rule = project.project.grains[grain]
            lines = (Line(language.say("of time", code(member.text)), 1),)
            lines += tuple(_bucket(project.project, rule, language))
        case Part(name=part, member=member):
            assert member is not None
            lines = (Line(language.fill(language.functions[PARTS[part]], code(member.text)), 1),)
    uses = (
        Line(language.say("part used", code(f"--by {name}"), code(f"where {name} = …")), 1),
        Line(language.say("a dimension"), 1),
    )
    return _page(name, "role", lines, uses, language)


def calendar_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a calendar."""
    calendar = project.project.calendars[name]
    lines = [Line(language.say("one row a day", code(calendar.day)), 1)]
    if calendar.table is not None:
        lines.append(Line(language.say("table", ".".join(part.text for part in calendar.table)), 1))
    if calendar.comparable is not None:
        lines.append(Line(language.say("comparable day", code(calendar.comparable)), 1))
    grains = tuple(
        Line(f"{code(grain)}{language.colon}{language.say('same value', code(column))}", 1)
        for grain, column in calendar.grains.items()
    )
    sections = [Section(language.say("rows title"), tuple(lines))]
    if grains:
        sections.append(Section(language.say("its grains"), grains))
    return Page(f"{code(name)} ({language.say('calendar')})", None, tuple(sections))


def _page(name: str, kind: str, lines: tuple[Line, ...], uses: tuple[Line, ...], language: Language) -> Page:
    sections = (Section(language.say("what it is"), lines), Section(language.say("how asked"), uses))
    return Page(f"{code(name)} ({language.say(kind)})", None, sections)


def _bucket(project: Project, rule: GrainRule, language: Language) -> Iterator[Line]:
    if rule.calendar is not None:
        column = project.calendars[rule.calendar].grains[rule.name]
        yield Line(language.say("bucket of calendar", code(rule.calendar), code(column)), 1)
        return
    shown = language.grains[rule.name]
    yield Line(language.say("bucket of instants" if rule.is_instant else "bucket of days", shown), 1)
    settings = [f"timezone: {project.timezone}"]
    if rule.anchor == "week_start":
        settings.append(f"week_start: {project.cut.week_start}")
    elif rule.anchor == "fiscal_year":
        settings.append(f"fiscal_year_start: {project.cut.fiscal_year_start}")
    yield Line(language.say("cut by", language.both([code(setting) for setting in settings])), 1)


def _another(project: CheckedProject) -> str:
    """Return a time beside the default one: a dimension, or else a dataset's first column that is one."""
    roles = time_roles(project)
    if roles:
        return roles[0]
    for dataset in project.project.datasets.values():
        for column in dataset.columns.values():
            if column.type.is_time:
                return f"{dataset.name}.{column.name}"
    return "signup"


def grain_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a time grain."""
    rule = project.project.grains[name]
    return {
        "kind": "grain",
        "type": str(rule.type_in(project.project.timezone)),
        "calendar": rule.calendar,
    }


def part_facts(name: str) -> Facts:
    """Return what is known of a date part."""
    return {"kind": "part", "type": "integer", "function": PARTS[name]}


def role_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a time role."""
    found = role_named(project.project, name)
    assert found is not None
    assert found.member is not None
    word = found.grain if isinstance(found, Bucketed) else found.name
    kind = "grain" if isinstance(found, Bucketed) else "part"
    return {"kind": "role", "of": found.member.text, kind: word}


def calendar_facts(calendar: Calendar) -> Facts:
    """Return what is known of a calendar."""
    return {
        "kind": "calendar",
        "table": None if calendar.table is None else [part.text for part in calendar.table],
        "day": calendar.day,
        "comparable": calendar.comparable,
        "grains": dict(calendar.grains),
        "columns": {column.name: str(column.type) for column in calendar.columns.values()},
    }
