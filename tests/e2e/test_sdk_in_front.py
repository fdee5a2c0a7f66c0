"""A batch script of the official SDK, turned to the local server: this page does the work."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import openai
import pytest
from openai.types import Batch

from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.site import serving
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.only("served")
ROWS = 40


@pytest.fixture
def server(vendored: None) -> Iterator[str]:
    """A local server whose mailbox is this test's own."""
    with serving(dist.site()) as address:
        yield address


@pytest.fixture
def journey(page: Page, server: str, watch: Watch) -> Journey:
    """The page of that server, practising, taking messages."""
    watch.hosts |= {urlsplit(server).netloc}
    one = Journey(page, f"{server}/").open()
    one.practise(AT_ONCE)
    one.go("Integrations")
    one.main.get_by_text("API online").wait_for()
    return one


def lines(count: int) -> bytes:
    """A script's file: its own custom_ids, which another file of it may use again."""
    rows: list[dict[str, Any]] = [
        {"custom_id": f"row {i}", "method": "POST", "url": "/v1/responses", "body": {"model": "gpt-4o-mini", "input": f"Say {i}"}}
        for i in range(count)
    ]
    return "\n".join(map(json.dumps, rows)).encode()


def until(sdk: openai.OpenAI, id: str, status: str) -> Batch:
    """Poll as a script does."""
    end = time.monotonic() + 60
    while (batch := sdk.batches.retrieve(id)).status != status:
        assert time.monotonic() < end, batch
        time.sleep(0.1)
    return batch


def test_the_official_sdks_batch_flow_end_to_end(journey: Journey, server: str) -> None:
    """Upload, create, poll, read, and nobody touches the page: every row comes back under the script's id, and the batch's file can be had
    as it is. A second batch of the same file has rows of its own. The models that the script may name are told."""
    with openai.OpenAI(base_url=f"{server}/v1", api_key="any") as sdk:
        file = sdk.files.create(file=("rows.jsonl", lines(ROWS)), purpose="batch")
        asked: dict[str, str] = {"run": "7"}
        made = sdk.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h", metadata=asked)
        done = until(sdk, made.id, "completed")
        assert done.metadata == asked
        assert done.request_counts is not None
        assert (done.request_counts.total, done.request_counts.completed, done.request_counts.failed) == (ROWS, ROWS, 0)
        assert made.id in [one.id for one in sdk.batches.list(limit=5)]
        assert (done.output_file_id is not None, done.error_file_id) == (True, None)
        got = [json.loads(line) for line in sdk.files.content(done.output_file_id or "").text.splitlines()]
        assert [one["custom_id"] for one in got] == [f"row {i}" for i in range(ROWS)]
        assert {one["response"]["status_code"] for one in got} == {200}

        told = httpx.get(f"{server}/api/requests/{made.id}-1").json()
        whole = httpx.get(f"{server}/batches/{told['batch_id']}/files/output/download")
        assert {json.loads(line)["custom_id"] for line in whole.text.splitlines()} == {f"{made.id}-{i}" for i in range(1, ROWS + 1)}
        sent = httpx.get(f"{server}/batches/{told['batch_id']}/files/input/download").text.splitlines()
        assert [json.loads(line)["body"]["input"] for line in sent] == [f"Say {i}" for i in range(ROWS)]

        second = sdk.batches.create(input_file_id=file.id, endpoint="/v1/responses", completion_window="24h")
        again = until(sdk, second.id, "completed")
        rows = [json.loads(line) for line in sdk.files.content(again.output_file_id or "").text.splitlines()]
        assert [one["custom_id"] for one in rows] == [f"row {i}" for i in range(ROWS)]
        assert "gpt-4o-mini" in [one.id for one in sdk.models.list()]
        journey.go("Queue")
        journey.waiting(0)
