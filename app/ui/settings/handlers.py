"""Providers, models, storage, appearance, practice."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import text
from app.core.batches.resend import MAX_LIMIT
from app.core.model.edits import fingerprint
from app.core.model.providers import Profile
from app.core.openai import api, kinds
from app.core.openai.problems import Refused
from app.core.queue.lanes import MAX_BYTES
from app.services.provider.limits import LimitBook
from app.services.provider.profiles import Use, masked
from app.services.runtime.records import Records
from app.ui.account.actions import SetKeeping
from app.ui.queue.handlers import mark
from app.ui.settings.actions import (
    AddProfile,
    AllowRedirect,
    AskPersist,
    ChooseProfile,
    ExpireFiles,
    OpenProfile,
    RefreshModels,
    RemoveProfile,
    SaveProfile,
    SetNotify,
    SetSpeed,
    SetTheme,
    ToggleTrap,
    TypeProfile,
    UseProfile,
)
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import ProfileDialog
from app.ui.shell.loop import App, Handler
from app.ui.shell.state import KEEPING, KeyState
from app.ui.threads.check_handlers import look


async def refresh_keys(app: App) -> None:
    """What is known about each profile's key."""
    profiles = app.services.profiles
    found: dict[str, KeyState] = {}
    for profile in profiles.known.values():
        if not profile.practice:
            key = await profiles.key(profile)
            found[profile.id] = KeyState(bool(key), await profiles.remembered(profile.id), masked(key) if key else "", fingerprint(key))
    app.state.keys = found
    if app.state.damage:
        from app.ui.damage.handlers import check_keys

        check_keys(app)
    app.services.closer.nudge()


async def refresh_profiles(app: App) -> None:
    """The providers as they are stored, their keys, and whether this page may call them all."""
    profiles = app.services.profiles
    app.state.profiles = dict(await profiles.load())
    app.state.reload_needed = not profiles.allow_hosts()
    if app.state.preferences.profile not in app.state.profiles:
        await use(app, "practice")
    await refresh_keys(app)


async def use(app: App, profile_id: str) -> None:
    """Meant for new requests from now on."""
    app.state.preferences = replace(app.state.preferences, profile=profile_id)
    look(app)
    app.state.models_problem = None
    await app.services.profiles.prefer(profile=profile_id)
    await show_models(app)


async def choose_profile(app: App, _action: ChooseProfile, event: Event) -> None:
    if event.text in app.state.profiles:
        await use(app, event.text)


async def use_profile(app: App, action: UseProfile, _event: Event) -> None:
    if action.id in app.state.profiles:
        await use(app, action.id)


async def show_models(app: App) -> None:
    """The models of the current provider: the last list at once, then a new one if there is a key and none was asked for today."""
    state = app.state
    profile = state.profile
    last = await app.services.profiles.last_models(profile.id)
    if state.profile.id != profile.id:
        return  # another one was chosen meanwhile
    state.models, state.models_at = last.models, last.fetched
    app.changed()
    has_key = profile.practice or (profile.id in state.keys and state.keys[profile.id].present)
    if has_key and app.services.clock.now() - last.fetched > 86_400:
        await ask_models(app)


async def ask_models(app: App) -> None:
    state = app.state
    profile = state.profile
    state.busy.add("models")
    app.changed()
    try:
        found = await app.services.profiles.models(profile.id)
        if state.profile.id == profile.id:
            state.models, state.models_at, state.models_problem = found, app.services.clock.now(), None
    except Refused as error:
        state.models_problem = error.problem
    finally:
        state.busy.discard("models")
        app.changed()


async def refresh_models(app: App, _action: RefreshModels, _event: Event) -> None:
    await ask_models(app)


# --- profiles


def add(app: App, _action: AddProfile, _event: Event) -> None:
    app.state.dialog = ProfileDialog(app.services.profiles.fresh(), fresh=True)


def open_profile(app: App, action: OpenProfile, _event: Event) -> None:
    if action.id in app.state.profiles:
        app.state.dialog = ProfileDialog(app.state.profiles[action.id], fresh=False, seen=app.state.profiles[action.id])


def type_profile(app: App, action: TypeProfile, event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, ProfileDialog):
        return
    value: str | int = event.text
    if action.name in ("max_requests", "max_bytes", "resend", "expires_after"):
        digits = event.text.replace(",", "").replace(" ", "").replace("_", "")
        value = int(digits) if digits.isdecimal() and len(digits) < 12 else 0
    if action.name == "expires_after":
        value *= kinds.DAY
    if action.name == "also":
        one.also, one.fault = event.text, ""
        return
    if action.name == "kind" and value not in ("", "openai", "azure"):
        return
    if action.name in ("name", "base_url", "purpose", "window", "max_requests", "max_bytes", "resend", "expires_after", "kind"):
        one.profile = replace(one.profile, **{action.name: value})
        one.fault = ""


def _fault(profile: Profile, hosts: list[str]) -> str:
    """What is wrong with a profile, as a sentence."""
    if not profile.name.strip():
        return "Give the provider a name."
    if wrong := api.check_base_url(profile.base_url):
        return wrong
    if not profile.purpose.strip() or not profile.window.strip():
        return "Upload purpose and completion window cannot be empty; OpenAI's are “batch” and “24h”."
    if not 1 <= profile.max_requests <= 1_000_000:
        return "Max requests per batch: a whole number from 1. OpenAI takes 50,000."
    if not 1_000 <= profile.max_bytes <= MAX_BYTES:
        return f"Max file size: a whole number from 1,000 to {text.number(MAX_BYTES)}."
    if not 0 <= profile.resend <= MAX_LIMIT:
        return f"Max retries: a whole number from 0 (never) to {MAX_LIMIT}."
    for host in hosts:
        if wrong := api.check_base_url(host):
            return f"Redirect hosts, {host[:60]}: {wrong}"
    least, most = (one // kinds.DAY for one in kinds.EXPIRES[kinds.kind_of(profile)])
    if profile.expires_after and not least <= profile.expires_after // kinds.DAY <= most:
        return f"Uploaded files expire: 0 (the provider’s default), or a whole number of days from {least} to {most}."
    return ""


async def allow_host(app: App, action: AllowRedirect, _event: Event) -> None:
    profile = app.state.profiles.get(action.id)
    if profile is None or profile.practice or api.check_base_url(action.origin) is not None:
        return
    await app.services.profiles.save(replace(profile, also=tuple(sorted({*profile.also, api.origin(action.origin)}))))
    await refresh_profiles(app)
    reload = " Reload the page, then it goes on." if app.state.reload_needed else ""
    app.toast(f"{profile.name} may lead this page to {api.origin(action.origin)} now. The key is not sent there.{reload}")


async def expire_files(app: App, action: ExpireFiles, _event: Event) -> None:
    profile = app.state.profiles.get(action.id)
    if profile is None or profile.practice:
        return
    await app.services.profiles.save(replace(profile, expires_after=kinds.REMEDY))
    await refresh_profiles(app)
    days = kinds.REMEDY // kinds.DAY
    app.toast(f"Files that are uploaded to {profile.name} from now on expire after {days} days there. Submit the requests again.")


async def save(app: App, _action: SaveProfile, _event: Event) -> None:
    one = app.state.dialog
    if not isinstance(one, ProfileDialog):
        return
    typed = one.profile
    hosts = one.hosts.split()
    profile = replace(one.profile, name=one.profile.name.strip(), base_url=kinds.tidy(one.profile.base_url))
    one.fault = _fault(profile, hosts)
    if one.fault:
        return
    profile = replace(profile, also=tuple(dict.fromkeys(api.origin(host) for host in hosts)))
    if not one.fresh and (theirs := await app.services.profiles.stored(profile.id)) is not None and one.seen is not None:
        changed = [name for name in Profile.__struct_fields__ if getattr(theirs, name) != getattr(one.seen, name)]
        mine = [
            name for name in changed if name in EDITED and getattr(profile, name) not in (getattr(one.seen, name), getattr(theirs, name))
        ]
        kept = {name: getattr(theirs, name) for name in changed if name not in mine and getattr(profile, name) == getattr(one.seen, name)}
        profile = replace(profile, **kept)  # what the other tab changed and nobody touched here
        if mine:
            one.seen, one.profile = theirs, replace(one.profile, **kept)  # saved again, it is written over with open eyes
            said = "; ".join(f"{name.replace('_', ' ')}: “{text.shorten(str(getattr(theirs, name)), 80)}”" for name in mine)
            one.fault = (
                f"Another tab changed this provider since you opened it; nothing was saved. There: {said}. Save again to keep yours."
            )
            return
    before = app.state.profiles.get(profile.id)
    moved = before is not None and api.origin(before.base_url) != api.origin(profile.base_url)
    lost = False
    if before is not None and moved:
        if open_batches := (await app.services.profiles.use(profile.id)).batches:
            one.fault = (
                f"{text.count(open_batches, 'batch')} of this provider {'is' if open_batches == 1 else 'are'} still on the way. "
                "Their answers are at the address that stands here now; change it when they have ended."
            )
            return
        lost = bool(await app.services.profiles.key(before))
        await app.services.profiles.remove_key(profile.id)  # before the address: at no moment does the new one have the old one's key
        app.state.typed_keys.pop(profile.id, None)
        app.state.key_test = None
    await app.services.profiles.save(profile)
    if app.state.dialog is one and one.profile == typed:  # else something was typed while it was being saved
        app.state.dialog = None
    await refresh_profiles(app)
    await app.refresh_queue()  # its batches may be cut otherwise now
    if lost:
        app.toast(f"{profile.name} has another address now, so its key was removed: a key goes only where it was entered for. Enter one.")


EDITED = ("name", "base_url", "purpose", "window", "max_requests", "max_bytes", "resend", "also", "expires_after", "kind")
"""What the dialog edits."""


def _still_needed(use: Use) -> str:
    """Why a provider cannot be removed; nothing if it can."""
    batches = text.count(use.batches, "batch") + " on the way" if use.batches else ""
    waiting = text.count(use.requests, "request") + " in the queue" if use.requests else ""
    if not batches and not waiting:
        return ""
    do = "Let them end or cancel them" if not waiting else "Submit or delete the requests" if not batches else "Finish them"
    return f"This provider is still needed: {' and '.join(one for one in (batches, waiting) if one)}. {do}, then remove it."


async def remove(app: App, action: RemoveProfile, _event: Event) -> None:
    profile = app.state.profiles.get(action.id)
    if profile is None or profile.practice or profile.id == "openai":
        return
    asked = app.state.dialog
    if needed := _still_needed(await app.services.profiles.use(action.id)):
        if isinstance(asked, ProfileDialog):
            asked.fault = needed
        else:
            app.toast(needed)
        return
    in_use, had_key = app.state.preferences.profile == action.id, bool(await app.services.profiles.key(profile))
    await app.services.profiles.remove(action.id)
    await LimitBook(Records(app.services.store)).drop(action.id)
    if app.state.dialog is asked:
        app.state.dialog = None
    await refresh_profiles(app)

    async def undo() -> None:
        await app.services.profiles.save(profile)
        await refresh_profiles(app)
        if in_use and app.state.preferences.profile == "practice":
            await use(app, profile.id)
        if had_key:
            app.toast(f"{profile.name} is back. Its key is not: enter it again.")

    app.toast(f"Removed {profile.name} and its key." if had_key else f"Removed {profile.name}.", undo)


# --- the rest


async def set_theme(app: App, action: SetTheme, _event: Event) -> None:
    if action.theme in ("system", "light", "dark"):
        app.state.preferences = replace(app.state.preferences, theme=action.theme)
        app.screen.theme(app.state.preferences.theme)
        await app.services.profiles.prefer(theme=action.theme)


async def set_keeping(app: App, _action: SetKeeping, event: Event) -> None:
    if event.text in dict(KEEPING):
        app.state.preferences = replace(app.state.preferences, keep_days=int(event.text))
        await app.services.profiles.prefer(keep_days=int(event.text))


async def set_notify(app: App, action: SetNotify, _event: Event) -> None:
    """Ask the browser where it has not been asked; the person's own wish is kept."""
    if action.on and app.screen.notices == "default":
        app.screen.ask_for_notices()  # now, while the click is handled
    app.state.preferences = replace(app.state.preferences, notify=action.on)
    app.state.notices = app.screen.notices
    await app.services.profiles.prefer(notify=action.on)


async def ask_persist(app: App, _action: AskPersist, _event: Event) -> None:
    kept = await app.services.store.persist()
    await app.refresh_usage()
    usage = app.state.usage
    used = text.size(usage.used) if usage else ""
    app.toast(
        f"The browser promised to keep the {used} of this page."
        if kept
        else "The browser did not promise it. It does so for pages that are used often, or installed."
    )


async def set_speed(app: App, _action: SetSpeed, event: Event) -> None:
    try:
        speed = min(1000.0, max(0.0, float(event.text)))
    except ValueError:
        return
    await _practise(app, practice_speed=speed)


async def toggle_trap(app: App, action: ToggleTrap, event: Event) -> None:
    if action.trap not in dict(app.state.traps):
        return
    chosen = set(app.state.preferences.practice_traps)
    mark(chosen, action.trap, event)
    await _practise(app, practice_traps=tuple(sorted(chosen)))
    await LimitBook(Records(app.services.store)).drop_told("practice")  # what it said came of the traps that it had
    await app.refresh_limits()


async def _practise(app: App, **changes: object) -> None:
    app.state.preferences = replace(app.state.preferences, **changes)
    app.on_practice(app.state)
    await app.services.profiles.prefer(**changes)


async def hear_of_practice(app: App) -> None:
    """The practice provider is everybody's, and so are notices: take over what another tab chose for them."""
    theirs = await app.services.profiles.preferences()
    chosen = replace(
        app.state.preferences, practice_speed=theirs.practice_speed, practice_traps=theirs.practice_traps, notify=theirs.notify
    )
    if chosen != app.state.preferences:
        app.state.preferences = chosen
        app.on_practice(app.state)


HANDLERS: dict[type[Action], Handler] = {
    ChooseProfile: choose_profile,
    UseProfile: use_profile,
    RefreshModels: refresh_models,
    AddProfile: add,
    OpenProfile: open_profile,
    TypeProfile: type_profile,
    SaveProfile: save,
    ExpireFiles: expire_files,
    AllowRedirect: allow_host,
    RemoveProfile: remove,
    SetTheme: set_theme,
    SetNotify: set_notify,
    AskPersist: ask_persist,
    SetKeeping: set_keeping,
    SetSpeed: set_speed,
    ToggleTrap: toggle_trap,
}
