"""Templates compiled against the columns of a table: one function from a row to a text, made once and called for every row.

A text without filters is one ``%`` of one ``itemgetter``, any other one ``"".join``. Rows are sequences of texts with one cell for each
column (:func:`cells`). What a row brings that cannot be sent is a :class:`CellFault`; whoever renders many rows catches it for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, Literal

import msgspec

from app.core.base import text as words
from app.core.base.patterns import pattern
from app.core.datasets.table import Cell, cell_text
from app.core.json import jsonread
from app.core.templates.syntax import ColumnNode, IfNode, ParsedTemplate, TemplateNode

Row = Sequence[str]
"""One text for each column (:func:`cells`)."""
TextOf = Callable[[Row], str]
BytesOf = Callable[[Row], bytes]

MAX_RENDERED: Final = 50_000_000
"""Characters of one rendered text or body. A batch file may have 200 MB (OpenAI, batch guide), and no provider takes a request of this
size: it is a template that repeats a large cell."""

CellFaultKind = Literal["too_large", "not_json", "not_a_value", "surrogate", "no_id", "ragged"]

_encode: Final = msgspec.json.Encoder().encode
_SCALAR = pattern(r"[ \t\r\n]*(-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?|true|false|null)[ \t\r\n]*")


class CellFault(ValueError):
    """What keeps one row from being sent: a sentence, and the column that it is about ("" where several are)."""

    def __init__(self, kind: CellFaultKind, sentence: str, remedy: str, column: str = "") -> None:
        super().__init__(sentence)
        self.kind: CellFaultKind = kind
        self.remedy, self.column = remedy, column


class UnknownColumn(KeyError):
    """The table has no column of this name: whoever compiles looks first (:func:`app.core.templates.findings.checked`)."""


def places_of(columns: Sequence[str]) -> dict[str, int]:
    """Where each column stands. Of several with one name the first is meant, as in a table's header."""
    return {name: at for at, name in reversed([*enumerate(columns)])}


def cells(row: Sequence[Cell], width: int) -> Row:
    """A row of a dataset as texts, one for each of ``width`` columns: cells that it lacks are empty."""
    if len(row) >= width and all(type(cell) is str for cell in row):
        return row  # type: ignore[return-value]  # just looked at
    texts = [cell if type(cell) is str else cell_text(cell) for cell in row]
    return texts + [""] * (width - len(texts)) if len(texts) < width else texts


def text_of(template: ParsedTemplate, places: dict[str, int], most: int = MAX_RENDERED) -> TextOf:
    """The text of a row. Raises UnknownColumn; the function raises CellFault (too large)."""
    nodes = template.nodes
    if all(isinstance(node, str) for node in nodes):
        whole = "".join(node for node in nodes if isinstance(node, str))
        return lambda row: whole
    if all(isinstance(node, str) or (isinstance(node, ColumnNode) and not node.filters) for node in nodes):
        return _plain(nodes, places, most)
    return _joined([_piece(node, places, most) for node in nodes], most)


def _at(places: dict[str, int], column: str) -> int:
    if column not in places:
        raise UnknownColumn(column)
    return places[column]


def _plain(nodes: Sequence[TemplateNode], places: dict[str, int], most: int) -> TextOf:
    """Literals and cells."""
    cells = [_at(places, node.column) for node in nodes if isinstance(node, ColumnNode)]
    room = most - sum(len(node) for node in nodes if isinstance(node, str))
    if len(nodes) == 1:
        return _one(cells[0], room)
    form = "".join(node.replace("%", "%%") if isinstance(node, str) else "%s" for node in nodes)
    if len(cells) == 1:
        return _framed(form, cells[0], room)
    pick: Callable[[Row], tuple[str, ...]] = itemgetter(*cells)

    def filled(row: Row) -> str:
        found = pick(row)
        if sum(map(len, found)) > room:
            raise _too_large(most)
        return form % found

    return filled


def _framed(form: str, cell: int, room: int) -> TextOf:
    def found(row: Row) -> str:
        if len(text := row[cell]) > room:
            raise _too_large(room)
        return form % (text,)

    return found


def _one(cell: int, room: int) -> TextOf:
    def found(row: Row) -> str:
        if len(text := row[cell]) > room:
            raise _too_large(room)
        return text

    return found


def _joined(pieces: Sequence[str | TextOf], most: int) -> TextOf:
    def joined(row: Row) -> str:
        found = [piece if isinstance(piece, str) else piece(row) for piece in pieces]
        if sum(map(len, found)) > most:
            raise _too_large(most)
        return "".join(found)

    return joined


def _too_large(most: int) -> CellFault:
    return CellFault(
        "too_large", f"This row makes a text of more than {words.size(most)}.", "Cut its cells with truncate, or leave the row out."
    )


def _piece(node: TemplateNode, places: dict[str, int], most: int) -> str | TextOf:
    match node:
        case str():
            return node
        case ColumnNode():
            return _filtered(node, _at(places, node.column))
        case IfNode():
            return _branch(
                _at(places, node.column),
                _joined([_piece(one, places, most) for one in node.then], most),
                _joined([_piece(one, places, most) for one in node.otherwise], most),
            )


def _filtered(node: ColumnNode, at: int) -> TextOf:
    if not node.filters:
        return itemgetter(at)
    if len(node.filters) == 1:
        only = node.filters[0]
        return lambda row: only(row[at])

    def through(row: Row) -> str:
        text = row[at]
        for each in node.filters:
            text = each(text)
        return text

    return through


def _branch(at: int, then: TextOf, otherwise: TextOf) -> TextOf:
    def chosen(row: Row) -> str:
        cell = row[at]
        return then(row) if cell and not cell.isspace() else otherwise(row)

    return chosen


# --- texts that are JSON -----------------------------------------------------------------------------------------------------------


def encoded(text: str, column: str = "") -> bytes:
    """The text as a JSON string. CellFault for half a character."""
    try:
        return _encode(text)
    except UnicodeEncodeError:
        sentence = "This row has half a character (a lone surrogate), often left by cutting an emoji."
        raise CellFault("surrogate", sentence, "Remove it from the cell.", column) from None


def raw_of(template: ParsedTemplate, places: dict[str, int], most: int = MAX_RENDERED) -> BytesOf:
    """The JSON text of a row, of a template that was parsed as ``raw``: a cell within a string is escaped, one in place of a value must be
    JSON itself. Raises UnknownColumn; the function raises CellFault. Whether conditions leave JSON behind is for who decodes the result."""
    joined = _joined([_raw_piece(node, places, most) for node in template.nodes], most)

    def rendered(row: Row) -> bytes:
        try:
            return joined(row).encode()
        except UnicodeEncodeError:
            raise CellFault("surrogate", "The body holds half a character.", "Remove it.") from None

    return rendered


def _raw_piece(node: TemplateNode, places: dict[str, int], most: int) -> str | TextOf:
    match node:
        case str():
            return node
        case ColumnNode():
            inner = _filtered(node, _at(places, node.column))
            return _escaped(inner, node.column) if node.quoted else _value(inner, node)
        case IfNode():
            return _branch(
                _at(places, node.column),
                _joined([_raw_piece(one, places, most) for one in node.then], most),
                _joined([_raw_piece(one, places, most) for one in node.otherwise], most),
            )


def _escaped(inner: TextOf, column: str) -> TextOf:
    return lambda row: encoded(inner(row), column)[1:-1].decode()


def _value(inner: TextOf, node: ColumnNode) -> TextOf:
    if node.names[-1:] == ("json",):
        return inner

    def value(row: Row) -> str:
        text = inner(row)
        return text if _SCALAR.fullmatch(text) else json_value(text, node.column)

    return value


def json_value(text: str, column: str) -> str:
    """The cell's JSON on one line. CellFault where it is none."""
    try:
        return jsonread.one_line(text.encode()).decode()
    except (jsonread.Unreadable, UnicodeEncodeError):
        shown = f"“{words.shorten(text, 40)}”" if text.strip() else "an empty cell"
        remedy = "Put quotes around the placeholder, or write {{column | json}}, for a text; give an empty cell a default."
        sentence = f"A JSON value is needed where {column} has no quotes, and the row has {shown}."
        raise CellFault("not_json", sentence, remedy, column) from None
