"""When to try again, as pure decisions: a wait in seconds, or none because trying again by itself is over.

The result is stored (``Batch.retry_at``), so a wait survives a reload. A page cannot read ``retry-after`` (CORS does not expose it),
so the waits are our own. ``jitter`` is a number in [0, 1): it spreads a wait by ±20 %, so that many batches don't come back at once.
"""

from __future__ import annotations

CALM = (2.0, 5.0, 15.0, 40.0)  # before there is a batch: then the requests go back to the queue
PATIENT = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0)  # with a batch at the provider: the last wait repeats forever
OFFLINE = 10.0  # the machine has no network: look again soon, it costs nothing
LISTING = 60.0  # while looking for a batch that may exist: only a listing can tell
LOOK_AGAIN = 5.0  # between two listings that must both be empty before a batch is created again
CREATE_TIMEOUT = 120.0  # the longest that a create may take (core.openai.api)
LATE_CREATE = CREATE_TIMEOUT + 30.0  # so long after a create began it may still make a batch: the provider needs time to list it
LATE_CREATE_PRACTICE = LOOK_AGAIN  # the practice provider answers within the page

NO_ROOM = (300.0, 600.0, 1_200.0, 2_400.0, 4_800.0)  # the provider has no capacity for so many tokens: then the person is asked
NO_ROOM_PRACTICE = (5.0, 10.0, 20.0, 40.0, 80.0)  # nobody waits an hour for what is simulated

PENDING = (3.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # the provider still checks the uploaded file; the last wait repeats

LATE_FILES = 3  # how often to ask again for the files of a batch that ended with answers and names none

TWIN_LOOKS = 12  # how often a batch that ended is asked about until the list of batches can be read once: about a minute

MISSING_FILE = 5  # how often an answer file may be answered with 404 before it counts as gone: it may not be readable yet

MISSING_INPUT = 2  # how often the input of a batch created elsewhere may be answered with 404 before its requests are known by answers only

STRANGE_LAST = 3_600.0  # between two looks at a batch whose status nobody knows, when it has been so for hours

POLL_FIRST = 5.0
POLL_LAST = 60.0
POLL_PRACTICE = 1.0


def spread(seconds: float, jitter: float) -> float:
    """``seconds`` times 0.8 to 1.2."""
    return seconds * (0.8 + 0.4 * jitter)


def calm(tries: int, jitter: float) -> float | None:
    """The wait after the ``tries``-th failure in a row (from 1) of an upload or a create; None: enough."""
    return spread(CALM[tries - 1], jitter) if 1 <= tries <= len(CALM) else None


def patient(tries: int, jitter: float) -> float:
    """The wait after the ``tries``-th failure in a row (from 1) of a call about a batch that exists. Never gives up."""
    return spread(PATIENT[min(max(tries, 1), len(PATIENT)) - 1], jitter)


def pending(tries: int, jitter: float) -> float:
    """The wait after the ``tries``-th time in a row (from 1) that the provider had not finished the uploaded file."""
    return spread(PENDING[min(max(tries, 1), len(PENDING)) - 1], jitter)


def no_room(refusals: int, *, practice: bool = False) -> float | None:
    """The wait after the ``refusals``-th time in a row (from 1) that the provider had no capacity for a batch; None: enough. It is
    not spread: batches that come back at one time reserve capacity one after another."""
    waits = NO_ROOM_PRACTICE if practice else NO_ROOM
    return waits[refusals - 1] if 1 <= refusals <= len(waits) else None


def certain_at(asked_at: float, *, practice: bool = False) -> float:
    """From when on a listing without our batch says that a create, begun at ``asked_at`` and left without an answer, made none."""
    return asked_at + (LATE_CREATE_PRACTICE if practice else LATE_CREATE)


def look_again(looks: int) -> float:
    """The wait after the ``looks``-th listing (from 0) that does not show our batch yet: 5, 10, 20, then 40 s."""
    return LOOK_AGAIN * 2.0 ** min(looks, 3)


def poll_interval(age: float, jitter: float, *, practice: bool = False) -> float:
    """Seconds until the next look at a batch that is ``age`` seconds old: 5 s at first, 60 s from ten minutes on."""
    if practice:
        return POLL_PRACTICE
    return spread(min(POLL_LAST, max(POLL_FIRST, age / 10)), jitter)


def strange(seconds: float, jitter: float, *, practice: bool = False) -> float:
    """Seconds until the next look at a batch whose status was unknown for so many seconds by now: a quarter of them, at most an hour."""
    if practice:
        return POLL_PRACTICE
    return spread(min(STRANGE_LAST, max(POLL_FIRST, seconds / 4)), jitter)
