"""A batch's life. Nothing here calls anybody: the engine asks :func:`due` what to do, does it, and tells :func:`advance` what came of it.

The rules:

1. What to do next follows from the stored record alone (:func:`due`). A reload is therefore nothing special.
2. ``state`` moves only along :data:`MOVES`; an event is heard only in the states of :data:`HEARD`. Anything else is
   :class:`NoSuchMove`, and the batch stays as it was. Staying in a state is always allowed.
3. Before an upload or a create, its intent is stored (:func:`intent`): that sets ``outcome_unknown``, which only an answer
   clears: success, a certain refusal, or listings that don't show it. While it is set, the next step is to list, never to call again.
4. A second create needs two listings without our batch, at least 5 s apart, the last of them when the first create can no longer arrive
   (``retry.certain_at``: its timeout and a margin after it began). Until then the state stays ``creating`` and says why.
5. Until a batch can exist at the provider, the requests can go back to the queue: ``withdrawn``. A refusal that only a person can fix
   leads there, and so do used-up tries. The engine commits the move to ``withdrawn`` and the segments' way back in one transaction.
6. A batch is made only when there is capacity for its tokens (:mod:`app.core.batches.capacity`): ``CapacityReserved`` leads to
   ``creating``, and that, stored, is the reservation. One that the provider refuses for lack of capacity goes back to ``waiting``: nothing
   of it ran. It is remembered as ``superseded``, tried again after 5, 10, 20, 40 and 80 minutes, then the person is asked.
7. Once a batch may exist, no failure of a call ends it: the problem is kept and shown, and the call is made again after a growing wait.
8. Being offline uses up no tries.
9. Asking to cancel is kept over everything; what the provider finishes first counts.
10. Nothing leads out of an ending by itself. The person can have answers fetched again that are not here (``FetchAgain``): it is free.
11. Whatever the ending, there is a ledger: files are fetched, then reconciled. Only a batch that failed before it began has none.
12. With the ledger it is decided what is sent again (core.batches.resend). Until all of that is back in the queue the batch
    stays ``reconciling``; each portion is one commit with the batch, so however often the page dies, every request goes back once.
13. An unknown status of the provider is kept and quoted, and asked about at growing intervals. The person can stop following the batch
    (``StopFollowing``): what the provider names is fetched, nothing is sent again by rule, and it can be asked about again, once each time.
14. A batch is bound to the account that is called when its upload or create begins (:mod:`app.core.openai.accounts`). With a key of another
    account its step fails as ``other_account`` and changes nothing: no create, no cancelling, no conclusion that it is not there.
15. Whatever fails forever, the person has a way that leads out (:func:`ways`). What they decide is an event like any other.
16. A batch created elsewhere begins ``adopting``: its requests are read back, then it takes the state of the provider's status. It
    is never made again, and its requests are not sent again by rule.
17. A batch that may not be followed here alone (``Batch.unproven``: it came with a file, or was bound to a batch that does not carry our
    mark) goes into ``creating`` with doubt: it is looked for before it is made. Its requests are not sent again by rule.
"""

from __future__ import annotations

from app.core.base.transitions import NoSuchMove
from app.core.batches.events import (
    AskFile,
    BatchNotFound,
    Bound,
    CallFailed,
    CancelAnswered,
    CancelRemote,
    CancelRequested,
    CapacityReserved,
    CapacityUnavailable,
    Claimed,
    Create,
    CreateBegins,
    Created,
    Download,
    Downloaded,
    Effect,
    Event,
    FetchAgain,
    FileKind,
    FileNotFound,
    FilePending,
    FindBatch,
    FindFile,
    GivenUp,
    Poll,
    Polled,
    Rebuild,
    Rebuilt,
    Reconcile,
    Reconciled,
    Resend,
    Resent,
    ReserveCapacity,
    Returned,
    StopFollowing,
    TryNow,
    Upload,
    UploadBegins,
    Uploaded,
)
from app.core.batches.pipeline.adopt import adopt
from app.core.batches.pipeline.changes import has_no_ledger, ran
from app.core.batches.pipeline.fetch import can_fetch_again
from app.core.batches.pipeline.life import advance, due, intent, plan
from app.core.batches.pipeline.moves import (
    BEFORE,
    CALLS,
    ENDINGS,
    FETCHED,
    FINAL,
    FOLLOWED,
    HEARD,
    LIVE,
    MOVES,
    UNFOLLOWED,
    diagram,
    legal,
)
from app.core.batches.pipeline.ways import Way, ways

__all__ = [
    "BEFORE",
    "CALLS",
    "ENDINGS",
    "FETCHED",
    "FINAL",
    "FOLLOWED",
    "HEARD",
    "LIVE",
    "MOVES",
    "UNFOLLOWED",
    "AskFile",
    "BatchNotFound",
    "Bound",
    "CallFailed",
    "CancelAnswered",
    "CancelRemote",
    "CancelRequested",
    "CapacityReserved",
    "CapacityUnavailable",
    "Claimed",
    "Create",
    "CreateBegins",
    "Created",
    "Download",
    "Downloaded",
    "Effect",
    "Event",
    "FetchAgain",
    "FileKind",
    "FileNotFound",
    "FilePending",
    "FindBatch",
    "FindFile",
    "GivenUp",
    "NoSuchMove",
    "Poll",
    "Polled",
    "Rebuild",
    "Rebuilt",
    "Reconcile",
    "Reconciled",
    "Resend",
    "Resent",
    "ReserveCapacity",
    "Returned",
    "StopFollowing",
    "TryNow",
    "Upload",
    "UploadBegins",
    "Uploaded",
    "Way",
    "adopt",
    "advance",
    "can_fetch_again",
    "diagram",
    "due",
    "has_no_ledger",
    "intent",
    "legal",
    "plan",
    "ran",
    "ways",
]
