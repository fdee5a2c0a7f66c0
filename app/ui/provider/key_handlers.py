"""Providers' keys: typed, kept, tried, replaced and removed. What another tab did with them meanwhile is told first.

What a person wanted and could not have without a key (``state.provider.wanted``) is done when the key was entered and works.
"""

from __future__ import annotations

import inspect

from app.core.model.edits import fingerprint
from app.core.openai.problems import Refused
from app.services.provider.profiles import KeyUnusable, masked
from app.ui.base.actions_base import Action, Event, command_of
from app.ui.base.context import Context, Handler, once
from app.ui.base.provider_state import KeyTest, KeyWanted
from app.ui.base.state import Route
from app.ui.provider.actions import RememberKey, RemoveKey, ReplaceKey, SaveKey, TestKey, TypeKey, remembers
from app.ui.provider.handlers import refresh_keys, use


def type_key(context: Context, action: TypeKey, event: Event) -> None:
    if not context.state.provider.typed_keys.get(action.profile):
        context.state.provider.typed_over[action.profile] = _shown_key(context, action.profile)
    context.state.provider.typed_keys[action.profile] = event.text
    context.state.provider.key_faults.pop(action.profile, None)


def remember(context: Context, action: RememberKey, event: Event) -> None:
    context.state.provider.remember[action.profile] = event.value is True


def replace_key(context: Context, action: ReplaceKey, _event: Event) -> None:
    provider = context.state.provider
    if action.profile not in provider.replacing and not provider.typed_keys.get(action.profile):
        provider.replacing.add(action.profile)
        return
    _put_away(context, action.profile)
    provider.typed_keys.pop(action.profile, None)


def _put_away(context: Context, profile: str) -> None:
    context.state.provider.replacing.discard(profile)
    context.state.provider.key_faults.pop(profile, None)


def _shown_key(context: Context, profile: str) -> int:
    """Which key this tab shows."""
    known = context.state.provider.keys.get(profile)
    return known.print if known else 0


async def _other_key(context: Context, profile_id: str, seen: int) -> str:
    """The key that is there now, where it is another one than this tab knew of; else nothing."""
    profile = context.state.provider.profiles.get(profile_id)
    there = await context.services.profiles.key(profile) if profile is not None and not profile.practice else None
    return there if there and fingerprint(there) != seen else ""


async def save_key(context: Context, action: SaveKey, event: Event) -> None:
    typed = context.state.provider.typed_keys.get(action.profile, "").strip()
    if not typed:
        return
    keep = remembers(context.state, action.profile)
    mark = await context.services.profiles.key_mark(action.profile)
    seen = context.state.provider.typed_over.get(action.profile, 0)
    there = await _other_key(context, action.profile, seen)
    try:
        kept = there in ("", typed) and await context.services.profiles.put_key(action.profile, typed, remember=keep, over=mark)
    except KeyUnusable as error:
        context.state.provider.key_faults[action.profile] = str(error)
        return
    if not kept and (there := await _other_key(context, action.profile, seen)) != typed:
        context.state.provider.typed_over[action.profile] = fingerprint(there)  # saved again, it is written over with open eyes
        which = f"saved a key for this provider meanwhile: {masked(there)}" if there else "changed this provider's key meanwhile"
        context.state.provider.key_faults[action.profile] = f"Another tab {which}. Nothing was saved: save again to keep yours."
        return
    if context.state.provider.typed_keys.get(action.profile, "").strip() == typed:  # else another one was typed meanwhile
        context.state.provider.typed_keys.pop(action.profile, None)
        _put_away(context, action.profile)
    context.state.provider.key_test, context.state.provider.entered = None, action.profile
    wanted, began = context.state.provider.wanted, context.state.route
    await refresh_keys(context)
    await context.key_saved(action.profile)
    if context.state.preferences.profile == "practice" and action.profile in context.state.provider.profiles:
        await use(context, action.profile)
        context.toast(f"{context.state.profile.name} is now the default.")
    await check_key(context, TestKey(action.profile), event)
    test = context.state.provider.key_test
    works = test is not None and test.profile == action.profile and test.good
    if works and context.state.route == began and wanted is not None and wanted.profile == action.profile:
        await go_on(context, wanted)


async def lacks_key(context: Context, profile_id: str, action: Action) -> bool:
    """Whether the provider has no key that could be used now. Then its field stands where the action was run, takes the focus, and the
    action is done after it."""
    profile = context.services.profiles.known.get(profile_id)
    if profile is None or profile.practice or await context.services.profiles.key(profile):
        return False
    provider = context.state.provider
    n = provider.wanted.n + 1 if provider.wanted is not None else 1
    provider.wanted = KeyWanted(profile_id, action, command_of(action).words(context.state, action), n)
    context.changed()
    return True


async def go_on(context: Context, wanted: KeyWanted) -> None:
    """The key is there: do what was wanted, once, if nothing else was wanted meanwhile."""
    if context.state.provider.wanted is not wanted:
        return
    context.state.provider.wanted = None
    if command_of(wanted.action).refusal(context.state, wanted.action) is not None:
        return
    work = context.registry.actions[type(wanted.action)](context, wanted.action, Event(wanted.action))
    if inspect.isawaitable(work):
        await work


@once
async def remove_key(context: Context, action: RemoveKey, _event: Event) -> None:
    dialog = context.state.dialog
    mark, shown = await context.services.profiles.key_mark(action.profile), _shown_key(context, action.profile)
    there = await _other_key(context, action.profile, shown)
    if there or not await context.services.profiles.remove_key(action.profile, mark):
        there = there or await _other_key(context, action.profile, shown)
        context.close(dialog)  # it asked about another key
        await refresh_keys(context)
        which = f"saved another key meanwhile: {masked(there)}" if there else "changed the key meanwhile"
        context.toast(f"Another tab {which}. It was not removed; press again to remove it.")
        return
    context.close(dialog)
    context.state.provider.key_test = None
    await refresh_keys(context)
    context.toast("The key was removed from this machine.")


async def check_key(context: Context, action: TestKey, _event: Event) -> None:
    """Tell a wrong key, a blocked call and a good key apart."""
    busy = f"test:{action.profile}"
    if busy in context.state.busy:
        return
    context.state.busy.add(busy)
    context.state.provider.key_test = None
    context.changed()
    try:
        found = await context.services.profiles.models(action.profile)
        context.state.provider.key_test = KeyTest(action.profile, good=True, models=len(found))
        if context.state.profile.id == action.profile:
            context.state.provider.models, context.state.provider.models_at, context.state.provider.models_problem = (
                found,
                context.services.clock.now(),
                None,
            )
    except Refused as error:
        context.state.provider.key_test = KeyTest(action.profile, good=False, problem=error.problem)
    finally:
        context.state.busy.discard(busy)


def on_route(context: Context, before: Route) -> None:
    """Keys that were typed and not saved are kept no longer than their field is there."""
    if context.state.route != before:
        context.state.provider.typed_keys.clear()
        context.state.provider.typed_over.clear()
        context.state.provider.key_faults.clear()
        context.state.provider.replacing.clear()
        context.state.lock.fault, context.state.lock.changing = "", False
        context.state.provider.entered, context.state.provider.wanted = "", None


HANDLERS: dict[type[Action], Handler] = {
    TypeKey: type_key,
    RememberKey: remember,
    ReplaceKey: replace_key,
    SaveKey: save_key,
    RemoveKey: remove_key,
    TestKey: check_key,
}
