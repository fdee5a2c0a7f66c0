"""Storage, appearance, and the practice provider."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from app.core.base import locale, text
from app.core.base.locale import FiguresChoice
from app.ui.base.actions_base import Action, Event
from app.ui.base.batches_state import KEEPING
from app.ui.base.context import Context, Handler
from app.ui.settings.actions import FIGURES, AskPersist, SetFigures, SetKeeping, SetSpeed, SetTheme, ToggleTrap


async def set_theme(context: Context, action: SetTheme, _event: Event) -> None:
    if action.theme in ("system", "light", "dark"):
        await context.prefer(theme=action.theme)
        context.screen.theme(context.state.preferences.theme)


async def set_figures(context: Context, _action: SetFigures, event: Event) -> None:
    if event.text not in dict(FIGURES):
        return
    state, choice = context.state, msgspec.convert(event.text, FiguresChoice)
    await context.prefer(figures=choice)
    state.locale = locale.chosen(choice, context.screen.locale)
    context.screen.figures(choice)


async def set_keeping(context: Context, _action: SetKeeping, event: Event) -> None:
    if event.text in dict(KEEPING):
        await context.prefer(keep_days=int(event.text))


async def ask_persist(context: Context, _action: AskPersist, _event: Event) -> None:
    kept = await context.services.store.persist()
    await context.refresh_usage()
    usage = context.state.browser.usage
    used = text.size(usage.used) if usage else ""
    context.toast(
        f"The browser promised to keep the {used} of this page."
        if kept
        else "The browser refused. It usually agrees for pages that are used often, or installed."
    )


async def set_speed(context: Context, _action: SetSpeed, event: Event) -> None:
    try:
        speed = min(1000.0, max(0.0, float(event.text)))
    except ValueError:
        return
    await _practise(context, practice_speed=speed)


async def toggle_trap(context: Context, action: ToggleTrap, event: Event) -> None:
    if action.trap not in dict(context.state.traps):
        return
    chosen = set(context.state.preferences.practice_traps)
    event.mark(chosen, action.trap)
    await _practise(context, practice_traps=tuple(sorted(chosen)))
    await context.services.limits.drop_told("practice")  # what it said came of the traps that it had
    await context.refresh_limits()


async def _practise(context: Context, **changes: object) -> None:
    """Seen before it is stored, unlike other choices (Context.prefer): the practice provider of this page obeys from here on, so that what
    the very next press submits meets it, and the next trap that is ticked is one more."""
    context.state.preferences = replace(context.state.preferences, **changes)
    context.on_practice(context.state)
    await context.services.profiles.prefer(**changes)


async def hear_of_practice(context: Context) -> None:
    """The practice provider is everybody's, and so are notices and favourites: take over what another tab chose for them."""
    theirs = await context.services.profiles.preferences()
    chosen = replace(
        context.state.preferences,
        practice_speed=theirs.practice_speed,
        practice_traps=theirs.practice_traps,
        notify=theirs.notify,
        starred=theirs.starred,
    )
    if chosen != context.state.preferences:
        context.state.preferences = chosen
        context.on_practice(context.state)


HANDLERS: dict[type[Action], Handler] = {
    SetTheme: set_theme,
    SetFigures: set_figures,
    AskPersist: ask_persist,
    SetKeeping: set_keeping,
    SetSpeed: set_speed,
    ToggleTrap: toggle_trap,
}
