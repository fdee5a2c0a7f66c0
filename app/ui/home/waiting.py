"""What stays in the queue until the person does something about it."""

from __future__ import annotations

from typing import Final

from app.core.base import text
from app.core.openai import kinds
from app.ui.base.last import Last
from app.ui.base.standing import Need
from app.ui.base.state import State
from app.ui.queue.outlook import outlook

_LANES: Final = 100
_QUEUE: Final = "#/queue"
_WHY: Final = {"off": "not submitted yet", "held": "paused in the queue", "given_back": "returned from a batch to the queue"}

_last: Last[list[Need]] = Last()


def waiting(state: State) -> list[Need]:
    """What a budget or a fault keeps in the queue, and then what nobody has submitted, those first that have waited longest."""
    return [*_kept(state), *_unsubmitted(state)]


def _kept(state: State) -> list[Need]:
    kept = [
        Need("warn", "Budget", "A budget keeps requests in the queue", one.problem.what, _QUEUE) for one in state.queue.stopped.values()
    ]
    refused: dict[str, int] = {}
    for (lane, kind), plan in state.queue.plans.items():
        count = max(len(plan.refused), len(state.queue.stuck.get((lane, kind), ())))
        refused[lane] = refused.get(lane, 0) + count
    if count := sum(refused.values()):
        kept.append(Need("warn", "Refused", f"{text.count(count, 'request')} cannot be submitted", "Edit or delete them.", _QUEUE))
    return kept


def _unsubmitted(state: State) -> list[Need]:
    """A line for each kind of request that does not go by itself. Worked out once for each queue: all batches are gone through for it."""
    return _last.of((state.queue.lanes, state.batches.all, state.queue.automatic), lambda: _by_lane(state))


def _by_lane(state: State) -> list[Need]:
    found = []
    for one in sorted((each for each in state.queue.lanes if each.requests), key=lambda each: each.oldest)[:_LANES]:
        for kind, part in one.parts().items():
            why = _WHY.get(outlook(state, part, kind).why)
            if why is not None:
                title = f"{text.count(part.requests, 'request')} {why}"
                found.append(Need("info", "Submit", title, f"{kinds.short(one.lane.endpoint)} · {one.lane.model}", _QUEUE))
    return found
