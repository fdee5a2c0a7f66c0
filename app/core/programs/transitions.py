"""The states of a program's message and what leads from one to another. The page's database refuses every other move.

It stands apart from the message itself: the database is opened with this table, and most pages never meet a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from app.core.base.transitions import State, Transitions

if TYPE_CHECKING:
    from app.core.programs.protocol import MessageState

MessageEvent = Literal[
    "result_to_send",
    "result_to_keep",
    "unreadable",
    "dequeued",
    "dropped",
    "changed",
    "delivered",
    "try_failed",
    "tries_used_up",
    "asked_again",
    "late_try",
]
"""What happens to a message:

- ``result_to_send``, ``result_to_keep``: what became of its request is known, or is another than was known. There is a target that wants
  it; or there is none, or nobody wants it.
- ``unreadable``: its result cannot be read, or cannot be delivered as it is, however often that is tried.
- ``dequeued``: its program took it back, and its request left the queue unsent. ``dropped``: its program wants no result any more.
- ``changed``: the result goes to another target once it is there.
- ``delivered``, ``try_failed``, ``tries_used_up``: a try at its delivery ended: well; badly, another follows; badly, it was the last.
- ``asked_again``: a person or a program wants the result delivered again.
- ``late_try``: a try ended whose result, target or state is another by now. It is only recorded.
"""

_ANOTHER_RESULT: Final = {"result_to_send": "due", "result_to_keep": "kept", "unreadable": "failed"}
"""A request can have another result: its batch's answers are fetched again, or it was sent again and answered."""
_ENDED: Final = {**_ANOTHER_RESULT, "asked_again": "due", "dequeued": "kept"}
"""What leads out of a state from which nothing follows by itself."""

MESSAGE: Final[Transitions[MessageState, MessageEvent]] = Transitions(
    "waiting",
    {
        "waiting": State(
            "the outcome of its request is not known: it is queued, or in a batch",
            {**_ANOTHER_RESULT, "dequeued": "kept", "dropped": "waiting", "changed": "waiting", "late_try": "waiting"},
        ),
        "due": State(
            "its result is here and is sent to its target, now or when the next attempt is due",
            {
                **_ANOTHER_RESULT,
                "delivered": "delivered",
                "try_failed": "due",
                "tries_used_up": "failed",
                "asked_again": "due",
                "dropped": "kept",
                "dequeued": "kept",
                "late_try": "due",
            },
        ),
        "delivered": State("its target took the result", {**_ENDED, "dropped": "delivered", "late_try": "delivered"}),
        "failed": State(
            "it was not delivered: its attempts are used up, or its result cannot be read",
            {**_ENDED, "dropped": "failed", "late_try": "failed"},
        ),
        "kept": State(
            "its result stays here to be read: it has no target, or its program dropped it",
            {**_ENDED, "dropped": "kept", "late_try": "kept"},
        ),
    },
)
