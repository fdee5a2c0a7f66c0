"""Several prompts, tables or batches at once: selected in their list, then made favourites, tagged or deleted together."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, Literal

from simple_html import div, input_, section, span

from app.core.base import text
from app.core.model.settings import Starrable
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, checkbox, command

if TYPE_CHECKING:
    from app.ui.base.state import State

LISTS: Final[dict[str, Starrable]] = {"threads": "prompt", "data": "table", "batches": "batch"}
"""Which view lists what."""
WORDS: Final[dict[Starrable, str]] = {"prompt": "prompt", "table": "table", "batch": "batch"}


def present(state: State, kind: Starrable) -> set[str]:
    """The ids of all that is listed, or would be without a search."""
    if kind == "prompt":
        return {one.id for one in state.threads.all if not one.deleted}
    if kind == "table":
        return {one.id for one in state.data.all or () if not one.deleted}
    return {one.id for one in state.batches.all}


def picked(state: State) -> set[str]:
    """What is selected and is still there."""
    here = state.picking
    return here.ids & present(state, here.kind) if here.kind else set()


def _listed_here(state: State) -> Starrable | Literal[""]:
    return LISTS.get(state.route.view, "") if not state.route.id else ""


def _no_list(state: State, _action: StartPicking) -> str | None:
    kind = _listed_here(state)
    if not kind:
        return "Open Prompts, Data or Batches first."
    return None if len(present(state, kind)) > 1 else "There are not several."


class StartPicking(Action, frozen=True):
    """Show boxes to tick in the open list."""

    command = Command("Select", "Select several", _no_list, shortcuts=(Shortcut("x", "page"),), ready=({},))


class EndPicking(Action, frozen=True):
    """Hide them; nothing is selected any more."""


class PickItem(Action, frozen=True):
    """Tick one, or take it out."""

    id: str


class PickEveryItem(Action, frozen=True):
    """Tick all that the list shows, or none."""


def _nothing_picked(state: State, _action: Action) -> str | None:
    return None if picked(state) else "Nothing is selected."


class StarPicked(Action, frozen=True):
    """Make them favourites, or none."""

    on: bool
    command = Command(lambda _state, action: "Add star" if action.on else "Remove star", "", _nothing_picked)


class AskTagPicked(Action, frozen=True):
    """Open the dialog in which tags of several batches are added and taken out."""

    command = Command("Tags …", "", _nothing_picked)


class DeletePicked(Action, frozen=True):
    """Delete them; batches after a question, since they cannot be had back."""

    command = Command(lambda state, _action: f"Delete {text.number(len(picked(state)))}", "", _nothing_picked)


class TypePickedTags(Action, frozen=True):
    """The tags of several batches are being typed."""

    which: Literal["add", "remove"]


class SavePickedTags(Action, frozen=True):
    """Add and take out what was typed."""

    command = Command("Save", "Save the tags", shortcuts=(Shortcut("Enter", "tags"),))


class ForgetPicked(Action, frozen=True):
    """Delete several ended batches from this browser: those that the dialog named."""


PICKING = (
    *(StartPicking, EndPicking, PickItem, PickEveryItem, StarPicked, DeletePicked, ForgetPicked),
    *(AskTagPicked, TypePickedTags, SavePickedTags),
)
"""Their handlers come with the first of them."""


def pick_start(state: State, kind: Starrable) -> Node:
    """The button that begins it, where there are several."""
    if state.picking.kind == kind or len(present(state, kind)) < 2:
        return NOTHING
    return command(state, StartPicking(), "quiet")


def pick_box(state: State, kind: Starrable, id: str, name: str) -> Node:
    """The box of one line, while lines are being selected."""
    if state.picking.kind != kind:
        return NOTHING
    chosen = id in state.picking.ids
    return input_(at(type="checkbox", id=f"pick-{id}", checked=chosen, change=PickItem(id), aria_label=f"Select {name}"))


def pick_bar(state: State, kind: Starrable, found: Collection[str]) -> Node:
    """What is done with what is selected. ``found``: the ids of what the list shows."""
    if state.picking.kind != kind:
        return NOTHING
    chosen = picked(state)
    return section(
        at("card pad row wrap", aria_label="Selected"),
        checkbox("All", bool(found) and chosen.issuperset(found), PickEveryItem(), id="pick-all"),
        span(at("dim", role="status"), f"{text.count(len(chosen), WORDS[kind])} selected"),
        div(
            at("row wrap end"),
            command(state, StarPicked(on=True), "small"),
            command(state, StarPicked(on=False), "small"),
            command(state, AskTagPicked(), "small") if kind == "batch" else NOTHING,
            command(state, DeletePicked(), "small danger"),
            act("Done", EndPicking(), "quiet small"),
        ),
    )
