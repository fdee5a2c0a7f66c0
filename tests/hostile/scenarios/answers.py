"""Calls that are answered with something else, once or for ever, before or after they took effect."""

from __future__ import annotations

from tests.hostile.provider import says
from tests.hostile.scenario import Scenario

PAGE = "<html><head><title>Sign in</title></head><body><h1>Please sign in</h1><script>alert(1)</script></body></html>"

SCENARIOS = (
    Scenario("honest", lambda far: far, billed=3, makes=1),
    Scenario(
        "a log-in page at the upload",
        lambda far: far.on("upload", says(200, PAGE, "text/html"), effect=False),
        ends="withdrawn",
        answered=0,
        queued=3,
        billed=0,
        makes=0,
        sees=("answered the upload with something that is not the expected JSON", "Please sign in", "back in the queue"),
    ),
)
