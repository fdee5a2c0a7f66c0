"""What is chosen about programs: their provider, tries, the hosts and secrets of webhooks, the server's token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.base import urls
from app.ports import KeysLocked
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.damage import handlers as damage
from app.ui.programs.actions import (
    AllowHost,
    ChooseProgramsProvider,
    ChooseTries,
    ChooseTriesOver,
    EnterServerToken,
    ForbidHost,
    ForgetTurned,
    MakeSecret,
    RemoveSecret,
    SaveSecret,
    SwitchPrograms,
    TypeHost,
    TypeSecret,
    TypeServerToken,
)

if TYPE_CHECKING:
    from app.core.programs.message import Programs
from app.ui.programs.handlers import read


async def _choose(context: Context, **changes: object) -> None:
    await _change(context, lambda one: replace(one, **changes))


async def _change(context: Context, change: Callable[[Programs], Programs]) -> None:
    programs = context.state.programs
    programs.stored_settings = change(programs.settings)  # a box that was ticked stays so while it is being stored
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

    programs = context.state.programs
    host = (action.host or programs.typed_host).strip().rstrip("/")
    wrong = check_base_url(host)
    if wrong and not (host.startswith("http://") and wrong.startswith("Over http://")):
        programs.host_fault = wrong
        return
    if not action.host:
        programs.typed_host = ""
    await _change(context, lambda one: replace(one, hosts=tuple(sorted({*one.hosts, urls.origin(host)}))))


async def forbid(context: Context, action: ForbidHost, _event: Event) -> None:
    await _change(context, lambda one: replace(one, hosts=tuple(host for host in one.hosts if host != action.host)))


def type_secret(context: Context, action: TypeSecret, event: Event) -> None:
    context.state.programs.typed_secrets[action.host] = event.text
    context.state.programs.signing_fault = ""


async def _put_secret(context: Context, host: str, secret: str) -> bool:
    """Keep the secret of a host that has none. Where another tab was faster, or keys are locked, nothing is changed, and it is said."""
    from app.core.programs import delivery

    keys, secret_name = context.services.keys, delivery.secret_name(host)
    mark = await keys.mark(secret_name)
    try:
        if await keys.get(secret_name) is None and await keys.put(
            secret_name, secret, remember=context.state.browser.setting == "served", over=mark
        ):
            await damage.kept(context)
            return True
    except KeysLocked:
        context.toast(f"Secrets on this machine are under your passphrase. Nothing was saved for {host}: unlock it in the settings first.")
        return False
    await read(context)
    context.toast(f"Another tab saved a secret for {host} meanwhile; yours was not saved. To use yours, forget that one first.")
    return False


async def save_secret(context: Context, action: SaveSecret, _event: Event) -> None:
    from app.core.programs import delivery

    programs = context.state.programs
    typed = programs.typed_secrets.get(action.host, "").strip()
    try:
        delivery.secret_bytes(typed)
    except ValueError:
        programs.signing_fault = "A secret is base64 text, usually prefixed with whsec_. This one is not."
        return
    if not await _put_secret(context, action.host, typed):
        return
    if programs.typed_secrets.get(action.host, "").strip() == typed:  # else something else was typed meanwhile
        programs.typed_secrets.pop(action.host, None)
    await read(context)


async def make_secret(context: Context, action: MakeSecret, _event: Event) -> None:
    from app.core.programs import delivery

    secret = delivery.new_secret(context.services.random.token(32).encode())
    if not await _put_secret(context, action.host, secret):
        return
    context.state.programs.shown_secret = (action.host, secret)
    await read(context)


@once
async def remove_secret(context: Context, action: RemoveSecret, _event: Event) -> None:
    from app.core.programs import delivery

    dialog = context.state.dialog
    await context.services.keys.remove(delivery.secret_name(action.host))
    context.close(dialog)
    await damage.kept(context)
    context.state.programs.shown_secret = ("", "")
    await read(context)


def type_token(context: Context, _action: TypeServerToken, event: Event) -> None:
    context.state.programs.typed_token, context.state.programs.door_fault = event.text, ""


async def enter_token(context: Context, _action: EnterServerToken, _event: Event) -> None:
    programs = context.state.programs
    typed = programs.typed_token
    if await context.services.post().mailbox_client.enter(typed):
        if programs.typed_token == typed:
            programs.typed_token = ""
    else:
        programs.door_fault = (
            "The server does not accept this token. It must be the value of NIGHTSHIFT_TOKEN that the server was started with."
        )
    await read(context)


async def forget_turned(context: Context, _action: ForgetTurned, _event: Event) -> None:
    """Forget the refused messages; the sums stay."""
    from app.core.programs.message import IntakeCounters, RejectedMessage
    from app.services.programs.intake import KEPT

    gone: list[RejectedMessage] = []

    def without(one: IntakeCounters) -> IntakeCounters:
        gone[:] = one.rejected
        return replace(one, rejected=())

    await context.services.records.change(IntakeCounters(id="programs"), without)
    await read(context)

    async def undo() -> None:
        def whole(one: IntakeCounters) -> IntakeCounters:
            return replace(one, rejected=(*gone, *one.rejected)[-KEPT:])

        await context.services.records.change(IntakeCounters(id="programs"), whole)
        await read(context)

    context.toast("The list of refused messages was cleared.", undo)


HANDLERS: dict[type[Action], Handler] = {
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
