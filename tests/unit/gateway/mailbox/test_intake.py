"""``POST /api/requests``: what programs of OpenAI Batch Manager send, and what they are answered."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.gateway.http import bodies
from app.gateway.http.routing import JSONL_TYPES
from tests.kit.gateway import threaded
from tests.unit.gateway.conftest import message

JSONL = {"content-type": "application/jsonl"}


@pytest.fixture
def post(shared: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared, timeout=60) as client:
        yield client


def refused(answer: httpx.Response) -> dict[str, Any]:
    """The one error of an answer, in the contract's shape."""
    (error,) = answer.json()["errors"]
    assert set(error) <= {"code", "title", "detail", "source"}
    return dict(error)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["responses", "chat/completions", "completions", "embeddings", "moderations"])
def test_a_message_is_accepted(post: httpx.Client, url: str) -> None:
    """202 with the custom_id, for every endpoint."""
    answer = post.post("/api/requests", json=message(f"ok-{url}", url=f"/v1/{url}"))
    assert (answer.status_code, answer.json()) == (202, {"custom_id": f"ok-{url}"})


@pytest.mark.slow
def test_a_queue_as_the_target(post: httpx.Client) -> None:
    """The other kind of delivery_config is kept and shown as it was given."""
    config = {"type": "rabbitmq", "rabbitmq_queue": "batch_results"}
    post.post("/api/requests", json=message("queue", delivery_config=config))
    assert post.get("/api/requests/queue").json()["delivery_config"] == config


def test_duplicate_custom_id(post: httpx.Client) -> None:
    """The second message of a custom_id gets 409, and the first stays as it was."""
    assert post.post("/api/requests", json=message("twice")).status_code == 202
    again = post.post("/api/requests", json=message("twice", url="/v1/embeddings"))
    assert (again.status_code, refused(again)["code"]) == (409, "duplicate_custom_id")
    assert post.get("/api/requests/twice").json()["url"] == "/v1/responses"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "/v1/audio"}, "/url"),
        ({"method": "GET"}, "/method"),
        ({"body": "text"}, "/body"),
        ({"extra": 1}, "/extra"),
        ({"custom_id": 7}, "/custom_id"),
        ({"delivery_config": {"type": "webhook"}}, "/delivery_config/webhook_url"),
        ({"delivery_config": {"type": "pigeon"}}, "/delivery_config/type"),
        ({"delivery_config": {"type": "webhook", "webhook_url": "ftp://x"}}, "/delivery_config/webhook_url"),
    ],
)
def test_a_message_of_another_shape(post: httpx.Client, changes: dict[str, Any], pointer: str) -> None:
    """422 with a pointer to what is wrong; nothing is kept."""
    answer = post.post("/api/requests", json={**message("shape"), **changes})
    assert (answer.status_code, refused(answer)["source"]["pointer"]) == (422, pointer)
    assert post.get("/api/requests/shape").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"custom_id":"\\ud800"}', b"[" * 100_000, b"[1", b"null"])
def test_a_body_that_is_no_message(post: httpx.Client, body: bytes) -> None:
    """422 in the contract's shape, whatever comes."""
    answer = post.post("/api/requests", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert refused(answer)["detail"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1e400", "-1e400", "9" * 4_301, '"\\ud800"', "[" * 3_000 + "]" * 3_000])
def test_what_the_page_could_not_read(post: httpx.Client, seed: str) -> None:
    """Is refused at once with a sentence, alone and among others, and not taken: it would stop the page's mailbox."""
    bad, good = json.dumps(message(f"bad-{len(seed)}")), json.dumps(message(f"good-{len(seed)}-{seed[:1]}"))
    whole = bad.replace('"model"', f'"seed": {seed}, "model"', 1)
    answer = post.post("/api/requests", content=whole.encode(), headers={"content-type": "application/json"})
    assert (answer.status_code, bool(refused(answer)["detail"])) == (422, True)
    lines = f"{whole}\n{good}\n".encode()
    answer = post.post("/api/requests", content=lines, headers={"content-type": "application/jsonl"})
    assert (answer.status_code, answer.json()["accepted"], [one["index"] for one in answer.json()["refused"]]) == (202, 1, [1])


def test_another_content_type(post: httpx.Client) -> None:
    """415: what a form of another site could send is not read."""
    answer = post.post("/api/requests", content=json.dumps(message("form")), headers={"content-type": "text/plain"})
    assert (answer.status_code, refused(answer)["code"]) == (415, "unsupported_media_type")


@pytest.mark.slow
def test_a_message_above_the_limit(post: httpx.Client) -> None:
    """413 with the limit in it, also above the limit of a body, and the sender reads it."""
    for size, limit in ((bodies.MAX_MESSAGE, bodies.MAX_MESSAGE), (bodies.MAX_BODY, bodies.MAX_BODY)):
        big = json.dumps(message("big", body={"model": "m", "input": "x" * size}))
        answer = post.post("/api/requests", content=big, headers={"content-type": "application/json"})
        assert (answer.status_code, refused(answer)["code"]) == (413, "too_large")
        assert str(limit) in refused(answer)["detail"]


def test_an_array(post: httpx.Client) -> None:
    """What can be taken is taken; what not is named by its place."""
    given = [message("array-1"), {"custom_id": "array-2"}, message("array-1"), message("array-3")]
    answer = post.post("/api/requests", json=given)
    told = answer.json()
    assert (answer.status_code, told["accepted"], told["duplicates"], told["refused_count"]) == (202, 2, 1, 2)
    assert [(one["index"], one["custom_id"], one["errors"][0]["code"]) for one in told["refused"]] == [
        (1, "array-2", "invalid_request"),
        (2, "array-1", "duplicate_custom_id"),
    ]


UNREADABLE = ["[" * 300 + "]" * 300, "[" * 3_000 + "]" * 3_000, '"\\ud800"', "NaN", "1e400", '"\xff"', "tru", '"a\tb"', '"},]{\\u12"']


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("seed", UNREADABLE, ids=range(len(UNREADABLE)))
def test_an_element_of_an_array_that_nobody_can_read_is_refused_and_the_others_are_taken(post: httpx.Client, seed: str, at: int) -> None:
    """Too deep, half a character, no number, bytes that are no UTF-8: each message is taken or refused by itself."""
    ids = [f"part-{at}-{UNREADABLE.index(seed)}-{n}" for n in range(2)]
    given = [json.dumps(message(id)).encode() for id in ids]
    bad = b'{"custom_id":"bad","url":"/v1/responses","method":"POST","body":{"model":"m","seed":%s}}' % seed.encode("latin-1")
    given.insert(at, bad)
    answer = post.post("/api/requests", content=b" [\n" + b" ,\n".join(given) + b"]\n", headers={"content-type": "application/json"})
    told = answer.json()
    assert (answer.status_code, told["accepted"], [one["index"] for one in told["refused"]]) == (202, 2, [at])
    assert all(post.get(f"/api/requests/{id}").status_code == 200 for id in ids)


@pytest.mark.parametrize("tail", ["", ",]", "]]", "] {}", ",,{}]", '"]'])
def test_an_array_that_is_no_whole_one_is_refused_whole(post: httpx.Client, tail: str) -> None:
    """One that was cut off, or has a comma too many: nobody knows what was meant, and nothing of it is taken."""
    text = f"[{json.dumps(message('torn'))}{tail}"
    answer = post.post("/api/requests", content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, refused(answer)["code"]) == (422, "invalid_json")
    assert post.get("/api/requests/torn").status_code == 404


def test_an_array_of_nothing_but_duplicates(post: httpx.Client) -> None:
    """409 when all were there already, 422 when none can be taken; with the contract's errors."""
    post.post("/api/requests", json=message("all-1"))
    again = post.post("/api/requests", json=[message("all-1")])
    assert (again.status_code, refused(again)["code"]) == (409, "duplicate_custom_id")
    assert post.post("/api/requests", json=[{}]).status_code == 422


@pytest.mark.parametrize("type", sorted(JSONL_TYPES))
def test_no_bulk_import(post: httpx.Client, type: str) -> None:
    """The Batch Manager had none: here JSONL of any length is kept while it comes, empty lines and a missing last newline included."""
    lines = [json.dumps(message(f"{type}-{i}")) for i in range(1_200)]
    lines[7:7] = ["", "not JSON"]

    def body() -> Iterator[bytes]:
        data = "\r\n".join(lines).encode()
        for start in range(0, len(data), 1_000):
            yield data[start : start + 1_000]

    answer = post.post("/api/requests", content=body(), headers={"content-type": type})
    told = answer.json()
    assert (answer.status_code, told["accepted"], told["refused_count"]) == (202, 1_200, 1)
    assert (told["refused"][0]["index"], told["refused"][0]["errors"][0]["code"]) == (9, "invalid_json")


def test_jsonl_with_a_line_without_an_end(post: httpx.Client) -> None:
    """413 names the limit; what stood before that line is kept."""

    def body() -> Iterator[bytes]:
        yield json.dumps(message("before")).encode() + b"\n"
        for _ in range(bodies.MAX_MESSAGE // 1_000_000 + 1):
            yield b"x" * 1_000_000

    try:
        answer = post.post("/api/requests", content=body(), headers=JSONL)
    except httpx.WriteError:
        pass  # the server has stopped reading: the sender learns it one way or the other
    else:
        assert answer.status_code == 413
    assert post.get("/api/requests/before").status_code == 200


@pytest.mark.slow
def test_maintenance_mode(api: httpx.Client) -> None:
    """While it is on nothing is taken, 503; what was taken can be asked for; it can be ended."""
    assert api.put("/api/maintenance", json={"enabled": True}).json() == {"enabled": True}
    answer = api.post("/api/requests", json=message("later"))
    assert (answer.status_code, refused(answer)["code"]) == (503, "maintenance_mode")
    assert api.get("/health").json()["maintenance"] is True
    api.put("/api/maintenance", json={"enabled": False})
    assert api.post("/api/requests", json=message("later")).status_code == 202


@pytest.mark.slow
@pytest.mark.parametrize("custom_id", ["a/b", "a b?c#d", "ü/%2F", "x/redeliver", "a\u2028b", "a\0b", "..", "."])
def test_any_custom_id_can_be_asked_for(post: httpx.Client, custom_id: str) -> None:
    """A custom_id is any text: escaped in the address it is found again."""
    assert post.post("/api/requests", json=message(custom_id)).status_code == 202
    escaped = "".join(f"%{byte:02X}" for byte in custom_id.encode())
    assert post.get(f"/api/requests/{escaped}").json()["custom_id"] == custom_id


def test_the_list(api: httpx.Client) -> None:
    """Page by page, oldest first, by state; a wrong state or number is told."""
    api.post("/api/requests", json=[message(f"m{i}") for i in range(5)])
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        told = api.get("/api/requests", params={"limit": 2, "after": after, "state": "pending"}).json()
        seen += [one["custom_id"] for one in told["requests"]]
        after = told["next"]
    assert seen == [f"m{i}" for i in range(5)]
    assert api.get("/api/requests?state=delivered").json() == {"requests": [], "next": None}
    assert api.get("/api/requests?state=asleep").status_code == 422
    assert api.get("/api/requests?limit=many").status_code == 422


def test_nothing_there(post: httpx.Client) -> None:
    """404 in the contract's shape for everything that names an unknown message; other methods get 405."""
    for method, path in (("GET", "/api/requests/none"), ("POST", "/api/requests/none/redeliver"), ("DELETE", "/api/requests/none")):
        answer = post.request(method, path)
        assert (answer.status_code, refused(answer)["code"]) == (404, "not_found")
    assert refused(post.patch("/api/requests"))["code"] == "method_not_allowed"


@pytest.mark.slow
def test_a_sender_that_hangs_up(folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Of JSONL the whole lines are kept; of one message and of a file nothing is; it is no fault that would be printed."""
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="in.jsonl"\r\n\r\nabc'
    lines = json.dumps(message("whole")).encode() + b"\n{"
    with threaded(folder, tmp_path) as address:
        for path, type, body in (
            ("/api/requests", "application/json", b'{"custom_id":'),
            ("/api/requests", "application/jsonl", lines),
            ("/v1/files", "multipart/form-data; boundary=b", form),
        ):
            with socket.create_connection(("127.0.0.1", httpx.URL(address).port or 0)) as sender:
                head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {type}\r\nContent-Length: 100000\r\n\r\n"
                sender.sendall(head.encode() + body)
        end = time.monotonic() + 20
        while httpx.get(f"{address}/api/requests/whole").status_code != 200 or list((tmp_path / "files").iterdir()):
            assert time.monotonic() < end
            time.sleep(0.01)
        assert len(httpx.get(f"{address}/api/requests").json()["requests"]) == 1
    assert "failed" not in capfd.readouterr().err
