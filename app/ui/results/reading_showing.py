"""Texts in sight are read as Markdown, beside the page, and pictures are drawn."""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Sequence
from typing import Final

from app.core.results.answer_parts import AnswerPart
from app.core.results.markdown import LIMIT, TOO_LONG, MarkdownDocument, has_marks
from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.results.reading_jobs import READ_MARKDOWN, TextsToRead
from app.ui.base.context import Context
from app.ui.base.json_tree import tree_of
from app.ui.results.reading_sight import in_sight, parts_in_sight

_MOST: Final = 150_000
"""Characters of all texts that are rendered at a time: they are drawn at a stretch, 10,000 in 5 ms."""
_SECONDS: Final = 30
"""After so long a text is left as it was written."""
_MOST_PICTURES: Final = 30_000_000
"""Characters in base64 of all pictures that are drawn at a time."""


async def follow(context: Context) -> None:
    """Have ready what is in sight."""
    _draw_pictures(context, [one for one in parts_in_sight(context.state) if one.data])
    if context.state.preferences.reading == "rendered":
        await _read(context)


def _draw_pictures(context: Context, pictures: Sequence[AnswerPart]) -> None:
    """Have addresses for these and for no others."""
    here, left = context.state.reading, _MOST_PICTURES
    wanted = {one.data: one.name for one in pictures}
    for data in [one for one in here.pictures if one not in wanted]:
        if address := here.pictures.pop(data):
            context.screen.drop_picture(address)
    for data, media in wanted.items():
        left -= len(data)
        if data in here.pictures:
            continue
        try:
            here.pictures[data] = context.screen.show_picture(binascii.a2b_base64(data), media) if left >= 0 else ""
        except binascii.Error:
            here.pictures[data] = ""
    context.changed()


async def _read(context: Context) -> None:
    """Read the texts in sight that may be Markdown; of those that were seen before nothing is kept."""
    here, left = context.state.reading, _MOST
    seen = list(dict.fromkeys(in_sight(context.state)))
    here.documents = {one: here.documents[one] for one in seen if one in here.documents}
    wanted: list[str] = []
    for one in seen:
        left -= min(len(one), LIMIT)
        if one in here.documents:
            continue
        if len(one) > LIMIT:  # nothing looks through megabytes here
            here.documents[one] = TOO_LONG
        elif not has_marks(one) or tree_of(one) is not None:
            here.documents[one] = None
        elif left < 0:
            here.documents[one] = MarkdownDocument(why="There is too much text here, so it is shown unformatted.")
        elif not _whole(one):
            here.documents[one] = MarkdownDocument(why="It has half a character, so it is shown as it was written.")
        else:
            wanted.append(one)
    if not wanted:
        return
    try:
        work = context.services.compute.run(READ_MARKDOWN, TextsToRead(tuple(wanted)))
        found = (await asyncio.wait_for(work, _SECONDS)).value.documents
        here.fault = ""
        here.documents.update(zip(wanted, found, strict=True))
    except TimeoutError:
        here.documents.update(dict.fromkeys(wanted, MarkdownDocument(why="Formatting took too long, so it is shown unformatted.")))
    except (JobFailed, LibraryMissing) as error:
        here.fault = f"Texts are shown unformatted: {error}"
        here.documents.update(dict.fromkeys(wanted))
    context.changed()


def _whole(said: str) -> bool:
    """Whether it can be handed on: half a character cannot."""
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True
