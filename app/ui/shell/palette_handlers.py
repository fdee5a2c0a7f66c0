"""The palette of commands, and the sheet of shortcuts: both are made of what is known of the actions in the registry."""

from __future__ import annotations

from collections.abc import Awaitable

from app.ui.base.actions_base import Action, Event, command_of
from app.ui.base.context import Context, Handler, Registry
from app.ui.shell.actions import (
    ADDRESSES,
    ClosePalette,
    GoTo,
    OpenPalette,
    OpenShortcuts,
    RunCommand,
    StepPalette,
    TypePalette,
)
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog
from app.ui.shell.palette_view import listed


def ready(registry: Registry) -> tuple[Action, ...]:
    """Every action that can be run from anywhere, in the order in which the capabilities were registered."""
    return tuple(kind(**given) for kind, command in registry.commands.items() for given in command.ready)


def open_palette(context: Context, _action: OpenPalette, _event: Event) -> None:
    """Over no other dialog: what is typed there would be gone."""
    if context.state.dialog is None:
        context.state.dialog = dialog = PaletteDialog(ready(context.registry), context.services.clock.now())
        dialog.marked = _first(context, dialog)


def _first(context: Context, one: PaletteDialog) -> int:
    return next((place for place, _ in listed(context.state, one)), -1)


def type_palette(context: Context, _action: TypePalette, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, PaletteDialog):
        dialog.typed = event.text
        dialog.marked = _first(context, dialog)


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
        return None
    chosen = dialog.actions[place]
    command = command_of(chosen)
    context.state.dialog = None
    if (why := command.refusal(context.state, chosen)) is not None:
        context.toast(f"{command.name(context.state, chosen)}: {why}")
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


HANDLERS: dict[type[Action], Handler] = {
    GoTo: go,
    OpenPalette: open_palette,
    TypePalette: type_palette,
    StepPalette: step,
    RunCommand: run,
    ClosePalette: close,
    OpenShortcuts: open_shortcuts,
}
