"""A template over the columns of a table, compiled to what makes one request for a row (or for several that share one).

Everything that is the same in all rows is bytes already; a request is one ``b"".join``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from app.core.base.text import number, size
from app.core.bodies import forms
from app.core.bodies.forms import FieldFault
from app.core.endpoints.spec import FormField
from app.core.model.lanes import Endpoint
from app.core.model.templates import PromptContent
from app.core.templates import compiling
from app.core.templates.alike import AlikeMaker, BodyParts, NotAlike
from app.core.templates.compiling import MAX_RENDERED, BytesOf, CellFault, Row, TextOf
from app.core.templates.skeleton import FieldLeaf, FileLeaf, InputsLeaf, OptionalPart, Resolve, TextLeaf, file_part, parsed, skeleton

MAX_ID: Final = 512
"""Characters of a custom_id."""

Piece = bytes | Callable[[Row], bytes | None]
"""Bytes, or what makes them of a row; None: the row does not have it."""
_encode: Final = msgspec.json.Encoder().encode


class MadeRequest(NamedTuple):
    """One request: its id, its body, and the line of a batch file that holds both."""

    custom_id: str
    body: bytes
    line: bytes


class RequestMaker:
    """Makes the requests of a template. Rows have one text for each column (:func:`.compiling.cells`).

    ``resolve`` puts the bytes of a dataset's files in place of their ids; ``url`` is the endpoint as the provider spells it.
    Raises TemplateUnusable for a template with faults, UnknownColumn for one that uses a column which is not there.
    """

    def __init__(
        self,
        content: PromptContent,
        columns: Sequence[str],
        *,
        url: Endpoint = "",
        resolve: Resolve | None = None,
        most: int = MAX_RENDERED,
    ) -> None:
        self._places = compiling.places_of(columns)
        self._most = most
        self._id = compiling.text_of(parsed(content.custom_id), self._places, most) if content.custom_id.strip() else None
        self._before = b'","method":"POST","url":' + _encode(url or content.endpoint) + b',"body":'
        self._inputs: Callable[[Sequence[Row]], bytes] | None = None
        self._skeleton: dict[str, Any] | None = None
        if content.raw is not None:
            self._body: BytesOf = compiling.raw_of(parsed(content.raw, raw=True), self._places, most)
            self.rows_per_request = 1
            return
        body = skeleton(content, resolve)
        self._skeleton = dict(body)
        form = forms.FORMS[content.endpoint]
        self.rows_per_request = max(1, content.rows_per_request) if form.many > 1 else 1
        if form.asked != "messages":
            self._skeleton[form.asked] = self._skeleton.pop(form.asked)  # stands last
            self._inputs = self._compiled_inputs(form.asked, body.pop(form.asked))
        self._body = _whole(self._compiled(body))

    def alike(self, prompt_length: int = 0) -> AlikeMaker | None:
        """What makes the lines of many rows at once, if rows differ in texts only; equal to those of :meth:`make` to the byte.
        ``prompt_length``: characters that an input may have; 0: any number."""
        if self._skeleton is None or self.rows_per_request > 1:
            return None
        try:
            return AlikeMaker([self._before, *BodyParts(self._places, prompt_length).of(self._skeleton)])
        except NotAlike:
            return None

    def make(self, rows: Row | Sequence[Row], fallback: str, *, several: bool = False) -> MadeRequest:
        """The request of a row, or with ``several`` of the rows that share one; parameters and the id are those of the first. ``fallback``
        is its id where the template gives none. Raises CellFault."""
        group: Sequence[Row] = rows if several else (rows,)  # type: ignore[assignment]  # as ``several`` says
        first = group[0]
        try:
            body = self._body(first)
            if self._inputs is not None:
                body = body[:-1] + self._inputs(group)
        except IndexError:
            raise CellFault("ragged", "The row has fewer cells than the table has columns.", "Leave the row out.") from None
        if self.too_large(len(body)):
            raise CellFault(
                "too_large", f"This row makes a body of {size(len(body))}.", "Cut its cells with truncate, or leave the row out."
            )
        return self._line(self.custom_id(first, fallback), body)

    def too_large(self, size: int) -> bool:
        """Whether a body, or a line, of so many bytes is more than any provider takes."""
        return size > self._most

    def with_id(self, made: MadeRequest, id: str) -> MadeRequest:
        """The same request under another id."""
        return self._line(id, made.body)

    def _line(self, id: str, body: bytes) -> MadeRequest:
        return MadeRequest(id, body, b"".join((b'{"custom_id":', compiling.encoded(id)[:-1], self._before, body, b"}\n")))

    def custom_ids(self, rows: Sequence[Row]) -> list[str]:
        """Those of many rows, of a template that gives ids. Raises CellFault."""
        return [self.custom_id(row, "") for row in rows]

    def custom_id(self, row: Row, fallback: str) -> str:
        """The id of a row's request. Raises CellFault for one that is blank or too long."""
        if self._id is None:
            return fallback
        id = self._id(row)
        if not id or id.isspace():
            raise CellFault(
                "no_id", "The custom_id of this row is empty.", "Fill the cell, give it a default, or leave the custom_id empty."
            )
        if len(id) > MAX_ID:
            raise CellFault("no_id", f"The custom_id has {number(len(id))} characters; at most {MAX_ID}.", f"Add | truncate({MAX_ID}).")
        return id

    # --- compiling -----------------------------------------------------------------------------------------------------------------

    def _compiled(self, value: Any) -> Piece:
        match value:
            case TextLeaf(template, wrap):
                return self._text(compiling.text_of(template, self._places, self._most), wrap)
            case FieldLeaf(template, field):
                return _parameter(compiling.text_of(template, self._places, self._most), field)
            case OptionalPart(source, inner):
                return self._optional(compiling.text_of(source, self._places, self._most), self._compiled(inner))
            case FileLeaf():
                return self._file(value)
            case dict():
                return _object({name: self._compiled(one) for name, one in value.items()})
            case list():
                return _joined([(b"", self._compiled(one)) for one in value], b"[", b"]")
            case _:
                return _encode(value)

    @staticmethod
    def _text(text: TextOf, wrap: Callable[[str], str] | None) -> Piece:
        if wrap is None:
            return lambda row: compiling.encoded(text(row))
        return lambda row: compiling.encoded(wrap(text(row)))

    @staticmethod
    def _optional(source: TextOf, inner: Piece) -> Piece:
        def part(row: Row) -> bytes | None:
            given = source(row)
            if not given or given.isspace():
                return None
            return inner if isinstance(inner, bytes) else inner(row)

        return part

    def _file(self, leaf: FileLeaf) -> Piece:
        source = compiling.text_of(leaf.source, self._places, self._most)
        name = compiling.text_of(leaf.name.template, self._places, self._most) if leaf.name is not None else lambda row: ""

        def part(row: Row) -> bytes:
            made = file_part(leaf, source(row).strip(), name(row))
            held = made.get("file", made)
            compiling.encoded("".join(str(text) for text in held.values()))  # half a character is told in words
            return _encode(made)

        return part

    def _compiled_inputs(self, asked: str, leaf: InputsLeaf) -> Callable[[Sequence[Row]], bytes]:
        texts = [compiling.text_of(template, self._places, self._most) for template in leaf.templates]
        name = b',"' + asked.encode() + b'":'
        if leaf.single:
            only = texts[0]
            return lambda rows: name + compiling.encoded(only(rows[0])) + b"}"
        return lambda rows: name + b"[" + b",".join(compiling.encoded(text(row)) for row in rows for text in texts) + b"]}"


def _whole(piece: Piece) -> BytesOf:
    if isinstance(piece, bytes):
        return lambda row: piece
    return lambda row: piece(row) or b"{}"


def _object(members: dict[str, Piece]) -> Piece:
    """An object; what a row does not have is left out, and the object with it if nothing else is in it."""
    made = _joined([(_encode(name) + b":", piece) for name, piece in members.items()], b"{", b"}")
    if isinstance(made, bytes) or any(isinstance(piece, bytes) for piece in members.values()):
        return made
    return lambda row: None if (found := made(row)) == b"{}" else found


def _joined(members: list[tuple[bytes, Piece]], opening: bytes, closing: bytes) -> Piece:
    """Members of an object or a list with their commas. ``members``: what comes before a value, and the value."""
    if all(isinstance(piece, bytes) for _, piece in members):
        return opening + b",".join(before + piece for before, piece in members if isinstance(piece, bytes)) + closing

    def joined(row: Row) -> bytes:
        found = []
        for before, piece in members:
            made = piece if isinstance(piece, bytes) else piece(row)
            if made is not None:
                found.append(before + made if before else made)
        return opening + b",".join(found) + closing

    return joined


def _parameter(text: TextOf, field: FormField) -> Piece:
    def value(row: Row) -> bytes | None:
        given = text(row)
        try:
            made = forms.value_of(field, given)
        except FieldFault as fault:
            raise CellFault("not_a_value", str(fault), fault.remedy) from None
        try:
            return None if made is None else _encode(made)
        except UnicodeEncodeError:
            raise CellFault("surrogate", f"{field.label} holds half a character.", "Remove it from the cell.") from None

    return value
