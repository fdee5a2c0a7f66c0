"""An answer that is streamed, put together as if it had come in one piece (OpenAI API reference, streaming of chat completions and of
responses)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.model.lanes import CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODERATIONS, RESPONSES, Endpoint
from app.core.model.quoting import said_in
from app.core.openai.sse import ServerEvent

ASKABLE: Final = (CHAT, RESPONSES, EMBEDDINGS, MODERATIONS, COMPLETIONS, IMAGES)
"""Endpoints whose requests can be answered at once."""
STREAMED: Final = (CHAT, RESPONSES)
"""Endpoints that answer in pieces here."""
TYPE: Final = "text/event-stream"
_MOST_CHOICES: Final = 128
"""Answers, or calls of functions in one, that are kept: ``n`` and ``tools`` take as many at most (API reference)."""
_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def streamed(endpoint: Endpoint, body: bytes) -> bytes:
    """The body that asks for the same in a stream, with its usage at the end. Raises Unreadable where it is no JSON object."""
    fields = jsonread.typed(body, dict[str, msgspec.Raw])
    fields["stream"] = msgspec.Raw(b"true")
    if endpoint == CHAT:
        fields["stream_options"] = msgspec.Raw(b'{"include_usage":true}')
    return msgspec.json.encode(fields)


def unstreamed(body: bytes) -> bytes:
    """The body that asks for the same in one piece. Raises Unreadable where it is no JSON object."""
    fields = jsonread.typed(body, dict[str, msgspec.Raw])
    if fields.pop("stream", None) is None and "stream_options" not in fields:
        return body
    fields.pop("stream_options", None)
    return msgspec.json.encode(fields)


def refuses_stream(status: int, body: bytes) -> bool:
    """Whether this is a refusal to stream, and of nothing else: the request was not answered, and may be asked for in one piece."""
    if status not in (400, 403, 422):
        return False
    try:
        found = jsonread.value(body)
    except jsonread.Unreadable:
        return False
    error = found.get("error") if isinstance(found, dict) else None
    param = error.get("param") if isinstance(error, dict) else None
    if isinstance(param, str) and param:
        return param.startswith("stream")
    return "stream" in said_in(found)[1].lower()


def choices_of(body: bytes) -> int:
    """How many answers a chat completion's body asks for."""
    try:
        n = jsonread.typed(body, _Counted).n
    except jsonread.Unreadable:
        return 1
    return n if isinstance(n, int) and 1 <= n <= _MOST_CHOICES else 1


class _Counted(msgspec.Struct, frozen=True):
    n: Any = None


class StreamedAnswer:
    """Takes the events of one answer. ``choices``: how many it has, where a chat completion was asked for several (``n``).

    ``finished``: all of it came; ``failure``: the provider broke it off, in its words (code, message);
    ``damaged``: events that could not be read."""

    def __init__(self, endpoint: Endpoint, choices: int = 1) -> None:
        self._endpoint, self._expected = endpoint, choices
        self.finished = False
        self.failure: tuple[str, str] | None = None
        self.damaged = 0
        self._texts: list[str] = []
        self._outer: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._response: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """What can be read so far, of the first answer."""
        return "".join(self._texts)

    @property
    def begun(self) -> bool:
        """Whether anything of an answer came."""
        return bool(self._outer or self._choices or self._response)

    def take(self, event: ServerEvent) -> bool:
        """Whether there is more to read than before."""
        if event.data.strip() == b"[DONE]":
            self.finished = True
            return False
        try:
            found = jsonread.value(event.data)
        except jsonread.Unreadable:
            self.damaged += 1
            return False
        if not isinstance(found, dict):
            self.damaged += 1
            return False
        if found.get("error") or event.name == "error" or found.get("type") == "error":
            self.failure = said_in(found)
            return False
        return self._event(found) if self._endpoint == RESPONSES else self._chunk(found)

    def body(self) -> bytes:
        """The answer's body as far as it arrived."""
        if self._endpoint == RESPONSES:
            return msgspec.json.encode(self._whole_response())
        choices = [_closed(self._choices[index]) for index in sorted(self._choices)]
        return msgspec.json.encode({**self._outer, "object": "chat.completion", "choices": choices})

    # --- responses: the last event holds all of it

    def _event(self, found: dict[str, Any]) -> bool:
        kind = found.get("type")
        if isinstance(held := found.get("response"), dict):
            self._response = held
        if kind in _ENDS:
            self.finished = True
            if kind == "response.failed" and self._response is not None:
                self.failure = said_in(self._response.get("error") or {})
            return False
        return kind in ("response.output_text.delta", "response.refusal.delta") and self._say(found.get("delta"))

    def _whole_response(self) -> dict[str, Any]:
        found = dict(self._response or {})
        if not self.finished and self._texts:
            part = {"type": "output_text", "text": self.text, "annotations": []}
            found["output"] = [{"type": "message", "role": "assistant", "status": "incomplete", "content": [part]}]
        return {**found, "object": "response"}

    def _say(self, text: Any) -> bool:
        if not isinstance(text, str) or not text:
            return False
        self._texts.append(text)
        return True

    # --- chat: each chunk adds to what its choices said

    def _chunk(self, found: dict[str, Any]) -> bool:
        self._outer.update({name: value for name, value in found.items() if name not in ("choices", "object") and value is not None})
        grown = False
        for choice in found["choices"] if isinstance(found.get("choices"), list) else ():
            if isinstance(choice, dict):
                grown = self._choice(choice) or grown
        if len(self._choices) >= self._expected and all(one["finish_reason"] is not None for one in self._choices.values()):
            self.finished = True
        return grown

    def _choice(self, choice: dict[str, Any]) -> bool:
        index = _place(choice)
        if index < 0:
            return False
        mine = self._choices.setdefault(index, {"index": index, "message": {}, "finish_reason": None})
        if isinstance(choice.get("finish_reason"), str):
            mine["finish_reason"] = choice["finish_reason"]
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return False
        for name in ("content", "refusal", "reasoning_content", "reasoning"):
            if isinstance(delta.get(name), str):
                mine["message"].setdefault(name, []).append(delta[name])
        for call in delta["tool_calls"] if isinstance(delta.get("tool_calls"), list) else ():
            _add_call(mine["message"].setdefault("tool_calls", {}), call)
        return index == 0 and self._say(delta.get("content") or delta.get("refusal"))


def _place(part: dict[str, Any]) -> int:
    """Which of several this is a part of; -1 where that can't be."""
    index = part.get("index", 0)
    return index if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < _MOST_CHOICES else -1


def _add_call(calls: dict[int, dict[str, Any]], part: Any) -> None:
    """A call of a function comes in pieces, too: its name first, then its arguments."""
    index = _place(part) if isinstance(part, dict) else -1
    if index < 0:
        return
    call = calls.setdefault(index, {"id": "", "type": "function", "name": [], "arguments": []})
    if isinstance(part.get("id"), str):
        call["id"] = part["id"]
    function = part.get("function")
    for name in ("name", "arguments"):
        if isinstance(function, dict) and isinstance(function.get(name), str):
            call[name].append(function[name])


def _closed(choice: dict[str, Any]) -> dict[str, Any]:
    said = choice["message"]
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    message |= {name: "".join(parts) or None for name, parts in said.items() if name != "tool_calls"}
    if calls := said.get("tool_calls"):
        message["tool_calls"] = [
            {"id": call["id"], "type": call["type"], "function": {name: "".join(call[name]) for name in ("name", "arguments")}}
            for _, call in sorted(calls.items())
        ]
    return {**choice, "message": message}
