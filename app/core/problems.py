"""Every failure in words: what happened, what it means for money and data, what to do.

``retry`` says that the same call may succeed later by itself; ``doubtful`` that it may have taken effect all the same. What a provider says
is quoted, shortened, with anything that looks like a key masked. Advice for single error codes is in :mod:`app.core.advice`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from app.core import jsonread
from app.core.advice import Advice, explain
from app.core.patterns import pattern
from app.core.records import Blame, Problem, Profile, RemoteError
from app.core.wire import NetworkError, Response

__all__ = [
    "Advice",
    "Call",
    "Refused",
    "explain",
    "from_errors",
    "from_network",
    "from_response",
    "from_storage",
    "mask",
    "no_key",
    "quote",
    "said_by",
    "said_in",
]

Call = Literal["upload", "create", "poll", "list", "download", "cancel", "models", "delete", "store"]
NO_ROOM: Final = "token_limit_exceeded"  # the provider's code; a name for what it is: no password
REDIRECTED: Final = "redirected"
QUOTE: Final = 300  # characters of a provider's own words

_CHANGES: Final = frozenset({"upload", "create", "cancel"})  # calls that change something at the provider

_CERTAIN: Final[dict[str, str]] = {
    "upload": "No batch was made and nothing is billed. The requests are still here.",
    "create": "No batch was made and nothing is billed. The requests are still here.",
    "poll": "The batch itself is not touched by this: it goes on at the provider. Only its progress is not known here.",
    "list": "This only looked: nothing was sent, nothing was changed and nothing is billed.",
    "download": "The answers are not touched by this: the provider keeps them for a time (OpenAI for 30 days). Fetching them is free.",
    "cancel": "The batch was not cancelled: what it answers is billed.",
    "models": "Nothing was sent but the key, and nothing is billed.",
    "delete": "The file is still there. Nothing is billed for it, and it goes by itself when its time is over.",
    "store": "What was stored before is unchanged.",
}
_DOUBT: Final[dict[str, str]] = {
    "upload": "The file may have arrived. Nightshift looks before it sends it again. Nothing is billed for a file.",
    "create": "The batch may have been made all the same. Nightshift looks before it tries again, so nothing is paid twice.",
    "cancel": "The batch may be cancelled all the same. Nightshift looks. What it has answered is billed.",
}
_AFTERWARDS: Final[dict[str, str]] = {
    "upload": "then submit again",
    "create": "then submit again",
    "models": "then test again",
    "delete": "then try again",
}
_DOING: Final[dict[str, str]] = {
    "upload": "the upload",
    "create": "creating the batch",
    "poll": "asking for the batch",
    "list": "listing",
    "download": "fetching the answers",
    "cancel": "cancelling",
    "models": "asking for the models",
    "delete": "deleting a file",
    "store": "storing",
}


class Refused(Exception):
    """The provider answered, but not with what was asked for."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def from_response(call: Call, response: Response, profile: Profile, key: str = "") -> Problem:
    """A refusal by the provider: any status but 2xx, or a 2xx whose body is not what was asked for."""
    status = response.status
    said_code, said = said_by(response.body)
    detail = quote(said, key)
    then = _AFTERWARDS.get(call, "then choose “Try now”")
    name = profile.name or profile.base_url

    def problem(code: str, what: str, do: str, blame: Blame = "person", *, retry: bool = False, doubtful: bool = False) -> Problem:
        doubtful = doubtful and call in _CHANGES
        means = _DOUBT[call] if doubtful else _CERTAIN[call]
        return Problem(code=code, what=what, means=means, do=do, blame=blame, retry=retry, doubtful=doubtful, status=status, detail=detail)

    if 200 <= status < 300:
        what = unexpected(call, profile)
        do = f"Check the base address of this provider in the settings, {then}. A proxy or a log-in page in between answers like this, too."
        return problem("unexpected_answer", what, do, doubtful=True)
    if status < 400:
        what = f"{name} sends the call on to another address, and a page may not follow with a key."
        return problem("redirected", what, f"Set the base address to where the provider really is, {then}.")
    if "insufficient_quota" in said_code or status == 402:
        return problem("insufficient_quota", f"{name} says that the account has no credit left.", f"{explain('insufficient_quota').remedy}")
    if "billing_hard_limit" in said_code:
        what = f"{name} says that the account's spending limit is reached."
        return problem("billing_hard_limit_reached", what, explain("billing_hard_limit_reached").remedy)
    if NO_ROOM in said_code and call == "create":
        advice = explain(NO_ROOM)
        return problem(NO_ROOM, advice.sentence, advice.remedy)
    if call == "create" and status in (400, 404, 409, 422, 425) and _FILE_PENDING.search(said):
        what = f"{name} is still checking the uploaded file."
        do = "Nothing: Nightshift tries again until it is ready. At Azure this takes up to some minutes."
        return problem(FILE_PENDING, what, do, "provider", retry=True)
    if call == "upload" and _FILE_QUOTA.search(f"{said_code} {said}"):
        what = f"{name} keeps no more files of this account: its quota is used up."
        do = (
            "Delete files there that no batch needs any more, or let uploaded files expire by themselves (both are offered here), then "
            "submit again."
        )
        return problem(FILE_QUOTA, what, do)
    if call == "create" and status in (400, 404) and _FILE_MISSING.search(said):
        what = f"{name} cannot find the uploaded file yet."
        do = "This happens for a moment right after an upload. Nightshift tries a few times; if it stays, submit again."
        return problem("file_not_ready", what, do, "provider", retry=True)
    match status:
        case 401:
            return problem("wrong_key", f"{name} does not accept the key (401).", f"Enter a valid key in the settings, {then}.")
        case 403:
            what = f"{name} does not allow {_DOING[call]} with this key (403)."
            do = f"Check the key's permissions, its project and whether the provider serves your region, {then}."
            return problem("forbidden", what, do)
        case 404:
            return _not_found(call, name, then, problem)
        case 409 | 400 if call == "cancel":
            what = f"{name} says that the batch can no longer be cancelled ({status})."
            return problem("cannot_cancel", what, "Nothing to do: it has probably ended. Nightshift looks.", "provider")
        case 409:
            what = f"{name} reports a conflict with something that is there already (409)."
            return problem("conflict", what, f"Wait a moment, {then}.")
        case 413:
            what = f"{name} does not take a body this large (413)."
            return problem("too_large", what, f"Lower the bytes a batch may have for this provider in the settings, {then}.")
        case 408 | 425:
            return problem("timeout", f"{name} gave up waiting ({status}).", _WAITS, "provider", retry=True, doubtful=True)
        case 429:
            return problem("rate_limited", f"{name} says that there were too many calls (429).", _WAITS, "provider", retry=True)
        case _ if status >= 500:
            what = f"{name} has a fault of its own ({status}) at {_DOING[call]}."
            return problem("server_error", what, _WAITS, "provider", retry=True, doubtful=True)
        case _:
            what = f"{name} refused {_DOING[call]} ({status})" + (f": “{detail}”" if detail else ".")
            return problem("bad_request", what, f"Mend what the provider names, {then}.")


def unexpected(call: Call, profile: Profile, words: str = "") -> str:
    """That an answer came with success and is not what was asked for; ``words`` say what it is."""
    name = profile.name or profile.base_url
    return f"{name} answered {_DOING[call]} with something that is not the expected JSON{f': {words}' if words else ''}."


def _not_found(call: Call, name: str, then: str, problem: Any) -> Problem:
    found: Problem
    if call in ("poll", "cancel"):
        what = f"{name} does not know this batch (404)."
        do = (
            "Check that the key belongs to the project in which the batch was made. Nightshift goes on asking, ever more seldom. If it "
            "stays so, enter the batch’s id, return its requests to the queue, or stop following it."
        )
        means = (
            "Nothing more is known of it: it may have been deleted there, or be out of this key's sight. What it has answered is billed."
        )
        found = msgspec.structs.replace(problem("batch_unknown", what, do), means=means)
    elif call == "download":
        what = f"{name} does not find an answer file of this batch (404)."
        do = (
            "Check that the key belongs to the project in which the batch was made. Nightshift tries a few times; afterwards choose “Fetch "
            "the answers again”, which is free. Providers delete files after a time (OpenAI after 30 days)."
        )
        means = "The requests in this file may have been answered and billed: sent again, they are paid again. What is here stays."
        found = msgspec.structs.replace(problem("file_gone", what, do, "provider", retry=True), means=means)
    elif call == "create":
        what = f"{name} found no batches, or not the file, at this address (404)."
        found = problem("not_found", what, f"Check that this provider offers batches and that the base address is right, {then}.")
    else:
        what = f"There is nothing at this address of {name} (404)."
        found = problem("not_found", what, f"Check the base address in the settings (it often ends in /v1), {then}.")
    return found


_WAITS: Final = "Nothing: Nightshift waits and tries again. “Try now” tries at once."
_FILE_PENDING: Final = pattern(
    r"file\b.{0,80}\b(?:not (?:yet )?(?:ready|processed)|pending|(?:being|still) process|in processing|not finished)", re.I | re.S
)
_FILE_QUOTA: Final = pattern(
    r"quota.{0,40}\bfiles?\b|\bfiles?\b.{0,40}\bquota|(?:maximum|max|limit|too many).{0,30}number of files|too many files", re.I | re.S
)
_FILE_MISSING: Final = pattern(
    r"(cannot|can't|could not|couldn't) find (the )?(input )?file|no such file|file\b.{0,80}\bnot found", re.I | re.S
)


def from_network(call: Call, error: NetworkError, profile: Profile) -> Problem:
    """An exchange that did not complete."""
    name = profile.name or profile.base_url
    then = _AFTERWARDS.get(call, "then choose “Try now”")
    code, blame, retry, doubtful = _NETWORK[error.kind]
    if error.kind == "blocked" and call == "upload":
        doubtful = False  # a file without a batch costs nothing, and listing would be blocked as well
    doubtful = doubtful and call in _CHANGES
    host = quote(error.detail) if error.detail.startswith(("https://", "http://")) else ""
    what, do = {
        "offline": ("This machine is offline.", "Connect to the network. Nightshift goes on by itself."),
        "blocked": (
            f"{name} does not let a web page read its answers (CORS), at least not from this address.",
            f"Ask the provider to allow it, or set the base address to a gateway that does, {then}.",
        ),
        "policy": (f"This page is not yet allowed to call {name}.", f"Reload the page, {then}: the page's policy is written at its start."),
        "unreachable": (
            f"{name} does not answer at all.",
            f"{_WAITS} If it stays so, check the base address and the network. For an address on this machine or in your own network, "
            "allow this page to reach it when the browser asks.",
        ),
        "broken": (f"The connection to {name} broke off during {_DOING[call]}.", _WAITS),
        "timeout": (f"{name} took too long to answer {_DOING[call]}.", _WAITS),
        "redirected": (
            f"{name} redirects {_DOING[call]} to {host or 'another host'}, and this page may not follow there.",
            f"If that is where it should go, allow the host, {then}: the key is never sent there."
            if host
            else "The browser does not tell a page where to. If the provider's documentation names the host (Azure keeps files at "
            f"…blob.core.windows.net), add it to the provider in the settings, {then}: the key is never sent there.",
        ),
    }[error.kind]
    means = _DOUBT[call] if doubtful else _CERTAIN[call]
    return Problem(code=code, what=what, means=means, do=do, blame=blame, retry=retry, doubtful=doubtful, detail=quote(error.detail))


# kind: code, blame, retry, doubtful. A page can't tell a call that never left from one whose answer was lost, so all but «policy» leave
# doubt; «blocked» too: a gateway's 502 without CORS headers looks like a refusal of the page. Who redirects a call has not carried it out.
_NETWORK: Final[dict[str, tuple[str, Blame, bool, bool]]] = {
    "offline": ("offline", "platform", True, True),
    "blocked": ("blocked", "person", False, True),
    "policy": ("policy", "person", False, False),
    "unreachable": ("unreachable", "platform", True, True),
    "broken": ("broken", "platform", True, True),
    "timeout": ("timeout", "provider", True, True),
    "redirected": (REDIRECTED, "person", False, False),
}


def from_storage(kind: Literal["full", "lost"], detail: str = "") -> Problem:
    """Our own storage refused: no space left, or the database is gone."""
    if kind == "full":
        what, do = "The browser has no more room for this page.", "Delete old batches, or free space on the disk, then choose “Try now”."
        return Problem(code="storage_full", what=what, means=_CERTAIN["store"], do=do, blame="person", detail=quote(detail))
    what = "The browser no longer lets this page reach its storage."
    means = "Nothing new is stored. Batches at the provider go on, and what they answer is billed."
    do = "Reload the page. In a private window nothing is kept: use a normal one."
    return Problem(code="storage_lost", what=what, means=means, do=do, blame="platform", detail=quote(detail))


UNANSWERED: Final = "create_unanswered"


def create_unanswered() -> Problem:
    """A create was begun, its answer is not known (a reload, for example), and listings don't show the batch yet."""
    return Problem(
        code=UNANSWERED,
        what="The call that makes the batch was begun and its answer did not come. The provider does not list the batch yet.",
        means="Until its time is over the call may still make a batch: making it again now could be billed twice.",
        do="Nothing: Nightshift goes on looking, and makes the batch only when it is certain that there is none.",
        retry=True,
        doubtful=True,
    )


def no_room(said: str, times: int, *, again: bool) -> Problem:
    """The provider refused the batch for lack of room, so many times in a row. ``again``: it is tried once more by itself."""
    often = "" if times < 2 else f" It has refused it {times} times in a row."
    return Problem(
        code=NO_ROOM,
        what=f"The provider has no room for this batch: {explain(NO_ROOM).sentence[:1].lower()}{explain(NO_ROOM).sentence[1:]}{often}",
        means="No request ran and nothing is billed.",
        do="Nothing: Nightshift tries again after a while. “Try now” tries at once."
        if again
        else "Look at the account's limits and at what else uses it, then choose “Try now”, or put the requests back into the queue.",
        blame="provider" if again else "person",
        retry=again,
        detail=quote(said),
    )


FILE_PENDING: Final = "file_pending"
FILE_QUOTA: Final = "file_quota"


def file_pending(status: str) -> Problem:
    """The provider has the uploaded file, and no batch can be made of it yet."""
    return Problem(
        code=FILE_PENDING,
        what=f"The provider has the file and is still checking it (it calls that “{quote(status)}”).",
        means=_CERTAIN["upload"],
        do="Nothing: Nightshift asks again and makes the batch when the file is ready. At Azure this takes up to some minutes.",
        retry=True,
    )


UNKNOWN_STATUS: Final = "unknown_status"


def unknown_status(said: str) -> Problem:
    """The provider gives a batch a status that no table knows."""
    return Problem(
        code=UNKNOWN_STATUS,
        what=f"The provider calls this batch “{quote(said)}”, a status that Nightshift does not know.",
        means="It may still be working, or be over. What it answers is billed. Nothing is sent again.",
        do="Nightshift goes on asking, less and less often. If the provider's own page says that it is over, choose “Stop following”: the "
        "answers that the provider names are fetched, and the batch can be followed again later.",
        retry=True,
    )


def unfollowed(said: str) -> Problem:
    """The person stopped following a batch that the provider did not call ended."""
    called = f" The provider called it “{quote(said)}” then." if said else ""
    return Problem(
        code="unfollowed",
        what=f"You stopped following this batch before the provider had ended it.{called}",
        means="It may go on at the provider, and what it answers is billed. A request without an answer here may have been answered there: "
        "sent again, it may be paid twice.",
        do="“Fetch the answers again” asks the provider about it once more, which is free.",
        blame="person",
    )


def other_batch(call: Call, profile: Profile, asked: str, came: str) -> Problem:
    """An answer about a batch that was not asked about. After a create it is not known what was made."""
    doubtful = call == "create"
    name, instead = profile.name or profile.base_url, f"“{quote(came)}” in place of “{quote(asked)}”"
    return Problem(
        code="other_batch",
        what=f"{name} answered {_DOING[call]} with another batch ({instead}).",
        means=_DOUBT[call] if doubtful else f"{_CERTAIN['poll']} What was said of the other batch is not used.",
        do="Nightshift asks again. If it stays so, a proxy in between may answer from its memory: tell whoever runs it.",
        retry=True,
        doubtful=doubtful,
    )


def bad_upload(profile: Profile, sent: int, size: int, status: str, said: str) -> Problem:
    """The provider took a file and says that it has not what was sent, or cannot use it. ``size`` 0: it says none."""
    name = profile.name or profile.base_url
    if size not in (0, sent):
        what = f"{name} says that the uploaded file has {size:,} bytes, but {sent:,} were sent."
        code, do = "upload_size", "Nightshift uploads it again a few times. If it stays so, a proxy in between may cut what is sent."
    else:
        what = f"{name} says that it cannot use the uploaded file: its status is “{quote(status)}”."
        code, do = "upload_refused", "Nightshift uploads it again a few times. If it stays so, look at what the provider says below."
    return Problem(code=code, what=what, means=_CERTAIN["upload"], do=do, retry=True, detail=quote(said))


def not_deleted(profile: Profile) -> Problem:
    """The provider answered a deletion with success, and that the file was not deleted."""
    what = f"{profile.name or profile.base_url} says that the file was not deleted."
    return Problem(code="not_deleted", what=what, means=_CERTAIN["delete"], do="Try again later, or delete it at the provider's own page.")


def says_file_missing(problem: Problem) -> bool:
    """Whether the provider says that it does not have the input file."""
    return problem.code == "file_not_ready" or (problem.code == "invalid_request" and _FILE_MISSING.search(problem.detail) is not None)


def endless_listing(profile: Profile) -> Problem:
    """A listing that was not read to its end says nothing of what is not on it."""
    return Problem(
        code="endless_listing",
        what=f"The listing of {profile.name or profile.base_url} has no end that Nightshift can reach.",
        means=f"{_CERTAIN['list']} It is not certain whether ours is there, so nothing is made again.",
        do="Nightshift looks again. If it stays, look at the provider's own page, and delete old files or batches there.",
        retry=True,
    )


def wrong_size(expected: int, came: int, often: int = 0) -> Problem:
    """An answer file came with other bytes than the provider says it has; ``often`` times, when it is given up for now."""
    what = f"An answer file came with {came:,} bytes, but the provider says that it has {expected:,}."
    if not often:
        return Problem(
            code="file_size", what=what, means=_CERTAIN["download"], do="Nightshift fetches it again from its beginning.", retry=True
        )
    return Problem(
        code="file_size",
        what=f"{what} It did so {often} times.",
        means="What came is kept and shown. A request that is not in it counts as missing: it may be answered and billed all the same.",
        do="Choose “Fetch the answers again” later; it is free.",
    )


def requests_lost(detail: str = "") -> Problem:
    """Bytes of queued requests are not in this browser any more."""
    return Problem(
        code="requests_lost",
        what="Requests of this batch are gone from this browser: their text can no longer be read.",
        means=_CERTAIN["upload"].removesuffix(" The requests are still here.") + " The requests that can be read are still here.",
        do="In the queue, delete those that cannot be read, add them anew, then submit again.",
        blame="platform",
        detail=quote(detail),
    )


def no_key(call: Call, profile: Profile) -> Problem:
    """There is no key for this provider here (any more)."""
    then = _AFTERWARDS.get(call, "then choose “Try now”")
    what = f"There is no key for {profile.name or profile.base_url} on this machine."
    return Problem(code="no_key", what=what, means=_CERTAIN[call], do=f"Enter it in the settings, {then}.", blame="person")


def from_errors(errors: Sequence[RemoteError], *, ran: bool = False) -> Problem:
    """Why a batch failed at the provider. Failed validation costs nothing (OpenAI batch guide); where the provider counts or names answers
    all the same, requests ``ran``, and what they cost is for the provider to say."""
    first = errors[0] if errors else RemoteError()
    advice = explain(first.code or ("invalid_request" if first.message else ""))
    where = f" (line {first.line:,})" if first.line else ""
    more = f" There are {len(errors) - 1:,} more errors." if len(errors) > 1 else ""
    return Problem(
        code=first.code or "batch_failed",
        what=f"The provider {'ended' if ran else 'refused'} the batch{where}: {advice.sentence}{more}"
        if first.code or first.message or not ran
        else "The provider calls the batch failed and gives no reason.",
        means="Requests of it ran before that: what they were answered is billed. What the provider's files hold is fetched."
        if ran
        else "No request ran and nothing is billed."
        if errors
        else "The provider counts no request that ran and names no answers. A batch that fails at its check is not billed.",
        do=advice.remedy,
        blame="provider" if advice.again else "person",
        retry=advice.again,
        detail=quote(first.message),
    )


# --- a provider's own words --------------------------------------------------------------------------------------------------------

_KEYLIKE: Final = pattern(r"\b(sk|gsk|pk|rk|xai|sess|api|key)([-_])[\w*.…-]{4,}", re.ASCII)
_BEARER: Final = pattern(r"\b(bearer)\s+[^\s\"']+", re.I)


def mask(text: str, key: str = "") -> str:
    """The text without ``key`` and without anything that looks like one."""
    if len(key) >= 4:
        text = text.replace(key, "…")
    return _BEARER.sub(r"\1 …", _KEYLIKE.sub(r"\1\2…", text))


def quote(text: str, key: str = "") -> str:
    """Somebody else's words for people: masked, spaces joined, at most 300 characters."""
    text = " ".join(mask(text[: QUOTE * 20], key).split())
    return text if len(text) <= QUOTE else text[: QUOTE - 1].rstrip() + "…"


def said_by(body: bytes) -> tuple[str, str]:
    """Code and message of an error body of whatever shape; both may be empty. A body that is not JSON is its own message without markup."""
    try:
        found = jsonread.value(body)
    except jsonread.Unreadable as error:
        if error.kind == "too_deep":
            return "", ""  # nobody wrote it for people
        text = body[: QUOTE * 20].decode("utf-8", "replace")
        return "", re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.I | re.S).strip()
    return said_in(found)


def said_in(found: Any, depth: int = 0) -> tuple[str, str]:
    """Code and message in a decoded error of whatever shape; both may be empty."""
    if isinstance(found, str):
        return "", found
    if isinstance(found, list):
        return _said_by_first(found, depth)
    if not isinstance(found, dict):
        return "", ""
    for name in ("error", "errors", "data", "detail", "message"):
        inner = found.get(name)
        if depth < 4 and (isinstance(inner, dict | list) or (name in ("error", "errors", "data") and isinstance(inner, str) and inner)):
            code, message = said_in(inner, depth + 1)
            if code or message:
                return code or _text(found.get("code")), message
    code = _text(found.get("code")) or _text(found.get("type"))
    message = next((_text(found[name]) for name in ("message", "detail", "title", "msg") if found.get(name)), "")
    loc = found.get("loc")  # FastAPI and pydantic: where in what was sent
    where = ".".join(str(one) for one in loc[:20]) if isinstance(loc, list) else ""
    return code, f"{where}: {message}" if where and message else message


def _said_by_first(found: list[Any], depth: int) -> tuple[str, str]:
    """What the first entry says, and how many more there are."""
    code, message = said_in(found[0], depth) if found and not isinstance(found[0], list) else ("", "")
    return code, f"{message} (and {len(found) - 1:,} more)" if message and len(found) > 1 else message


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, dict | list) else str(value)
