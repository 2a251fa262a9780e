"""What probably went wrong where lines do not fit together: told from the lines themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpidsl.diagnostics import Diagnostic, Label
from kpidsl.loading import errors
from kpidsl.source import SourceFile, Span

_ENTRY = re.compile(r"(?P<lead> *(?:- +)*)(?P<key>[^\s:#'\"{\[][^:#]*?|'[^']*'|\"[^\"]*\") *:(?= |$)")
_NO_BLANK = re.compile(r" *(?:- +)*(?P<key>\w+):(?P<value>[^\s:/].*)")
_EQUALS = re.compile(r" *(?:- +)*(?P<key>\w+) *(?:=>|:=|=) *(?P<value>\S.*)")
_OPENED_VALUE = re.compile(r" *(?:- +)*(?:[^:#'\"\[{]+: +)?(?P<opening>['\"\[{])")
_BLOCK = re.compile(r"(?P<before> *(?:- +)*[^:#'\"]+: +)(?P<mark>[|>])[-+0-9]* +$")


def quoted(text: str) -> str:
    """Return a text as YAML writes it in quotes."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a file: where it starts, and its text without the line's end."""

    start: int
    text: str

    @property
    def indentation(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))

    @property
    def content(self) -> str:
        return self.text.strip()

    @property
    def is_item(self) -> bool:
        return self.content == "-" or self.content.startswith("- ")

    def key(self) -> str:
        """Return the key that a line begins with, or its first words."""
        found = _ENTRY.match(self.text)
        return found["key"] if found else self.content[:30]

    def key_column(self) -> int:
        """Return the column of a line's key, behind the dashes of a list."""
        found = _ENTRY.match(self.text)
        return (len(found["lead"]) if found else self.indentation) + 1


def rest_in_quotes(file: SourceFile, at: int) -> str:
    """Return what a line has from an offset on, in quotes."""
    line = _line(file, at)
    return quoted(line.text[at - line.start :].strip())


def stray_colon(file: SourceFile, at: int) -> Diagnostic:
    """Return what is wrong with a `:` that cannot stand where it is."""
    line = _line(file, at)
    first = _ENTRY.match(line.text)
    if first is not None and first.end() <= at - line.start:
        value = line.text[first.end() :].strip()
        help = f"put the text in quotes: `{first['key']}: {quoted(value)}`"
        two = re.search(r"(?: {2,}|[,;] *)(\w+: .*)", value)
        if two is not None:
            help = f"write `{two[1]}` on a line of its own, or {help}"
        return errors.syntax(Span(file, at, at + 1), "a second `:` stands in one line", "one too many", help)
    above = _above(file, line)
    return _line_before(file, line, above) if above is not None else _misfit(file, at)


def _line_before(file: SourceFile, line: _Line, above: _Line) -> Diagnostic:
    """Return what is wrong with the line above a first `:`, which YAML took for the rest of its text."""
    if above.content.startswith("//"):
        at = above.start + above.indentation
        return errors.syntax(
            Span(file, at, at + 2),
            "a remark begins with `#`",
            "not a remark",
            f"write `# {above.content[2:].strip()}`",
        )
    begun = _continued(file, above)
    if begun is not None:
        return _further_right(file, line, begun)
    return _no_colon(file, above)


def _no_blank(file: SourceFile, line: _Line) -> Diagnostic | None:
    """Return that a line has no `: ` between its key and its value, where that is so."""
    missing = _NO_BLANK.match(line.text) or _EQUALS.match(line.text)
    if missing is None:
        return None
    start, end = missing.end("key"), missing.start("value")
    fact = "`:` stands between a key and its value"
    if line.text[start:end] == ":":
        fact = f"a blank is missing behind `{missing['key']}:`"
    return errors.syntax(
        Span(file, line.start + start, line.start + max(end, start + 1)),
        fact,
        "`: ` is due",
        f"write `{missing['key']}: {missing['value'].strip()}`",
    )


def _further_right(file: SourceFile, line: _Line, above: _Line) -> Diagnostic:
    """Return that a line stands further right than an entry above it allows."""
    at = line.start + line.indentation
    entry = Span(file, above.start + above.key_column() - 1, above.start + len(above.text.rstrip()))
    return errors.syntax(
        Span(file, at, at + len(line.key())),
        f"`{line.key()}` stands further right than the entry above it, which has a value already",
        "too far right",
        f"begin it under `{above.key()}`, in column {above.key_column()}",
        [Label(entry, "above it")],
    )


def _no_colon(file: SourceFile, line: _Line) -> Diagnostic:
    """Return that a line which should be an entry has no `:`, or no blank behind it."""
    joined = _no_blank(file, line)
    if joined is not None:
        return joined
    start = line.start + line.indentation
    shown = line.content[:30]
    name, _, rest = line.content.partition(" ")
    help = f"write `{name}: {rest.strip()}`" if rest and name.isidentifier() else f"write `{shown}:`"
    above = _above(file, line)
    begun = None if above is None else _ENTRY.match(above.text)
    is_open = begun is not None and not begun.string[begun.end() :].strip()
    if above is not None and begun is not None and is_open and above.indentation > line.indentation:
        help = f"write it behind its key: `{begun['key']}: {shown}`"
    return errors.syntax(
        Span(file, start, start + len(line.content)),
        f"`{shown}` has no `:` behind it",
        "`:` is missing",
        help,
    )


def _continued(file: SourceFile, line: _Line) -> _Line | None:
    """Return the entry, with a value already, that a line is or goes on with."""
    found = _ENTRY.match(line.text)
    if found is not None:
        return line if line.text[found.end() :].strip() else None
    above = _above(file, line)
    while above is not None and above.indentation >= line.indentation:
        above = _above(file, above)
    found = None if above is None else _ENTRY.match(above.text)
    return above if found is not None and found.string[found.end() :].strip() else None


def misfit(file: SourceFile, at: int) -> Diagnostic:
    """Return what is wrong where a line, or the rest of one, does not fit those above it."""
    line = _line(file, at)
    if line.text[: at - line.start].strip():
        return (
            _comparison(file, line, at)
            or _after_mark(file, line, at)
            or _after_opening(file, line, at)
            or _no_blank(file, line)
            or _misfit(file, at)
        )
    above = _above(file, line)
    if above is None:
        return _misfit(file, at)
    if above.content == "...":
        start = above.start
        return errors.syntax(
            Span(file, start, start + 3),
            "the file goes on behind `...`",
            "ends the file",
            "remove the line `...`",
        )
    if not line.content:
        return _misfit(file, at) if _ENTRY.match(above.text) else _no_colon(file, above)
    begun = _continued(file, above)
    if begun is not None and line.indentation > begun.key_column() - 1 and not line.is_item:
        return _further_right(file, line, begun)
    if begun is None and above.indentation == line.indentation and not above.is_item:
        return _no_colon(file, above)
    return _indented(file, at, line, above)


def _comparison(file: SourceFile, line: _Line, at: int) -> Diagnostic | None:
    """Return that a value begins with `>=`, which YAML takes for the mark of a text, where that is so."""
    if file.text[at - 1 : at + 1] != ">=" or not line.text[: at - line.start - 1].rstrip().endswith(":"):
        return None
    return errors.syntax(
        Span(file, at - 1, at + 1),
        "a text cannot begin with `>`",
        "begins a text of several lines",
        f"leave `>=` out where the kind says it, else put it in quotes: `{rest_in_quotes(file, at - 1)}`",
    )


def _after_mark(file: SourceFile, line: _Line, at: int) -> Diagnostic | None:
    """Return that text stands behind `|` or `>`, where that is so."""
    found = _BLOCK.match(line.text[: at - line.start])
    if found is None:
        return None
    rest = line.text[at - line.start :].strip()
    whole = quoted(f"{found['mark']} {rest}") if found["mark"] == ">" else rest
    return errors.syntax(
        Span(file, at, at + len(rest)),
        f"a text of several lines begins in the line below `{found['mark']}`",
        "behind the mark",
        f"write it below, indented; a text in one line is `{found['before'].strip()} {whole}`",
    )


def _after_opening(file: SourceFile, line: _Line, at: int) -> Diagnostic | None:
    """Return that a text goes on behind its closing quote or bracket, where that is so."""
    found = _OPENED_VALUE.match(line.text)
    if found is None or line.start + found.start("opening") >= at:
        return None
    quote = found["opening"]
    value = line.text[found.start("opening") :].rstrip()
    opened = line.start + found.start("opening")
    if quote in "[{":
        return errors.syntax(
            Span(file, at, line.start + len(line.text.rstrip())),
            f"a text cannot begin with `{quote}`, which begins a {'list' if quote == '[' else 'mapping'}",
            "behind its end",
            f"put the whole text in quotes: `{quoted(value)}`",
            [Label(Span(file, opened, opened + 1), "begins here")],
        )
    inner = value[1:-1] if value.endswith(quote) and len(value) > 1 else None
    whole = inner if inner is not None and quote in inner else value
    return errors.syntax(
        Span(file, at, line.start + len(line.text.rstrip())),
        "the text in quotes has ended, and more stands behind it",
        "behind the closing quote",
        f"put the whole text in quotes: `{quoted(whole)}`",
        [Label(Span(file, opened, opened + 1), "opened here")],
    )


def _indented(file: SourceFile, at: int, line: _Line, above: _Line) -> Diagnostic:
    """Return what is wrong with the way a line is indented."""
    place = Span(file, at, at + max(1, len(line.key())))
    peer = above
    while peer.indentation > line.indentation and (before := _above(file, peer)) is not None:
        peer = before
    if peer.indentation == line.indentation and peer.is_item and not line.is_item:
        return errors.syntax(
            place,
            f"`{line.key()}` stands in the column of a list's entries",
            "no `- ` before it",
            f"write `- {line.content}` for a new entry; what belongs to the entry above begins in column "
            f"{peer.key_column()}",
        )
    if peer.indentation == line.indentation and line.is_item:
        return errors.syntax(
            place,
            "an entry of a list stands among the keys of a mapping",
            "begins with `-`",
            f"leave the `-` out: `{line.content.lstrip('- ')}`",
        )
    if _lacks_colon(file, above):
        return _no_colon(file, above)
    if peer.indentation > line.indentation:
        return errors.syntax(
            place,
            f"`{line.key()}` begins left of every entry above it",
            "further left",
            f"begin it under `{peer.key()}`, in column {peer.key_column()}, or move the lines above it left",
        )
    columns = [f"under `{above.key()}`, in column {above.key_column()}"]
    if peer.indentation < line.indentation:
        columns.append(f"under `{peer.key()}`, in column {peer.key_column()}")
    return errors.syntax(
        place,
        f"`{line.key()}` begins in column {line.indentation + 1}, and no entry above it does",
        "unexpected here",
        f"begin it {', or '.join(columns)}",
    )


def _lacks_colon(file: SourceFile, line: _Line) -> bool:
    """Tell whether a line is no entry, and stands in the column of one above it."""
    if _ENTRY.match(line.text) is not None or line.is_item:
        return False
    above = _above(file, line)
    while above is not None and above.indentation > line.indentation:
        above = _above(file, above)
    return above is not None and above.indentation == line.indentation and bool(_ENTRY.match(above.text))


def _misfit(file: SourceFile, at: int) -> Diagnostic:
    end = at if file.text[at : at + 1] in ("", "\r", "\n") else at + 1
    return errors.syntax(
        Span(file, at, end),
        "this does not fit the lines above it",
        "unexpected here",
        "entries of one mapping begin in the same column, each as `key: value`",
    )


def _line(file: SourceFile, at: int) -> _Line:
    text = file.text
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return _Line(start, text[start : min(ends, default=len(text))])


def _above(file: SourceFile, line: _Line) -> _Line | None:
    """Return the nearest line above that has content."""
    while line.start > 0:
        line = _line(file, line.start - 1)
        if line.content and not line.content.startswith("#"):
            return line
    return None
