"""What a person says of answers: stored first, then shown, and taken back by one key."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import text
from app.core.model.annotations import Annotation
from app.core.results.annotating import AnnotationEdit, tags_of
from app.services.results.annotating import AnnotationChange
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.results_state import ResultsState
from app.ui.results.annotate_actions import (
    AddTyped,
    BeginAnnotating,
    DropCorrection,
    EndAnnotating,
    MarkAnswers,
    RateAnswers,
    RemoveTag,
    TypeCorrection,
    TypeNote,
    TypeNoteForAll,
    TypeTags,
    UndoAnnotation,
    meant,
)
from app.ui.results.annotation_showing import told
from app.ui.results.selecting import by_batch

_UNDONE = 50
"""Changes that can be taken back, one after another."""
ROWS_UNDONE = 200_000
"""Answers of all these changes together, but for those of the last: what was said of each is kept."""
_NOBODY = "Open an answer, go to its row with the arrow keys, or select rows first."


# --- which answers


def _one(here: ResultsState) -> tuple[str, int] | None:
    """The one answer that is meant; None where it is several, or none."""
    match meant(here):
        case "open":
            return here.at
        case "active" if here.window is not None:
            row = here.window.rows[here.active - here.window.first]
            return (row.batch, row.row) if row.batch else None
        case _:
            return None


async def _change(context: Context, edit: AnnotationEdit, undone: AnnotationEdit | None = None) -> bool:
    """Change what is said of the answers that are meant. ``undone``: for one answer of which the same was said already. Whether any
    was meant. Which ones is decided at once, whatever is opened or chosen meanwhile."""
    here = context.state.results
    one = _one(here)
    if one is None and meant(here) != "picked":
        context.toast(_NOBODY)
        return False
    said = here.annotating.said if one is not None and one == here.at else None
    picking = None if one is not None else by_batch(context, here.picking.rows)
    annotations = context.services.annotations()
    made = AnnotationChange({})
    try:
        if one is not None:
            said = said or await annotations.of(*one)
            await annotations.edit({one[0]: {one[1]}}, undone if undone is not None and _same(said, edit) else edit, made)
        elif picking is not None:
            await annotations.edit(await picking, edit, made)
    finally:  # where the storage gave way, what was stored is shown and can be taken back
        _done(context, here, made)
    return True


def _same(said: Annotation, edit: AnnotationEdit) -> bool:
    return (edit.mark is not None and said.mark == edit.mark) or (edit.rating is not None and said.rating == edit.rating)


def _done(context: Context, here: ResultsState, made: AnnotationChange) -> None:
    """Show what was stored."""
    if not made.rows:
        return
    here.annotating.changes = undoable([*here.annotating.changes, made])
    told(context, here, made)
    if made.count > 1:

        async def undo() -> None:
            await _take_back(context, made)

        context.toast(f"{text.count(made.count, 'answer')} annotated.", undo)


def undoable(changes: list[AnnotationChange]) -> list[AnnotationChange]:
    """Those that stay: the newest, as far as memory is for them."""
    kept, rows = changes[-_UNDONE:], 0
    for n in range(len(kept) - 2, -1, -1):
        rows += kept[n].count
        if rows > ROWS_UNDONE:
            return kept[n + 1 :]
    return kept


async def _take_back(context: Context, made: AnnotationChange) -> None:
    here = context.state.results
    here.annotating.changes = [one for one in here.annotating.changes if one is not made]
    try:
        back = await context.services.annotations().restore(made)
    except BaseException:  # it can be asked for again
        here.annotating.changes = [*here.annotating.changes, made]
        raise
    here.annotating.rev += 1
    told(context, here, back)
    if back.count < made.count:
        context.toast("Annotations made in another tab since are kept.")


async def undo(context: Context, _action: UndoAnnotation, _event: Event) -> None:
    here = context.state.results
    if here.annotating.changes:
        await _take_back(context, here.annotating.changes[-1])


# --- marks, ratings, tags


async def mark(context: Context, action: MarkAnswers, _event: Event) -> None:
    await _change(context, AnnotationEdit(mark=action.mark), AnnotationEdit(mark=""))


async def rate(context: Context, action: RateAnswers, _event: Event) -> None:
    await _change(context, AnnotationEdit(rating=action.rating), AnnotationEdit(rating=0))


def type_tags(context: Context, _action: TypeTags, event: Event) -> None:
    context.state.results.annotating.tags = event.text


async def add_typed(context: Context, _action: AddTyped, _event: Event) -> None:
    """The field of tags stays open for the next one; what was typed leaves it when it is stored."""
    here = context.state.results
    if here.annotating.field == "note":
        await _note_all(context, here)
        return
    typed = here.annotating.tags
    if (tags := tags_of(typed)) and await _change(context, AnnotationEdit(add=tags)) and here.annotating.tags == typed:
        here.annotating.tags = ""
        here.annotating.rev += 1


async def _note_all(context: Context, here: ResultsState) -> None:
    typed = here.annotating.note
    if await _change(context, AnnotationEdit(note=typed)) and here.annotating.note == typed:
        here.annotating.note, here.annotating.field = "", ""
        here.annotating.rev += 1


async def remove_tag(context: Context, action: RemoveTag, _event: Event) -> None:
    await _change(context, AnnotationEdit(drop=(action.tag,)))


# --- notes and corrections


def begin(context: Context, action: BeginAnnotating, _event: Event) -> None:
    here = context.state.results
    if not meant(here):
        context.toast(_NOBODY)
        return
    if action.what == "correction" and here.at is None:
        context.toast("Open the answer first: a correction is of one answer.")
        return
    here.annotating.field = action.what
    here.annotating.refocus += 1


def end(context: Context, _action: EndAnnotating, _event: Event) -> None:
    here = context.state.results
    here.annotating.field = ""
    here.annotating.refocus += 1
    if here.at is None and here.active >= 0:
        here.focus += 1


async def type_note(context: Context, action: TypeNote, event: Event) -> None:
    await _typed(context, (action.batch, action.row), AnnotationEdit(note=event.text))


async def type_correction(context: Context, action: TypeCorrection, event: Event) -> None:
    await _typed(context, (action.batch, action.row), AnnotationEdit(correction=event.text))


async def _typed(context: Context, one: tuple[str, int], edit: AnnotationEdit) -> None:
    """The newest text is stored, however fast it is typed; what is typed at a stretch is taken back together."""
    here = context.state.results
    if here.at == one and here.annotating.said is not None:
        here.annotating.said = replace(
            here.annotating.said,
            note=here.annotating.said.note if edit.note is None else edit.note,
            correction=here.annotating.said.correction if edit.correction is None else edit.correction,
        )
    field = (*one, "note" if edit.note is not None else "correction")
    under_way = field in here.annotating.unsaved
    here.annotating.unsaved[field] = edit
    if under_way:
        return
    try:
        stored = None
        while stored is not here.annotating.unsaved[field]:
            stored = here.annotating.unsaved[field]
            made = await context.services.annotations().edit({one[0]: {one[1]}}, stored)
            _keep_typed(context, here, made, field[2])
    finally:
        del here.annotating.unsaved[field]
        context.changed()


def _keep_typed(context: Context, here: ResultsState, made: AnnotationChange, what: str) -> None:
    if not made.rows:
        return
    if (
        here.annotating.changes
        and here.annotating.typing == (here.annotating.changes[-1], what)
        and here.annotating.changes[-1].goes_on_in(made)
    ):
        here.annotating.changes[-1].take(made)
    else:
        here.annotating.changes = undoable([*here.annotating.changes, made])
        here.annotating.typing = (made, what)
    told(context, here, made, typed=True)


async def drop_correction(context: Context, _action: DropCorrection, _event: Event) -> None:
    here = context.state.results
    here.annotating.field = ""
    here.annotating.refocus += 1
    await _change(context, AnnotationEdit(uncorrect=True))


def type_note_for_all(context: Context, _action: TypeNoteForAll, event: Event) -> None:
    context.state.results.annotating.note = event.text


HANDLERS: dict[type[Action], Handler] = {
    MarkAnswers: mark,
    RateAnswers: rate,
    BeginAnnotating: begin,
    EndAnnotating: end,
    TypeTags: type_tags,
    AddTyped: add_typed,
    RemoveTag: remove_tag,
    TypeNote: type_note,
    TypeNoteForAll: type_note_for_all,
    TypeCorrection: type_correction,
    DropCorrection: drop_correction,
    UndoAnnotation: undo,
}
