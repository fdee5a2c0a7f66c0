"""Sending again by hand: one request, the chosen ones, all of one error code, or all that were not answered."""

from __future__ import annotations

from collections.abc import Collection

from app.core.base import text
from app.core.batches.ledger import LedgerUnreadable
from app.core.model.batches import Batch
from app.core.openai import advice
from app.services.results.review import CODE
from app.services.results.shown import Opened
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results.actions import AskRisk, ClearPicked, Pick, PickAll, SendAgain, SendAnyway, StopSending
from app.ui.results.dialogs import RiskDialog
from app.ui.results.handlers import show

_REASONS = 3
"""Reasons that are given one by one before something may be paid twice."""


async def send(context: Context, action: SendAgain, _event: Event) -> None:
    await _send(context, action.id, action.which)


async def ask_risk(context: Context, action: AskRisk, _event: Event) -> None:
    """Say what is known of the requests before they may be paid twice."""
    batch = next((batch for batch in context.state.batches.all if batch.id == action.id), None)
    rows = await _risked(context, batch, action.which) if batch is not None else []
    if batch is None or not rows:
        context.toast("Nothing to return to the queue.")
        return
    opened = context.state.dialog
    codes = [opened.code] if isinstance(opened, Opened) else [group.code for group in context.state.batch.groups if group.risky]
    if action.which.startswith(CODE):
        codes = [action.which.removeprefix(CODE)]
    context.state.dialog = RiskDialog(
        batch.id, action.which, tuple(rows), tuple(advice.explain(code).sentence for code in codes[:_REASONS])
    )


async def send_anyway(context: Context, action: SendAnyway, _event: Event) -> None:
    """Those that the dialog named, and no others."""
    dialog = context.state.dialog
    if isinstance(dialog, RiskDialog) and dialog.batch == action.id:
        context.state.dialog = None
        await _send(context, action.id, action.which, frozenset(dialog.rows))


async def _risked(context: Context, batch: Batch, which: str) -> list[int]:
    if which.startswith("row:"):
        rows = await context.services.review.can_risk(batch, "all")
        return [row for row in rows if row == int(which.removeprefix("row:"))]
    return await context.services.review.can_risk(batch, which)


async def _send(context: Context, id: str, which: str, risked: frozenset[int] | None = None) -> None:
    """Send these again; with ``risked`` those rows, which may be paid twice."""
    substate = context.state.batch
    batch = next((batch for batch in context.state.batches.all if batch.id == id), None)
    if "again" in context.state.busy or batch is None:
        return
    context.state.busy.add("again")
    substate.sending, substate.stop = (0, 0), False
    context.changed()

    def moved(done: int, total: int) -> None:
        substate.sending = (done, total)
        context.changed()

    try:
        chosen = await _chosen(context, batch, which) if risked is None else risked
        picked = frozenset(substate.picked) if which == "picked" else frozenset()
        count = await context.services.again.send(batch.id, chosen, moved, lambda: substate.stop, on_purpose=risked is not None)
    except LedgerUnreadable as error:  # what may be answered is not sent again
        context.toast(str(error))
        return
    finally:
        context.state.busy.discard("again")
        substate.sending = None
    if which == "picked":
        substate.picked.difference_update(picked)
    if count:
        await context.services.log.note("batch", "requeued", batch=batch.id, counts={"requests": count})
    await context.refresh_batches()
    await context.refresh_queue()
    context.toast(
        (
            f"{text.count(count, 'request')} returned to the queue. Review them there, then submit."
            if count
            else "Nothing to return to the queue."
        )
        + await _lost(context, batch)
    )
    dialog, again = context.state.dialog, next((each for each in context.state.batches.all if each.id == id), None)
    if isinstance(dialog, Opened) and dialog.batch == id and again is not None:
        await show(context, again, dialog.row)
    here = context.state.results
    if here.at is not None and here.at[0] == id:  # it is open beside the table of answers
        from app.ui.results import table_showing

        await table_showing.show(context, here)


async def _lost(context: Context, batch: Batch) -> str:
    """What is to be said of requests that stay because their records cannot be read."""
    lost = (await context.services.again.rows(batch)).lost
    return f" {text.count(lost, 'request')} of this batch cannot be read, and stay: see Damaged records in the settings." if lost else ""


async def _chosen(context: Context, batch: Batch, which: str) -> Collection[int] | None:
    """The rows that are meant; None: all that were not answered and did not go yet."""
    if which == "all":
        return None
    if which == "picked":
        return frozenset(context.state.batch.picked)
    if which.startswith("row:"):
        return {int(which.removeprefix("row:"))}
    return await context.services.review.can_go(batch, which)


def stop(context: Context, _action: StopSending, _event: Event) -> None:
    context.state.batch.stop = True


def pick(context: Context, action: Pick, event: Event) -> None:
    event.mark(context.state.batch.picked, action.row)


async def pick_all(context: Context, _action: PickAll, event: Event) -> None:
    substate = context.state.batch
    batch = next((batch for batch in context.state.batches.all if batch.id == substate.id), None)
    if event.value is not True or batch is None:
        substate.picked.clear()
        return
    which = substate.which
    rows = await context.services.review.can_go(batch, which)
    if substate.which == which:  # else another filter was chosen meanwhile, and these rows are not in sight
        substate.picked = set(rows)


def clear(context: Context, _action: ClearPicked, _event: Event) -> None:
    context.state.batch.picked.clear()


HANDLERS: dict[type[Action], Handler] = {
    SendAgain: send,
    AskRisk: ask_risk,
    SendAnyway: send_anyway,
    StopSending: stop,
    Pick: pick,
    PickAll: pick_all,
    ClearPicked: clear,
}
