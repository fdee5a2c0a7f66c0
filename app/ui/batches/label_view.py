"""A batch's name and tags, and the search of batches by them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from simple_html import div, input_, span

from app.core.base import text
from app.core.model.batches import Batch
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, batch_title, command, field, keys_of, note, tag, typed
from app.ui.base.picking import SavePickedTags, TypePickedTags
from app.ui.base.state import State
from app.ui.batches.dialogs import LabelDialog, TagsDialog
from app.ui.batches.label_actions import SaveLabels, SearchBatches, TypeLabel

MANY = 10
"""A list of so many batches can be looked through without a search."""
_TAG = 40
_IN_A_ROW = 3


def labels(state: State, one: LabelDialog) -> Node:
    """The dialog."""
    batch = next((each for each in state.batches.all if each.id == one.batch), None)
    unnamed = batch_title(replace(batch, name=""), state.zone) if batch is not None else ""
    enter = keys_of(SaveLabels())
    return dialog(
        "labels",
        "Name and tags",
        div(
            at("stack"),
            field(
                "label-name",
                "Name",
                typed("label-name", one.name, TypeLabel("name"), placeholder=unnamed, maxlength="120", data_autofocus=True, data_key=enter),
            ),
            field("label-tags", "Tags", typed("label-tags", one.tags, TypeLabel("tags"), data_key=enter), hint="Separate them by commas."),
        ),
        act("Cancel", CloseDialog(), "quiet"),
        command(state, SaveLabels(), "primary"),
    )


def tags_of_several(state: State, one: TagsDialog) -> Node:
    """The dialog of the tags of several batches."""
    here = [each for each in state.batches.all if each.id in one.batches]
    known = sorted({name for each in here for name in each.tags})
    enter = keys_of(SavePickedTags())
    return dialog(
        "tags",
        f"Tags of {text.count(len(here), 'batch')}",
        div(
            at("stack"),
            note("bad", "Not all were changed.", one.fault) if one.fault else NOTHING,
            field(
                "tags-add",
                "Add",
                typed("tags-add", one.add, TypePickedTags("add"), data_autofocus=True, data_key=enter),
                hint="Separate them by commas.",
            ),
            field(
                "tags-remove",
                "Remove",
                typed("tags-remove", one.remove, TypePickedTags("remove"), data_key=enter),
                hint=f"They have: {text.shorten(', '.join(known), 200)}." if known else "They have no tags yet.",
            ),
        ),
        act("Cancel", CloseDialog(), "quiet"),
        command(state, SavePickedTags(), "primary"),
    )


def tags(batch: Batch, most: int = 20) -> list[Node]:
    """Its tags; ``most``: how many are shown before the rest is counted."""
    more = len(batch.tags) - most
    shown: list[Node] = [[" ", tag(text.shorten(one, _TAG))] for one in batch.tags[:most]]
    return [*shown, span(at("dim"), f" +{more}")] if more > 0 else shown


def few_tags(batch: Batch) -> list[Node]:
    """As many as are in a row of a list."""
    return tags(batch, _IN_A_ROW)


def sought(state: State, those: Sequence[Batch]) -> list[Batch]:
    """Those whose name, tags, model or ids have all the words that are looked for."""
    words = text.words(state.batches.search)
    return [one for one in those if all(word in _known(state, one) for word in words)] if words else [*those]


def _known(state: State, one: Batch) -> str:
    remote = one.remote.id if one.remote is not None else ""
    return " ".join((batch_title(one, state.zone), *one.tags, one.lane.model, one.id, remote)).casefold()


def search_field(state: State) -> Node:
    """Where there are many, or any has a tag."""
    here = state.batches
    if len(here.all) <= MANY and not here.search and not any(one.tags for one in here.all):
        return NOTHING
    return div(
        at("row"),
        input_(
            at(
                "input grow",
                id="search-batches",
                type="search",
                value=here.search,
                input=SearchBatches(),
                placeholder="Search names, tags, models and ids",
                aria_label="Search batches",
            )
        ),
    )
