"""Several prompts, tables or batches at once: made favourites, tagged and deleted, with one way back for all."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.activity.log import draft
from app.core.base import text
from app.core.model.batches import Batch
from app.core.results.annotating import tags_of
from app.core.threads import editing
from app.ports import Conflict, StorageFull, StorageLost
from app.services.batches.delete_batch import StillOpen, Tidy, can_forget
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.base.picking import (
    LISTS,
    WORDS,
    AskTagPicked,
    DeletePicked,
    EndPicking,
    ForgetPicked,
    PickEveryItem,
    PickItem,
    SavePickedTags,
    StarPicked,
    StartPicking,
    TypePickedTags,
    picked,
    present,
)
from app.ui.base.picking_state import PickingState
from app.ui.batches.dialogs import ForgetSeveralDialog, TagsDialog
from app.ui.batches.label_view import sought
from app.ui.threads import handlers as threads


def start(context: Context, _action: StartPicking, _event: Event) -> None:
    kind = LISTS.get(context.state.route.view)
    if kind is not None:
        context.state.picking = PickingState(kind)
        context.focus("pick-all")


def end(context: Context, _action: EndPicking, _event: Event) -> None:
    context.state.picking = PickingState()


def pick(context: Context, action: PickItem, event: Event) -> None:
    event.mark(context.state.picking.ids, action.id)


def pick_every(context: Context, _action: PickEveryItem, event: Event) -> None:
    """All that the list shows; what a search hides stays as it is."""
    shown = _shown(context)
    if event.value is True:
        context.state.picking.ids |= shown
    else:
        context.state.picking.ids -= shown


def _shown(context: Context) -> set[str]:
    state = context.state
    if state.picking.kind == "prompt":
        return {one.id for one in state.threads.all if not one.deleted and editing.matches(one, state.compose.search)}
    if state.picking.kind == "batch":
        return {one.id for one in sought(state, state.batches.all)}
    return present(state, "table")


# --- favourites


async def star(context: Context, action: StarPicked, _event: Event) -> None:
    kind = context.state.picking.kind
    if not kind:
        return
    before = set(context.state.preferences.starred)
    names = [name for id in sorted(picked(context.state)) if ((name := f"{kind}:{id}") in before) != action.on]

    async def put(*, on: bool) -> None:
        context.state.preferences = replace(context.state.preferences, starred=await context.services.profiles.star(*names, on=on))
        context.changed()

    if not names:
        context.toast("They are favourites already." if action.on else "None of them is a favourite.")
        return
    await put(on=action.on)

    async def undo() -> None:
        await put(on=not action.on)

    done = "favourites now" if action.on else "favourites no more"
    context.toast(f"{text.count(len(names), WORDS[kind])}: {done}.", undo)


# --- tags of batches


def ask_tags(context: Context, _action: AskTagPicked, _event: Event) -> None:
    if context.state.picking.kind == "batch" and (chosen := picked(context.state)):
        context.state.dialog = TagsDialog(tuple(sorted(chosen)))


def type_tags(context: Context, action: TypePickedTags, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, TagsDialog):
        return
    dialog.fault = ""
    if action.which == "add":
        dialog.add = event.text
    else:
        dialog.remove = event.text


@once
async def save_tags(context: Context, _action: SavePickedTags, _event: Event) -> None:
    """A tag that is added and taken out is added. The dialog stays where any batch has not its tags yet: saved again, those get them."""
    dialog = context.state.dialog
    if not isinstance(dialog, TagsDialog):
        return
    added = tags_of(dialog.add)
    removed = frozenset(tags_of(dialog.remove)) - frozenset(added)
    typed = (dialog.add, dialog.remove)
    before = {one.id: one.tags for one in context.state.batches.all if one.id in dialog.batches}
    wanted = {id: (*(one for one in tags if one not in removed), *(one for one in added if one not in tags)) for id, tags in before.items()}
    changed, missed, broken = await _tag(context, wanted)

    async def undo() -> None:
        _back, kept, failed = await _tag(context, {id: before[id] for id in changed})
        if failed is not None:
            raise failed
        if kept:
            context.toast(f"{text.count(kept, 'batch')} kept the new tags: another tab was changing {_it(kept)}.")

    if changed:
        context.toast(f"Tags of {text.count(len(changed), 'batch')} were changed.", undo)
    if broken is not None:
        raise broken
    if missed:
        kept = f"{text.count(missed, 'batch')} kept the old tags, because another tab was changing {_it(missed)}."
        if context.state.dialog is dialog:
            dialog.fault = f"{kept} Save again."
        else:
            context.toast(kept)
        return
    if (dialog.add, dialog.remove) == typed:  # else something was typed while it was being saved
        context.close(dialog)
    if not changed:
        context.toast("No tag was changed.")


def _it(count: int) -> str:
    return "it" if count == 1 else "them"


async def _tag(context: Context, wanted: dict[str, tuple[str, ...]]) -> tuple[list[str], int, Exception | None]:
    """Give batches these tags: the ids of those that have other ones now, how many another tab kept writing, and what ended it early."""
    known = {one.id: one.tags for one in context.state.batches.all}
    changed: list[str] = []
    missed = 0
    for id, tags in wanted.items():
        if known.get(id) == tags:
            continue

        def tagged(one: Batch, tags: tuple[str, ...] = tags) -> Batch:
            return replace(one, tags=tags)

        try:
            after = await context.services.records.amend(Batch, id, tagged)
        except Conflict:
            missed += 1
            continue
        except (StorageFull, StorageLost) as error:
            return changed, missed, error
        if after is not None:
            context.batch_told(after)
            changed.append(id)
    return changed, missed, None


# --- deleting


async def delete(context: Context, _action: DeletePicked, _event: Event) -> None:
    chosen, kind = picked(context.state), context.state.picking.kind
    if not chosen:
        return
    if kind == "batch":
        ended = sorted(one.id for one in context.state.batches.all if one.id in chosen and can_forget(one))
        context.state.dialog = ForgetSeveralDialog(tuple(ended), len(chosen))
        return
    context.state.picking = PickingState()
    if kind == "prompt":
        await threads.delete_threads(context, sorted(chosen))
        return
    from app.ui.datasets.handlers import delete_tables

    await delete_tables(context, sorted(chosen))


@once
async def forget(context: Context, _action: ForgetPicked, _event: Event) -> None:
    """One that cannot be deleted keeps no other: it stays, and is counted."""
    dialog = context.state.dialog
    if not isinstance(dialog, ForgetSeveralDialog):
        return
    asked, picking, gone = dialog.batches, context.state.picking, 0
    try:
        for id in asked:
            try:
                gone += await Tidy(context.services.records).forget(id, context.services.log.put(draft("batch", "deleted", batch=id)))
            except (StillOpen, Conflict):
                continue
            dialog.batches, dialog.of = tuple(one for one in dialog.batches if one != id), dialog.of - 1
        context.close(dialog)
        if context.state.picking is picking:  # else others are being picked by now
            context.state.picking = PickingState()
    finally:
        await context.refresh_batches()
    await context.refresh_usage()
    left = len(asked) - gone
    stay = f" {text.number(left)} changed meanwhile and {'stays' if left == 1 else 'stay'}." if left else ""
    was = "was" if gone == 1 else "were"
    context.toast(f"{text.count(gone, 'batch')} {was} deleted from this browser.{stay}")


HANDLERS: dict[type[Action], Handler] = {
    StartPicking: start,
    EndPicking: end,
    PickItem: pick,
    PickEveryItem: pick_every,
    StarPicked: star,
    AskTagPicked: ask_tags,
    TypePickedTags: type_tags,
    SavePickedTags: save_tags,
    DeletePicked: delete,
    ForgetPicked: forget,
}
