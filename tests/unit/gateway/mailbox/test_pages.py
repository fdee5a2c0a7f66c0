"""The page takes messages over, tells what becomes of them, and programs learn it."""

import asyncio
import contextlib
import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.core.programs import protocol as words
from app.core.programs.protocol import (
    Drop,
    Forget,
    Heard,
    InboxMessages,
    MessagesCommitted,
    MessagesDuplicate,
    MessagesRejected,
    OrderDone,
    Redeliver,
    RefusalDetail,
    StatusUpdate,
    StatusUpdates,
    Try,
    Unread,
    Wanted,
    Welcome,
)
from app.gateway.mailbox.database import Database
from app.gateway.mailbox.mailbox import Mailbox
from app.gateway.mailbox.messages import New
from app.gateway.mailbox.pages import Pages
from tests.fakes.page import Clerk, FakePage, answer_line
from tests.kit.site import serving
from tests.unit.gateway.conftest import message

CHAT_BODY = {"model": "m", "input": "x" * 40_000}


def hand_in(api: httpx.Client, *custom_ids: str) -> None:
    for id in custom_ids:
        assert api.post("/api/requests", json=message(id)).status_code == 202


def test_no_page_open(api: httpx.Client) -> None:
    """What comes while no page is open is kept, and /health says since when nobody takes it."""
    before = api.get("/health").json()
    hand_in(api, "a")
    told = api.get("/health").json()
    assert told["page"] == {"connected": 0, "nobody_since": before["page"]["nobody_since"], "unreadable": 0}
    assert (told["messages"]["waiting"], api.get("/api/requests/a").json()["state"]) == (1, "pending")
    with FakePage(api.base_url.__str__().rstrip("/")) as page:
        assert page.take(1) == ["a"]
        told = api.get("/health").json()
        assert (told["page"]["connected"], told["page"]["nobody_since"], told["messages"]["waiting"]) == (1, None, 0)


def test_a_letter_is_the_message_as_it_came(address: str, api: httpx.Client) -> None:
    """Byte for byte, in the order of coming, while the page is connected."""
    raw = b'{ "custom_id":"a", "url":"/v1/responses","method":"POST","body":{"model":"m","n":1.0,"t":"\\u2028"} }'
    with FakePage(address) as page:
        page.hear(Welcome)
        assert api.post("/api/requests", content=raw, headers={"content-type": "application/json"}).status_code == 202
        hand_in(api, "b")
        letters = page.letters()
        while len(letters) < 2:
            letters += page.letters()
        assert [bytes(letters[0].message), letters[1].source] == [raw, "http"]
        assert letters[0].seq < letters[1].seq


def test_an_acknowledgement_that_is_lost(address: str, api: httpx.Client) -> None:
    """A page that dies before it acknowledges gets the letters again; one that has them says so, and they are sent no more."""
    hand_in(api, "a", "b")
    page = FakePage(address)
    page.open()
    page.commit(page.letters())
    page.die()
    page.open()
    page.say(MessagesDuplicate(tuple(letter.seq for letter in page.letters())))
    page.tell(StatusUpdate("a", "waiting"))
    page.close()
    hand_in(api, "c")
    page.open()
    assert [msgspec.json.decode(letter.message)["custom_id"] for letter in page.letters()] == ["c"]
    page.close()


@pytest.mark.slow
def test_at_most_a_window_is_on_its_way(address: str, api: httpx.Client) -> None:
    """Without an acknowledgement the server stops after a window of letters; with one it goes on."""
    count = words.WINDOW_BYTES // 40_000 + 50
    api.post("/api/requests", json=[message(f"m{i}", body=CHAT_BODY) for i in range(count)])
    with FakePage(address) as page:
        frames: list[words.InboxMessage] = []
        while sum(len(letter.message) for letter in frames) < words.WINDOW_BYTES - 41_000:
            frames += page.letters()
        with pytest.raises(TimeoutError):
            page.hear(InboxMessages, timeout=0.3)
        assert sum(len(letter.message) for letter in frames) <= words.WINDOW_BYTES
        page.say(MessagesCommitted(tuple(page.commit(frames))))
        assert len(page.take(count)) == count


@pytest.mark.slow
def test_a_message_larger_than_the_window(address: str, api: httpx.Client) -> None:
    """It goes alone."""
    hand_in(api, "small")
    big = message("big", body={"model": "m", "input": "x" * (words.WINDOW_BYTES + 1)})
    assert api.post("/api/requests", json=big).status_code == 202
    hand_in(api, "after")
    with FakePage(address) as page:
        assert page.take(3) == ["small", "big", "after"]


def test_a_second_page_waits(address: str, api: httpx.Client) -> None:
    """One page takes letters; the second is told to wait, and gets them when the first has gone."""
    with FakePage(address, "first") as first:
        assert first.hear(Welcome).taking
        with FakePage(address, "second") as second:
            assert not second.hear(Welcome).taking
            hand_in(api, "a")
            first.letters()
            first.close()
            assert second.hear(Welcome).taking
            assert second.take(1) == ["a"]
        assert api.get("/api/requests/a").json()["page"] == "second"


def test_a_page_that_connects_again(address: str) -> None:
    """The connection of before is closed: it may have been dead without anybody knowing."""
    with FakePage(address) as old:
        assert old.hear(Welcome).taking
        with FakePage(address) as new:
            assert new.hear(Welcome).taking
        with pytest.raises(ConnectionClosed) as closed:
            old.hear(Heard)
        assert code(closed) == 4000


def code(closed: pytest.ExceptionInfo[ConnectionClosed]) -> int:
    """The close code that the server gave."""
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


STRANGE = ["", "{", '{"type":"hello","id":"again"}', '{"type":"nonsense"}', b"\0", "[" * 10_000, '{"type":"taken","seqs":["x"]}']


def unreadable(api: httpx.Client) -> int:
    """How many frames were put aside, as /health says."""
    return int(api.get("/health").json()["page"]["unreadable"])


@pytest.mark.slow
@pytest.mark.parametrize("frame", STRANGE)
def test_a_frame_that_cannot_be_read_is_put_aside(address: str, api: httpx.Client, frame: str | bytes) -> None:
    """It is counted and told with its reason; what was said before and is said after it is obeyed on the same connection."""
    hand_in(api, "a", "b")
    with FakePage(address) as page:
        letters = page.letters()
        page.socket.send(frame)
        told = page.hear(Unread)
        assert told.detail
        assert told.kind == words.kind_of(frame)
        page.say(MessagesCommitted(tuple(page.commit(letters))))
        page.tell(StatusUpdate("a", "kept", "cancelled"))
        hand_in(api, "c")
        assert page.take(3) == ["a", "b", "c"]
        assert api.get("/api/requests/a").json()["state"] == "cancelled"
    assert unreadable(api) == 1


@pytest.mark.slow
@given(at=st.integers(0, 4), frame=st.sampled_from(STRANGE))
@settings(max_examples=10)
def test_one_frame_among_many_that_cannot_be_read_keeps_no_other(shared: str, at: int, frame: str | bytes) -> None:
    """All others are heard, on the same connection."""
    with FakePage(shared, f"page-{at}-{STRANGE.index(frame)}") as page:
        for n in range(5):
            if n == at:
                page.socket.send(frame)
            page.say(StatusUpdates(n, (StatusUpdate("never seen", "waiting"),)))
        assert [page.hear(Heard).n for _ in range(5)] == list(range(5))
        assert page.hear(Unread).kind == words.kind_of(frame)


def test_acknowledgements_that_cannot_be_read_are_asked_for_again(address: str, api: httpx.Client) -> None:
    """Each letter comes once more by itself; none stays on its way for ever."""
    hand_in(api, "a", "b", "c")
    with FakePage(address) as page:
        page.commit(page.letters())
        page.socket.send('{"type":"taken","seqs":"all of them"}')
        for _ in range(3):
            (letter,) = page.letters()
            page.say(MessagesDuplicate((letter.seq,)))
        page.tell()
        assert api.get("/health").json()["messages"]["waiting"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("bad", range(3))
def test_letters_that_the_page_cannot_read_come_by_themselves_and_the_bad_one_is_rejected(
    address: str, api: httpx.Client, bad: int
) -> None:
    """Its program is told why, and the others are taken."""
    ids = ["a", "b", "c"]
    hand_in(api, *ids)
    with FakePage(address) as page:
        frames = count = 0
        while count < 3:
            letters = page.letters()
            frames += 1
            if any(json.loads(bytes(one.message))["custom_id"] == ids[bad] for one in letters):
                page.say(Unread("letters", "odd", frames))
                count += len(letters) == 1
            else:
                page.say(MessagesCommitted(tuple(page.commit(letters))))
                count += len(letters)
        page.tell()
        assert sorted(page.held) == [one for one in ids if one != ids[bad]]
        told = api.get(f"/api/requests/{ids[bad]}?wait=20").json()
        assert (told["state"], told["error_msg"]) == ("failed", "odd")


def test_a_flood_of_frames_that_cannot_be_read_ends_the_connection(address: str, api: httpx.Client) -> None:
    """Above a limit, with a reason; the server goes on."""
    with FakePage(address) as page:
        for _ in range(words.MAX_UNREADABLE + 1):
            page.socket.send("{")
        with pytest.raises(ConnectionClosed) as closed:
            page.hear(Heard)
    assert code(closed) == 1008
    assert unreadable(api) == words.MAX_UNREADABLE + 1
    with FakePage(address) as page:
        page.tell()


@pytest.mark.slow
@pytest.mark.parametrize("frame", ["", "[]", '{"type":"taken","seqs":[1]}', '{"type":"hello","id":""}', b"\0\0\0\0\0"])
def test_a_page_that_does_not_say_hello(shared: str, frame: str | bytes) -> None:
    """Is not let in."""
    with connect(shared.replace("http", "ws") + words.PATH) as socket:
        socket.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(20)
    assert code(closed) == 1008


def test_the_answer_is_read(address: str, api: httpx.Client) -> None:
    """GET shows the whole output line, the attempts newest first, and the contract's fields."""
    hand_in(api, "a")
    with FakePage(address) as page:
        page.take(1)
        page.tell(StatusUpdate("a", "waiting", batch="batch-1"))
        assert api.get("/api/requests/a").json()["state"] == "openai_processing"
        tries = (Try(100.0, "https://x", "timeout", 0, "too slow", 15.0), Try(200.5, "https://x", "success", 200, "", 0.1))
        page.answer("a", state="delivered", attempts=tries)
    told = api.get("/api/requests/a").json()
    assert {"id", "batch_id", "custom_id", "url", "model", "state", "delivery_config", "created_at", "updated_at"} <= set(told)
    assert (told["state"], told["batch_id"], told["delivery_attempt_count"], told["error_msg"]) == ("delivered", "batch-1", 2, None)
    assert [(one["outcome"], one["attempted_at"], one["http_status"]) for one in told["delivery_attempts"]] == [
        ("success", "1970-01-01T00:03:20.500Z", 200),
        ("timeout", "1970-01-01T00:01:40.000Z", None),
    ]
    assert told["answer"] == msgspec.json.decode(answer_line("a"))


@pytest.mark.slow
@pytest.mark.parametrize("outcome", ["failed", "expired", "cancelled", "missing"])
def test_failed_expired_and_cancelled_requests_are_never_delivered_so_callers_wait_for_ever(
    address: str, api: httpx.Client, outcome: words.Result
) -> None:
    """Who waits for such a request is answered, with an error in the shape of an output line."""
    hand_in(api, "a")
    with FakePage(address) as page, ThreadPoolExecutor(1) as pool:
        page.take(1)
        waiting = pool.submit(api.get, "/api/requests/a", params={"wait": 20})
        page.tell(StatusUpdate("a", "kept", outcome, error="It did not run."))
        told = waiting.result().json()
    assert (told["outcome"], told["answer"]["response"], told["answer"]["error"]["message"]) == (outcome, None, "It did not run.")
    assert told["state"] == ("failed" if outcome == "missing" else outcome)


def test_waiting_for_an_answer(address: str, api: httpx.Client) -> None:
    """``?wait=`` returns as soon as the outcome is known, or after so many seconds with what is known then."""
    hand_in(api, "a")
    assert api.get("/api/requests/a?wait=0.05").json()["outcome"] is None
    assert api.get("/api/requests/a?wait=1000").status_code == 422
    with FakePage(address) as page, ThreadPoolExecutor(1) as pool:
        page.take(1)
        waiting = pool.submit(api.get, "/api/requests/a", params={"wait": 20})
        page.answer("a")
        assert waiting.result().json()["outcome"] == "answered"


@pytest.mark.slow
def test_the_server_stops_while_somebody_waits(folder: Path) -> None:
    """Who waits gets what is known, the page a goodbye; nothing is printed (``serving`` looks)."""
    with ThreadPoolExecutor(1) as pool:
        with serving(folder) as address, httpx.Client(base_url=address, timeout=60) as api:
            hand_in(api, "a")
            page = FakePage(address)
            page.open()
            page.take(1)
            waiting = pool.submit(httpx.get, f"{address}/api/requests/a", params={"wait": 60}, timeout=90)
            page.hear_nothing(0.3)
        assert waiting.result().json()["state"] == "pending"
    with pytest.raises(ConnectionClosed):
        page.hear(Heard)
    page.close()


def test_a_message_that_the_page_refuses(address: str, api: httpx.Client) -> None:
    """It ends as failed, with the page's reason, and is not sent again."""
    hand_in(api, "a")
    with FakePage(address) as page:
        (letter,) = page.letters()
        page.say(MessagesRejected(letter.seq, (RefusalDetail("too_large", "Too large", "No batch of this provider can hold it."),)))
        told = api.get("/api/requests/a?wait=20").json()
        assert (told["state"], told["error_msg"], told["answer"]["error"]["code"]) == (
            "failed",
            "No batch of this provider can hold it.",
            "too_large",
        )
        page.close()
        page.open()
        assert page.hear(Welcome).waiting == 0


def test_redelivery(address: str, api: httpx.Client) -> None:
    """202 in the contract's shape; the page gets the order, again and again until it is done."""
    hand_in(api, "a")
    page = FakePage(address)
    page.open()
    page.take(1)
    page.answer("a", state="failed")
    assert api.get("/api/requests/a").json()["state"] == "delivery_failed"
    page.close()
    answer = api.post("/api/requests/a/redeliver")
    assert answer.status_code == 202
    id = api.get("/api/requests/a").json()["id"]
    assert answer.json() == {"id": id, "custom_id": "a", "state": "delivering", "message": "Redelivery triggered"}
    page.open()
    first = page.hear(Redeliver)
    page.die()
    page.open()
    assert page.hear(Redeliver) == first
    page.say(OrderDone(first.n))
    page.answer("a", state="delivered")
    page.close()
    page.open()
    with pytest.raises(TimeoutError):
        page.hear(Redeliver, timeout=0.3)
    page.close()
    assert api.get("/api/requests/a").json()["state"] == "delivered"


def test_redelivery_of_what_has_nothing_to_deliver(address: str, api: httpx.Client) -> None:
    """422: invalid_batch_state while the request runs, invalid_state where it names no place."""
    hand_in(api, "a")
    assert api.post("/api/requests/a/redeliver").json()["errors"][0]["code"] == "invalid_batch_state"
    given = message("b")
    del given["delivery_config"]
    api.post("/api/requests", json=given)
    with FakePage(address) as page:
        page.take(2)
        page.answer("b")
    answer = api.post("/api/requests/b/redeliver")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_state")


def test_delete(address: str, api: httpx.Client) -> None:
    """What no page has is gone at once; what runs is stopped by the page; what has ended is forgotten by both, and may come again."""
    hand_in(api, "here", "runs", "ended")
    assert (api.delete("/api/requests/here").status_code, api.get("/api/requests/here").status_code) == (200, 404)
    with FakePage(address) as page:
        assert page.take(2) == ["runs", "ended"]
        page.answer("ended")
        stopped = api.delete("/api/requests/runs")
        assert (stopped.status_code, stopped.json()) == (202, {"custom_id": "runs", "state": "cancelling"})
        drop = page.hear(Drop)
        assert drop.custom_ids == ("runs",)
        page.tell(StatusUpdate("runs", "kept", "cancelled"))
        page.say(OrderDone(drop.n))
        assert api.get("/api/requests/runs").json()["state"] == "cancelled"
        assert (api.delete("/api/requests/ended").status_code, api.get("/api/requests/ended").status_code) == (200, 404)
        assert api.post("/api/requests", json=message("ended")).status_code == 409
        forget = page.hear(Forget)
        assert forget.custom_ids == ("ended",)
        page.say(OrderDone(forget.n))
        page.tell()
        assert api.post("/api/requests", json=message("ended")).status_code == 202


@pytest.mark.slow
def test_news_of_an_unknown_message(shared: str) -> None:
    """Is heard and thrown away: the page need not keep telling it."""
    with FakePage(shared) as page:
        page.say(StatusUpdates(5, (StatusUpdate("never seen", "delivered", "answered"),)))
        assert page.hear(Heard).n == 5
    assert httpx.get(f"{shared}/api/requests/never%20seen").status_code == 404


def test_what_another_page_holds(address: str, api: httpx.Client) -> None:
    """Messages that a page took with it are counted, not sent to the next: they could be paid twice."""
    hand_in(api, "a")
    with FakePage(address, "old") as page:
        page.take(1)
    with FakePage(address, "new") as page:
        assert page.hear(Welcome).waiting == 0
        assert api.get("/health").json()["messages"] == {"waiting": 0, "oldest_waiting_since": None, "working": 0, "elsewhere": 1}


FILES = {("batch-1", "output"): [b'{"a":1}\n' * 1000, b'{"b":2}\n'], ("batch-1", "input"): [b""]}


def test_a_batch_file(address: str, api: httpx.Client) -> None:
    """The files of a batch come from the page, piece by piece, as an attachment."""
    with Clerk(FakePage(address), lambda _id: None, FILES):
        answer = api.get("/batches/batch-1/files/output/download")
        assert answer.content == b'{"a":1}\n' * 1000 + b'{"b":2}\n'
        assert answer.headers["content-disposition"] == 'attachment; filename="batch_batch-1_output.jsonl"'
        assert api.get("/batches/batch-1/files/input/download").content == b""
        for path in ("batch-1/files/error", "batch-2/files/output", "batch-1/files/other"):
            assert api.get(f"/batches/{path}/download").json()["errors"][0]["code"] == "not_found"


def test_a_batch_file_without_a_page(shared: str) -> None:
    """503 says why."""
    answer = httpx.get(f"{shared}/batches/batch-1/files/output/download")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "no_page")


def test_a_page_that_goes_while_its_file_is_read(address: str, api: httpx.Client) -> None:
    """The reader sees that the file is not whole."""
    page = FakePage(address)
    page.open()
    page.hear(Welcome)
    failed = threading.Event()

    def read() -> None:
        try:
            api.get("/batches/batch-1/files/output/download")
        except httpx.RemoteProtocolError:
            failed.set()

    thread = threading.Thread(target=read)
    thread.start()
    wanted = page.hear(Wanted)
    page.socket.send(words.piece(wanted.n, b"{}\n", last=False))
    assert page.hear(Wanted).piece == 1
    page.die()
    thread.join()
    assert failed.is_set()


@pytest.mark.slow
def test_the_mailbox_outlives_a_restart(folder: Path, tmp_path: Path) -> None:
    """Messages, answers, orders and maintenance are there after the server was started anew."""
    with serving(folder, NIGHTSHIFT_DATA=str(tmp_path)) as address, httpx.Client(base_url=address) as api:
        hand_in(api, "a", "b")
        with FakePage(address) as page:
            page.take(2)
            page.answer("a", state="failed")
        api.post("/api/requests/a/redeliver")
        api.put("/api/maintenance", json={"enabled": True})
    with serving(folder, NIGHTSHIFT_DATA=str(tmp_path)) as address, httpx.Client(base_url=address) as api:
        assert api.get("/api/requests/a").json()["answer"]["custom_id"] == "a"
        assert api.post("/api/requests", json=message("c")).status_code == 503
        with FakePage(address) as page:
            assert page.hear(Redeliver).custom_ids == ("a",)


DAMAGED = [
    b"",
    b"{",
    b"\xff",
    b'{"custom_id":"b"}',
    b'{"custom_id":"b","url":"/v1/responses","method":"POST","body":{"model":"m","seed":1e400}}',
    b'{"custom_id":"b","url":"/v1/responses","method":"POST","body":{"model":"m","seed":%s}}' % (b"9" * 4_301),
    b'{"custom_id":"b","url":"/v1/responses","method":"POST","body":{"model":"m","input":%s}}' % (b"[" * 3_000 + b"]" * 3_000),
    b'{"custom_id":"b","url":"/v1/responses","method":"POST","body":{"model":"m","input":"\\ud800"}}',
]


@pytest.mark.slow
@pytest.mark.parametrize("damaged", DAMAGED, ids=range(len(DAMAGED)))
def test_a_message_that_no_page_could_read_keeps_no_other_back(
    folder: Path, address: str, api: httpx.Client, tmp_path: Path, damaged: bytes
) -> None:
    """What an older version took, or the disk has damaged, ends as failed, with its reason; those before and behind it go to the page."""
    hand_in(api, "a", "b", "c")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "mailbox.sqlite", timeout=30)) as db:
        db.execute("UPDATE bodies SET message = ? WHERE seq = (SELECT seq FROM messages WHERE custom_id = 'b')", (damaged,))
        db.execute("INSERT INTO orders (page, kind, custom_ids) VALUES ('page-1', 'no such order', '{'), ('page-1', 'drop', '[')")
        db.commit()
    with FakePage(address) as page:
        assert page.take(2) == ["a", "c"]
        told = api.get("/api/requests/b?wait=20").json()
        assert (told["outcome"], told["state"], bool(told["error_msg"])) == ("failed", "failed", True)
        hand_in(api, "d")
        assert page.take(3) == ["a", "c", "d"]


UNREADABLE = ['{"custom_id":"m2","state":"strange"}', '{"custom_id":"m2","state":"kept","outcome":7}', "1", "{}", '{"custom_id":1}', "[]"]


@given(st.integers(0, 4), st.sampled_from(UNREADABLE))
def test_news_that_cannot_be_read_keep_no_others_back(place: int, bad: str) -> None:
    """The others are heard; the one is told as failed, with the reason, if it can be told whose it is."""
    good = [f'{{"custom_id":"g{n}","state":"kept","outcome":"answered","answer":{{}}}}' for n in range(4)]
    said = words.from_page(f'{{"type":"told","n":7,"news":[{",".join([*good[:place], bad, *good[place:]])}]}}')
    assert isinstance(said, StatusUpdates)
    assert said.n == 7
    assert [one.custom_id for one in said.news if one.outcome == "answered"] == ["g0", "g1", "g2", "g3"]
    rest = [one for one in said.news if one.outcome != "answered"]
    assert [(one.custom_id, one.outcome, "cannot be read" in one.error) for one in rest] == (
        [("m2", "failed", True)] if "m2" in bad else []
    )


@pytest.mark.slow
@pytest.mark.parametrize("frame", ['{"type":"taken","seqs":[%s]}', '{"type":"done","n":%s}', '{"type":"rejected","seq":%s,"errors":[]}'])
@pytest.mark.parametrize("number", ["9" * 30, "9" * 4_301, "-1", "1e400"])
def test_numbers_that_are_none_of_the_servers(address: str, frame: str, number: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Put that frame aside in words, and nothing else."""
    with FakePage(address) as page:
        page.hear(Welcome)
        page.socket.send(frame % number)
        assert page.hear(Unread).kind == words.kind_of(frame)
        page.tell()
    assert "Traceback" not in capfd.readouterr().err


class LeavingPage:
    """A page that acknowledges a message and goes, so that nothing more can be sent to it."""

    def __init__(self) -> None:
        self.received = asyncio.Event()
        self.refused = asyncio.Event()
        self.closed = False
        self.seq = 0

    async def receive(self) -> str | bytes | None:
        if not self.received.is_set():
            if not self.seq:
                self.seq = -1
                return words.encode(words.Hello("page"))
            await self.received.wait()
        if self.seq and not self.closed:
            await self.refused.wait()
            for _ in range(10):  # turns of the loop: whoever gives up at the first failure has given up by then
                await asyncio.sleep(0)
        if self.closed or not self.seq:
            return None
        seq, self.seq = self.seq, 0
        return words.encode(MessagesCommitted((seq,)))

    async def send(self, text: str) -> None:
        frame = words.from_server(text)
        if self.received.is_set():
            self.refused.set()
            raise ConnectionResetError("the WebSocket is closed")
        if isinstance(frame, InboxMessages):
            self.seq = frame.letters[0].seq
            self.received.set()

    async def close(self, code: int, reason: str) -> None:
        self.closed = True


@pytest.mark.slow
async def test_what_a_page_acknowledged_before_it_went_is_its_own(tmp_path: Path) -> None:
    """Although a message was on its way to it just then: else another browser would be given the first one as well."""
    database = Database(tmp_path / "mailbox.sqlite")
    database.prepare()
    mailbox = Mailbox(database, keep_days=30)
    await mailbox.open()
    pages, page = Pages(mailbox), LeavingPage()
    await mailbox.take_in([New("first", "/v1/responses", "m", json.dumps(message("first")).encode())])
    serving_it = asyncio.create_task(pages.serve(page))
    await page.received.wait()
    await mailbox.take_in([New("second", "/v1/responses", "m", json.dumps(message("second")).encode())])
    await serving_it
    waiting = await mailbox.pending(0, 10, 10_000)
    await mailbox.close()
    assert len(waiting) == 1
