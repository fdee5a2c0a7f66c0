"""What a person does where a batch does not get on by itself: name it at the provider, or say that the key is of its account.

The rest of the ways (core.batches.pipeline.ways) are wishes to the engine like any other.
"""

from __future__ import annotations

import msgspec

from app.core.base import text
from app.core.batches import adopting
from app.core.batches.pipeline import Bound, Claimed
from app.core.model.batches import Batch
from app.core.model.remote import Remote
from app.core.openai import accounts, problems
from app.core.openai.recognition import OUR_ID
from app.services.provider.profiles import Profiles
from app.services.runtime.records import Records

_CLOCKS = 86_400.0
"""Seconds that clocks may differ."""


class Found(msgspec.Struct, frozen=True):
    """A batch at the provider, looked at by its id. ``ours``: it carries our id, or was made from our file. ``against`` says in sentences
    what speaks against its being the one; ``never``: why it cannot be."""

    remote: Remote
    ours: bool = False
    against: tuple[str, ...] = ()
    never: str = ""


def judge(batch: Batch, remote: Remote, here: list[Batch]) -> Found:
    """Whether a batch at the provider is the one that this record is about. ``here``: all batches of this browser."""
    mark = remote.metadata.get(OUR_ID)
    ours = mark == batch.id or (mark is None and bool(batch.input_file_id) and remote.input_file_id == batch.input_file_id)
    other = adopting.Index(one for one in here if one.id != batch.id and one.lane.profile == batch.lane.profile).of(remote)
    if mark not in (None, batch.id):
        return Found(remote, never="It carries the mark of another batch of Nightshift.")
    if other is not None:
        return Found(remote, never=is_here(other))
    if any(one.id == remote.id for one in batch.superseded):
        return Found(remote, never="It is an earlier attempt of this batch, which no longer counts.")
    if ours:
        return Found(remote, ours=True)
    against = []
    if batch.input_file_id and remote.input_file_id and remote.input_file_id != batch.input_file_id:
        against.append(f"It was created from the file {remote.input_file_id}, ours is {batch.input_file_id}.")
    if remote.endpoint and remote.endpoint != batch.lane.endpoint:
        against.append(f"It is for {remote.endpoint}, ours is for {batch.lane.endpoint}.")
    if remote.total and remote.total != batch.requests:
        against.append(f"It holds {text.count(remote.total, 'request')}, ours {text.number(batch.requests)}.")
    if remote.created_at and remote.created_at < batch.created - _CLOCKS:
        against.append("It was created before this one was planned.")
    if not against and not (remote.total or remote.input_file_id):
        against.append("The provider says neither from which file it was created nor how many requests it has.")
    return Found(remote, against=tuple(against))


def is_here(other: Batch) -> str:
    """Why a batch at the provider can be bound to no other batch than this one."""
    return f"It is the batch “{text.shorten(other.name or other.id, 60)}”, which is here already."


class Settling:
    """Raises Refused, and what the store raises."""

    def __init__(self, records: Records, profiles: Profiles) -> None:
        self._records, self._profiles = records, profiles

    async def look(self, batch: Batch, id: str) -> Found:
        """The batch that the person named, fetched with the key that is here, and whether it fits."""
        provider = await self._profiles.provider(batch.lane.profile, "poll")
        remote = await provider.poll(id)
        here = [one.value for one in await self._records.all(Batch)]
        return judge(batch, remote, here)

    async def bind(self, batch: Batch, found: Found) -> Bound:
        """The wish that binds the batch to what was found: the key that showed it is of its account."""
        known = (await self._profiles.provider(batch.lane.profile, "poll")).known
        known = await self._profiles.bindings.same(known, batch.account)
        return Bound(found.remote, found.ours, account=known.account)

    async def claim(self, batch: Batch) -> Claimed:
        """The wish that says that the key that is here is of the batch's account, which is remembered for all its batches."""
        known = (await self._profiles.provider(batch.lane.profile, "poll")).known
        known = await self._profiles.bindings.same(known, batch.account)
        return Claimed(account=batch.account or known.account)

    async def alike(self, batch: Batch) -> list[Batch]:
        """The open batches that wait for a key as this one does, itself included: what is said of its account holds for all of them. Those
        that are bound to no account are each a question of their own."""
        if not batch.account:
            return [batch]
        stored = [one.value for one in await self._records.all(Batch)]
        return [one for one in stored if one.account == batch.account and waits_for_key(one)]


def waits_for_key(batch: Batch) -> bool:
    """Whether nothing is decided about it with the key that was here when it was looked at last."""
    problem = batch.lookup_problem or batch.problem
    return problem is not None and problem.code == accounts.OTHER


async def waiting_for_key(records: Records, profile: str) -> list[Batch]:
    """The open batches of a provider that wait for another key: one was entered, so that it is worth a look."""
    from app.core.batches.pipeline import FINAL

    stored = [one.value for one in await records.all(Batch)]
    keyless = ("no_key", "wrong_key", problems.LOCKED)
    return [
        one
        for one in stored
        if one.lane.profile == profile
        and one.state not in FINAL
        and (waits_for_key(one) or ((problem := one.lookup_problem or one.problem) is not None and problem.code in keyless))
    ]
