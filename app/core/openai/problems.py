"""Every failure in words: what happened, what it means for money and data, what to do.

``retry`` says that the same call may succeed later by itself; ``doubtful`` that it may have taken effect anyway. What a provider says
is quoted by :mod:`app.core.model.quoting`, advice for single error codes is in :mod:`app.core.openai.advice`, what goes wrong with one
batch or its files in :mod:`app.core.batches.batchproblems`.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.model.problem import Blame, Problem
from app.core.model.providers import Profile
from app.core.model.quoting import quote, said_by
from app.core.openai.advice import Advice, explain
from app.core.openai.wire import NetworkError, Response

__all__ = [
    "Advice",
    "Call",
    "Refused",
    "explain",
    "from_network",
    "from_response",
    "from_storage",
    "no_key",
]

Call = Literal["upload", "create", "poll", "list", "download", "cancel", "models", "delete", "store", "answer"]
NO_ROOM: Final = "token_limit_exceeded"  # the provider's code; a name for what it is: no password
REDIRECTED: Final = "redirected"

_CHANGES: Final = frozenset({"upload", "create", "cancel", "answer"})  # calls that change something at the provider

CERTAIN: Final[dict[str, str]] = {
    "upload": "No batch was created and nothing is billed. The requests are still here.",
    "create": "No batch was created and nothing is billed. The requests are still here.",
    "poll": "The batch itself is not affected: it continues at the provider. Only its progress is not known here.",
    "list": "This only looked: nothing was sent, nothing was changed and nothing is billed.",
    "download": "The answers are not affected: the provider keeps them for a time (OpenAI for 30 days). Downloading them is free.",
    "cancel": "The batch was not cancelled: what it answers is billed.",
    "models": "Only the key was sent, and nothing is billed.",
    "delete": "The file is still there. Nothing is billed for it, and it is deleted automatically when it expires.",
    "store": "What was stored before is unchanged.",
    "answer": "Nothing was answered and nothing is billed.",
}
DOUBT: Final[dict[str, str]] = {
    "upload": "The file may have arrived. Nightshift checks before it sends it again. Nothing is billed for a file.",
    "create": "The batch may still have been created. Nightshift checks before it tries again, so nothing is paid twice.",
    "cancel": "The batch may still have been cancelled. Nightshift checks. What it has answered is billed.",
    "answer": "It may still have been answered and billed. Nightshift doesn’t resend it automatically.",
}
_AFTERWARDS: Final[dict[str, str]] = {
    "upload": "then submit again",
    "create": "then submit again",
    "models": "then test again",
    "delete": "then try again",
    "answer": "then try the row again",
}
DOING: Final[dict[str, str]] = {
    "upload": "the upload",
    "create": "the batch creation",
    "poll": "the status check",
    "list": "the listing",
    "download": "the download",
    "cancel": "the cancellation",
    "models": "the model list",
    "delete": "the deletion of a file",
    "store": "storing",
    "answer": "the request",
}


class Refused(Exception):
    """The provider answered, but not with what was asked for."""

    def __init__(self, problem: Problem, after: float = 0.0) -> None:
        """``after``: seconds that the provider wants to have waited (``Retry-After``), where a page may read that."""
        super().__init__(problem.what)
        self.problem, self.after = problem, after


def from_response(call: Call, response: Response, profile: Profile, key: str = "") -> Problem:
    """A refusal by the provider: any status but 2xx, or a 2xx whose body is not what was asked for."""
    status = response.status
    said_code, said = said_by(response.body)
    detail = quote(said, key)
    then = _AFTERWARDS.get(call, "then choose “Try now”")
    waits = _ONE_WAITS if call == "answer" else _WAITS
    name = profile.name or profile.base_url

    def problem(code: str, what: str, do: str, blame: Blame = "person", *, retry: bool = False, doubtful: bool = False) -> Problem:
        doubtful = doubtful and call in _CHANGES
        means = DOUBT[call] if doubtful else CERTAIN[call]
        return Problem(code=code, what=what, means=means, do=do, blame=blame, retry=retry, doubtful=doubtful, status=status, detail=detail)

    if 200 <= status < 300:
        what = unexpected(call, profile)
        do = f"Check the base URL of this provider in the settings, {then}. A proxy or a login page in between answers like this, too."
        return problem("unexpected_answer", what, do, doubtful=True)
    if status < 400:
        what = f"{name} redirects the call to another address, and a page may not follow with a key."
        return problem("redirected", what, f"Set the base URL to where the provider really is, {then}.")
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
        do = "Nightshift retries automatically until it is ready. On Azure this can take some minutes."
        return problem(FILE_PENDING, what, do, "provider", retry=True)
    if call == "upload" and _FILE_QUOTA.search(f"{said_code} {said}"):
        what = f"{name} stores no more files for this account: its quota is used up."
        do = "Delete files there that no batch needs, or let uploaded files expire (both are offered here), then submit again."
        return problem(FILE_QUOTA, what, do)
    if call == "create" and status in (400, 404) and _FILE_MISSING.search(said):
        what = f"{name} cannot find the uploaded file yet."
        do = "This happens for a moment right after an upload. Nightshift tries a few times; if this continues, submit again."
        return problem("file_not_ready", what, do, "provider", retry=True)
    if call == "answer" and "model_not_found" in said_code:
        what = f"{name} doesn’t know this model, or the key may not use it ({status})."
        return problem("model_not_found", what, f"Choose another model in the prompt, {then}.")
    match status:
        case 401:
            return problem("wrong_key", f"{name} does not accept the key (401).", f"Enter a valid key in the settings, {then}.")
        case 403:
            what = f"{name} does not allow {DOING[call]} with this key (403)."
            do = f"Check the key's permissions, its project and whether the provider serves your region, {then}."
            return problem("forbidden", what, do)
        case 404:
            return _not_found(call, name, then, problem)
        case 409 | 400 if call == "cancel":
            what = f"{name} says that the batch can no longer be cancelled ({status})."
            return problem("cannot_cancel", what, "It has probably ended; Nightshift checks.", "provider")
        case 409:
            what = f"{name} reports a conflict with something that already exists (409)."
            return problem("conflict", what, f"Wait a moment, {then}.")
        case 413:
            what = f"{name} does not accept a body this large (413)."
            smaller = "Cut the row’s cells" if call == "answer" else "Lower the max file size of this provider in the settings"
            return problem("too_large", what, f"{smaller}, {then}.")
        case 408 | 425:
            return problem("timeout", f"{name} gave up waiting ({status}).", waits, "provider", retry=True, doubtful=True)
        case 429:
            return problem("rate_limited", f"{name} says that there were too many calls (429).", waits, "provider", retry=True)
        case _ if status >= 500:
            what = f"{name} answered {DOING[call]} with a server error ({status})."
            return problem("server_error", what, waits, "provider", retry=True, doubtful=True)
        case _:
            what = f"{name} refused {DOING[call]} ({status})" + (f": “{detail}”" if detail else ".")
            return problem("bad_request", what, f"Fix what the provider names, {then}.")


def unexpected(call: Call, profile: Profile, words: str = "") -> str:
    """That an answer came with success and is not what was asked for; ``words`` say what it is."""
    name = profile.name or profile.base_url
    return f"{name} answered {DOING[call]} with something that is not the expected JSON{f': {words}' if words else ''}."


def _not_found(call: Call, name: str, then: str, problem: Any) -> Problem:
    found: Problem
    if call in ("poll", "cancel"):
        what = f"{name} does not know this batch (404)."
        do = (
            "Check that the key belongs to the project in which the batch was created. Nightshift keeps checking, less and less often. If "
            "this continues, enter the batch’s id, return its requests to the queue, or stop following it."
        )
        means = (
            "Nothing more is known about it: it may have been deleted there, or this key may not see it. What it has answered is billed."
        )
        found = msgspec.structs.replace(problem("batch_unknown", what, do), means=means)
    elif call == "download":
        what = f"{name} does not find an answer file of this batch (404)."
        do = (
            "Check that the key belongs to the project in which the batch was created. Nightshift tries a few times; afterwards choose "
            "“Download the answers again”, which is free. Providers delete files after a time (OpenAI after 30 days)."
        )
        means = "The requests in this file may have been answered and billed: sent again, they are billed again. What is here stays."
        found = msgspec.structs.replace(problem("file_gone", what, do, "provider", retry=True), means=means)
    elif call == "create":
        what = f"{name} found no batches, or not the file, at this address (404)."
        found = problem("not_found", what, f"Check that this provider offers batches and that the base URL is right, {then}.")
    else:
        what = f"There is nothing at this address of {name} (404)."
        found = problem("not_found", what, f"Check the base URL in the settings (it often ends in /v1), {then}.")
    return found


_WAITS: Final = "Nightshift retries automatically. “Try now” retries at once."
_ONE_WAITS: Final = "Wait a moment, then try the row again."
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
    waits = _ONE_WAITS if call == "answer" else _WAITS
    code, blame, retry, doubtful = _NETWORK[error.kind]
    if error.kind == "blocked" and call == "upload":
        doubtful = False  # a file without a batch costs nothing, and listing would be blocked as well
    doubtful = doubtful and call in _CHANGES
    host = quote(error.detail) if error.detail.startswith(("https://", "http://")) else ""
    what, do = {
        "offline": (
            "This machine is offline.",
            "Connect to the network" + (f", {then}." if call == "answer" else ". Nightshift continues automatically."),
        ),
        "blocked": (
            f"{name} does not let a web page read its answers (CORS), at least not from this address.",
            f"Ask the provider to allow it, or set the base URL to a gateway that does, {then}.",
        ),
        "policy": (f"This page is not yet allowed to call {name}.", f"Reload the page, {then}: the page's policy is written at its start."),
        "unreachable": (
            f"{name} does not answer at all.",
            f"{waits} If this continues, check the base URL and the network. For an address on this machine or in your own network, "
            "allow this page to reach it when the browser asks.",
        ),
        "broken": (f"The connection to {name} was lost during {DOING[call]}.", waits),
        "timeout": (f"{name} took too long to answer {DOING[call]}.", waits),
        "redirected": (
            f"{name} redirects {DOING[call]} to {host or 'another host'}, and this page may not follow there.",
            f"If that is where it should go, allow the host, {then}: the key is never sent there."
            if host
            else "The browser does not say where to. If the provider's documentation names the host (Azure keeps files at "
            f"…blob.core.windows.net), add it to the provider in the settings, {then}: the key is never sent there.",
        ),
    }[error.kind]
    means = DOUBT[call] if doubtful else CERTAIN[call]
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
        what, do = "The browser has no more space for this page.", "Delete old batches, or free space on the disk, then choose “Try now”."
        return Problem(code="storage_full", what=what, means=CERTAIN["store"], do=do, blame="person", detail=quote(detail))
    what = "The browser no longer lets this page reach its storage."
    means = "Nothing new is stored. Batches at the provider continue, and what they answer is billed."
    do = "Reload the page. In a private window nothing is kept: use a normal one."
    return Problem(code="storage_lost", what=what, means=means, do=do, blame="platform", detail=quote(detail))


FILE_PENDING: Final = "file_pending"
FILE_QUOTA: Final = "file_quota"


_EVERYBODYS: Final = frozenset({"wrong_key", "forbidden", "insufficient_quota", "billing_hard_limit_reached", "redirected", "rate_limited"})


def not_deleted(profile: Profile) -> Problem:
    """The provider answered a deletion with success, and that the file was not deleted."""
    what = f"{profile.name or profile.base_url} says that the file was not deleted."
    return Problem(code="not_deleted", what=what, means=CERTAIN["delete"], do="Try again later, or delete it on the provider's own page.")


def concerns_all(problem: Problem) -> bool:
    """Whether a refusal is the provider's or the network's, so that the next call would be refused as well: not one file's."""
    return problem.code in _EVERYBODYS or (not problem.status and problem.code != "not_deleted")


def says_file_missing(problem: Problem) -> bool:
    """Whether the provider says that it does not have the input file."""
    return problem.code == "file_not_ready" or (problem.code == "invalid_request" and _FILE_MISSING.search(problem.detail) is not None)


def endless_listing(profile: Profile) -> Problem:
    """A listing that was not read to its end says nothing of what is not on it."""
    return Problem(
        code="endless_listing",
        what=f"The listing of {profile.name or profile.base_url} has no end that Nightshift can reach.",
        means=f"{CERTAIN['list']} It is not certain whether ours is there, so nothing is created again.",
        do="Nightshift looks again. If this continues, check the provider's own page, and delete old files or batches there.",
        retry=True,
    )


LOCKED: Final = "key_locked"


def key_locked(call: Call, profile: Profile) -> Problem:
    """Its key is under a passphrase that was not entered since the start, or since nobody was here."""
    what = f"The key for {profile.name or profile.base_url} is locked."
    return Problem(code=LOCKED, what=what, means=CERTAIN[call], do="Enter the passphrase to continue.", blame="person", retry=True)


def no_key(call: Call, profile: Profile) -> Problem:
    """There is no key for this provider here (any more)."""
    then = _AFTERWARDS.get(call, "then choose “Try now”")
    what = f"There is no key for {profile.name or profile.base_url} on this machine."
    return Problem(code="no_key", what=what, means=CERTAIN[call], do=f"Enter it in the settings, {then}.", blame="person")
