"""The calls of the practice provider, without traps."""

import msgspec
import pytest

from app.core.openai.wire import BytesBlob, FilePart, Request
from app.ports import Http, Stream
from app.practice.inproc import BASE_URL
from app.practice.records import DAY
from app.practice.traps import Call, Rule, Speed, Trap
from tests.unit.practice.desk import START, Desk, custom_ids, jsonl, request, several


async def test_a_batch_goes_through_its_steps() -> None:
    """validating, in_progress, finalizing, completed, each with its timestamp, the counts rising."""
    desk = Desk()
    id = await desk.create(several(6))
    seen = [await desk.poll(id, after) for after in (0, 3, 3, 3, 3)]
    assert [one["status"] for one in seen] == ["validating", "in_progress", "in_progress", "finalizing", "completed"]
    assert [one["request_counts"]["completed"] for one in seen] == [0, 1, 4, 6, 6]
    last = seen[-1]
    assert [last[key] - START for key in ("created_at", "in_progress_at", "finalizing_at", "completed_at")] == [0, 2, 8, 10]
    assert last["expires_at"] == START + DAY
    assert last["model"] == "gpt-4o-mini"


async def test_an_instant_batch() -> None:
    """With speed 0 the answer to create is a completed batch."""
    desk = Desk(speed=0)
    answer = await desk.post_batch(await desk.upload(several(1)))
    assert msgspec.json.decode(answer.body)["status"] == "completed"


async def test_output_order_is_not_the_inputs() -> None:
    """The rows of the output file are shuffled, from two rows on."""
    assert custom_ids((await Desk().run(several(2))).outputs) == ["r1", "r0"]
    found = custom_ids((await Desk().run(several(600))).outputs)
    assert found != [f"r{n}" for n in range(600)]
    assert len(set(found)) == 600


async def test_a_line_that_the_endpoint_refuses() -> None:
    """A bad body fails alone: its row stands in the error file, the others are answered."""
    lines = [
        request("good", model="gpt-5"),
        request("warm", model="gpt-5", temperature=0.2),
        request("short", model="gpt-5", max_tokens=5),
        request("empty", model="gpt-5", messages=None),
    ]
    run = await Desk().run(jsonl(lines))
    codes = {row["custom_id"]: row["response"]["body"]["error"]["code"] for row in run.errors}
    assert codes == {"warm": "unsupported_value", "short": "unsupported_parameter", "empty": "invalid_type"}
    assert custom_ids(run.outputs) == ["good"]
    assert run.batch["request_counts"] == {"total": 4, "completed": 1, "failed": 3}


async def test_usage_is_the_sum_of_the_answers() -> None:
    """The batch's usage adds up what its answers say."""
    run = await Desk().run(jsonl([request(f"r{n}", model="o4-mini") for n in range(20)]))
    usages = [row["response"]["body"]["usage"] for row in run.outputs]
    assert run.batch["usage"]["input_tokens"] == sum(one["prompt_tokens"] for one in usages)
    assert run.batch["usage"]["output_tokens"] == sum(one["completion_tokens"] for one in usages)
    reasoning = sum(one["completion_tokens_details"]["reasoning_tokens"] for one in usages)
    assert run.batch["usage"]["output_tokens_details"]["reasoning_tokens"] == reasoning > 0


async def test_cancel_keeps_partial_results() -> None:
    """Cancelling lasts a while; then what was done by then is in the output file and counted, the rest nowhere."""
    desk = Desk()
    id = await desk.create(several(30))
    desk.now += 5
    assert (await desk.send("POST", f"/batches/{id}/cancel")).status == 200
    assert (await desk.poll(id, after=1))["status"] == "cancelling"
    run = await desk.finish(id, after=1)
    assert run.batch["status"] == "cancelled"
    assert len(run.outputs) == 15
    assert run.batch["request_counts"] == {"total": 30, "completed": 15, "failed": 0}
    assert (await desk.send("POST", f"/batches/{id}/cancel")).status == 409


async def test_cancel_while_validating() -> None:
    """Nothing was done, so there is no file."""
    desk = Desk()
    id = await desk.create(several(3))
    await desk.send("POST", f"/batches/{id}/cancel")
    batch = await desk.poll(id, after=10)
    assert (batch["status"], batch["output_file_id"], batch["error_file_id"]) == ("cancelled", None, None)


async def test_batches_are_listed_by_pages() -> None:
    """Newest first, with after, limit, first_id, last_id and has_more."""
    desk = Desk()
    file_id = await desk.upload(several(1))
    ids = [msgspec.json.decode((await desk.post_batch(file_id)).body)["id"] for _ in range(5)][::-1]
    page = await desk.get("/batches?limit=2")
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (ids[:2], True)
    assert (page["first_id"], page["last_id"]) == (ids[0], ids[1])
    page = await desk.get(f"/batches?limit=4&after={ids[1]}")
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (ids[2:], False)
    assert (await desk.send("GET", "/batches?after=batch_x")).status == 404
    assert (await desk.send("GET", "/batches?limit=101")).status == 400


async def test_files_are_listed_by_purpose_and_order() -> None:
    """Inputs and outputs can be listed apart, oldest or newest first."""
    desk = Desk()
    batch = await desk.poll(await desk.create(several(1)), after=20)
    second = await desk.upload(several(1))
    inputs = [one["id"] for one in (await desk.get("/files?purpose=batch&order=asc"))["data"]]
    assert inputs == [batch["input_file_id"], second]
    outputs = (await desk.get("/files?purpose=batch_output"))["data"]
    assert [one["id"] for one in outputs] == [batch["output_file_id"]]
    assert outputs[0]["bytes"] == len(await desk.content(batch["output_file_id"]))
    assert len((await desk.get("/files"))["data"]) == 3


@pytest.mark.parametrize("name", ["in.txt", "in.json", "jsonl"])
async def test_an_upload_must_be_called_jsonl(name: str) -> None:
    """Another file name is refused with 400, and nothing is kept."""
    desk = Desk()
    assert (await desk.post_file(several(1), name)).status == 400
    assert desk.brain.disk.contents == {}  # type: ignore[attr-defined]


async def test_an_upload_is_not_read() -> None:
    """Bad content goes up well: it is the batch that fails."""
    assert (await Desk().post_file(b"not json")).status == 200


async def test_a_files_life() -> None:
    """expires_after sets the life of an upload, 30 days are the default, and an expired file is gone."""
    desk = Desk()
    fields = (("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600"))
    short = msgspec.json.decode((await desk.post_file(several(1), fields=fields)).body)
    assert short["expires_at"] - short["created_at"] == 3600
    default = await desk.get(f"/files/{await desk.upload(several(1))}")
    assert default["expires_at"] - default["created_at"] == 30 * DAY
    desk.now += 3600
    assert (await desk.send("GET", f"/files/{short['id']}")).status == 404
    bad = (("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "60"))
    assert (await desk.post_file(several(1), fields=bad)).status == 400


async def test_a_deleted_input_still_feeds_its_batch() -> None:
    """The input is gone for callers; its content stays until the batch's own files are gone too."""
    desk = Desk()
    id = await desk.create(several(3))
    batch = await desk.poll(id)
    assert msgspec.json.decode((await desk.send("DELETE", f"/files/{batch['input_file_id']}")).body)["deleted"] is True
    assert (await desk.send("GET", f"/files/{batch['input_file_id']}")).status == 404
    run = await desk.finish(id)
    assert len(run.outputs) == 3
    await desk.send("DELETE", f"/files/{run.batch['output_file_id']}")
    assert (await desk.send("GET", f"/files/{run.batch['output_file_id']}/content")).status == 404
    assert desk.brain.disk.contents == {}  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", [None, "sk-wrong", ""])
async def test_a_wrong_key(key: str | None) -> None:
    """No key and any key that is not for practice are refused with 401 and the provider's envelope."""
    answer = await Desk().send("GET", "/models", key=key)
    assert answer.status == 401
    assert set(msgspec.json.decode(answer.body)["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("key", ["practice", "practice-slow", "sk-practice-1"])
async def test_a_right_key(key: str) -> None:
    """Keys that begin with practice or sk-practice are right, and the answer carries a request id."""
    answer = await Desk().send("GET", "/models", key=key)
    assert answer.status == 200
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/files/file-x"),
        ("GET", "/files/file-x/content"),
        ("DELETE", "/files/file-x"),
        ("GET", "/files/file-outx"),
        ("GET", "/batches/batch_x"),
        ("POST", "/batches/batch_x/cancel"),
        ("GET", "/models/x"),
        ("GET", "/nothing"),
    ],
)
async def test_an_unknown_address(method: str, path: str) -> None:
    """Unknown ids and addresses are 404."""
    assert (await Desk().send(method, path)).status == 404


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "/v1/nothing"},
        {"completion_window": "1h"},
        {"metadata": {"k" * 65: "v"}},
        {"metadata": {"k": "v" * 513}},
        {"metadata": {"k": 1}},
        {"metadata": {str(n): "v" for n in range(17)}},
        {"output_expires_after": {"anchor": "created_at", "seconds": 1}},
        {"input_file_id": None},
        {"input_file_id": "file-x"},
    ],
)
async def test_a_wrong_order(change: dict[str, object]) -> None:
    """A create call with a wrong field is refused with 400 and makes no batch."""
    desk = Desk()
    order = {"input_file_id": await desk.upload(several(1)), "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    assert (await desk.send("POST", "/batches", {**order, **change})).status == 400
    assert (await desk.send("POST", "/batches", b"{")).status == 400
    assert (await desk.get("/batches"))["data"] == []


@pytest.mark.slow
async def test_upload_progress() -> None:
    """Progress is told in bytes and ends at the whole."""
    desk, seen = Desk(), []
    data = several(20_000)
    part = FilePart("file", "in.jsonl", BytesBlob(data))
    asked = Request("POST", BASE_URL + "/files", {"authorization": "Bearer practice"}, fields=(("purpose", "batch"),), file=part)
    await desk.http.send(asked, progress=lambda sent, total: seen.append((sent, total)))
    assert seen[-1] == (len(data), len(data))
    assert len(seen) > 1


async def test_lost_content() -> None:
    """When the disk has lost an input, create says so with a 500 instead of crashing."""
    desk = Desk()
    file_id = await desk.upload(several(1))
    await desk.brain.disk.drop(file_id)
    assert (await desk.post_batch(file_id)).status == 500


async def test_calls_are_counted() -> None:
    """The brain counts its calls, so that a test can say that there was no second batch."""
    desk = Desk(speed=Speed())
    await desk.run(several(1))
    assert desk.brain.calls == {"upload": 1, "create": 1, "poll": 1, "download": 1}
    assert [seen.call for seen in desk.brain.log] == ["upload", "create", "poll", "download"]


async def test_a_damaged_memory() -> None:
    """Memory that cannot be read is refused, and the provider goes on with what it has."""
    desk = Desk()
    await desk.upload(several(1))
    assert desk.brain.load(b"{broken") is False
    assert len((await desk.get("/files"))["data"]) == 1


async def test_reset() -> None:
    """After a reset nothing is left but the seed."""
    desk = Desk()
    await desk.run(several(1))
    await desk.brain.reset()
    assert (await desk.get("/files"))["data"] == (await desk.get("/batches"))["data"] == []
    assert desk.brain.disk.contents == {}  # type: ignore[attr-defined]


async def test_a_used_up_trap_stays_used_up() -> None:
    """A trap that has sprung once does not spring again after a reload, and the scenario is kept."""
    desk = Desk(Rule(Trap.RATE_LIMIT_429, Call.UPLOAD, 1))
    assert (await desk.post_file(several(1))).status == 429
    desk.reload()
    assert (await desk.post_file(several(1))).status == 200
    assert desk.brain.state.scenario.traps == (Rule(Trap.RATE_LIMIT_429, Call.UPLOAD, 1),)


async def test_the_skin_is_the_apps_port() -> None:
    """The in-process skin and its streams are what the services expect of a network."""
    desk = Desk()
    http: Http = desk.http
    asked = Request("GET", BASE_URL + "/models", {"Authorization": "Bearer practice"})
    stream: Stream = await http.stream(asked)
    assert b"".join([chunk async for chunk in stream.chunks()]) == (await http.send(asked)).body


async def test_an_id_is_never_given_twice() -> None:
    """Ids that were reserved but not saved before a reload, or given before a reset, do not come again."""
    desk = Desk()
    await desk.upload(several(1))
    given = {desk.brain.reserve() for _ in range(3)}
    desk.reload()
    assert desk.brain.reserve() not in given
    given.add(desk.brain.reserve())
    await desk.brain.reset()
    assert desk.brain.reserve() not in given
