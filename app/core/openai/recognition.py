"""How our own uploads and batches are recognised among the provider's, so that a lost answer is found again by listing."""

from __future__ import annotations

import itertools
from typing import Final

from app.core.model.batches import Batch
from app.core.model.remote import Remote
from app.core.openai.metadata import MOST, VALUE, carried
from app.core.openai.replies import UNUSABLE, BatchPage, FilePage, RemoteFile

OUR_ID: Final = "nightshift"  # the metadata key that carries our batch id


def metadata(batch: Batch) -> dict[str, str]:
    """What our batches carry, within the API's limits: our id, so that they are found again by listing, what the program gave that created
    the batch, and our name for it where there is room."""
    kept, _ = carried(batch.metadata, OUR_ID)
    name = batch.name.strip()[:VALUE]
    named = {"name": name} if name and len(kept) + 1 < MOST and "name" not in kept else {}
    return {OUR_ID: batch.id, **named, **kept}


def match_file(files: tuple[RemoteFile, ...], batch: Batch) -> RemoteFile | None:
    """Our upload among files, if it is there whole: same name, and the planned size where the provider says one."""
    return next((file for file in files if _is_ours(file, batch)), None)


def _is_ours(file: RemoteFile, batch: Batch) -> bool:
    return file.filename == batch.filename and file.size in (0, batch.size) and file.status not in UNUSABLE


def match_batch(batches: tuple[Remote, ...], batch: Batch) -> Remote | None:
    """Our batch among those of the provider: by our id in its metadata, or by the input file, which no other batch uses. Those that do not
    count any more (``Batch.superseded``) are not it."""
    superseded = {old.id for old in batch.superseded}

    def ours(remote: Remote) -> bool:
        known = remote.metadata.get(OUR_ID) == batch.id or bool(batch.input_file_id and remote.input_file_id == batch.input_file_id)
        return known and remote.id not in superseded

    found = [remote for remote in batches if ours(remote)]
    return min(found, key=lambda remote: (remote.status in ("failed", "cancelled", "cancelling"), remote.created_at), default=None)


def twins_of(batches: tuple[Remote, ...], batch: Batch, remote_id: str) -> tuple[Remote, ...]:
    """Other batches at the provider that carry our id: the same requests, paid a second time. Those known before do not count."""
    known = {remote_id, *(remote.id for remote in batch.superseded)}
    return tuple(remote for remote in batches if remote.metadata.get(OUR_ID) == batch.id and remote.id not in known)


def older_than(page: BatchPage | FilePage, when: float) -> bool:
    """Whether ours can't follow: the page is really newest first and ends before ``when`` (unix seconds), with a day's grace for clocks
    that differ. Entries without a time, or in another order (some providers list the oldest first), say nothing."""
    times = [listed.created_at for listed in (page.batches if isinstance(page, BatchPage) else page.files)]
    newest_first = len(times) > 1 and all(times) and all(later >= earlier for later, earlier in itertools.pairwise(times))
    return newest_first and times[0] > times[-1] and times[-1] < when - 86_400
