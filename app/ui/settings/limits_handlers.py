"""Limits of what may be enqueued at a provider."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import capacity
from app.services.provider.limits import Elsewhere, LimitBook
from app.services.runtime.records import Records
from app.ui.settings.actions import RemoveLimit, SaveLimit, TypeLimit
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.loop import App, Handler


def _book(app: App) -> LimitBook:
    return LimitBook(Records(app.services.store))


def type_limit(app: App, action: TypeLimit, event: Event) -> None:
    if action.profile not in app.state.typed_limits:
        app.state.limits_seen[action.profile] = _own(app, action.profile)
    name, tokens = app.state.typed_limits.get(action.profile, ("", ""))
    app.state.typed_limits[action.profile] = (event.text, tokens) if action.which == "name" else (name, event.text)
    app.state.limit_faults.pop(action.profile, None)


async def save_limit(app: App, action: SaveLimit, _event: Event) -> None:
    name, typed = app.state.typed_limits.get(action.profile, ("", ""))
    name = name.strip()
    digits = typed.translate({ord(each): None for each in ", _."}).strip()
    tokens = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(capacity.MOST)) else 0
    if not name or action.profile not in app.state.profiles:
        return
    if not 1 <= tokens <= capacity.MOST:
        app.state.limit_faults[action.profile] = "Tokens: a whole number from 1, for example 1,500,000."
        return
    seen = app.state.typed_limits.get(action.profile)
    try:
        await _book(app).set_own(action.profile, name, tokens, app.state.limits_seen.get(action.profile, {}).get(name))
    except Elsewhere as error:
        app.state.limits_seen[action.profile] = {**_own(app, action.profile), name: error.tokens or 0}
        if error.tokens is None:
            app.state.limits_seen[action.profile].pop(name)
        app.state.limit_faults[action.profile] = f"{_elsewhere(name, error)} Nothing was saved: save again to keep yours."
        await app.refresh_limits()
        return
    if app.state.typed_limits.get(action.profile) == seen:  # else something else was typed meanwhile
        app.state.typed_limits.pop(action.profile, None)
    await _changed(app)


async def remove_limit(app: App, action: RemoveLimit, _event: Event) -> None:
    book = _book(app)
    try:
        if action.told:
            await book.drop_told(action.profile, action.name)
        else:
            await book.drop_own(action.profile, action.name, _own(app, action.profile).get(action.name))
    except Elsewhere as error:
        app.toast(f"{_elsewhere(action.name, error)} It was not removed: press again to remove it.")
    await _changed(app)


def _own(app: App, profile: str) -> dict[str, int]:
    """The person's own limits as they are shown."""
    known = app.state.limits.get(profile)
    return dict(known.own) if known else {}


def _elsewhere(name: str, error: Elsewhere) -> str:
    to = f"set the limit of {name} to {text.number(error.tokens)}" if error.tokens is not None else f"removed the limit of {name}"
    return f"Another tab {to} meanwhile."


async def _changed(app: App) -> None:
    await app.refresh_limits()
    app.services.engine.nudge()  # what waits may fit now


HANDLERS: dict[type[Action], Handler] = {
    TypeLimit: type_limit,
    SaveLimit: save_limit,
    RemoveLimit: remove_limit,
}
