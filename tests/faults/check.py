"""What must hold, seen from outside: what the store has, and what the provider has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from app.core.batches import pipeline


class HeldBatch(msgspec.Struct, frozen=True):
    """A batch as this browser has it. ``answered`` are the ids that its ledger says were answered; None: there is no ledger. ``resent`` are
    those that were sent again from it: they are on their way elsewhere, even while its answers are fetched once more. Answers that are
    empty, cut or refused count as answered; ``unfound`` are those that the provider says it answered and that are not in its files."""

    id: str
    state: str
    ids: list[str]
    answered: list[str] | None = None
    problem: str = ""
    resent: tuple[str, ...] = ()
    unfound: tuple[str, ...] = ()


class Held(msgspec.Struct, frozen=True):
    """What a browser has: the ids that wait in its queue, and its batches."""

    queued: list[str]
    batches: list[HeldBatch]


class Made(msgspec.Struct, frozen=True):
    """A batch as the provider has it. ``ours`` is the id in its metadata, ``billed`` the ids that it answered."""

    id: str
    ours: str
    status: str
    ids: list[str]
    billed: list[str]

    @property
    def counts(self) -> bool:
        """Whether it is, was or will be paid for."""
        return bool(self.billed) or self.status not in ("cancelled", "cancelling", "failed")


def check(asked: Sequence[str], held: Held, made: Sequence[Made], *, ended: bool, files_missing: bool = False) -> list[str]:
    """What is wrong, as sentences. ``asked`` are the ids of all requests; ``ended``: nothing is on its way any more; ``files_missing``:
    the provider may lack files, and then it is enough that the page says whose answers were not found."""
    wrong = [*_places(asked, held), *_paid(held, made)]
    if ended:
        wrong += _ended(held, made, files_missing=files_missing)
    return wrong


def _places(asked: Sequence[str], held: Held) -> list[str]:
    """No request is lost, and none stands in two places."""
    wrong = []
    twice = [id for id, count in Counter(held.queued).items() if count > 1]
    wrong += [f"{id} waits in the queue twice" for id in twice]
    kept = [one for one in held.batches if one.state != "withdrawn"]
    for id in asked:
        having = [one for one in kept if id in one.ids]
        alive = [one for one in having if one.state not in pipeline.FINAL and id not in one.resent]
        answered = [one for one in having if one.answered is not None and id in one.answered]
        if len(alive) + (id in held.queued) > 1:
            wrong.append(f"{id} stands in {len(alive)} open batches" + (" and in the queue" if id in held.queued else ""))
        if not having and id not in held.queued:
            wrong.append(f"{id} is lost")
        if len(answered) > 1:
            wrong.append(f"{id} was answered in {len(answered)} batches")
        if answered and (alive or id in held.queued):
            wrong.append(f"{id} was answered and is on its way again")
    return wrong


def _paid(held: Held, made: Sequence[Made]) -> list[str]:
    """The provider has one batch at most for the same requests, and answered none twice."""
    wrong = []
    for ours, count in Counter(one.ours for one in made if one.counts).items():
        if count > 1:
            wrong.append(f"the provider has {count} batches for {ours}")
    billed = Counter(id for one in made for id in one.billed)
    wrong += [f"{id} was answered and billed {count} times" for id, count in billed.items() if count > 1]
    known = {one.id: one for one in held.batches}
    for one in made:
        if one.ours not in known:
            wrong.append(f"nobody here knows of the provider's batch {one.id}")
        elif known[one.ours].state == "withdrawn" and one.counts:
            wrong.append(f"the requests of {one.ours} went back to the queue although the provider has its batch")
    return wrong


def _ended(held: Held, made: Sequence[Made], *, files_missing: bool) -> list[str]:
    """Nothing is left over, and what was paid for is here."""
    wrong = [f"{one.id} has not ended: {one.state}, {one.problem}" for one in held.batches if one.state not in pipeline.FINAL]
    if held.queued:
        wrong.append(f"left in the queue: {held.queued}")
    here = {id for one in held.batches for id in one.answered or ()}
    told = {id for one in held.batches for id in one.unfound} if files_missing else set()
    wrong += [f"{id} was billed and its answer is not here" for one in made for id in one.billed if id not in here | told]
    paid = {id for one in made for id in one.billed}
    wrong += [f"{id} counts as answered and nobody answered it" for id in here - paid]
    return wrong
