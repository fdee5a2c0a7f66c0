"""The palette of commands: a combobox over a listbox (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/); and the sheet of shortcuts."""

from __future__ import annotations

from simple_html import dd, div, dl, dt, h3, input_, kbd, li, p, section, span, ul

from app.core.base import text
from app.ui.base.actions_base import command_of
from app.ui.base.commands import SCOPES
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import command, keys_of
from app.ui.base.state import State
from app.ui.shell.actions import ClosePalette, RunCommand, SetLetterKeys, StepPalette, TypePalette
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog


def listed(state: State, one: PaletteDialog) -> list[tuple[int, str]]:
    """The commands that may be run now and whose names have all the words that were typed, and what else was found: their places, and the
    names."""
    words = text.words(one.typed)
    found = []
    for place, action in enumerate(one.actions):
        what = command_of(action)
        name = what.name(state, action)
        if all(word in name.casefold() for word in words) and what.refusal(state, action) is None:
            found.append((place, name))
    return [*found, *((len(one.actions) + n, each.name) for n, each in enumerate(one.found))]


_NOTHING_FOUND = "No command that can be run now, and no name of a prompt, table, batch or view, has all of these words."


def palette(state: State, one: PaletteDialog) -> Node:
    found = listed(state, one)
    marked = any(place == one.marked for place, _ in found)
    return dialog(
        "palette",
        "Commands",
        [
            input_(
                at(
                    "input",
                    id="palette-words",
                    role="combobox",
                    value=one.typed,
                    placeholder="Type a command or a name",
                    aria_label="Command",
                    aria_expanded="true",
                    aria_controls="palette-list",
                    aria_autocomplete="list",
                    aria_activedescendant=f"palette-{one.marked}" if marked else None,
                    autocomplete="off",
                    spellcheck="false",
                    data_autofocus=str(one.opened),
                    input=TypePalette(),
                    data_key=keys_of(StepPalette(-1), StepPalette(1), RunCommand(), ClosePalette()),
                )
            ),
            ul(
                at("commands plain", id="palette-list", role="listbox", aria_label="Commands"),
                [_command(one, place, name, place == one.marked) for place, name in found],
            ),
            p(at("dim", role="status"), NOTHING if found else _NOTHING_FOUND),
        ],
    )


def _command(one: PaletteDialog, place: int, name: str, marked: bool) -> Node:
    if place < len(one.actions):
        action = one.actions[place]
        keys = command_of(action).shortcut(action)
        beside: Node = kbd({}, keys.spelled) if keys else NOTHING
    else:
        beside = span(at("dim"), one.found[place - len(one.actions)].kind)
    return li(
        at(
            id=f"palette-{place}",
            role="option",
            aria_selected="true" if marked else "false",
            click=RunCommand(place),
            data_in_sight=marked,
        ),
        span({}, name),
        beside,
    )


def shortcuts(state: State, one: ShortcutsDialog) -> Node:
    """Every shortcut, by where it counts."""
    letters = state.preferences.letter_keys
    groups = [(words, [row[1:] for row in one.rows if row[0] == scope]) for scope, words in SCOPES.items()]
    return dialog(
        "shortcuts",
        "Keyboard shortcuts",
        div(
            at("shortcuts"),
            [
                section(
                    at("stack tight", aria_label=words),
                    h3({}, words),
                    dl(at("facts"), [[dt({}, name), dd({}, kbd({}, keys))] for keys, name in rows]),
                )
                for words, rows in groups
                if rows
            ],
        ),
        span(at("dim grow"), "Keys without Ctrl or Alt never act while you type." if letters else "Single-key shortcuts are off."),
        command(state, SetLetterKeys(not letters), "quiet"),
    )
