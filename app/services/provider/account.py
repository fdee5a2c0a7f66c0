"""What is at the provider under one key: all its batch files and batches, listed to the end; files deleted on wish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.core.batches import adopting, remote_files
from app.core.batches.remote_files import Listed
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.remote import Remote
from app.core.openai.problems import Refused, concerns_all
from app.core.openai.replies import RemoteFile
from app.ports import Clock, Conflict
from app.services.provider.client import Provider
from app.services.provider.owning import OwnedByOther, owned
from app.services.provider.profiles import Profiles
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import Records, put

ANSWERS = "batch_output"
"""The purpose of output and error files (OpenAI API reference)."""


_IN_A_ROW: Final = 5
"""Deletions that are refused one after another until no further one is tried."""


class Seen(msgspec.Struct, frozen=True):
    """An account as it was listed: its files and batches, newest first."""

    profile: str
    files: tuple[RemoteFile, ...] = ()
    batches: tuple[Remote, ...] = ()
    at: float = 0.0
    account: str = ""
    """The account that was listed (core.openai.accounts)."""
    problem: Problem | None = None
    """Why some of the files are not listed."""


class DeletionResult(msgspec.Struct, frozen=True):
    """What came of a deletion: the ids of the files that are gone, how many were left alone because a batch needs them now, and why others
    are not gone."""

    gone: frozenset[str]
    needed: int = 0
    problem: Problem | None = None


class AlreadyHere(Exception):
    """The batch is in this browser."""


class Account:
    """Raises Refused, and what the store raises."""

    def __init__(self, records: Records, profiles: Profiles, clock: Clock) -> None:
        self._records, self._profiles, self._clock = records, profiles, clock

    async def look(self, profile: str, moved: Callable[[int, int], None]) -> Seen:
        """List everything. ``moved(files, batches)`` is called with the counts read. Files of a purpose that the provider does not list are
        left out, and why is said; without all batches nothing can be said of any file, so that is refused."""
        provider = await self._profiles.provider(profile, "list")
        batches: list[Remote] = []
        files: dict[str, RemoteFile] = {}
        async for batch_page in provider.batch_pages():
            batches += batch_page.batches
            moved(len(files), len(batches))
        problem: Problem | None = None
        for purpose in dict.fromkeys((provider.profile.purpose, ANSWERS)):
            try:
                async for page in provider.file_pages(purpose):
                    files.update((one.id, one) for one in page.files)  # a provider that knows no purposes lists all files twice
                    moved(len(files), len(batches))
            except Refused as error:
                if concerns_all(error.problem):
                    raise
                problem = error.problem
        newest = sorted(files.values(), key=lambda one: -one.created_at)
        known = await self._profiles.bindings.noticed(provider.known, provider.organization, provider.project)
        return Seen(profile, tuple(newest), tuple(batches), self._clock.now(), known.account, problem)

    async def judge(self, seen: Seen) -> list[Listed]:
        """What each file is, beside the batches that are here now."""
        here = [one.value for one in await self._records.all(Batch)]
        return remote_files.judge(seen.files, seen.batches, [one for one in here if one.lane.profile == seen.profile])

    async def adopt(self, profile_id: str, remote: Remote, account: str = "") -> Batch:
        """Import a batch that was created elsewhere: its record is stored, and the engine reads its requests back and carries it from then
        on. ``account``: that in which it was listed. Raises AlreadyHere, also when another tab was faster."""
        here = [one.value for one in await self._records.all(Batch)]
        if adopting.Index(one for one in here if one.lane.profile == profile_id).of(remote) is not None:
            raise AlreadyHere
        account = account or (await self._profiles.provider(profile_id, "list")).known.account
        batch = msgspec.structs.replace(adopting.record(self._profiles.known[profile_id], remote, self._clock.now()), account=account)
        try:
            await self._records.commit([put(batch, 0), await owned(self._records, batch, remote)])
        except (Conflict, OwnedByOther):
            raise AlreadyHere from None
        return batch

    async def sweep(
        self, seen: Seen, chosen: Sequence[str], moved: Callable[[int, int], None], stopped: Callable[[], bool]
    ) -> DeletionResult:
        """Delete these files, one after another, until all were tried, the provider refuses every call, or ``stopped``. One that cannot be
        deleted keeps no other. What a batch needs by now is left alone: that is looked at again before the first."""
        free = {one.file.id for one in await self.judge(await self._fresh(seen)) if one.free}
        going = [id for id in chosen if id in free]
        names = {one.id: one.filename or one.id for one in seen.files}
        gone: set[str] = set()
        in_a_row, refused = 0, Isolation(None, "sweep")
        provider = await self._profiles.provider(seen.profile, "delete")
        for n, id in enumerate(going):
            moved(n, len(going))
            if stopped():
                break
            with refused.item(names[id]):
                try:
                    await provider.delete(id)
                except Refused as error:
                    in_a_row += 1
                    if concerns_all(error.problem) or in_a_row == _IN_A_ROW:
                        return DeletionResult(frozenset(gone), len(chosen) - len(going), error.problem)
                    raise
                gone.add(id)
                in_a_row = 0
        return DeletionResult(frozenset(gone), len(chosen) - len(going), refused.problem if refused.aside else None)

    async def _fresh(self, seen: Seen) -> Seen:
        """The account's batches as they are now: someone may have made one of a file that was in no use."""
        batches: list[Remote] = []
        provider: Provider = await self._profiles.provider(seen.profile, "list")
        async for page in provider.batch_pages():
            batches += page.batches
        return msgspec.structs.replace(seen, batches=tuple(batches))
