"""Programs: what is shown of their messages, delivering again, and the choices about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.base import text
from app.ports import Table
from app.services.runtime.records import Records
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
from app.ui.queue.handlers import mark
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import DeliveryDialog
from app.ui.shell.loop import App, Handler

if TYPE_CHECKING:
    from app.core.programs.intake import Target
    from app.core.programs.message import Handed, Programs

PAGE = 200
_MOST = 5_000
"""Records that a filter looks through at once."""


async def read(app: App) -> None:
    """Read what is in sight of programs anew."""
    from app.core.programs import delivery
    from app.core.programs.intake import Webhook
    from app.core.programs.message import Handed

    state, here, store = app.state, app.state.programs, app.services.store
    if state.route.view == "batch":
        batch = state.route.id
        here.of_batch, here.counted = await store.counts(Table.HANDED, owner=batch), batch
        app.changed()
        return
    if state.route.view != "programs":
        return
    post = app.services.post()
    here.counts = await store.counts(Table.HANDED)
    if not here.picked and not here.counts.get(here.which):
        here.which = next((one for one in ("failed", "due", "delivered", "waiting", "kept") if here.counts.get(one)), here.which)
    here.stored_settings, here.stored_intake = await post.chosen(), await post.taker.record()
    here.minutes = tuple((minute, dict(counts)) for minute, counts in post.taker.minutes.items())
    here.server = post.postman.state
    here.folder = await post.watcher.view()
    hosts = {*here.settings.hosts, *(delivery.origin(one.where) for one in here.rows if isinstance(one.target, Webhook))}
    here.secrets = frozenset({one for one in hosts if await app.services.keys.get(delivery.drawer(one))})
    newest = app.reading("programs")
    rows, whole = await _rows(app)
    if newest():
        here.rows, here.whole = tuple(rows), whole
        here.chosen &= {one.id for one in rows}
    if isinstance(state.dialog, DeliveryDialog):
        fresh = await Records(store).get(Handed, state.dialog.one.id)
        state.dialog.one = fresh.value if fresh else state.dialog.one
    here.read = True
    app.changed()


def _filter(app: App) -> Callable[[Handed], bool]:
    """What the filter lets through, as it is set now: it may be set otherwise before all messages are looked at."""
    here = app.state.programs
    target, batch, which, outcome = here.target.strip().lower(), here.batch, here.which, here.outcome

    def fits(one: Handed) -> bool:
        last = one.attempts[-1].outcome if one.attempts else ""
        return target in one.where.lower() and (not batch or one.state == which) and (not outcome or last == outcome)

    return fits


async def _rows(app: App) -> tuple[list[Handed], bool]:
    """The messages that fit the filter, newest first, and whether these are all."""
    from app.core.programs.message import Handed

    here, records = app.state.programs, Records(app.services.store)
    found: list[Handed] = []
    after: tuple[float, str] | None = None
    looked = 0
    owner, state = (here.batch, None) if here.batch else (None, here.which)
    fits, limit = _filter(app), here.limit
    while looked < _MOST:
        rows = await app.services.store.page(Table.HANDED, owner=owner, state=state, after=after, limit=PAGE, newest=True)
        looked += len(rows)
        for row in rows:
            stored = records.read(Handed, row)
            if stored is not None:
                after = (stored.value.order, stored.value.id)
                if fits(stored.value):
                    found.append(stored.value)
                    if len(found) > limit:
                        return found[:-1], False
        if len(rows) < PAGE:
            return found, True
        await app.services.clock.sleep(0)
    return found, False


# --- the list


async def show(app: App, action: ShowDeliveries, _event: Event) -> None:
    here = app.state.programs
    here.which, here.limit, here.picked = action.state, 50, True
    here.chosen.clear()
    await read(app)


async def filter_target(app: App, _action: FilterTarget, event: Event) -> None:
    app.state.programs.target = event.text
    await read(app)


async def filter_batch(app: App, _action: FilterDeliveryBatch, event: Event) -> None:
    app.state.programs.batch = event.text
    await read(app)


async def filter_outcome(app: App, _action: FilterOutcome, event: Event) -> None:
    app.state.programs.outcome = event.text
    await read(app)


async def more(app: App, _action: MoreDeliveries, _event: Event) -> None:
    app.state.programs.limit += 100
    await read(app)


def choose(app: App, action: ChooseDelivery, event: Event) -> None:
    mark(app.state.programs.chosen, action.id, event)


def choose_all(app: App, _action: ChooseDeliveries, _event: Event) -> None:
    here = app.state.programs
    shown = {one.id for one in here.rows}
    here.chosen = set() if here.chosen >= shown else shown


# --- delivering again


async def again(app: App, action: DeliverAgain, _event: Event) -> None:
    """Make results due once more."""
    here, deliverer = app.state.programs, app.services.post().deliverer
    if action.which == "one":
        await _one_again(app)
        return
    if action.which == "chosen":
        ids = [one.id for one in here.rows if one.id in here.chosen]
        here.chosen.clear()
        done = await deliverer.each_again(ids)
    else:
        owner, state = (here.batch, None) if here.batch else (None, here.which)
        here.chosen.clear()
        done = await deliverer.all_again(owner=owner, state=state, only=_filter(app))
    _say(app, done)


async def _one_again(app: App) -> None:
    from app.core.programs.intake import RabbitQueue, Webhook, target_fault

    dialog = app.state.dialog
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
    done = await app.services.post().deliverer.again([dialog.one.id], target if typed else None)
    if app.state.dialog is dialog:
        app.state.dialog = None
    if dialog.one.state == "waiting":
        app.toast("The result will go there when it is here." if done else "Nothing was changed.")
    else:
        _say(app, done)


async def batch_again(app: App, action: DeliverBatchAgain, _event: Event) -> None:
    """Everything of one batch, or what failed."""
    failed = action.which == "failed"
    done = await app.services.post().deliverer.all_again(owner=action.batch, only=lambda one: not failed or one.state == "failed")
    _say(app, done)


def _say(app: App, done: int) -> None:
    app.toast(
        f"{text.count(done, 'result')} will be delivered again."
        if done
        else "There is nothing to deliver: no result, or no place to send it."
    )


# --- one


async def open_one(app: App, action: OpenDelivery, _event: Event) -> None:
    from app.core.programs.intake import RabbitQueue, Webhook
    from app.core.programs.message import Handed, ResultFile

    stored = await Records(app.services.store).get(Handed, action.id)
    if stored is None:
        app.toast("This message is not here any more.")
        return
    one = stored.value
    if isinstance(one.target, ResultFile):
        app.state.dialog = DeliveryDialog(one, "folder")
        return
    queue = one.target.rabbitmq_queue if isinstance(one.target, RabbitQueue) else ""
    hook = one.target.webhook_url if isinstance(one.target, Webhook) else ""
    app.state.dialog = DeliveryDialog(one, "rabbitmq" if queue or (one.reply_to and not hook) else "webhook", hook or queue)


def type_target(app: App, _action: TypeTarget, event: Event) -> None:
    if isinstance(app.state.dialog, DeliveryDialog):
        app.state.dialog.typed, app.state.dialog.fault = event.text, ""


def choose_kind(app: App, _action: ChooseTargetKind, event: Event) -> None:
    if isinstance(app.state.dialog, DeliveryDialog):
        app.state.dialog.kind, app.state.dialog.fault = event.text, ""


# --- choices


async def _choose(app: App, **changes: object) -> None:
    await _change(app, lambda one: replace(one, **changes))


async def _change(app: App, change: Callable[[Programs], Programs]) -> None:
    here = app.state.programs
    here.stored_settings = change(here.settings)  # a box that was ticked stays so while it is being stored
    try:
        if not await app.services.post().choose(change):
            app.state.reload_needed = True
    finally:
        await read(app)


async def provider(app: App, _action: ChooseProgramsProvider, event: Event) -> None:
    await _choose(app, profile=event.text if event.text in app.state.profiles else "")


def _is_number(typed: str) -> bool:
    """Whether it is a whole number that Python reads without complaint: it refuses ``²`` and more than 4,300 digits."""
    return typed.isdecimal() and len(typed) < 12


async def tries(app: App, _action: ChooseTries, event: Event) -> None:
    from app.core.programs import delivery

    if _is_number(event.text):
        await _choose(app, tries=min(max(int(event.text), 1), delivery.MAX_TRIES))


async def over(app: App, _action: ChooseTriesOver, event: Event) -> None:
    if _is_number(event.text):
        await _choose(app, over=min(max(float(event.text), 60.0), 604_800.0))


async def switch(app: App, action: SwitchPrograms, event: Event) -> None:
    if action.what in ("failures", "ordered", "private"):
        await _choose(app, **{action.what: event.value is True})


def type_host(app: App, _action: TypeHost, event: Event) -> None:
    app.state.programs.typed_host, app.state.programs.host_fault = event.text, ""


async def allow(app: App, action: AllowHost, _event: Event) -> None:
    """Let the page call a webhook's host itself."""
    from app.core.openai.api import check_base_url
    from app.core.programs import delivery

    here = app.state.programs
    host = (action.host or here.typed_host).strip().rstrip("/")
    wrong = check_base_url(host)
    if wrong and not (host.startswith("http://") and wrong.startswith("Over http://")):
        here.host_fault = wrong
        return
    if not action.host:
        here.typed_host = ""
    await _change(app, lambda one: replace(one, hosts=tuple(sorted({*one.hosts, delivery.origin(host)}))))


async def forbid(app: App, action: ForbidHost, _event: Event) -> None:
    await _change(app, lambda one: replace(one, hosts=tuple(host for host in one.hosts if host != action.host)))


def type_secret(app: App, action: TypeSecret, event: Event) -> None:
    app.state.programs.typed_secrets[action.host] = event.text
    app.state.programs.signing_fault = ""


async def save_secret(app: App, action: SaveSecret, _event: Event) -> None:
    from app.core.programs import delivery

    here = app.state.programs
    typed = here.typed_secrets.get(action.host, "").strip()
    try:
        delivery.secret_bytes(typed)
    except ValueError:
        here.signing_fault = "A secret is base64 text, usually behind whsec_. This is none."
        return
    await app.services.keys.put(delivery.drawer(action.host), typed, remember=app.state.setting == "served")
    if here.typed_secrets.get(action.host, "").strip() == typed:  # else something else was typed meanwhile
        here.typed_secrets.pop(action.host, None)
    await read(app)


async def make_secret(app: App, action: MakeSecret, _event: Event) -> None:
    from app.core.programs import delivery

    secret = delivery.new_secret(app.services.random.token(32).encode())
    await app.services.keys.put(delivery.drawer(action.host), secret, remember=app.state.setting == "served")
    app.state.programs.shown_secret = (action.host, secret)
    await read(app)


async def remove_secret(app: App, action: RemoveSecret, _event: Event) -> None:
    from app.core.programs import delivery

    await app.services.keys.remove(delivery.drawer(action.host))
    app.state.programs.shown_secret = ("", "")
    await read(app)


def type_token(app: App, _action: TypeServerToken, event: Event) -> None:
    app.state.programs.typed_token, app.state.programs.door_fault = event.text, ""


async def enter_token(app: App, _action: EnterServerToken, _event: Event) -> None:
    here = app.state.programs
    typed = here.typed_token
    if await app.services.post().postman.enter(typed):
        if here.typed_token == typed:
            here.typed_token = ""
    else:
        here.door_fault = "The server does not take this token. It is the value of NIGHTSHIFT_TOKEN that it was started with."
    await read(app)


async def forget_turned(app: App, _action: ForgetTurned, _event: Event) -> None:
    """Forget the refused messages; the sums stay."""
    from app.core.programs.message import Intake

    await Records(app.services.store).change(Intake(id="programs"), lambda one: replace(one, turned=()))
    await read(app)


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
