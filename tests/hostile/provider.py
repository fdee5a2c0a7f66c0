"""A provider that misbehaves: an honest one (``app.practice``), and rules that change what it answers.

A rule belongs to a call of the batch API by its name (``upload``, ``files``, ``file``, ``delete``, ``download``, ``create``, ``list``,
``poll``, ``cancel``, ``models``). It is given what was asked and the honest answer, and returns what is answered instead; so the honest
provider's memory says what was really made, answered and billed, whatever was said about it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from app.core.openai.wire import NetworkError, Request, Response
from app.practice.ask import route
from app.practice.inproc import PracticeHttp

Breaks = Literal["", "offline", "blocked", "policy", "unreachable", "broken", "timeout", "redirected", "halfway"]
JSON = "application/json"


class Asked(msgspec.Struct, frozen=True):
    """One call. ``n`` counts calls of this name from 1; ``id`` is the one in the path."""

    call: str
    id: str
    n: int
    query: dict[str, str] = {}
    key: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What comes back. ``breaks``: how the exchange fails instead; ``halfway`` breaks off after ``body``."""

    status: int = 200
    body: bytes = b""
    type: str = JSON
    headers: dict[str, str] = {}
    breaks: Breaks = ""


Twist = Callable[[Asked, Answer], Answer]


class Rule(msgspec.Struct):
    """``effect``: whether the honest provider does what it was asked before the answer is changed. ``agrees``: of a download, whether the
    file's size is told as what is really sent. The rule holds for calls number ``first`` to ``last`` of its name."""

    twist: Twist
    effect: bool = True
    agrees: bool = True
    first: int = 1
    last: float = float("inf")

    def holds(self, n: int) -> bool:
        return self.first <= n <= self.last


# --- twists


def says(status: int, body: bytes | str | dict[str, Any] | list[Any] = b"", type: str = JSON, **headers: str) -> Twist:
    """This answer, whatever was asked."""
    data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _asked, _answer: Answer(status, data, type, headers)


def breaks(how: Breaks) -> Twist:
    """No answer."""
    return lambda _asked, _answer: Answer(breaks=how)


def edits(change: Callable[[dict[str, Any]], object]) -> Twist:
    """The honest answer's JSON object, changed in place, or replaced by what ``change`` returns if that is a dict, a list or bytes."""

    def twist(_asked: Asked, answer: Answer) -> Answer:
        found = json.loads(answer.body)
        made = change(found)
        if isinstance(made, bytes):
            return msgspec.structs.replace(answer, body=made)
        return msgspec.structs.replace(answer, body=json.dumps(made if isinstance(made, dict | list) else found).encode())

    return twist


def each(change: Callable[[dict[str, Any]], object]) -> Twist:
    """Every object of a listing, changed in place."""

    def whole(found: dict[str, Any]) -> None:
        for one in found["data"]:
            change(one)

    return edits(whole)


def bytes_of(change: Callable[[bytes], bytes]) -> Twist:
    """The honest answer's bytes, changed."""
    return lambda _asked, answer: msgspec.structs.replace(answer, body=change(answer.body))


def rows(change: Callable[[list[dict[str, Any]]], list[Any]]) -> Twist:
    """The rows of an answer file, changed; what comes back is written one a line (bytes as they are)."""

    def whole(data: bytes) -> bytes:
        made = change([json.loads(line) for line in data.splitlines()])
        return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in made)

    return bytes_of(whole)


def row(change: Callable[[dict[str, Any]], object]) -> Twist:
    """Each row of an answer file, changed in place, or replaced by what ``change`` returns."""
    return rows(lambda found: [one if (made := change(one)) is None else made for one in found])


# --- the provider


class Hostile:
    """The app's Http port. ``calls`` counts every call by its name, ``keys`` what keys came with them."""

    def __init__(self, honest: PracticeHttp) -> None:
        self.honest = honest
        self.brain = honest.brain
        self.calls: Counter[str] = Counter()
        self.keys: set[str] = set()
        self._rules: dict[str, list[Rule]] = {}

    def on(
        self, calls: str, twist: Twist, *, effect: bool = True, agrees: bool = True, first: int = 1, last: float = float("inf")
    ) -> Hostile:
        """Add a rule for these calls (names, divided by spaces); of several that hold, the first one that was added counts."""
        for call in calls.split():
            self._rules.setdefault(call, []).append(Rule(twist, effect, agrees, first, last))
        return self

    def behave(self) -> None:
        """Be honest from now on."""
        self._rules.clear()

    async def answer(self, request: Request, progress: Callable[[int, int], None] | None = None) -> Answer:
        """What is answered to a call, over whatever transport."""
        url = urlsplit(request.url)
        found = route(request.method, url.path)
        call, id = (str(found[0]), found[1]) if found else ("unknown", "")
        self.calls[call] += 1
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.keys.add(key)
        asked = Asked(call, id, self.calls[call], dict(parse_qsl(url.query)), key)
        rule = self._rule(call, asked.n)
        if rule is not None and not rule.effect:
            return rule.twist(asked, Answer())
        made = await self.honest.send(request, progress=progress)
        answer = Answer(made.status, made.body, made.headers.get("content-type", JSON), made.headers)
        if call == "file":
            answer = await self._sized(asked, answer)
        return answer if rule is None else rule.twist(asked, answer)

    def _rule(self, call: str, n: int) -> Rule | None:
        return next((one for one in self._rules.get(call, ()) if one.holds(n)), None)

    async def _sized(self, asked: Asked, answer: Answer) -> Answer:
        """What is said of a file whose content will be changed: the size of what will be sent."""
        n = self.calls["download"] + 1
        rule = self._rule("download", n)
        if rule is None or not rule.effect or not rule.agrees or answer.status != 200:
            return answer
        reply = await self.brain._files.content(asked.id, self.honest._clock())
        sent = rule.twist(Asked("download", asked.id, n), Answer(reply.status, await reply.whole()))
        if sent.status != 200 or sent.breaks:
            return answer
        return edits(lambda one: one.update(bytes=len(sent.body)))(asked, answer)

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        answer = await self.answer(request, progress)
        _raise(answer.breaks)
        return Response(answer.status, {**answer.headers, "content-type": answer.type}, answer.body)

    async def stream(self, request: Request) -> Pieces:
        answer = await self.answer(request)
        _raise("" if answer.breaks == "halfway" else answer.breaks)
        return Pieces(answer)

    # --- what was really done

    async def billed(self, now: float) -> Counter[str]:
        """The ids of the requests that were answered, each as often as it was: what is billed."""
        found: Counter[str] = Counter()
        for id, record in self.brain.state.batches.items():
            if not record.problems:
                await self.brain._batches.retrieve(id, now)  # what is due by now is done
                async for line in self._answers(id, now):
                    found[json.loads(line)["custom_id"]] += 1
        return found

    async def _answers(self, id: str, now: float) -> AsyncIterator[bytes]:
        reply = await self.brain._files.content(self.brain.state.batches[id].output_file_id, now)
        if reply.status == 200:
            for line in (await reply.whole()).splitlines():
                yield line

    async def asked(self) -> Counter[str]:
        """The ids of the requests in every batch that was made, each as often as it was sent."""
        found: Counter[str] = Counter()
        for record in self.brain.state.batches.values():
            data = b"".join([chunk async for chunk in self.brain.disk.read(record.input_file_id)])
            found.update(json.loads(line)["custom_id"] for line in data.splitlines())
        return found


def _raise(how: Breaks) -> None:
    """Fail as an exchange fails."""
    if how:
        raise NetworkError("broken" if how == "halfway" else how)


class Pieces:
    """An answer that arrives in pieces (the app's Stream port)."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers = answer.status, {**answer.headers, "content-type": answer.type}
        self._answer = answer

    async def chunks(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._answer.body), 1_000_000):
            yield self._answer.body[at : at + 1_000_000]
        if self._answer.breaks == "halfway":
            raise NetworkError("broken", "the connection closed before the end")
