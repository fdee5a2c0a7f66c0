"""Calls that are answered with something else, once or for ever, before or after they took effect."""

from __future__ import annotations

from typing import Any

from tests.hostile.provider import breaks, bytes_of, edits, says
from tests.hostile.scenario import HOUR, Scenario

PAGE = "<html><head><title>Sign in</title></head><body><h1>Please sign in</h1><script>alert(1)</script></body></html>"
BOM = b"\xef\xbb\xbf"
BACK = "back in the queue"
ODD = "with something that is not the expected JSON"


def refused(call: str, status: int, body: Any = b"", type: str = "application/json", **headers: str) -> Any:
    """The provider refuses a call for ever, without effect."""
    return lambda far: far.on(call, says(status, body, type, **headers), effect=False)


def withdrawn(name: str, arm: Any, *sees: str, makes: int = 0) -> Scenario:
    """The batch is not made, and its requests are back in the queue."""
    return Scenario(name, arm, sees=(BACK, *sees), ends="withdrawn", answered=0, queued=3, billed=0, makes=makes)


def error(message: str, code: str = "", type: str = "invalid_request_error") -> dict[str, Any]:
    """The provider's envelope of an error."""
    return {"error": {"message": message, "type": type, "param": None, "code": code or None}}


def as_utf16(data: bytes) -> bytes:
    return data.decode().encode("utf-16")


UPLOAD = (
    withdrawn("upload: a log-in page", refused("upload", 200, PAGE, "text/html"), f"answered the upload {ODD}", "Please sign in"),
    withdrawn("upload: 204 without a body", refused("upload", 204), f"answered the upload {ODD}"),
    withdrawn("upload: an empty 200", refused("upload", 200), f"answered the upload {ODD}"),
    withdrawn("upload: null", refused("upload", 200, "null"), f"answered the upload {ODD}"),
    withdrawn("upload: a list", refused("upload", 200, "[]"), f"answered the upload {ODD}"),
    withdrawn("upload: the id is null", refused("upload", 200, {"id": None, "object": "file"}), f"answered the upload {ODD}"),
    withdrawn("upload: the id is a number", refused("upload", 200, {"id": 17}), f"answered the upload {ODD}"),
    withdrawn("upload: the id is empty", refused("upload", 200, {"id": ""}), f"answered the upload {ODD}"),
    withdrawn(
        "upload: 200 with an error in it", refused("upload", 200, error("Out of disk.")), f"answered the upload {ODD}", "Out of disk."
    ),
    withdrawn(
        "upload: 301 to another host", refused("upload", 301, "", location="https://evil.example/v1/files"), "redirects the call to another"
    ),
    withdrawn("upload: 302 without a place", refused("upload", 302)),
    withdrawn("upload: 401 in HTML", refused("upload", 401, PAGE, "text/html"), "does not accept the key (401)"),
    withdrawn("upload: 402", refused("upload", 402, error("Pay first.")), "no credit left", "Pay first."),
    withdrawn(
        "upload: 403 for a region",
        refused("upload", 403, error("Country not supported", "unsupported_country")),
        "does not allow the upload",
    ),
    withdrawn("upload: 404", refused("upload", 404, "404 page not found", "text/plain"), "404"),
    withdrawn("upload: 409", refused("upload", 409, error("exists")), "conflict"),
    withdrawn(
        "upload: 413 in HTML", refused("upload", 413, "<h1>413 Request Entity Too Large</h1>", "text/html"), "a body this large (413)"
    ),
    withdrawn("upload: 415", refused("upload", 415, error("Unsupported media type")), "Unsupported media type"),
    withdrawn("upload: 418 without a body", refused("upload", 418), "(418)"),
    withdrawn("upload: 429 for ever without retry-after", refused("upload", 429), "too many calls (429)"),
    withdrawn("upload: 429 for want of money", refused("upload", 429, error("Quota", "insufficient_quota")), "no credit left"),
    withdrawn("upload: 500 for ever", refused("upload", 500), "a server error (500)"),
    withdrawn("upload: 503 in HTML for ever", refused("upload", 503, "<html>busy</html>", "text/html"), "a server error (503)", "busy"),
    withdrawn("upload: 599", refused("upload", 599), "(599)"),
    withdrawn("upload: status 999", refused("upload", 999), "(999)"),
    withdrawn("upload: broken for ever", lambda far: far.on("upload", breaks("broken"), effect=False), "was lost during the upload"),
    withdrawn(
        "upload: silent for ever", lambda far: far.on("upload", breaks("timeout"), effect=False), "took too long to answer the upload"
    ),
    withdrawn(
        "upload: no CORS", lambda far: far.on("upload", breaks("blocked"), effect=False), "does not let a web page read its answers (CORS)"
    ),
    withdrawn("upload: unreachable", lambda far: far.on("upload", breaks("unreachable"), effect=False), "does not answer at all"),
    Scenario("upload: done, and answered with 500", lambda far: far.on("upload", says(500), last=1), billed=3, makes=1),
    Scenario("upload: done, and the answer is lost", lambda far: far.on("upload", breaks("broken")), billed=3, makes=1),
    Scenario("upload: done, and the answer is cut", lambda far: far.on("upload", bytes_of(lambda data: data[:40])), billed=3, makes=1),
    Scenario("upload: an answer with a BOM", lambda far: far.on("upload", bytes_of(lambda data: BOM + data)), billed=3, makes=1),
    Scenario("upload: an answer in UTF-16", lambda far: far.on("upload", bytes_of(as_utf16)), billed=3, makes=1),
    Scenario(
        "upload: size and times are text",
        lambda far: far.on("upload", edits(lambda one: one.update(bytes=str(one["bytes"]), created_at="now"))),
        billed=3,
    ),
    Scenario("upload: a huge size", lambda far: far.on("upload", edits(lambda one: one.update(bytes=10**30))), billed=3),
    Scenario("upload: a negative size", lambda far: far.on("upload", edits(lambda one: one.update(bytes=-5))), billed=3),
    Scenario(
        "upload: an answer as text/plain", lambda far: far.on("upload", lambda _a, one: type(one)(200, one.body, "text/plain")), billed=3
    ),
    Scenario("upload: keys twice", lambda far: far.on("upload", bytes_of(lambda data: data[:1] + b'"id":"file-x",' + data[1:])), billed=3),
    Scenario("upload: 201", lambda far: far.on("upload", lambda _a, one: type(one)(201, one.body)), billed=3),
)

CREATE = (
    withdrawn("create: 400 with words", refused("create", 400, error("No batches on Sundays.")), "No batches on Sundays."),
    withdrawn("create: 401", refused("create", 401), "does not accept the key (401)"),
    withdrawn("create: 402", refused("create", 402), "no credit left"),
    withdrawn("create: 403", refused("create", 403), "does not allow the batch creation"),
    withdrawn("create: 404 for the address", refused("create", 404, {"detail": "Not Found"}), "found no batches"),
    withdrawn("create: 429 for ever", refused("create", 429), "too many calls (429)"),
    withdrawn(
        "create: the spending limit", refused("create", 400, error("Limit", "billing_hard_limit_reached")), "spending limit is reached"
    ),
    withdrawn("create: 308", refused("create", 308, "", location="/v2/batches"), "redirects the call to another"),
    withdrawn("create: 500 for ever, no effect", refused("create", 500), "a server error (500)"),
    withdrawn(
        "create: broken for ever, no effect",
        lambda far: far.on("create", breaks("broken"), effect=False),
        "was lost during the batch creation",
    ),
    withdrawn("create: silent for ever, no effect", lambda far: far.on("create", breaks("timeout"), effect=False), "took too long"),
    withdrawn("create: an empty 200, no effect", refused("create", 200), f"answered the batch creation {ODD}"),
    withdrawn("create: a log-in page, no effect", refused("create", 200, PAGE, "text/html"), f"answered the batch creation {ODD}"),
    withdrawn("create: null, no effect", refused("create", 200, "null"), f"answered the batch creation {ODD}"),
    withdrawn("create: cannot find the file, for ever", refused("create", 400, error("Cannot find file file-1"))),
    Scenario(
        "create: cannot find the file, twice",
        lambda far: far.on("create", says(400, error("No such File object: f")), effect=False, last=2),
        billed=3,
        makes=1,
    ),
    Scenario("create: done, and answered with 500", lambda far: far.on("create", says(500)), billed=3, makes=1),
    Scenario(
        "create: done, and answered with 502 in HTML",
        lambda far: far.on("create", says(502, "<h1>502</h1>", "text/html")),
        billed=3,
        makes=1,
    ),
    Scenario("create: done, and the answer is lost", lambda far: far.on("create", breaks("broken")), billed=3, makes=1),
    Scenario("create: done, and no CORS", lambda far: far.on("create", breaks("blocked")), billed=3, makes=1),
    Scenario("create: done, and silent", lambda far: far.on("create", breaks("timeout")), billed=3, makes=1),
    Scenario("create: done, and the answer is cut", lambda far: far.on("create", bytes_of(lambda data: data[:99])), billed=3, makes=1),
    Scenario("create: done, and the answer is empty", lambda far: far.on("create", says(200)), billed=3, makes=1),
    Scenario("create: done, and 204", lambda far: far.on("create", says(204)), billed=3, makes=1),
    Scenario("create: done, and a log-in page", lambda far: far.on("create", says(200, PAGE, "text/html")), billed=3, makes=1),
    Scenario("create: done, and the id is null", lambda far: far.on("create", edits(lambda one: one.update(id=None))), billed=3, makes=1),
    Scenario("create: done, and the id is a number", lambda far: far.on("create", edits(lambda one: one.update(id=17))), billed=3, makes=1),
    Scenario("create: done, and an error inside a 200", lambda far: far.on("create", says(200, error("It broke."))), billed=3, makes=1),
    Scenario("create: done, and the answer is UTF-16", lambda far: far.on("create", bytes_of(as_utf16)), billed=3, makes=1),
    Scenario("create: done, and the answer has a BOM", lambda far: far.on("create", bytes_of(lambda data: BOM + data)), billed=3, makes=1),
    Scenario("create: done, 429, then the truth", lambda far: far.on("create", says(429), effect=False, last=2), billed=3, makes=1),
    Scenario("create: metadata is not kept", lambda far: far.on("create list poll", edits(_forgetful)), billed=3, makes=1),
    Scenario(
        "create: without an input file",
        lambda far: far.on("create poll", edits(lambda one: one.update(input_file_id=None))),
        billed=3,
        makes=1,
    ),
    Scenario(
        "create: lost, and metadata is not kept",
        lambda far: far.on("create", breaks("broken")).on("list poll", edits(_forgetful)),
        billed=3,
        makes=1,
    ),
)


def _forgetful(found: dict[str, Any]) -> None:
    for one in found.get("data", [found]):
        one["metadata"] = None


POLL = (
    Scenario("poll: 500 for an hour", lambda far: far.on("poll", says(500), last=12), within=6 * HOUR, billed=3),
    Scenario("poll: 404 for a while", lambda far: far.on("poll", says(404), last=6), within=6 * HOUR, billed=3),
    Scenario("poll: 429 for a while", lambda far: far.on("poll", says(429), last=6), within=6 * HOUR, billed=3),
    Scenario("poll: 401 for a while", lambda far: far.on("poll", says(401), last=6), within=6 * HOUR, billed=3),
    Scenario("poll: 403 once", lambda far: far.on("poll", says(403), last=1), billed=3),
    Scenario("poll: a log-in page twice", lambda far: far.on("poll", says(200, PAGE, "text/html"), last=2), billed=3),
    Scenario("poll: an empty 200 twice", lambda far: far.on("poll", says(200), last=2), billed=3),
    Scenario("poll: null twice", lambda far: far.on("poll", says(200, "null"), last=2), billed=3),
    Scenario("poll: cut JSON twice", lambda far: far.on("poll", bytes_of(lambda data: data[: len(data) // 2]), last=2), billed=3),
    Scenario(
        "poll: broken, silent, blocked",
        lambda far: far.on("poll", breaks("broken"), last=2).on("poll", breaks("timeout"), last=4).on("poll", breaks("blocked"), last=6),
        within=6 * HOUR,
        billed=3,
    ),
    Scenario("poll: 302 twice", lambda far: far.on("poll", says(302, "", location="/login"), last=2), billed=3),
    Scenario(
        "poll: 500 for ever",
        lambda far: far.on("poll", says(500)),
        ends="validating",
        answered=0,
        sees=("a server error (500)", "continues at the provider"),
    ),
    Scenario(
        "poll: 401 for ever", lambda far: far.on("poll", says(401)), ends="validating", answered=0, sees=("does not accept the key (401)",)
    ),
    Scenario(
        "poll: a log-in page for ever",
        lambda far: far.on("poll", says(200, PAGE, "text/html")),
        ends="validating",
        answered=0,
        sees=(f"answered the status check {ODD}",),
    ),
    Scenario(
        "poll: broken for ever",
        lambda far: far.on("poll", breaks("broken")),
        ends="validating",
        answered=0,
        sees=("was lost during the status check",),
    ),
    Scenario(
        "poll: not allowed by CORS for ever", lambda far: far.on("poll", breaks("blocked")), ends="validating", answered=0, sees=("(CORS)",)
    ),
)

SCENARIOS = (
    Scenario("honest", lambda far: far, billed=3, makes=1),
    *UPLOAD,
    *CREATE,
    *POLL,
)
