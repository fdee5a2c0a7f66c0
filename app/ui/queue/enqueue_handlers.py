"""From the composer into the queue, and at once into a batch where the person wants that."""

from __future__ import annotations

from app.core.base.findings import Finding, errors
from app.core.bodies import bodies, requests
from app.core.model.lanes import Lane
from app.core.model.threads import Thread
from app.core.queue.waiting import own_wait
from app.core.threads import editing
from app.core.threads.sending import request_of
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.submitting import check_provider, submitting
from app.ui.provider.key_handlers import lacks_key
from app.ui.queue.handlers import plan
from app.ui.threads.actions import (
    Enqueue,
    EnqueueAndSubmit,
)
from app.ui.threads.check_handlers import look


async def enqueue(context: Context, _action: Enqueue, event: Event) -> None:
    """Each press is one more request in the queue, however quickly they come. Who uses the keys has the text before them then."""
    if "submit" in context.state.busy or not _fit(context):
        return
    thread = context.state.compose.thread
    if "key" in event.extra and context.state.compose.editor == "form" and thread.messages:
        context.focus(f"text-{thread.messages[-1].id}")
    lane, id = await _add(context, thread, context.state.compose.lane)

    async def undo() -> None:
        removed = await context.services.queue.delete(lane, {id})
        await context.refresh_queue()
        if not removed:
            context.toast("It was submitted already.")

    waits = own_wait(context.state.queue.automatic, context.state.profile) == 0
    context.toast("Added to the queue: it waits until you submit it." if waits else "Added to the queue.", undo)


async def enqueue_and_submit(context: Context, action: EnqueueAndSubmit, _event: Event) -> None:
    """Add the request and submit it alone, as it is when the button is pressed. What would stop the submission is found before anything
    is added."""
    if "submit" in context.state.busy or not _fit(context):
        return
    thread, lane = context.state.compose.thread, context.state.compose.lane
    with submitting(context):
        if await lacks_key(context, lane.profile, action):
            return
        await check_provider(context, lane.profile)
        lane, id = await _add(context, thread, lane)
        made = await plan(context, lane, {id}, name=editing.title(thread)[:120])
    if made:
        context.screen.go_to(f"#/batches/{made[0].id}")


def _fit(context: Context) -> bool:
    """Whether nothing stands against queueing the thread; what does is shown from now on."""
    compose = context.state.compose
    if compose.looked is not compose.thread:
        look(context)
    if found := errors(compose.findings):
        compose.tried = True
        context.focus("raw" if compose.editor == "raw" else _field_of(found[0]))
        return False
    return True


def _field_of(finding: Finding) -> str:
    """The id of the field where the fault is fixed (ui.threads)."""
    if finding.item:
        return f"text-{finding.item}"
    return {"messages": "add-message", "raw": "raw", "size": "add-message"}.get(finding.field, f"o-{finding.field}")


async def _add(context: Context, thread: Thread, lane: Lane) -> tuple[Lane, str]:
    """Put a thread into the queue."""
    body = await context.services.images.filled(bodies.body_of(thread))
    id = request_of(thread.id, context.services.queue.new_request_id())
    await context.services.queue.add(lane, [(id, requests.line(id, lane.endpoint, body))])
    await context.refresh_queue()
    return lane, id


HANDLERS: dict[type[Action], Handler] = {
    Enqueue: enqueue,
    EnqueueAndSubmit: enqueue_and_submit,
}
