"""What comes of the answer files: not there, cut, empty, changed, endless, or something else altogether."""

from __future__ import annotations

from typing import Any

from tests.hostile.provider import breaks, bytes_of, edits, rows, says
from tests.hostile.scenario import HOUR, Scenario
from tests.hostile.scenarios.answers import BOM, PAGE


def good(name: str, arm: Any, *sees: str, **more: Any) -> Scenario:
    return Scenario(name, arm, sees=sees, billed=3, makes=1, **{"within": 6 * HOUR, **more})


def file(change: Any, **when: Any) -> Any:
    """The answer file's bytes, changed."""
    return lambda far: far.on("download", bytes_of(change), **when)


SCENARIOS = (
    good("file: 502 in HTML five times", lambda far: far.on("download", says(502, PAGE, "text/html"), last=5)),
    good("file: 404 three times", lambda far: far.on("download", says(404), last=3)),
    good("file: 401 on the content only, for a while", lambda far: far.on("download", says(401), last=4)),
    good("file: 403 once", lambda far: far.on("download", says(403), last=1)),
    good("file: 429 four times", lambda far: far.on("download", says(429), last=4)),
    good("file: 204 twice", lambda far: far.on("download", says(204), last=2)),
    good("file: 307 twice", lambda far: far.on("download", says(307, "", location="https://evil.example/x"), last=2)),
    good("file: a log-in page with 200, twice", lambda far: far.on("download", says(200, PAGE, "text/html"), last=2)),
    good(
        "file: breaks off half-way, four times",
        lambda far: far.on("download", lambda _a, one: type(one)(200, one.body[: len(one.body) // 2], breaks="halfway"), last=4),
    ),
    good("file: ends early, three times", file(lambda data: data[: len(data) // 2], agrees=False, last=3)),
    good("file: silent twice", lambda far: far.on("download", breaks("timeout"), last=2)),
    good("file: its object is 404", lambda far: far.on("file", says(404))),
    good("file: its object is 500", lambda far: far.on("file", says(500))),
    good("file: its object is HTML", lambda far: far.on("file", says(200, PAGE, "text/html"))),
    good("file: its size is null", lambda far: far.on("file", edits(lambda one: one.update(bytes=None)))),
    good("file: its size is text", lambda far: far.on("file", edits(lambda one: one.update(bytes="many")))),
    good("file: its size is negative", lambda far: far.on("file", edits(lambda one: one.update(bytes=-1)))),
    good("file: its size is 0", lambda far: far.on("file", edits(lambda one: one.update(bytes=0)))),
    good(
        "file: its size is too small for ever",
        lambda far: far.on("file", edits(lambda one: one.update(bytes=5))),
        "the provider says that it has 5",
    ),
    good("file: its size is too large for ever", lambda far: far.on("file", edits(lambda one: one.update(bytes=10**15)))),
    good("file: its purpose and name are odd", lambda far: far.on("file", edits(lambda one: one.update(purpose=None, filename=["x"])))),
    good("file: it expired long ago, it says", lambda far: far.on("file", edits(lambda one: one.update(expires_at=1)))),
    good("file: with a BOM", file(lambda data: BOM + data)),
    good("file: lines end with CR LF", file(lambda data: data.replace(b"\n", b"\r\n"))),
    good("file: blank lines between", file(lambda data: data.replace(b"\n", b"\n\n  \n\t\n"))),
    good("file: no newline at the end", file(lambda data: data.rstrip(b"\n"))),
    good("file: NUL bytes at the end", file(lambda data: data + b"\x00" * 100)),
    good("file: a line of text at the beginning", file(lambda data: b"# answers of today\n" + data)),
    good("file: lines of other batches between", file(lambda data: data + data.replace(b'"r', b'"elsewhere-'))),
    good("file: every line twice", file(lambda data: data + data)),
    good("file: in another order", lambda far: far.on("download", rows(lambda found: found[::-1]))),
    good("file: as text/html by mistake", lambda far: far.on("download", lambda _a, one: type(one)(200, one.body, "text/html"), last=3)),
    good("file: as an image", lambda far: far.on("download", lambda _a, one: type(one)(200, one.body, "image/png"))),
    good("file: with spaces before each line", file(lambda data: b"   " + data.replace(b"\n", b"\n   "))),
    good(
        "file: keys in another order, spaces everywhere",
        lambda far: far.on("download", rows(lambda found: [dict(reversed(one.items())) for one in found])),
    ),
    Scenario(
        "file: gone for ever",
        lambda far: far.on("download", says(404)),
        answered=0,
        sees=("does not find an answer file", "may have been answered and billed"),
        billed=3,
        within=6 * HOUR,
    ),
    Scenario(
        "file: 500 for ever",
        lambda far: far.on("download", says(500)),
        ends="downloading",
        answered=0,
        sees=("a server error (500)", "Downloading them is free"),
        billed=3,
    ),
    Scenario(
        "file: a log-in page for ever",
        lambda far: far.on("download", says(200, PAGE, "text/html")),
        ends="downloading",
        answered=0,
        sees=("not the expected JSON",),
        billed=3,
    ),
    Scenario(
        "file: not allowed by CORS for ever",
        lambda far: far.on("download", breaks("blocked")),
        ends="downloading",
        answered=0,
        sees=("(CORS)",),
        billed=3,
    ),
    Scenario(
        "file: 401 for ever",
        lambda far: far.on("download", says(401)),
        ends="downloading",
        answered=0,
        sees=("does not accept the key (401)",),
        billed=3,
    ),
    Scenario(
        "file: ends early for ever",
        file(lambda data: data[: data.index(b"\n") + 9], agrees=False),
        answered=1,
        billed=3,
        within=6 * HOUR,
        sees=("It did so 5 times.",),
    ),
    Scenario(
        "file: empty for ever",
        file(lambda data: b"", agrees=False),
        answered=0,
        billed=3,
        within=6 * HOUR,
        sees=("not found in its files",),
    ),
)
