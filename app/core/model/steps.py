"""Steps: what is asked by itself when answers are there, as a person accepted it. The rules: core.results.stepping."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.batches import Foreseen
from app.core.model.records import Record
from app.core.model.sendings import FollowUp

StepState = Literal["waits", "queued", "submitted", "stopped", "cancelled", "proposed"]
"""``waits`` for answers; its requests are ``queued`` (and wait to be submitted, or did not go by themselves) or ``submitted``; it
``stopped`` by itself, which ``why`` explains, or a person ``cancelled`` it. One that is ``proposed`` came with a recipe: nothing is done of
it before a person plans it."""


class NextStep(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When the answers to an addition to the queue are there, each good one is followed. Stored before anything of it is done; its requests
    come into the queue in the very commit that says so here."""

    stored = stored_names.NEXT_STEP
    dataset: str
    """The table whose rows were asked."""
    after: str
    """Id of the QueuedRows whose answers it waits for; it may be one that another step is to make."""
    run: str
    """Id of the QueuedRows that it makes: given once, so it is made once."""
    follow: FollowUp
    limit: int = 0
    """What its requests may cost at most by the estimate, in 10^-12 dollars, as the person accepted."""
    submit: bool = True
    """Submit them by itself; else they wait in the queue."""
    expected: Foreseen | None = None
    """What was said that it would come to."""
    requests: int = 0
    """How many it was said to ask, then how many it asks."""
    state: StepState = "waits"
    why: str = ""
    """Sentences."""
    at: float = 0.0
    """When it was planned, in unix seconds; ``changed``: when its state changed last."""
    changed: float = 0.0

    @property
    def open(self) -> bool:
        """Whether something of it is still to be done by itself."""
        return self.state == "waits" or (self.state == "queued" and self.submit)

    @property
    def proposed(self) -> bool:
        """Whether a person has yet to say what becomes of it."""
        return self.state == "proposed"


class StepSource(msgspec.Struct, frozen=True):
    """What a step can wait for: an addition to the queue by its id, in words, and what is known of its requests."""

    id: str
    words: str
    requests: int
    model: str = ""
    """The one that is asked; "" where that is not known."""
    profile: str = ""
    foreseen: Foreseen | None = None
