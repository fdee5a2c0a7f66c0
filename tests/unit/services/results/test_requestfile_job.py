"""The answers to a file of requests, under the ids that the file has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.model import keys
from app.core.model.sendings import QueuedRows
from app.core.openai.wire import BytesBlob
from app.core.programs.folder import own_id
from app.ports import DropBytes
from app.services.datasets.datasets import Source
from app.services.results.requestfile_job import WRITE_FILE_ANSWERS, RequestFileAnswers
from tests.kit.answered import MODEL, PROFILE, Shop, failed, said

LONG = "x" * 512


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def queue(shop: Shop, *ids: str, name: str = "orders.jsonl") -> QueuedRows:
    """Queue a file of requests with these ids."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
    lines = [json.dumps({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body}) for id in ids]
    await shop.clock.advance(10)
    return (await shop.planning.files.add(Source(BytesBlob("\n".join(lines).encode()), name), "utf-8", PROFILE)).record


async def answers(shop: Shop, run: QueuedRows) -> tuple[dict[str, Any], RequestFileAnswers, int]:
    """By custom_id what the file has, what was said of it, and how much was passed over."""
    done = await shop.run(WRITE_FILE_ANSWERS, run)
    lines = [json.loads(line) for line in (await done.blob.read() if done.blob is not None else b"").splitlines()]
    assert len({one["custom_id"] for one in lines}) == len(lines)
    return {one["custom_id"]: one for one in lines}, done.value, done.faulty


async def test_each_file_has_the_answers_to_its_requests_under_its_own_ids(shop: Shop) -> None:
    """Though two files have the same ids, and one id is too long to stand in that of its request."""
    first = await queue(shop, "a", "b", LONG)
    second = await queue(shop, "a", "c", name="more.jsonl")
    await shop.batch(lambda id: failed(id) if id.startswith("b~") else said(id, f"for {id[:1]}"), pieces=2, backwards=True)
    found, told, faulty = await answers(shop, first)
    assert (set(found), told, faulty) == ({"a", "b", LONG}, RequestFileAnswers(3, 3, 2), 0)
    assert found["a"]["response"]["request_id"].startswith("req-a~")
    assert found["b"]["response"]["status_code"] == 400
    found, told, _ = await answers(shop, second)
    assert (set(found), told.answered) == ({"a", "c"}, 2)


async def test_a_request_that_was_sent_again_has_its_answer(shop: Shop) -> None:
    """And one that waits has no line yet."""
    run = await queue(shop, "a", "b", "c")
    first = await shop.batch(lambda id: b"" if id.startswith("c~") else failed(id))
    await shop.again(first, [own_id(run.id, run.file, id) for id in ("a", "b")])
    await shop.batch(lambda id: said(id, "second") if id.startswith("a~") else failed(id, "server_error"))
    found, told, _ = await answers(shop, run)
    assert (set(found), told) == ({"a", "b"}, RequestFileAnswers(3, 2, 1))
    assert found["a"]["response"]["status_code"] == 200
    assert found["b"]["response"]["body"]["error"]["code"] == "server_error"


async def test_what_is_damaged_keeps_nothing_else_back(shop: Shop) -> None:
    """A lost piece of answers and a lost ledger are told; before anything came there is nothing."""
    run = await queue(shop, "a", "b")
    assert (await answers(shop, run))[1] == RequestFileAnswers(2, 0, 0)
    batch = await shop.batch(lambda id: said(id, "x"), pieces=2)
    await shop.records.commit([DropBytes(keys.answer_id(batch.id, "output", 0))])
    found, told, faulty = await answers(shop, run)
    assert (len(found), told.lines, faulty) == (1, 1, 1)
    await shop.records.commit([DropBytes(keys.ledger_id(batch.id))])
    assert (await answers(shop, run))[1:] == (RequestFileAnswers(2, 0, 0), 1)
