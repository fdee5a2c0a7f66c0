"""What the page's Http does against a host on another origin (tests/browser/far.py), whose address is ``far``."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable

import msgspec

from app.core.openai.wire import Blob, BytesBlob, FilePart, NetworkError, Request
from app.ports import EndedCall, GroupedHttp, Http

KEY = "Bearer sk-secret"


async def fails(kind: str, work: Awaitable[object]) -> NetworkError:
    """The NetworkError of this kind that ``work`` raises."""
    try:
        await work
    except NetworkError as error:
        found = error
    else:
        raise AssertionError(f"no NetworkError, {kind} expected")
    assert found.kind == kind, f"{found.kind}: {found.detail}"
    assert "sk-secret" not in repr(found)
    return found


def get(url: str, timeout: float = 30.0) -> Request:
    return Request("GET", url, {"Authorization": KEY}, timeout=timeout)


def upload(url: str, content: Blob, timeout: float = 30.0) -> Request:
    part = FilePart("file", "é.jsonl", content)
    return Request("POST", url, {"Authorization": KEY}, fields=(("purpose", "batch"),), file=part, timeout=timeout)


async def case_exchange_carries_what_the_request_says(http: Http, far: str) -> None:
    """Method, path, body and headers arrive; status, exposed headers and body come back; an error status is an answer like any other."""
    body = '{"a": "é😀"}'.encode()
    answer = await http.send(Request("POST", f"{far}/echo?x=1", {"Authorization": KEY, "Content-Type": "application/json"}, body))
    assert answer.status == 201
    assert answer.headers["x-request-id"] == "req_1"
    seen = json.loads(answer.body)
    assert (seen["method"], seen["path"]) == ("POST", "/echo?x=1")
    assert seen["body"].encode("latin-1") == body
    assert seen["headers"]["authorization"] == KEY
    assert (await http.send(Request("DELETE", f"{far}/nothing"))).status == 404


async def all_ended(http: Http, calls: list[tuple[str, Request]], at_once: int) -> dict[str, EndedCall]:
    """Make calls as a group; what became of each."""
    assert isinstance(http, GroupedHttp)
    group = http.calls()
    group.put(calls, at_once)
    found: dict[str, EndedCall] = {}
    while some := await group.ended():
        found |= {one.name: one for one in some}
    assert len(found) == len(calls)
    return found


async def case_calls_of_a_group_are_calls_like_any_other(http: Http, far: str) -> None:
    """Each has its own answer, whatever it is; bodies keep their bytes and their order does not matter."""
    bodies = {f"n{n}": f'{{"é😀": {n}}}'.encode() * n for n in range(40)}
    headers = {"Authorization": KEY, "Content-Type": "application/json"}
    calls = [(name, Request("POST", f"{far}/echo?{name}", headers, body)) for name, body in bodies.items()]
    found = await all_ended(http, [*calls, ("not there", Request("DELETE", f"{far}/nothing"))], 6)
    for name, body in bodies.items():
        answer = found[name].result
        assert not isinstance(answer, Exception), answer
        seen = json.loads(answer.body)
        assert (answer.status, seen["path"], seen["body"].encode("latin-1")) == (201, f"/echo?{name}", body)
        assert (seen["headers"]["authorization"], answer.headers["x-request-id"]) == (KEY, "req_1")
        assert found[name].seconds > 0
    assert getattr(found["not there"].result, "status", 0) == 404


async def case_a_call_that_fails_takes_no_other_of_its_group_with_it(http: Http, far: str) -> None:
    """One that cannot be written down, one that ends in time, one that nobody may call: each says so itself."""
    found = await all_ended(
        http,
        [
            ("odd", Request("POST", f"{far}/echo", {"x-a": "\ud800"}, b"x")),
            ("slow", get(f"{far}/slow", timeout=0.3)),
            ("good", get(f"{far}/echo")),
        ],
        2,
    )
    assert isinstance(found["odd"].result, Exception)
    assert getattr(found["slow"].result, "kind", "") == "timeout"
    assert getattr(found["good"].result, "status", 0) == 201


async def case_a_group_that_is_closed_makes_no_call_any_more(http: Http, far: str) -> None:
    """What is on its way is aborted, what waits is not made."""
    assert isinstance(http, GroupedHttp)
    group = http.calls()
    group.put([(str(n), get(f"{far}/slow")) for n in range(3)], 1)
    waiting = asyncio.ensure_future(group.ended())
    await asyncio.sleep(0.05)
    group.close()
    assert len(await waiting) <= 1
    assert await group.ended() == []


async def case_nothing_else_leaves_the_page(http: Http, far: str) -> None:
    """No cookie and no referrer is sent, also after the host has tried to set a cookie."""
    for request in (get(f"{far}/echo"), get(f"{far}/echo"), upload(f"{far}/echo", BytesBlob(b"x"))):
        seen = json.loads((await http.send(request)).body)
        assert "cookie" not in seen["headers"]
        if request.file is None:
            assert "referer" not in seen["headers"]


async def case_form_goes_up(http: Http, far: str) -> None:
    """A form arrives as multipart: fields first, then the file with its name, type and content; progress is told up to the whole."""
    content = b'{"custom_id": "1"}\n' * 50_000
    told: list[tuple[int, int]] = []
    answer = await http.send(upload(f"{far}/echo", BytesBlob(content)), progress=lambda sent, total: told.append((sent, total)))
    assert answer.status == 201
    assert answer.headers["x-request-id"] == "req_1"
    seen = json.loads(answer.body)
    assert seen["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert seen["headers"]["authorization"] == KEY
    body = seen["body"].encode("latin-1")
    boundary = b"--" + seen["headers"]["content-type"].partition("boundary=")[2].encode()
    first, second = body.split(boundary)[1:3]
    assert b'name="purpose"' in first
    assert first.endswith(b"\r\n\r\nbatch\r\n")
    assert 'filename="é.jsonl"'.encode() in second
    assert b"Content-Type: application/jsonl" in second
    assert second.partition(b"\r\n\r\n")[2] == content + b"\r\n"
    assert told[-1][0] == told[-1][1] > len(content)


async def case_stream_comes_in_pieces(http: Http, far: str) -> None:
    """A large answer comes in pieces of about 1 MB that are the whole when joined."""
    size = 5_000_000
    stream = await http.stream(get(f"{far}/large/{size}"))
    assert stream.status == 200
    pieces = [piece async for piece in stream.chunks()]
    assert b"".join(pieces) == b"".join(bytes([n % 251]) * 65_536 for n in range(77))[:size]
    assert len(pieces) <= 6
    assert all(len(piece) >= 1 << 20 for piece in pieces[:-1])


async def case_empty_stream_has_no_pieces(http: Http, far: str) -> None:
    """An empty body gives no piece."""
    stream = await http.stream(get(f"{far}/large/0"))
    assert [piece async for piece in stream.chunks()] == []


async def case_broken_stream(http: Http, far: str) -> None:
    """A download that breaks off raises «broken»; what came before that, as far as the browser gives it, is a beginning of it."""
    stream = await http.stream(get(f"{far}/cut"))
    pieces: list[bytes] = []

    async def take() -> None:
        async for piece in stream.chunks():
            pieces.append(piece)

    await fails("broken", take())
    came = b"".join(pieces)
    assert len(came) <= 1_500_000
    assert came == bytes(len(came))


async def case_the_rest_of_a_stream_can_be_asked_for(http: Http, far: str) -> None:
    """A simple ``Range`` beside a key needs no leave of the host (it allows two headers only). All that came before a break is handed over,
    so that the rest is asked for from there on."""
    size, whole = 700_000, b""
    statuses: list[int] = []
    for _ in range(12):
        if len(whole) == size:
            break
        rest = {"Range": f"bytes={len(whole)}-"} if whole else {}
        stream = await http.stream(Request("GET", f"{far}/ranged/{size}", {"Authorization": KEY, **rest}))
        statuses.append(stream.status)
        with contextlib.suppress(NetworkError):
            async for piece in stream.chunks():
                whole += piece
    assert whole == bytes(n // 1_000 % 251 for n in range(size))
    assert statuses[0] == 200
    assert set(statuses[1:]) == {206}


async def case_broken_answer(http: Http, far: str) -> None:
    """A whole answer that breaks off after its head raises «broken»."""
    await fails("broken", http.send(get(f"{far}/cut")))


async def case_stalled_stream_times_out(http: Http, far: str) -> None:
    """A download that stands still for longer than the limit raises «timeout»; the limit is for each wait."""
    stream = await http.stream(get(f"{far}/stall", timeout=0.5))

    async def take() -> None:
        async for _ in stream.chunks():
            pass

    await fails("timeout", take())


async def case_slow_answer_times_out(http: Http, far: str) -> None:
    """No answer within the limit raises «timeout», for every way of asking."""
    await fails("timeout", http.send(get(f"{far}/slow", timeout=0.3)))
    await fails("timeout", http.stream(get(f"{far}/slow", timeout=0.3)))
    await fails("timeout", http.send(upload(f"{far}/slow", BytesBlob(b"x"), timeout=0.3)))


async def case_closed_connection(http: Http, far: str) -> None:
    """A host that has answered this page before and now closes without an answer is «broken», not refusing the page."""
    await http.send(get(f"{far}/echo"))
    await fails("broken", http.send(get(f"{far}/reset")))
    await fails("broken", http.send(upload(f"{far}/reset", BytesBlob(bytes(100_000)))))


async def case_redirect_is_not_followed(http: Http, far: str) -> None:
    """Of a request that does not say so: a webhook's body stays where it was sent."""
    for path in ("redirect", "hop/302?/echo"):
        await fails("redirected", http.send(get(f"{far}/{path}")))
        await fails("redirected", http.stream(get(f"{far}/{path}")))
        await fails("redirected", http.send(upload(f"{far}/{path}", BytesBlob(b"x"))))


async def case_redirect_on_its_origin_is_followed(http: Http, far: str) -> None:
    """With the key, the method and the body, where the status says so."""
    for status in (307, 308):
        answer = await http.send(msgspec.structs.replace(upload(f"{far}/hop/{status}?/echo", BytesBlob(b"x")), follows=()))
        seen = json.loads(answer.body)
        assert (seen["method"], seen["headers"]["authorization"]) == ("POST", KEY)
        assert "multipart" in seen["headers"]["content-type"]
    for status in (301, 302, 303, 307, 308):
        request = msgspec.structs.replace(get(f"{far}/hop/{status}?/echo"), follows=())
        seen = json.loads((await http.send(request)).body)
        assert (seen["path"], seen["headers"]["authorization"]) == ("/echo", KEY)
        stream = await http.stream(request)
        assert b"".join([piece async for piece in stream.chunks()])
    ranged = Request("GET", f"{far}/hop/302?/echo", {"Authorization": KEY, "Range": "bytes=5-"}, follows=())
    assert json.loads((await http.send(ranged)).body)["headers"]["range"] == "bytes=5-"


async def case_redirect_to_an_allowed_host_goes_without_the_key(http: Http, far: str, other: str) -> None:
    """Also where the signed address is on another host; the answer is taken."""
    request = msgspec.structs.replace(get(f"{far}/hop/302?{other}/echo"), follows=(other,))
    seen = json.loads((await http.send(request)).body)
    assert "authorization" not in seen["headers"]
    assert "referer" not in seen["headers"]
    stream = await http.stream(msgspec.structs.replace(get(f"{far}/hop/307?{other}/large/2000000"), follows=(other,)))
    assert sum([len(piece) async for piece in stream.chunks()]) == 2_000_000


async def case_redirect_to_another_providers_host_is_refused_by_name(http: Http, far: str, other: str) -> None:
    """The page may call that host, but not in this provider's name; the key does not go there."""
    for work in (
        http.send(msgspec.structs.replace(get(f"{far}/hop/302?{other}/echo"), follows=())),
        http.stream(msgspec.structs.replace(get(f"{far}/hop/302?{other}/echo"), follows=())),
        http.send(msgspec.structs.replace(upload(f"{far}/hop/307?{other}/echo", BytesBlob(b"x")), follows=())),
    ):
        assert (await fails("redirected", work)).detail == other


async def case_redirect_to_a_host_beyond_the_policy_is_named_as_one(http: Http, far: str, unlisted: str) -> None:
    """Nothing is sent there, and it is not called a refusal of the page; where it leads, the browser does not say."""
    for status in (302, 307):
        address = f"{far}/hop/{status}?{unlisted}/x"
        for work in (
            http.send(msgspec.structs.replace(get(address), follows=())),
            http.stream(msgspec.structs.replace(get(address), follows=())),
            http.send(msgspec.structs.replace(upload(address, BytesBlob(b"x")), follows=())),
        ):
            assert (await fails("redirected", work)).detail == ""


async def case_redirect_to_where_this_page_may_not_read_is_named_as_one(http: Http, far: str, other: str) -> None:
    """An allowed host that sends no CORS headers: the redirect is said, for that is where it can be mended."""
    request = msgspec.structs.replace(get(f"{far}/hop/302?{other}/nocors"), follows=(other,))
    await fails("redirected", http.send(request))
    await fails("redirected", http.stream(request))


async def case_cancelling_ends_the_exchange(http: Http, far: str) -> None:
    """A cancelled task ends at once, for every way of asking."""
    for work in (
        http.send(get(f"{far}/slow")),
        http.stream(get(f"{far}/slow")),
        http.send(upload(f"{far}/slow", BytesBlob(b"x")), progress=lambda sent, total: None),
    ):
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(result, asyncio.CancelledError)


async def case_leaving_a_stream_ends_it(http: Http, far: str) -> None:
    """Who stops reading aborts the download: the host does not get rid of the rest."""
    stream = await http.stream(get(f"{far}/large/200000000"))
    pieces = stream.chunks()
    assert len(await anext(pieces)) >= 1 << 20
    await pieces.aclose()  # type: ignore[attr-defined]


# --- each on a page of its own ---


async def case_cors_refusal_is_blocked(http: Http, far: str) -> None:
    """A host that answers but does not let this page read is «blocked»."""
    await fails("blocked", http.send(get(f"{far}/nocors")))
    await fails("blocked", http.stream(get(f"{far}/nocors")))


async def case_nobody_there(http: Http, nobody: str) -> None:
    """An address where nobody answers is «unreachable», for every way of asking."""
    await fails("unreachable", http.send(get(f"{nobody}/v1")))
    await fails("unreachable", http.stream(get(f"{nobody}/v1")))
    await fails("unreachable", http.send(upload(f"{nobody}/v1", BytesBlob(b"x"))))


async def case_unlisted_host_is_policy(http: Http, unlisted: str) -> None:
    """A host that the page's policy does not list is «policy», for every way of asking."""
    await fails("policy", http.send(get(f"{unlisted}/v1")))
    await fails("policy", http.stream(get(f"{unlisted}/v1")))
    await fails("policy", http.send(upload(f"{unlisted}/v1", BytesBlob(b"x"))))


async def case_offline(http: Http, abroad: str) -> None:
    """A call while the machine says that it is offline is «offline»."""
    await fails("offline", http.send(get(f"{abroad}/v1")))
    await fails("offline", http.send(upload(f"{abroad}/v1", BytesBlob(b"x"))))
