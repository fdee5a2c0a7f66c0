"""The journeys that the fault matrix breaks off: each leads a batch along other moves of the table.

The provider's clock goes one second with each call, so a journey takes the same steps on any machine, however busy it is.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.practice.traps import Call, Rule, Scenario, Speed, Trap

Act = Literal["cancel", "lose output", "lose ledger"]


class Journey(msgspec.Struct, frozen=True):
    """``speed`` in calls. ``acts`` is what the person does, one after the other, each when a batch comes into a state or makes a move
    (``a>b``). ``asks`` is how many requests are queued and ``per_batch`` how many a batch takes."""

    name: str
    speed: Speed
    traps: tuple[Rule, ...] = ()
    acts: tuple[tuple[Act, str], ...] = ()
    asks: int = 3
    per_batch: int = 100

    @property
    def scenario(self) -> Scenario:
        return Scenario(speed=self.speed, traps=self.traps, share=0.3)


_SLOW = Speed(validating=4, in_progress=4, finalizing=4, cancelling=3)
_LONG = Speed(validating=16, in_progress=12, finalizing=12, cancelling=3)
_HALF = Speed(validating=0, in_progress=12, finalizing=0, cancelling=3)
_FAST = Speed(validating=0, in_progress=0, finalizing=0, cancelling=0)


def _once(trap: Trap, call: Call | None = None) -> tuple[Rule, ...]:
    return (Rule(trap, call, times=1),)


JOURNEYS: tuple[Journey, ...] = (
    Journey("all goes well", _SLOW),
    Journey("two batches", _LONG, asks=4, per_batch=2),
    Journey("it is done at once, and some lines fail", _FAST, _once(Trap.LINE_ERROR_NULL_STATUS_400)),
    Journey("the upload's answer is lost", _FAST, _once(Trap.UPLOAD_ANSWER_LOST)),
    Journey("the create's answer is lost", _FAST, _once(Trap.CREATE_ANSWER_LOST)),
    Journey("the create's answer is a 500", _SLOW, _once(Trap.CREATE_500_EFFECT_DONE)),
    Journey("the uploaded file is pending at first", _FAST, (Rule(Trap.FILE_PENDING),)),
    Journey("the create is refused for now", _FAST, _once(Trap.FILE_NOT_FOUND_AFTER_UPLOAD)),
    Journey("the create is refused for good", _FAST, _once(Trap.INSUFFICIENT_QUOTA_429, Call.CREATE)),
    Journey("cancelled during the upload", _FAST, acts=(("cancel", "uploading"),)),
    Journey("cancelled while it is made", _SLOW, acts=(("cancel", "creating>creating"),)),
    Journey("cancelled while it is checked", _SLOW, acts=(("cancel", "validating"),)),
    Journey("cancelled while it runs", _HALF, acts=(("cancel", "in_progress"),)),
    Journey("cancelled at its end", _SLOW, acts=(("cancel", "finalizing"),)),
    Journey("it fails at validation", _SLOW, _once(Trap.BILLING_HARD_LIMIT_REACHED)),
    Journey("it fails at once", _FAST, _once(Trap.BILLING_HARD_LIMIT_REACHED)),
    Journey("there is no room for it, and it is given back", _SLOW, _once(Trap.TOKEN_LIMIT_EXCEEDED), acts=(("cancel", "waiting"),)),
    Journey("it expires", _SLOW, _once(Trap.EXPIRED_IN_ERROR_FILE)),
    Journey("it expires, and what is left stands in neither file", _SLOW, _once(Trap.EXPIRED_IN_NEITHER)),
    Journey("it has a status that nobody knows", _HALF, _once(Trap.UNKNOWN_STATUS)),
    Journey("the answers are lost here", _FAST, acts=(("lose output", "done"),)),
    Journey("the ledger is lost here", _FAST, acts=(("lose ledger", "done"),)),
    Journey("the answers of an expired batch are lost here", _SLOW, _once(Trap.EXPIRED_IN_NEITHER), acts=(("lose output", "expired"),)),
    Journey("there is no room for it at first", _FAST, _once(Trap.TOKEN_LIMIT_EXCEEDED)),
    Journey("the ledger of a cancelled batch is lost here", _HALF, acts=(("cancel", "in_progress"), ("lose ledger", "cancelled"))),
)
