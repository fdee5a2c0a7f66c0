"""Files of requests that exist already, from any script: checked, and added to the queue as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection

from app.core.base.text import shorten
from app.core.model.providers import Profile
from app.core.model.sendings import QueuedRows
from app.core.openai.wire import Blob
from app.ports.compute import Compute, unheard
from app.services.datasets.datasets import Source
from app.services.planning.adding import Additions
from app.services.planning.requestfile_job import TAKE_REQUESTS, RequestFileOrder, RequestFileReport
from app.services.runtime.runtime import Runtime

MAX_NAME = 200
"""Characters of a file's name that are kept."""


class RequestFiles:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, compute: Compute, additions: Additions) -> None:
        self._records, self._clock, self._compute, self._additions = runtime.records, runtime.clock, compute, additions

    async def check(
        self, source: Source, encoding: str, profile: Profile, moved: Callable[[int, int], None] = unheard
    ) -> RequestFileReport:
        """Look over all lines of a file of this encoding; nothing is stored. Raises JobFailed, FileUnreadable."""
        return await self._carried_out(RequestFileOrder(self._record(source), profile, encoding), source.blob, moved)

    async def add(
        self,
        source: Source,
        encoding: str,
        profile: Profile,
        moved: Callable[[int, int], None] = unheard,
        digest: str = "",
        seen: Collection[str] | None = None,
    ) -> RequestFileReport:
        """Add all lines that can be sent to the queue: all at once, or none. ``digest``: of the file, as :meth:`check` found it; ``seen``:
        ids of its additions that the person knows of. Cancelling it leaves nothing behind. Raises Unplannable, JobFailed, FileUnreadable,
        AddedMeanwhile."""
        record = self._record(source)
        order = RequestFileOrder(record, profile, encoding, queued=True)
        return await self._additions.one_by_one(
            digest or record.id,
            seen,
            lambda: self.added(digest),
            lambda: self._additions.carried_out(record.id, record.at, lambda: self._carried_out(order, source.blob, moved)),
        )

    async def _carried_out(self, order: RequestFileOrder, blob: Blob, moved: Callable[[int, int], None]) -> RequestFileReport:
        return (await self._compute.run(TAKE_REQUESTS, order, files=[blob], moved=moved)).value

    def _record(self, source: Source) -> QueuedRows:
        name = shorten(source.name.replace("\\", "/").rpartition("/")[2], MAX_NAME) or "pasted requests"
        return QueuedRows(id=self._additions.fresh(), dataset="", dataset_version=0, at=self._clock.now(), file=name)

    async def added(self, digest: str = "") -> list[QueuedRows]:
        """The files whose requests were added, newest first; with a ``digest`` those that are this very file."""
        found = [one.value for one in await self._records.all(QueuedRows) if one.value.file and digest in ("", one.value.digest)]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)
