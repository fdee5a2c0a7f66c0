"""Limits of what may be enqueued at a provider."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import capacity
from app.services.provider.limits import LimitBook, LimitChanged
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.provider.actions import RemoveLimit, SaveLimit, TypeLimit


def _book(context: Context) -> LimitBook:
    return context.services.limits


def type_limit(context: Context, action: TypeLimit, event: Event) -> None:
    if action.profile not in context.state.provider.typed_limits:
        context.state.provider.limits_seen[action.profile] = _own(context, action.profile)
    name, tokens = context.state.provider.typed_limits.get(action.profile, ("", ""))
    context.state.provider.typed_limits[action.profile] = (event.text, tokens) if action.which == "name" else (name, event.text)
    context.state.provider.limit_faults.pop(action.profile, None)


async def save_limit(context: Context, action: SaveLimit, _event: Event) -> None:
    name, typed = context.state.provider.typed_limits.get(action.profile, ("", ""))
    name = name.strip()
    digits = typed.translate({ord(each): None for each in ", _."}).strip()
    tokens = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(capacity.MOST)) else 0
    if not name or action.profile not in context.state.provider.profiles:
        return
    if not 1 <= tokens <= capacity.MOST:
        context.state.provider.limit_faults[action.profile] = "Tokens: a whole number from 1, for example 1,500,000."
        return
    seen = context.state.provider.typed_limits.get(action.profile)
    try:
        await _book(context).set_own(action.profile, name, tokens, context.state.provider.limits_seen.get(action.profile, {}).get(name))
    except LimitChanged as error:
        context.state.provider.limits_seen[action.profile] = {**_own(context, action.profile), name: error.tokens or 0}
        if error.tokens is None:
            context.state.provider.limits_seen[action.profile].pop(name)
        context.state.provider.limit_faults[action.profile] = f"{_elsewhere(name, error)} Nothing was saved: save again to keep yours."
        await context.refresh_limits()
        return
    if context.state.provider.typed_limits.get(action.profile) == seen:  # else something else was typed meanwhile
        context.state.provider.typed_limits.pop(action.profile, None)
    await _changed(context)


async def remove_limit(context: Context, action: RemoveLimit, _event: Event) -> None:
    book = _book(context)
    try:
        if action.stated:
            await book.drop_told(action.profile, action.name)
        else:
            await book.drop_own(action.profile, action.name, _own(context, action.profile).get(action.name))
    except LimitChanged as error:
        context.toast(f"{_elsewhere(action.name, error)} It was not removed: press again to remove it.")
    await _changed(context)


def _own(context: Context, profile: str) -> dict[str, int]:
    """The person's own limits as they are shown."""
    known = context.state.provider.limits.get(profile)
    return dict(known.own) if known else {}


def _elsewhere(name: str, error: LimitChanged) -> str:
    to = f"set the limit of {name} to {text.number(error.tokens)}" if error.tokens is not None else f"removed the limit of {name}"
    return f"Another tab {to} meanwhile."


async def _changed(context: Context) -> None:
    await context.refresh_limits()
    context.services.engine.nudge()  # what waits may fit now


HANDLERS: dict[type[Action], Handler] = {
    TypeLimit: type_limit,
    SaveLimit: save_limit,
    RemoveLimit: remove_limit,
}
