"""The language of templates, parsed.

========================================  ====================================================================================
written                                   stands for
========================================  ====================================================================================
``{{column}}``                            the row's cell, as it is; blanks around the name do not count
``{{"odd | name"}}``                      a column whose name holds ``|``, quotes, braces or a line break, or begins with ``#``, ``/``;
                                          in quotes a backslash comes before a quote or a backslash
``{{column | trim | default("n/a")}}``    the cell through filters, from left to right (:mod:`.filters`)
``{{#if column}}…{{else}}…{{/if}}``       the first part where the cell holds more than blanks, else the second, which may be left out
``\\{{``                                   two braces as they are; ``\\\\{{column}}`` is a backslash and a cell
========================================  ====================================================================================

Of a run of more than two braces the last two open a placeholder, and the first two close it, so ``{"a":{{n}}}`` is JSON around a cell.
A text that is JSON (``raw=True``) is watched for its quotes: a node knows whether it stands within a string (``quoted``), and a branch that
begins within a string must end there. Parsing never raises: each fault comes with its place, and what is there counts as text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, NamedTuple

import msgspec

from app.core.json.jsonscan import position
from app.core.templates import tags
from app.core.templates.filters import TextFunction
from app.core.templates.tags import FaultKind

MAX_DEPTH: Final = 20
"""Conditions inside each other."""
MAX_FAULTS: Final = 50
KEPT_LENGTH: Final = 20_000
"""Characters of a text up to which what was read of it is kept."""


class TemplateFault(msgspec.Struct, frozen=True):
    """What is wrong at one place: ``start`` and ``length`` in characters, ``line`` and ``column`` from 1. ``name`` is the column or filter
    that it is about."""

    kind: FaultKind
    sentence: str
    remedy: str
    start: int
    length: int
    line: int
    column: int
    name: str = ""


class ColumnNode(NamedTuple):
    """A cell. ``filters`` are its filters, made; ``names`` what they are called."""

    column: str
    filters: tuple[TextFunction, ...]
    names: tuple[str, ...]
    start: int
    length: int
    quoted: bool


class IfNode(NamedTuple):
    """A condition with its two branches. ``start`` and ``length`` are those of ``{{#if …}}``."""

    column: str
    then: tuple[TemplateNode, ...]
    otherwise: tuple[TemplateNode, ...]
    start: int
    length: int
    quoted: bool


TemplateNode = str | ColumnNode | IfNode


TemplateSpan = tuple[int, int]
"""From one character to before another."""


class TemplateMark(NamedTuple):
    """A stretch of a text that is JSON and is not JSON itself: a ``value``, part of a string (``text``), nothing (``tag``)."""

    kind: Literal["value", "text", "tag"]
    start: int
    stop: int


class ParsedTemplate(msgspec.Struct, frozen=True):
    """What a text says. ``tags`` are (start, length) of everything in double braces, for marking; ``places`` say where each column that is
    used stands first, in the order of the text, those of conditions with them. Of a text that is JSON, ``marks`` say what is in the
    place of each tag, and ``branches`` where the two parts of each condition stand."""

    nodes: tuple[TemplateNode, ...]
    faults: tuple[TemplateFault, ...] = ()
    tags: tuple[tuple[int, int], ...] = ()
    places: dict[str, tuple[int, int]] = {}
    marks: tuple[TemplateMark, ...] = ()
    branches: tuple[tuple[TemplateSpan, TemplateSpan], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the text uses."""
        return tuple(self.places)

    @property
    def plain(self) -> bool:
        """Whether nothing in it comes from a row."""
        return all(isinstance(node, str) for node in self.nodes)


def holds(text: str) -> bool:
    """Whether a text may hold a placeholder: costs one search."""
    return "{{" in text


class _Open(NamedTuple):
    """An ``{{#if}}`` that is not closed yet: what stood before it, and the first branch once ``{{else}}`` came (None before)."""

    column: str
    before: list[TemplateNode]
    start: int
    length: int
    quoted: bool
    then: list[TemplateNode] | None = None
    split: TemplateSpan = (0, 0)


class _Parser:
    def __init__(self, text: str, raw: bool) -> None:
        self.text, self.raw = text, raw
        self.nodes: list[TemplateNode] = []
        self.open: list[_Open] = []
        self.faults: list[TemplateFault] = []
        self.tags: list[tuple[int, int]] = []
        self.places: dict[str, tuple[int, int]] = {}
        self.quoted = False
        self.marks: list[TemplateMark] = []
        self.branches: list[tuple[TemplateSpan, TemplateSpan]] = []

    def parse(self) -> ParsedTemplate:
        text, at = self.text, 0
        while len(self.faults) < MAX_FAULTS and (start := text.find("{{", at)) >= 0:
            while text[start + 2 : start + 3] == "{":  # the last two braces of a run
                start += 1
            slashes = start - len(text[at:start].rstrip("\\")) - at if text[at:start].endswith("\\") else 0
            if slashes % 2:
                self.literal(self.unslashed(text[at:start], slashes) + "{{")
                self.marks.append(TemplateMark("text", start - 1, start + 2))
                at = start + 2
                continue
            self.literal(self.unslashed(text[at:start], slashes))
            at = self.tag(start)
        self.literal(text[at:])
        while self.open:
            opened = self.open.pop()
            self.fault(opened.start, opened.length, "condition", "This condition is not closed.", "Write {{/if}} where it ends.")
            self.nodes = [*opened.before, *(opened.then or []), *self.nodes]
        marks = tuple(self.marks) if self.raw else ()
        return ParsedTemplate(tuple(self.nodes), tuple(self.faults), tuple(self.tags), self.places, marks, tuple(self.branches))

    def unslashed(self, before: str, slashes: int) -> str:
        """The text without the backslashes that say what the braces behind it mean. In JSON two of them are one already."""
        if not slashes:
            return before
        return before[:-1] if self.raw and slashes % 2 else before if self.raw else before[: len(before) - (slashes + 1) // 2]

    def literal(self, text: str) -> None:
        if not text:
            return
        if self.raw:
            self.watch(text)
        if self.nodes and isinstance(last := self.nodes[-1], str):
            self.nodes[-1] = last + text
        else:
            self.nodes.append(text)

    def watch(self, text: str) -> None:
        """Whether the next character stands within a JSON string."""
        bare = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
        self.quoted ^= bare.count('"') % 2 == 1

    def fault(self, start: int, length: int, kind: FaultKind, sentence: str, remedy: str = "", name: str = "") -> None:
        line, column = position(self.text, start)
        self.faults.append(TemplateFault(kind, sentence, remedy, start, length, line, column, name))

    def tag(self, start: int) -> int:
        """Read what opens at ``start``; where to go on."""
        try:
            tag = tags.read(self.text, start + 2, self.raw and self.quoted)
        except tags.WrongTag as wrong:
            stop = self.text.find("}}", start) + 2
            stop = stop if stop >= 2 and wrong.kind != "unclosed" else start + 2
            self.fault(start, stop - start, wrong.kind, str(wrong), wrong.remedy, wrong.name)
            self.literal(self.text[start:stop])
            return stop
        length = tag.stop - start
        self.tags.append((start, length))
        self.marks.append(TemplateMark("tag" if tag.kind != "column" else "text" if self.quoted else "value", start, tag.stop))
        match tag.kind:
            case "column":
                self.places.setdefault(tag.column, (start, length))
                self.nodes.append(ColumnNode(tag.column, tag.filters, tag.names, start, length, self.quoted))
            case "if" if len(self.open) >= MAX_DEPTH:
                self.fault(start, length, "condition", f"Conditions are nested more than {MAX_DEPTH} deep.", "Write fewer.")
            case "if":
                self.places.setdefault(tag.column, (start, length))
                self.open.append(_Open(tag.column, self.nodes, start, length, self.quoted))
                self.nodes = []
            case "else":
                self.otherwise(start, length)
            case "end":
                self.close(start, length)
        return tag.stop

    def otherwise(self, start: int, length: int) -> None:
        if not self.open:
            self.fault(start, length, "condition", "{{else}} is not inside a condition.", 'A column of that name is written {{"else"}}.')
        elif self.open[-1].then is not None:
            self.fault(start, length, "condition", "This condition has an {{else}} already.", "Remove one of them.")
        else:
            self.same_quotes(start, length)
            self.open[-1] = self.open[-1]._replace(then=self.nodes, split=(start, start + length))
            self.quoted, self.nodes = self.open[-1].quoted, []

    def close(self, start: int, length: int) -> None:
        if not self.open:
            self.fault(start, length, "condition", "{{/if}} closes nothing.", "Remove it, or write {{#if column}} before it.")
            return
        self.same_quotes(start, length)
        opened = self.open.pop()
        then, otherwise = (self.nodes, []) if opened.then is None else (opened.then, self.nodes)
        middle, after = opened.split if opened.then is not None else (start, start)
        self.branches.append(((opened.start + opened.length, middle), (after, start)))
        node = IfNode(opened.column, tuple(then), tuple(otherwise), opened.start, opened.length, opened.quoted)
        self.nodes, self.quoted = [*opened.before, node], opened.quoted

    def same_quotes(self, start: int, length: int) -> None:
        """A branch ends within a string exactly if it began there: else what follows would change its meaning with the row."""
        if self.quoted != self.open[-1].quoted:
            sentence = "This part of the condition opens a JSON string and does not close it, or the reverse."
            self.fault(start, length, "quotes", sentence, "Let each part hold whole strings, or be inside one.")


def parse(text: str, *, raw: bool = False) -> ParsedTemplate:
    """Read a template. ``raw``: it is JSON with placeholders, within strings or in place of values."""
    if not holds(text):
        return ParsedTemplate((text,) if text else ())
    return _kept(text, raw) if len(text) <= KEPT_LENGTH else _Parser(text, raw).parse()


@lru_cache(maxsize=64)
def _kept(text: str, raw: bool) -> ParsedTemplate:
    """While someone types, each text of a template is asked for several times with each key: to check it, to mark it, to fill in a row."""
    return _Parser(text, raw).parse()


def json_view(text: str, parsed: ParsedTemplate, *, first: bool) -> str:
    """A text that is JSON as it is for some row, each character in its place: values are null, cells are blanks, and of each condition the
    ``first`` part or the second is blanks."""
    gone = [stretch[1] if first else stretch[0] for stretch in parsed.branches]
    cuts = [TemplateMark("tag", *stretch) for stretch in gone]
    parts: list[str] = []
    at = 0
    for mark in sorted([*parsed.marks, *cuts], key=lambda one: (one.start, -one.stop)):
        if mark.start < at:  # within a part that is left out
            continue
        length = mark.stop - mark.start
        parts += [text[at : mark.start], "null".ljust(length) if mark.kind == "value" else " " * length]
        at = mark.stop
    return "".join(parts) + text[at:]
