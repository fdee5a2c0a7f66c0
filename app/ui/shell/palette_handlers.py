"""The palette of commands, and the sheet of shortcuts: both are made of what is known of the actions in the registry."""

from __future__ import annotations

from collections.abc import Awaitable

from app.core.base import text
from app.core.model.views import SavedView
from app.ui.base.actions_base import Action, Event, command_of
from app.ui.base.context import Context, Handler, Registry
from app.ui.shell.actions import (
    ADDRESSES,
    ClosePalette,
    GoTo,
    OpenPalette,
    OpenShortcuts,
    RunCommand,
    SetLetterKeys,
    StepPalette,
    TypePalette,
)
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog
from app.ui.shell.palette_here import buttons_here
from app.ui.shell.palette_search import Named, named
from app.ui.shell.palette_view import listed


def ready(registry: Registry) -> tuple[Action, ...]:
    """Every action that can be run from anywhere, in the order in which the capabilities were registered."""
    return tuple(kind(**given) for kind, command in registry.commands.items() for given in command.ready)


async def open_palette(context: Context, _action: OpenPalette, _event: Event) -> None:
    """Over no other dialog: what is typed there would be gone. What has a name and is not in memory is read behind it."""
    if context.state.dialog is not None:
        return
    offered = ready(context.registry)
    here = buttons_here(context.state, offered)
    context.state.dialog = dialog = PaletteDialog(offered, context.services.clock.now(), here=here)
    _look(context, dialog)
    dialog.tables = context.state.data.all or tuple(await context.services.datasets().all())
    views = [one.value for one in await context.services.records.all(SavedView)]
    dialog.views = tuple(sorted(views, key=lambda one: -one.at))
    _look(context, dialog)


def _look(context: Context, dialog: PaletteDialog) -> None:
    """Find what has the words that are there; what is marked stays marked where it is still listed."""
    first = len(dialog.actions)
    marked = dialog.found[dialog.marked - first] if dialog.marked >= first else None
    words = text.words(dialog.typed)
    here = (one for one in dialog.here if all(word in one.name.casefold() for word in words))
    dialog.found = (*here, *named(context.state, dialog.typed, dialog.tables, dialog.views))
    if marked is not None:
        dialog.marked = first + dialog.found.index(marked) if marked in dialog.found else -1
    if dialog.marked < 0:
        dialog.marked = _first(context, dialog)


def _first(context: Context, one: PaletteDialog) -> int:
    return next((place for place, _ in listed(context.state, one)), -1)


def type_palette(context: Context, _action: TypePalette, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, PaletteDialog):
        dialog.typed, dialog.marked, dialog.found = event.text, -1, ()
        _look(context, dialog)


def step(context: Context, action: StepPalette, _event: Event) -> None:
    """From the last one to the first, and back."""
    dialog = context.state.dialog
    if not isinstance(dialog, PaletteDialog):
        return
    places = [place for place, _ in listed(context.state, dialog)]
    if places:
        here = places.index(dialog.marked) if dialog.marked in places else (-1 if action.by > 0 else 0)
        dialog.marked = places[(here + action.by) % len(places)]


def run(context: Context, action: RunCommand, _event: Event) -> Awaitable[None] | None:
    """Close the palette and run the command, if it may still be run."""
    dialog = context.state.dialog
    if not isinstance(dialog, PaletteDialog):
        return None
    place = action.place if action.place >= 0 else dialog.marked
    if not 0 <= place < len(dialog.actions):
        if 0 <= place - len(dialog.actions) < len(dialog.found):
            context.state.dialog = None
            return _open(context, dialog.found[place - len(dialog.actions)])
        return None
    chosen = dialog.actions[place]
    context.state.dialog = None
    return _do(context, chosen, command_of(chosen).name(context.state, chosen))


def _open(context: Context, one: Named) -> Awaitable[None] | None:
    if one.action is not None:
        return _do(context, one.action, one.name)
    context.screen.go_to(one.address)
    return None


def _do(context: Context, chosen: Action, name: str) -> Awaitable[None] | None:
    """Run it, unless it may not be run any more."""
    what = type(chosen).command
    if what is not None and (why := what.refusal(context.state, chosen)) is not None:
        context.toast(f"{name}: {why}")
        return None
    return context.registry.actions[type(chosen)](context, chosen, Event(chosen))


def close(context: Context, _action: ClosePalette, _event: Event) -> None:
    if isinstance(context.state.dialog, PaletteDialog):
        context.state.dialog = None


def go(context: Context, action: GoTo, _event: Event) -> None:
    if (address := ADDRESSES.get(action.view)) is not None:
        context.screen.go_to(address)


def open_shortcuts(context: Context, _action: OpenShortcuts, _event: Event) -> None:
    if context.state.dialog is None:
        context.state.dialog = ShortcutsDialog(
            tuple(
                (one.scope, one.spelled, one.words or command.title or str(command.label))
                for command in context.registry.commands.values()
                for one in command.shortcuts
            )
        )


async def set_letter_keys(context: Context, action: SetLetterKeys, _event: Event) -> None:
    await context.prefer(letter_keys=action.on)


HANDLERS: dict[type[Action], Handler] = {
    GoTo: go,
    OpenPalette: open_palette,
    TypePalette: type_palette,
    StepPalette: step,
    RunCommand: run,
    ClosePalette: close,
    OpenShortcuts: open_shortcuts,
    SetLetterKeys: set_letter_keys,
}
