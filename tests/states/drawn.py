"""States to draw: with nothing in them, and with something of everything, all of whose texts are the same hostile one."""

from __future__ import annotations

from app.core.activity.log import LogEntry
from app.core.base.findings import Finding
from app.core.batches.durations import BatchTiming, History
from app.core.batches.remote_files import Listed, What
from app.core.bodies.requests import Preview
from app.core.model.batches import Batch, Fetched, Moment, Tally
from app.core.model.damage import DamagedRecord, Quarantined
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import OPENAI, Profile
from app.core.model.queue_edits import QueueEdit, RequestChange
from app.core.model.remote import Remote, RemoteError
from app.core.model.rescues import Rescue
from app.core.model.segments import Segment
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.model.settings import Automatic, Preferences, RetentionNotice
from app.core.model.threads import Image, Options, Thread, ThreadMessage
from app.core.openai.replies import RemoteFile
from app.core.queue.lanes import BatchLimits, LineRefusal, Sums
from app.core.queue.selection import Selection
from app.core.queue.summaries import forecast, summary
from app.core.workspace.imports import Import
from app.ports import Usage as Room
from app.services.planning.planning import RowsOrigin
from app.services.provider.account import Seen
from app.services.provider.profiles import PRACTICE
from app.services.queue.lane import LaneQueue, QueueRow
from app.services.queue.search import Matches
from app.services.results.shown import AnswerRow
from app.ui.base.batches_state import BatchesState, BatchState
from app.ui.base.drawing import render
from app.ui.base.home_state import HomeState, RecentTable
from app.ui.base.provider_state import AccountState, KeyState, KeyTest, ProviderState
from app.ui.base.queue_state import QueueState
from app.ui.base.rescue_state import RescuesState
from app.ui.base.said_state import SaidState, Toast
from app.ui.base.state import TITLES, BrowserState, DamageState, EngineState, Route, State
from app.ui.base.thread_state import ComposeState, ThreadsState
from app.ui.base.workspace_state import LogState, WorkspaceState
from app.ui.shell.view import bare, shell, title, undrawable
from tests.states import answered
from tests.states.joined import joined
from tests.states.programs import broker, programs
from tests.states.tables import data

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
    images = (Image(joined("https://example.org/", said), said), Image(joined("data:image/png;base64,", said), said))
    return Thread(
        id=f"t-{n}",
        name=said,
        messages=(
            ThreadMessage("m-1", "system", said),
            ThreadMessage("m-2", "user", said, images),
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
        additions=("r-3",),
        tags=(said, "urgent", joined(said, said), "May"),
        prompts=("t-1", "t-gone"),
    )


def origins(said: str) -> tuple[RowsOrigin, ...]:
    """A batch's requests are of a table, of one that is gone, of a file, and go on from answers."""
    rows = QueuedRows(id="r-3", dataset="d-2", dataset_version=1, template="d-2", template_version="v-3", at=NOW, requests=9)
    return (
        RowsOrigin(rows, said, said),
        RowsOrigin(rows, "", ""),
        RowsOrigin(QueuedRows(id="r-4", dataset="", dataset_version=0, file=said), "", ""),
        RowsOrigin(
            QueuedRows(id="r-5", dataset="", dataset_version=0, follow=FollowUp(said), followed=("b-1", "b-2", "b-3", "b-4")), "", ""
        ),
    )


def account(said: str) -> AccountState:
    """An account with a file of every kind."""
    kinds: tuple[What, ...] = ("needed", "unfetched", "kept", "orphan", "elsewhere", "unused")
    files = [Listed(RemoteFile(joined(said, f"-{n}"), said, n, "batch", NOW - 9 * n), kind) for n, kind in enumerate(kinds)]
    remotes = tuple(
        Remote(id=joined(said, f"-{n}"), status=said, endpoint=said, total=5, created_at=NOW, metadata={"name": said}) for n in (1, 2)
    )
    seen = Seen("openai", tuple(one.file for one in files), remotes, NOW)
    return AccountState("openai", seen=seen, files=files, chosen={joined(said, "-3")}, problem=problem(said))


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
    own = Profile(id="p-1", name=said, base_url=joined("https://", said))
    id = f"b-{STATES.index(where)}" if view == "batch" else ""
    return State(
        here,
        route=Route(view, f"#/{said}" if view == "nowhere" else id),  # type: ignore[arg-type]  # one of the views
        now=NOW,
        preferences=Preferences(id="preferences", profile="p-1", practice_traps=("refusal",)),
        batch=BatchState(
            id,
            total=len(OUTCOMES),
            rows=tuple(AnswerRow(n, said, one, said, said, 7) for n, one in enumerate(OUTCOMES)),
            origins=origins(said),
        ),
        toasts=[Toast(1, said, _undo), Toast(2, joined(said, "!"))],
        said=SaidState((Toast(1, said, _undo, NOW - 90), Toast(2, joined(said, "!"), None, NOW - 5))),
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
            models=(said, joined(said, "-2")),
            models_at=NOW - 60,
            models_problem=problem(said),
            reload_needed=True,
        ),
        threads=ThreadsState(all=[_thread(n, said) for n in (1, 2, 3)]),
        queue=QueueState(
            lanes=[LaneQueue(lane, (summary(segment, 1),), Sums(2, 200, 50, 2), NOW - 60, 1), LaneQueue(gone, (), Sums(), 0.0, 3)],
            plans={(lane.key, "own"): forecast([summary(segment, 1)], BatchLimits(1, 50), {segment.id: segment})},
            words={lane.key: said},
            found={lane.key: Matches(said, {}, (), (), (2,))},
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
            selected={lane.key: Selection(ids={"r-1"})},
            edits=[
                QueueEdit(
                    id="e-1", lane=lane.key, change=RequestChange((said,), said), at=NOW - 60, segments=2, requests=1_200, finished=True
                ),
                QueueEdit(id="e-2", lane=lane.key, change=RequestChange((said,)), at=NOW - 600, segments=1, requests=320),
            ],
        ),
        batches=BatchesState(
            all=[batch(n, one, said) for n, one in enumerate(STATES)],
            progress={"b-1": ("uploaded", 5, 10), "b-9": ("checking", 5, 10)},
            removed=RetentionNotice(id="last", at=NOW, count=9, names=(said, said)),
            histories={lane.key: History(id=lane.key, runs=(BatchTiming(said, NOW, 9, said, 5.0),))},
        ),
        rescues=RescuesState(all=rescues(said)),
        engine=EngineState(leads=True),
        home=HomeState(tables=(RecentTable("d-2", said, 12, NOW - 90),), deleted={"openai": {"2023-11-02": 5 * 10**11}}),
        data=data(said),
        results=answered.table(said),
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


def rescues(said: str) -> dict[str, Rescue]:
    """One in each stage, by the batches in the states that go with it."""
    known = (
        Rescue(id="b-5", way="queue", at=NOW + 7_200),
        Rescue(id="b-6", way="batch", at=NOW + 7_200),
        Rescue(id="b-8", way="batch", stage="begun"),
        Rescue(id="b-11", stage="ended"),
        Rescue(id="b-12", stage="ended", problem=problem(said)),
        Rescue(id="b-13", stage="begun", problem=problem(said)),
        Rescue(id="b-14", stage="ended", sent=120, batches=("b-6",)),
    )
    return {one.id: one for one in known}


VIEWS = tuple(view for view in TITLES if view != "batch")


def draw(state: State) -> str:
    """The markup of the whole page."""
    return render(shell(state))


def draw_failed(state: State) -> tuple[str, str]:
    """The markup in place of a view that failed, and in place of everything."""
    return render(undrawable(state)), render(bare(state))


def titled(state: State) -> str:
    return title(state)
