"""Providers' keys: typed, kept, tried and removed. What another tab did with them meanwhile is told first."""

from __future__ import annotations

from app.core.model.edits import fingerprint
from app.core.openai.problems import Refused
from app.services.provider.profiles import KeyUnusable, masked
from app.ui.batches.settling_handlers import look_with_new_key
from app.ui.settings.actions import RememberKey, RemoveKey, SaveKey, TestKey, TypeKey
from app.ui.settings.handlers import refresh_keys, use
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler
from app.ui.shell.state import KeyTest


def type_key(app: App, action: TypeKey, event: Event) -> None:
    if not app.state.typed_keys.get(action.profile):
        app.state.typed_over[action.profile] = _shown_key(app, action.profile)
    app.state.typed_keys[action.profile] = event.text
    app.state.key_faults.pop(action.profile, None)


def remember(app: App, action: RememberKey, event: Event) -> None:
    app.state.remember[action.profile] = event.value is True


def _shown_key(app: App, profile: str) -> int:
    """Which key this tab shows."""
    known = app.state.keys.get(profile)
    return known.print if known else 0


async def _other_key(app: App, profile_id: str, seen: int) -> str:
    """The key that is there now, where it is another one than this tab knew of; else nothing."""
    profile = app.state.profiles.get(profile_id)
    there = await app.services.profiles.key(profile) if profile is not None and not profile.practice else None
    return there if there and fingerprint(there) != seen else ""


async def save_key(app: App, action: SaveKey, event: Event) -> None:
    typed = app.state.typed_keys.get(action.profile, "").strip()
    if not typed:
        return
    keep = app.state.remember.get(action.profile, app.state.setting == "served")
    if (there := await _other_key(app, action.profile, app.state.typed_over.get(action.profile, 0))) not in ("", typed):
        app.state.typed_over[action.profile] = fingerprint(there)  # saved again, it is written over with open eyes
        app.state.key_faults[action.profile] = (
            f"Another tab saved a key for this provider meanwhile: {masked(there)}. Nothing was saved: save again to keep yours."
        )
        return
    try:
        await app.services.profiles.put_key(action.profile, typed, remember=keep)
    except KeyUnusable as error:
        app.state.key_faults[action.profile] = str(error)
        return
    if app.state.typed_keys.get(action.profile, "").strip() == typed:  # else another one was typed meanwhile
        app.state.typed_keys.pop(action.profile, None)
    app.state.key_test = None
    await refresh_keys(app)
    await look_with_new_key(app, action.profile)
    if app.state.preferences.profile == "practice" and action.profile in app.state.profiles:
        await use(app, action.profile)
        app.toast(f"{app.state.profile.name} is used from now on.")
    await check_key(app, TestKey(action.profile), event)


async def remove_key(app: App, action: RemoveKey, _event: Event) -> None:
    if there := await _other_key(app, action.profile, _shown_key(app, action.profile)):
        await refresh_keys(app)
        app.toast(f"Another tab saved another key meanwhile: {masked(there)}. It was not removed; press again to remove it.")
        return
    await app.services.profiles.remove_key(action.profile)
    app.state.key_test = None
    await refresh_keys(app)
    app.toast("The key was removed from this machine.")


async def check_key(app: App, action: TestKey, _event: Event) -> None:
    """Tell a wrong key, a blocked call and a good key apart."""
    busy = f"test:{action.profile}"
    if busy in app.state.busy:
        return
    app.state.busy.add(busy)
    app.state.key_test = None
    app.changed()
    try:
        found = await app.services.profiles.models(action.profile)
        app.state.key_test = KeyTest(action.profile, good=True, models=len(found))
        if app.state.profile.id == action.profile:
            app.state.models, app.state.models_at, app.state.models_problem = found, app.services.clock.now(), None
    except Refused as error:
        app.state.key_test = KeyTest(action.profile, good=False, problem=error.problem)
    finally:
        app.state.busy.discard(busy)


HANDLERS: dict[type[Action], Handler] = {
    TypeKey: type_key,
    RememberKey: remember,
    SaveKey: save_key,
    RemoveKey: remove_key,
    TestKey: check_key,
}
