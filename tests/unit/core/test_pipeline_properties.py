"""Whatever happens, in whatever order: a batch moves legally, reaches an end, and is never made twice."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core import pipeline as p
from app.core.problems import Call, from_network, from_response
from app.core.records import Batch, Fetched, Lane, Problem, Profile, Remote, Tally
from app.core.wire import NetworkError, Response

LANE = Lane("openai", "/v1/chat/completions", "gpt-4o-mini")
PROFILE = Profile(id="openai", name="OpenAI")
CALLS = ("upload", "create", "poll", "list", "download", "cancel", "store")
KINDS = ("offline", "blocked", "policy", "unreachable", "broken", "timeout")
STATUSES = ("validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled", "dreaming", "")


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
)
events = st.one_of(
    st.sampled_from(
        (
            p.UploadBegins(),
            p.Uploaded("f1"),
            p.FileNotFound(),
            p.CreateBegins(),
            p.BatchNotFound(),
            p.CancelAsked(),
            p.TryNow(),
            p.CancelAsked(),
            p.FetchAgain(),
            p.FetchAgain(("output",), ledger=True),
        )
    ),
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
        assert new.retry_at <= now + 400
        assert (p.due(new, max(now, new.retry_at)) is None) == (new.state in p.FINAL)
        if new.state == "withdrawn":
            assert batch.state in p.BEFORE
            assert not batch.doubt or batch.state != "creating" or isinstance(event, p.BatchNotFound | p.CallFailed)
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
    p.Create: lambda _: p.Created(Remote(id="r1", status="validating")),
    p.FindBatch: lambda _: p.BatchNotFound(),
    p.Poll: lambda _: p.Polled(Remote(id="r1", status="completed", output_file_id="o")),
    p.CancelRemote: lambda _: p.CancelAnswered(Remote(id="r1", status="cancelling")),
    p.Download: lambda effect: p.Downloaded(Fetched(effect.which, 1, 5)),  # type: ignore[attr-defined]
    p.Reconcile: lambda _: p.Reconciled(Tally(answered=3)),
}


@given(st.data())
@settings(max_examples=150)
def test_the_moves_are_exactly_what_advance_can_do(data):
    """A batch at any state with any flags, hit by any event, moves within MOVES; no handler ever wants another move."""
    state = data.draw(st.sampled_from(sorted(set(p.MOVES) - {""})))
    batch = replace(
        planned(),
        state=state,
        doubt=data.draw(st.booleans()),
        tries=data.draw(st.integers(0, 9)),
        found_nothing=data.draw(st.integers(0, 3)),
        asked_at=data.draw(st.sampled_from((0.0, 1_000.0, 1_950.0))),
        cancel_asked=data.draw(st.booleans()),
        remote=data.draw(remotes) if state not in p.BEFORE else None,
        ending=data.draw(st.sampled_from(tuple(p.ENDINGS))),
    )
    wanted = ""
    try:
        p.advance(batch, data.draw(events), 2_000.0)
    except p.NoSuchMove as refused:
        wanted = refused.wanted
    assert wanted == ""


def test_every_move_of_the_table_is_reached():
    """No row promises what cannot happen."""
    seen: set[tuple[str, str]] = set()
    frontier = {msgspec.json.encode(one): one for one in (planned(), p.adopt(planned(), 1_000.0))}
    samples = [
        *(p.UploadBegins(), p.Uploaded("f1"), p.FileNotFound(), p.CreateBegins(), p.BatchNotFound(), p.CancelAsked()),
        *(p.FetchAgain(("output",)), p.FetchAgain(ledger=True)),
        *(p.Reconciled(Tally()), p.Downloaded(Fetched("output", 1, 5)), p.Downloaded(Fetched("error", 1, 5))),
        *(p.CallFailed(call, Problem(code="wrong_key", what="No.")) for call in ("upload", "create")),
        *(kind(Remote(id="r", status=s, output_file_id="o")) for kind in (p.Created, p.Polled, p.Rebuilt) for s in STATUSES),
        *(p.Created(Remote(id="r", status=s, output_file_id=file), ()) for file in ("", "o") for s in STATUSES),
        *(kind(Remote(id="r", status=s)) for kind in (p.Created, p.Polled, p.Rebuilt) for s in STATUSES),
    ]
    known: set[bytes] = set(frontier)
    while frontier:
        _, batch = frontier.popitem()
        for event in samples:
            try:
                new = p.advance(batch, event, batch.asked_at + 1_000.0)
            except p.NoSuchMove:
                continue
            if new.state != batch.state:
                seen.add((batch.state, new.state))
            shape = replace(new, timeline=(), tries=min(new.tries, 1), problem=None, retry_at=0.0, created=0.0, updated=0.0, asked_at=0.0)
            mark = msgspec.json.encode(shape)
            if mark not in known:
                known.add(mark)
                frontier[mark] = shape
    assert seen == {(old, new) for old, news in p.MOVES.items() if old for new in news}


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
    """Keeps files and batches; each call may be refused, or done and its answer lost."""

    def __init__(self, draw: Callable[[str], str]) -> None:
        self.draw = draw
        self.files: list[str] = []
        self.batches: list[str] = []
        self.polls = 0
        self.now = 0.0
        self.under_way: list[tuple[float, str]] = []

    def arrive(self, now: float) -> None:
        """What was still under way by then is here."""
        self.now = now
        self.batches += [file for when, file in self.under_way if when <= now]
        self.under_way = [one for one in self.under_way if one[0] > now]

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
                self.under_way.append((self.now + 119.0, batch.input_file_id))
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
                self.batches.append(batch.input_file_id)
                return p.Created(Remote(id="r1", status="validating"))
            case p.FindBatch():
                return p.Created(Remote(id="r1", status="in_progress")) if self.batches else p.BatchNotFound()
            case p.Download(which, _):
                return p.Downloaded(Fetched(which, 1, 5))
            case p.CancelRemote():
                return p.CancelAnswered(Remote(id="r1", status="cancelling"))
            case _:
                self.polls += 1
                done = self.polls > 2
                ending = "cancelled" if batch.state == "cancelling" else "completed"
                return p.Polled(Remote(id="r1", status=ending if done else "in_progress", output_file_id="o" if done else ""))


FATES = ("good", "good", "refused", "fault", "lost", "blocked", "crash after", "slow, and a crash")


@given(st.data())
@settings(max_examples=300)
def test_lost_answers_and_crashes_never_make_a_second_batch_and_lose_none(data):
    """However often the page dies, answers are lost and calls arrive late: at most one batch, and every request ends in it or in the
    queue."""
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
        if step == cancel_at and stored.state in p.HEARD[p.CancelAsked]:
            stored = p.advance(stored, p.CancelAsked(), now)
            continue
        now = max(now, stored.retry_at)
        effect = p.due(stored, now)
        assert effect is not None
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
    assert len(provider.batches) <= 1
    assert (stored.state == "withdrawn") == (not provider.batches)
