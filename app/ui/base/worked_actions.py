"""Worked examples, as views that cannot know of tables offer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command

if TYPE_CHECKING:
    from app.ui.base.state import State

WORKED: Final = {
    "classify": ("Classify", "24 messages to a shop, a topic for each"),
    "extract": ("Extract fields", "24 orders by mail, as structured fields"),
    "translate": ("Translate", "24 product texts, into English"),
    "judge": ("Judge answers", "24 answers, each a pass or a fail"),
    "embed": ("Embed", "24 help articles, each as a vector"),
}
"""What each example (core.templates.worked) is called, and what is in it."""


def busy_name(name: str) -> str:
    """What is under way (``State.busy``) while an example is being opened."""
    return f"example:{name}"


def _another(state: State, action: OpenWorked) -> str | None:
    return "Another example is being opened." if any(one.startswith("example:") for one in state.busy) else None


def _opening(state: State, action: OpenWorked) -> bool:
    return busy_name(action.name) in state.busy


def _words(_state: State, action: OpenWorked) -> str:
    return f"Open the example “{WORKED[action.name][0]}”" if action.name in WORKED else "Open an example"


class OpenWorked(Action, frozen=True):
    """Bring the table of an example with its prompt, and open it; nothing is sent."""

    name: str
    command = Command(_words, "", _another, _opening, ready=tuple({"name": one} for one in WORKED))


WORKING = (OpenWorked,)
"""Its handler comes with the first of them."""
