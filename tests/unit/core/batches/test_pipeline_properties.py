"""Whatever happens, in whatever order: a batch moves legally, reaches an end, and is never made twice."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import capacity
from app.core.batches import pipeline as p
from app.core.model.batches import Batch, Fetched, SupersededBatch, Tally
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Profile
from app.core.model.remote import Remote, RemoteError
from app.core.openai import accounts
from app.core.openai.problems import Call, from_network, from_response
from app.core.openai.wire import NetworkError, Response

LANE = Lane("openai", "/v1/chat/completions", "gpt-4o-mini")
PROFILE = Profile(id="openai", name="OpenAI")
CALLS = ("upload", "create", "poll", "list", "download", "cancel", "store")
KINDS = ("offline", "blocked", "policy", "unreachable", "broken", "timeout")
STATUSES = ("validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled", "dreaming", "")


NO_ROOM = (RemoteError(code="token_limit_exceeded", message="Enqueued token limit reached. Limit: 900 enqueued tokens."),)
NO = Problem(code="wrong_key", what="No.")
NO_FILE = (RemoteError(code="invalid_request", message="Cannot find file f1."),)


def failures() -> st.SearchStrategy[p.Event]:
    problems = st.one_of(
        st.builds(
            lambda call, kind: (call, from_network(call, NetworkError(kind), PROFILE)), st.sampled_from(CALLS), st.sampled_from(KINDS)
        ),
        st.builds(
            lambda call, status: (call, from_response(call, Response(status), PROFILE)),
            st.sampled_from(CALLS),
            st.sampled_from((200, 302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502)),
        ),
    )
    return problems.map(lambda pair: p.CallFailed(*pair))


remotes = st.builds(
    Remote,
    id=st.just("r1"),
    status=st.sampled_from(STATUSES),
    output_file_id=st.sampled_from(("", "o")),
    error_file_id=st.sampled_from(("", "e")),
    completed=st.integers(0, 3),
    created_at=st.sampled_from((0.0, 500.0, 5_000.0)),
    errors=st.sampled_from(((), NO_ROOM, NO_FILE)),
)
events = st.one_of(
    st.sampled_from(
        (
            p.UploadBegins(),
            p.Uploaded("f1"),
            p.FileNotFound(),
            p.FilePending("f1", "pending"),
            p.CapacityReserved(),
            p.CapacityUnavailable(),
            p.CreateBegins(),
            p.BatchNotFound(),
            p.CancelRequested(),
            p.TryNow(),
            p.StopFollowing(),
            p.CancelRequested(),
            p.FetchAgain(),
            p.FetchAgain(("output",), ledger=True),
            p.Claimed(account="a1"),
            p.Returned(),
            p.GivenUp(),
            p.CreateBegins(account="a2"),
        )
    ),
    st.builds(p.Bound, remotes, st.booleans()),
    st.builds(p.CallFailed, st.sampled_from(CALLS), st.just(Problem(code=accounts.OTHER, what="Not with this key."))),
    remotes.map(p.Created),
    remotes.map(p.Polled),
    remotes.map(p.CancelAnswered),
    remotes.map(p.Rebuilt),
    st.builds(lambda which, gone: p.Downloaded(Fetched(which, 1, 5, gone)), st.sampled_from(("output", "error")), st.booleans()),
    st.just(p.Reconciled(Tally(answered=3))),
    failures(),
)
jitters = st.floats(0, 1, exclude_max=True)


def planned() -> Batch:
    return p.plan(Batch(id="b1", lane=LANE, requests=3, size=300), 1_000.0)


@given(st.lists(st.tuples(events, st.floats(0, 400), jitters), max_size=60), st.booleans())
def test_any_sequence_of_events_is_legal_or_changes_nothing(sequence, elsewhere):
    """Every event moves along the table or raises NoSuchMove; the record survives being stored; waits lie ahead. Also of a batch made
    elsewhere."""
    batch, now = p.adopt(planned(), 1_000.0) if elsewhere else planned(), 1_000.0
    for event, pause, jitter in sequence:
        now += pause
        before = msgspec.json.encode(batch)
        try:
            new = p.advance(batch, event, now, jitter)
        except p.NoSuchMove:
            assert msgspec.json.encode(batch) == before
            continue
        assert p.legal(batch.state, new.state)
        assert new.state == batch.state or new.timeline[-1].state == new.state
        assert msgspec.json.decode(msgspec.json.encode(new), type=Batch) == new
        longest = retry.NO_ROOM[-1] if new.state == "waiting" else 1.2 * retry.STRANGE_LAST if new.unknown_status_since else 400
        assert new.retry_at <= now + longest
        assert (p.due(new, max(now, new.retry_at)) is None) == (new.state in p.FINAL or capacity.asks(new))
        if new.state == "withdrawn" and not isinstance(event, p.Returned):
            assert batch.state in p.BEFORE
            assert not batch.outcome_unknown or batch.state != "creating" or isinstance(event, p.BatchNotFound | p.CallFailed)
        batch = new


@given(st.lists(st.tuples(events, jitters), max_size=40), st.booleans())
def test_every_batch_can_reach_an_end(sequence, elsewhere):
    """From wherever a batch has got to, a provider that works brings it to its end within a few steps."""
    batch, now = p.adopt(planned(), 1_000.0) if elsewhere else planned(), 1_000.0
    for event, jitter in sequence:
        try:
            batch = p.advance(batch, event, now, jitter)
        except p.NoSuchMove:
            continue
    for _ in range(30):
        if batch.state in p.FINAL:
            break
        if capacity.asks(batch):
            batch = p.advance(batch, p.TryNow(), now)
        now = max(now, batch.retry_at)
        effect = p.due(batch, now)
        assert effect is not None
        begins = p.intent(effect)
        batch = p.advance(batch, begins, now) if begins else batch
        batch = p.advance(batch, GOOD[type(effect)](effect), now)
    assert batch.state in p.FINAL


GOOD: dict[type[p.Effect], Callable[[p.Effect], p.Event]] = {
    p.Rebuild: lambda _: p.Rebuilt(Remote(id="r1", status="validating"), requests=3),
    p.Upload: lambda _: p.Uploaded("f1"),
    p.FindFile: lambda _: p.FileNotFound(),
    p.AskFile: lambda _: p.Uploaded("f1"),
    p.ReserveCapacity: lambda _: p.CapacityReserved(),
    p.Create: lambda _: p.Created(Remote(id="r1", status="validating")),
    p.FindBatch: lambda _: p.BatchNotFound(),
    p.Poll: lambda _: p.Polled(Remote(id="r1", status="completed", output_file_id="o")),
    p.CancelRemote: lambda _: p.CancelAnswered(Remote(id="r1", status="cancelling")),
    p.Download: lambda effect: p.Downloaded(Fetched(effect.which, 1, 5)),  # type: ignore[attr-defined]
    p.Reconcile: lambda _: p.Reconciled(Tally(answered=3)),
}


@pytest.mark.slow
@given(st.data())
@settings(max_examples=150)
def test_the_moves_are_exactly_what_advance_can_do(data):
    """A batch at any state with any flags, hit by any event, moves within MOVES; no handler ever wants another move."""
    state = data.draw(st.sampled_from(sorted(set(p.MOVES) - {""})))
    batch = replace(
        planned(),
        state=state,
        outcome_unknown=data.draw(st.booleans()),
        tries=data.draw(st.integers(0, 9)),
        empty_lookups=data.draw(st.integers(0, 3)),
        create_began_at=data.draw(st.sampled_from((0.0, 1_000.0, 1_950.0))),
        cancel_requested=data.draw(st.booleans()),
        remote=data.draw(remotes) if state not in p.BEFORE else None,
        input_file_id="f1",
        refusals=data.draw(st.integers(0, 7)),
        superseded=data.draw(st.sampled_from(((), (SupersededBatch("r0", "f1"),)))),
        ignore_capacity=data.draw(st.booleans()),
        ending=data.draw(st.sampled_from(tuple(p.ENDINGS))),
    )
    wanted = ""
    try:
        p.advance(batch, data.draw(events), 2_000.0)
    except p.NoSuchMove as refused:
        wanted = refused.wanted
    assert wanted == ""


@pytest.mark.slow
def test_every_move_of_the_table_is_reached():
    """No row promises what cannot happen. (That nothing else happens is held for any batch and any event by the test above.)"""
    rows = {(old, new) for old, news in p.MOVES.items() if old for new in news}
    seen: set[tuple[str, str]] = set()
    frontier = {msgspec.json.encode(one): one for one in (planned(), p.adopt(planned(), 1_000.0))}
    samples = [
        *(p.UploadBegins(), p.Uploaded("f1"), p.FileNotFound(), p.CreateBegins(), p.BatchNotFound(), p.CancelRequested()),
        *(p.CapacityReserved(), p.CapacityUnavailable(), p.StopFollowing()),
        *(p.FetchAgain(("output",)), p.FetchAgain(ledger=True)),
        *(p.Reconciled(Tally()), p.Downloaded(Fetched("output", 1, 5)), p.Downloaded(Fetched("error", 1, 5))),
        *(p.CallFailed(call, NO) for call in ("upload", "create", "poll")),
        p.Returned(),
        *(
            kind(Remote(id="r", status=s, output_file_id=f))
            for kind in (p.Created, p.Polled, p.Rebuilt)
            for s in STATUSES
            for f in ("", "o")
        ),
        *(p.Created(Remote(id="r", status=s, output_file_id=file), ()) for file in ("", "o") for s in STATUSES),
        *(kind(Remote(id="r", status="failed", errors=e), ()) for kind in (p.Created, p.Polled) for e in (NO_ROOM, NO_FILE)),
    ]
    known: set[bytes] = set(frontier)
    while frontier and not rows <= seen:
        batch = frontier.pop(next(iter(frontier)))  # nearest first
        for event in samples:
            try:
                new = p.advance(batch, event, batch.create_began_at + 1_000.0)
            except p.NoSuchMove:
                continue
            if new.state != batch.state:
                seen.add((batch.state, new.state))
            unseen = dict.fromkeys(("retry_at", "created", "updated", "create_began_at", "unknown_status_since"), 0.0)
            counts = {name: min(getattr(new, name), 1) for name in ("tries", "refusals")}
            stuck = NO if new.problem == NO else None
            shape = replace(new, timeline=(), problem=stuck, superseded=new.superseded[:1], **unseen, **counts)
            mark = msgspec.json.encode(shape)
            if mark not in known:
                known.add(mark)
                frontier[mark] = shape
    assert seen == rows


# --- a tiny provider that loses answers, and an engine that crashes ----------------------------------------------------------------


CALL_OF: dict[type[p.Effect], Call] = {
    p.Upload: "upload",
    p.Create: "create",
    p.FindFile: "list",
    p.FindBatch: "list",
    p.Poll: "poll",
    p.Download: "download",
}


class Crash(Exception):
    """The page was closed."""


class Provider:
    """Keeps files and batches; each call may be refused, or done and its answer lost. Batches without room (``full``) fail."""

    def __init__(self, draw: Callable[[str], str]) -> None:
        self.draw = draw
        self.files: list[str] = []
        self.batches: list[str] = []
        self.full: set[str] = set()
        self.polls = 0
        self.now = 0.0
        self.under_way: list[float] = []

    def arrive(self, now: float) -> None:
        """What was still under way by then is here."""
        self.now = now
        for _ in [when for when in self.under_way if when <= now]:
            self.make()
        self.under_way = [when for when in self.under_way if when > now]

    def make(self) -> str:
        id = f"r{len(self.batches)}"
        self.batches.append(id)
        if self.draw("room") == "refused":
            self.full.add(id)
        return id

    def shown(self, id: str, status: str) -> Remote:
        return Remote(id=id, status="failed", errors=NO_ROOM) if id in self.full else Remote(id=id, status=status)

    def answer(self, effect: p.Effect, batch: Batch) -> p.Event:
        call = CALL_OF.get(type(effect), "cancel")
        if isinstance(effect, p.Reconcile):
            return p.Reconciled(Tally(answered=3))
        fate = self.draw(call)
        if fate == "refused":
            return p.CallFailed(call, from_response(call, Response(429), PROFILE))
        if fate == "fault":
            return p.CallFailed(call, from_response(call, Response(503), PROFILE))
        if fate == "slow, and a crash":
            if isinstance(effect, p.Create):
                self.under_way.append(self.now + 119.0)
            raise Crash
        event = self.do(effect, batch)
        if fate == "lost":
            return p.CallFailed(call, from_network(call, NetworkError("broken"), PROFILE))
        if fate == "blocked":
            return p.CallFailed(call, from_network(call, NetworkError("blocked"), PROFILE))
        if fate == "crash after":
            raise Crash
        return event

    def do(self, effect: p.Effect, batch: Batch) -> p.Event:
        match effect:
            case p.Upload():
                self.files.append(f"f{len(self.files)}")
                return p.Uploaded(self.files[-1])
            case p.FindFile():
                return p.Uploaded(self.files[-1]) if self.files else p.FileNotFound()
            case p.Create():
                return p.Created(self.shown(self.make(), "validating"))
            case p.FindBatch():
                known = {one.id for one in batch.superseded}
                found = next((id for id in self.batches if id not in known), None)
                return p.Created(self.shown(found, "in_progress")) if found else p.BatchNotFound()
            case p.Download(which, _):
                return p.Downloaded(Fetched(which, 1, 5))
            case p.CancelRemote():
                return p.CancelAnswered(self.shown(self.of(batch), "cancelling"))
            case _ if self.of(batch) in self.full:
                return p.Polled(self.shown(self.of(batch), ""), ())
            case _:
                self.polls += 1
                done = self.polls > 2
                ending = "cancelled" if batch.state == "cancelling" else "completed"
                return p.Polled(Remote(id=self.of(batch), status=ending if done else "in_progress", output_file_id="o" if done else ""))

    def of(self, batch: Batch) -> str:
        assert batch.remote is not None
        return batch.remote.id


FATES = ("good", "good", "refused", "fault", "lost", "blocked", "crash after", "slow, and a crash")


@pytest.mark.slow
@given(st.data())
@settings(max_examples=300)
def test_lost_answers_and_crashes_never_make_a_second_batch_and_lose_none(data):
    """However often the page dies, answers are lost, calls arrive late and the provider has no room: at most one batch that runs, and every
    request ends in it or in the queue."""
    left = 40

    def draw(call: str) -> str:
        nonlocal left
        left -= 1
        return data.draw(st.sampled_from(FATES), label=call) if left > 0 else "good"

    provider = Provider(draw)
    stored, now = planned(), 1_000.0
    cancel_at = data.draw(st.one_of(st.none(), st.integers(0, 12)), label="cancel at step")
    for step in range(600):
        if stored.state in p.FINAL:
            break
        if step == cancel_at and stored.state in p.HEARD[p.CancelRequested]:
            stored = p.advance(stored, p.CancelRequested(), now)
            continue
        now = max(now, stored.retry_at)
        if capacity.asks(stored):
            stored = p.advance(stored, p.TryNow(), now)
        effect = p.due(stored, now)
        assert effect is not None
        if isinstance(effect, p.ReserveCapacity):
            stored = p.advance(stored, p.CapacityReserved(), now)
            continue
        begins = p.intent(effect)
        if begins:
            stored = p.advance(stored, begins, now)
        if begins and left > 0 and data.draw(st.booleans(), label="crash before the call"):
            continue
        try:
            provider.arrive(now)
            event = provider.answer(effect, stored)
        except Crash:
            continue
        stored = p.advance(stored, event, now, data.draw(jitters))
    assert stored.state in p.FINAL
    provider.arrive(now + 1_000)
    running = [id for id in provider.batches if id not in provider.full]
    assert len(running) <= 1
    assert stored.state != "done" or running
    if stored.state == "withdrawn":
        assert not running
    elif stored.state == "failed":
        assert stored.cancel_requested, "only a batch whose cancelling was asked for ends by a lack of room"
        assert not running
    else:
        assert running
