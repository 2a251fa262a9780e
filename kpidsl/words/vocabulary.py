"""Filters and parameters in words, and as facts."""

from __future__ import annotations

from kpidsl.model.definitions import Label
from kpidsl.semantics.check import CheckedProject
from kpidsl.semantics.mentions import mentions
from kpidsl.semantics.printing import constant
from kpidsl.syntax import print_formula
from kpidsl.words.data import Facts
from kpidsl.words.language import Language, code
from kpidsl.words.page import Line, Page, Section
from kpidsl.words.phrases import Speaker
from kpidsl.words.written import spoken, type_name


def filter_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a named filter."""
    named = project.project.filters[name]
    assert named.condition.expr is not None
    said = Speaker(project, language).condition(project.rows.filter(name))
    sections = (
        Section(
            language.say("condition"),
            (Line(said), Line(code(print_formula(named.condition.expr)))),
        ),
        _users(project, name, language),
    )
    return Page(_title(name, "filter", named.label, language), spoken(named.description, language), sections)


def parameter_page(project: CheckedProject, name: str, language: Language) -> Page:
    """Return the page of a parameter."""
    parameter = project.project.parameters[name]
    type = type_name(parameter.type, language)
    default = _default(project, name)
    values = (
        Line(language.say("list of", type) if parameter.is_list else type, 1),
        Line(language.say("no default") if default is None else language.say("default", code(default)), 1),
    )
    sections = (Section(language.say("its values"), values), _users(project, name, language))
    return Page(
        _title(name, "parameter", parameter.label, language),
        spoken(parameter.description, language),
        sections,
    )


def _default(project: CheckedProject, name: str) -> str | None:
    return ", ".join(map(constant, project.defaults.get(name, ()))) or None


def _title(name: str, kind: str, label: Label, language: Language) -> str:
    shown, called = spoken(label, language), language.say(kind)
    return f"{code(name)} ({called})" if shown is None else f"{shown} ({called} {code(name)})"


def _users(project: CheckedProject, name: str, language: Language) -> Section:
    users = sorted(mentions(project.project).get(name, ()))
    text = ", ".join(map(code, users)) or language.say("no formula")
    return Section(language.say("named in"), (Line(text),))


def filter_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a named filter."""
    named = project.project.filters[name]
    assert named.condition.expr is not None
    return {
        "kind": "filter",
        "label": dict(named.label),
        "description": dict(named.description),
        "condition": print_formula(named.condition.expr),
        "named_in": sorted(mentions(project.project).get(name, ())),
    }


def parameter_facts(project: CheckedProject, name: str) -> Facts:
    """Return what is known of a parameter."""
    parameter = project.project.parameters[name]
    return {
        "kind": "parameter",
        "label": dict(parameter.label),
        "description": dict(parameter.description),
        "type": str(parameter.type),
        "list": parameter.is_list,
        "default": _default(project, name),
        "named_in": sorted(mentions(project.project).get(name, ())),
    }
