"""Python for a table of answers: writing it, seeing what it does, running it over all, and accepting what came from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State


class ShowPython(Action, frozen=True):
    """Open or close the card."""

    command = Command("Python", "Python over answers")


class ChooseCodeKind(Action, frozen=True):
    """A column, or a filter."""

    kind: Literal["column", "keep"]


class TypeCode(Action, frozen=True):
    """The code is being typed."""


class NameCode(Action, frozen=True):
    """The name of its column is being typed."""


class OpenCode(Action, frozen=True):
    """Put a kept code into the editor; "" for a new one."""

    id: str = ""


class DropCode(Action, frozen=True):
    """Forget a kept code."""

    id: str


def _unread(state: State, _action: AcceptCode) -> str | None:
    draft = state.python.draft
    return None if draft is not None and draft.unread else "There is nothing to accept."


class AcceptCode(Action, frozen=True):
    """The code that came from elsewhere was read, and may run in this browser."""

    command = Command("I have read it: allow it to run", "", _unread)


def _cannot_run(state: State, _action: RunCode) -> str | None:
    draft = state.python.draft
    if draft is None:
        return "No code is open."
    if draft.unread:
        return "Read the code and accept it first."
    if not draft.name.strip():
        return "Give it a name first."
    return None if draft.source.strip() else "There is no code yet."


def _run_words(state: State, _action: RunCode) -> str:
    draft = state.python.draft
    if draft is not None and draft.kind == "keep":
        return "Filter all rows"
    return "Fill the column"


class RunCode(Action, frozen=True):
    """Keep the code and run it over all rows."""

    command = Command(
        _run_words, "", _cannot_run, lambda state, _action: bool(state.python.doing), shortcuts=(Shortcut("Ctrl+Enter", "python"),)
    )


class SeeCode(Action, frozen=True):
    """Run it over the rows in sight."""


class StopCode(Action, frozen=True):
    """Stop the run over all rows."""

    command = Command("Stop")


PYTHONS = (ShowPython, ChooseCodeKind, TypeCode, NameCode, OpenCode, DropCode, AcceptCode, RunCode, SeeCode, StopCode)
"""Their handlers come with the first of them."""
