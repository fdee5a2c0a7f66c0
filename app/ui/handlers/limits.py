"""Limits of what may be enqueued at a provider."""

from __future__ import annotations

from app.core import capacity
from app.services.limits import LimitBook
from app.services.records import Records
from app.ui import actions
from app.ui.actions import Action, Event
from app.ui.app import App, Handler


def _book(app: App) -> LimitBook:
    return LimitBook(Records(app.services.store))


def type_limit(app: App, action: actions.TypeLimit, event: Event) -> None:
    name, tokens = app.state.typed_limits.get(action.profile, ("", ""))
    app.state.typed_limits[action.profile] = (event.text, tokens) if action.which == "name" else (name, event.text)
    app.state.limit_faults.pop(action.profile, None)


async def save_limit(app: App, action: actions.SaveLimit, _event: Event) -> None:
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
    await _book(app).set_own(action.profile, name, tokens)
    if app.state.typed_limits.get(action.profile) == seen:  # else something else was typed meanwhile
        app.state.typed_limits.pop(action.profile, None)
    await _changed(app)


async def remove_limit(app: App, action: actions.RemoveLimit, _event: Event) -> None:
    book = _book(app)
    await (book.drop_told if action.told else book.drop_own)(action.profile, action.name)
    await _changed(app)


async def _changed(app: App) -> None:
    await app.refresh_limits()
    app.services.engine.nudge()  # what waits may fit now


HANDLERS: dict[type[Action], Handler] = {
    actions.TypeLimit: type_limit,
    actions.SaveLimit: save_limit,
    actions.RemoveLimit: remove_limit,
}
