"""What is said of a batch's rescue on its page, and when that is read."""

from __future__ import annotations

from simple_html import a

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.rescues import Rescue, RescueWay
from app.ui.base.context import Context
from app.ui.base.markup import NOTHING, Node, at, join
from app.ui.base.parts import act, note, problem_note
from app.ui.base.state import Route, State
from app.ui.batches.rescue_actions import AskRescue, DropRescue

_GOES: dict[RescueWay, str] = {
    "batch": "what is left is sent as a new batch",
    "queue": "what is left waits in the queue",
    "flex": "what is left is sent request by request, at the flex price",
    "standard": "what is left is sent request by request, at the standard price",
}


def standing(state: State, batch: Batch) -> Node:
    """How its rescue stands; nothing where there is none."""
    one = state.rescues.all.get(batch.id)
    if one is None:
        return NOTHING
    match one.stage:
        case "set":
            if batch.state in pipeline.FINAL:
                return NOTHING
            change = act("Change …", AskRescue(batch.id), "small")
            off = act("Cancel the rescue", DropRescue(batch.id), "small quiet")
            at_ = text.clock(one.at, offset=state.zone, now=state.now)
            return note(
                "info", f"It is rescued at {at_}.", f"If it has not ended by then, it is cancelled, and {_GOES[one.way]}.", change, off
            )
        case "begun":
            if one.problem is not None:
                return problem_note(one.problem)
            return note("", "It is being rescued.", f"The provider was asked to cancel it. When it has ended there, {_GOES[one.way]}.")
        case _:
            return _ended(state, one)


def _ended(state: State, one: Rescue) -> Node:
    read = act("Read", DropRescue(one.id), "small quiet")
    if one.problem is not None:
        return problem_note(one.problem, read)
    if not one.sent:
        return note("good", "It needed no rescue.", "It ended before any of its requests had to be sent another way.", read)
    here = {batch.id for batch in state.batches.all}
    made = [a(at(href=f"#/batches/{id}"), "the new batch" if len(one.batches) == 1 else id) for id in one.batches if id in here]
    where: Node = join(["They are in: ", *made]) if made else "They are in the queue."
    return note("good", f"It was rescued: {text.count(one.sent, 'request')} went on.", where, read)


# --- when it is read


def on_route(context: Context, _before: Route) -> None:
    """A batch, or the list of them, is in sight."""
    on_table(context)


def on_table(context: Context) -> None:
    """A rescue continued, or another tab wrote settings, among which they are."""
    if context.state.route.view not in ("batch", "batches"):
        return

    async def read() -> None:
        context.state.rescues.all = await context.services.rescues().all()
        context.changed()

    context.catch_up("rescues", read)


def on_batch(context: Context, _before: Batch | None, batch: Batch) -> None:
    """One that is being rescued has ended: the rest continues now."""
    if batch.state in pipeline.FINAL and batch.cancel_requested and batch.id in context.state.rescues.all:
        context.services.rescues().nudge()


def limits_changed(context: Context) -> None:
    """A budget may have been raised that keeps the rest of a batch back."""
    if any(one.stage == "begun" and one.problem is not None for one in context.state.rescues.all.values()):
        context.services.rescues().nudge()
