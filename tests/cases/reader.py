"""The reader of case files: Markdown with fenced blocks in, a `Case` out.

YAML scalars are never resolved by PyYAML: each stays the text the author wrote (`no` is text, `2026-01-03`
is text, `0.10` keeps its last zero), a plain `null`, `~` or nothing is None, and a cell of `rows` is then
typed by its column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from .markers import CaseError, Marker, read_markers

Cell = None | bool | int | Decimal | float | str | date | datetime
Tree = None | str | list["Tree"] | dict[str, "Tree"]

SETTINGS = (
    "project",
    "language",
    "include",
    "connection",
    "timezone",
    "week_start",
    "fiscal_year_start",
    "zone_years",
    "locale",
)
HAND_WRITTEN = (
    "yaml objectives",
    "yaml scorecards",
    "yaml query",
    "sql check",
    "csv expected",
    "text refused",
)

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's, where PyYAML comes with it: a tenth of the time, and the same nodes."""

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## +(?P<heading>.+?)[ \t]*$", re.MULTILINE)
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """One heading of a case file: a query with its expected table, or with the codes that refuse it."""

    heading: str
    query: dict[str, Tree]
    check: str | None
    expected_columns: tuple[str, ...]
    expected_rows: tuple[tuple[str | None, ...], ...]
    refused: tuple[str, ...]
    generated: tuple[tuple[str, str], ...]
    markers: tuple[Marker, ...] = ()
    objectives: str | None = None
    """The body of a section of objectives, for this heading in place of the project's."""
    scorecards: str | None = None
    """The same of scorecards. Where the heading has objectives of its own, the project's do not hold."""

    @property
    def objective(self) -> str | None:
        """The objective that is asked, in place of KPIs; its table holds the columns that it compares."""
        return _optional_text(self.query.get("objective"))

    @property
    def scorecard(self) -> str | None:
        """The scorecard that is asked, as an objective is."""
        return _optional_text(self.query.get("scorecard"))

    @property
    def is_judged(self) -> bool:
        return self.objective is not None or self.scorecard is not None


@dataclass(frozen=True, slots=True)
class Table:
    """A physical table: its name as SQL has it, its columns with the language's types, its typed rows."""

    schema: str | None
    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One case file: `rows` and `tables` are typed, `settings` and `definitions` are the author's own YAML.

    `settings` is the text for kpidsl.yml, `definitions` that for one definition file, `objectives` and `scorecards`
    their sections.
    """

    title: str
    prose: str
    project: dict[str, Tree]
    settings: str
    definitions: str
    objectives: str
    scorecards: str
    rows: dict[str, tuple[dict[str, Cell], ...]]
    tables: dict[str, Table]
    queries: tuple[CaseQuery, ...]


def case_paths(folder: Path = Path(__file__).parent) -> tuple[Path, ...]:
    """Every case file below the folder, in a fixed order."""
    return tuple(sorted(folder.glob("*/*.md")))


def read_case(path: Path) -> Case:
    """The case in the file; a CaseError names the file where its format is broken."""
    try:
        return parse_case(path.read_text(encoding="utf-8"))
    except CaseError as error:
        raise CaseError(f"{path}: {error}") from error


def parse_case(text: str) -> Case:
    """The case in the text of a case file."""
    title, _, rest = text.partition("\n")
    if not title.startswith("# "):
        raise CaseError("the first line is no `# Title`")
    fences = [m.span() for m in _FENCE.finditer(rest)]
    headings = [m for m in _HEADING.finditer(rest) if not any(a < m.start() < b for a, b in fences)]
    ends = [m.start() for m in headings[1:]] + [len(rest)]
    head = rest[: headings[0].start()] if headings else rest
    blocks = dict(_blocks(head))
    project = parse_yaml(blocks.get("yaml project", ""))
    if not isinstance(project, dict):
        raise CaseError("no `yaml project` block with a mapping")
    settings, definitions, objectives, scorecards = _split_project(blocks["yaml project"])
    return Case(
        title=title[2:].strip(),
        prose=_FENCE.sub("", head).strip(),
        project=project,
        settings=settings,
        definitions=definitions,
        objectives=objectives,
        scorecards=scorecards,
        rows=_dataset_rows(project, parse_yaml(blocks.get("yaml rows", ""))),
        tables=_given_tables(parse_yaml(blocks.get("yaml tables", ""))),
        queries=tuple(
            _query(m["heading"], rest[m.end() : end]) for m, end in zip(headings, ends, strict=True)
        ),
    )


def objectives_of(case: Case, asked: CaseQuery) -> str:
    """The sections of objectives and scorecards for a heading: its own in place of the project's."""
    own, cards = asked.objectives, asked.scorecards
    objectives = case.objectives if own is None else _section("objectives", own)
    if cards is not None:
        return objectives + _section("scorecards", cards)
    return objectives + (case.scorecards if own is None else "")


def _section(name: str, body: str) -> str:
    return f"{name}:\n" + "".join(f"  {line}" for line in body.splitlines(keepends=True))


def physical_tables(case: Case) -> tuple[Table, ...]:
    """The tables an engine must hold: one per `table:` of a dataset, and those that `sql:` datasets read."""
    tables = []
    for name, dataset in _mapping(case.project.get("datasets"), "datasets").items():
        body = _mapping(dataset, name)
        if "table" not in body:
            continue
        columns = _stored_columns(body)
        rows = tuple(tuple(row[c] for c in columns) for row in case.rows.get(name, ()))
        schema, table = _split_name(_text(body["table"]))
        tables.append(Table(schema, table, tuple((phys, kind) for phys, kind in columns.values()), rows))
    return (*tables, *case.tables.values())


def parse_yaml(text: str) -> Tree:
    """The tree of a YAML text in which every scalar is text, and a plain `null`, `~` or nothing is None."""
    node = yaml.compose(text, Loader=_LOADER)
    return None if node is None else _tree(node)


def parse_csv(text: str) -> list[list[str | None]]:
    """The rows of a CSV text; an unquoted empty field is None, `""` is the empty text."""
    rows: list[list[str | None]] = []
    row: list[str | None] = []
    at = 0
    while at < len(text):
        if text[at] == '"':
            match = re.compile(r'"((?:[^"]|"")*)"').match(text, at)
            if match is None:
                raise CaseError(f"a quote is not closed in the CSV: {text[at : at + 30]!r}")
            row.append(match[1].replace('""', '"'))
        else:
            match = re.compile(r'[^,"\n]*').match(text, at)
            assert match is not None
            row.append(match[0] or None)
        at = match.end()
        if text[at : at + 1] == ",":
            at += 1
            if text[at : at + 1] in ("", "\n"):  # the last field of the line is empty
                row.append(None)
        if text[at : at + 1] in ("", "\n"):
            rows.append(row)
            row = []
            at += 1
    return rows


def parse_cell(text: str | None, kind: str) -> Cell:
    """The value that a text stands for in a column of the given type."""
    if text is None:
        return None
    match kind:
        case "boolean":
            if text not in ("true", "false"):
                raise CaseError(f"`{text}` is no boolean")
            return text == "true"
        case "integer":
            return int(text)
        case "float":
            return float(text)
        case "text":
            return text
        case "date":
            return date.fromisoformat(text)
        case "timestamp":
            return datetime.fromisoformat(text)
        case _:
            return _decimal(text, kind)


def _decimal(text: str, kind: str) -> Decimal:
    match = _DECIMAL.fullmatch(kind)
    if match is None:
        raise CaseError(f"`{kind}` is no type")
    amount = Decimal(text)
    scaled = amount.quantize(Decimal(1).scaleb(-int(match[2])))
    if scaled != amount:
        raise CaseError(f"`{text}` does not fit `{kind}`")
    return scaled


def _query(heading: str, text: str) -> CaseQuery:
    blocks = _blocks(text)
    own = dict(b for b in blocks if b[0] in HAND_WRITTEN)
    query = parse_yaml(own.get("yaml query", ""))
    if not isinstance(query, dict):
        raise CaseError(f"`{heading}` has no `yaml query` block with a mapping")
    table = parse_csv(own.get("csv expected", ""))
    refused = tuple(own.get("text refused", "").split())
    if bool(table) == bool(refused):
        raise CaseError(f"`{heading}` needs either `csv expected` or `text refused`")
    columns = tuple(name or "" for name in table[0]) if table else ()
    if any(len(row) != len(columns) for row in table):
        raise CaseError(f"`{heading}` has a row whose length is not that of its header")
    return CaseQuery(
        heading=heading,
        query=query,
        check=own.get("sql check"),
        expected_columns=columns,
        expected_rows=tuple(tuple(row) for row in table[1:]),
        refused=refused,
        generated=tuple(b for b in blocks if b[0] not in HAND_WRITTEN),
        markers=read_markers(_FENCE.sub("", text)),
        objectives=own.get("yaml objectives"),
        scorecards=own.get("yaml scorecards"),
    )


def _blocks(text: str) -> list[tuple[str, str]]:
    blocks = [(m["info"].strip(), m["body"]) for m in _FENCE.finditer(text)]
    infos = [info for info, _ in blocks]
    if len(set(infos)) != len(infos):
        raise CaseError(f"one heading has a block twice: {infos}")
    return blocks


def _tree(node: yaml.Node) -> Tree:
    if isinstance(node, yaml.MappingNode):
        pairs = [(str(key.value), _tree(value)) for key, value in node.value]
        if len(dict(pairs)) != len(pairs):
            raise CaseError(f"a key stands twice in a mapping: {[key for key, _ in pairs]}")
        return dict(pairs)
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    if not node.style and node.value in ("", "~", "null"):
        return None
    return str(node.value)


def _split_project(text: str) -> tuple[str, str, str, str]:
    """The project's YAML in four texts: kpidsl.yml, definitions, objectives, scorecards."""
    node = yaml.compose(text, Loader=_LOADER)
    assert isinstance(node, yaml.MappingNode)
    lines = text.splitlines(keepends=True)
    starts = [key.start_mark.line for key, _ in node.value]
    parts: tuple[list[str], ...] = ([], [], [], [])
    for (key, _), start, end in zip(node.value, starts, [*starts[1:], len(lines)], strict=True):
        place = 0 if key.value in SETTINGS else {"objectives": 2, "scorecards": 3}.get(key.value, 1)
        parts[place].extend(lines[start:end])
    settings, definitions, objectives, scorecards = ("".join(part) for part in parts)
    return settings, definitions, objectives, scorecards


def _dataset_rows(project: Mapping[str, Tree], given: Tree) -> dict[str, tuple[dict[str, Cell], ...]]:
    """Rows per dataset, by the dataset's own column names; a stored column that a row leaves out is null."""
    datasets = _mapping(project.get("datasets"), "datasets")
    rows: dict[str, tuple[dict[str, Cell], ...]] = {}
    for name, listed in _mapping(given, "rows").items():
        if name not in datasets:
            raise CaseError(f"rows are given for `{name}`, which is no dataset")
        columns = {c: kind for c, (_, kind) in _stored_columns(_mapping(datasets[name], name)).items()}
        rows[name] = tuple(_typed_row(row, columns, name) for row in _list(listed, name))
    return rows


def _given_tables(given: Tree) -> dict[str, Table]:
    tables = {}
    for name, body in _mapping(given, "tables").items():
        described = _mapping(body, name)
        columns = {c: _text(kind) for c, kind in _mapping(described.get("columns"), name).items()}
        rows = [_typed_row(row, columns, name) for row in _list(described.get("rows"), name)]
        schema, table = _split_name(name)
        cells = tuple(tuple(row[c] for c in columns) for row in rows)
        tables[name] = Table(schema, table, tuple(columns.items()), cells)
    return tables


def _typed_row(row: Tree, columns: Mapping[str, str], owner: str) -> dict[str, Cell]:
    cells = _mapping(row, owner)
    unknown = [c for c in cells if c not in columns]
    if unknown:
        raise CaseError(f"`{owner}` has no stored column `{unknown[0]}`")
    return {c: parse_cell(_optional_text(cells.get(c)), kind) for c, kind in columns.items()}


def _stored_columns(dataset: Mapping[str, Tree]) -> dict[str, tuple[str, str]]:
    """Per column that the table holds, its physical name and type; those with `expr` or `sql` are derived."""
    stored: dict[str, tuple[str, str]] = {}
    for name, column in _mapping(dataset.get("columns"), "columns").items():
        if isinstance(column, str):
            stored[name] = (name, column)
            continue
        body = _mapping(column, name)
        if "expr" not in body and "sql" not in body:
            stored[name] = (_text(body.get("column", name)), _text(body.get("type")))
    return stored


def _split_name(name: str) -> tuple[str | None, str]:
    """`shop.orders` as schema and table; a part in double quotes keeps its dots and blanks."""
    parts = [
        part[1:-1].replace('""', '"') if part[0] == '"' else part
        for part in re.findall(r'"(?:[^"]|"")*"|[^."]+', name)
    ]
    if len(parts) > 2:
        raise CaseError(f"the table name `{name}` has more than two parts")
    return (parts[0], parts[1]) if len(parts) == 2 else (None, parts[0])


def _mapping(tree: Tree, owner: str) -> dict[str, Tree]:
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise CaseError(f"`{owner}` is no mapping")
    return tree


def _list(tree: Tree, owner: str) -> list[Tree]:
    if tree is None:
        return []
    if not isinstance(tree, list):
        raise CaseError(f"`{owner}` is no list")
    return tree


def _text(tree: Tree) -> str:
    if not isinstance(tree, str):
        raise CaseError(f"`{tree}` stands where a text is needed")
    return tree


def _optional_text(tree: Tree) -> str | None:
    return None if tree is None else _text(tree)
