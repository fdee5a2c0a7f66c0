"""Edits of templates as pure functions: placeholders renamed or given a filter, text made literal, examples from chosen rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from app.core.base.patterns import pattern
from app.core.model.templates import PromptContent, PromptMessage
from app.core.templates import compiling, syntax
from app.core.templates.compiling import Row
from app.core.templates.content import edited
from app.core.templates.syntax import ColumnNode, IfNode, TemplateNode

_BRACES: Final = pattern(r"(\\*)(\{{2,})")
_JSON_QUOTE: Final = pattern(r'(?<!\\)(?:\\\\)*"')
_NEEDS_QUOTES: Final = pattern(r"[|{}\"'\r\n]|^[#/]|^\s|\s$|^else$|^$")


def literal(text: str) -> str:
    """The text as a template that says exactly this."""
    return _BRACES.sub(_escaped, text) if syntax.holds(text) else text


def _escaped(run: re.Match[str]) -> str:
    """Braces two by two; of an odd number the first stands alone, and the backslashes before it are only that."""
    slashes, pairs = run[1], len(run[2]) // 2
    return (slashes + "{" if len(run[2]) % 2 else 2 * slashes) + pairs * "\\{{"


def named(column: str) -> str:
    """A column's name as it is in a placeholder: in quotes where it needs them."""
    if not _NEEDS_QUOTES.search(column):
        return column
    return '"' + column.replace("\\", "\\\\").replace('"', '\\"') + '"'


def named_in_json(column: str) -> str:
    """A column's name as it is in a placeholder within a JSON string: a quote there would end the string."""
    if not _NEEDS_QUOTES.search(column):
        return column
    slashed = column.replace("\\", "\\\\")
    if '"' not in column:
        return '\\"' + slashed + '\\"'
    return "'" + slashed.replace("'", "\\'").replace('"', '\\"') + "'"


def within_json_string(text: str, at: int) -> bool:
    """Whether this place of a JSON text stands within a string: behind an odd number of quotes that no backslash takes the meaning of."""
    return len(_JSON_QUOTE.findall(text[:at])) % 2 == 1


def placeholder(column: str) -> str:
    """What is inserted for a column."""
    return "{{" + named(column) + "}}"


def placeholder_in_json(text: str, at: int, column: str) -> str:
    """What is inserted for a column at a place of a JSON text."""
    return "{{" + named_in_json(column) + "}}" if within_json_string(text, at) else placeholder(column)


def with_filter(text: str, column: str, call: str, *, raw: bool = False) -> str:
    """The text with a filter (``truncate(500)``) behind every placeholder of this column that has none of that name."""
    name = call.partition("(")[0]
    for node in reversed([*_nodes(syntax.parse(text, raw=raw).nodes)]):
        if isinstance(node, ColumnNode) and node.column == column and name not in node.names:
            stop = node.start + node.length - 2
            added = call.replace('"', '\\"') if node.quoted else call
            text = f"{text[:stop].rstrip(' ')} | {added}{text[stop:]}"
    return text


def renamed(text: str, column: str, to: str, *, raw: bool = False) -> str:
    """The text with another column in every placeholder and condition of this one."""
    for node in sorted(_nodes(syntax.parse(text, raw=raw).nodes), key=lambda one: -one.start):
        if node.column != column:
            continue
        tag = text[node.start : node.start + node.length]
        new = named_in_json(to) if node.quoted else named(to)
        if isinstance(node, IfNode):
            made = "{{#if " + new + "}}"
        else:
            bar = _behind_name(tag)
            made = "{{" + new + (f" {tag[bar:]}" if bar else "}}")
        text = text[: node.start] + made + text[node.start + node.length :]
    return text


def _behind_name(tag: str) -> int:
    """Where the first ``|`` behind the name of a placeholder stands; 0: it has no filter. A name in quotes may hold one."""
    at = 2
    while tag[at] in " \t":
        at += 1
    quote = '\\"' if tag.startswith('\\"', at) else tag[at] if tag[at] in "\"'" else ""
    if quote:
        at += len(quote)
        while not tag.startswith(quote, at):
            at += 2 if tag[at] == "\\" and tag[at + 1 : at + 2] in ('"', "'", "\\") else 1
    return max(0, tag.find("|", at))


def _nodes(nodes: Sequence[TemplateNode]) -> Iterator[ColumnNode | IfNode]:
    for node in nodes:
        match node:
            case ColumnNode():
                yield node
            case IfNode():
                yield node
                yield from _nodes(node.then)
                yield from _nodes(node.otherwise)


def cut_cells(content: PromptContent, column: str, length: int) -> PromptContent:
    """The template with this column cut to so many characters wherever it is put into a text."""
    return filter_column(content, column, f"truncate({length})")


def filter_column(content: PromptContent, column: str, call: str) -> PromptContent:
    """The template with a filter (``default("n/a")``) on this column wherever it is put into a text and has none of that name."""
    made = edited(replace(content, raw=None), lambda text: with_filter(text, column, call))
    return replace(made, raw=None if content.raw is None else with_filter(content.raw, column, call, raw=True))


def rename_column(content: PromptContent, column: str, to: str) -> PromptContent:
    """The template with another column in place of this one: for a name that the table does not have."""
    made = edited(replace(content, raw=None), lambda text: renamed(text, column, to))
    return replace(made, raw=None if content.raw is None else renamed(content.raw, column, to, raw=True))


def with_examples(
    content: PromptContent, columns: Sequence[str], rows: Sequence[Row], question: str, answer: str, ids: Sequence[str]
) -> PromptContent:
    """The template with a pair of messages for each of these rows before its last user message: what was asked, and what the assistant
    should say. ``question`` and ``answer`` are templates over ``columns``; the rows' own braces stay text. ``ids``: two for each row.

    Raises ValueError for a template with faults or too few ids, UnknownColumn, and CellFault for a row that makes too long a text.
    """
    places = compiling.places_of(columns)
    parsed = [syntax.parse(question), syntax.parse(answer)]
    if any(one.faults for one in parsed) or len(ids) < 2 * len(rows):
        raise ValueError("examples need templates without faults, and two ids for each row")
    asks, answers = (compiling.text_of(one, places) for one in parsed)
    made: list[PromptMessage] = []
    for row, asked_id, answer_id in zip(rows, ids[::2], ids[1::2], strict=False):
        cells = compiling.cells(row, len(columns))
        made.append(PromptMessage(asked_id, "user", literal(asks(cells))))
        made.append(PromptMessage(answer_id, "assistant", literal(answers(cells))))
    return _before_last(content, made)


def with_answers(content: PromptContent, pairs: Sequence[tuple[str, str]], ids: Sequence[str]) -> PromptContent:
    """The template with a pair of messages for each of these questions and answers, likewise; their braces stay text. Pairs that stand in
    it already are left out. ``ids``: two for each pair. ValueError for too few."""
    if len(ids) < 2 * len(pairs):
        raise ValueError("examples need two ids for each pair")
    known = {(one.text, other.text) for one, other in pairwise(content.messages) if (one.role, other.role) == ("user", "assistant")}
    made: list[PromptMessage] = []
    for (question, answer), asked_id, answer_id in zip(dict.fromkeys(pairs), ids[::2], ids[1::2], strict=False):
        texts = literal(question), literal(answer)
        if texts not in known:
            made += [PromptMessage(asked_id, "user", texts[0]), PromptMessage(answer_id, "assistant", texts[1])]
    return _before_last(content, made)


def _before_last(content: PromptContent, made: Sequence[PromptMessage]) -> PromptContent:
    """With these messages before the last one of the user."""
    spoken = [at for at, message in enumerate(content.messages) if message.role == "user"]
    at = spoken[-1] if spoken else len(content.messages)
    return replace(content, messages=(*content.messages[:at], *made, *content.messages[at:]))
