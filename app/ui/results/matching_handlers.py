"""Whose answers those under other ids are: as the ids propose it, or one by one by hand; and taking that back."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.services.batches.matching import Matched, Matcher
from app.services.results.review import Opened
from app.services.runtime.records import Records
from app.ui.batches.actions import AssignAnswer, MatchNames, ReleaseAnswer, TypeWhose
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler

_BUSY = "match"


def _batch(app: App, id: str) -> Batch | None:
    return next((one for one in app.state.batches if one.id == id), None)


def _matcher(app: App) -> Matcher:
    return Matcher(Records(app.services.store), app.services.clock)


async def match(app: App, action: MatchNames, _event: Event) -> None:
    """Take answers under other ids for the requests that their ids propose."""
    batch = _batch(app, action.id)
    if batch is None or _BUSY in app.state.busy:
        return
    app.state.busy.add(_BUSY)
    app.changed()
    try:
        done = await _matcher(app).agree(batch)
    finally:
        app.state.busy.discard(_BUSY)
    if done is None:
        app.toast("The ids of all answers together cannot be told apart. Nothing was changed.")
        return
    await _take_up(app, batch.id, done, f"{text.count(len(done.pairs), 'answer')} matched. The answers are being checked again.")


def type_whose(app: App, _action: TypeWhose, event: Event) -> None:
    app.state.batch.whose, app.state.batch.whose_fault = event.text, ""


async def assign(app: App, action: AssignAnswer, _event: Event) -> None:
    """Take the unexpected answer that is open for the request that was typed."""
    here, one, batch = app.state.batch, app.state.dialog, _batch(app, action.id)
    fits = isinstance(one, Opened) and (one.batch, one.row) == (action.id, action.row)
    if batch is None or not isinstance(one, Opened) or not fits or _BUSY in app.state.busy or not here.whose.strip():
        return
    typed = here.whose
    app.state.busy.add(_BUSY)
    try:
        done = await _matcher(app).assign(batch, action.row, one.id, typed)
    finally:
        app.state.busy.discard(_BUSY)
    if isinstance(done, str):
        if app.state.dialog is one and here.whose == typed:  # else another id was typed, or another row opened meanwhile
            here.whose_fault = done
        return
    if app.state.dialog is one:
        app.state.dialog = None
    (custom_id,) = done.pairs.values()
    await _take_up(app, batch.id, done, f"Taken for the answer to “{custom_id[:60]}”. The answers are being checked again.")


async def release(app: App, action: ReleaseAnswer, _event: Event) -> None:
    """The answer that was matched to the open request is not its answer."""
    one, batch = app.state.dialog, _batch(app, action.id)
    if batch is None or not isinstance(one, Opened) or (one.batch, one.row) != (action.id, action.row):
        return
    done = await _matcher(app).release(batch, one.id)
    if app.state.dialog is one:
        app.state.dialog = None
    if done is not None:
        await _take_up(app, batch.id, done, "The answer stands under “Unexpected” again. The answers are being checked again.")


async def _take_up(app: App, id: str, done: Matched, words: str) -> None:
    """Make the ledger anew with what was stored, and offer to take that back."""

    async def undo() -> None:
        batch = _batch(app, id)
        if batch is not None:
            await _matcher(app).undo(batch, done)
            if await _read_anew(app, id):
                app.toast("Taken back. The answers are being checked again.")

    if await _read_anew(app, id):
        app.toast(words, undo)


async def _read_anew(app: App, id: str) -> bool:
    try:
        return await app.services.engine.wish(id, pipeline.FetchAgain(ledger=True)) is not None
    except pipeline.NoSuchMove:
        app.toast("It is stored, and counts when the answers are checked the next time: the batch was changed meanwhile.")
        return False


HANDLERS: dict[type[Action], Handler] = {
    MatchNames: match,
    TypeWhose: type_whose,
    AssignAnswer: assign,
    ReleaseAnswer: release,
}
