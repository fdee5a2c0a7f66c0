"""Every body of a table checked before it is sent: types by the official SDK, ranges and rules by the API reference.

Most bodies of one table differ in what they ask and share their parameters. So a body is decoded once by its types; its parameters are
looked up among those that were checked already, and what it asks is looked over. Only what does not pass is checked in full, and there too
the findings about parameters are made once. 50,000 bodies of 1.2 kB take 0.2–0.3 s in CPython.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from app.core.bodies import bodycheck, bodyrules, typecheck
from app.core.bodies.bodyfindings import BodyFinding, of_fault, of_rule, rule
from app.core.bodies.remedies import BodyRemedy, DropField, RenameField, SetField
from app.core.endpoints.spec import MAX_INPUTS, EndpointSpec
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsonread
from app.core.model.lanes import CHAT, RESPONSES, Endpoint
from app.core.openai import kinds, metadata

_DROPS: Final = ("stream", "temperature", "verbosity", "reasoning_effort")
MOST_HEADS: Final = 2_000
"""Sets of parameters that are remembered."""

_encode: Final = msgspec.json.Encoder().encode


class BodyChecker:
    """Checks bodies of one endpoint. ``official``: they go to OpenAI itself; other providers have roles and kinds of content of their own.
    Kept for one run over a table: what it remembers is only about parameters."""

    def __init__(self, endpoint: Endpoint, *, official: bool = True) -> None:
        self.endpoint = kinds.canonical(endpoint)
        self._official = official
        self._spec = ENDPOINTS.get(self.endpoint)
        self._read: Callable[[bytes], Any] = typecheck.reader(self.endpoint) if self._spec else lambda data: None
        self._own = (*(self._spec.content if self._spec else ()), *bodyrules.PER_ROW)
        self._names: tuple[str, ...] = ()
        self._heads: dict[bytes, tuple[BodyFinding, ...]] = {}
        self._looks = _looks(self._spec)

    @property
    def prompt_length(self) -> int:
        """Characters that a prompt may have; 0: any number."""
        return self._spec.prompt_length if self._spec else 0

    def check(self, data: bytes) -> tuple[BodyFinding, ...]:
        """The findings about one body, as JSON; nothing for one that can be sent without a word."""
        body = self._read(data)
        if body is None:
            return self._in_full(data)
        fine = self._looks(body) and _per_row(body)
        if not fine:
            return self._in_full(data)
        return self._parameters(body, data)

    def check_value(self, body: Mapping[str, Any]) -> tuple[BodyFinding, ...]:
        """The same for a decoded body."""
        return tuple(self._of_value(dict(body)))

    def _parameters(self, body: Any, data: bytes) -> tuple[BodyFinding, ...]:
        """The findings about the parameters of a body without faults of type; what it asks is taken out of it."""
        if not self._names:
            self._names = tuple(name for name in self._own if name in body.__struct_fields__)
        for name in self._names:
            setattr(body, name, UNSET)
        key = _encode(body)
        found = self._heads.get(key)
        if found is None:
            own = self._own
            found = self._head(key, {name: value for name, value in jsonread.value(data).items() if name not in own})
        return found

    def _head(self, key: bytes, head: dict[str, Any]) -> tuple[BodyFinding, ...]:
        if len(self._heads) >= MOST_HEADS:
            self._heads.clear()
        own = self._own
        every = self._every(head | dict(self._spec.smallest if self._spec else {}))
        found = self._heads[key] = tuple(one for one in every if _first(one.path) not in own)
        return found

    def _in_full(self, data: bytes) -> tuple[BodyFinding, ...]:
        try:
            body = jsonread.value(data)
        except jsonread.Unreadable as error:
            return (rule((), error.sentence),)
        if not isinstance(body, dict):
            return (rule((), "A request's body is a JSON object.", "Begin with { and end with }."),)
        return tuple(self._of_value(body))

    def _of_value(self, body: dict[str, Any]) -> Iterator[BodyFinding]:
        own = self._own
        head = {name: value for name, value in body.items() if name not in own}
        try:
            key = b" " + _encode(head)  # not mixed up with those of structs, which may leave out what is wrong
        except (UnicodeEncodeError, OverflowError):
            yield from self._every(body)
            return
        found = self._heads.get(key)
        yield from self._head(key, head) if found is None else found
        asked = {name: value for name, value in body.items() if name in own or name == "model"}
        if not isinstance(asked.get("model"), str):
            asked["model"] = "m"
        yield from (one for one in self._every(asked) if _first(one.path) in own)

    def _every(self, body: dict[str, Any]) -> Iterator[BodyFinding]:
        """Everything about a body, each place once: an error before advice, a wrong type before what a rule says of it."""
        found: dict[str, BodyFinding] = {}
        for one in self._all(body):
            if one.path not in found or _weight(one) > _weight(found[one.path]):
                found[one.path] = one
        yield from found.values()

    def _all(self, body: dict[str, Any]) -> Iterator[BodyFinding]:
        for one in bodycheck.body_problems(self.endpoint, body):
            yield of_rule(one, self._fix(_first(one.path), one.path))
        yield from bodyrules.of_parameters(self.endpoint, body)
        yield from bodyrules.of_content(self.endpoint, body)
        for fault in typecheck.faults(self.endpoint, body):
            yield of_fault(fault, body, official=self._official)

    def _fix(self, name: str, path: str) -> BodyRemedy | None:
        """What fixes a rule of :mod:`.bodycheck`."""
        if path.count("/") != 1:
            return SetField(path, "auto") if path.endswith("/detail") else None
        if to := (self._spec.renames if self._spec else {}).get(name):
            return RenameField(path, to)
        return DropField(path) if name in _DROPS else None


def _weight(finding: BodyFinding) -> tuple[bool, bool]:
    return finding.severity == "error", finding.kind == "type"


def _first(path: str) -> str:
    return path.split("/", 2)[1] if path else ""


# --- what a body without faults of type asks, looked over: True where nothing can be said against it ------------------------------------


def _per_row(body: Any) -> bool:
    given = getattr(body, "metadata", None)
    if given:  # neither null nor left out nor empty
        if len(given) > metadata.MOST:
            return False
        for key, value in given.items():
            if len(key) > metadata.KEY or len(value) > metadata.VALUE:
                return False
    for name in ("safety_identifier", "prompt_cache_key"):
        value = getattr(body, name, None)
        if value and len(value) > bodyrules.IDENTIFIER:
            return False
    return True


def _chat(body: Any) -> bool:
    messages = body.messages
    if not messages or messages[-1].__struct_config__.tag == "assistant":
        return False
    return all(type(message.content) is str or _parts(message.content) for message in messages)


def _responses(body: Any) -> bool:
    given = body.input
    if type(given) is str:
        return given != ""
    if not given or given is UNSET:
        return False
    if getattr(given[-1], "role", "") == "assistant":
        return False
    for item in given:
        content = getattr(item, "content", None)
        if type(content) is not str and not _parts(content):
            return False
    return True


def _parts(parts: Any) -> bool:
    """Parts without an image, whose address would have to be looked at."""
    return parts is None or parts is UNSET or (isinstance(parts, list) and not any(hasattr(part, "image_url") for part in parts))


def _looks(spec: EndpointSpec | None) -> Callable[[Any], bool]:
    """Whether what a body without faults of type asks needs no closer look."""
    if spec is None:
        return lambda body: False
    if spec.path in _CONVERSATIONS:
        return _CONVERSATIONS[spec.path]
    name, many, length = spec.asked, max(spec.many, MAX_INPUTS), spec.prompt_length

    def asks_texts(body: Any) -> bool:
        given = getattr(body, name)
        if type(given) is str:
            return 0 < len(given) <= (length or len(given))
        return isinstance(given, list) and 0 < len(given) <= many and "" not in given

    return asks_texts


_CONVERSATIONS: Final[dict[Endpoint, Callable[[Any], bool]]] = {CHAT: _chat, RESPONSES: _responses}
