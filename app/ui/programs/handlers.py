"""Programs: what is shown of their messages, and delivering again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.core.base import text, urls
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.ports import Table
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Route
from app.ui.programs import rabbit_handlers
from app.ui.programs.actions import (
    ChooseDeliveries,
    ChooseDelivery,
    ChooseTargetKind,
    DeliverAgain,
    DeliverBatchAgain,
    FilterDeliveryBatch,
    FilterOutcome,
    FilterTarget,
    MoreDeliveries,
    OpenDelivery,
    ShowDeliveries,
    TypeTarget,
)
from app.ui.programs.dialogs import DeliveryDialog

if TYPE_CHECKING:
    from app.core.programs.message import ProgramMessage
    from app.core.programs.targets import Target

PAGE = 200
_MOST = 5_000
"""Records that a filter looks through at once."""
_BETWEEN = 1.0
"""Seconds from one reading to the next while deliveries go on: to draw costs more than to deliver."""
_RESTS = 4.0
"""And so many times as long as a reading took, which counts all messages: the more there are, the longer, and deliveries wait for the same
database."""
_LONGEST = 10.0
"""Seconds between two readings at most."""


async def read(context: Context) -> None:
    """Read what is in sight of programs again."""
    from app.core.programs import delivery
    from app.core.programs.message import ProgramMessage

    state, programs, store = context.state, context.state.programs, context.services.store
    if state.route.view == "batch":
        batch = state.route.id
        programs.of_batch, programs.counted = await store.counts(Table.HANDED, owner=batch), batch
        context.changed()
        return
    if state.route.view != "programs":
        return
    post = context.services.post()
    programs.counts = await store.counts(Table.HANDED)
    if not programs.picked and not programs.counts.get(programs.which):
        programs.which = next(
            (one for one in ("failed", "due", "delivered", "waiting", "kept") if programs.counts.get(one)), programs.which
        )
    programs.stored_settings, programs.stored_intake = await post.chosen(), await post.taker.record()
    programs.minutes = tuple((minute, dict(counts)) for minute, counts in post.taker.minutes.items())
    programs.server, programs.address = post.mailbox_client.state, context.screen.address
    programs.folder = await post.watcher.view()
    hosts = {
        *programs.settings.hosts,
        *filter(None, programs.shown_secret[:1]),
        *(urls.origin(row.where) for row in programs.rows if row.transport == "http"),
    }
    locked = frozenset(await context.services.keys.locked())
    names = {host: delivery.secret_name(host) for host in hosts}
    programs.secrets = frozenset({host for host, name in names.items() if name in locked or await context.services.keys.get(name)})
    programs.locked = frozenset({host for host, name in names.items() if name in locked})
    newest = context.reading("programs")
    rows, whole = await _rows(context)
    if newest():
        programs.rows, programs.whole = tuple(rows), whole
        programs.chosen &= {row.id for row in rows}
    if isinstance(state.dialog, DeliveryDialog):
        fresh = await context.services.records.get(ProgramMessage, state.dialog.one.id)
        state.dialog.one = fresh.value if fresh else state.dialog.one
    programs.read = True
    context.changed()


def _filter(context: Context) -> Callable[[ProgramMessage], bool]:
    """What the filter lets through, as it is set now: it may be set otherwise before all messages are looked at."""
    programs = context.state.programs
    target, batch, which, outcome = programs.target.strip().lower(), programs.batch, programs.which, programs.outcome

    def fits(message: ProgramMessage) -> bool:
        last = message.attempts[-1].outcome if message.attempts else ""
        return target in message.where.lower() and (not batch or message.state == which) and (not outcome or last == outcome)

    return fits


async def _rows(context: Context) -> tuple[list[ProgramMessage], bool]:
    """The messages that fit the filter, newest first, and whether these are all."""
    from app.core.programs.message import ProgramMessage

    programs, records = context.state.programs, context.services.records
    found: list[ProgramMessage] = []
    after: tuple[float, str] | None = None
    looked = 0
    owner, state = (programs.batch, None) if programs.batch else (None, programs.which)
    fits, limit = _filter(context), programs.limit
    while looked < _MOST:
        rows = await context.services.store.page(Table.HANDED, owner=owner, state=state, after=after, limit=PAGE, newest=True)
        looked += len(rows)
        for row in rows:
            stored = records.read(ProgramMessage, row)
            if stored is not None:
                after = (stored.value.order, stored.value.id)
                if fits(stored.value):
                    found.append(stored.value)
                    if len(found) > limit:
                        return found[:-1], False
        if len(rows) < PAGE:
            return found, True
        await context.services.clock.sleep(0)
    return found, False


# --- the list


async def show(context: Context, action: ShowDeliveries, _event: Event) -> None:
    programs = context.state.programs
    programs.which, programs.limit, programs.picked = action.state, 50, True
    programs.chosen.clear()
    await read(context)


async def filter_target(context: Context, _action: FilterTarget, event: Event) -> None:
    context.state.programs.target = event.text
    await read(context)


async def filter_batch(context: Context, _action: FilterDeliveryBatch, event: Event) -> None:
    context.state.programs.batch = event.text
    await read(context)


async def filter_outcome(context: Context, _action: FilterOutcome, event: Event) -> None:
    context.state.programs.outcome = event.text
    await read(context)


async def more(context: Context, _action: MoreDeliveries, _event: Event) -> None:
    context.state.programs.limit += 100
    await read(context)


def choose(context: Context, action: ChooseDelivery, event: Event) -> None:
    event.mark(context.state.programs.chosen, action.id)


def choose_all(context: Context, _action: ChooseDeliveries, _event: Event) -> None:
    programs = context.state.programs
    shown = {row.id for row in programs.rows}
    programs.chosen = set() if programs.chosen >= shown else shown


# --- delivering again


async def again(context: Context, action: DeliverAgain, _event: Event) -> None:
    """Make results due again."""
    programs, dispatcher = context.state.programs, context.services.post().dispatcher
    if action.which == "one":
        await _one_again(context)
        return
    if action.which == "chosen":
        ids = [row.id for row in programs.rows if row.id in programs.chosen]
        programs.chosen.clear()
        done = await dispatcher.each_again(ids)
    else:
        owner, state = (programs.batch, None) if programs.batch else (None, programs.which)
        programs.chosen.clear()
        done = await dispatcher.all_again(owner=owner, state=state, only=_filter(context))
    _say(context, done)


async def _one_again(context: Context) -> None:
    from app.core.programs.intake import target_fault
    from app.core.programs.targets import KINDS, Webhook

    dialog = context.state.dialog
    if not isinstance(dialog, DeliveryDialog):
        return
    typed = dialog.typed.strip() if dialog.kind != "folder" else ""
    target: Target = KINDS.get(dialog.kind, Webhook)(typed)
    stays = dialog.kind == "folder" or (dialog.one.target is None and bool(dialog.one.reply_to))
    wrong = target_fault(target) if typed or not stays else None
    if wrong is not None:
        dialog.fault = wrong.detail
        return
    dialog.fault = ""
    done = await context.services.post().dispatcher.again([dialog.one.id], target if typed else None)
    context.close(dialog)
    if dialog.one.state == "waiting":
        context.toast("The result will be sent there once it arrives." if done else "Nothing was changed.")
    else:
        _say(context, done)


async def batch_again(context: Context, action: DeliverBatchAgain, _event: Event) -> None:
    """Everything of one batch, or what failed."""
    failed = action.which == "failed"
    done = await context.services.post().dispatcher.all_again(owner=action.batch, only=lambda one: not failed or one.state == "failed")
    _say(context, done)


def _say(context: Context, done: int) -> None:
    context.toast(
        f"{text.count(done, 'result')} will be delivered again." if done else "There is nothing to deliver: no result, or no target."
    )


# --- one


async def open_one(context: Context, action: OpenDelivery, _event: Event) -> None:
    from app.core.programs.message import ProgramMessage, ResultFile
    from app.core.programs.targets import RabbitQueue, Webhook, kind_of

    stored = await context.services.records.get(ProgramMessage, action.id)
    if stored is None:
        context.toast("This message is no longer here.")
        return
    one = stored.value
    if isinstance(one.target, ResultFile):
        context.state.dialog = DeliveryDialog(one, "folder")
        return
    usual = RabbitQueue if one.reply_to else Webhook
    context.state.dialog = DeliveryDialog(one, kind_of(one.target or usual("")), one.target.text if one.target else "")


def type_target(context: Context, _action: TypeTarget, event: Event) -> None:
    if isinstance(context.state.dialog, DeliveryDialog):
        context.state.dialog.typed, context.state.dialog.fault = event.text, ""


def choose_kind(context: Context, _action: ChooseTargetKind, event: Event) -> None:
    if isinstance(context.state.dialog, DeliveryDialog):
        context.state.dialog.kind, context.state.dialog.fault = event.text, ""


# --- what happens elsewhere


def hear(context: Context) -> None:
    """Something of what is kept for programs changed: read what of it is in sight, now or some time after the last reading."""
    if context.state.route.view in ("programs", "batch"):
        clock = context.services.clock

        async def read_programs() -> None:
            began = clock.now()
            await read(context)
            await clock.sleep(min(_LONGEST, max(_BETWEEN, _RESTS * (clock.now() - began))))

        context.catch_up("programs", read_programs)


async def on_lock(context: Context) -> None:
    """The broker's password and secrets of webhooks are to be had now, or not any more."""
    context.services.consumer.nudge()
    await read(context)


async def on_route(context: Context, before: Route) -> None:
    """What is in sight of programs; in the settings, of RabbitMQ."""
    if context.state.route != before:
        context.state.broker.password = ""
    if context.state.route.view == "settings":
        await rabbit_handlers.arrive(context)
    if context.state.route.view in ("programs", "batch"):

        async def read_arrived() -> None:
            await read(context)

        context.catch_up("programs in sight", read_arrived)


def on_table(context: Context) -> None:
    """Another tab wrote messages of programs."""
    hear(context)
    if context.services.engine.leads:
        context.services.post().nudge()


def on_batch(context: Context, before: Batch | None, batch: Batch) -> None:
    """A batch ended: programs may wait for its results."""
    if batch.state in pipeline.FINAL and (before is None or before.state != batch.state):
        context.tasks.start("deliveries", _have_delivered(context))


async def _have_delivered(context: Context) -> None:
    if context.services.engine.leads and await context.services.store.counts(Table.HANDED):
        context.services.post().nudge()


HANDLERS: dict[type[Action], Handler] = {
    ShowDeliveries: show,
    FilterTarget: filter_target,
    FilterDeliveryBatch: filter_batch,
    FilterOutcome: filter_outcome,
    MoreDeliveries: more,
    ChooseDelivery: choose,
    ChooseDeliveries: choose_all,
    DeliverAgain: again,
    DeliverBatchAgain: batch_again,
    OpenDelivery: open_one,
    TypeTarget: type_target,
    ChooseTargetKind: choose_kind,
}
