"""A prompt beside one row: what its texts say for that row, and the body of the request that it makes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.core.bodies import forms, tokens
from app.core.json import jsontext
from app.core.model.templates import PromptContent
from app.core.templates import compiling, syntax
from app.core.templates.compiling import CellFault, Row, UnknownColumn
from app.core.templates.lines import RequestMaker
from app.core.templates.skeleton import TemplateUnusable


class RenderedText(msgspec.Struct, frozen=True):
    """A message, an input or a prompt as the row fills it. ``title`` is its role, or what it is."""

    title: str
    text: str
    parts: int = 0
    """Images and files that are beside it, as far as the row has them."""


class RenderedRow(msgspec.Struct, frozen=True):
    """The request of one row. Where ``fault`` says why there is none, the texts are shown as far as they go."""

    texts: tuple[RenderedText, ...] = ()
    custom_id: str = ""
    body: str = ""
    """Indented JSON."""
    size: int = 0
    """Bytes of its line in a batch file."""
    tokens: int = 0
    """Estimated by its length."""
    fault: str = ""
    remedy: str = ""


def rendered(content: PromptContent, columns: Sequence[str], cells: Sequence[str], fallback: str) -> RenderedRow:
    """What the prompt makes of a row's cells. ``fallback``: the id of its request where the prompt gives none. Raises nothing."""
    row = compiling.cells(cells, len(columns))
    texts = tuple(_texts(content, compiling.places_of(columns), row))
    try:
        made = RequestMaker(content, columns).make(row, fallback)
    except CellFault as fault:
        return RenderedRow(texts, fault=str(fault), remedy=fault.remedy)
    except UnknownColumn as error:
        return RenderedRow(texts, fault=f"The table has no column “{str(error.args[0])[:60]}”.")
    except TemplateUnusable as error:
        return RenderedRow(texts, fault=str(error))
    body = jsontext.indent(made.body.decode())
    return RenderedRow(texts, made.custom_id, body, len(made.line), tokens.of_line(made.line))


def _texts(content: PromptContent, places: dict[str, int], row: Row) -> list[RenderedText]:
    if content.raw is not None:
        return []
    form = forms.FORMS.get(content.endpoint)
    if form is None:
        return []
    if form.asked == "messages":
        return [
            RenderedText(
                one.role,
                filled(one.text, places, row),
                sum(bool(filled(source, places, row).strip()) for source in (*(i.url for i in one.images), *(f.source for f in one.files))),
            )
            for one in content.messages
        ]
    inputs = content.inputs if form.many > 1 else content.inputs[:1]
    return [RenderedText(form.asked, filled(text, places, row)) for text in inputs]


def filled(text: str, places: dict[str, int], row: Row) -> str:
    """A text with the row's cells in it; a column that is not there stays as it was typed, and so does a text that cannot be filled."""
    if not syntax.holds(text):
        return text
    parsed = syntax.parse(text)
    unknown = {name: text[start : start + length] for name, (start, length) in parsed.places.items() if name not in places}
    if unknown:
        places = {**places, **{name: len(row) + n for n, name in enumerate(unknown)}}
        row = [*row, *unknown.values()]
    try:
        return compiling.text_of(parsed, places)(row)
    except CellFault:
        return text
