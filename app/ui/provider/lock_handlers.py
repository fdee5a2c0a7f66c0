"""The passphrase that keys are under. While it is not entered, work that needs a key waits as it does without a network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from app.core.base.text import whole_number
from app.ports import StorageLost
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.provider.handlers import refresh_keys
from app.ui.provider.key_handlers import go_on
from app.ui.provider.lock_actions import (
    ChangePassphrase,
    DropPassphrase,
    ForgetPassphrase,
    LockKeys,
    SetLockAfter,
    SetPassphrase,
    TypeLock,
    Unlock,
    typed,
)

STIR = 15
"""Seconds between two words to other tabs that someone is here."""
MOST_MINUTES = 24 * 60
_OTHER_TAB = "Another tab changed a key or the passphrase first. Nothing was changed here; try again."


def type_lock(context: Context, action: TypeLock, event: Event) -> None:
    if action.which in ("unlock", "new", "once"):
        context.state.provider.typed_keys[f"passphrase:{action.which}"] = event.text
        context.state.lock.fault = ""


def _forget(context: Context) -> None:
    """Passphrases are kept no longer than they are needed."""
    for which in ("unlock", "new", "once"):
        context.state.provider.typed_keys.pop(f"passphrase:{which}", None)
    context.state.lock.fault, context.state.lock.changing = "", False


@contextlib.contextmanager
def _busy(context: Context) -> Iterator[bool]:
    """Whether nothing is under way with the passphrase already."""
    busy = context.state.busy
    if "passphrase" in busy:
        yield False
        return
    busy.add("passphrase")
    context.changed()
    try:
        yield True
    finally:
        busy.discard("passphrase")
        context.changed()


async def set_passphrase(context: Context, _action: SetPassphrase, _event: Event) -> None:
    passphrase = typed(context.state, "new")
    with _busy(context) as free:
        if not free:
            return
        try:
            done = await context.services.profiles.set_passphrase(passphrase)
        except StorageLost as error:
            context.state.lock.fault = str(error)
            return
        await refresh_keys(context)
        if not done:
            context.state.lock.fault = _OTHER_TAB
            return
        _forget(context)
        context.toast("Keys on this machine are now protected by your passphrase. It is asked for once after each start.")


def change(context: Context, _action: ChangePassphrase, _event: Event) -> None:
    changing = not context.state.lock.changing
    _forget(context)
    context.state.lock.changing = changing


async def drop(context: Context, _action: DropPassphrase, _event: Event) -> None:
    with _busy(context) as free:
        if not free:
            return
        try:
            done = await context.services.profiles.drop_passphrase()
        except StorageLost as error:
            return context.toast(str(error))
        await refresh_keys(context)
        _forget(context)
        context.toast("The passphrase was removed. The keys are still here, encrypted by this browser." if done else _OTHER_TAB)


async def forget(context: Context, _action: ForgetPassphrase, _event: Event) -> None:
    with _busy(context) as free:
        if not free:
            return
        others = context.services.profiles.locked - context.services.profiles.known.keys()
        try:
            await context.services.profiles.forget_passphrase()
        except StorageLost as error:
            context.state.lock.fault = str(error)
            return
        _forget(context)
        await look(context)
        also = (
            " RabbitMQ's password was removed too, and results for webhooks are sent unsigned: enter the secrets again under Integrations."
            if others
            else ""
        )
        context.toast(f"The passphrase was removed, and with it the keys it protected. Enter the keys again.{also}")


async def unlock(context: Context, _action: Unlock, _event: Event) -> None:
    passphrase, began, wanted = typed(context.state, "unlock"), context.state.route, context.state.provider.wanted
    with _busy(context) as free:
        if not free or not passphrase:
            return
        waiting = context.services.profiles.locked
        try:
            found = await context.services.profiles.unlock(passphrase)
        except StorageLost as error:
            context.state.lock.fault = str(error)
            return
        if not found:
            context.state.lock.fault = "This is not the right passphrase."
            return
        _forget(context)
        await opened(context, waiting)
    if context.state.route == began and wanted is not None and wanted.profile in waiting:
        await go_on(context, wanted)


async def opened(context: Context, waiting: frozenset[str]) -> None:
    """Keys can be had again: what waited for them goes on at once."""
    context.state.lock.acted = context.services.clock.now()
    await look(context)
    context.services.engine.nudge()
    unlocked, known = waiting - context.services.profiles.locked, context.services.profiles.known.keys()
    if unlocked - known:  # secrets of webhooks, a broker's password
        context.services.post().nudge()
    for id in sorted(unlocked & known):
        await context.key_saved(id)


async def look(context: Context) -> None:
    """Learn what can be had now, and tell it."""
    await refresh_keys(context)
    await context.lock_turned()


async def lock(context: Context) -> None:
    await context.services.profiles.lock()
    await look(context)


async def lock_now(context: Context, _action: LockKeys, _event: Event) -> None:
    _forget(context)
    await lock(context)
    context.toast("Keys are locked. Batches at the provider continue there; what needs a key here waits.")


async def set_after(context: Context, _action: SetLockAfter, event: Event) -> None:
    minutes = whole_number(event.text, 0, MOST_MINUTES)
    if minutes is not None:
        await context.prefer(lock_minutes=minutes)


# --- other tabs, and nobody


async def heard(context: Context) -> None:
    """Another tab locked, unlocked, or changed the passphrase."""
    waiting = context.services.profiles.locked
    await context.services.profiles.look_at_guard()
    await opened(context, waiting)


def idle(context: Context, beats: int) -> None:
    """While keys are open, each second: lock them when nobody was here for as long as was chosen."""
    lock_state, now = context.state.lock, context.services.clock.now()
    since = now - lock_state.acted
    if beats % STIR == 0 and 0 <= since <= STIR:
        context.services.keys.stir()
    minutes = context.state.preferences.lock_minutes
    if minutes and since >= 60.0 * minutes and "passphrase" not in context.state.busy:
        context.catch_up("lock", lambda: lock(context))


HANDLERS: dict[type[Action], Handler] = {
    TypeLock: type_lock,
    SetPassphrase: set_passphrase,
    ChangePassphrase: change,
    DropPassphrase: drop,
    ForgetPassphrase: forget,
    Unlock: unlock,
    LockKeys: lock_now,
    SetLockAfter: set_after,
}
