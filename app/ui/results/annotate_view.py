"""What a person says of answers: the buttons and fields beside the open one, and those for all that are chosen."""

from __future__ import annotations

from simple_html import button, div, label, li, span, ul

from app.core.base import text
from app.core.model.annotations import Annotation
from app.core.results.annotating import LONGEST_CORRECTION, LONGEST_NOTE
from app.services.results.shown import Opened
from app.ui.base.actions_base import Action, command_of
from app.ui.base.markup import NOTHING, Node, area, at
from app.ui.base.parts import command, keys_of, text_input, tool
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results.annotate_actions import (
    AddTyped,
    BeginAnnotating,
    DropCorrection,
    EndAnnotating,
    MarkAnswers,
    RateAnswers,
    RemoveTag,
    TypeCorrection,
    TypeNote,
    TypeNoteForAll,
    TypeTags,
    UndoAnnotation,
)

KEYS: tuple[Action, ...] = (
    *(MarkAnswers("good"), MarkAnswers("bad")),
    *(RateAnswers(n) for n in range(1, 6)),
    *(BeginAnnotating("tags"), BeginAnnotating("note"), BeginAnnotating("correction")),
    UndoAnnotation(),
)
"""What a key does in the table and beside it."""
_SIGNS = {"good": "✓ ", "bad": "✕ "}


def of_open(state: State, here: ResultsState, one: Opened) -> Node:
    """Beside the open answer: what is said of it, and what can be."""
    said = here.annotating.said
    if said is None:
        return NOTHING
    return div(
        at("annotate stack tight", role="group", aria_label="Your annotation"),
        div(at("row wrap"), _marks(state, said.mark), _ratings(state, said.rating)),
        _tags(state, here, said),
        _note(here, one, said),
        _correction(state, here, one, said),
    )


def of_picked(state: State, here: ResultsState) -> Node:
    """Above the table: the same for all that are chosen."""
    fields: Node = NOTHING
    if here.annotating.field == "tags":
        fields = _tag_field(state, here)
    elif here.annotating.field == "note":
        words, label = "A note, the same on all of them", "Note on all selected answers"
        fields = _line(
            state,
            here,
            "note-all",
            here.annotating.note,
            TypeNoteForAll(),
            placeholder=words,
            aria_label=label,
            class_="input grow",
            maxlength=str(LONGEST_NOTE),
        )
    return div(
        at("row wrap annotate", role="group", aria_label=f"Annotate {text.number(len(here.picking.rows))} selected answers"),
        _marks(state, ""),
        _ratings(state, 0),
        _begins(state, "tags"),
        _begins(state, "note"),
        _undo(state, here),
        fields,
    )


def _pressed(state: State, action: Action, on: bool, words: str = "") -> Node:
    """A button of a group of which one is pressed, with its key."""
    what = command_of(action)
    keys = what.shortcut(action)
    name = words or what.words(state, action)
    title = f"{keys.words or name} ({keys.spelled})" if keys else name
    why = what.refusal(state, action)
    return button(
        at(type="button", click=action, aria_pressed=str(on).lower(), title=why or title, aria_disabled="true" if why else None), name
    )


def _marks(state: State, now: str) -> Node:
    return div(
        at("seg", role="group", aria_label="Mark"),
        [_pressed(state, MarkAnswers(one), now == one, _SIGNS[one] + one.capitalize()) for one in ("good", "bad")],
    )


def _ratings(state: State, now: int) -> Node:
    return div(
        at("seg rating", role="group", aria_label="Rating, 1 to 5"), [_pressed(state, RateAnswers(n), now == n) for n in range(1, 6)]
    )


def _begins(state: State, what: str) -> Node:
    action = BeginAnnotating(what)  # type: ignore[arg-type]  # one of its words
    keys = command_of(action).shortcut(action)
    return command(state, action, "small quiet", title=f"{keys.words} ({keys.spelled})" if keys else None)


def _undo(state: State, here: ResultsState) -> Node:
    return command(state, UndoAnnotation(), "small quiet", title="Undo the last annotation (U)") if here.annotating.changes else NOTHING


def _tags(state: State, here: ResultsState, said: Annotation) -> Node:
    chips: list[Node] = [
        li(at("chip"), span(at("clip"), one), tool("close", f"Remove the tag {one}", RemoveTag(one), kind="quiet small"))
        for one in said.tags
    ]
    return div(
        at("row wrap"),
        ul(at("chips", aria_label="Tags"), chips) if chips else NOTHING,
        _tag_field(state, here) if here.annotating.field == "tags" else _begins(state, "tags"),
        _begins(state, "note") if not said.note and here.annotating.field != "note" else NOTHING,
        _begins(state, "correction") if said.correction is None and here.annotating.field != "correction" else NOTHING,
        _undo(state, here),
    )


def _tag_field(state: State, here: ResultsState) -> Node:
    words = "Tags, separated by commas"
    return _line(state, here, "tags", here.annotating.tags, TypeTags(), placeholder=words, aria_label=words, class_="input grow few")


def _line(state: State, here: ResultsState, id: str, value: str, typed: Action, **attributes: str) -> Node:
    """A line to type in and its button; Enter is the button, Escape ends it."""
    keys = keys_of(AddTyped(), EndAnnotating())
    return [
        text_input(
            id, value, typed, data_value_rev=here.annotating.rev, data_autofocus=str(here.annotating.refocus), data_key=keys, **attributes
        ),
        command(state, AddTyped(), "small"),
    ]


def _note(here: ResultsState, one: Opened, said: Annotation) -> Node:
    if not said.note and here.annotating.field != "note":
        return NOTHING
    return _area("note", "Note", said.note, TypeNote(one.batch, one.row), here, LONGEST_NOTE)


def _correction(state: State, here: ResultsState, one: Opened, said: Annotation) -> Node:
    if said.correction is None and here.annotating.field != "correction":
        return NOTHING
    came = one.answer.text if one.answer is not None else ""
    begins = said.correction if said.correction is not None else came
    return [
        _area(
            "correction",
            "Correction: what the answer should have been",
            begins,
            TypeCorrection(one.batch, one.row),
            here,
            LONGEST_CORRECTION,
        ),
        div(at("row wrap"), command(state, DropCorrection(), "small quiet")) if said.correction is not None else NOTHING,
    ]


def _area(what: str, title: str, value: str, on_input: Action, here: ResultsState, most: int) -> Node:
    """``most``: characters that are kept; the field takes no more, so that nothing is cut in silence."""
    attributes = at(
        id=f"annotation-{what}",
        rows="3",
        maxlength=str(most),
        input=on_input,
        data_value_rev=f"{here.at} {here.annotating.rev}",
        data_autofocus=str(here.annotating.refocus) if here.annotating.field == what else None,
        data_key=keys_of(EndAnnotating()),
    )
    unsaved = here.at is not None and (*here.at, what) in here.annotating.unsaved
    saving = span(at("dim", role="status"), " saving …") if unsaved else NOTHING
    return div(at("field"), label(at(for_=f"annotation-{what}"), title, saving), area(attributes, value))
