"""Answers in a stream: the same as in one piece, and what can go wrong with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from app.core.openai.sse import EventReader
from app.core.openai.streaming import StreamedAnswer, choices_of, refuses_stream, streamed, unstreamed
from app.core.openai.wire import NetworkError, Request, Response
from app.practice.inproc import BASE_URL
from app.practice.traps import Rule, Trap
from tests.unit.practice.desk import Desk

CHAT: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is a wombat?"}]}
RESPONSE: dict[str, Any] = {"model": "o4-mini", "input": "What is a wombat?"}
ASKED = [("/v1/chat/completions", CHAT), ("/v1/chat/completions", {**CHAT, "n": 3}), ("/v1/responses", RESPONSE)]
CUT = [("/v1/chat/completions", {**CHAT, "max_tokens": 5}), ("/v1/responses", {**RESPONSE, "model": "gpt-4o", "max_output_tokens": 16})]


BREAKS = (
    Trap.STREAM_BREAKS_HALFWAY,
    Trap.STREAM_ENDS_EARLY,
    Trap.STREAM_ERROR_EVENT,
)


async def stream(desk: Desk, endpoint: str, body: bytes) -> tuple[StreamedAnswer, list[str]]:
    """The answer, and what could be read after each event that said more."""
    request = Request("POST", BASE_URL + endpoint.removeprefix("/v1"), {"Authorization": "Bearer practice"}, body, live=True)
    found = await desk.http.stream(request)
    assert found.status == 200
    assert found.headers["content-type"] == "text/event-stream"
    reader, answer, seen = EventReader(), StreamedAnswer(endpoint, choices_of(body)), list[str]()
    async for piece in found.chunks():
        seen += [answer.text for event in reader.feed(piece) if answer.take(event)]
    return answer, seen


@pytest.mark.parametrize(("endpoint", "body"), [*ASKED, *CUT])
async def test_a_stream_is_the_answer_in_pieces(endpoint: str, body: dict[str, Any]) -> None:
    """Put together it is what the same request gets in one piece, its usage included; the text grows as it comes."""
    asked = streamed(endpoint, msgspec.json.encode(body))
    answer, seen = await stream(Desk(), endpoint, asked)
    whole: dict[str, Any] = msgspec.json.decode(answer.body())
    assert (answer.finished, answer.failure, answer.damaged) == (True, None, 0)
    assert len(seen) > 1
    assert all(later.startswith(sooner) for sooner, later in pairwise(seen))
    output, counted = (whole["choices"], "completion_tokens") if "choices" in whole else (whole["output"], "output_tokens")
    assert seen[-1] in msgspec.json.encode(output).decode()
    assert whole["usage"][counted] > 0
    assert whole["object"] == ("response" if endpoint == "/v1/responses" else "chat.completion")


@pytest.mark.parametrize(("endpoint", "body"), ASKED)
@pytest.mark.parametrize("trap", [Trap.REFUSAL, Trap.CONTENT_FILTER, Trap.NO_USAGE, Trap.NULL_MODEL, Trap.UNKNOWN_FIELDS])
async def test_an_odd_answer_is_as_odd_in_a_stream(endpoint: str, body: dict[str, Any], trap: Trap) -> None:
    """The share of synchronous answers that a trap on lines hits has its oddity."""
    answer, _ = await stream(Desk(trap, share=1.0), endpoint, streamed(endpoint, msgspec.json.encode(body)))
    whole: dict[str, Any] = msgspec.json.decode(answer.body())
    assert answer.finished
    text = msgspec.json.encode(whole).decode()
    assert {
        Trap.REFUSAL: "can’t assist" in text and '"refusal":"' in text,
        Trap.CONTENT_FILTER: "content_filter" in text,
        Trap.NO_USAGE: "usage" not in whole,
        Trap.NULL_MODEL: "model" not in whole,
        Trap.UNKNOWN_FIELDS: "shadow_tier" in whole,
    }[trap]


@pytest.mark.parametrize(("endpoint", "body"), ASKED)
@pytest.mark.parametrize("trap", BREAKS)
async def test_a_stream_that_does_not_come_to_its_end(endpoint: str, body: dict[str, Any], trap: Trap) -> None:
    """It breaks, ends as if that were all, or tells of a fault: none is taken for a whole answer, and what came is there. Once."""
    desk, asked = Desk(Rule(trap)), streamed(endpoint, msgspec.json.encode(body))
    if trap is Trap.STREAM_BREAKS_HALFWAY:
        with pytest.raises(NetworkError, match="broken"):
            await stream(desk, endpoint, asked)
    else:
        answer, seen = await stream(desk, endpoint, asked)
        assert not answer.finished
        assert answer.begun
        assert seen
        assert seen[-1].split("You asked")[0] in answer.body().decode()
        assert (answer.failure is not None) is (trap is Trap.STREAM_ERROR_EVENT)
    answer, _ = await stream(desk, endpoint, asked)
    assert answer.finished


async def post(desk: Desk, path: str, body: bytes) -> Response:
    return await desk.send("POST", path, body)


async def test_answer_lost() -> None:
    """It was answered, and nobody hears of it; the next one comes."""
    desk = Desk(Trap.ANSWER_LOST)
    with pytest.raises(NetworkError, match="broken"):
        await post(desk, "/chat/completions", msgspec.json.encode(CHAT))
    assert (await post(desk, "/chat/completions", msgspec.json.encode(CHAT))).status == 200


async def test_stream_refused() -> None:
    """A refusal to stream is told from any other: it is about the stream alone: in one piece the same request is answered."""
    desk, body = Desk(Trap.STREAM_REFUSED), msgspec.json.encode(CHAT)
    refused = await post(desk, "/chat/completions", streamed("/v1/chat/completions", body))
    assert refuses_stream(refused.status, refused.body)
    assert (await post(desk, "/chat/completions", unstreamed(streamed("/v1/chat/completions", body)))).status == 200
    wrong = await post(Desk(), "/chat/completions", msgspec.json.encode({**CHAT, "temperature": 9, "stream": True}))
    assert wrong.status == 400
    assert not refuses_stream(wrong.status, wrong.body)


def test_a_body_keeps_its_numbers() -> None:
    """What is asked for is not changed on the way: digits stay as they were written."""
    body = b'{"seed":12345678901234567890123,"temperature":1.10}'
    assert unstreamed(streamed("/v1/chat/completions", body)) == body
    assert unstreamed(body) == body


@pytest.mark.parametrize("path", ["/embeddings", "/moderations", "/images/generations"])
async def test_what_has_no_stream_says_so(path: str) -> None:
    """The provider knows no such parameter there."""
    answer = await post(Desk(), path, b'{"model":"text-embedding-3-small","input":"x","prompt":"x","stream":true}')
    assert (answer.status, msgspec.json.decode(answer.body)["error"]["param"]) == (400, "stream")


async def test_images() -> None:
    """As many pictures as were asked for, with what they cost in tokens."""
    found = msgspec.json.decode((await post(Desk(), "/images/generations", b'{"model":"gpt-image-1","prompt":"A wombat","n":2}')).body)
    assert len(found["data"]) == 2
    assert found["usage"]["output_tokens"] == 2 * 272
    refused = await post(Desk(), "/images/generations", b'{"model":"gpt-4o","prompt":"A wombat"}')
    assert refused.status == 400


async def test_a_completion_streams_too() -> None:
    """An older endpoint, in the same chunks."""
    body = b'{"model":"gpt-3.5-turbo-instruct","prompt":"x","stream":true,"stream_options":{"include_usage":true}}'
    whole = (await post(Desk(), "/completions", body)).body
    events = EventReader().feed(whole)
    text = "".join(choice["text"] for event in events[:-1] for choice in msgspec.json.decode(event.data)["choices"])
    assert text.startswith("[simulated]")
    assert msgspec.json.decode(events[-2].data)["usage"]["completion_tokens"] > 0
    assert events[-1].data == b"[DONE]"


@pytest.mark.parametrize(
    "event", [b"{", b"[1]", b'{"choices":[{"index":-1,"delta":{"content":"x"}},{"index":true},7]}', b"[" * 5_000, b'{"choices":7}', b"\xff"]
)
def test_an_event_that_is_none_does_no_harm(event: bytes) -> None:
    """Whatever a gateway puts in between: it is counted where it is no object, and the answer goes on."""
    answer = StreamedAnswer("/v1/chat/completions")
    for data in (
        b'{"choices":[{"index":0,"delta":{"content":"Yes"}}]}',
        event,
        b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    ):
        for found in EventReader().feed(b"data: " + data + b"\n\n"):
            answer.take(found)
    assert answer.finished
    assert answer.text.startswith("Yes")


def test_calls_of_functions_are_put_together() -> None:
    """Their names and arguments come in pieces, several at once."""
    answer = StreamedAnswer("/v1/chat/completions")
    parts = [
        [{"index": 0, "id": "a", "function": {"name": "look", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": '{"x":'}}, {"index": 1, "id": "b", "function": {"name": "go", "arguments": "{}"}}],
        [{"index": 0, "function": {"arguments": "1}"}}, {"index": -3}, 7],
    ]
    for part in parts:
        body = msgspec.json.encode({"choices": [{"index": 0, "delta": {"tool_calls": part}}]})
        answer.take(EventReader().feed(b"data: " + body + b"\n\n")[0])
    (choice,) = msgspec.json.decode(answer.body())["choices"]
    calls = [(call["id"], call["function"]["name"], call["function"]["arguments"]) for call in choice["message"]["tool_calls"]]
    assert calls == [("a", "look", '{"x":1}'), ("b", "go", "{}")]
