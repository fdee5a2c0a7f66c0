"""Whether a message can become a request, whoever hands it in: a program over HTTP or RabbitMQ, a watched folder, a person with a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from app.core.base import text
from app.core.base.findings import Finding, errors
from app.core.bodies import bodies
from app.core.model import quoting
from app.core.model.lanes import Endpoint, Lane
from app.core.model.providers import Profile
from app.core.openai import kinds
from app.core.programs import intake
from app.core.programs.folder import own_id
from app.core.programs.intake import Message, MessageRefusal
from app.core.queue import lanes

Check = Callable[[Endpoint, dict[str, Any], bytes], Sequence[Finding]]
"""The findings about a body of this endpoint, which is given decoded and as JSON."""
_TOLD: Final = 5
"""Faults of a body that its refusal names."""


class Place(NamedTuple):
    """The file that a line stands in, whose ids are its own: the mark of its folder (or of the import), and its name."""

    folder: str
    file: str


class JudgedMessage(NamedTuple):
    """A message that can be taken, with its lane and its line. ``caller_id``: the custom_id as its file has it, "" where it came in none;
    ``findings``: what is to be said of its body anyway."""

    message: Message
    lane: Lane
    line: bytes
    caller_id: str = ""
    findings: tuple[Finding, ...] = ()


def by_reference(endpoint: Endpoint, body: dict[str, Any], _data: bytes) -> Sequence[Finding]:
    """The check by ranges and rules of the API reference alone: a Check."""
    return bodies.body_problems(endpoint, body)


class MessageJudge:
    """Tells messages that the provider could take from others. What depends on the provider, the endpoint and the model alone is found
    once."""

    def __init__(self, profile: Profile, check: Check = by_reference) -> None:
        self._profile, self._check = profile, check
        self._urls: dict[str, str] = {}  # endpoints as lines for this provider spell them
        self._lanes: dict[tuple[str, str], tuple[Lane, int]] = {}  # and how large a line of the lane may be

    def of(self, data: bytes, place: Place | None = None) -> JudgedMessage | MessageRefusal:
        """A message that the provider could take, or why it could not. ``place``: the file that it stands in. Raises nothing: a message
        that our own check stumbles over is refused, too, and holds up no other."""
        try:
            return self._judged(data, place)
        except Exception as error:  # the boundary of one message: its sender is told, and it is shown
            return not_taken(intake.custom_id_of(data), error)

    def _judged(self, data: bytes, place: Place | None) -> JudgedMessage | MessageRefusal:
        decoded = intake.decode_with_body(data)
        if isinstance(decoded, MessageRefusal):
            return decoded
        message, body = decoded
        findings = tuple(self._check(message.url, body, bytes(message.body)))
        if wrong := errors(findings):
            detail = " ".join(f"{one.sentence} {one.remedy}".strip() for one in wrong[:_TOLD])
            return MessageRefusal("invalid_body", "Invalid body", detail, f"/body{wrong[0].path}", message.custom_id)
        url = self._urls.get(message.url)
        if url is None:
            url = self._urls[message.url] = kinds.line_url(self._profile, message.url)
        caller_id = ""
        if place is not None:
            caller_id = message.custom_id
            message = replace(message, url=url, custom_id=own_id(place.folder, place.file, caller_id))
        elif url != message.url:
            message = replace(message, url=url)
        line = message.line()
        lane, limit = self._lane(url, body)
        if len(line) > limit:
            detail = f"The request has {text.size(len(line))}; a batch file of {self._profile.name} takes {text.size(limit)}."
            return MessageRefusal("too_large", "Too large", detail, "/body", caller_id or message.custom_id)
        return JudgedMessage(message, lane, line, caller_id, findings)

    def _lane(self, url: str, body: dict[str, Any]) -> tuple[Lane, int]:
        key = (url, body["model"])
        found = self._lanes.get(key)
        if found is None:
            lane = lanes.lane_of(self._profile.id, url, body)
            found = self._lanes[key] = lane, lanes.limits_of(lane, self._profile).size
        return found


def not_taken(custom_id: str, error: Exception) -> MessageRefusal:
    """The refusal of a message that Nightshift itself failed at."""
    why = quoting.quote(f"{type(error).__name__}: {error}")
    detail = f"Nightshift could not process this message; none of it is queued or billed, and all others were accepted. The error: {why}"
    return MessageRefusal("internal", "Not taken", detail, "", custom_id)
