"""Programs: what is shown of their messages, delivering again, and the choices about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.ports import Table
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.state import Route
from app.ui.programs import rabbit_handlers
from app.ui.programs.actions import (
    AllowHost,
    ChooseDeliveries,
    ChooseDelivery,
    ChooseProgramsProvider,
    ChooseTargetKind,
    ChooseTries,
    ChooseTriesOver,
    DeliverAgain,
    DeliverBatchAgain,
    EnterServerToken,
    FilterDeliveryBatch,
    FilterOutcome,
    FilterTarget,
    ForbidHost,
    ForgetTurned,
    MakeSecret,
    MoreDeliveries,
    OpenDelivery,
    RemoveSecret,
    SaveSecret,
    ShowDeliveries,
    SwitchPrograms,
    TypeHost,
    TypeSecret,
    TypeServerToken,
    TypeTarget,
)
from app.ui.programs.dialogs import DeliveryDialog

if TYPE_CHECKING:
    from app.core.programs.intake import Target
    from app.core.programs.message import ProgramMessage, Programs

PAGE = 200
_MOST = 5_000
"""Records that a filter looks through at once."""


async def read(context: Context) -> None:
    """Read what is in sight of programs anew."""
    from app.core.programs import delivery
    from app.core.programs.intake import Webhook
    from app.core.programs.message import ProgramMessage

    state, here, store = context.state, context.state.programs, context.services.store
    if state.route.view == "batch":
        batch = state.route.id
        here.of_batch, here.counted = await store.counts(Table.HANDED, owner=batch), batch
        context.changed()
        return
    if state.route.view != "programs":
        return
    post = context.services.post()
    here.counts = await store.counts(Table.HANDED)
    if not here.picked and not here.counts.get(here.which):
        here.which = next((one for one in ("failed", "due", "delivered", "waiting", "kept") if here.counts.get(one)), here.which)
    here.stored_settings, here.stored_intake = await post.chosen(), await post.taker.record()
    here.minutes = tuple((minute, dict(counts)) for minute, counts in post.taker.minutes.items())
    here.server = post.postman.state
    here.folder = await post.watcher.view()
    hosts = {*here.settings.hosts, *(delivery.origin(one.where) for one in here.rows if isinstance(one.target, Webhook))}
    here.secrets = frozenset({one for one in hosts if await context.services.keys.get(delivery.drawer(one))})
    newest = context.reading("programs")
    rows, whole = await _rows(context)
    if newest():
        here.rows, here.whole = tuple(rows), whole
        here.chosen &= {one.id for one in rows}
    if isinstance(state.dialog, DeliveryDialog):
        fresh = await context.services.records.get(ProgramMessage, state.dialog.one.id)
        state.dialog.one = fresh.value if fresh else state.dialog.one
    here.read = True
    context.changed()


def _filter(context: Context) -> Callable[[ProgramMessage], bool]:
    """What the filter lets through, as it is set now: it may be set otherwise before all messages are looked at."""
    here = context.state.programs
    target, batch, which, outcome = here.target.strip().lower(), here.batch, here.which, here.outcome

    def fits(one: ProgramMessage) -> bool:
        last = one.attempts[-1].outcome if one.attempts else ""
        return target in one.where.lower() and (not batch or one.state == which) and (not outcome or last == outcome)

    return fits


async def _rows(context: Context) -> tuple[list[ProgramMessage], bool]:
    """The messages that fit the filter, newest first, and whether these are all."""
    from app.core.programs.message import ProgramMessage

    here, records = context.state.programs, context.services.records
    found: list[ProgramMessage] = []
    after: tuple[float, str] | None = None
    looked = 0
    owner, state = (here.batch, None) if here.batch else (None, here.which)
    fits, limit = _filter(context), here.limit
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
    here = context.state.programs
    here.which, here.limit, here.picked = action.state, 50, True
    here.chosen.clear()
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
    here = context.state.programs
    shown = {one.id for one in here.rows}
    here.chosen = set() if here.chosen >= shown else shown


# --- delivering again


async def again(context: Context, action: DeliverAgain, _event: Event) -> None:
    """Make results due once more."""
    here, deliverer = context.state.programs, context.services.post().deliverer
    if action.which == "one":
        await _one_again(context)
        return
    if action.which == "chosen":
        ids = [one.id for one in here.rows if one.id in here.chosen]
        here.chosen.clear()
        done = await deliverer.each_again(ids)
    else:
        owner, state = (here.batch, None) if here.batch else (None, here.which)
        here.chosen.clear()
        done = await deliverer.all_again(owner=owner, state=state, only=_filter(context))
    _say(context, done)


async def _one_again(context: Context) -> None:
    from app.core.programs.intake import RabbitQueue, Webhook, target_fault

    dialog = context.state.dialog
    if not isinstance(dialog, DeliveryDialog):
        return
    typed = dialog.typed.strip() if dialog.kind != "folder" else ""
    target: Target = Webhook(typed) if dialog.kind == "webhook" else RabbitQueue(typed)
    stays = dialog.kind == "folder" or (dialog.one.target is None and bool(dialog.one.reply_to))
    wrong = target_fault(target) if typed or not stays else None
    if wrong is not None:
        dialog.fault = wrong.detail
        return
    dialog.fault = ""
    done = await context.services.post().deliverer.again([dialog.one.id], target if typed else None)
    if context.state.dialog is dialog:
        context.state.dialog = None
    if dialog.one.state == "waiting":
        context.toast("The result will go there when it is here." if done else "Nothing was changed.")
    else:
        _say(context, done)


async def batch_again(context: Context, action: DeliverBatchAgain, _event: Event) -> None:
    """Everything of one batch, or what failed."""
    failed = action.which == "failed"
    done = await context.services.post().deliverer.all_again(owner=action.batch, only=lambda one: not failed or one.state == "failed")
    _say(context, done)


def _say(context: Context, done: int) -> None:
    context.toast(
        f"{text.count(done, 'result')} will be delivered again."
        if done
        else "There is nothing to deliver: no result, or no place to send it."
    )


# --- one


async def open_one(context: Context, action: OpenDelivery, _event: Event) -> None:
    from app.core.programs.intake import RabbitQueue, Webhook
    from app.core.programs.message import ProgramMessage, ResultFile

    stored = await context.services.records.get(ProgramMessage, action.id)
    if stored is None:
        context.toast("This message is not here any more.")
        return
    one = stored.value
    if isinstance(one.target, ResultFile):
        context.state.dialog = DeliveryDialog(one, "folder")
        return
    queue = one.target.rabbitmq_queue if isinstance(one.target, RabbitQueue) else ""
    hook = one.target.webhook_url if isinstance(one.target, Webhook) else ""
    context.state.dialog = DeliveryDialog(one, "rabbitmq" if queue or (one.reply_to and not hook) else "webhook", hook or queue)


def type_target(context: Context, _action: TypeTarget, event: Event) -> None:
    if isinstance(context.state.dialog, DeliveryDialog):
        context.state.dialog.typed, context.state.dialog.fault = event.text, ""


def choose_kind(context: Context, _action: ChooseTargetKind, event: Event) -> None:
    if isinstance(context.state.dialog, DeliveryDialog):
        context.state.dialog.kind, context.state.dialog.fault = event.text, ""


# --- choices


async def _choose(context: Context, **changes: object) -> None:
    await _change(context, lambda one: replace(one, **changes))


async def _change(context: Context, change: Callable[[Programs], Programs]) -> None:
    here = context.state.programs
    here.stored_settings = change(here.settings)  # a box that was ticked stays so while it is being stored
    try:
        if not await context.services.post().choose(change):
            context.state.provider.reload_needed = True
    finally:
        await read(context)


async def provider(context: Context, _action: ChooseProgramsProvider, event: Event) -> None:
    await _choose(context, profile=event.text if event.text in context.state.provider.profiles else "")


def _is_number(typed: str) -> bool:
    """Whether it is a whole number that Python reads without complaint: it refuses ``²`` and more than 4,300 digits."""
    return typed.isdecimal() and len(typed) < 12


async def tries(context: Context, _action: ChooseTries, event: Event) -> None:
    from app.core.programs import delivery

    if _is_number(event.text):
        await _choose(context, tries=min(max(int(event.text), 1), delivery.MAX_TRIES))


async def over(context: Context, _action: ChooseTriesOver, event: Event) -> None:
    if _is_number(event.text):
        await _choose(context, over=min(max(float(event.text), 60.0), 604_800.0))


async def switch(context: Context, action: SwitchPrograms, event: Event) -> None:
    if action.what in ("failures", "ordered", "private"):
        await _choose(context, **{action.what: event.value is True})


def type_host(context: Context, _action: TypeHost, event: Event) -> None:
    context.state.programs.typed_host, context.state.programs.host_fault = event.text, ""


async def allow(context: Context, action: AllowHost, _event: Event) -> None:
    """Let the page call a webhook's host itself."""
    from app.core.openai.base_urls import check_base_url
    from app.core.programs import delivery

    here = context.state.programs
    host = (action.host or here.typed_host).strip().rstrip("/")
    wrong = check_base_url(host)
    if wrong and not (host.startswith("http://") and wrong.startswith("Over http://")):
        here.host_fault = wrong
        return
    if not action.host:
        here.typed_host = ""
    await _change(context, lambda one: replace(one, hosts=tuple(sorted({*one.hosts, delivery.origin(host)}))))


async def forbid(context: Context, action: ForbidHost, _event: Event) -> None:
    await _change(context, lambda one: replace(one, hosts=tuple(host for host in one.hosts if host != action.host)))


def type_secret(context: Context, action: TypeSecret, event: Event) -> None:
    context.state.programs.typed_secrets[action.host] = event.text
    context.state.programs.signing_fault = ""


async def save_secret(context: Context, action: SaveSecret, _event: Event) -> None:
    from app.core.programs import delivery

    here = context.state.programs
    typed = here.typed_secrets.get(action.host, "").strip()
    try:
        delivery.secret_bytes(typed)
    except ValueError:
        here.signing_fault = "A secret is base64 text, usually behind whsec_. This is none."
        return
    await context.services.keys.put(delivery.drawer(action.host), typed, remember=context.state.browser.setting == "served")
    if here.typed_secrets.get(action.host, "").strip() == typed:  # else something else was typed meanwhile
        here.typed_secrets.pop(action.host, None)
    await read(context)


async def make_secret(context: Context, action: MakeSecret, _event: Event) -> None:
    from app.core.programs import delivery

    secret = delivery.new_secret(context.services.random.token(32).encode())
    await context.services.keys.put(delivery.drawer(action.host), secret, remember=context.state.browser.setting == "served")
    context.state.programs.shown_secret = (action.host, secret)
    await read(context)


async def remove_secret(context: Context, action: RemoveSecret, _event: Event) -> None:
    from app.core.programs import delivery

    await context.services.keys.remove(delivery.drawer(action.host))
    context.state.programs.shown_secret = ("", "")
    await read(context)


def type_token(context: Context, _action: TypeServerToken, event: Event) -> None:
    context.state.programs.typed_token, context.state.programs.door_fault = event.text, ""


async def enter_token(context: Context, _action: EnterServerToken, _event: Event) -> None:
    here = context.state.programs
    typed = here.typed_token
    if await context.services.post().postman.enter(typed):
        if here.typed_token == typed:
            here.typed_token = ""
    else:
        here.door_fault = "The server does not take this token. It is the value of NIGHTSHIFT_TOKEN that it was started with."
    await read(context)


async def forget_turned(context: Context, _action: ForgetTurned, _event: Event) -> None:
    """Forget the refused messages; the sums stay."""
    from app.core.programs.message import IntakeCounters

    await context.services.records.change(IntakeCounters(id="programs"), lambda one: replace(one, turned=()))
    await read(context)


# --- what happens elsewhere


def hear(context: Context) -> None:
    """Something of what is kept for programs changed: read what of it is in sight."""
    if context.state.route.view in ("programs", "batch"):

        async def read_programs() -> None:
            await read(context)

        context.catch_up("programs", read_programs)


async def on_route(context: Context, before: Route) -> None:
    """What is in sight of programs; in the settings, of RabbitMQ."""
    if context.state.route != before:
        context.state.broker.password = ""
    if context.state.route.view == "settings":
        await rabbit_handlers.arrive(context)
    hear(context)


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
    ChooseProgramsProvider: provider,
    ChooseTries: tries,
    ChooseTriesOver: over,
    SwitchPrograms: switch,
    TypeHost: type_host,
    AllowHost: allow,
    ForbidHost: forbid,
    TypeSecret: type_secret,
    SaveSecret: save_secret,
    MakeSecret: make_secret,
    RemoveSecret: remove_secret,
    TypeServerToken: type_token,
    EnterServerToken: enter_token,
    ForgetTurned: forget_turned,
}
