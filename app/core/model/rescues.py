"""Rescues: what becomes of a batch that is not done in time, as its person chose it."""

from __future__ import annotations

from typing import Literal

from app.core.model import stored_names
from app.core.model.problem import Problem
from app.core.model.records import Record

RescueWay = Literal["batch", "queue", "flex", "standard"]
"""How what is left is sent: as a new batch, not by itself (it waits in the queue), or request by request, at the flex or the standard
price."""
RescueStage = Literal["set", "begun", "ended"]


class Rescue(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The rescue of one batch (id: the batch's). Times are unix seconds. Not part of the workspace: in two browsers it would be done
    twice."""

    stored = stored_names.RESCUE
    way: RescueWay = "batch"
    stage: RescueStage = "set"
    """``set``: it waits for ``at``. ``begun``: the batch is being cancelled, or what is left is on its way. ``ended``: nothing more comes
    of it; ``problem`` says why nothing was sent, where nothing was."""
    at: float = 0.0
    """When the batch is cancelled, unless it has ended by then."""
    sent: int = 0
    """Requests that continued from the batch."""
    batches: tuple[str, ...] = ()
    """The batches that were made of them."""
    problem: Problem | None = None
    """Why it does not get on, or ended without a request sent."""
