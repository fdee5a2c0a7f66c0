"""Programs written for OpenAI Batch Manager, against ``make run`` and its page in Chromium.

From the outside: nothing here knows more than the documented calls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.kit.browser import Watch
from tests.kit.journey import AT_ONCE, Journey
from tests.kit.receiver import Receiver, receiving
from tests.kit.site import serving
from tools import dist

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.only("served")

PATIENCE = 60.0
SECRET = "whsec_YW5vdGhlciBzZWNyZXQgb2YgbWluZQ=="


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(SECRET, "closed") as found:
        yield found


@pytest.fixture
def server(vendored: None) -> Iterator[str]:
    """A server that may call receivers on this machine."""
    with serving(dist.site(), NIGHTSHIFT_PRIVATE_WEBHOOKS="1") as address:
        yield address


@pytest.fixture
def program(server: str) -> Iterator[httpx.Client]:
    """A program beside it."""
    with httpx.Client(base_url=server, timeout=70.0) as client:
        yield client


@pytest.fixture
def desk(page: Page, server: str, watch: Watch) -> Journey:
    """The page, practising; it may have private addresses called, by the server."""
    watch.hosts |= {urlsplit(server).netloc}
    one = Journey(page, f"{server}/").open()
    one.practise(AT_ONCE)
    one.go("Integrations")
    one.switch_on("Addresses of this machine and of private networks may be called")
    one.main.get_by_text("API online").wait_for()
    return one


def until(met: Callable[[], bool]) -> None:
    """Wait for something that shows outside."""
    end = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def message(id: str, **more: Any) -> dict[str, Any]:
    """The intake message of the documentation."""
    body = {"model": "gpt-4o-mini", "input": f"Say {id}"}
    return {"custom_id": id, "url": "/v1/responses", "method": "POST", "body": body, **more}


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which has the documented shape."""
    (error,) = answer.json()["errors"]
    assert {"code", "title", "detail"} <= set(error) <= {"code", "title", "detail", "source"}
    return answer.status_code, error["code"]


def test_the_documented_calls(desk: Journey, program: httpx.Client, receiver: Receiver) -> None:
    """Every route of the contract, in the order in which a program comes upon them."""
    hook = {"type": "webhook", "webhook_url": f"{receiver.address}/hook/ok"}
    assert program.get("/health").status_code == 200
    first = program.post("/api/requests", json=message("a", delivery_config=hook))
    assert (first.status_code, first.json()) == (202, {"custom_id": "a"})
    assert told(program.post("/api/requests", json=message("a", delivery_config=hook))) == (409, "duplicate_custom_id")
    refused = program.post("/api/requests", json=message("b", priority="high", delivery_config=hook))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["source"]["pointer"] == "/priority"
    assert program.post("/api/requests", json=message("b", delivery_config={"type": "carrier_pigeon"})).status_code == 422
    assert told(program.get("/api/requests/nobody"))[0] == 404
    assert told(program.post("/api/requests/nobody/redeliver"))[0] == 404
    assert told(program.post("/api/requests/a/redeliver"))[0] == 422

    desk.waiting(1)
    desk.submit_lane()
    until(lambda: program.get("/api/requests/a").json()["state"] == "delivered")
    row = program.get("/api/requests/a").json()
    assert (row["custom_id"], row["url"], row["delivery_attempt_count"]) == ("a", "/v1/responses", 1)
    assert row["delivery_attempts"][0]["outcome"] == "success"
    (got,) = receiver.got()
    assert got["line"] == row["answer"]
    assert (got["line"]["custom_id"], got["line"]["response"]["status_code"]) == ("a", 200)
    assert got["headers"]["content-type"] == "application/json"
    assert got["headers"]["x-custom-id"] == "a"

    again = program.post("/api/requests/a/redeliver")
    assert again.status_code == 202
    assert again.json() == {"id": row["id"], "custom_id": "a", "state": again.json()["state"], "message": "Redelivery triggered"}
    until(lambda: len(receiver.got()) == 2)
    assert len({one["key"] for one in receiver.got()}) == 1
    until(lambda: program.get("/api/requests/a").json()["delivery_attempt_count"] == 2)

    sent = program.get(f"/batches/{row['batch_id']}/files/input/download")
    assert "attachment" in sent.headers["content-disposition"]
    line = json.loads(sent.text)
    assert (line["custom_id"], "delivery_config" in line) == ("a", False)
    answered = program.get(f"/batches/{row['batch_id']}/files/output/download")
    assert json.loads(answered.text) == row["answer"]
    assert program.get("/batches/nobody/files/input/download").status_code == 404

    assert program.put("/api/maintenance", json={"enabled": True}).status_code == 200
    assert told(program.post("/api/requests", json=message("c"))) == (503, "maintenance_mode")
    assert program.put("/api/maintenance", json={"enabled": False}).status_code == 200
    assert program.get("/api/openapi").json()["openapi"].startswith("3.")
    assert program.get("/api/swaggerui").status_code == 200
