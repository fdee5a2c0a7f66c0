"""What is wrong with templates, as findings while someone types: syntax, columns that the table does not have, cells that are empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal, NamedTuple

from app.core.base.findings import Finding
from app.core.base.text import count, number
from app.core.json import jsontext
from app.core.json.jsonscan import position
from app.core.templates import syntax
from app.core.templates.syntax import ColumnNode, IfNode, ParsedTemplate, TemplateFault, TemplateNode

TemplateFindingKind = Literal["syntax", "unknown_column", "empty", "json", "form"]
_SHOWN_ROWS = 20


class TemplateFinding(Finding, frozen=True, omit_defaults=True):
    """A finding about a template. ``field`` is the place of its text (:class:`app.core.templates.content.TemplateText`); ``start`` and
    ``length`` are what to mark there, in characters; ``name`` is the column. ``rows`` are some of the rows that it is about, counted from
    0, and ``count`` how many there are."""

    kind: TemplateFindingKind = "syntax"
    name: str = ""
    start: int = 0
    length: int = 0
    rows: tuple[int, ...] = ()
    count: int = 0
    suggestion: str = ""
    """A column whose name is like the unknown one, to be put in its place."""


class Emptiness(NamedTuple):
    """How many cells of a column are empty or blank, and some of their rows, counted from 0."""

    cells: int
    rows: tuple[int, ...] = ()


def of_syntax(field: str, parsed: ParsedTemplate, item: str = "") -> Iterator[TemplateFinding]:
    """The faults of one text."""
    for fault in parsed.faults:
        yield _finding(field, fault, item)


def _finding(field: str, fault: TemplateFault, item: str) -> TemplateFinding:
    return TemplateFinding(
        field,
        fault.sentence,
        fault.remedy,
        item=item,
        line=fault.line,
        column=fault.column,
        kind="syntax",
        name=fault.name,
        start=fault.start,
        length=fault.length,
    )


def of_columns(field: str, text: str, parsed: ParsedTemplate, columns: Sequence[str], item: str = "") -> Iterator[TemplateFinding]:
    """Columns that the text uses and the table does not have, each once."""
    known = set(columns)
    for name, (start, length) in parsed.places.items():
        if name in known:
            continue
        like = get_close_matches(name, columns, 1, 0.75) or [one for one in columns if one.casefold() == name.casefold()]
        remedy = f"Did you mean {like[0]}?" if like else _there_are(columns)
        line, column = position(text, start)
        yield TemplateFinding(
            field,
            f"The table has no column “{name[:60]}”.",
            remedy,
            item=item,
            line=line,
            column=column,
            kind="unknown_column",
            name=name,
            start=start,
            length=length,
            suggestion=like[0] if like else "",
        )


def _there_are(columns: Sequence[str]) -> str:
    if not columns:
        return "Choose a table first."
    shown = ", ".join(name[:40] for name in columns[:8])
    return f"Its columns are {shown}{f' and {number(len(columns) - 8)} more' if len(columns) > 8 else ''}."


def of_emptiness(
    field: str, text: str, parsed: ParsedTemplate, empties: Mapping[str, Emptiness], rows: int, item: str = ""
) -> Iterator[TemplateFinding]:
    """Columns that are empty in some rows where the text takes no care of it: no default, no condition on the same column."""
    for name in sorted(unguarded(parsed), key=lambda one: parsed.places[one]):
        if not (empty := empties.get(name, Emptiness(0))).cells:
            continue
        start, length = parsed.places[name]
        line, column = position(text, start)
        where = "every row" if empty.cells >= rows > 0 else f"{count(empty.cells, 'row')} of {number(rows)}"
        yield TemplateFinding(
            field,
            f"{name[:60]} is empty in {where}.",
            f'Write {{{{{name} | default("…")}}}}, or {{{{#if {name}}}}} around the part that needs it.',
            "advice",
            item=item,
            line=line,
            column=column,
            kind="empty",
            name=name,
            start=start,
            length=length,
            rows=empty.rows[:_SHOWN_ROWS],
            count=empty.cells,
        )


def unguarded(parsed: ParsedTemplate) -> set[str]:
    """Columns that a text puts in as they are, without a default and outside of a condition on them."""
    return _unguarded(parsed.nodes, frozenset())


def _unguarded(nodes: Iterable[TemplateNode], guarded: frozenset[str]) -> set[str]:
    """Columns that are put into the text as they are, where nothing says what happens if they are empty."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ColumnNode() if "default" not in node.names and node.column not in guarded:
                found.add(node.column)
            case IfNode():
                found |= _unguarded(node.then, guarded | {node.column}) | _unguarded(node.otherwise, guarded)
    return found


def of_json(field: str, text: str, parsed: ParsedTemplate) -> Iterator[TemplateFinding]:
    """Of a body typed by hand with placeholders: whether it is a JSON object for rows that fill every condition, and for those that fill
    none."""
    if parsed.faults:
        return
    for first in (True, False) if parsed.branches else (True,):
        found = jsontext.parse(syntax.json_view(text, parsed, first=first))
        which = "" if not parsed.branches else " (where conditions hold)" if first else " (where no condition holds)"
        if found.fault is not None:
            fault = found.fault
            sentence = f"{fault.sentence.rstrip('.')}{which}."
            yield TemplateFinding(field, sentence, line=fault.line, column=fault.column, kind="json")
            return
        if not isinstance(found.value, dict):
            yield TemplateFinding(
                field, "A request's body is a JSON object.", "Begin with { and end with }.", line=1, column=1, kind="json"
            )
            return


def emptiness(columns: Sequence[str], rows: Iterable[Sequence[str]], first: int = 0) -> dict[str, Emptiness]:
    """Which cells of some rows are empty or blank: for a sample, or where the table has no figures of its own. ``first`` is the number of
    the first row."""
    places: list[list[int]] = [[] for _ in columns]
    counts = [0] * len(columns)
    for at, row in enumerate(rows, first):
        for index, cell in enumerate(row[: len(columns)]):
            if not cell or cell.isspace():
                counts[index] += 1
                if len(places[index]) < _SHOWN_ROWS:
                    places[index].append(at)
    return {name: Emptiness(counts[index], tuple(places[index])) for index, name in enumerate(columns) if counts[index]}
