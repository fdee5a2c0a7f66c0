"""Sending again by hand: one request, the chosen ones, all of one error code, or all that were not answered."""

from __future__ import annotations

from collections.abc import Collection

from app.core import text
from app.core.ledger import LedgerUnreadable
from app.core.records import Batch
from app.services.review import Opened
from app.ui import actions
from app.ui.actions import Action, Event
from app.ui.app import App, Handler
from app.ui.handlers.batches import show
from app.ui.handlers.queue import mark


async def send(app: App, action: actions.SendAgain, _event: Event) -> None:
    here = app.state.batch
    batch = next((one for one in app.state.batches if one.id == action.id), None)
    if "again" in app.state.busy or batch is None:
        return
    app.state.busy.add("again")
    here.sending, here.stop = (0, 0), False
    app.changed()

    def moved(done: int, total: int) -> None:
        here.sending = (done, total)
        app.changed()

    try:
        chosen = await _chosen(app, batch, action.which)
        picked = frozenset(here.picked) if action.which == "picked" else frozenset()
        count = await app.services.again.send(batch.id, chosen, moved, lambda: here.stop)
    except LedgerUnreadable as error:  # what may be answered is not sent again
        app.toast(str(error))
        return
    finally:
        app.state.busy.discard("again")
        here.sending = None
    if action.which == "picked":
        here.picked.difference_update(picked)
    if count:
        await app.services.log.note("batch", "requeued", batch=batch.id, counts={"requests": count})
    await app.refresh_batches()
    await app.refresh_queue()
    app.toast(
        f"{text.count(count, 'request')} put back into the queue. Look at them there, then submit." if count else "Nothing to put back."
    )
    one, again = app.state.dialog, next((each for each in app.state.batches if each.id == action.id), None)
    if isinstance(one, Opened) and one.batch == action.id and again is not None:
        await show(app, again, one.row)


async def _chosen(app: App, batch: Batch, which: str) -> Collection[int] | None:
    """The rows that are meant; None: all that were not answered and did not go yet."""
    if which == "all":
        return None
    if which == "picked":
        return frozenset(app.state.batch.picked)
    if which.startswith("row:"):
        return {int(which.removeprefix("row:"))}
    return await app.services.review.can_go(batch, which)


def stop(app: App, _action: actions.StopSending, _event: Event) -> None:
    app.state.batch.stop = True


def pick(app: App, action: actions.Pick, event: Event) -> None:
    mark(app.state.batch.picked, action.row, event)


async def pick_all(app: App, _action: actions.PickAll, event: Event) -> None:
    here = app.state.batch
    batch = next((one for one in app.state.batches if one.id == here.id), None)
    if event.value is not True or batch is None:
        here.picked.clear()
        return
    which = here.which
    rows = await app.services.review.can_go(batch, which)
    if here.which == which:  # else another filter was chosen meanwhile, and these rows are not in sight
        here.picked = set(rows)


def clear(app: App, _action: actions.ClearPicked, _event: Event) -> None:
    app.state.batch.picked.clear()


HANDLERS: dict[type[Action], Handler] = {
    actions.SendAgain: send,
    actions.StopSending: stop,
    actions.Pick: pick,
    actions.PickAll: pick_all,
    actions.ClearPicked: clear,
}
