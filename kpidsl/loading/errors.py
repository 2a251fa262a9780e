"""What can be wrong with files and with their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import SourceFile, Span

NO_PROJECT = rule("project/missing", "a folder without kpidsl.yml")
INCLUDE = rule("project/include", "an include or a link that leaves the project's folder")
NO_FILES = rule("project/no-files", "an include that finds no file", severity="warning")
UNREADABLE = rule("project/unreadable", "a file that cannot be read")
TOO_LARGE = rule("project/too-large", "a file of more than 16 MiB")
NO_LEXICON = rule("use/unknown", "a lexicon that does not exist")
USE_VERSION = rule("use/version", "a lexicon of another version than asked for")
USE_CYCLE = rule("use/cycle", "lexicons that use each other in a circle")
ENCODING = rule("yaml/encoding", "a file that is not UTF-8")
EMPTY = rule("yaml/empty", "a file without content, or with remarks only")
SYNTAX = rule("yaml/syntax", "text that is not YAML")
TOO_DEEP = rule("yaml/too-deep", "lists and mappings nested too deeply")
ALIAS = rule("yaml/alias", "an anchor or an alias")
MERGE_KEY = rule("yaml/merge-key", "a merge key")
TAG = rule("yaml/tag", "a tag")
SEVERAL_DOCUMENTS = rule("yaml/several-documents", "several YAML documents in one file")
TAB = rule("yaml/tab", "a tab")
CONTROL_CHARACTER = rule("yaml/control-character", "a character that cannot be seen")
DUPLICATE_KEY = rule("yaml/duplicate-key", "a key that stands twice in one mapping")
BAD_KEY = rule("yaml/key", "a key that is not a text")


def file_start(file: SourceFile) -> Span:
    return Span(file, 0, 0)


def no_project(file: SourceFile, folder: str, kind: str, there: str | None) -> Diagnostic:
    """`kind` is what lies at the path; `there` is the folder of a project that was probably meant."""
    fact, label = {
        "folder": (f"`{folder}` has no `kpidsl.yml`", "no such file"),
        "file": (f"`{folder}` is a file, and a project is a folder", "a folder is due"),
        "nothing": (f"there is no folder `{folder}`", "no such folder"),
    }[kind]
    meant = None if there is None else f"`{there}` has a `kpidsl.yml`: write `--project {there}`"
    return Diagnostic(
        NO_PROJECT,
        fact,
        Label(file_start(file), label),
        help=meant or "run `kpidsl init` to make one, or name the project's folder with `--project`",
    )


def include(span: Span, pattern: str) -> Diagnostic:
    return _outside(span, f"`{_shortened(pattern)}` leaves the project's folder")


def link_outside(span: Span, path: str) -> Diagnostic:
    return _outside(span, f"`{path}` is a link that leaves the project's folder")


def _outside(span: Span, message: str) -> Diagnostic:
    return Diagnostic(
        INCLUDE,
        message,
        Label(span, "outside the project's folder"),
        help='name files below the project\'s folder, for example `include: ["definitions/**/*.yml"]`',
    )


def no_definitions(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        NO_FILES,
        "the project defines nothing: no file below `definitions/` has a definition",
        Label(file_start(file), "nothing found"),
        help="write `definitions/shop.yml`, or run `kpidsl init` in an empty folder to see one",
    )


def no_files(span: Span, pattern: str, folder: str | None, near: str | None) -> Diagnostic:
    """`folder` is one that the pattern finds in place of a file, `near` a pattern that finds files."""
    help = '`**` stands for any folders and `*` for any name, as in `include: ["definitions/**/*.yml"]`'
    if near is not None:
        help = f"did you mean `{near}`?"
    elif folder is not None:
        inside = "" if folder == "." else f"{folder}/"
        help = f'write `include: ["{inside}**/*.yml"]` for the files in that folder'
    return Diagnostic(
        NO_FILES, f"`{_shortened(pattern)}` finds no file", Label(span, "nothing found"), help=help
    )


def _shortened(pattern: str) -> str:
    return pattern if len(pattern) <= 80 else f"{pattern[:79]}…"


def unreadable(file: SourceFile, why: str) -> Diagnostic:
    return Diagnostic(
        UNREADABLE,
        f"`{file.path}` cannot be read: {why}",
        Label(file_start(file), "not readable"),
        help="make it a file that this user may read",
    )


def too_large(file: SourceFile, limit: int) -> Diagnostic:
    return Diagnostic(
        TOO_LARGE,
        f"`{file.path}` has more than {limit >> 20} MiB",
        Label(file_start(file), "too large"),
        help="split it into several files under `definitions/`",
    )


def encoding(span: Span, byte: int) -> Diagnostic:
    return Diagnostic(
        ENCODING,
        f"the byte {byte:02X} is not UTF-8",
        Label(span, "not UTF-8"),
        help="save the file in the encoding UTF-8",
    )


def utf16(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        ENCODING,
        f"`{file.path}` is written in UTF-16",
        Label(file_start(file), "not UTF-8"),
        help="save the file in the encoding UTF-8",
    )


def empty(file: SourceFile, help: str) -> Diagnostic:
    return Diagnostic(
        EMPTY, f"`{file.path}` has no content", Label(file_start(file), "nothing here"), help=help
    )


def syntax(span: Span, message: str, label: str, help: str, related: Sequence[Label] = ()) -> Diagnostic:
    return Diagnostic(SYNTAX, message, Label(span, label), tuple(related), help=help)


def too_deep(span: Span, limit: int) -> Diagnostic:
    return Diagnostic(
        TOO_DEEP,
        f"lists and mappings are nested more than {limit} deep",
        Label(span, "one level too many"),
        help="definitions need fewer than ten levels",
    )


def alias(span: Span, mark: str) -> Diagnostic:
    kind = "an alias" if mark.startswith("*") else "an anchor"
    return Diagnostic(
        ALIAS,
        f"`{mark}` is {kind}, and definitions have none",
        Label(span, f"{kind} of YAML"),
        help=f'write the value out; a text that begins with `{mark[0]}` stands in quotes: `"{mark}"`',
    )


def merge_key(span: Span) -> Diagnostic:
    return Diagnostic(
        MERGE_KEY, "`<<` merges mappings, and definitions have no merging", Label(span, "merge key"),
        help="write the keys out",
    )  # fmt: skip


_OF_A_CONDITION = re.compile(r"\b(?:where|having|formula|expr)\b[^:]*:\s*$")


def tag(span: Span, mark: str) -> Diagnostic:
    before = span.source.text[: span.start].rpartition("\n")[2]
    is_negated = re.fullmatch(r"!\(?[a-z_][\w.]*", mark) and _OF_A_CONDITION.search(before)
    negated = f"in a condition write `not {mark[1:]}`; elsewhere " if is_negated else ""
    return Diagnostic(
        TAG,
        f"`{mark}` is a tag, and definitions have none",
        Label(span, "a tag of YAML"),
        help=f'{negated}leave it out; a text that begins with `!` stands in quotes: `"{mark}"`',
    )


def several_documents(span: Span) -> Diagnostic:
    return Diagnostic(
        SEVERAL_DOCUMENTS,
        "a second YAML document begins in this file",
        Label(span, "second document"),
        help="remove the line `---`, or move what follows into a file of its own",
    )


def tab(span: Span) -> Diagnostic:
    return Diagnostic(
        TAB, "a tab stands among the definitions", Label(span, "a tab"),
        help='write blanks instead; a tab inside a text is `"\\t"` in double quotes',
    )  # fmt: skip


def control_character(span: Span, char: str) -> Diagnostic:
    code = f"U+{ord(char):04X}"
    escape = f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
    return Diagnostic(
        CONTROL_CHARACTER,
        f"the character {code} cannot be seen",
        Label(span, code),
        help=f'remove it; inside a text in double quotes it is `"{escape}"`',
    )


def odd_blank(span: Span, char: str) -> Diagnostic:
    code = f"U+{ord(char):04X}"
    return Diagnostic(
        BAD_KEY,
        f"a key begins with the character {code}, which only looks like a blank",
        Label(span, code),
        help="indent the line with ordinary blanks",
    )


def key_no_text(span: Span, text: str, is_number: bool) -> Diagnostic:
    if not text:
        return bad_key(span, "a key without a name is no text", "write a name before the `:`")
    if is_number:
        help = f"a name begins with a letter, such as `in_{re.sub('[^0-9]+', '_', text)}`"
        return bad_key(
            span, f"`{text}` is a number and no name", f'{help}; any other key stands in quotes: `"{text}"`'
        )
    return bad_key(span, f"`{text}` is no text", f'put it in quotes: `"{text}"`')


def decimal_comma(span: Span, key: str, whole: str, decimals: str) -> Diagnostic:
    return bad_key(
        span,
        f"a comma ends the value `{whole}` inside braces, and decimals have a point",
        f"write `{key}: {whole}.{decimals}`"
        + (f", or `{key}: {whole}{decimals}` for the thousands" if len(decimals) == 3 else ""),
        "a comma in a number",
    )


def duplicate_key(second: Span, first: Span, key: str, holds_entries: bool) -> Diagnostic:
    return Diagnostic(
        DUPLICATE_KEY,
        f"`{key}` stands twice in one mapping",
        Label(second, "given again"),
        (Label(first, "first given here"),),
        help=f"put all entries under the first `{key}:`" if holds_entries else "keep one of the two",
    )


def bad_key(span: Span, message: str, help: str, label: str = "not a name") -> Diagnostic:
    return Diagnostic(BAD_KEY, message, Label(span, label), help=help)


def template(span: Span, written: str) -> Diagnostic:
    return bad_key(
        span, "names stand alone, with no template around them", f"write `{written}`", "a template"
    )


def no_lexicon(span: Span, name: str, shipped: Iterable[str], *, beside: bool) -> Diagnostic:
    """`beside` tells that a folder of that name is one."""
    known = ", ".join(f"`{one}`" for one in shipped)
    help = did_you_mean(name, shipped) or f"these ship: {known}; a folder of the project begins with `./`"
    return Diagnostic(
        NO_LEXICON,
        f"no lexicon is called `{name}`",
        Label(span, "unknown lexicon"),
        help=f"the folder `{name}` of the project is named `./{name}`" if beside else help,
    )


def no_lexicon_folder(span: Span, path: str, *, is_folder: bool) -> Diagnostic:
    why = "has no `kpidsl.yml`" if is_folder else "is no folder of the project"
    return Diagnostic(
        NO_LEXICON,
        f"`{path}` is no lexicon: it {why}",
        Label(span, "no lexicon"),
        help="a lexicon is a project of its own: a folder with a `kpidsl.yml` and definitions",
    )


def use_cycle(span: Span, names: Sequence[str]) -> Diagnostic:
    shown = " → ".join(f"`{name}`" for name in names)
    return Diagnostic(
        USE_CYCLE,
        f"these use each other: the project → {shown}",
        Label(span, "used again"),
        help="let one of them stand without the other",
    )


def use_no_version(span: Span, name: str, version: str) -> Diagnostic:
    return Diagnostic(
        USE_VERSION,
        f"`{version}` is no version" if version else f"no version stands after the `@` of `{name}`",
        Label(span, "no version"),
        help=f"write `{name}@1`, `{name}@1.2` or `{name}@1.2.0`, or `{name}` for any",
    )


def use_version(span: Span, name: str, asked: str, version: str | None) -> Diagnostic:
    is_told = "has no version" if version is None else f"has version {version}"
    return Diagnostic(
        USE_VERSION,
        f"version {asked} of `{name}` is asked for, and it {is_told}",
        Label(span, "another version"),
        help=f"write `{name}`" if version is None else f"write `{name}@{version}` once its changes are known",
    )
