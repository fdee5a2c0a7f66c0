"""Runs cases in Chromium: many at a time in one page, so that a page which is killed dies for all of them at once.

Faults of the network happen in one page. For those that kill it, or that need two tabs, each chunk of cases is begun in one page and ended
in the next; the next chunk begins there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from tests.faults.check import Held, check
from tests.faults.matrix import KILLED, TIMEOUT, TWO_TABS, Case
from tests.faults.provider import Fault, Server, serving
from tests.kit.browser import Watch, wait_ready
from tests.kit.furnish import ADDRESS, furnish
from tests.kit.world import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

OURS = ("check", "journeys", "points", "visit", "inside/rooms")
FILES = ("tests/fakes/*.py", "tests/kit/world.py", *(f"tests/faults/{name}.py" for name in OURS))
"""What the room imports of the tests."""
CHUNK = 32
"""How many cases live in a page at a time."""
HELD = 4
"""How many of a chunk may stand at a call at a time: each keeps a connection, and Chromium has six to a host."""
HURRY = 1.5
"""Seconds that a call may take where a case waits for its end: from the call that gets the fault on, until one was given up."""
PATIENCE = 120.0
"""Seconds after which a chunk that does not end has failed."""
EXPECTED = r"Failed to load resource|CORS policy|net::ERR_|Access-Control"


@dataclass
class Result:
    """What came of a case."""

    case: Case
    wrong: list[str] = field(default_factory=list)


class Room:
    """A page in which cases live."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.goto(ADDRESS)
        wait_ready(self.page)

    def call(self, method: str, given: str = "") -> Any:
        return json.loads(self.page.evaluate("(given) => globalThis.faults(...given)", [method, given]))

    def wait(self, met: Callable[[dict[str, list[Any]]], bool]) -> dict[str, list[Any]]:
        """Wait until the state of its cases is so. Raises AssertionError with that state."""
        end = time.monotonic() + PATIENCE
        while True:
            state = self.call("state")
            if met(state):
                return state  # type: ignore[no-any-return]
            assert time.monotonic() < end, f"not within {PATIENCE} s: {state}"
            self.page.wait_for_timeout(60)


class Runner:
    """Runs cases and tells ``done`` of each result."""

    def __init__(self, browser: Browser, site: str, server: Server, done: Callable[[Result], None] = lambda _result: None) -> None:
        self._server, self._done, self._start = server, done, time.time()
        self._context = browser.new_context(base_url=f"{site}/")
        self._watch = Watch({urlsplit(site).netloc, urlsplit(server.origin).netloc})
        self._watch.expect(EXPECTED)
        self._watch.attach(self._context)
        furnish(self._context, "tests/faults/inside/main.py", FILES)
        # Playwright answers the room itself, so Chromium does not know that it came from this machine, and would ask the person.
        self._context.grant_permissions(["local-network-access"])
        hosts = f"localStorage.setItem('nightshift:hosts', JSON.stringify(['{server.origin}']))"
        self._context.add_init_script(f"if (location.host) {hosts}")
        self._room = Room(self._context)

    def close(self) -> None:
        self._context.close()

    def run(self, cases: Sequence[Case]) -> list[Result]:
        """All cases, those of one kind together."""
        found: list[Result] = []
        for kind, chunked in ((self._network, False), (self._killed, True), (self._two_tabs, True)):
            wanted = [case for case in cases if _kind(case) == kind.__name__]
            for chunk in _chunks(wanted, CHUNK if not chunked else HELD):
                found += self._chunk(kind, chunk)
        return found

    def _chunk(self, kind: Callable[[list[Case]], None], cases: list[Case]) -> list[Result]:
        for case in cases:
            self._server.add(_name(case), case.of.scenario, _fault(case))
        self._founds: dict[str, list[str]] = {_name(case): [] for case in cases}
        self._room.call("begin", self._orders(cases, "first"))
        trouble = ""
        try:
            kind(cases)
            self._room.wait(lambda state: all(done for _reached, done, _error in state.values()))
        except AssertionError as error:
            trouble = str(error)
        found = [self._ended(case, trouble) for case in cases]
        if trouble:
            self._room.page.close()
            self._room = Room(self._context)
        return found

    def _ended(self, case: Case, trouble: str) -> Result:
        """What came of a case, checked."""
        name = _name(case)
        wrong = self._founds[name]
        state = self._room.call("state").get(name, [False, False, "it was not opened"])
        if state[2]:
            wrong.append(state[2])
        fault = _fault(case)
        if not (state[0] if case.step.startswith("write ") and fault else fault is None or self._server.reached(name)):
            wrong.append("the step was not reached")
        if state[1] and not state[2]:
            end = self._room.call("end", name)
            held = msgspec.convert(end["held"], Held)
            wrong += end["failures"]
            wrong += check(numbered(case.of.asks), held, self._server.made(name), ended=True)
        elif not state[2]:
            wrong.append(f"it did not end: {trouble[:400]}")
        if unexpected := self._watch.unexpected():
            wrong += unexpected
            self._watch.problems.clear()
        self._server.remove(name)
        result = Result(case, wrong)
        self._done(result)
        return result

    def _orders(self, cases: Sequence[Case], role: str) -> str:
        return json.dumps([self._order(case, role) for case in cases])

    def _order(self, case: Case, role: str) -> dict[str, Any]:
        order = {"name": _name(case), "journey": case.journey, "role": role, "origin": self._server.origin, "start": self._start}
        if case.step.startswith("write ") and role == "first":
            order |= {"stop": [case.step, case.nth, case.when], "arm": case.fault not in (KILLED, TWO_TABS)}
        if case.fault == TIMEOUT:
            order["timeout"] = HURRY
            if case.step.startswith("call "):
                order["slow"] = [case.step, case.nth]
        return order

    # --- what is done about each kind

    def _network(self, cases: list[Case]) -> None:
        """Nothing: the page goes on by itself."""

    def _stopped(self, cases: list[Case]) -> None:
        """Wait until each case stands at its step."""

        def stands(case: Case, state: dict[str, list[Any]]) -> bool:
            return bool(state[_name(case)][0]) or (_fault(case) is not None and self._server.reached(_name(case)))

        state = self._room.wait(lambda state: all(stands(case, state) or state[_name(case)][1] for case in cases))
        for case in cases:
            if not stands(case, state):
                self._founds[_name(case)].append("it ended and never came to the step")

    def _killed(self, cases: list[Case]) -> None:
        """The page is closed at that moment, and opened anew."""
        self._stopped(cases)
        self._room.page.close()
        self._room = Room(self._context)
        self._room.call("begin", self._orders(cases, "next"))
        self._room.wait(lambda _state: all(self._room.call("found", _name(case)) is not None for case in cases))
        for case in cases:
            held = msgspec.convert(self._room.call("found", _name(case)), Held)
            wrong = check(numbered(case.of.asks), held, [], ended=False)
            self._founds[_name(case)] += [f"when the page was killed: {one}" for one in wrong]

    def _two_tabs(self, cases: list[Case]) -> None:
        """A second tab is opened at that moment and meddles; then the first goes on, and is closed soon after."""
        self._stopped(cases)
        first = self._room
        self._room = Room(self._context)
        self._room.call("begin", self._orders(cases, "second"))
        self._room.wait(lambda state: all(reached or error for reached, _done, error in state.values()))
        for case in cases:
            first.call("resume", _name(case))
            self._server.resume(_name(case))
        first.page.wait_for_timeout(100 * (1 + self._start % 3))
        first.page.close()


def _chunks(cases: Sequence[Case], calls: int) -> Iterator[list[Case]]:
    """The cases in chunks, with at most so many in each that are about a call."""
    about_calls = [case for case in cases if case.step.startswith("call ")]
    others = [case for case in cases if not case.step.startswith("call ")]
    while about_calls or others:
        chunk = about_calls[:calls]
        room = CHUNK - len(chunk)
        yield [*chunk, *others[:room]]
        about_calls, others = about_calls[len(chunk) :], others[room:]


def _name(case: Case) -> str:
    return f"case-{case.number}"


def _kind(case: Case) -> str:
    return {KILLED: "_killed", TWO_TABS: "_two_tabs"}.get(case.fault, "_network")


def _fault(case: Case) -> Fault | None:
    """What the provider does; None: the fault happens in the page alone."""
    kind, _, call = case.step.partition(" ")
    if kind == "call":
        return Fault(case.fault, call, case.nth, case.when)
    if case.fault in (KILLED, TWO_TABS):
        return None
    return Fault(case.fault, "", 0, "after" if case.fault == TIMEOUT else "before")


@contextmanager
def running(browser: Browser, site: str, done: Callable[[Result], None] = lambda _result: None) -> Iterator[Runner]:
    """A runner with a provider of its own."""
    with serving() as server:
        runner = Runner(browser, site, server, done)
        try:
            yield runner
        finally:
            runner.close()
