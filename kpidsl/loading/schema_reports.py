"""The validator's errors as diagnostics: one fact once, at the smallest place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingOfKeys
from typing import Any

from jsonschema.exceptions import ValidationError

from kpidsl.diagnostics import Sink, as_name
from kpidsl.loading import schema_errors as errors
from kpidsl.loading.named_examples import named_example, without_group
from kpidsl.loading.other_words import keys_meant, language_meant
from kpidsl.loading.schema_cuts import Cut, cut_by_commas, names_below, not_indented, section_of
from kpidsl.loading.schema_help import beside_sections, due, for_wrong_kind, with_example
from kpidsl.loading.schemas import schema
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import Span

_OWNERS = {
    "datasets": "dataset",
    "dimensions": "dimension",
    "metrics": "metric",
    "kpis": "KPI",
    "calendars": "calendar",
    "parameters": "parameter",
    "filters": "filter",
    "objectives": "objective",
    "scorecards": "scorecard",
}
_OF_PROMISES = frozenset(
    {"target", "targets", "target_from", "baseline", "effective", "period", "due", "tolerance", "trajectory"}
)
"""Keys of objectives that people write at the KPI."""
_BY_LANGUAGE = frozenset({"label", "description", "synonyms"})

Path = tuple[str | int, ...]


class Violations:
    """Reports the errors of one document; `pruned` has the paths of what cannot be used.

    `unusable` has, by section and name, what stands in a wrong place or under a wrong name: whoever
    uses it is not at fault.

    With `whole_definitions` a definition that has lost something which it needs goes as a whole.
    """

    def __init__(self, tree: Mapping, sink: Sink, whole_definitions: bool) -> None:
        self.tree = tree
        self.sink = sink
        self.whole_definitions = whole_definitions
        self.pruned: set[Path] = set()
        self.unusable: set[tuple[str, str]] = set()
        self.cuts: dict[Path, Cut | None] = {}
        self.lacking: set[Path] = set()
        self.told: set[Path] = set()
        if whole_definitions:
            self._lines_not_indented()

    def report(self, error: ValidationError) -> None:
        path: Path = tuple(error.absolute_path)
        if any(path[: len(told)] == told for told in self.told):
            return
        if "propertyNames" in error.absolute_schema_path:
            self._name(path, str(error.instance))
            return
        match error.validator:
            case "additionalProperties":
                self._unknown_keys(error, path)
            case "required":
                self._missing_keys(error, path)
            case "type":
                self._wrong_type(error, path)
            case "enum":
                self._not_in_list(error, path)
            case "pattern":
                # For editors: whoever reads such a text (a type) tells what is wrong with it.
                pass
            case _:
                self._out_of_range(error, path)

    def _prune(self, path: Path, alone: bool = False) -> None:
        """Take out a value; `alone` says that its definition can do without it."""
        self.pruned.add(path if alone or not self.whole_definitions else path[:2])

    def _name(self, path: Path, name: str) -> None:
        holder, _ = self._at(path)
        assert isinstance(holder, Mapping)
        if (*path, name) in self.told or self._is_cut(path, holder, name):
            return
        span = holder.entries[name].key.span
        if path[-1] in _BY_LANGUAGE:
            self.sink.report(errors.bad_language(span, name, _language(name)))
            self._prune((*path, name), alone=True)
        else:
            self.sink.report(errors.bad_name(span, name, as_name(name)))
            if len(path) == 1:
                # Who uses the right name already is not at fault.
                self.unusable.add((str(path[0]), as_name(name)))
            self._prune((*path, name))

    def _lines_not_indented(self) -> None:
        """Report entries that are empty because their content stands beside them, not below."""
        for found in not_indented(self.tree, schema("definitions")):
            name = found.empty.key.text
            self.sink.report(errors.not_indented(found.empty.key.span, name, found.entries[0].key.span))
            self.told.update((*found.path, entry.key.text) for entry in (found.empty, *found.entries))
            for entry in (found.empty, *found.entries):
                self._prune((*found.path, entry.key.text))
            if not found.path:
                self.unusable.update((name, entry.key.text) for entry in found.entries)

    def _unknown_keys(self, error: ValidationError, path: Path) -> None:
        holder, _ = self._at(path)
        assert isinstance(holder, Mapping)
        known = _schema(error).get("properties", {})
        for entry in _extra(holder, known):
            name = entry.key.text
            if (*path, name) in self.told or self._is_cut(path, holder, name):
                continue
            free = [key for key in known if key not in holder.entries]
            meant = keys_meant(name, free) or keys_meant(name, known)
            help = self._elsewhere(path, name)
            if not path:
                section, is_among = section_of(entry, self.tree, meant, schema("definitions"))
                help = help or (
                    f"indent its lines by two more blanks, below `{section}:`" if is_among else ""
                )
                self.unusable.update((section, inner) for inner in names_below(entry, is_among))
            help = help or errors.help_for_key(meant, known)
            self.sink.report(errors.unknown_key(entry.key.span, name, _owner(path), help))
            # A dataset has a table or SQL: where one of them is mistyped, none would be found missing.
            self._prune((*path, name), alone=not {"table", "sql"} & set(meant[:1]))

    def _elsewhere(self, path: Path, name: str) -> str:
        """Return where a key belongs that is known in another place."""
        if not self.whole_definitions:
            found = name in schema("definitions")["properties"]
            return f"move `{name}:` into a file under `definitions/`" if found else ""
        if not path and (help := beside_sections(name, self.tree)):
            return help
        if not path and name in schema("project")["properties"]:
            return f"move `{name}:` into `kpidsl.yml`"
        if len(path) != 2:
            return ""
        section, owner = path
        if section == "metrics" and name in schema("kpi")["properties"]:
            return f"only KPIs have `{name}`: move `{owner}` under `kpis:`, or leave `{name}` out"
        if section in ("metrics", "kpis") and name in _OF_PROMISES:
            return f"only objectives have `{name}`: set one on `{owner}` under `objectives:`, or leave it out"
        if section == "parameters" and name == "values":
            return f"the column that `{owner}` is compared with lists its `values`: leave it out"
        if section == "scorecards" and name in schema("objective")["properties"]:
            return f"a scorecard has the `{name}` of its objectives: write it there, or leave it out"
        if section == "objectives" and name in schema("scorecard")["properties"]:
            return f"only scorecards have `{name}`: leave it out"
        if section == "objectives" and name in schema("kpi")["properties"]:
            return f"an objective has the `{name}` of its KPI: write it there, or leave it out"
        return ""

    def _missing_keys(self, error: ValidationError, path: Path) -> None:
        holder, key = self._at(path)
        assert isinstance(holder, Mapping)
        schema = _schema(error)
        extra = [entry.key.text for entry in _extra(holder, schema.get("properties", {}))]
        # A mistyped key is told as such; that the right one is missing says the same again.
        missing = [
            name
            for name in schema["required"]
            if name not in holder.entries and not any(name in keys_meant(other, (name,)) for other in extra)
        ]
        if len(path) > 2 and len(holder.entries) == len(extra) >= len(missing):
            # Each key of a part is another one: what it takes is told of each.
            missing = []
        if missing and path not in self.lacking:
            # The validator tells of each key by itself.
            self.lacking.add(path)
            is_entry = bool(path) and isinstance(path[-1], int)
            place = first_line(holder.span) if key is None or is_entry else key.span
            lines = [
                named_example(self.tree, path, name) or with_example(name, schema["properties"][name])
                for name in missing
            ]
            help = without_group(self.tree, path, missing[0]) if len(missing) == 1 else None
            self.sink.report(errors.missing_keys(place, missing, _owner(path), lines, help))
        self._prune(path)

    def _wrong_type(self, error: ValidationError, path: Path) -> None:
        node, key = self._at(path)
        if path and isinstance(path[-1], str):
            holder, _ = self._at(path[:-1])
            if isinstance(holder, Mapping) and self._is_cut(path[:-1], holder, path[-1]):
                return
        name = str(path[-1]) if path and isinstance(path[-1], str) else None
        place = node.span if isinstance(node, Scalar) else first_line(node.span)
        if (
            key is not None
            and name is not None
            and (not isinstance(node, Scalar) or place.end == place.start)
        ):
            place = key.span
        of_definitions = self.whole_definitions and len(path) in (1, 2)
        help = self._short_form(path, node) or self._by_name(path, node)
        help = help or for_wrong_kind(name, node, _schema(error), of_definitions)
        self.sink.report(errors.wrong_type(place, name, kind_of(node), due(_schema(error)["type"]), help))
        if self.whole_definitions and len(path) == 1 and isinstance(node, Sequence):
            self.unusable.update((str(path[0]), named) for item in node.items for named in _names_of(item))
        self._prune(path)

    def _by_name(self, path: Path, node: YamlNode) -> str:
        """Return what to write for an empty value that is to name a definition or a column."""
        match node:
            case Scalar(text="") | Sequence(items=()) if path:
                found = named_example(self.tree, path[:-1], str(path[-1]))
                return "" if found is None else f"write `{found}`"
            case _:
                return ""

    def _short_form(self, path: Path, node: YamlNode) -> str:
        """Return what to write for a KPI or dimension that is given as a mere formula."""
        if (
            isinstance(node, Mapping)
            and node.entries
            and path[:1] == ("scorecards",)
            and "objectives" in path
        ):
            named = ", ".join(node.entries)
            shown = f"objectives: [{named}]" if path[-1] == "objectives" else named
            return f"write `{shown}`: what an objective counts is its own `weight`"
        if not self.whole_definitions or not isinstance(node, Scalar) or not node.text:
            return ""
        match path:
            case ("kpis", str(name)):
                owed = "`label`, `direction` and `owner`"
                return f"write `formula: {node.text}` below `{name}:`, indented, with {owed} beside it"
            case ("dimensions", str(name)):
                dataset, _, rest = node.text.partition(".")
                return f"write `from: {{{dataset}: {rest or '…'}}}` below `{name}:`, indented"
            case ("dimensions", str(), "from"):
                dataset, _, rest = node.text.partition(".")
                return f"write `from: {{{dataset}: {rest or '…'}}}`: for each dataset, what gives it there"
            case ("kpis" | "metrics", str(name), "tests", int(), "expect"):
                return f"write `expect: [{{{name}: {node.text}}}]`"
            case ("parameters", str(name)):
                is_truth = node.text.lower() in ("true", "false")
                type_ = "boolean" if is_truth else "float" if "." in node.text else "integer"
                return f"write `{name}: {{type: {type_}, default: {node.text}}}`"
            case _:
                return ""

    def _not_in_list(self, error: ValidationError, path: Path) -> None:
        node, _ = self._at(path)
        text = node.text if isinstance(node, Scalar) else kind_of(node)
        place = node.span if isinstance(node, Scalar) else first_line(node.span)
        listed = _schema(error)["enum"]
        if path == ("language",) and isinstance(node, Scalar) and not node.quoted:
            self.sink.report(errors.other_language(place, text, listed))
        else:
            allowed = dict.fromkeys("null" if value is None else str(value) for value in listed)
            told = _schema(error).get("enumDescriptions", ())
            if text in allowed and isinstance(node, Scalar) and node.quoted:
                # A number in quotes is a text.
                self.sink.report(errors.not_in_list(place, place.excerpt(), f"write `{text}` without quotes"))
            elif path == ("currency",):
                self.sink.report(errors.not_in_list(place, text, errors.help_for_currency(text, allowed)))
            else:
                self.sink.report(errors.not_in_list(place, text, errors.help_for_value(text, allowed, told)))
        if path[-1] != "match":
            # A join's reader knows a `match` that means nothing from none. A promise rests on all its words.
            self._prune(path, alone=path[0] not in ("objectives", "scorecards"))

    def _out_of_range(self, error: ValidationError, path: Path) -> None:
        node, key = self._at(path)
        if isinstance(node, Scalar):
            fact = f"`{node.text}` is too small"
            least = _schema(error).get("minimum", 1)
            self.sink.report(errors.bad_value(node.span, fact, f"write a number from {least} on"))
        elif isinstance(node, Sequence) and node.items:
            least, most = (_schema(error).get(bound) for bound in ("minItems", "maxItems"))
            wanted = str(least) if least == most else f"{least} or more" if most is None else f"up to {most}"
            count = len(node.items)
            fact = f"this list has {count} {'entry' if count == 1 else 'entries'}"
            name = "" if key is None else key.text
            lists = [shown for shown in _schema(error).get("examples", ()) if isinstance(shown, list)]
            shown = {**_schema(error), **({"examples": lists} if lists else {})}
            help = f"write {wanted} entries: `{with_example(name, shown)}`"
            self.sink.report(errors.bad_value(node.span, fact, help))
        else:
            fact = "this mapping is empty" if isinstance(node, Mapping) else "this list is empty"
            place = node.span if key is None else key.span
            name = "" if key is None else key.text
            help = without_group(self.tree, path[:-1], name) or self._by_name(path, node)
            help = help or f"write for example `{with_example(name, _schema(error))}`"
            self.sink.report(errors.bad_value(place, fact, help))
        self._prune(path)

    def _is_cut(self, path: Path, holder: Mapping, name: str) -> bool:
        """Return whether a key is the rest of a formula that commas cut; the cut is reported once."""
        if path not in self.cuts:
            cut = self.cuts[path] = cut_by_commas(holder, self._schema_at(path))
            if cut is not None:
                self.sink.report(
                    errors.list_cut(cut.whole, cut.before[0])
                    if cut.is_list
                    else errors.formula_cut(cut.place, cut.before, cut.whole.excerpt())
                )
                # Without its end, the formula that begins before the rest is of no use.
                for key in (*cut.before, *cut.rest):
                    self._prune((*path, key))
        found = self.cuts[path]
        return found is not None and name in (found.keys if found.is_list else found.rest)

    def _schema_at(self, path: Path) -> MappingOfKeys[str, Any]:
        """Return the schema of what stands at a path; without any rule where there is none."""
        at: Any = schema("definitions" if self.whole_definitions else "project")
        for step in path:
            by_name = at.get("properties", {}).get(step, at.get("additionalProperties"))
            at = at.get("items") if isinstance(step, int) else by_name
            if not isinstance(at, dict):
                return {}
        found: MappingOfKeys[str, Any] = at
        return found

    def _at(self, path: Path) -> tuple[YamlNode, Scalar | None]:
        """Return the node at a path, and the key that it stands under."""
        node: YamlNode = self.tree
        key: Scalar | None = None
        for step in path:
            if isinstance(node, Mapping):
                entry = node.entries[str(step)]
                node, key = entry.value, entry.key
            elif isinstance(node, Sequence):
                node = node.items[int(step)]
        return node, key


def _schema(error: ValidationError) -> MappingOfKeys[str, Any]:
    assert isinstance(error.schema, MappingOfKeys)
    return error.schema


def _extra(holder: Mapping, known: MappingOfKeys[str, object]) -> list[Entry]:
    return [e for e in holder if e.key.text not in known and not e.key.text.startswith("x-")]


def _names_of(item: YamlNode) -> Iterator[str]:
    """Return what an entry of a list seems to define, where a mapping by name is due."""
    if isinstance(item, Mapping):
        yield from item.entries
        named = item.get("name")
        if isinstance(named, Scalar):
            yield named.text


def _owner(path: Path) -> str:
    if not path:
        return "the file"
    if len(path) == 1:
        return f"`{path[0]}`"
    section = _OWNERS.get(str(path[0]), "definition")
    if len(path) == 2:
        return f"{section} `{path[1]}`"
    names = [str(step) for step in path[2:] if isinstance(step, str)]
    return f"`{'.'.join(names)}` of {section} `{path[1]}`" if names else f"{section} `{path[1]}`"


def kind_of(node: YamlNode) -> str:
    """Return what a value is, as a message says it."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    value = node.value
    if value is None and not node.quoted:
        return "empty" if not node.text else "null"
    if isinstance(value, bool):
        return f"`{node.text}`"
    return f"`{node.text[:40]}`" if isinstance(value, str) else f"the number `{node.text}`"


def first_line(span: Span) -> Span:
    """Return the first line of a span, so that a whole mapping is not underlined."""
    text = span.excerpt()
    line = text.find("\n")
    return span if line < 0 else Span(span.source, span.start, span.start + max(line, 1))


def _language(name: str) -> str:
    """Return the code that was probably meant, such as `en_US` for `en-us`, or nothing."""
    if meant := language_meant(name.strip()):
        return meant
    found = re.fullmatch(r"([A-Za-z]{2})(?:[-_]?([A-Za-z]{2}))?", name.strip(), re.ASCII)
    if found is None:
        return ""
    return found[1].lower() + (f"_{found[2].upper()}" if found[2] else "")
