"""Naming and tagging batches, and finding them by that."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.batches import Batch
from app.core.results.annotating import SEPARATOR, tags_of
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.batches.dialogs import LabelDialog
from app.ui.batches.label_actions import AskLabels, SaveLabels, SearchBatches, TypeLabel

MOST_NAME = 120
"""Characters of a batch's name."""


def ask(context: Context, action: AskLabels, _event: Event) -> None:
    batch = next((one for one in context.state.batches.all if one.id == action.id), None)
    if batch is not None:
        context.state.dialog = LabelDialog(batch.id, batch.name, SEPARATOR.join(batch.tags))


def type_label(context: Context, action: TypeLabel, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, LabelDialog):
        return
    if action.field == "name":
        dialog.name = event.text
    else:
        dialog.tags = event.text


@once
async def save(context: Context, _action: SaveLabels, _event: Event) -> None:
    """Without a name it is called by when it was made, as before."""
    dialog = context.state.dialog
    if not isinstance(dialog, LabelDialog):
        return
    name, tags = " ".join(dialog.name.split())[:MOST_NAME], tags_of(dialog.tags)
    changed = await context.services.records.amend(Batch, dialog.batch, lambda one: replace(one, name=name, tags=tags))
    context.close(dialog)
    if changed is None:
        context.toast("The batch is no longer here.")
    else:
        context.batch_told(changed)


def search(context: Context, _action: SearchBatches, event: Event) -> None:
    context.state.batches.search = event.text


HANDLERS: dict[type[Action], Handler] = {AskLabels: ask, TypeLabel: type_label, SaveLabels: save, SearchBatches: search}
