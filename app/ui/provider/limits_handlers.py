"""Limits of what may be enqueued at a provider."""

from __future__ import annotations

from app.core.base import text
from app.core.base.patterns import pattern
from app.core.batches import capacity
from app.core.model.providers import MOST_PRICE
from app.services.provider.limits import LimitBook, LimitChanged
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.provider.actions import PriceModel, RemoveLimit, SaveLimit, SetBudget, SetPrice, TypeLimit


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
    book, own = _book(context), _own(context, action.profile).get(action.name)
    try:
        if action.stated:
            await book.drop_told(action.profile, action.name)
        else:
            await book.drop_own(action.profile, action.name, own)
            if own is not None:
                context.toast(f"The limit of {action.name} was removed.", lambda: _put_back(context, action, own))
    except LimitChanged as error:
        context.toast(f"{_elsewhere(action.name, error)} It was not removed: press again to remove it.")
    await _changed(context)


async def _put_back(context: Context, action: RemoveLimit, tokens: int) -> None:
    """The limit as it was, unless another one was set since."""
    try:
        await _book(context).set_own(action.profile, action.name, tokens, None)
    except LimitChanged as error:
        context.toast(f"{_elsewhere(action.name, error)} It stays.")
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


async def set_budget(context: Context, action: SetBudget, event: Event) -> None:
    """An amount that is none is said, and the budget stays as it was; nothing typed: it is not limited."""
    from app.core.prices.rates import PER_DOLLAR  # with the table of prices, which most pages never need

    here, key = context.state.provider, (action.profile, action.which)
    typed = text.ungrouped(event.text.strip().removeprefix("$"))
    match = _AMOUNT.fullmatch(typed)
    if typed and match is None:
        here.budget_faults[key] = (event.text[:40], "An amount in dollars, for example 12.50. Until then it stays as it was.")
        return
    here.budget_faults.pop(key, None)
    amount = int(match[1]) * PER_DOLLAR + int((match[2] or "").ljust(4, "0")) * (PER_DOLLAR // 10_000) if match else None
    if action.profile in here.profiles:
        await _book(context).set_budget(action.profile, action.which, amount)
    context.state.problems.pop("budget", None)
    context.state.queue.stopped = {}  # each is judged again, and told where it still holds
    await _changed(context)
    context.queue_changed()


async def set_price(context: Context, action: SetPrice, event: Event) -> None:
    """The same of a price; nothing typed: it is as published."""
    here, key = context.state.provider, (action.profile, action.model, action.tier, action.part)
    typed = text.ungrouped(event.text.strip().removeprefix("$"))
    match = _PRICE.fullmatch(typed)
    if typed and (match is None or float(typed) > MOST_PRICE):
        here.price_faults[key] = (event.text[:40], "Dollars per million tokens, for example 0.15.")
        return
    here.price_faults.pop(key, None)
    if action.profile in here.profiles:
        amount = float(typed) if typed else None
        await _book(context).set_price(action.profile, action.model, action.tier, action.part, amount)
    context.state.problems.pop("budget", None)
    context.state.queue.stopped = {}
    await _changed(context)
    context.queue_changed()  # a budget may let them go, and plans are priced again


def price_model(context: Context, action: PriceModel, event: Event) -> None:
    context.state.provider.price_models[action.profile] = event.text.strip()[:200]


_PRICE = pattern(r"[0-9]{1,7}(?:\.[0-9]{1,6})?")
_AMOUNT = pattern(r"([0-9]{1,9})(?:\.([0-9]{1,4}))?")


HANDLERS: dict[type[Action], Handler] = {
    TypeLimit: type_limit,
    SaveLimit: save_limit,
    RemoveLimit: remove_limit,
    SetBudget: set_budget,
    SetPrice: set_price,
    PriceModel: price_model,
}
