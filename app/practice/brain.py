"""The practice provider itself: every call of the real one, its traps, and a memory that can be kept and returned.

It has no clock: each call is told the time. The two skins (in process, HTTP) move the bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from app.core.json import jsonread
from app.practice import streaming
from app.practice.answers import answer
from app.practice.ask import Ask, Fault, Reply, not_found, ok, refuse, route
from app.practice.batches import Batches, cannot_find
from app.practice.bodies import UNREADABLE, Refusal, check, read_body
from app.practice.dice import draw, mix, name, unit
from app.practice.disk import Disk, Lost
from app.practice.files import Files, first_half
from app.practice.models import MODELS
from app.practice.objects import model_object
from app.practice.records import State
from app.practice.results import Results
from app.practice.traps import CALLS, ODD_ANSWERS, Call, Rule, Scenario, Trap


class Seen(msgspec.Struct, frozen=True):
    """One call as the provider saw it: what was answered, and how the answer broke."""

    call: str
    method: str
    path: str
    status: int
    fault: str | None = None


_HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"

_REFUSED = {
    Trap.UNAUTHORIZED_401: Refusal("Incorrect API key provided: it was revoked.", code="invalid_api_key", status=401),
    Trap.FORBIDDEN_403: Refusal("You have insufficient permissions for this operation.", code="insufficient_permissions", status=403),
    Trap.NOT_FOUND_404: Refusal("The requested resource was not found.", code="not_found", status=404),
    Trap.RATE_LIMIT_429: Refusal("Rate limit reached for requests.", "requests", None, "rate_limit_exceeded", 429),
    Trap.INSUFFICIENT_QUOTA_429: Refusal(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        None,
        "insufficient_quota",
        429,
    ),
    Trap.SERVER_500: Refusal("The server had an error while processing your request.", "server_error", None, "server_error", 500),
    Trap.CORS_REFUSED: Refusal("This origin is not allowed.", status=403),
}
_PAGES = {Trap.TOO_LARGE_413: (413, "413 Request Entity Too Large"), Trap.DOWNLOAD_502: (502, "502 Bad Gateway")}
_FAULTS = {Trap.CONNECTION_BROKEN: Fault.BROKEN, Trap.TIMEOUT: Fault.TIMEOUT, Trap.CORS_REFUSED: Fault.CORS}
_HALVES = {Trap.DOWNLOAD_BREAKS_HALFWAY: Fault.MIDWAY, Trap.DOWNLOAD_ENDS_EARLY: None}
_SAID: dict[Trap, dict[str, object]] = {Trap.FILE_SIZE_UNKNOWN: {"bytes": None}, Trap.FILE_PENDING: {"status": "pending"}}
_AFTER = frozenset(
    {Trap.CREATE_ANSWER_LOST, Trap.CREATE_500_EFFECT_DONE, Trap.UPLOAD_ANSWER_LOST, Trap.ANSWER_LOST, *streaming.TRAPS, *_SAID, *_HALVES}
)


_UNSAVED = 100
"""Ids skipped after a load: some may have been given after the last save, and an id is never given twice."""


def right_key(key: str | None) -> bool:
    """Practice keys begin with ``practice`` or ``sk-practice``; every other key is wrong."""
    return key is not None and key.startswith(("practice", "sk-practice"))


class Brain:
    """The provider. ``breathe`` is awaited between slices of long work; ``changed`` says that :meth:`dump` would differ."""

    def __init__(self, disk: Disk, breathe: Callable[[], Awaitable[None]], *, seed: int = 1, scenario: Scenario | None = None) -> None:
        self.disk, self.breathe = disk, breathe
        self.calls: dict[str, int] = {}
        self.log: deque[Seen] = deque(maxlen=1000)
        self.changed = False
        self._answered = 0
        self._remember(State(seed=seed, scenario=scenario or Scenario()))

    def _remember(self, state: State) -> None:
        self.state = state
        results = Results(state, self.disk, self.breathe)
        self._files = Files(results)
        self._batches = Batches(results, self._files)

    # --- memory

    def dump(self) -> bytes:
        """All that is remembered, without the files' contents, as JSON."""
        self.changed = False
        return msgspec.json.encode(self.state)

    def load(self, data: bytes) -> bool:
        """Remember what :meth:`dump` gave. False (and nothing changes) when it cannot be read."""
        try:
            state = jsonread.typed(data, State)
        except UNREADABLE:
            return False
        state.counter += _UNSAVED
        self._remember(state)
        self.changed = False
        return True

    async def reset(self) -> None:
        """Forget everything but the seed and which ids were given."""
        for id in list(self.state.files):
            await self.disk.drop(id)
        self._remember(State(seed=self.state.seed, counter=self.state.counter))
        self.calls.clear()
        self.log.clear()
        self.changed = True

    def set_scenario(self, scenario: Scenario, key: str | None = None) -> None:
        """Behave so from now on: for everybody, or for one key."""
        if key is None:
            self.state.scenario = scenario
        else:
            self.state.scenarios[key] = scenario
        self.state.used.pop(key or "", None)
        self.changed = True

    def scenario(self, key: str | None) -> Scenario:
        """How calls with ``key`` are treated."""
        return self.state.scenarios.get(key or "", self.state.scenario)

    def reserve(self) -> str:
        """A new file id, under which a skin puts an upload on the disk before it calls :meth:`handle`."""
        return f"file-{name(mix(self.state.seed) ^ self._next(), 22)}"

    def _next(self) -> int:
        self.state.counter += 1
        return self.state.counter

    # --- calls

    async def handle(self, ask: Ask, now: float) -> Reply:
        """Answer one call at ``now`` (unix seconds)."""
        found = route(ask.method, ask.path)
        call = found[0] if found else None
        if call:
            self.calls[call] = self.calls.get(call, 0) + 1
        try:
            reply = await self._answer(ask, found, now)
        except Lost:
            reply = refuse(Refusal("The practice provider has lost the content of this file.", "server_error", status=500))
        if ask.upload and ask.upload.id not in self.state.files:
            await self.disk.drop(ask.upload.id)
        if call in (Call.UPLOAD, Call.CREATE, Call.CANCEL, Call.DELETE):
            self.changed = True
        self._answered += 1
        reply.request_id = f"req_{name(mix(self.state.seed ^ 7) ^ self._answered, 32)}"
        self.log.append(Seen(call or "unknown", ask.method, ask.path, reply.status, reply.fault))
        return reply

    async def _answer(self, ask: Ask, found: tuple[Call, str] | None, now: float) -> Reply:
        if ask.key is None:
            return refuse(Refusal("You didn't provide an API key.", status=401))
        if not right_key(ask.key):
            text = "Incorrect API key provided. Practice keys begin with 'practice'."
            return refuse(Refusal(text, code="invalid_api_key", status=401))
        if found is None:
            return refuse(Refusal(f"Invalid URL ({ask.method} {ask.path})", code="unknown_url", status=404))
        call, id = found
        rule = self._sprung(ask.key, call)
        if rule and rule.trap not in _AFTER:
            return self._trapped(rule.trap, ask)
        reply = await self._do(call, id, ask, now, rule.trap if rule else None)
        if rule is None or reply.status >= 400:
            return reply
        if rule.trap in streaming.TRAPS:
            return reply
        if rule.trap is Trap.CREATE_500_EFFECT_DONE:
            return refuse(_REFUSED[Trap.SERVER_500])
        if rule.trap in _HALVES and not isinstance(reply.body, bytes):
            size, fault = await self._files.size(id, now), _HALVES[rule.trap]
            return Reply(200, first_half(reply.body, size), reply.type, size=size if fault else size // 2, fault=fault)
        if rule.trap in _SAID and isinstance(reply.body, bytes):
            return ok({**jsonread.value(reply.body), **_SAID[rule.trap]})
        return Reply(reply.status, fault=Fault.BROKEN)

    def _trapped(self, trap: Trap, ask: Ask) -> Reply:
        """The answer to a call that a trap keeps from taking effect."""
        if trap is Trap.FILE_NOT_FOUND_AFTER_UPLOAD:
            try:
                order = jsonread.typed(ask.body, dict[str, object])
            except UNREADABLE:
                order = {}
            return refuse(cannot_find(str(order.get("input_file_id", ""))))
        if trap in _PAGES:
            status, title = _PAGES[trap]
            return Reply(status, _HTML.format(title).encode(), "text/html")
        reply = refuse(_REFUSED.get(trap, _REFUSED[Trap.SERVER_500]))
        reply.fault = _FAULTS.get(trap)
        return reply

    def _sprung(self, key: str, call: Call) -> Rule | None:
        """The first rule about ``call`` that is not used up; using it counts."""
        for rule in self._open_rules(key, lambda rule: rule.hits(call)):
            return rule
        return None

    def _open_rules(self, key: str, wanted: Callable[[Rule], bool]) -> list[Rule]:
        name = key if key in self.state.scenarios else ""
        used = self.state.used.setdefault(name, {})
        found = []
        for place, rule in enumerate(self.scenario(key).rules):
            if wanted(rule) and not rule.spent(used.get(place, 0)):
                found.append((place, rule))
                if rule.trap in CALLS:
                    break
        for place, _ in found:
            used[place] = used.get(place, 0) + 1
            self.changed = True
        return [rule for _, rule in found]

    async def _do(self, call: Call, id: str, ask: Ask, now: float, trap: Trap | None) -> Reply:
        match call:
            case Call.UPLOAD:
                return await self._files.upload(ask, now)
            case Call.FILES:
                return await self._files.list(ask, now)
            case Call.FILE:
                return await self._files.retrieve(id, now)
            case Call.DOWNLOAD:
                return await self._files.content(id, now)
            case Call.DELETE:
                return await self._files.delete(id, now)
            case Call.CREATE:
                traps = frozenset(rule.trap for rule in self._open_rules(ask.key or "", lambda rule: rule.trap not in CALLS))
                scenario = self.scenario(ask.key)
                return await self._batches.create(ask, now, self._next(), traps, scenario)
            case Call.LIST:
                return await self._batches.list(ask, now)
            case Call.POLL:
                return await self._batches.retrieve(id, now)
            case Call.CANCEL:
                return await self._batches.cancel(id, now)
            case Call.MODELS:
                return _models(id)
            case Call.ANSWER:
                return self._synchronous(ask, now, trap)

    def _synchronous(self, ask: Ask, now: float, trap: Trap | None) -> Reply:
        try:
            body = read_body(ask.body)
        except UNREADABLE:
            return refuse(Refusal("We could not parse the JSON body of your request."))
        refused = streaming.refused(ask.path, body, trap) or check(ask.path, body)
        if refused:
            return refuse(refused)
        seed = draw(self.state.seed, ask.body.decode("utf-8", "replace"))
        found = answer(ask.path, body, seed, int(now), self._odd(ask.key, seed))
        return streaming.reply(ask.path, body, found, trap, self.breathe) if body.stream else ok(found)

    def _odd(self, key: str | None, seed: int) -> Trap | None:
        """The trap that makes this answer odd: the share of answers that traps on lines hit."""
        scenario = self.scenario(key)
        traps = sorted(rule.trap for rule in scenario.rules if rule.trap in ODD_ANSWERS)
        return traps[(seed >> 32) % len(traps)] if traps and unit(seed) < scenario.share else None


def _models(id: str) -> Reply:
    if not id:
        return ok({"object": "list", "data": [model_object(one) for one in MODELS]})
    return ok(model_object(id)) if id in MODELS else not_found("model", id)
