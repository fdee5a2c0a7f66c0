"""States to draw: with nothing in them, and with something of everything, all of whose texts are the same hostile one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec

from app.core.activity.log import LogEntry
from app.core.base.findings import Finding
from app.core.batches.durations import BatchTiming, History
from app.core.batches.pipeline import Way
from app.core.batches.remote_files import Listed, What
from app.core.bodies.requests import Preview
from app.core.model.batches import Batch, Fetched, Moment, Tally
from app.core.model.damage import DamagedRecord, Quarantined
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.remote import Remote, RemoteError
from app.core.model.segments import Segment
from app.core.model.settings import Automatic, Preferences, RetentionNotice
from app.core.model.threads import Image, Options, Thread, ThreadMessage
from app.core.openai.outcomes import Outcome
from app.core.openai.replies import RemoteFile
from app.core.programs.rabbit import ConnectionState
from app.core.queue.lanes import BatchLimits, LineRefusal, Sums, cut
from app.core.results.answers import Answer, ToolCall, Usage
from app.core.workspace.imports import Import
from app.core.workspace.renaming import Address
from app.ports import Usage as Room
from app.services.batches.settling import Found
from app.services.provider.account import Seen
from app.services.provider.profiles import OPENAI, PRACTICE
from app.services.queue.lane import LaneQueue, QueueRow
from app.services.results.shown import AnswerRow, Opened
from app.services.runtime.records import Stored
from app.ui.account.dialogs import SweepDialog
from app.ui.activity.dialogs import LogDialog
from app.ui.base.drawing import render
from app.ui.base.state import BrowserState, DamageState, EngineState, Route, State, Toast
from app.ui.base.substates import (
    AccountState,
    BatchesState,
    BatchState,
    ComposeState,
    KeyState,
    KeyTest,
    LogState,
    ProviderState,
    QueueState,
    ThreadsState,
    WorkspaceState,
)
from app.ui.batches.dialogs import CancelDialog, ForgetDialog, SettleDialog
from app.ui.programs.dialogs import DeliveryDialog
from app.ui.provider.dialogs import ProfileDialog
from app.ui.queue.dialogs import RequestDialog
from app.ui.results.dialogs import RiskDialog
from app.ui.shell.composition import registry
from app.ui.shell.dialogs import PaletteDialog, ShortcutsDialog
from app.ui.shell.palette_handlers import ready
from app.ui.shell.view import bare, shell, title, undrawable
from app.ui.threads.dialogs import AddressDialog, Paste
from app.ui.workspace.dialogs import ImportDialog
from tests.states.programs import FOLDERS, MESSAGE_STATES, SERVER, broker, folder, message, programs

NOW = 1_700_000_000.0
STATES = (
    "adopting",
    "planned",
    "uploading",
    "uploaded",
    "creating",
    "validating",
    "in_progress",
    "finalizing",
    "cancelling",
    "downloading",
    "reconciling",
    "done",
    "failed",
    "expired",
    "cancelled",
    "withdrawn",
)
OUTCOMES = ("answered", "failed", "expired", "cancelled", "missing", "unread", "unexpected", "damaged")


def nothing() -> State:
    """The first start."""
    thread = Thread(id="t-0", messages=(ThreadMessage("m-0", "user"),))
    state = State(ComposeState(thread), now=NOW, provider=ProviderState(profiles={"practice": PRACTICE, "openai": OPENAI}))
    state.traps = (("refusal", "the model refuses"),)
    return state


async def _undo() -> None:
    """Nothing."""


def _thread(n: int, said: str) -> Thread:
    return Thread(
        id=f"t-{n}",
        name=said,
        messages=(
            ThreadMessage("m-1", "system", said),
            ThreadMessage("m-2", "user", said, (Image(f"https://example.org/{said}", said), Image(f"data:image/png;base64,{said}", said))),
            ThreadMessage("m-3", "assistant", said),
        ),
        options=Options(
            model=said,
            max_output_tokens=said,
            temperature=said,
            reasoning_effort=said,
            verbosity=said,
            schema_on=True,
            schema_name=said,
            schema_text=said,
        ),
        created=NOW - 100,
        updated=NOW - 50,
        deleted=NOW - 10 if n == 3 else 0.0,
    )


def problem(said: str, code: str = "x", *, retry: bool = False) -> Problem:
    return Problem(code=code, what=said, means=said, do=said, detail=said, retry=retry)


def entries(said: str) -> tuple[LogEntry, ...]:
    """Entries of every kind, newest first."""
    return (
        LogEntry(id="e-4", at=NOW - 1, kind="call", what="upload", batch="b-1", code=said, words=said, status=500, took=3.0, wait=5.0),
        LogEntry(id="e-3", at=NOW - 2, kind="call", what="poll", batch=said, times=3, until=NOW - 1, counts={"answered": 1, "total": 9}),
        LogEntry(id="e-2", at=NOW - 3, kind="state", what=said, was=said, batch="b-2", code="batch_failed"),
        LogEntry(id="e-1", at=NOW - 90_000, kind=said, what=said),
    )


def batch(n: int, where: str, said: str) -> Batch:
    """A batch in a state, about which everything is known."""
    remote = Remote(
        id=said,
        status=said,
        total=9,
        completed=4,
        failed=1,
        expires_at=NOW + 5,
        errors=(RemoteError(said, said, said, 3), RemoteError(said, said, said)),
        raw=said,
    )
    return Batch(
        id=f"b-{n}",
        state=where,  # type: ignore[arg-type]  # one of STATES
        name=said,
        lane=Lane("practice", "/v1/responses", said),
        requests=9,
        size=12_345,
        created=NOW - 500 + n,
        updated=NOW - 5,
        remote=remote,
        retry_at=NOW + 30,
        fetched=(Fetched("output", 1, 10), Fetched("error", 1, 10)),
        problem=problem(said, retry=n % 2 == 0),
        tally=Tally(1, 1, 1, 1, 1, 4, 1, 1, 10, 5, 10, 5),
        timeline=(Moment(NOW - 500, "planned", said), Moment(NOW - 400, where, said)),
    )


def account(said: str) -> AccountState:
    """An account with a file of every kind."""
    kinds: tuple[What, ...] = ("needed", "unfetched", "kept", "orphan", "elsewhere", "unused")
    files = [Listed(RemoteFile(f"{said}-{n}", said, n, "batch", NOW - 9 * n), kind) for n, kind in enumerate(kinds)]
    remotes = tuple(Remote(id=f"{said}-{n}", status=said, endpoint=said, total=5, created_at=NOW, metadata={"name": said}) for n in (1, 2))
    seen = Seen("openai", tuple(one.file for one in files), remotes, NOW)
    return AccountState("openai", seen=seen, files=files, chosen={f"{said}-3"}, problem=problem(said))


def everything(said: str, view: str = "compose", where: str = "in_progress") -> State:
    """Something of everything; every text that can come from a person or a provider is ``said``."""
    lane = Lane("practice", "/v1/chat/completions", said)
    gone = Lane(said, "/v1/responses", said)
    segment = Segment(id="s", owner=f"queue:{lane.key}", seq=1, bytes_id="x", ids=("r-1", "r-2"), ends=(100, 200))
    here = ComposeState(
        _thread(1, said),
        lane=lane,
        size=4_000,
        saving="conflict",
        saved_at=NOW - 5,
        tried=True,
        search="",
        findings=(
            *(Finding(field, said, said, line=1, column=2) for field in ("model", "temperature", "schema_text", "messages", "raw")),
            *(Finding("messages", said, said, item=id) for id in ("m-1", "m-2", "m-3")),
            Finding("messages", said, said, "advice"),
            Finding("verbosity", said, said, "advice"),
        ),
    )
    own = Profile(id="p-1", name=said, base_url=f"https://{said}")
    id = f"b-{STATES.index(where)}" if view == "batch" else ""
    return State(
        here,
        route=Route(view, id),  # type: ignore[arg-type]  # one of the views
        now=NOW,
        preferences=Preferences(id="preferences", profile="p-1", practice_traps=("refusal",)),
        batch=BatchState(id, total=len(OUTCOMES), rows=tuple(AnswerRow(n, said, one, said, said, 7) for n, one in enumerate(OUTCOMES))),
        toasts=[Toast(1, said, _undo), Toast(2, f"{said}!")],
        problems={"x": problem(said), "y": problem(said, "y", retry=True)},
        account=account(said),
        traps=(("refusal", "the model refuses"),),
        log=LogState(entries=entries(said), shown=entries(said), read=True),
        workspace=WorkspaceState(
            with_keys=True,
            fault=said,
            said=("bad", said, said),
            last=Import(id="last", at=NOW - 90, name=said, files="import:i:", done=True),
        ),
        provider=ProviderState(
            profiles={"practice": PRACTICE, "openai": OPENAI, "p-1": own},
            keys={"openai": KeyState(True, True, said), "p-1": KeyState(True, False, said)},
            key_test=KeyTest("p-1", good=False, problem=problem(said)),
            models=(said, f"{said}-2"),
            models_at=NOW - 60,
            models_problem=problem(said),
            reload_needed=True,
        ),
        threads=ThreadsState(all=[_thread(n, said) for n in (1, 2, 3)]),
        queue=QueueState(
            lanes=[LaneQueue(lane, (Stored(segment, 1),), Sums(2, 200, 50, 2), NOW - 60, 1), LaneQueue(gone, (), Sums(), 0.0, 3)],
            plans={(lane.key, "own"): cut([segment], BatchLimits(1, 100))},
            stuck={(lane.key, "own"): tuple(LineRefusal("s", n, said, said) for n in range(2))},
            automatic={"openai": Automatic(id="openai", after=90.0)},
            otherwise=frozenset({"openai"}),
            minutes={("p-1", "own"): said},
            lines={
                lane.key: (
                    0,
                    [
                        QueueRow("r-1", Preview("r-1", said, said, said, 2, 1, 100)),
                        QueueRow("r-2", Preview(fault=said)),
                    ],
                )
            },
            selected={lane.key: {"r-1"}},
        ),
        batches=BatchesState(
            all=[batch(n, one, said) for n, one in enumerate(STATES)],
            progress={"b-1": ("uploaded", 5, 10), "b-9": ("checking", 5, 10)},
            removed=RetentionNotice(id="last", at=NOW, count=9, names=(said, said)),
            histories={lane.key: History(id=lane.key, runs=(BatchTiming(said, NOW, 9, said, 5.0),))},
        ),
        engine=EngineState(leads=True),
        programs=programs(said, batch=id),
        broker=broker(said),
        browser=BrowserState(usage=Room(10, 1000, False)),
        damage=DamageState(
            found=(
                DamagedRecord("threads", said, "thread", said, said, said),
                DamagedRecord("vault", "p-1", "sealed API key", said, said, said),
            ),
            aside=(Quarantined(id=said, at=NOW, table="threads", row=said, doc=said, why=said),),
        ),
    )


async def _begin(_mode: str) -> None:
    """Nothing."""


def dialogs(said: str) -> list[tuple[str, msgspec.Struct]]:
    """Every dialog, with the view over which it opens."""
    answer = Answer(
        text=said,
        refusal=said,
        reasoning=said,
        tools=(ToolCall(said, said),),
        finish=said,
        notice=said,
        model=said,
        usage=Usage(1, 2, 3, 4),
        request_id=said,
        status=400,
        error=said,
        error_code=said,
        outcome=Outcome.FAILED,
    )
    opened = [
        Opened("b-1", n, said, one, said, (("user", said), ("assistant", said)), said, None if n % 2 else answer, said)
        for n, one in enumerate(OUTCOMES)
    ]
    came = Address(said, said)
    offered = ready(registry())
    return [
        ("compose", Paste(said, said)),
        ("compose", AddressDialog("m-1", said, said)),
        ("queue", RequestDialog("practice|/v1/chat/completions|m", "r-1", said, said, said, said)),
        ("queue", RequestDialog("practice|/v1/chat/completions|m", "r-1", said, f"{said} ", said)),
        ("settings", ProfileDialog(Profile(id="p-1", name=said, base_url=said, purpose=said, window=said), fresh=False, fault=said)),
        ("settings", ProfileDialog(Profile(id="p-2", name="", base_url=""), fresh=True)),
        ("settings", ImportDialog(said, ((said, said),), 2, (said, said), True, _begin, True, said)),
        ("settings", ImportDialog(said, (), 0, (), False, _begin, merged=(came,), replaced=(came, Address(said, said, said, said)))),
        ("settings", ImportDialog("", (), 0, (), False, _begin)),
        *(("log", LogDialog(one)) for one in entries(said)),
        ("batch", CancelDialog("b-1")),
        ("batch", ForgetDialog("b-1")),
        ("batch", RiskDialog("b-1", "all", (1, 2), (said, said))),
        *(("batch", SettleDialog("b-1", way, said, said, Found(Remote(id=said), against=(said,)))) for way in get_args(Way)),
        ("account", SweepDialog(said, 2, 10, 1)),
        *(("batch", one) for one in opened),
        *(("programs", DeliveryDialog(message(n, state, said), typed=said, fault=said)) for n, state in enumerate(MESSAGE_STATES)),
        ("compose", PaletteDialog(offered, marked=1)),
        ("compose", PaletteDialog(offered, f"no such command {said}")),
        ("compose", ShortcutsDialog((("page", "?", said), ("message", "Alt+↑", said)))),
    ]


VIEWS = ("compose", "threads", "queue", "batches", "account", "log", "programs", "settings")


def variants(said: str) -> Iterator[tuple[str, State]]:
    """Every view and dialog of a state with something of everything."""
    for view in VIEWS:
        yield view, everything(said, view)
    for where in STATES:
        yield f"batch {where}", everything(said, "batch", where)
    raw = everything(said)
    raw.compose.editor = "raw"
    yield "raw", raw
    hanging = everything(said, "batch", "validating")
    hanging.now = NOW + 90_000
    yield "hanging", hanging
    unread = everything(said, "log")
    unread.log = LogState()
    yield "log being read", unread
    empty = everything(said, "log")
    empty.log = LogState("problems", read=True)
    yield "log without problems", empty
    hand = everything(said, "compose")
    hand.compose.thread = Thread(id="t-1", messages=raw.compose.thread.messages, options=raw.options, raw=said)
    yield "typed by hand", hand
    for saving in ("saving", "saved", "full", "lost"):
        one = everything(said)
        one.compose.saving = saving
        yield saving, one
    for doing in ("export", "check", "import", "undo", "keep"):
        one = everything(said, "settings")
        one.workspace = WorkspaceState(doing=doing, share=40)
        yield f"{doing} under way", one
    for which in MESSAGE_STATES:
        one = everything(said, "programs")
        one.programs = programs(said, which)
        yield f"programs {which}", one
    for n, way in enumerate(FOLDERS):
        one = everything(said, "programs")
        one.programs.folder, one.programs.server = folder(said, way, on=way != "open"), SERVER[n]
        yield f"programs with a folder {way}", one
    for light in get_args(ConnectionState):
        one = everything(said, "settings")
        one.broker = broker(said, light, edited=light == "stopped")
        yield f"RabbitMQ {light}", one
    for n, (view, dialog) in enumerate(dialogs(said)):
        one = everything(said, view)
        one.dialog = dialog
        yield f"{view} under {type(dialog).__name__} {n}", one


def shown(said: str) -> Iterator[tuple[str, State]]:
    """What the gallery shows: every view at the first start, and all of :func:`variants`."""
    for view in VIEWS:
        state = nothing()
        state.route = Route(view)  # type: ignore[arg-type]  # one of the views
        yield f"{view} at the first start", state
    yield from variants(said)


def draw(state: State) -> str:
    """The markup of the whole page."""
    return render(shell(state))


def draw_failed(state: State) -> tuple[str, str]:
    """The markup in place of a view that failed, and in place of everything."""
    return render(undrawable(state)), render(bare(state))


def titled(state: State) -> str:
    return title(state)


def variant(name: str, said: str) -> State:
    """One of :func:`variants`."""
    return next(state for one, state in variants(said) if one == name)
