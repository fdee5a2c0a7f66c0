"""Messages about items that could not be processed and were put aside while the others continued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from app.core.base import text
from app.core.model import quoting
from app.core.model.problem import Problem

Loop = Literal[
    "again",
    "batches",
    "checks",
    "cleaning",
    "closing",
    "deliveries",
    "edits",
    "files",
    "frames",
    "imports",
    "log",
    "messages",
    "news",
    "orders",
    "posting",
    "queueing",
    "rebuilding",
    "rescues",
    "results",
    "retention",
    "room",
    "steps",
    "sweep",
]
"""The loops over items that put items aside."""
_NAMED: Final = 5


class Words(NamedTuple):
    """What one item of a loop is called, what its being put aside means for money and data, and what to do about it."""

    noun: str
    means: str
    do: str


WORDS: Final[Mapping[Loop, Words]] = {
    "again": Words(
        "request",
        "It was not returned to the queue; nothing was sent or billed for it. The others are in the queue.",
        "Open it in its batch; edit a copy of it as a prompt, or take its text from the batch's input file.",
    ),
    "batches": Words(
        "batch",
        "It stays as it is stored; nothing was sent or cancelled because of this. At the provider it continues and is billed.",
        "Open the batch and choose “Try now”. If that fails again, reload the page.",
    ),
    "checks": Words(
        "answer",
        "It could not be compared with what its request asked for, and counts as answered. It is stored and was billed as usual.",
        "Open it in its batch and look at it yourself.",
    ),
    "cleaning": Words(
        "batch",
        "Its files at the provider were not deleted. Nothing is billed for them, and they are deleted when they expire.",
        "Nightshift tries again. You can delete them under Batches, At the provider.",
    ),
    "closing": Words(
        "queue group",
        "Its requests are in the queue as they were; none of it was sent or billed. The other groups are submitted as usual.",
        "Nightshift tries again. Submit the requests yourself in the queue, or export the workspace and delete the one that is named.",
    ),
    "deliveries": Words(
        "result",
        "It was not delivered. Its answer is stored in its batch, and all other results are delivered.",
        "Look at the reason under Integrations, Failed; deliver it again there, or take the answer from its batch.",
    ),
    "files": Words(
        "file of the watched folder",
        "What was read is in the queue once; the rest is not. The other files are read.",
        "Check the file. Nightshift tries to continue with it each time it reads the folder.",
    ),
    "frames": Words(
        "message of the local server",
        "The message was not carried out. Requests in it are sent again one by one; none is lost, and none is billed because of it.",
        "Nothing, if it happens once. Otherwise reload the page, so that it matches its server, or restart the server.",
    ),
    "imports": Words(
        "table whose import was interrupted",
        "What was stored of it takes up space in this browser and belongs to no table. Nothing was sent or billed.",
        "Nothing: it is cleared at the next start. Import the file again if you need its rows.",
    ),
    "log": Words(
        "page of the log", "Only what it says is not shown. Batches and requests are not touched.", "Export it under Damaged records."
    ),
    "messages": Words(
        "message",
        "It was not accepted: none of it is queued, sent or billed. Its program was informed, and the other messages were accepted.",
        "Look at it under Integrations, among the messages that were refused; send it again when it is fixed.",
    ),
    "news": Words(
        "message",
        "The local server got its status but not its answer, which is stored in its batch. The others were reported in full.",
        "Copy the answer from its batch.",
    ),
    "orders": Words(
        "message",
        "A program's command about it (deliver again, drop, forget) was not carried out. Nothing was sent or billed because of it.",
        "Do it by hand under Integrations, or have the program send the command again.",
    ),
    "posting": Words(
        "batch",
        "Its results are not delivered to programs at the moment. They are stored; those of other batches are delivered.",
        "Open the batch and choose “Download the answers again”, which is free; then its results are delivered.",
    ),
    "edits": Words(
        "edit of queued requests whose earlier text could not be dropped",
        "The requests stay changed, and nothing was sent. What would undo the change takes up space in this browser.",
        "Nothing: it is dropped at the next start.",
    ),
    "queueing": Words(
        "table whose addition to the queue was interrupted",
        "None of them is in the queue. What was stored of them takes up space in this browser. Nothing was sent or billed.",
        "Nothing: it is cleared at the next start. Add the rows to the queue again.",
    ),
    "rebuilding": Words(
        "line of an answer file",
        "Which request it answers is not known, so that request is not listed. The line is kept in the batch's files as it arrived.",
        "Save the batch's answer file and check the line that is named. “Download the answers again” is free.",
    ),
    "rescues": Words(
        "rescue of a batch",
        "The answers received are kept. The remaining requests are in the batch or in the queue, once; nothing is paid twice.",
        "Nightshift tries again. You can cancel the batch and queue its requests again by hand.",
    ),
    "results": Words(
        "result",
        "It could not be read and was not delivered; its message is marked failed. The other results of its batch are delivered.",
        "Open its batch and choose “Download the answers again”, which is free; then it is delivered.",
    ),
    "retention": Words(
        "batch",
        "It stays in this browser although it should have been removed by now. Nothing is billed for that.",
        "Nightshift tries again. You can delete it yourself in its view.",
    ),
    "room": Words(
        "batch",
        "It waits and was not sent; its requests are kept. The other batches get capacity at the provider.",
        "Open the batch and choose “Try now”, or return its requests to the queue.",
    ),
    "steps": Words(
        "step",
        "It did not continue; what it may have queued is in the queue, and nothing was sent twice.",
        "Nightshift tries again. You can cancel the step in the results of its table.",
    ),
    "sweep": Words(
        "file at the provider",
        "It may still be there; no batch here needs it, and keeping it costs nothing at OpenAI.",
        "Select it again and delete it, or delete it on the provider's own page.",
    ),
}


def problem(loop: Loop, reasons: Mapping[str, str]) -> Problem:
    """One notice for everything that one loop has put aside. ``reasons``: why, by the item's name as people know it."""
    words = WORDS[loop]
    names = [f"“{name[:80]}”" for name in reasons]
    more = f" and {text.number(len(names) - _NAMED)} more" if len(names) > _NAMED else ""
    which = ", ".join(names[:_NAMED]) + more
    what = f"A {words.noun} was put aside" if len(names) == 1 else f"{text.number(len(names))} items were put aside, each a {words.noun}"
    newest = [*reasons.values()][-1] if reasons else ""
    return Problem(
        code=f"aside:{loop}",
        what=f"{what}, because it could not be processed: {which}. The others continued.",
        means=words.means,
        do=words.do,
        blame="ours",
        retry=True,
        detail=quoting.quote(newest),
    )
