"""The states of a batch that the official SDK made, and what leads from one to another. The server's database refuses every other move."""

from __future__ import annotations

from typing import Final, Literal

from app.core.base.transitions import State, Transitions

JobState = Literal["validating", "in_progress", "finalizing", "completed", "failed", "cancelling", "cancelled"]
"""In the provider's words; nothing expires here."""
JobEvent = Literal["file_is_good", "file_is_bad", "cut_off", "cancel_asked", "dropped", "all_ended", "files_made"]
"""What happens to such a batch:

- ``file_is_good``, ``file_is_bad``: its file was read through, and holds requests only, or faults.
- ``cut_off``: no more of its lines come than have become messages, because its file is gone.
- ``cancel_asked``: its program wants no more of it. ``dropped``: what no page had has ended, and the pages that have the rest know.
- ``all_ended``: it is known of every line what became of it. ``files_made``: the results are in their files.
"""

JOB_STATES: Final[Transitions[JobState, JobEvent]] = Transitions(
    "validating",
    {
        "validating": State(
            "its file waits to be checked; none of it was queued",
            {"file_is_good": "in_progress", "file_is_bad": "failed", "cancel_asked": "cancelling"},
        ),
        "in_progress": State(
            "its lines are queued, and answered by the page",
            {"cut_off": "in_progress", "cancel_asked": "cancelling", "all_ended": "finalizing"},
        ),
        "finalizing": State("every line has ended; the results are put together", {"files_made": "completed"}),
        "completed": State("the results are in its files", {}),
        "failed": State("its file has errors, which it names; nothing was queued", {}),
        "cancelling": State(
            "what no page has ends at once, pages are asked to stop the rest; answers that come first count",
            {"cut_off": "cancelling", "cancel_asked": "cancelling", "dropped": "cancelling", "files_made": "cancelled"},
        ),
        "cancelled": State("what was answered before is in its files, the rest is reported as cancelled", {}),
    },
)
