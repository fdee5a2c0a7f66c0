"""What a provider or a gateway may send in the place of an answer: read with bounds, told in words, and never taken for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.core.model.providers import Profile
from app.core.openai.accounts import KnownKey
from app.core.openai.problems import Refused
from app.core.openai.wire import NetworkError, Request, Response
from app.services.provider.client import Provider
from app.services.tries import answering
from app.services.tries.answering import Answered, Answering

CHAT = "/v1/chat/completions"
BODY = b'{"model":"m","messages":[]}'
SSE = {"content-type": "text/event-stream; charset=utf-8"}
SAID = b'data: {"choices":[{"index":0,"delta":{"content":"Yes"}}]}\n\n'
END = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


class Far:
    """A provider that answers everything with these pieces; after them it breaks off, or falls silent."""

    def __init__(self, *pieces: bytes, status: int = 200, headers: dict[str, str] | None = None, end: str = "") -> None:
        self.status, self.headers = status, {"content-type": "application/json", **(headers or {})}
        self._pieces, self._end = pieces, end
        self.asked: list[Request] = []
        self.left = False

    async def send(self, request: Request, *, progress: object = None) -> Response:
        raise AssertionError("answers are streamed")

    async def stream(self, request: Request) -> Far:
        self.asked.append(request)
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            for piece in self._pieces:
                yield piece
            if self._end == "broken":
                raise NetworkError("broken", "gone")
            if self._end == "silent":
                await asyncio.Event().wait()
        finally:
            self.left = True


def asking(far: Far, endpoint: str = CHAT) -> Answering:
    provider = Provider(
        far, Profile(id="p", name="Far", base_url="https://far.example/v1"), "sk-secret-key", KnownKey(id="k", accounts=("a",), profile="p")
    )
    return Answering(provider, endpoint, BODY, lambda: None)


async def refused(far: Far) -> str:
    """The code of the refusal; its words never hold the key."""
    with pytest.raises(Refused) as raised:
        await asking(far).run()
    problem = raised.value.problem
    assert problem.what
    assert problem.means
    assert problem.do
    assert "sk-secret-key" not in repr(problem)
    return problem.code


async def answered(far: Far) -> Answered:
    return await asking(far).run()


@pytest.mark.parametrize(
    ("far", "code"),
    [
        (Far(b"<html>Log in</html>", headers={"content-type": "text/html"}), "unexpected_answer"),
        (Far(b""), "unexpected_answer"),
        (Far(b"[" * 100_000), "unexpected_answer"),
        (Far(b'{"a":', end="broken"), "broken"),
        (Far(headers=SSE), "cut_short"),
        (Far(b": nothing\n\n", headers=SSE), "cut_short"),
        (Far(headers=SSE, end="broken"), "broken"),
        (Far(b'data: {"error":{"message":"No sk-secret-key","code":"overloaded"}}\n\n', headers=SSE), "overloaded"),
        (Far(*[b"x" * 600_000] * 5, status=400), "bad_request"),
        (Far(b'{"error"', status=401, end="broken"), "wrong_key"),
        (Far(b"<h1>502</h1>", status=502, headers={"content-type": "text/html"}), "server_error"),
    ],
)
async def test_what_is_no_answer(far: Far, code: str) -> None:
    """Nothing of an answer came: it is refused, once, in words."""
    assert await refused(far) == code
    assert len(far.asked) == 1
    assert far.asked[0].headers["Authorization"] == "Bearer sk-secret-key"
    assert far.asked[0].url == "https://far.example/v1/chat/completions"


@pytest.mark.parametrize(
    ("far", "code"),
    [
        (Far(SAID, headers=SSE), "cut_short"),
        (Far(SAID, headers=SSE, end="broken"), "broken"),
        (Far(SAID, b"data: {{{\n\n", END, headers=SSE), "cut_short"),
        (Far(SAID, b'event: error\ndata: {"message":"Oh"}\n\n', headers=SSE), "cut_short"),
    ],
)
async def test_a_part_of_an_answer_is_kept(far: Far, code: str) -> None:
    """With why it is no more: it may be billed."""
    found = await answered(far)
    assert b"Yes" in found.body
    assert found.problem is not None
    assert (found.problem.code, found.problem.doubtful) == (code, True)


@pytest.mark.parametrize(
    "far", [Far(SAID, END, headers=SSE), Far(SAID, END, headers=SSE, end="broken"), Far(SAID + END[:-14], headers=SSE)]
)
async def test_a_whole_answer_is_whole(far: Far) -> None:
    """Also where the connection breaks behind its end, or nobody says that it is done."""
    found = await answered(far)
    assert found.problem is None
    assert b'"content":"Yes"' in found.body


async def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a stream and in one piece: no more is held than an answer may have."""
    monkeypatch.setattr(answering, "MAX_ANSWER", 1_000)
    found = await answered(Far(*[SAID] * 100, headers=SSE))
    assert found.problem is not None
    assert found.problem.code == "answer_too_large"
    assert await refused(Far(*[b" " * 100] * 100)) == "answer_too_large"


async def test_leaving_ends_the_call_and_says_what_came() -> None:
    """A stop closes the connection; what had come can be kept."""
    far = Far(SAID, headers=SSE, end="silent")
    call = asking(far)
    task = asyncio.ensure_future(call.run())
    for _ in range(20):
        await asyncio.sleep(0)
    assert call.text == "Yes"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert far.left
    assert b"Yes" in call.part


async def test_a_gateway_that_streams_unasked_is_read() -> None:
    """And one that answers in one piece although a stream was asked for."""
    far = Far(b'{"choices":[{"index":0,"message":{"content":"Yes"},"finish_reason":"stop"}]}')
    assert (await answered(far)).problem is None
    assert b'"stream":true' in (far.asked[0].body or b"")
