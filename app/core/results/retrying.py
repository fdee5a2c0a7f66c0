"""Requests that are sent again otherwise than they were: to another model, with a higher limit, or with what was wrong told in the prompt.

Only what was asked for is changed; everything else of a body stays as it is. Shapes: OpenAI API reference (chat completions, responses,
completions).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.model.lanes import CHAT, COMPLETIONS, RESPONSES
from app.core.openai import advice, conformance, flaws

FAULT: Final = "{fault}"
"""Stands in the words that a model is told for what is wrong with its answer."""
WORDS: Final = f"The answer above cannot be used. {FAULT} Answer again, whole and in the form that was asked for."
MOST_LIMIT: Final = 1_000_000
"""Output tokens that a limit may be."""
_MOST_SAID: Final = 100_000
"""Characters of an answer that are told again."""
_LIMITS: Final[dict[str, tuple[str, ...]]] = {
    CHAT: ("max_completion_tokens", "max_tokens"),
    RESPONSES: ("max_output_tokens",),
    COMPLETIONS: ("max_tokens",),
}
_SENTENCES: Final = {
    flaws.CUT: "It was cut off because it was too long: be shorter.",
    flaws.EMPTY: "It was empty.",
    flaws.SCHEMA: "It does not follow the JSON schema that was asked for.",
    flaws.REFUSED: "It was refused; if nothing forbids it, answer.",
    flaws.GAP: "A part of it is missing.",
}


class RetryChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is other than before. Nothing of it: the same again."""

    model: str = ""
    """Empty: the same model."""
    limit: int = 0
    """The maximum of output tokens; 0: as it was."""
    tell: bool = False
    """Put the answer and what is wrong with it into the prompt, where there is an answer."""
    words: str = WORDS
    """What is told; :data:`FAULT` stands for the fault."""

    @property
    def same(self) -> bool:
        """Whether requests go as they are."""
        return not self.model and not self.limit and not self.tell


def can_limit(endpoint: str) -> bool:
    """Whether requests of an endpoint have a maximum of output tokens."""
    return endpoint in _LIMITS


def can_tell(endpoint: str) -> bool:
    """Whether requests of an endpoint hold a conversation that can go on."""
    return endpoint in (CHAT, RESPONSES)


def limit_of(endpoint: str, body: Mapping[str, Any]) -> int | None:
    """The maximum of output tokens that a request has; None: none."""
    found = (body.get(name) for name in _LIMITS.get(endpoint, ()))
    return next((one for one in found if isinstance(one, int) and not isinstance(one, bool)), None)


def fault_of(code: str, said: str, body: Mapping[str, Any]) -> str:
    """What is wrong with an answer, for the model: a sentence."""
    if code == flaws.SCHEMA and conformance.schema_of(dict(body)) is not None:
        try:
            jsonread.value(said)
        except jsonread.Unreadable as error:
            return f"It is not complete JSON: {error}."
    return _SENTENCES.get(code) or advice.explain(code).sentence


def changed(endpoint: str, body: Mapping[str, Any], change: RetryChange, said: str = "", fault: str = "") -> dict[str, Any]:
    """The body as it is sent now. ``said``: the answer that came, empty where there is none (then nothing is told)."""
    made = dict(body)
    if change.model:
        made["model"] = change.model
    if change.limit and can_limit(endpoint):
        names = _LIMITS[endpoint]
        made[next((name for name in names if name in made), names[0])] = change.limit
    if change.tell and said and can_tell(endpoint):
        told = change.words.replace(FAULT, fault).strip()
        turns = [{"role": "assistant", "content": said[:_MOST_SAID]}, {"role": "user", "content": told}]
        if endpoint == CHAT:
            made["messages"] = [*_list(made.get("messages")), *turns]
        else:
            before = made.get("input")
            made["input"] = [*([{"role": "user", "content": before}] if isinstance(before, str) else _list(before)), *turns]
    return made


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
