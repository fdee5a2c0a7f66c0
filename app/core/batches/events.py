"""What can happen to a batch (events) and what can be done about it (effects), as values. :mod:`app.core.batches.pipeline` says when."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model.batches import Fetched, Tally
from app.core.model.problem import Problem
from app.core.model.remote import Remote
from app.core.openai.problems import Call

FileKind = Literal["output", "error"]


# --- events: what happened -------------------------------------------------------------------------------------------------------


class Event(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all events. ``account``: the account that is called, or that has shown the batch (core.openai.accounts); a batch that is
    bound to none yet is bound to it."""

    account: str = ""


class UploadBegins(Event, frozen=True, tag="upload_begins"):
    """The intent to upload; store the result before the upload starts."""


class Uploaded(Event, frozen=True, tag="uploaded"):
    """The provider has the file, by its answer or because a listing shows it whole."""

    file_id: str


class FilePending(Event, frozen=True, tag="file_pending"):
    """The provider has the file and still checks it: ``status`` is its word for that."""

    file_id: str
    status: str


class FileNotFound(Event, frozen=True, tag="file_not_found"):
    """A listing does not show our file."""


class CapacityReserved(Event, frozen=True, tag="room_taken"):
    """There is capacity for the batch's tokens at the provider (core.batches.capacity): stored, this is the reservation."""


class CapacityUnavailable(Event, frozen=True, tag="no_room"):
    """The provider has no capacity for the batch's tokens now."""


class CreateBegins(Event, frozen=True, tag="create_begins"):
    """The intent to create the batch; store the result before the call."""


class Created(Event, frozen=True, tag="created"):
    """The provider has the batch, by its answer or because a listing shows it.

    ``twins`` are other batches of ours with the same id, by now cancelled: a browser or a proxy may send one call twice, and Chromium does
    when a connection that it used before breaks. None: it was not possible to look yet.
    """

    remote: Remote
    twins: tuple[str, ...] | None = None


class BatchNotFound(Event, frozen=True, tag="batch_not_found"):
    """A listing, read to the end or to before our time, does not show our batch."""


class Polled(Event, frozen=True, tag="polled"):
    """The batch as the provider sees it now. ``twins`` as for :class:`Created`."""

    remote: Remote
    twins: tuple[str, ...] | None = None


class CancelAnswered(Event, frozen=True, tag="cancel_answered"):
    """The provider took our cancelling and answered with the batch."""

    remote: Remote


class Downloaded(Event, frozen=True, tag="downloaded"):
    """One answer file is here, whole. With ``gone``, the provider does not have it."""

    file: Fetched
    problem: Problem | None = None


class Reconciled(Event, frozen=True, tag="reconciled"):
    """The ledger is made; commit it together with the batch."""

    tally: Tally
    lost: tuple[FileKind, ...] = ()
    """Answer files of which a part is not in this browser."""
    again: bool = False
    """There are requests that the rule sends again."""
    resend_exhausted: int = 0
    """Requests that the rule would send again, but that were sent as often as they may."""
    resent: int = 0
    """Those not answered that were sent again before."""
    risked: int = 0
    """Those of ``resent`` that were sent again on purpose."""


class Resent(Event, frozen=True, tag="resent"):
    """A portion of requests goes back to the queue; commit them together with the batch. ``before`` is the batch's ``resent`` when the
    portion was chosen, ``resent`` what it is with it; with ``more`` there is another."""

    before: int
    resent: int
    more: bool
    risked: int = 0


class CallFailed(Event, frozen=True, tag="call_failed"):
    """A call did not succeed. ``store`` means our own storage."""

    call: Call
    problem: Problem


class FetchAgain(Event, frozen=True, tag="fetch_again"):
    """The person wants the answers fetched again: files that are gone or lost, and ``files``, which are not here whole. With ``ledger``
    the ledger cannot be read and is made again. ``remote``: what the provider says of the batch now."""

    files: tuple[FileKind, ...] = ()
    ledger: bool = False
    remote: Remote | None = None


class CancelRequested(Event, frozen=True, tag="cancel_asked"):
    """The person wants the batch cancelled."""


class StopFollowing(Event, frozen=True, tag="stop_following"):
    """The person takes the batch for ended at the provider, whatever that says: the files it names are fetched, and it is not polled
    any more."""


class Rebuilt(Event, frozen=True, tag="rebuilt"):
    """The requests of a batch created elsewhere are here: commit their segments together with the batch. ``size`` in bytes, ``tokens``
    estimated. ``input_missing``: its input is gone, so nothing is known of them. ``notes`` are sentences for the timeline."""

    remote: Remote
    requests: int = 0
    size: int = 0
    tokens: int = 0
    model: str = ""
    endpoint: str = ""
    input_missing: bool = False
    notes: tuple[str, ...] = ()


class Claimed(Event, frozen=True, tag="claimed"):
    """The person says that ``account``, whose key is here, has the batch."""


class Returned(Event, frozen=True, tag="returned"):
    """The person looked at the provider and wants the requests back in the queue."""


class Bound(Event, frozen=True, tag="bound"):
    """The person named the batch at the provider, and this is it. ``ours``: it carries our id."""

    remote: Remote
    ours: bool = False


class GivenUp(Event, frozen=True, tag="given_up"):
    """The person goes on without what does not come."""


class TryNow(Event, frozen=True, tag="try_now"):
    """Stop waiting: the person asks for it, or the network is back. Tries count from the start again. A batch that waits for capacity
    is sent whatever is counted."""


# --- effects: what to do ---------------------------------------------------------------------------------------------------------


class Effect(msgspec.Struct, frozen=True, tag=True):
    """Base of all effects."""


class Rebuild(Effect, frozen=True, tag="rebuild"):
    """Read the requests of a batch created elsewhere from its input file. Answer: Rebuilt or CallFailed("download")."""


class Upload(Effect, frozen=True, tag="upload"):
    """Upload the segments as ``Batch.filename``. Answer: Uploaded or CallFailed("upload")."""


class FindFile(Effect, frozen=True, tag="find_file"):
    """List files and look for ``Batch.filename`` in full size. Answer: Uploaded, FileNotFound or CallFailed("list")."""


class AskFile(Effect, frozen=True, tag="ask_file"):
    """Ask whether the provider has finished ``Batch.input_file_id``. Answer: Uploaded, FilePending or CallFailed("list"), and
    CallFailed("upload") where it cannot use the file."""


class ReserveCapacity(Effect, frozen=True, tag="take_room"):
    """Decide among all batches whether there is capacity for this one (services.batches.allocator). Answer: CapacityReserved or
    CapacityUnavailable."""


class Create(Effect, frozen=True, tag="create"):
    """Create the batch from ``Batch.input_file_id``. Answer: Created or CallFailed("create")."""


class FindBatch(Effect, frozen=True, tag="find_batch"):
    """List batches and look for ours. Answer: Created, BatchNotFound or CallFailed("list")."""


class Poll(Effect, frozen=True, tag="poll"):
    """Ask for the batch. Answer: Polled or CallFailed("poll")."""


class CancelRemote(Effect, frozen=True, tag="cancel"):
    """Cancel at the provider. Answer: CancelAnswered or CallFailed("cancel")."""


class Download(Effect, frozen=True, tag="download"):
    """Fetch one answer file from its beginning, dropping what an earlier try left. Answer: Downloaded or CallFailed("download"); a file
    that the provider says it does not have (404) is ``file_gone``, and counts as gone after some tries."""

    which: FileKind
    file_id: str


class Reconcile(Effect, frozen=True, tag="reconcile"):
    """Read the fetched files into a ledger and close it by ``Batch.ending``. Answer: Reconciled or CallFailed("store")."""


class Resend(Effect, frozen=True, tag="resend"):
    """Choose the next portion of requests that the rule (core.batches.resend) sends again. Answer: Resent or CallFailed("store")."""
