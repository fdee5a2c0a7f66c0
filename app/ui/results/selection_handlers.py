"""Rows of a table of answers that are sent again, as a person chose them or by what went wrong."""

from __future__ import annotations

from itertools import repeat

from msgspec.structs import replace

from app.core.base import text
from app.core.base.text import whole_number
from app.core.batches.ledger import LedgerUnreadable
from app.core.results.outcome_report import Remedy
from app.core.results.query import ColumnFilter, TableQuery
from app.core.results.retrying import MOST_LIMIT, RetryChange
from app.services.batches.resubmitting import left, scope_of
from app.services.results.hiding import HiddenRows
from app.services.results.rewriting import Rewriting
from app.services.results.table_jobs import CHOSEN
from app.services.runtime.slices import Slicer
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.results_state import ResultsState
from app.ui.base.sending_ways import WAYS
from app.ui.results.dialogs import RetryDialog
from app.ui.results.going import go
from app.ui.results.report_view import shows_kinds
from app.ui.results.retry_submitting import Scopes, came_of, offered, submit
from app.ui.results.room_view import hidden_in
from app.ui.results.selecting import Rows, by_batch, facts_of, recount
from app.ui.results.selection_actions import (
    AskRetry,
    HidePicked,
    RetryKind,
    SendRetry,
    SetRetry,
    ShowHidden,
    ShowOutcome,
    StopRetry,
    ToggleKinds,
)
from app.ui.results.table_showing import ask_for, asked, between, refresh

_PAUSE = 0.3
"""Seconds without a key after which the price is asked for again."""
_AT_ONCE = 2_000
"""Rows that are let go at a stretch."""
_LIMIT = 16_384
"""The limit that is proposed where requests had none."""


def kind_filters(outcome: str, code: str | None) -> tuple[ColumnFilter, ...]:
    """The filters that let the rows of a kind through."""
    filters = [ColumnFilter("outcome", (outcome,))]
    if code is not None:
        filters.append(ColumnFilter("code", (code,)) if code else ColumnFilter("code", specials=("blank",)))
    return tuple(filters)


def show(context: Context, action: ShowOutcome, _event: Event) -> None:
    here = context.state.results
    others = tuple(one for one in here.query.filters if one.column not in ("outcome", "code"))
    query = replace(here.query, filters=(*others, *kind_filters(action.outcome, action.code)))
    go(context, query, here.columns, here.at)


def toggle_kinds(context: Context, _action: ToggleKinds, _event: Event) -> None:
    here = context.state.results
    here.outcomes.kinds = not shows_kinds(here)


async def retry_kind(context: Context, action: RetryKind, _event: Event) -> None:
    here = context.state.results
    found: list[Rows] = []

    async def ask() -> None:
        table = replace(asked(context, here), query=TableQuery(filters=kind_filters(action.outcome, action.code)))
        rows = await ask_for(context, here, CHOSEN, table)
        found.append(rows or {})

    await between(context, here, ask)
    if context.state.results is here:
        await _open(context, here, found[0], action.remedy)


async def ask_retry(context: Context, _action: AskRetry, _event: Event) -> None:
    here = context.state.results
    await _open(context, here, await by_batch(context, here.picking.rows), "same")


async def _open(context: Context, here: ResultsState, rows: Rows, remedy: Remedy) -> None:
    if not rows:
        context.toast("These rows no longer exist.")
        return
    dialog = RetryDialog(rows, RetryChange(tell=remedy == "tell"), risky=remedy in ("limit", "tell"))
    context.state.dialog = dialog
    context.changed()
    await _price(context, dialog)
    facts = dialog.facts
    if facts is not None and not (facts.risky and dialog.risky):
        dialog.risky = bool(facts.risky and not facts.free)  # nothing else is meant; that it may be paid twice, and its price, are said
    if remedy == "limit" and facts is not None:
        dialog.limit = str(min(MOST_LIMIT, 2 * facts.limit) if facts.limit else _LIMIT)
        dialog.change = replace(dialog.change, limit=int(dialog.limit))
        await _price(context, dialog)


async def _price(context: Context, dialog: RetryDialog) -> None:
    newest = context.reading("retry")
    found = await facts_of(context, context.state.results, dialog.rows, dialog.change)
    if newest() and context.state.dialog is dialog:
        dialog.facts = found
        dialog.fault = "" if found is not None else context.state.results.fault or "They cannot be counted right now."
        _keep_way(dialog)
    context.changed()


async def set_retry(context: Context, action: SetRetry, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, RetryDialog):
        return
    match action.field:
        case "model":
            dialog.change = replace(dialog.change, model=event.text.strip()[:300])
        case "words":
            dialog.change = replace(dialog.change, words=event.text[:10_000])
        case "tell":
            dialog.change = replace(dialog.change, tell=event.value is True)
        case "risky":
            dialog.risky = event.value is True
            _keep_way(dialog)
            return
        case "way":
            dialog.way = next((one for one in WAYS if one == event.text), dialog.way)
            _keep_way(dialog)
            return
        case "limit":
            dialog.limit = event.text
            number = whole_number(event.text.strip(), 1, MOST_LIMIT) if event.text.strip() else 0
            dialog.limit_fault = "" if number is not None else f"Enter a whole number from 1 to {text.number(MOST_LIMIT)}."
            dialog.change = replace(dialog.change, limit=number or 0)
    change = dialog.change
    await context.services.clock.sleep(_PAUSE)
    if context.state.dialog is dialog and dialog.change == change and action.field != "words":
        await _price(context, dialog)


def _keep_way(dialog: RetryDialog) -> None:
    """A way that is not there any more is not taken."""
    if dialog.facts is None or dialog.way not in offered(dialog.facts, risky=dialog.risky):
        dialog.way = "queue"


async def send(context: Context, _action: SendRetry, _event: Event) -> None:
    """Batch by batch: those that were not answered, and on purpose those that may be paid twice. All of them go by the queue, where each
    is once; from there at once where that was chosen."""
    dialog = context.state.dialog
    if not isinstance(dialog, RetryDialog) or dialog.doing or "again" in context.state.busy:
        return
    here, change, risky = context.state.results, dialog.change, dialog.risky
    dialog.doing, dialog.done, dialog.stop, dialog.fault = "send", 0, False, ""
    context.state.busy.add("again")
    context.changed()
    rewrite = None if change.same else Rewriting(context.services.store, context.services.clock, change)
    sent, faults, scopes = 0, list[str](), Scopes()
    services, way = context.services, dialog.way

    def moved(done: int, _total: int) -> None:
        dialog.done = sent + done
        context.changed()

    try:
        for batch, rows in dialog.rows.items():
            count = 0
            known = next((one for one in context.state.batches.all if one.id == batch), None)
            if known is None:
                continue
            lane = replace(known.lane, model=change.model) if change.model else known.lane
            before = await left(services.queue, lane, batch) if way != "queue" else frozenset[str]()
            try:
                for on_purpose in (False, True) if risky else (False,):
                    count += await context.services.again.send(
                        batch, rows, moved, lambda: dialog.stop, on_purpose=on_purpose, lane=lane if change.model else None, rewrite=rewrite
                    )
            except LedgerUnreadable as error:
                faults.append(str(error))
            sent += count
            if count:
                await context.services.log.note("batch", "requeued", batch=batch, counts={"requests": count})
                if way != "queue":
                    ids = (await services.again.rows(known)).ids
                    mine = await scope_of(services.queue, lane, batch, [ids[row] for row in rows if row < len(ids)], before)
                    scopes.setdefault(lane, {}).update(mine)
            if dialog.stop:
                break
    finally:
        context.state.busy.discard("again")
        dialog.doing = ""
    context.close(dialog)
    await _drop(context, here, dialog.rows)
    words = (
        f"{text.count(sent, 'request')} returned to the queue. Review them there, then submit."
        if sent
        else "Nothing to return to the queue."
    )
    try:
        if scopes and not dialog.stop:
            words = came_of(sent, await submit(context, scopes, way), way)
    finally:
        await context.refresh_batches()
        await context.refresh_queue()
    context.toast(" ".join([words, *faults[:1]]))
    refresh(context)


async def _drop(context: Context, here: ResultsState, rows: Rows) -> None:
    """These are not chosen any more."""
    slicer = Slicer(context.services.clock)
    for batch, some in rows.items():
        for n in range(0, len(some), _AT_ONCE):
            here.picking.rows.difference_update(zip(repeat(batch), some[n : n + _AT_ONCE], strict=False))
            if slicer.over(_AT_ONCE):
                await slicer.rest()
    recount(context, here)


def stop(context: Context, _action: StopRetry, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, RetryDialog):
        dialog.stop = True


async def hide(context: Context, _action: HidePicked, _event: Event) -> None:
    here = context.state.results
    rows = await by_batch(context, here.picking.rows)
    hiding = HiddenRows(context.services.records, context.services.clock)
    count = await hiding.hide(rows)
    here.picking.rows.clear()
    recount(context, here)
    await _changed(context)

    async def undo() -> None:
        await hiding.show(rows)
        await _changed(context)

    context.toast(f"{text.count(count, 'row')} removed from Results. Their batches keep them.", undo)


async def show_hidden(context: Context, _action: ShowHidden, _event: Event) -> None:
    batches = hidden_in(context.state)
    count = await HiddenRows(context.services.records, context.services.clock).show(dict.fromkeys(one.id for one in batches))
    await _changed(context)
    context.toast(f"{text.count(count, 'row')} back in Results.")


async def _changed(context: Context) -> None:
    await context.refresh_batches()
    if context.state.results.layout.compare is None:
        refresh(context)


HANDLERS: dict[type[Action], Handler] = {
    ShowOutcome: show,
    ToggleKinds: toggle_kinds,
    RetryKind: retry_kind,
    AskRetry: ask_retry,
    SetRetry: set_retry,
    SendRetry: send,
    StopRetry: stop,
    HidePicked: hide,
    ShowHidden: show_hidden,
}
