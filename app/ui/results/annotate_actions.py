"""What a person says of answers: of the open one, of those that are chosen, else of the one that the keys are at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base import text
from app.core.model.annotations import Mark
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.results_state import ResultsState
    from app.ui.base.state import State

Annotating = Literal["", "tags", "note", "correction"]


def meant(here: ResultsState) -> Literal["", "open", "picked", "active"]:
    """Which answers are meant; "": none."""
    if here.at is not None:
        return "open" if here.beside.request is not None and here.annotating.said is not None else ""
    if here.picking.rows:
        return "picked"
    window = here.window
    return "active" if window is not None and window.first <= here.active < window.first + len(window.rows) else ""


def _none(state: State, _action: Action) -> str | None:
    return None if meant(state.results) else "Open an answer, go to its row, or select rows."


def _mark_words(_state: State, action: MarkAnswers) -> str:
    return "Good" if action.mark == "good" else "Bad"


class MarkAnswers(Action, frozen=True):
    """Mark them ``good`` or ``bad``; one answer that is marked so already: no more."""

    mark: Mark
    command = Command(
        _mark_words,
        "",
        _none,
        shortcuts=(
            Shortcut("g", "results", "Mark the answer good", {"mark": "good"}),
            Shortcut("b", "results", "Mark the answer bad", {"mark": "bad"}),
        ),
    )


class RateAnswers(Action, frozen=True):
    """Rate them, 1 to 5; one answer that has this rating already: no more."""

    rating: int
    command = Command(
        lambda _state, action: str(action.rating),
        "",
        _none,
        shortcuts=tuple(Shortcut(str(n), "results", f"Rate the answer {n} of 5", {"rating": n}) for n in range(1, 6)),
    )


def _cannot_begin(state: State, action: BeginAnnotating) -> str | None:
    if action.what == "correction" and meant(state.results) != "open":
        return "Open the answer first."
    return _none(state, action)


class BeginAnnotating(Action, frozen=True):
    """Go to the field for ``tags``, for the ``note``, or for the ``correction`` (which begins as the answer)."""

    what: Annotating
    command = Command(
        lambda _state, action: {"tags": "Tag", "note": "Note", "correction": "Correct"}[action.what],
        "",
        _cannot_begin,
        shortcuts=(
            Shortcut("t", "results", "Tag the answer", {"what": "tags"}),
            Shortcut("n", "results", "Write a note on the answer", {"what": "note"}),
            Shortcut("c", "results", "Correct the answer", {"what": "correction"}),
        ),
    )


class EndAnnotating(Action, frozen=True):
    """Leave the field; what was typed is kept."""

    command = Command("Leave the field", shortcuts=(Shortcut("Escape", "annotation"),))


class TypeTags(Action, frozen=True):
    """Tags are being typed, parted by commas."""


def _nothing_typed(state: State, _action: AddTyped) -> str | None:
    here = state.results
    return None if here.annotating.field == "note" or here.annotating.tags.strip(" ,") else "Enter a tag first."


def _add_words(state: State, _action: AddTyped) -> str:
    here = state.results
    return f"Set the note of {text.number(len(here.picking.rows))}" if here.annotating.field == "note" else "Add"


class AddTyped(Action, frozen=True):
    """Add the tags that were typed; or have the note that was typed on all answers that are chosen, of which an empty one takes theirs
    away."""

    command = Command(_add_words, "", _nothing_typed, shortcuts=(Shortcut("Enter", "annotation", "Add what was typed"),))


class RemoveTag(Action, frozen=True):
    """Take a tag of the open answer away."""

    tag: str


class TypeNote(Action, frozen=True):
    """The note on an answer is being typed."""

    batch: str
    row: int


class TypeNoteForAll(Action, frozen=True):
    """The note for several answers is being typed."""


class TypeCorrection(Action, frozen=True):
    """What an answer should have been is being typed."""

    batch: str
    row: int


class DropCorrection(Action, frozen=True):
    """The open answer is not corrected any more."""

    command = Command("Remove the correction")


def _nothing_done(state: State, _action: UndoAnnotation) -> str | None:
    return None if state.results.annotating.changes else "There is nothing to undo."


class UndoAnnotation(Action, frozen=True):
    """Take back what was said last."""

    command = Command("Undo", "Undo the last mark, rating, tag, note or correction", _nothing_done, shortcuts=(Shortcut("u", "results"),))


ANNOTATING = (
    *(MarkAnswers, RateAnswers, BeginAnnotating, EndAnnotating, TypeTags, AddTyped, RemoveTag, TypeNote, TypeNoteForAll),
    *(TypeCorrection, DropCorrection, UndoAnnotation),
)
"""Their handlers come with the first of them."""
