"""Which provider is in use, what is known of the keys, and the models."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.edits import fingerprint
from app.core.openai.problems import Refused
from app.services.provider.profiles import masked
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.provider_state import KeyState
from app.ui.damage import handlers as damage
from app.ui.provider.actions import (
    ChooseProfile,
    RefreshModels,
    UseProfile,
)


async def refresh_keys(context: Context) -> None:
    """What is known about each profile's key."""
    profiles = context.services.profiles
    await profiles.look_at_guard()
    context.state.lock.guard = profiles.guard
    context.state.lock.others = profiles.locked - profiles.known.keys()
    found: dict[str, KeyState] = {}
    for profile in profiles.known.values():
        if not profile.practice:
            key = await profiles.key(profile)
            found[profile.id] = KeyState(
                present=bool(key),
                remembered=await profiles.remembered(profile.id),
                masked=masked(key) if key else "",
                locked=not key and profile.id in profiles.locked,
                print=fingerprint(key),
            )
    context.state.provider.keys = found
    await damage.kept(context)
    context.services.auto_submitter.nudge()


async def refresh_profiles(context: Context) -> None:
    """The providers as they are stored, their keys, and whether this page may call them all."""
    profiles = context.services.profiles
    context.state.provider.profiles = dict(await profiles.load())
    context.state.provider.reload_needed = not profiles.allow_hosts()
    if context.state.preferences.profile not in context.state.provider.profiles:
        await use(context, "practice")
    await refresh_keys(context)


async def use(context: Context, profile_id: str) -> None:
    """Meant for new requests from now on, and seen before it is stored, unlike other choices (Context.prefer): what the very next press
    submits must go to the provider that the field names, as it may cost money."""
    context.state.preferences = replace(context.state.preferences, profile=profile_id)
    context.profile_changed()
    context.state.provider.models_problem = None
    await context.services.profiles.prefer(profile=profile_id)
    await show_models(context)


async def choose_profile(context: Context, _action: ChooseProfile, event: Event) -> None:
    if event.text in context.state.provider.profiles:
        await use(context, event.text)


async def use_profile(context: Context, action: UseProfile, _event: Event) -> None:
    if action.id in context.state.provider.profiles:
        await use(context, action.id)


async def show_models(context: Context) -> None:
    """The models of the current provider: the last list at once, then a new one if there is a key and none was asked for today."""
    state = context.state
    profile = state.profile
    last = await context.services.profiles.last_models(profile.id)
    if state.profile.id != profile.id:
        return  # another one was chosen meanwhile
    state.provider.models, state.provider.models_at = last.models, last.fetched
    context.changed()
    has_key = profile.practice or (profile.id in state.provider.keys and state.provider.keys[profile.id].present)
    if has_key and context.services.clock.now() - last.fetched > 86_400:
        await ask_models(context)


async def ask_models(context: Context) -> None:
    state = context.state
    profile = state.profile
    state.busy.add("models")
    context.changed()
    try:
        found = await context.services.profiles.models(profile.id)
        if state.profile.id == profile.id:
            state.provider.models, state.provider.models_at, state.provider.models_problem = found, context.services.clock.now(), None
    except Refused as error:
        state.provider.models_problem = error.problem
    finally:
        state.busy.discard("models")
        context.changed()


async def refresh_models(context: Context, _action: RefreshModels, _event: Event) -> None:
    await ask_models(context)


HANDLERS: dict[type[Action], Handler] = {
    ChooseProfile: choose_profile,
    UseProfile: use_profile,
    RefreshModels: refresh_models,
}
