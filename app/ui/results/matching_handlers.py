"""Whose answers those under other ids are: as the ids propose it, or one by one by hand; and taking that back."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.services.batches.matching import Matched, Matcher
from app.services.results.shown import Opened
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.results.actions import AssignAnswer, MatchNames, ReleaseAnswer, TypeWhose

_BUSY = "match"


def _batch(context: Context, id: str) -> Batch | None:
    return next((batch for batch in context.state.batches.all if batch.id == id), None)


def _matcher(context: Context) -> Matcher:
    return Matcher(context.services.records, context.services.clock)


async def match(context: Context, action: MatchNames, _event: Event) -> None:
    """Take answers under other ids for the requests that their ids propose."""
    batch = _batch(context, action.id)
    if batch is None or _BUSY in context.state.busy:
        return
    context.state.busy.add(_BUSY)
    context.changed()
    try:
        done = await _matcher(context).agree(batch)
    finally:
        context.state.busy.discard(_BUSY)
    if done is None:
        context.toast("The ids of the answers are ambiguous. Nothing was changed.")
        return
    await _take_up(context, batch.id, done, f"{text.count(len(done.pairs), 'answer')} matched. The answers are being checked again.")


def type_whose(context: Context, _action: TypeWhose, event: Event) -> None:
    context.state.batch.whose, context.state.batch.whose_fault = event.text, ""


async def assign(context: Context, action: AssignAnswer, _event: Event) -> None:
    """Take the unexpected answer that is open for the request that was typed."""
    substate, dialog, batch = context.state.batch, context.state.dialog, _batch(context, action.id)
    fits = isinstance(dialog, Opened) and (dialog.batch, dialog.row) == (action.id, action.row)
    if batch is None or not isinstance(dialog, Opened) or not fits or _BUSY in context.state.busy or not substate.whose.strip():
        return
    typed = substate.whose
    context.state.busy.add(_BUSY)
    try:
        done = await _matcher(context).assign(batch, action.row, dialog.id, typed)
    finally:
        context.state.busy.discard(_BUSY)
    if isinstance(done, str):
        if context.state.dialog is dialog and substate.whose == typed:  # else another id was typed, or another row opened meanwhile
            substate.whose_fault = done
        return
    context.close(dialog)
    (custom_id,) = done.pairs.values()
    await _take_up(context, batch.id, done, f"Matched as the answer to “{custom_id[:60]}”. The answers are being checked again.")


@once
async def release(context: Context, action: ReleaseAnswer, _event: Event) -> None:
    """The answer that was matched to the open request is not its answer."""
    dialog, batch = context.state.dialog, _batch(context, action.id)
    if batch is None or not isinstance(dialog, Opened) or (dialog.batch, dialog.row) != (action.id, action.row):
        return
    done = await _matcher(context).release(batch, dialog.id)
    context.close(dialog)
    if done is not None:
        await _take_up(context, batch.id, done, "The answer is under “Unexpected” again. The answers are being checked again.")


async def _take_up(context: Context, id: str, done: Matched, words: str) -> None:
    """Make the ledger again with what was stored, and offer to take that back."""

    async def undo() -> None:
        batch = _batch(context, id)
        if batch is not None:
            await _matcher(context).undo(batch, done)
            if await _read_anew(context, id):
                context.toast("Undone. The answers are being checked again.")

    if await _read_anew(context, id):
        context.toast(words, undo)


async def _read_anew(context: Context, id: str) -> bool:
    late = "It is stored, and counts the next time the answers are checked: the batch was changed meanwhile."
    return await context.command(id, pipeline.FetchAgain(ledger=True), late) is not None


HANDLERS: dict[type[Action], Handler] = {
    MatchNames: match,
    TypeWhose: type_whose,
    AssignAnswer: assign,
    ReleaseAnswer: release,
}
