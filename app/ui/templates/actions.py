"""Prompts of tables: what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State

PromptPlace = Literal[
    "messages", "images", "files", "filenames", "inputs", "fields", "metadata", "keys", "custom_id", "schema_name", "schema_text", "raw"
]
"""Where a text of a prompt stands (core.templates.content.TemplateText); ``keys``: the name of a pair of the metadata."""


class TypePrompt(Action, frozen=True):
    """A text of the prompt is typed."""

    field: PromptPlace
    item: str = ""


class ChooseEndpoint(Action, frozen=True):
    """What the prompt is sent to."""


class SetPromptRole(Action, frozen=True):
    id: str


class AddPromptMessage(Action, frozen=True):
    command = Command("Add message")


class RemovePromptMessage(Action, frozen=True):
    id: str


def _at_the_end(state: State, action: MovePromptMessage) -> str | None:
    template = state.prompt.template
    order = [one.id for one in template.content.messages] if template is not None else []
    if action.id not in order:
        return "The message isn't there any more."
    at = order.index(action.id) + action.by
    return None if 0 <= at < len(order) else "It is the first." if at < 0 else "It is the last."


class MovePromptMessage(Action, frozen=True):
    command = Command(
        lambda _state, action: "Move message up" if action.by < 0 else "Move message down",
        hinders=_at_the_end,
        shortcuts=(
            Shortcut("Alt+ArrowUp", "prompt", "Move message up", {"by": -1}),
            Shortcut("Alt+ArrowDown", "prompt", "Move message down", {"by": 1}),
        ),
    )
    id: str
    by: int


class AddPart(Action, frozen=True):
    """Add an input, a pair of the metadata, or an image or a file to the message with this id."""

    kind: Literal["inputs", "metadata", "images", "files"]
    id: str = ""


class RemovePart(Action, frozen=True):
    """Take one of them away."""

    kind: Literal["inputs", "metadata", "images", "files"]
    at: int
    id: str = ""


class ShareRequest(Action, frozen=True):
    """How many rows share a request."""


class ShowPromptAs(Action, frozen=True):
    """Write the prompt in its form, or as the raw body."""

    editor: Literal["form", "raw"]


class DropPromptRaw(Action, frozen=True):
    """Drop the body that was typed by hand."""


class SavePromptAgain(Action, frozen=True):
    """Try again to store what could not be stored."""


PROMPTS = (
    *(TypePrompt, ChooseEndpoint, SetPromptRole, AddPromptMessage, RemovePromptMessage, MovePromptMessage),
    *(AddPart, RemovePart, ShareRequest, ShowPromptAs, DropPromptRaw, SavePromptAgain),
)
"""Their handlers come with the first of them."""
