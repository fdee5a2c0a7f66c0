"""The official SDK in front of ``/v1``, with a page behind it."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import openai
import pytest
from openai.types import Batch, FileObject

from app.core.programs.intake import MessageRefusal, decode
from app.core.programs.protocol import Drop, MessagesCommitted, StatusUpdate
from app.gateway.mailbox import messages, posts
from app.gateway.mailbox.database import SCHEMA
from app.gateway.sdk import jobs
from tests.fakes.page import Clerk, FakePage, answer_line
from tests.kit.gateway import threaded
from tests.unit.gateway.conftest import message

RESPONSES: Final = "/v1/responses"


def line(custom_id: str, **changes: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "method": "POST", "url": RESPONSES, "body": {"model": "gpt-4o-mini", "input": "Hi"}, **changes}


def answered(id: str) -> StatusUpdate:
    """What a page tells of a request that was answered; every third one failed."""
    if int(id.rpartition("-")[2]) % 3:
        return StatusUpdate(id, "kept", "answered", "batch-1", answer=msgspec.Raw(answer_line(id, f"Answer to {id}")))
    return StatusUpdate(
        id,
        "kept",
        "failed",
        "batch-1",
        answer=msgspec.Raw(json.dumps({"id": "x", "custom_id": id, "response": None, "error": {}}).encode()),
    )


@pytest.fixture
def sdk(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="any key", base_url=f"{address}/v1", _strict_response_validation=True, max_retries=0) as client:
        yield client


def upload(sdk: openai.OpenAI, lines: list[dict[str, Any]], name: str = "in.jsonl") -> FileObject:
    return sdk.files.create(file=(name, "\n".join(json.dumps(one) for one in lines).encode()), purpose="batch")


def create(sdk: openai.OpenAI, file: FileObject, **more: Any) -> Batch:
    return sdk.batches.create(input_file_id=file.id, endpoint=RESPONSES, completion_window="24h", **more)


def until(sdk: openai.OpenAI, id: str, *statuses: str) -> Batch:
    """Ask again until the batch has one of these statuses."""
    end = time.monotonic() + 30
    while (batch := sdk.batches.retrieve(id)).status not in statuses:
        assert time.monotonic() < end, batch
        time.sleep(0.01)
    return batch


@pytest.mark.slow
def test_a_script_without_a_change(address: str, sdk: openai.OpenAI) -> None:
    """Upload, create, poll, read both files, delete: each line comes back under the id that the script gave it."""
    file = upload(sdk, [line(f"row {i}") for i in range(1, 1_201)])
    batch = create(sdk, file, metadata={"project": "x"})
    assert (batch.status, batch.metadata) == ("validating", {"project": "x"})
    with Clerk(FakePage(address), answered):
        done = until(sdk, batch.id, "completed", "failed")
    assert done.request_counts is not None
    assert (done.status, done.request_counts.model_dump()) == ("completed", {"total": 1_200, "completed": 800, "failed": 400})
    assert done.output_file_id is not None
    assert done.error_file_id is not None
    assert done.completed_at is not None
    outputs = [json.loads(one) for one in sdk.files.content(done.output_file_id).text.splitlines()]
    errors = [json.loads(one) for one in sdk.files.content(done.error_file_id).text.splitlines()]
    assert [one["custom_id"] for one in outputs] == [f"row {i}" for i in range(1, 1_201) if i % 3]
    assert [one["custom_id"] for one in errors] == [f"row {i}" for i in range(1, 1_201) if not i % 3]
    assert outputs[0]["response"]["body"]["output_text"] == f"Answer to {batch.id}-1"
    assert {one.id for one in sdk.files.list(purpose="batch_output")} == {done.output_file_id, done.error_file_id}
    assert sdk.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        sdk.files.retrieve(file.id)


def test_metadata_goes_to_the_page(address: str, sdk: openai.OpenAI, api: httpx.Client) -> None:
    """With every line of its batch, also one whose name is in use; messages of other programs have none."""
    api.post("/api/requests", json=message("alone")).raise_for_status()
    batch = create(sdk, upload(sdk, [line("a"), line("b")]), metadata={"run": "7", "é": "ü"})
    until(sdk, batch.id, "in_progress")
    bare = create(sdk, upload(sdk, [line("c")]))
    until(sdk, bare.id, "in_progress")
    with FakePage(address) as page:
        letters = page.letters()
        while len(letters) < 4:
            letters += page.letters()
    found = {json.loads(bytes(one.message))["custom_id"]: one.metadata for one in letters}
    given = {"run": "7", "é": "ü"}
    assert found == {"alone": {}, f"{batch.id}-1": given, f"{batch.id}-2": given, f"{bare.id}-1": {}}


def test_damaged_metadata_keeps_no_line(db: sqlite3.Connection) -> None:
    """A record of a batch that is no JSON, or whose metadata is none, has no metadata; its lines and all others go."""
    jobs.add(db, JOB, as_messages(json.dumps(line("r")).encode()), 1, 2.0)
    for text in ("{", '{"metadata": [7]}', '{"metadata": {"a": 7}}', '{"metadata": null}', "{}"):
        db.execute("UPDATE jobs SET batch = ?", (text,))
        (letter,) = messages.pending(db, 0, 10, 1_000_000)
        assert letter.metadata == {}


@pytest.mark.slow
def test_two_files_may_use_the_same_custom_ids(address: str, sdk: openai.OpenAI) -> None:
    """A custom_id is unique in its file only; asked for by it alone, the mailbox says that it is ambiguous."""
    batches = [create(sdk, upload(sdk, [line("a")])) for _ in range(2)]
    with Clerk(FakePage(address), lambda id: StatusUpdate(id, "kept", "answered", answer=msgspec.Raw(answer_line(id)))):
        for batch in batches:
            done = until(sdk, batch.id, "completed")
            assert done.output_file_id is not None
            assert json.loads(sdk.files.content(done.output_file_id).text)["custom_id"] == "a"
            assert done.error_file_id is None
    told = httpx.get(f"{address}/api/requests/a")
    assert (told.status_code, told.json()["errors"][0]["code"]) == (409, "ambiguous_custom_id")


def test_a_file_with_faults(sdk: openai.OpenAI) -> None:
    """The batch fails with every fault by line, and nothing goes to the page."""
    lines = [line("a"), line("a"), line("b", url="/v1/embeddings"), line("c", method="GET"), message("d")]
    data = "\n".join([*(json.dumps(one) for one in lines), "", "{"]).encode()
    batch = create(sdk, sdk.files.create(file=("in.jsonl", data), purpose="batch"))
    failed = until(sdk, batch.id, "failed")
    assert failed.errors is not None
    found = [(one.line, one.code) for one in failed.errors.data or []]
    assert found == [
        (2, "duplicate_custom_id"),
        (3, "url_mismatch"),
        (4, "invalid_request"),
        (5, "invalid_request"),
        (7, "invalid_json_line"),
    ]
    empty = until(sdk, create(sdk, sdk.files.create(file=("in.jsonl", b"\n"), purpose="batch")).id, "failed")
    assert empty.errors is not None
    assert [one.code for one in empty.errors.data or []] == ["empty_file"]


def test_cancel_before_any_page(sdk: openai.OpenAI) -> None:
    """What no page has ends at once, as cancelled, and stands in the error file."""
    batch = create(sdk, upload(sdk, [line("a"), line("b")]))
    until(sdk, batch.id, "in_progress")
    assert sdk.batches.cancel(batch.id).status in ("cancelling", "cancelled")
    done = until(sdk, batch.id, "cancelled")
    assert done.error_file_id is not None
    found = [json.loads(one) for one in sdk.files.content(done.error_file_id).text.splitlines()]
    assert [(one["custom_id"], one["error"]["code"]) for one in found] == [("a", "batch_cancelled"), ("b", "batch_cancelled")]
    with pytest.raises(openai.ConflictError):
        sdk.batches.cancel(batch.id)


def test_partial_results_of_a_cancelled_batch_are_thrown_away(address: str, sdk: openai.OpenAI) -> None:
    """They are kept: what was answered stands in the output file, the page is asked to stop the rest."""
    batch = create(sdk, upload(sdk, [line("a"), line("b")]))
    with FakePage(address) as page:
        page.take(2)
        page.answer(f"{batch.id}-1")
        sdk.batches.cancel(batch.id)
        assert page.hear(Drop).custom_ids == (f"{batch.id}-2",)
        page.tell(StatusUpdate(f"{batch.id}-2", "kept", "cancelled"))
    done = until(sdk, batch.id, "cancelled")
    assert done.output_file_id is not None
    assert done.error_file_id is not None
    assert json.loads(sdk.files.content(done.output_file_id).text)["custom_id"] == "a"


def test_cancelled_while_a_letter_is_on_its_way(address: str, sdk: openai.OpenAI) -> None:
    """The page that commits it afterwards is asked to drop it again."""
    batch = create(sdk, upload(sdk, [line("a")]))
    with FakePage(address) as page:
        letters = page.letters()
        sdk.batches.cancel(batch.id)
        until(sdk, batch.id, "cancelled")
        page.say(MessagesCommitted(tuple(page.commit(letters))))
        assert page.hear(Drop).custom_ids == (f"{batch.id}-1",)


@pytest.mark.slow
def test_the_server_stops_in_the_middle(folder: Path, tmp_path: Path) -> None:
    """After a new start the batch goes on: no line is lost or handed in twice."""
    lines = [line(str(i)) for i in range(1, 3_001)]
    with threaded(folder, tmp_path) as address, openai.OpenAI(api_key="x", base_url=f"{address}/v1") as sdk:
        id = create(sdk, upload(sdk, lines)).id
    with threaded(folder, tmp_path) as address, openai.OpenAI(api_key="x", base_url=f"{address}/v1") as sdk:
        page = FakePage(address)
        with page:
            page.take(1_000)
    with threaded(folder, tmp_path) as address, openai.OpenAI(api_key="x", base_url=f"{address}/v1") as sdk:
        page.address = address
        with page:
            page.take(3_000)
            page.answer(*page.held)
        done = until(sdk, id, "completed")
        assert done.output_file_id is not None
        assert len(sdk.files.content(done.output_file_id).text.splitlines()) == 3_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "purpose", "error"),
    [("in.txt", "batch", openai.BadRequestError), ("in.jsonl", "fine-tune", openai.BadRequestError)],
)
def test_a_file_that_is_not_taken(sdk: openai.OpenAI, name: str, purpose: Any, error: type[openai.APIError]) -> None:
    """Is refused in the SDK's own kind of error, and leaves nothing behind."""
    with pytest.raises(error):
        sdk.files.create(file=(name, b"{}"), purpose=purpose)
    assert list(sdk.files.list()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "/v1/audio"},
        {"completion_window": "1h"},
        {"metadata": {"k" * 65: "v"}},
        {"input_file_id": "file-none"},
        {"endpoint": 7},
    ],
)
def test_a_batch_that_is_not_made(address: str, sdk: openai.OpenAI, wrong: dict[str, Any]) -> None:
    """400 or 404 in the provider's shape; there is no batch."""
    given = {"input_file_id": upload(sdk, [line("a")]).id, "endpoint": RESPONSES, "completion_window": "24h", **wrong}
    answer = httpx.post(f"{address}/v1/batches", json=given)
    assert answer.status_code in (400, 404)
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert list(sdk.batches.list()) == []


@pytest.mark.slow
def test_lists(sdk: openai.OpenAI) -> None:
    """Newest first, page by page; an unknown ``after`` is not found; other calls of the provider are told to be elsewhere."""
    file = upload(sdk, [line("a")])
    made = [create(sdk, file).id for _ in range(5)]
    assert [one.id for one in sdk.batches.list(limit=2)] == made[::-1]
    with pytest.raises(openai.NotFoundError):
        list(sdk.batches.list(after="batch_none"))
    with pytest.raises(openai.BadRequestError):
        list(sdk.batches.list(limit=1_000))
    with pytest.raises(openai.NotFoundError, match="files and batches"):
        sdk.images.generate(prompt="x")


@pytest.mark.slow
def test_an_upload_above_the_limit(address: str) -> None:
    """413 with both sizes, and nothing is kept."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="in.jsonl"\r\n\r\n'
    tail = b'\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--\r\n'

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(201):
            yield b"x" * (1 << 20)
        yield tail

    answer = httpx.post(f"{address}/v1/files", content=body(), headers={"Content-Type": "multipart/form-data; boundary=b"}, timeout=60)
    assert answer.status_code == 413
    assert "209715200" in answer.json()["error"]["message"]
    assert httpx.get(f"{address}/v1/files").json()["data"] == []


def test_the_key(folder: Path, tmp_path: Path) -> None:
    """Any key is taken, and thrown away; with a token set it must be that."""
    token = "a-token-of-20-letters"
    with threaded(folder, tmp_path, token=token) as address:
        with openai.OpenAI(api_key=token, base_url=f"{address}/v1") as sdk:
            assert list(sdk.batches.list()) == []
        with openai.OpenAI(api_key="sk-wrong", base_url=f"{address}/v1", max_retries=0) as sdk, pytest.raises(openai.AuthenticationError):
            sdk.batches.list()


def test_models(address: str, sdk: openai.OpenAI, api: httpx.Client) -> None:
    """Without a page that knows better, the usual ones and those that came; then those that the page's provider has."""
    usual = [one.id for one in sdk.models.list()]
    assert "gpt-4o-mini" in usual
    api.post("/api/requests", json=message("a", body={"model": "mine/own-model", "input": "Hi"})).raise_for_status()
    assert [one.id for one in sdk.models.list()] == [*usual, "mine/own-model"]
    assert sdk.models.retrieve("mine/own-model").object == "model"
    page = FakePage(address)
    page.models = ("org/one", "two")
    with page:
        assert [one.id for one in sdk.models.list()] == ["org/one", "two"]
        assert sdk.models.retrieve("org/one").id == "org/one"
        with pytest.raises(openai.NotFoundError, match="gpt-5"):
            sdk.models.retrieve("gpt-5")


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """An empty database with one batch of three lines."""
    with contextlib.closing(sqlite3.connect(":memory:")) as made:
        made.executescript(SCHEMA)
        jobs.put(made, NEW)
        jobs.change(made, NEW.id, lambda _: JOB)
        yield made


NEW = jobs.Job(id="batch_x", created_at=1.0, input_file_id="file-x", endpoint=RESPONSES, completion_window="24h")
JOB = jobs.moved(NEW, "file_is_good", total=3)


def as_messages(*lines: bytes) -> list[messages.New]:
    return [jobs.as_message(JOB, number, one) for number, one in enumerate(lines, 1)]


def test_an_id_that_somebody_else_has(db: sqlite3.Connection) -> None:
    """A program that hands in the very id of a batch's line keeps its own message; the line gets another id and is answered as well."""
    theirs = json.dumps(message("batch_x-2")).encode()
    checked = decode(theirs)
    assert not isinstance(checked, MessageRefusal)
    assert posts.add(db, [messages.new(theirs, checked)], 1.0) == []
    jobs.add(db, JOB, as_messages(*(json.dumps(line(f"r{n}")).encode() for n in range(3))), 3, 2.0)
    found = messages.pending(db, 0, 10, 1_000_000)
    assert [json.loads(bytes(one.message))["custom_id"] for one in found] == ["batch_x-2", "batch_x-1", "batch_x-3", "batch_x-2.2"]
    for id in ("batch_x-1", "batch_x-3", "batch_x-2.2", "batch_x-2"):
        messages.update_status(db, [StatusUpdate(id, "kept", "answered", "b", answer=msgspec.Raw(answer_line(id, id)))], "page", 3.0)
    assert jobs.load(db, "batch_x") == (JOB, jobs.Progress(3, 3, 0))
    rows = [json.loads(row) for _, _, row in jobs.results(db, "batch_x", 0, 10)]
    assert [one["custom_id"] for one in rows] == ["r0", "r1", "r2"]
    assert "batch_x-2.2" in json.dumps(rows[1])


def test_a_line_that_is_none_any_more(db: sqlite3.Connection) -> None:
    """One that an older version let pass ends as failed, with its reason in the error file; the others go."""
    bad = json.dumps(line("r1", body={"model": "m", "seed": 0})).replace('"seed": 0', '"seed": 1e400').encode()
    jobs.add(db, JOB, as_messages(json.dumps(line("r0")).encode(), bad, json.dumps(line("r2")).encode()), 3, 2.0)
    assert len(messages.pending(db, 0, 10, 1_000_000)) == 2
    ((number, outcome, row),) = jobs.results(db, "batch_x", 0, 10)
    assert (number, outcome, json.loads(row)["custom_id"]) == (2, "failed", "r1")
    assert json.loads(row)["error"]["code"] == "invalid_request"


def test_a_batch_whose_file_is_gone(tmp_path: Path, folder: Path) -> None:
    """It fails, and says why; the batches behind it go on."""
    with threaded(folder, tmp_path) as address, openai.OpenAI(api_key="x", base_url=f"{address}/v1", max_retries=0) as sdk:
        first, second = upload(sdk, [line("a")]), upload(sdk, [line("b")])
        (tmp_path / "files" / first.id).unlink()
        lost, good = create(sdk, first), create(sdk, second)
        failed = until(sdk, lost.id, "failed")
        assert failed.errors is not None
        assert [one.code for one in failed.errors.data or ()] == ["file_not_found"]
        assert until(sdk, good.id, "in_progress").request_counts is not None
