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
        return "The message no longer exists."
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


# --- columns put into it


class InsertColumn(Action, frozen=True):
    """Put a column where the caret stood last."""

    column: str


class MoveCompletion(Action, frozen=True):
    command = Command(
        lambda _state, action: "Next column" if action.by > 0 else "Previous column",
        shortcuts=(
            Shortcut("ArrowDown", "completion", "Next column", {"by": 1}),
            Shortcut("ArrowUp", "completion", "Previous column", {"by": -1}),
        ),
    )
    by: int


class TakeCompletion(Action, frozen=True):
    """Take what is offered: the one at this place, or with -1 the one that the keys chose."""

    command = Command("Insert the column", shortcuts=(Shortcut("Enter", "completion", given={"at": -1}),))
    at: int = -1


class CloseCompletion(Action, frozen=True):
    command = Command("Close the list of columns", shortcuts=(Shortcut("Escape", "completion"),))


# --- the row beside it


class ShowRow(Action, frozen=True):
    """Show another row beside the prompt: the one at this position."""

    at: int


class GoToRow(Action, frozen=True):
    """The same, by the number that was typed."""


# --- remedies


class UseColumn(Action, frozen=True):
    """Put a column in place of one that the table does not have."""

    column: str
    to: str


class GiveDefault(Action, frozen=True):
    """Give a column another text where its cell is empty."""

    column: str


# --- structured output


class SetStructured(Action, frozen=True):
    """Whether answers follow a schema."""


class SetStrict(Action, frozen=True):
    """Whether they must."""


class FormatSchema(Action, frozen=True):
    """Indent the schema's JSON."""


class AddSchemaField(Action, frozen=True):
    """Add a field to the object at this path (core.bodies.schemaediting), or to the answer itself."""

    path: str = ""


class RemoveSchemaField(Action, frozen=True):
    path: str


class MoveSchemaField(Action, frozen=True):
    path: str
    by: int


class TypeSchemaField(Action, frozen=True):
    """The name, the description or the choices of a field are typed."""

    path: str
    what: Literal["name", "description", "choices"]


class SetSchemaKind(Action, frozen=True):
    path: str


class SetSchemaOptional(Action, frozen=True):
    path: str


# --- versions


class KeepVersion(Action, frozen=True):
    """Keep what the prompt says now as a version."""


class NameVersion(Action, frozen=True):
    id: str


class CompareVersion(Action, frozen=True):
    """Show or hide how a version differs from what is here."""

    id: str


class RestoreVersion(Action, frozen=True):
    """Have the prompt say again what it said in this version."""

    id: str


# --- examples


class OpenExamples(Action, frozen=True):
    """Begin to choose rows as examples, or stop it."""


class TypeExamples(Action, frozen=True):
    """Which rows, what is asked or what is answered is typed."""

    field: Literal["rows", "question", "answer"]


def _no_rows(state: State, _action: AddExamples) -> str | None:
    one = state.prompt.examples
    return None if one is not None and one.rows.strip() and one.answer.strip() else "Write row numbers and an answer first."


class AddExamples(Action, frozen=True):
    command = Command("Add examples", "", _no_rows)


PROMPTS = (
    *(TypePrompt, ChooseEndpoint, SetPromptRole, AddPromptMessage, RemovePromptMessage, MovePromptMessage),
    *(AddPart, RemovePart, ShareRequest, ShowPromptAs, DropPromptRaw, SavePromptAgain),
    *(ShowRow, GoToRow, UseColumn, GiveDefault, KeepVersion, NameVersion, CompareVersion, RestoreVersion),
    *(SetStructured, SetStrict, FormatSchema, AddSchemaField, RemoveSchemaField, MoveSchemaField, TypeSchemaField, SetSchemaKind),
    SetSchemaOptional,
    *(OpenExamples, TypeExamples, AddExamples, InsertColumn, MoveCompletion, TakeCompletion, CloseCompletion),
)
"""Their handlers come with the first of them."""
