"""Problems of one batch or its files, in words; :mod:`app.core.openai.problems` has those of failed calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.base import text
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.quoting import quote
from app.core.model.remote import RemoteError
from app.core.openai.advice import explain
from app.core.openai.problems import CERTAIN, DOING, DOUBT, FILE_PENDING, NO_ROOM, Call

UNANSWERED: Final = "create_unanswered"


def create_unanswered() -> Problem:
    """A create was begun, its answer is not known (a reload, for example), and listings don't show the batch yet."""
    return Problem(
        code=UNANSWERED,
        what="The batch was being created, but the provider's reply did not arrive. The provider does not list the batch yet.",
        means="The call may still create the batch for a while: creating it again now could be billed twice.",
        do="Nightshift keeps looking, and creates the batch again only when it is certain that there is none.",
        retry=True,
        doubtful=True,
    )


PERHAPS_MADE: Final = "perhaps_made"


def perhaps_made() -> Problem:
    """A batch that came with a file, or that the person bound to another one, is about to be made."""
    return Problem(
        code=PERHAPS_MADE,
        what="This batch may exist already, created by another browser or before its record was restored. Nightshift looks for it first.",
        means="Nothing is sent while it looks. Created a second time, the batch could be billed twice.",
        do="Nothing to do: Nightshift checks the provider's list twice, and creates the batch only if it is not there.",
        retry=True,
        doubtful=True,
    )


def no_room(said: str, times: int, *, again: bool) -> Problem:
    """The provider refused the batch for lack of room, so many times in a row. ``again``: it is tried again by itself."""
    often = "" if times < 2 else f" It has refused it {times} times in a row."
    return Problem(
        code=NO_ROOM,
        what=f"The provider has no capacity for this batch: {explain(NO_ROOM).sentence[:1].lower()}{explain(NO_ROOM).sentence[1:]}{often}",
        means="No request ran and nothing is billed.",
        do="Nightshift retries automatically after a while. “Try now” retries at once."
        if again
        else "Check the account's limits and what else uses it, then choose “Try now”, or return the requests to the queue.",
        blame="provider" if again else "person",
        retry=again,
        detail=quote(said),
    )


def file_pending(status: str) -> Problem:
    """The provider has the uploaded file, and no batch can be made of it yet."""
    return Problem(
        code=FILE_PENDING,
        what=f"The provider has the file and is still checking it (it calls that “{quote(status)}”).",
        means=CERTAIN["upload"],
        do="Nightshift keeps checking and creates the batch when the file is ready. On Azure this can take some minutes.",
        retry=True,
    )


UNKNOWN_STATUS: Final = "unknown_status"


def unknown_status(said: str) -> Problem:
    """The provider gives a batch a status that no table knows."""
    return Problem(
        code=UNKNOWN_STATUS,
        what=f"The provider calls this batch “{quote(said)}”, a status that Nightshift does not know.",
        means="It may still be running, or have ended. What it answers is billed. Nothing is sent again.",
        do="Nightshift keeps checking, less and less often. If the provider's own page says that it has ended, choose “Stop following”: "
        "the answers that the provider lists are downloaded, and you can check again at any time.",
        retry=True,
    )


def unfollowed(said: str) -> Problem:
    """The person stopped following a batch that the provider did not call ended."""
    called = f" The provider called it “{quote(said)}” then." if said else ""
    return Problem(
        code="unfollowed",
        what=f"You stopped following this batch before it ended at the provider.{called}",
        means="It may continue at the provider, and what it answers is billed. A request without an answer here may have been answered "
        "there: sent again, it may be paid for twice.",
        do="“Download the answers again” asks the provider about it once more, which is free.",
        blame="person",
    )


def other_batch(call: Call, profile: Profile, asked: str, came: str) -> Problem:
    """An answer about a batch that was not asked about. After a create it is not known what was made."""
    doubtful = call == "create"
    name, instead = profile.name or profile.base_url, f"“{quote(came)}” in place of “{quote(asked)}”"
    return Problem(
        code="other_batch",
        what=f"{name} answered {DOING[call]} with another batch ({instead}).",
        means=DOUBT[call] if doubtful else f"{CERTAIN['poll']} The reply about the other batch is not used.",
        do="Nightshift asks again. If this continues, a proxy in between may be answering from its cache: tell its operator.",
        retry=True,
        doubtful=doubtful,
    )


def bad_upload(profile: Profile, sent: int, size: int, status: str, said: str) -> Problem:
    """The provider took a file and says that it has not what was sent, or cannot use it. ``size`` 0: it says none."""
    name = profile.name or profile.base_url
    if size not in (0, sent):
        what = f"{name} says that the uploaded file has {text.number(size)} bytes, but {text.number(sent)} were sent."
        code, do = "upload_size", "Nightshift uploads it again a few times. If this continues, a proxy in between may truncate uploads."
    else:
        what = f"{name} says that it cannot use the uploaded file: its status is “{quote(status)}”."
        code, do = "upload_refused", "Nightshift uploads it again a few times. If this continues, read the provider's message below."
    return Problem(code=code, what=what, means=CERTAIN["upload"], do=do, retry=True, detail=quote(said))


def wrong_size(expected: int, came: int, often: int = 0) -> Problem:
    """An answer file came with other bytes than the provider says it has; ``often`` times, when it is given up for now."""
    what = f"An answer file came with {text.number(came)} bytes, but the provider says that it has {text.number(expected)}."
    if not often:
        return Problem(
            code="file_size", what=what, means=CERTAIN["download"], do="Nightshift downloads it again from the beginning.", retry=True
        )
    return Problem(
        code="file_size",
        what=f"{what} It did so {often} times.",
        means="What arrived is kept and shown. A request that is not in it counts as missing: it may still have been answered and billed.",
        do="Choose “Download the answers again” later; it is free.",
    )


def requests_lost(detail: str = "") -> Problem:
    """Bytes of queued requests are not in this browser any more."""
    return Problem(
        code="requests_lost",
        what="Requests of this batch are no longer in this browser: their text cannot be read.",
        means=CERTAIN["upload"].removesuffix(" The requests are still here.") + " The requests that can be read are still here.",
        do="In the queue, delete those that cannot be read, add them again, then submit.",
        blame="platform",
        detail=quote(detail),
    )


def from_errors(errors: Sequence[RemoteError], *, ran: bool = False) -> Problem:
    """Why a batch failed at the provider. Failed validation costs nothing (OpenAI batch guide); where the provider counts or names answers
    anyway, requests ``ran``, and what they cost is for the provider to say."""
    first = errors[0] if errors else RemoteError()
    advice = explain(first.code or ("invalid_request" if first.message else ""))
    where = f" (line {text.number(first.line)})" if first.line else ""
    more = f" There are {text.number(len(errors) - 1)} more errors." if len(errors) > 1 else ""
    return Problem(
        code=first.code or "batch_failed",
        what=f"The provider {'ended' if ran else 'refused'} the batch{where}: {advice.sentence}{more}"
        if first.code or first.message or not ran
        else "The provider says that the batch failed, and gives no reason.",
        means="Some of its requests ran before that, and their answers are billed. What the provider's files hold is downloaded."
        if ran
        else "No request ran and nothing is billed."
        if errors
        else "The provider counts no request that ran and lists no answers. A batch that fails validation is not billed.",
        do=advice.remedy,
        blame="provider" if advice.again else "person",
        retry=advice.again,
        detail=quote(first.message),
    )
