"""Calls that fail for ever: what became of a batch stays in sight, and the person has a way that leads out."""

from __future__ import annotations

from tests.hostile.provider import Hostile, says
from tests.hostile.scenario import HOUR, Scenario
from tests.kit.screen import Visit

NOBODY = {"error": {"message": "No batch found with id 'batch_old'.", "type": "invalid_request_error"}}


def _no_create(far: Hostile) -> None:
    far.on("create", says(502), effect=False)
    far.on("list", says(404))


async def _return(visit: Visit, _far: Hostile) -> None:
    await visit.click("Return to the queue")
    await visit.click("I checked: return them")


async def _stop(visit: Visit, _far: Hostile) -> None:
    await visit.click("Stop following")
    await visit.click("Stop following")
    await visit.wait(10)


SCENARIOS = (
    Scenario(
        "create: 502 for ever, no effect, and no list",
        _no_create,
        sees=("answered the batch creation with a server error (502)", "There is nothing at this address", "Enter the batch’s id"),
        ends="creating",
        answered=0,
        within=HOUR,
        acts=_return,
        after=("You returned the requests to the queue", "billed a second time"),
        after_ends="withdrawn",
        after_answered=0,
        makes=0,
    ),
    Scenario(
        "poll: 404 for ever",
        lambda far: far.on("poll", says(404, NOBODY)),
        sees=("does not know this batch (404)", "times in a row", "Return to the queue", "Stop following"),
        ends="validating",
        answered=0,
        within=HOUR,
        acts=_stop,
        after=("You stopped following this batch",),
        after_ends="done",
        after_answered=0,
        makes=1,
    ),
)
