"""The form of the answers to what is asked next: as before, text, or JSON that follows a schema of its own.

Shapes: OpenAI API reference, structured outputs (chat completions: ``response_format``; responses: ``text.format``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.core.base import text
from app.core.bodies import schema
from app.core.json import jsontext
from app.core.model.lanes import CHAT
from app.core.model.sendings import FollowUp

NAME: Final = "next_answer"
"""What the schema is called in requests: the API asks for a name."""
MAX_SCHEMA: Final = 200_000
"""Characters of a schema."""


def form_faults(follow: FollowUp) -> list[str]:
    """What is wrong with the schema, in sentences; nothing where there is none, or it can be sent."""
    if follow.form != "schema":
        return []
    if not follow.schema.strip():
        return ["Write the JSON schema of the answers, or choose another form."]
    if len(follow.schema) > MAX_SCHEMA:
        return [f"A schema has {text.number(MAX_SCHEMA)} characters at most."]
    return _said(follow.schema, strict=False)


def looser(follow: FollowUp) -> list[str]:
    """Why answers are asked to follow the schema and not held to it strictly; nothing where they are, or where it cannot be sent."""
    return _said(follow.schema, strict=True) if follow.form == "schema" and not form_faults(follow) else []


def _said(text: str, *, strict: bool) -> list[str]:
    found = schema.check(text, strict=strict)
    return [
        " ".join(filter(None, (f"Line {one.line}:" if one.line else "", one.sentence, one.remedy)))
        for one in found.findings
        if one.severity == "error"
    ]


class AnswerForm:
    """The form of the answers, made once for all requests."""

    def __init__(self, follow: FollowUp) -> None:
        value = jsontext.parse(follow.schema).value if follow.form == "schema" else None
        self._kept = not follow.form
        self._named = {"name": NAME, "schema": value, "strict": not looser(follow)} if isinstance(value, dict) else None

    def put(self, endpoint: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with answers of this form."""
        if self._kept:
            return dict(body)
        if endpoint == CHAT:
            made = {name: one for name, one in body.items() if name != "response_format"}
            return made if self._named is None else {**made, "response_format": {"type": "json_schema", "json_schema": self._named}}
        before = body.get("text")
        text: dict[str, Any] = {name: one for name, one in before.items() if name != "format"} if isinstance(before, dict) else {}
        if self._named is not None:
            text["format"] = {"type": "json_schema", **self._named}
        made = {name: one for name, one in body.items() if name != "text"}
        return {**made, "text": text} if text else made
