"""What turns a batch failed, and where the provider says the fault is."""

from typing import Any

import pytest

from tests.unit.practice.desk import Desk, jsonl, request, several

GOOD = jsonl([request("a")])


async def errors(data: bytes, endpoint: str = "/v1/chat/completions") -> list[tuple[Any, Any, Any]]:
    """Code, parameter and line of each problem of a batch over ``data``."""
    desk = Desk()
    batch = await desk.poll(await desk.create(data, endpoint), after=3)
    assert batch["status"] == ("failed" if batch["errors"] else "in_progress")
    return [(one["code"], one["param"], one["line"]) for one in (batch["errors"] or {"data": []})["data"]]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("empty_file", None, None)),
        (b"\n\n", ("empty_file", None, None)),
        (GOOD + b"{\n", ("invalid_json_line", None, 2)),
        (GOOD + b"[1]\n", ("invalid_json_line", None, 2)),
        (b"\n" + GOOD, ("invalid_json_line", None, 1)),
        (b"\xef\xbb\xbf" + GOOD, ("invalid_json_line", None, 1)),
        (GOOD + b'{"custom_id":"\xff"}\n', ("invalid_json_line", None, 2)),
        (GOOD + GOOD.replace(b"Say", b"\xff"), ("invalid_json_line", None, 2)),
        (GOOD.replace(b"Say a", b"Say \\ud800"), ("invalid_json_line", None, 1)),
        (GOOD + b"[" * 100_000 + b"\n", ("invalid_json_line", None, 2)),
        (GOOD + GOOD, ("duplicate_custom_id", "custom_id", 2)),
        (jsonl([{**request("a"), "method": "GET"}]), ("invalid_method", "method", 1)),
        (jsonl([{**request("a"), "url": "/v1/nothing"}]), ("invalid_url", "url", 1)),
        (jsonl([{**request("a"), "url": "/v1/responses"}]), ("url_mismatch", "url", 1)),
        (jsonl([request("a"), request("b", model="gpt-5")]), ("mismatched_model", "body.model", 2)),
        (jsonl([request("a", model="gpt-99")]), ("model_not_found", "body.model", 1)),
        (jsonl([request("a", model=None)]), ("missing_required_parameter", "body.model", 1)),
        (jsonl([request("a", stream=True)]), ("unsupported_parameter", "body.stream", 1)),
        (jsonl([{**request("a"), "custom_id": 7}]), ("invalid_type", "custom_id", 1)),
        (jsonl([{**request("a"), "body": "x"}]), ("invalid_type", "body", 1)),
    ],
)
async def test_one_fault(data: bytes, expected: tuple[Any, Any, Any]) -> None:
    """Each fault has its code, its parameter and its line, counted from 1."""
    assert await errors(data) == [expected]


@pytest.mark.parametrize("name", ["custom_id", "method", "url", "body"])
async def test_a_missing_field(name: str) -> None:
    """A request without one of its four fields says which one."""
    line = {key: value for key, value in request("b").items() if key != name}
    assert await errors(GOOD + jsonl([line])) == [("missing_required_parameter", name, 2)]


async def test_several_faults_of_one_line() -> None:
    """A line with an id instead of a custom_id and a wrong address says both."""
    line = {"id": "x", "method": "POST", "body": {"model": "gpt-4o-mini"}}
    assert [code for code, *_ in await errors(jsonl([line]))] == ["missing_required_parameter"] * 2


@pytest.mark.slow
async def test_too_many_requests() -> None:
    """50,000 requests are fine, one more is too_many_tasks."""
    line = b'{"custom_id":"%d","method":"POST","url":"/v1/moderations","body":{"model":"omni-moderation-latest","input":"x"}}\n'
    fine = b"".join(line % number for number in range(50_000))
    assert await errors(fine, "/v1/moderations") == []
    assert (await errors(fine + line % 50_000, "/v1/moderations"))[0] == ("too_many_tasks", None, None)


async def test_too_many_embedding_inputs() -> None:
    """More than 50,000 inputs over all embedding requests fail the batch."""
    lines = [request(f"e{n}", "/v1/embeddings", model="text-embedding-3-small", input=["x"] * 30_000) for n in range(2)]
    assert await errors(jsonl(lines), "/v1/embeddings") == [("too_many_tasks", None, None)]


async def test_windows_line_ends_and_no_last_newline() -> None:
    """CRLF, a missing last newline and empty lines at the end are fine."""
    assert await errors(several(2).replace(b"\n", b"\r\n")) == []
    assert await errors(several(2).rstrip()) == []
    assert await errors(several(2) + b"\n\n") == []


async def test_at_most_a_hundred_problems() -> None:
    """A file of nothing but bad lines gives 100 problems."""
    assert len(await errors(b"x\n" * 1000)) == 100
